//! Folders of an index: written beside where they will stand, put there whole, forced to disk. The first line of defence is that nothing that
//! somebody may be reading is ever changed.

use crate::Error;
use std::{
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Puts the finished `part` in the place of `folder`. Folders cannot be exchanged in one step: between the two renames the old index
/// is only to be found under its other name, and must not be removed before the new one stands.
pub(crate) fn publish(part: &Path, folder: &Path) -> Result<(), Error> {
    let before = beside(folder, "before");
    for file in files(part)? {
        sync(&file)?;
    }
    sync(part)?;
    if folder.exists() {
        remove(&before)?;
        fs::rename(folder, &before).map_err(Error::folder("setting aside", folder))?;
    }
    fs::rename(part, folder).map_err(Error::folder("publishing", folder))?;
    // The folder that holds it, and the one above, since `create` may have made that too.
    folder.ancestors().skip(1).take(2).filter(|above| !above.as_os_str().is_empty()).try_for_each(sync)?;
    remove(&before)
}

/// Gives an index that stands a second folder, without writing it a second time: segments are never changed, so each of their files gets a
/// second name; where the disk gives none, it is copied. What says which segments there are is changed, and copied always; locks are left.
pub(crate) fn share(from: &Path, to: &Path) -> Result<(), Error> {
    for file in files(from)? {
        let name = file.file_name().unwrap_or_default();
        if name.to_string_lossy().ends_with(".lock") {
            continue;
        }
        let other = to.join(name);
        let is_changed = file.extension() == Some(OsStr::new("json"));
        if is_changed || fs::hard_link(&file, &other).is_err() {
            fs::copy(&file, &other).map_err(Error::folder("copying", &other))?;
        }
    }
    Ok(())
}

/// An empty folder beside `folder`, for what will stand there.
pub(crate) fn part(folder: &Path) -> Result<PathBuf, Error> {
    let part = beside(folder, "part");
    remove(&part)?;
    fs::create_dir_all(&part).map_err(Error::folder("creating", &part))?;
    Ok(part)
}

pub(crate) fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{ending}"));
    folder.with_file_name(name)
}

/// In the order of their names, so that a run repeats exactly.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::folder("reading", folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(Error::folder("reading", folder)));
    let mut files = paths.collect::<Result<Vec<_>, Error>>()?;
    files.sort_unstable();
    Ok(files)
}

fn sync(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::folder("forcing to disk", path))
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::folder("removing", folder)(error)),
        _ => Ok(()),
    }
}
