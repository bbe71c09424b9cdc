//! Why a process ended, in a word: whoever waited for it makes a sentence of that, without a value of what it dealt with.

use super::frame::Misfit;
use std::{
    io::{self, Read as _},
    process::{Child, ChildStderr, ExitStatus},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// What ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It asked for more memory than it may have.
    Memory,
    /// It called itself deeper than its stack goes.
    Depth,
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

/// What a process says on its standard error; it is looked at and never shown, but for a place in the program.
#[derive(Debug)]
pub(crate) struct Complaints(oneshot::Receiver<Vec<u8>>);

/// The most that is looked at: the last.
const MOST: usize = 4096;

/// How long a process whose output has ended may take to end itself.
const LAST: Duration = Duration::from_secs(2);

impl Complaints {
    pub(crate) fn listen(mut complaints: ChildStderr) -> io::Result<Complaints> {
        let (sender, receiver) = oneshot::channel();
        let listen = move || {
            let (mut last, mut piece) = (Vec::new(), [0; MOST]);
            while let Ok(count @ 1..) = complaints.read(&mut piece) {
                last.extend_from_slice(&piece[..count]);
                last.drain(..last.len().saturating_sub(MOST));
            }
            drop(sender.send(last));
        };
        std::thread::Builder::new().name("complaints".to_owned()).spawn(listen)?;
        Ok(Complaints(receiver))
    }

    /// Why the process ended, whose output has.
    pub(crate) async fn of(&mut self, child: &mut Child) -> Cause {
        let mut left = LAST;
        let step = Duration::from_millis(10);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => {
                    let complaints = timeout(LAST, &mut self.0).await.ok().and_then(Result::ok);
                    return cause(status, &complaints.unwrap_or_default());
                }
                Ok(None) if !left.is_zero() => tokio::time::sleep(step).await,
                Ok(None) | Err(_) => return Cause::Unsound("an end before the end of the file"),
            }
            left = left.saturating_sub(step);
        }
    }
}

/// What ended a process, from how it ended and what it complained of.
pub(crate) fn cause(status: ExitStatus, complaints: &[u8]) -> Cause {
    let complaints = String::from_utf8_lossy(complaints);
    if complaints.contains("has overflowed its stack") {
        return Cause::Depth;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_could_be_a_value_is_let_through() {
        assert_eq!(place("a defect of the program at 王小明.rs:1:2; hint"), None);
        assert_eq!(place("a defect of the program at 990101198503070017; hint"), None);
        assert_eq!(place("thread 'main' panicked: 王小明"), None);
    }
}
