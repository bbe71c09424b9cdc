//! Why a process that read a stranger's file ended, and what to do: one sentence without a value of the file.

use super::limit::Limits;
use crate::{Error, confined::death::Cause, error::Kind};
use std::path::Path;

/// The sentence.
pub(super) fn why(cause: Cause, path: &Path, limits: &Limits) -> Error {
    let Limits { memory_mb, seconds } = limits;
    let report = "report this line and the kind of file; nothing of it was loaded";
    let (kind, what, hint) = match cause {
        Cause::Memory => {
            (Kind::Memory, format!("it needs more than {memory_mb} MiB of memory"), "split the file, or allow more with --memory-mb")
        }
        Cause::Time => {
            (Kind::Time, format!("it needs more than {seconds} seconds of the processor"), "split the file, or allow more with --seconds")
        }
        Cause::Silence => {
            let waited = limits.patience().as_secs();
            (
                Kind::Silence,
                format!("its reader did not go on within {waited} seconds"),
                "see whether its disk answers, then repeat, or allow more with --seconds",
            )
        }
        Cause::Broke(Some(place)) => (Kind::Broken, format!("its reader broke at {place}"), report),
        Cause::Broke(None) | Cause::Depth => (Kind::Broken, "its reader broke".to_owned(), report),
        Cause::Signal(signal) => {
            let what = format!("its reader was ended from outside by signal {signal}");
            (Kind::Ended, what, "see whether the system is short of memory, then repeat")
        }
        Cause::Unsound(misfit) => (Kind::Broken, format!("its reader sent {misfit}"), report),
    };
    Error::unread(path, kind, what, hint)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::confined::death::cause;
    use std::{os::unix::process::ExitStatusExt as _, process::ExitStatus};

    #[test]
    fn each_way_to_die_has_its_sentence() {
        let panicked = "wuwei: a defect of the program at ingest/src/reader.rs:1:2; hint: …";
        for (status, complaints, kind, what) in [
            (6, "memory allocation of 99 bytes failed", Kind::Memory, "it needs more than 64 MiB of memory"),
            (24, "", Kind::Time, "it needs more than 5 seconds of the processor"),
            (9, "", Kind::Ended, "its reader was ended from outside by signal 9"),
            (11, "", Kind::Broken, "its reader broke"),
            (101 << 8, panicked, Kind::Broken, "its reader broke at ingest/src/reader.rs:1:2"),
        ] {
            let cause = cause(ExitStatus::from_raw(status), complaints.as_bytes());
            let error = why(cause, Path::new("a.csv"), &Limits { memory_mb: 64, seconds: 5 });
            assert!(error.to_string().starts_with(&format!("file `a.csv` cannot be read: {what}; hint: ")), "{error}");
            assert_eq!(error.kind(), Some(kind), "{error}");
        }
    }
}
