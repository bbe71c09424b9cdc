//! Why a process that read a stranger's file ended, and what to do: one sentence without a value of the file.

use super::{frame::Misfit, limit::Limits};
use crate::Error;
use std::{
    io::{self, Read as _},
    path::Path,
    process::{Child, ChildStderr, ExitStatus},
    sync::mpsc,
    time::Duration,
};

/// What ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// It asked for more memory than it may have.
    Memory,
    /// It used up its time.
    Time,
    /// It said nothing for too long.
    Silence,
    /// It broke, at this place of the program if that is known.
    Broke(Option<String>),
    /// Somebody else ended it with this signal.
    Signal(i32),
    /// It said what no reader says.
    Unsound(Misfit),
}

/// The sentence.
pub(super) fn why(cause: Cause, path: &Path, limits: &Limits) -> Error {
    let Limits { memory_mb, seconds } = limits;
    let report = "report this line and the kind of file; nothing of it was loaded";
    let (what, hint) = match cause {
        Cause::Memory => (format!("it needs more than {memory_mb} MiB of memory"), "split the file, or allow more with --memory-mb"),
        Cause::Time => (format!("it needs more than {seconds} seconds of the processor"), "split the file, or allow more with --seconds"),
        Cause::Silence => {
            let waited = limits.patience().as_secs();
            (
                format!("its reader did not go on within {waited} seconds"),
                "see whether its disk answers, then repeat, or allow more with --seconds",
            )
        }
        Cause::Broke(Some(place)) => (format!("its reader broke at {place}"), report),
        Cause::Broke(None) => ("its reader broke".to_owned(), report),
        Cause::Signal(signal) => {
            (format!("its reader was ended from outside by signal {signal}"), "see whether the system is short of memory, then repeat")
        }
        Cause::Unsound(misfit) => (format!("its reader sent {misfit}"), report),
    };
    Error::unread(path, what, hint)
}

/// What a process says on its standard error; it is looked at and never shown, but for a place in the program.
#[derive(Debug)]
pub(super) struct Complaints(mpsc::Receiver<Vec<u8>>);

/// The most that is looked at.
const MOST: u64 = 4096;

/// How long a process whose output has ended may take to end itself.
const LAST: Duration = Duration::from_secs(2);

impl Complaints {
    pub(super) fn listen(mut complaints: ChildStderr) -> io::Result<Complaints> {
        let (sender, receiver) = mpsc::channel();
        let listen = move || {
            let mut bytes = Vec::new();
            drop(complaints.by_ref().take(MOST).read_to_end(&mut bytes));
            drop(sender.send(bytes));
            drop(io::copy(&mut complaints, &mut io::sink()));
        };
        std::thread::Builder::new().name("complaints".to_owned()).spawn(listen)?;
        Ok(Complaints(receiver))
    }

    /// Why the process ended, whose output has.
    pub(super) async fn of(&self, child: &mut Child) -> Cause {
        let mut left = LAST;
        let step = Duration::from_millis(10);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return cause(status, &self.0.recv_timeout(LAST).unwrap_or_default()),
                Ok(None) if !left.is_zero() => tokio::time::sleep(step).await,
                Ok(None) | Err(_) => return Cause::Unsound("an end before the end of the file"),
            }
            left = left.saturating_sub(step);
        }
    }
}

fn cause(status: ExitStatus, complaints: &[u8]) -> Cause {
    let complaints = String::from_utf8_lossy(complaints);
    if complaints.contains("memory allocation of") {
        return Cause::Memory;
    }
    match signal(status) {
        Some(SIGXCPU) => Cause::Time,
        // What a process does to itself when it breaks: illegal instruction, abort, bus error, arithmetic, access to memory.
        Some(4 | 6 | 7 | 8 | 11) | None => Cause::Broke(place(&complaints)),
        Some(other) => Cause::Signal(other),
    }
}

/// The signal at the end of processor time, on every Linux that Rust compiles for.
const SIGXCPU: i32 = 24;

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// The place that a panic of ours names, as `ingest/src/reader.rs:12:5`: nothing else that a process wrote is let through.
fn place(complaints: &str) -> Option<String> {
    let (_, behind) = complaints.split_once("a defect of the program at ")?;
    let (place, _) = behind.split_once(';')?;
    let is_place =
        place.len() <= 160 && place.contains(".rs:") && place.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte));
    is_place.then(|| place.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn each_way_to_die_has_its_sentence() {
        let said = |status: i32, complaints: &str| {
            let error =
                why(cause(ExitStatus::from_raw(status), complaints.as_bytes()), Path::new("a.csv"), &Limits { memory_mb: 64, seconds: 5 });
            error.to_string()
        };
        let sentence = |what: &str| format!("file `a.csv` cannot be read: {what}");
        assert!(said(6, "memory allocation of 99 bytes failed").starts_with(&sentence("it needs more than 64 MiB of memory; hint: ")));
        assert!(said(24, "").starts_with(&sentence("it needs more than 5 seconds of the processor; hint: ")));
        assert!(said(9, "").starts_with(&sentence("its reader was ended from outside by signal 9; hint: ")));
        assert!(said(11, "").starts_with(&sentence("its reader broke; hint: ")));
        let panicked = "wuwei: a defect of the program at ingest/src/reader.rs:1:2; hint: …";
        assert!(said(101 << 8, panicked).starts_with(&sentence("its reader broke at ingest/src/reader.rs:1:2; hint: ")));
    }

    #[test]
    fn nothing_that_could_be_a_value_is_let_through() {
        assert_eq!(place("a defect of the program at 王小明.rs:1:2; hint"), None);
        assert_eq!(place("a defect of the program at 990101198503070017; hint"), None);
        assert_eq!(place("thread 'main' panicked: 王小明"), None);
    }
}
