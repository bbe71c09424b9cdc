//! What can go wrong with departments and their files. Variants say whose turn it is; no text holds a value of a person.

use std::{io, path::Path};

/// A failure that ends the reading of a file, or of the department files themselves. What is wrong with one row is a reject, not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A department file says something that does not hold: the engineer who wrote it.
    #[error("department file `{file}` line {line}: {what}; hint: {hint}\n{caret}")]
    Department {
        /// The file's name.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        what: String,
        /// What to do about it.
        hint: String,
        /// The line itself with the place marked under it.
        caret: String,
    },
    /// The account of a file does not balance: us, since every row has to end somewhere.
    #[error(
        "rows of `{file}` do not add up: {read} read, {accepted} accepted, {rejected} rejected, {skipped} skipped; hint: report this as a defect of the program"
    )]
    Account {
        /// The file's name.
        file: String,
        /// Rows read.
        read: u64,
        /// Rows accepted.
        accepted: u64,
        /// Rows rejected.
        rejected: u64,
        /// Rows skipped.
        skipped: u64,
    },
    /// A batch could not be built: us.
    #[error("rows of `{file}` could not be put into a table; hint: report this as a defect of the program")]
    Batch {
        /// The file's name.
        file: String,
        /// What Arrow says.
        #[source]
        source: arrow_schema::ArrowError,
    },
    // Reading a file: the variants of sniff, decode, recognise and reader.
    /// The file is not there or may not be read: whoever typed the path, or the operator.
    #[error("file `{path}` cannot be read: {detail}; hint: {hint}")]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        detail: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// The path is a directory: whoever typed it.
    #[error("`{path}` is a directory; hint: name one file in it")]
    Directory {
        /// Its path.
        path: String,
    },
    /// The file has no bytes: the liaison.
    #[error("file `{path}` is empty; hint: export it again, and let the copy finish")]
    Empty {
        /// Its path.
        path: String,
    },
    /// The file changed under the reader: the operator.
    #[error("file `{path}` changed while it was read; hint: let the copy finish, then read it again")]
    Changed {
        /// Its path.
        path: String,
    },
    /// The file is of a kind that is not read: the liaison, who can save it as another.
    #[error("file `{path}` is {found}; hint: {hint}")]
    Format {
        /// Its path.
        path: String,
        /// What it is.
        found: String,
        /// What to do about it.
        hint: String,
    },
    /// The file is cut off or broken: the liaison, who sends it again.
    #[error("file `{path}` is damaged at {place}: {detail}; hint: export or copy it again")]
    Damaged {
        /// Its path.
        path: String,
        /// Where in it.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// The file asks for more than is given to any: the liaison.
    #[error("file `{path}` exceeds a limit at {place}: {limit}; hint: {hint}")]
    Limit {
        /// Its path.
        path: String,
        /// Where in it.
        place: String,
        /// The limit.
        limit: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// Nobody can say how the file writes characters: the liaison.
    #[error("the encoding of file `{path}` is unsure: {detail}; hint: {hint}")]
    Encoding {
        /// Its path.
        path: String,
        /// What is odd.
        detail: String,
        /// What to do about it.
        hint: String,
    },
    /// What stands between cells or encloses them is one thing in the first part of the file and another in the rest: the liaison.
    #[error(
        "how file `{path}` is divided is unsure: {detail}; hint: name it with --delimiter, --quote or --escape, or export the file again"
    )]
    Dialect {
        /// Its path.
        path: String,
        /// What contradicts what.
        detail: String,
    },
    /// The headings are of no extract: the liaison, or the engineer who adds one.
    #[error("file `{path}` is no extract that is known: {detail}; hint: {hint}")]
    Unmapped {
        /// Its path.
        path: String,
        /// The nearest extract, what it misses and what it does not know.
        detail: String,
        /// What to do about it.
        hint: String,
    },
    /// A sheet holds more than one table: the liaison.
    #[error("file `{path}` has more than one table {place}: {detail}; hint: put each table on a sheet of its own")]
    Tables {
        /// Its path.
        path: String,
        /// Where in it.
        place: String,
        /// What stands there.
        detail: String,
    },
    /// The headings are those of several extracts: whoever started the reading.
    #[error("file `{path}` may be any of {known}; hint: name the one it is with --extract")]
    Ambiguous {
        /// Its path.
        path: String,
        /// Their names.
        known: String,
    },
    /// The file is another extract than was said: whoever said it.
    #[error(
        "file `{path}` has the headings of `{extract}` of department `{department}`, not of {given}; hint: name that department, or leave the choice to the headings"
    )]
    Elsewhere {
        /// Its path.
        path: String,
        /// The extract it is.
        extract: String,
        /// Whose that is.
        department: String,
        /// What was said.
        given: String,
    },
    /// The extract is off by default: whoever answers for its processing.
    #[error(
        "file `{path}` is `{extract}`, which is off by default since it speaks of a special group; hint: whoever answers for its processing, with the assessment of 个人信息保护法 article 55 on file, switches it on with --with {extract}"
    )]
    Off {
        /// Its path.
        path: String,
        /// What it is.
        extract: String,
    },
    /// A name that means nothing here: whoever typed it.
    #[error("there is no {what} `{name}`; hint: {hint}")]
    Unknown {
        /// What kind of name it should be.
        what: &'static str,
        /// The name given.
        name: String,
        /// The nearest known name, as a sentence.
        hint: String,
    },
}

/// Every kind that [`Error::kind`] gives.
pub const ERROR_KINDS: [&str; 17] = [
    "mapping",
    "defect",
    "file",
    "directory",
    "empty",
    "changed",
    "format",
    "damaged",
    "limit",
    "encoding",
    "dialect",
    "unmapped",
    "tables",
    "ambiguous",
    "elsewhere",
    "off",
    "unknown",
];

impl Error {
    /// What kind of failure it is, in a word that stays: by it a liaison is told in the language of theirs what to do.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::Department { .. } => "mapping",
            Error::Account { .. } | Error::Batch { .. } => "defect",
            Error::File { .. } => "file",
            Error::Directory { .. } => "directory",
            Error::Empty { .. } => "empty",
            Error::Changed { .. } => "changed",
            Error::Format { .. } => "format",
            Error::Damaged { .. } => "damaged",
            Error::Limit { .. } => "limit",
            Error::Encoding { .. } => "encoding",
            Error::Dialect { .. } => "dialect",
            Error::Unmapped { .. } => "unmapped",
            Error::Tables { .. } => "tables",
            Error::Ambiguous { .. } => "ambiguous",
            Error::Elsewhere { .. } => "elsewhere",
            Error::Off { .. } => "off",
            Error::Unknown { .. } => "unknown",
        }
    }

    /// What the system says of a path, in words for whoever named it.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Error {
        let (detail, hint) = match error.kind() {
            io::ErrorKind::NotFound => ("there is no such file".to_owned(), "check the path"),
            io::ErrorKind::PermissionDenied => ("access is denied".to_owned(), "ask for the right to read it"),
            other => (other.to_string(), "check the disk, then read it again"),
        };
        Error::File { path: path.display().to_string(), detail, hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The arms of [`Error::kind`], as they stand in this file, so that none is forgotten in the list.
    #[test]
    fn every_kind_is_in_the_list() {
        let arms = include_str!("error.rs").split("fn kind").nth(1).and_then(|rest| rest.split("\n    }\n").next()).unwrap();
        let named: Vec<&str> = arms.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(named, ERROR_KINDS);
    }
}
