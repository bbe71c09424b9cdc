//! Where a process puts what it needs for a moment: what does not fit into the memory of a question, the files of an archive. It is a folder
//! for each process, which goes with it. What a killed process left goes when the folder above it is next used; a lock tells the dead from
//! the living. Nothing that is to stay is kept here.

use crate::Error;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The folder of this process.
#[derive(Debug)]
pub(crate) struct Spill {
    folder: PathBuf,
    lock: PathBuf,
    /// Held, not read: the system gives it back however the process ends.
    _held: File,
}

impl Spill {
    /// Makes the folder, after removing those of processes that are no more.
    ///
    /// # Errors
    /// The hub's folder cannot be written.
    pub(crate) fn open(root: &Path) -> Result<Spill, Error> {
        let all = root.join("spill");
        fs::create_dir_all(&all).map_err(Error::file("creating", &all))?;
        remove_abandoned(&all).map_err(Error::file("clearing", &all))?;
        let folder = all.join(std::process::id().to_string());
        let lock = folder.with_extension("lock");
        let held = File::create(&lock).map_err(Error::file("creating", &lock))?;
        held.lock().map_err(Error::file("locking", &lock))?;
        private_folder(&folder).map_err(Error::file("creating", &folder))?;
        Ok(Spill { folder, lock, _held: held })
    }

    /// The same without a hub: where the system keeps what is needed for a moment.
    ///
    /// # Errors
    /// That folder cannot be written, or is somebody else's.
    pub(crate) fn elsewhere() -> Result<Spill, Error> {
        let root = std::env::temp_dir().join(format!("wuwei-{}", user().unwrap_or_default()));
        private_folder(&root).map_err(Error::file("creating", &root))?;
        if !is_own(&root).map_err(Error::file("reading", &root))? {
            let what = format!("`{}` belongs to somebody else, or others may read it", root.display());
            return Err(Error::asked(what, "remove it, or set TMPDIR to a folder of your own"));
        }
        Spill::open(&root)
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        remove(&self.lock);
    }
}

/// What is below holds people's data: a folder that is made here is its owner's alone. One that is there stays as it is.
pub(crate) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether a folder that everybody may have made before is of this user, and closed to others.
#[cfg(unix)]
fn is_own(folder: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let about = fs::symlink_metadata(folder)?;
    Ok(about.is_dir() && about.mode() & 0o077 == 0 && user().is_none_or(|user| user == about.uid()))
}

#[cfg(not(unix))]
fn is_own(folder: &Path) -> io::Result<bool> {
    Ok(fs::symlink_metadata(folder)?.is_dir())
}

/// The number of this user, where the system shows it.
fn user() -> Option<u32> {
    #[cfg(unix)]
    return fs::metadata("/proc/self").ok().map(|about| std::os::unix::fs::MetadataExt::uid(&about));
    #[cfg(not(unix))]
    None
}

fn remove_abandoned(all: &Path) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let lock = entry?.path();
        let is_lock = lock.extension().is_some_and(|ending| ending == "lock");
        // Two that clear at once may meet: what the other has removed is gone, which is all that was wanted.
        if is_lock && File::open(&lock).is_ok_and(|file| file.try_lock().is_ok()) {
            remove(&lock);
        }
    }
    Ok(())
}

/// Removes a folder, then the lock by which it is known. What cannot be removed now, since a process that was ended still writes there, keeps its
/// lock and is removed when the hub is next opened.
fn remove(lock: &Path) {
    match fs::remove_dir_all(lock.with_extension("")) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => {}
        Ok(()) | Err(_) => drop(fs::remove_file(lock)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_left_goes_and_what_the_living_use_stays() {
        let root = tempfile::tempdir().unwrap();
        let all = root.path().join("spill");
        fs::create_dir_all(all.join("0")).unwrap();
        fs::write(all.join("0/rows.arrow"), "left").unwrap();
        fs::write(all.join("0.lock"), "").unwrap();
        fs::create_dir_all(all.join("1")).unwrap();
        let living = File::create(all.join("1.lock")).unwrap();
        living.lock().unwrap();
        let spill = Spill::open(root.path()).unwrap();
        assert!(!all.join("0").exists() && all.join("1").exists() && spill.folder().is_dir());
        let own = spill.folder().to_owned();
        drop(spill);
        assert!(!own.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_read_is_none_of_ours() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let (own, open, link) = (root.path().join("own"), root.path().join("open"), root.path().join("link"));
        private_folder(&own).unwrap();
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert_eq!([own, open, link].map(|folder| is_own(&folder).unwrap()), [true, false, false]);
    }
}
