//! A file of this machine that is handed in with its proposed mapping, as the pages do it: it waits there to be completed, read by and confirmed
//! by somebody else. Nothing is applied.

use super::{Appending, New, Upload, Uploads, record::ReadAs};
use crate::{Error, cli::HintArgs};
use std::{
    fs::File,
    io::{BufReader, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes that are copied at a time.
const PIECE: usize = 1 << 20;

/// What one file may have here: whoever runs the command has the disk.
const MOST: u64 = 1 << 50;

/// What was handed over.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) upload: String,
    /// Where the text of the mapping lies.
    pub(crate) mapping: PathBuf,
}

/// Hands a file in to the hub in `root` with the text of a mapping, which leaves something open or not; `account_for` is called with the upload's
/// number before it is known to anybody that there is a mapping.
///
/// # Errors
/// Another process takes the uploads of the hub, the file cannot be read, or nothing can be written or accounted for.
pub(crate) fn hand_over(
    root: &Path,
    owner: &str,
    file: &Path,
    hint: &HintArgs,
    text: &str,
    account_for: impl FnOnce(&str) -> Result<(), Error>,
) -> Result<Handed, Error> {
    let uploads = Uploads::open(root, MOST)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let opened = File::open(file).map_err(Error::file("reading", file))?;
    let bytes = opened.metadata().map_err(Error::file("reading", file))?.len();
    let upload = uploads.make(owner, &New { name, bytes, sha256: None, modified: None })?;
    copied(&upload, file, opened).and_then(|()| upload.change(|record| record.reading = ReadAs::of(hint))).or_else(|error| {
        // What is half there would only take room.
        uploads.abandon(&upload)?;
        Err(error)
    })?;
    account_for(&upload.id())?;
    upload.propose(owner, None, text)?;
    Ok(Handed { upload: upload.id(), mapping: upload.mapping_path() })
}

fn copied(upload: &Arc<Upload>, path: &Path, file: File) -> Result<(), Error> {
    let (mut file, mut piece) = (BufReader::new(file), vec![0; PIECE]);
    let mut place = Appending::at(upload, 0)?;
    loop {
        match file.read(&mut piece).map_err(Error::file("reading", path))? {
            0 => break,
            count => place = place.write(&piece[..count])?,
        }
    }
    place.finish().map(drop)
}

impl ReadAs {
    /// As the options of the command line say it.
    fn of(hint: &HintArgs) -> ReadAs {
        let HintArgs { department, extract, format, encoding, shrunk, late, delimiter, quote, escape, heading_row, sheet } = hint.clone();
        ReadAs { department, extract, format, encoding, delimiter, quote, escape, heading_row, sheet, shrunk, late, with: Vec::new() }
    }
}
