//! Where questions put what does not fit into memory: a folder for each process, which goes with it. What a killed process left goes when
//! the hub is next opened; a lock tells the dead from the living.

use crate::Error;
use std::{
    fs::{self, File},
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
        fs::create_dir_all(&folder).map_err(Error::file("creating", &folder))?;
        Ok(Spill { folder, lock, _held: held })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Spill {
    fn drop(&mut self) {
        // What cannot be removed now is removed when the hub is next opened.
        drop(fs::remove_dir_all(&self.folder));
        drop(fs::remove_file(&self.lock));
    }
}

fn remove_abandoned(all: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(all)? {
        let lock = entry?.path();
        let is_lock = lock.extension().is_some_and(|ending| ending == "lock");
        // Two that clear at once may meet: what the other has removed is gone, which is all that was wanted.
        if is_lock && File::open(&lock).is_ok_and(|file| file.try_lock().is_ok()) {
            drop(fs::remove_dir_all(lock.with_extension("")));
            drop(fs::remove_file(&lock));
        }
    }
    Ok(())
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
}
