//! The indexes of one epoch, each opened when it is first asked and kept: an index is never changed, and to open one takes longer than most
//! answers. What whoever asks may find is not known here.

use crate::Error;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use wuwei_schema::EntityType;
use wuwei_search::{Index, Names};

/// The folder of the indexes, one folder a type, and those that are open: a type's at most once.
#[derive(Debug)]
pub(crate) struct Indexes {
    /// What departments and types are called.
    pub(crate) names: Names,
    folder: PathBuf,
    opened: Mutex<BTreeMap<String, Arc<Index>>>,
}

impl Indexes {
    pub(crate) fn new(folder: PathBuf, names: Names) -> Indexes {
        Indexes { names, folder, opened: Mutex::default() }
    }

    /// The index of a type; none where there is none.
    ///
    /// # Errors
    /// It cannot be read or is of another model.
    pub(crate) fn of(&self, entity: &EntityType) -> Result<Option<Arc<Index>>, Error> {
        // Whoever comes meanwhile waits, and does not open it a second time.
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = opened.get(&entity.name) {
            return Ok(Some(Arc::clone(index)));
        }
        let folder = self.folder.join(&entity.name);
        if !folder.exists() {
            return Ok(None);
        }
        let index = Arc::new(Index::open(&folder, entity)?);
        opened.insert(entity.name.clone(), Arc::clone(&index));
        Ok(Some(index))
    }
}
