//! Why a process that read a stranger's file ended, and what to do: one sentence without a value of the file.

use super::limit::Limits;
use crate::{Error, confined::death::Cause};
use std::path::Path;

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
        Cause::Broke(None) | Cause::Depth => ("its reader broke".to_owned(), report),
        Cause::Signal(signal) => {
            (format!("its reader was ended from outside by signal {signal}"), "see whether the system is short of memory, then repeat")
        }
        Cause::Unsound(misfit) => (format!("its reader sent {misfit}"), report),
    };
    Error::unread(path, what, hint)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::confined::death::cause;
    use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus};

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
}
