//! What can go wrong with tables on a disk. Names of tables, files and columns are shown, values never.

use deltalake_core::DeltaTableError;
use std::{io::ErrorKind, path::PathBuf};

/// A failure of the lake, by who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else is publishing: the operator, by waiting.
    #[error("another process is publishing to `{path}`; hint: wait until it has ended, one publisher works at a time")]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// The disk is full, or what its owner may use of it: the operator. Whatever was being written counts for nothing.
    #[error(
        "the disk is full: no more can be written to `{place}`; hint: free some space, then repeat the command; what was published before is unharmed"
    )]
    Full {
        /// The table or the file.
        place: String,
    },
    /// A file cannot be read or written (permissions, a broken disk): the operator.
    #[error(
        "file `{path}` cannot be read or written: {source}; hint: check disk and permissions, then repeat: what is loaded is not loaded twice"
    )]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The manifest is not what this program writes: the operator, from a backup.
    #[error(
        "manifest `{path}` cannot be understood: {detail}; hint: restore it from a backup, it names the version of each table that counts"
    )]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What the parser says.
        detail: String,
    },
    /// The hub was made by another version of the program: the operator.
    #[error(
        "the tables in `{path}` are of form {found} and this program has form {known}; hint: hand the files in again to a new folder (--data DIR), or use the version that made this one"
    )]
    Form {
        /// The lake's folder.
        path: PathBuf,
        /// Their form.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// There are tables and no manifest, so nobody knows which versions count: the operator. Rolling back would empty every table.
    #[error("`{path}` holds tables but no `epoch.json`; hint: restore `epoch.json` from a backup, or move the folder `tables` away")]
    Lost {
        /// The lake's folder.
        path: PathBuf,
    },
    /// A table's log or data cannot be read or written: the operator (disk), or us.
    #[error("table `{table}` cannot be read or written: {source}; hint: check the disk; what was published before is unharmed")]
    Delta {
        /// The table.
        table: String,
        /// What Delta says.
        source: Box<DeltaTableError>,
    },
    /// A table's name is not `namespace.name`: the engineer.
    #[error("`{table}` is no table name; hint: write `namespace.name` in the letters a to z, digits and `_`")]
    Name {
        /// The name given.
        table: String,
    },
    /// Rows and table do not fit together: the engineer who changed the model.
    #[error("rows do not fit table `{table}`: {detail}; hint: a column may be added if it may be empty; its type may not change")]
    Schema {
        /// The table.
        table: String,
        /// Which column, and how.
        detail: String,
    },
    /// The file was loaded already; nothing was written: nobody needs to do anything.
    #[error("batch `{batch}` is already in table `{table}`; hint: the same file was loaded before, there is nothing to do")]
    Repeated {
        /// The table that holds it.
        table: String,
        /// The batch.
        batch: String,
    },
    /// A publisher was used after one of its steps failed, or published with rows not committed: us.
    #[error("cannot publish: {what}; hint: drop this publisher and begin the load again")]
    Unsound {
        /// What was left undone.
        what: &'static str,
    },
}

impl Error {
    pub(crate) fn delta(table: &str, source: impl Into<DeltaTableError>) -> Error {
        let source = source.into();
        match is_full(&source) {
            true => Error::Full { place: table.to_owned() },
            false => Error::Delta { table: table.to_owned(), source: Box::new(source) },
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        |source| match is_full(&source) {
            true => Error::Full { place: path.into().display().to_string() },
            false => Error::File { path: path.into(), source },
        }
    }

    pub(crate) fn schema(table: &str, detail: impl Into<String>) -> Error {
        Error::Schema { table: table.to_owned(), detail: detail.into() }
    }
}

/// Whether there was no more room on the disk, however deep in an error that stands.
pub fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let Some(system) = error.downcast_ref::<std::io::Error>() else { return error.source().is_some_and(is_full) };
    let is_it = matches!(system.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
    // An error of the system that wraps another does not name it as its source, but what stands behind that.
    is_it || system.get_ref().is_some_and(|within| is_full(within))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_full_disk_is_told_as_such_from_whatever_depth() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let stored = |source: io::Error| object_store::Error::Generic { store: "any", source: source.into() };
        let deep = parquet::errors::ParquetError::External(Box::new(io::Error::other(stored(io::Error::other(full())))));
        assert!(matches!(Error::delta("record.person", deep), Error::Full { place } if place == "record.person"));
        assert!(matches!(Error::file("a")(io::Error::from(ErrorKind::QuotaExceeded)), Error::Full { .. }));
        let other = || io::Error::from(ErrorKind::PermissionDenied);
        assert!(matches!(Error::delta("record.person", stored(other())), Error::Delta { .. }));
        assert!(matches!(Error::file("a")(other()), Error::File { .. }));
    }
}
