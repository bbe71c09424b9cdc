//! The process that reads a stranger's file: it takes its job, gives up what it does not need, reads, tells, and ends. It writes to its
//! standard output and nowhere else.

use super::{
    Job, Task, Understanding,
    frame::{self, Frame, Kind},
    limit,
};
use crate::Error;
use std::{
    io::{self, Read, Write},
    path::Path,
    process::ExitCode,
};
use wuwei_ingest::Held;

/// Does the job that stands on standard input. What is wrong with the file is told in a frame; only who has nobody to tell it to fails.
pub fn run() -> ExitCode {
    match serve(&mut io::stdin().lock(), &mut io::stdout().lock()) {
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

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let job: Job = expect(input, Kind::Job)?.json().map_err(io::Error::other)?;
    let confinement = limit::confine(&job.limits, Path::new(&job.path));
    frame::send(output, Kind::Confined, &confinement)?;
    match read(&job, input, output) {
        Ok(()) => Ok(()),
        Err(End::Refused(error)) => frame::send(output, Kind::Refused, &error.to_string()),
        Err(End::Alone(error)) => Err(error),
    }
}

fn read(job: &Job, input: &mut impl Read, output: &mut impl Write) -> Result<(), End> {
    let path = Path::new(&job.path);
    let (model, departments) = job.written.parse()?;
    if job.task == Task::Suggest {
        let suggestion = wuwei_ingest::suggest(path, &departments, &model, &job.hint)?;
        return frame::send(output, Kind::Suggested, &suggestion).map_err(End::Alone);
    }
    let opened = wuwei_ingest::open(path, &departments, &job.hint)?;
    let extract = opened.extract;
    let understanding = Understanding {
        department: opened.department.code.clone(),
        extract: extract.name.clone(),
        batch: opened.batch.clone(),
        understood: opened.understood.clone(),
    };
    frame::send(output, Kind::Opened, &understanding).map_err(End::Alone)?;
    let first = expect(input, Kind::First).and_then(|frame| frame.json().map_err(io::Error::other)).map_err(End::Alone)?;
    let held = Held::read_from(&mut *input).map_err(End::Alone)?;
    let mut reading = wuwei_ingest::read(opened, &model, first, held)?;
    while let Some(chunk) = reading.next().transpose()? {
        for (table, rows) in chunk.tables(extract) {
            frame::send_rows(output, &table, &rows).map_err(|error| too_long(error, path))?;
        }
    }
    frame::send(output, Kind::Report, reading.report()).map_err(End::Alone)
}

fn expect(input: &mut impl Read, kind: Kind) -> io::Result<Frame> {
    Frame::read(input)?.filter(|frame| frame.kind == kind).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn too_long(error: io::Error, path: &Path) -> End {
    if error.kind() != io::ErrorKind::FileTooLarge {
        return End::Alone(error);
    }
    let most = frame::MOST >> 20;
    End::Refused(Error::unread(
        path,
        format!("a row of it is longer than {most} MiB"),
        "look whether a quote is missing, or split the file",
    ))
}
