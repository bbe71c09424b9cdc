//! The process that answers: it takes its setup, gives up what it does not need, opens the tables, and answers question after question. It
//! writes to its standard output and its own folder, and nowhere else. It ends when whoever started it is gone, whatever runs then.

use super::{
    Setup, confine,
    frame::{Kind, parts, piece},
};
use crate::{
    Error,
    confined::frame::{self, Frame},
    definitions::Definitions,
};
use arrow_schema::SchemaRef;
use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::sync::mpsc::{self, Receiver};
use wuwei_query::{Asked, Behind, Lake, Running, Told, parameter_columns};

/// How long it looks away when something of a question still runs.
const LOOK: Duration = Duration::from_millis(1);

/// The stack of the thread that waits for what others compute.
const STACK_BYTES: usize = 8 << 20;

/// Answers what comes on standard input, until it ends. Only who has nobody to tell it to fails.
pub fn run() -> ExitCode {
    match listen() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn listen() -> io::Result<()> {
    let mut input = io::stdin().lock();
    let setup: Setup = match Frame::<Kind>::read(&mut input)? {
        Some(frame) if frame.kind == Kind::Setup => frame.json().map_err(io::Error::other)?,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let confinement = confine(&setup);
    frame::send(&mut io::stdout(), Kind::Confined, &confinement)?;
    let (frames_in, frames) = mpsc::channel(1);
    thread::Builder::new().name("answers".to_owned()).stack_size(STACK_BYTES).spawn(move || drop(answers(&setup, frames)))?;
    while let Some(frame) = Frame::read(&mut input)? {
        if frames_in.blocking_send(frame).is_err() {
            break;
        }
    }
    Ok(())
}

/// Why an answer ends early.
enum End {
    /// To be told.
    Failed(Told),
    /// The other side is gone.
    Alone(io::Error),
}

impl<E: Into<wuwei_query::Error>> From<E> for End {
    fn from(error: E) -> End {
        End::Failed(Told::from(error.into()))
    }
}

fn answers(setup: &Setup, mut frames: Receiver<Frame<Kind>>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let behind = match opened(setup) {
        Ok(behind) => behind,
        Err(error) => return frame::send(&mut io::stdout(), Kind::Failed, &told(error)),
    };
    runtime.block_on(async {
        loop {
            while !wuwei_query::is_idle() {
                tokio::time::sleep(LOOK).await;
            }
            frame::send(&mut io::stdout(), Kind::Ready, &())?;
            let Some(frame) = frames.recv().await.filter(|frame| frame.kind == Kind::Question) else { return Ok(()) };
            match answer(&behind, frame.json().map_err(io::Error::other)?, &mut frames).await {
                Ok(()) => {}
                Err(End::Failed(told)) => frame::send(&mut io::stdout(), Kind::Failed, &told)?,
                Err(End::Alone(error)) => return Err(error),
            }
        }
    })
}

fn opened(setup: &Setup) -> Result<Behind, Error> {
    wuwei_query::start_threads()?;
    let definitions = Definitions::parse(setup.written.clone(), setup.rules.clone())?;
    let lake = Lake::open_at(&setup.root, setup.epoch.clone())?;
    let catalogue = Arc::new(definitions.catalogue(&lake)?);
    Ok(Behind::new(catalogue, definitions.policies, &setup.root.join("audit"), setup.spill.clone()))
}

/// What only stops a start: a definition that the other side has read before, a table that is gone.
fn told(error: Error) -> Told {
    match error {
        Error::Query(error) => Told::from(error),
        _ => Told::Engine("a process that answers cannot open the hub".to_owned()),
    }
}

async fn answer(behind: &Behind, asked: Asked, frames: &mut Receiver<Frame<Kind>>) -> Result<(), End> {
    let is_to_run = asked.parameters.are_given();
    let run = behind.plan(asked).await?;
    let parameters = piece(&parameter_columns(run.parameters().iter().cloned()), None).map_err(|_| unsent())?;
    let schema = run.schema();
    let columns = piece(&schema, None).map_err(|_| unsent())?;
    frame::send(&mut io::stdout(), Kind::Planned, run.reads()).map_err(End::Alone)?;
    frame::send_bytes(&mut io::stdout(), Kind::Parameters, &parameters).map_err(End::Alone)?;
    frame::send_bytes(&mut io::stdout(), Kind::Columns, &columns).map_err(End::Alone)?;
    if !is_to_run {
        return Ok(());
    }
    // What it reads is put into the audit meanwhile. Nothing of an answer leaves before that is done, but it may already be computed.
    let running = run.start();
    match frames.recv().await {
        Some(frame) if frame.kind == Kind::Run => rows(running?, &schema).await,
        _ => Err(End::Alone(io::ErrorKind::UnexpectedEof.into())),
    }
}

async fn rows(mut running: Running, columns: &SchemaRef) -> Result<(), End> {
    let mut count = 0;
    while let Some(batch) = running.next().await? {
        count += batch.num_rows() as u64;
        for part in parts(&batch) {
            send(&piece(columns, Some(&part)).map_err(|_| unsent())?)?;
        }
    }
    frame::send(&mut io::stdout(), Kind::Whole, &count).map_err(End::Alone)
}

fn send(piece: &[u8]) -> Result<(), End> {
    let mut output = io::stdout().lock();
    match frame::send_bytes(&mut output, Kind::Rows, piece).and_then(|()| output.flush()) {
        Err(long) if long.kind() == io::ErrorKind::FileTooLarge => Err(End::Failed(Told::Limit(
            format!("{} MiB of one row", frame::MOST >> 20),
            "ask for fewer columns, or for parts of what they hold".to_owned(),
        ))),
        sent => sent.map_err(End::Alone),
    }
}

fn unsent() -> End {
    End::Failed(Told::Engine("its rows have no form between processes".to_owned()))
}
