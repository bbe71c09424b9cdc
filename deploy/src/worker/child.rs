//! The process that reads a stranger's file: it takes its job, gives up what it does not need, reads, tells, and ends. It writes to its
//! standard output and nowhere else.

use super::{
    Job, Refused, Task, Understanding,
    frame::{self as rows, Kind},
    limit,
};
use crate::{
    Error,
    confined::frame::{self, Frame},
    error,
};
use std::{
    io::{self, BufReader, Read, Write},
    path::Path,
    process::ExitCode,
    sync::mpsc::sync_channel,
    thread,
};
use wuwei_ingest::{ArchiveLimits, Chunk, Extract, Held, Reading, Unpack};

/// Does the job that stands on standard input. What is wrong with the file is told in a frame; only who has nobody to tell it to fails.
pub fn run() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Why reading ends early.
enum End {
    /// The file, or the definitions: to be told.
    Refused(Error),
    /// The other side is gone, or does not want the rows.
    Alone(io::Error),
}

impl<E: Into<Error>> From<E> for End {
    fn from(error: E) -> End {
        End::Refused(error.into())
    }
}

fn serve(input: &mut impl Read, output: &mut (impl Write + Send)) -> io::Result<()> {
    let job: Job = expect(input, Kind::Job)?.json().map_err(io::Error::other)?;
    let confinement = limit::confine(&job.limits, Path::new(&job.path));
    frame::send(output, Kind::Confined, &confinement)?;
    match files(&job, input, output) {
        Ok(()) => Ok(()),
        Err(End::Refused(error)) => frame::send(output, Kind::Refused, &refused(&job, &error)),
        Err(End::Alone(error)) => Err(error),
    }
}

/// An error's kind and its sentence. Where a file was unpacked to is nobody's business: it stands under the name that its archive gives it.
fn refused(job: &Job, error: &Error) -> Refused {
    let (kind, sentence) = (error.kind().map(|kind| kind.name().to_owned()), error.to_string());
    let sentence = match &job.packed_as {
        Some(called) => sentence.replace(&Path::new(&job.path).display().to_string(), called),
        None => sentence,
    };
    Refused { kind, sentence }
}

/// The files of an archive; of any other file, and of a file of an archive whatever it is, its rows.
fn files(job: &Job, input: &mut impl Read, output: &mut (impl Write + Send)) -> Result<(), End> {
    if job.task == Task::Suggest {
        return read(job, input, output);
    }
    if job.packed_as.is_none() {
        let unpacked = wuwei_ingest::unpack(Path::new(&job.path), &ArchiveLimits::default(), &mut Members(&mut *output))?;
        if let Some(left_out) = unpacked {
            return frame::send(output, Kind::Archive, &left_out).map_err(End::Alone);
        }
    }
    frame::send(output, Kind::Single, &()).map_err(End::Alone)?;
    read(job, input, output)
}

/// Hands the files of an archive on to the parent: this process can write none.
struct Members<W>(W);

impl<W: Write> Unpack for Members<W> {
    fn file(&mut self, name: &str) -> io::Result<()> {
        frame::send(&mut self.0, Kind::Member, &name)
    }

    fn bytes(&mut self, piece: &[u8]) -> io::Result<()> {
        frame::send_bytes(&mut self.0, Kind::Bytes, piece)
    }
}

fn read(job: &Job, input: &mut impl Read, output: &mut (impl Write + Send)) -> Result<(), End> {
    let path = Path::new(&job.path);
    let (model, departments) = job.written.parse()?;
    if job.task == Task::Suggest {
        let suggestion = wuwei_ingest::suggest(path, &departments, &model, &job.hint, &job.settled)?;
        return frame::send(output, Kind::Suggested, &suggestion).map_err(End::Alone);
    }
    let mut opened = wuwei_ingest::open(path, &departments, &job.hint)?;
    opened.name.clone_from(&job.name);
    let extract = opened.extract;
    let understanding = Understanding {
        department: opened.department.code.clone(),
        extract: extract.name.clone(),
        batch: opened.batch.clone(),
        understood: opened.understood.clone(),
    };
    frame::send(output, Kind::Opened, &understanding).map_err(End::Alone)?;
    let first = expect(input, Kind::First).and_then(|frame| frame.json().map_err(io::Error::other)).map_err(End::Alone)?;
    let held = Held::read_from(BufReader::new(&mut *input)).map_err(End::Alone)?;
    let mut reading = wuwei_ingest::read(opened, &model, first, held)?;
    send(&mut reading, extract, output, path)?;
    frame::send(output, Kind::Report, reading.report()).map_err(End::Alone)
}

/// Chunks that may wait to be sent.
const WAITING: usize = 2;

/// Sends all rows, on a thread of its own: the next are mapped meanwhile.
fn send(reading: &mut Reading<'_>, extract: &Extract, output: &mut (impl Write + Send), path: &Path) -> Result<(), End> {
    let (chunks_in, chunks) = sync_channel::<Chunk>(WAITING);
    let send = move || {
        let mut tables = chunks.into_iter().flat_map(|chunk| chunk.tables(extract));
        tables.try_for_each(|(table, rows)| rows::send_rows(output, &table, &rows))
    };
    thread::scope(|scope| {
        let sending = thread::Builder::new().name("send".to_owned()).spawn_scoped(scope, send).map_err(End::Alone)?;
        for chunk in reading {
            if chunks_in.send(chunk?).is_err() {
                break;
            }
        }
        drop(chunks_in);
        sending.join().unwrap_or_else(|broken| std::panic::resume_unwind(broken)).map_err(|error| too_long(error, path))
    })
}

fn expect(input: &mut impl Read, kind: Kind) -> io::Result<Frame<Kind>> {
    Frame::read(input)?.filter(|frame| frame.kind == kind).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn too_long(error: io::Error, path: &Path) -> End {
    if error.kind() != io::ErrorKind::FileTooLarge {
        return End::Alone(error);
    }
    let most = frame::MOST >> 20;
    End::Refused(Error::unread(
        path,
        error::Kind::Read("limit"),
        format!("a row of it is longer than {most} MiB"),
        "look whether a quote is missing, or split the file",
    ))
}
