//! The files of one archive on disk. They lie under numbers, so that no name of the archive does; only a table and its memo file keep their
//! endings and share a number, since that is how they are found. The folder is its owner's alone and goes with the last of its files; what a
//! kill leaves goes with the spill folder that it is in.

use super::{Given, Room};
use crate::{Error, spill::private_folder};
use std::{
    collections::HashMap,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A folder of unpacked files; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Unpacked(PathBuf);

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What cannot be removed now is removed with the folder that it is in.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// An archive on its way to the disk.
#[derive(Debug)]
pub(crate) struct Unpacking<'a> {
    archive: &'a Given,
    room: &'a mut Room,
    /// Of the archives of this run.
    number: usize,
    folder: Option<Arc<Unpacked>>,
    files: Vec<Given>,
    open: Option<File>,
    /// The number of the table or memo file of that name.
    tables: HashMap<String, usize>,
}

impl<'a> Unpacking<'a> {
    pub(super) fn new(archive: &'a Given, number: usize, room: &'a mut Room) -> Unpacking<'a> {
        Unpacking { archive, room, number, folder: None, files: Vec::new(), open: None, tables: HashMap::new() }
    }

    /// A file begins that the archive calls so.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn file(&mut self, name: &str) -> Result<(), Error> {
        let folder = self.folder()?;
        let path = self.place(&folder.0, name);
        self.open = Some(File::create_new(&path).map_err(Error::file("unpacking into", &path))?);
        let Given { called, name: archive, .. } = self.archive;
        // Not joined as paths are: a name is no path.
        let (mut whole, name) = (called.clone().into_os_string(), format!("/{name}"));
        whole.push(&name);
        self.files.push(Given { path, called: whole.into(), name: format!("{archive}{name}"), unpacked: Some(folder) });
        Ok(())
    }

    /// The next bytes of the file that began last.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn bytes(&mut self, piece: &[u8]) -> Result<(), Error> {
        let (Some(file), Some(given)) = (&mut self.open, self.files.last()) else {
            return Err(Error::defect("bytes of no file are unpacked"));
        };
        file.write_all(piece).map_err(Error::file("unpacking into", &given.path))
    }

    /// How many files have begun.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    /// The files, in the order of the archive.
    pub(super) fn finish(self) -> Vec<Given> {
        self.files
    }

    fn folder(&mut self) -> Result<Arc<Unpacked>, Error> {
        if let Some(folder) = &self.folder {
            return Ok(Arc::clone(folder));
        }
        let folder = self.room.folder()?.join(format!("archive-{}", self.number));
        private_folder(&folder).map_err(Error::file("creating", &folder))?;
        Ok(Arc::clone(self.folder.insert(Arc::new(Unpacked(folder)))))
    }

    /// Where the next file goes.
    fn place(&mut self, folder: &Path, name: &str) -> PathBuf {
        let own = self.files.len() + 1;
        let lower = name.to_lowercase();
        let Some((stem, ending)) =
            ["dbf", "dbt", "fpt"].iter().find_map(|ending| Some((lower.strip_suffix(ending)?.strip_suffix('.')?, ending)))
        else {
            return folder.join(format!("{own:05}"));
        };
        let shared = *self.tables.entry(stem.to_owned()).or_insert(own);
        let path = folder.join(format!("{shared:05}.{ending}"));
        if path.exists() { folder.join(format!("{own:05}.{ending}")) } else { path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(room: &Path, names: &[&str]) -> Vec<Given> {
        let (archive, mut room) = (Given::at(Path::new("in/甲.zip")), Room::Hub(room.to_owned()));
        let mut unpacking = Unpacking::new(&archive, 1, &mut room);
        for name in names {
            unpacking.file(name).unwrap();
            unpacking.bytes(name.as_bytes()).unwrap();
        }
        unpacking.finish()
    }

    #[test]
    fn files_lie_under_numbers_and_are_called_by_their_names() {
        let room = tempfile::tempdir().unwrap();
        let files = unpacked(room.path(), &["人口/一月.csv", "乙.DBF", "a/乙.fpt", "乙.fpt", "乙.dbf"]);
        let lie: Vec<&str> = files.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(lie, ["00001", "00002.dbf", "00003.fpt", "00002.fpt", "00005.dbf"], "a memo file lies beside its own table");
        assert_eq!((files[0].name.as_str(), files[0].called.as_path()), ("甲.zip/人口/一月.csv", Path::new("in/甲.zip/人口/一月.csv")));
        assert_eq!(std::fs::read_to_string(&files[3].path).unwrap(), "乙.fpt");
    }

    #[test]
    fn the_folder_goes_with_the_last_of_its_files() {
        let room = tempfile::tempdir().unwrap();
        let mut files = unpacked(room.path(), &["a", "b"]);
        let last = files.pop().unwrap();
        drop(files);
        assert!(last.path.exists());
        drop(last);
        assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0);
    }
}
