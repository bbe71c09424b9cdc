//! Folders of files: one that was made once is copied for each test that changes it.

use std::{fs, io::ErrorKind, path::Path};

/// Copies all files and folders below `from` to `to`, which may be there. What vanishes meanwhile, since others use it, is left out.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else if let Err(error) = fs::copy(entry.path(), target) {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{}: {error}", entry.path().display());
        }
    }
}
