//! The index on disk, to be asked: a folder that appears whole or not at all, and is never changed afterwards.

use crate::{
    Error,
    document::{DEPARTMENT, Fields},
    folder::beside,
    sealed::Sealed,
};
use std::{collections::BTreeSet, path::Path};
use tantivy::{ReloadPolicy, Searcher, SegmentReader};
use wuwei_schema::EntityType;

/// An index that can be asked. It stays as it was opened, whatever is written meanwhile.
#[derive(Debug)]
pub struct Index {
    /// The entity type.
    pub(crate) of: String,
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    /// The departments that state anything, sorted.
    pub(crate) departments: Vec<String>,
    /// Of each segment, the place in `departments` of each that it numbers.
    pub(crate) of_segment: Vec<Vec<usize>>,
}

impl Index {
    /// Opens the index of that entity type in `folder`.
    ///
    /// # Errors
    /// There is no index, it is of another model ([`Error::Stale`]), or it cannot be read.
    pub fn open(folder: &Path, entity: &EntityType) -> Result<Index, Error> {
        let stale = |what| Error::Stale { path: folder.to_owned(), what };
        // A crash between the two renames of `publish` leaves only the one before.
        let before = beside(folder, "before");
        let present = if folder.exists() || !before.exists() { folder } else { &before };
        if !present.exists() {
            return Err(stale("is not there"));
        }
        let index = tantivy::Index::open(Sealed::of(present).map_err(tantivy::TantivyError::from)?)?;
        let (schema, fields) = Fields::of(entity);
        if index.schema() != schema {
            return Err(stale("was built for another model"));
        }
        let reader: tantivy::IndexReader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let searcher = reader.searcher();
        let named = searcher.segment_readers().iter().map(departments).collect::<Result<Vec<_>, Error>>()?;
        let departments: Vec<String> = named.iter().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let place = |department: &String| departments.binary_search(department).unwrap_or_else(|place| place);
        let of_segment = named.iter().map(|named| named.iter().map(place).collect()).collect();
        Ok(Index { of: entity.name.clone(), searcher, fields, departments, of_segment })
    }

    /// Number of documents: at least one for each entity that can be found.
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }
}

/// The departments of a segment, as it numbers them.
fn departments(segment: &SegmentReader) -> Result<Vec<String>, Error> {
    let Some(column) = segment.fast_fields().str(DEPARTMENT)? else { return Ok(Vec::new()) };
    let name = |number| {
        let mut name = String::new();
        column.ord_to_str(number, &mut name).map(|_| name).map_err(|error| Error::Index(error.into()))
    };
    (0..column.num_terms() as u64).map(name).collect()
}
