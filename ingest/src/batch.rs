//! What a file is called wherever its rows are spoken of: the beginning of the hash of its bytes. What is in it is not asked here.

use crate::{Error, sniff::pass};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The first 16 hexadecimal digits of the SHA-256 of a file's bytes: its `batch` in every table.
///
/// # Errors
/// When the file cannot be read.
pub fn batch(path: &Path) -> Result<String, Error> {
    let mut hash = Sha256::new();
    pass(path, |piece, _| hash.update(piece))?;
    Ok(name(hash))
}

/// The name that a finished hash gives.
pub(crate) fn name(hash: Sha256) -> String {
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_bytes() {
        let path = tempfile::tempdir().unwrap().keep().join("甲.csv");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, the first example.
        assert_eq!(batch(&path).unwrap(), "ba7816bf8f01cfea");
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!(batch(&path).is_err());
    }
}
