//! The manifest: which version of each table counts. Replacing it by one rename is what publishing means; nothing else makes anything
//! visible.

use crate::{Error, store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// One state of the whole lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Epoch {
    /// In which form its tables are written.
    #[serde(default = "Epoch::first_form")]
    pub(crate) form: u32,
    /// Counts publications; 0 is the empty lake.
    pub number: u64,
    /// Table name -> the Delta version that counts.
    pub tables: BTreeMap<String, i64>,
    /// The number that the next record gets.
    pub next_record: i64,
    /// The number that the next entity gets.
    pub next_entity: i64,
    /// Stage -> the table versions it was computed from; a stage is out of date when `tables` says otherwise.
    pub stages: BTreeMap<String, BTreeMap<String, i64>>,
    /// Folder of the search index that belongs to these tables.
    pub index: Option<String>,
    /// File of the graph that belongs to these tables.
    pub graph: Option<String>,
}

/// The form of tables that this program writes and reads. It counts up when a table gets a column without which its rows mean nothing.
const FORM: u32 = 4;

impl Default for Epoch {
    fn default() -> Epoch {
        let (tables, stages) = (BTreeMap::new(), BTreeMap::new());
        Epoch { form: FORM, number: 0, tables, next_record: 0, next_entity: 1, stages, index: None, graph: None }
    }
}

impl Epoch {
    /// The form of before forms were written down.
    fn first_form() -> u32 {
        1
    }

    /// Refuses tables of another form: their rows could be neither read nor added to.
    ///
    /// # Errors
    /// [`Error::Form`].
    pub(crate) fn check_form(&self, root: &Path) -> Result<(), Error> {
        match self.form {
            FORM => Ok(()),
            found => Err(Error::Form { path: root.to_owned(), found, known: FORM }),
        }
    }

    /// The manifest in the folder `root`; none where nothing was ever published. A manifest that cannot be understood is an error, never
    /// epoch 0: recovery would take every table for the rest of a crash.
    pub(crate) fn read(root: &Path) -> Result<Option<Epoch>, Error> {
        let path = path(root);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(Error::file(path)(fault)),
        };
        serde_json::from_slice(&text).map(Some).map_err(|fault| Error::Manifest { path, detail: fault.to_string() })
    }

    /// Replaces the manifest, so that after a power cut either the old or the new one stands there, whole: write beside it, fsync, rename
    /// over it, fsync the folder.
    pub(crate) fn write(&self, root: &Path) -> Result<(), Error> {
        let path = path(root);
        let beside = root.join("epoch.json.tmp");
        let text = serde_json::to_vec_pretty(self).map_err(|fault| Error::Manifest { path: path.clone(), detail: fault.to_string() })?;
        let mut file = std::fs::File::create(&beside).map_err(Error::file(&beside))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(Error::file(&beside))?;
        std::fs::rename(&beside, &path).map_err(Error::file(&path))?;
        store::sync(root).map_err(Error::file(root))
    }
}

fn path(root: &Path) -> PathBuf {
    root.join("epoch.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_as_it_was_written_and_a_torn_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Epoch::read(folder.path()).unwrap(), None);
        let stages = [("resolve".to_owned(), [("record.person".to_owned(), 3)].into())].into();
        let tables = [("record.person".to_owned(), 4)].into();
        let epoch = Epoch { number: 7, tables, next_record: 120, stages, index: Some("index-7".to_owned()), ..Epoch::default() };
        epoch.write(folder.path()).unwrap();
        assert_eq!(Epoch::read(folder.path()).unwrap(), Some(epoch));
        std::fs::write(folder.path().join("epoch.json"), "{\"number\": 7, \"tab").unwrap();
        assert!(matches!(Epoch::read(folder.path()), Err(Error::Manifest { .. })));
    }

    #[test]
    fn a_manifest_of_an_older_program_is_understood_and_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("epoch.json"), "{\"number\": 2}").unwrap();
        let epoch = Epoch::read(folder.path()).unwrap().unwrap();
        assert_eq!(epoch, Epoch { number: 2, form: 1, ..Epoch::default() });
        let error = epoch.check_form(folder.path()).unwrap_err().to_string();
        assert!(error.contains("form 1") && error.contains("hint: "), "{error}");
        assert!(Epoch::default().check_form(folder.path()).is_ok());
    }
}
