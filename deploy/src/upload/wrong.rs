//! Why an upload is not taken or gone on with, each with a kind that stays: by it pages tell it in the language of whoever asks
//! (`refusal.upload-…` in `deploy/console/locale/`).

/// What is wrong: whoever hands the file in, or the operator where there is no room.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// Another process has the hub's uploads.
    #[error("another process takes the uploads of this hub; hint: hand it in there")]
    Elsewhere,
    /// A name that is none.
    #[error("a file has a name; hint: say what it is called, in 200 characters at most")]
    Name,
    /// A SHA-256 that is none.
    #[error("`sha256` is none; hint: 64 hexadecimal digits, or nothing")]
    Hash,
    /// Not one byte.
    #[error("the file is empty; hint: look whether it is the one that was meant")]
    Empty,
    /// Larger than a file may be.
    #[error("a file may have {0} MiB; hint: split it, or give `serve` a greater --upload-gb")]
    Large(u64),
    /// As many as one account may have.
    #[error("the account has too many uploads; hint: take back those that are not needed any more")]
    Many,
    /// As much as all accounts may have.
    #[error("the uploads of all accounts leave no room for it; hint: wait until others are loaded, or tell the operator")]
    Full,
    /// All of it has come.
    #[error("it is whole; hint: make another upload for another file")]
    Whole,
    /// It ends elsewhere than where bytes are sent to.
    #[error("{0} bytes of it have come; hint: go on there")]
    Place(u64),
    /// More comes than was said.
    #[error("more bytes come than the file has; hint: look whether it has changed since it was chosen, and begin again")]
    TooMuch,
    /// Other bytes came than were meant.
    #[error("what came has another SHA-256 than was said; hint: send it again from the first byte")]
    Other,
    /// Somebody sends bytes of it.
    #[error("bytes of it are coming already; hint: wait until they have, and ask how far it is")]
    Coming,
    /// Nothing was found yet.
    #[error("nobody has looked at it yet; hint: POST …/check begins that, and its work says when it is done")]
    Unseen,
    /// Its rows are in the tables.
    #[error("it is loaded already; hint: see its receipts")]
    Loaded,
    /// Bytes of it lack.
    #[error("{read} of its {all} bytes have come; hint: send the rest first")]
    Part {
        /// Bytes that have.
        read: u64,
        /// Bytes that it has.
        all: u64,
    },
    /// It is worked at.
    #[error("something is being done with it already; hint: wait until that is over, or end it")]
    Busy,
    /// There is nothing to end.
    #[error("nothing is being done with it; hint: see how it ended")]
    Idle,
    /// It would be another department's.
    #[error("a file of another department is not yours to hand in; hint: leave `department` out")]
    Department,
}

impl Untaken {
    /// Of what kind it is, in a word that stays.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Untaken::Elsewhere => "upload-elsewhere",
            Untaken::Name => "upload-name",
            Untaken::Hash => "upload-hash",
            Untaken::Empty => "upload-empty",
            Untaken::Large(_) => "upload-large",
            Untaken::Many => "upload-many",
            Untaken::Full => "upload-full",
            Untaken::Whole => "upload-whole",
            Untaken::Place(_) => "upload-place",
            Untaken::TooMuch => "upload-too-much",
            Untaken::Other => "upload-other",
            Untaken::Coming => "upload-coming",
            Untaken::Unseen => "upload-unseen",
            Untaken::Loaded => "upload-loaded",
            Untaken::Part { .. } => "upload-part",
            Untaken::Busy => "upload-busy",
            Untaken::Idle => "upload-idle",
            Untaken::Department => "upload-department",
        }
    }
}
