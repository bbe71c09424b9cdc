//! A file in memory without reading it: its pages come as they are looked at, and all processes share them. Mapping is unsafe, since whoever
//! writes to the file changes what is read; tantivy does it for files that are never written to again, and so do we. What stands in it is not
//! known here.

use crate::Error;
use arrow_buffer::Buffer;
use bytes::Bytes;
use std::path::Path;
use tantivy::directory::{Directory as _, MmapDirectory, error::OpenReadError};

/// The bytes of a file that nobody will change. It may be removed: its bytes stay for who has them.
///
/// # Errors
/// The file is not there or cannot be mapped.
pub fn mapped(path: &Path) -> Result<Buffer, Error> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |source| Error::Folder { action: "mapping a file beside", path: path.to_owned(), source };
    let missing = || failed(std::io::ErrorKind::NotFound.into());
    let directory = MmapDirectory::open(folder).map_err(|_| missing())?;
    let file = directory.open_read(path.file_name().map(Path::new).ok_or_else(missing)?).map_err(|fault| match fault {
        OpenReadError::IoError { io_error, .. } => failed(std::io::Error::new(io_error.kind(), io_error)),
        _ => missing(),
    })?;
    Ok(Bytes::from_owner(file.read_bytes().map_err(failed)?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_file_is_its_bytes_and_stays_when_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a file");
        assert!(matches!(mapped(&path), Err(Error::Folder { source, .. }) if source.kind() == std::io::ErrorKind::NotFound));
        for bytes in [vec![], vec![7; 100_000]] {
            std::fs::write(&path, &bytes).unwrap();
            let mapped = mapped(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            assert_eq!(mapped.as_slice(), bytes);
        }
    }
}
