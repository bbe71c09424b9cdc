//! The index on disk, to be asked: a folder that appears whole or not at all, and is never changed afterwards.

use crate::{
    Error,
    document::{DEPARTMENT, ENTITY, Fields, OBSERVED},
    folder::beside,
    gather::Row,
    sealed::Sealed,
};
use std::{collections::BTreeSet, path::Path};
use tantivy::{ReloadPolicy, Searcher, SegmentReader, columnar::Column};
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
    /// Of each segment.
    pub(crate) columns: Vec<Columns>,
}

/// What every document of a segment has.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) entities: Column<i64>,
    /// As the segment numbers them.
    pub(crate) departments: Column<u64>,
    /// The place in [`Index::departments`] of each that it numbers.
    pub(crate) places: Vec<usize>,
    pub(crate) observed: Column<u64>,
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
        let places = named.iter().map(|named| named.iter().map(place).collect());
        let columns = searcher.segment_readers().iter().zip(places).map(|(segment, places)| Columns::of(segment, places));
        let columns = columns.collect::<Result<_, Error>>()?;
        Ok(Index { of: entity.name.clone(), searcher, fields, departments, columns })
    }

    /// The newest date of these rows, as a number.
    pub(crate) fn newest(&self, rows: &[Row]) -> Option<u64> {
        let observed = |row: &Row| self.columns.get(usize::try_from(row.segment).ok()?)?.observed.first(row.document);
        rows.iter().filter_map(observed).max()
    }

    /// Number of documents: at least one for each entity that can be found.
    pub fn documents(&self) -> u64 {
        self.searcher.num_docs()
    }
}

impl Columns {
    fn of(segment: &SegmentReader, places: Vec<usize>) -> Result<Columns, Error> {
        let columns = segment.fast_fields();
        // Where no document has one, there is no column.
        let departments = columns.str(DEPARTMENT)?.map(|names| names.ords().clone());
        let departments = departments.unwrap_or_else(|| Column::build_empty_column(segment.max_doc()));
        Ok(Columns { entities: columns.i64(ENTITY)?, departments, places, observed: columns.u64(OBSERVED)? })
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
