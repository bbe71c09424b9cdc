//! The index on disk: a folder that appears whole or not at all, and is never changed afterwards. The first line of defence is that a
//! new index is written beside the old one.

use crate::{
    Error,
    document::{DEPARTMENT, Fields, Recent},
    sealed::Sealed,
};
use arrow_array::RecordBatch;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
};
use tantivy::{IndexWriter, ReloadPolicy, Searcher, SegmentReader, indexer::IndexWriterOptions};
use wuwei_schema::EntityType;

/// How much of what was added is kept in memory before it goes to disk, in bytes.
const HEAP_BYTES: usize = 64 << 20;

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

/// Writes an index of one entity type. Memory is bounded, whatever is added; dropped before [`Writer::finish`], it changes nothing.
pub struct Writer {
    writer: IndexWriter,
    fields: Fields,
    recent: Recent,
    folder: PathBuf,
    documents: u64,
}

impl Writer {
    /// Begins an index that will stand in `folder`, beside whatever stands there now. One writer a folder at a time.
    ///
    /// # Errors
    /// The folder beside `folder` cannot be written.
    pub fn create(folder: &Path, entity: &EntityType) -> Result<Writer, Error> {
        let part = beside(folder, "part");
        remove(&part)?;
        fs::create_dir_all(&part).map_err(Error::folder("creating", &part))?;
        let (schema, fields) = Fields::of(entity);
        let index = tantivy::Index::create_in_dir(&part, schema)?;
        // One thread: the same batches make the same documents in the same order.
        let options = IndexWriterOptions::builder().memory_budget_per_thread(HEAP_BYTES).num_worker_threads(1).num_merge_threads(1).build();
        Ok(Writer { writer: index.writer_with_options(options)?, fields, recent: Recent::new(), folder: folder.to_owned(), documents: 0 })
    }

    /// Adds records: `entity_id` Int64 and, as Utf8, `department`, every property that has a search role, and `observed` (ISO 8601) where
    /// there is one. Empty and null values are not found. The same entity may come again, with the same values or others.
    ///
    /// # Errors
    /// A column is missing or of another type ([`Error::Batch`]), or the disk is full.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let (writer, documents) = (&self.writer, &mut self.documents);
        self.fields.documents(batch, &mut self.recent, |document| {
            writer.add_document(document)?;
            *documents += 1;
            Ok(())
        })
    }

    /// Brings everything to disk and puts the index in its place; says how many documents it has. After an error, or a crash at any
    /// moment, [`Index::open`] finds the index that was there before.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.writer.commit()?;
        self.writer.wait_merging_threads()?;
        publish(&beside(&self.folder, "part"), &self.folder)?;
        Ok(self.documents)
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Writer").field("folder", &self.folder).field("documents", &self.documents).finish_non_exhaustive()
    }
}

/// Puts the finished `part` in the place of `folder`. Folders cannot be exchanged in one step: between the two renames the old index
/// is only to be found under its other name, and must not be removed before the new one stands.
fn publish(part: &Path, folder: &Path) -> Result<(), Error> {
    let before = beside(folder, "before");
    for entry in fs::read_dir(part).map_err(Error::folder("reading", part))? {
        let path = entry.map_err(Error::folder("reading", part))?.path();
        sync(&path)?;
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

fn sync(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(Error::folder("forcing to disk", path))
}

fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::folder("removing", folder)(error)),
        _ => Ok(()),
    }
}

fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{ending}"));
    folder.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permit;
    use crate::tests::{ask, batch, person};

    fn write(folder: &Path, name: &str) -> u64 {
        let mut writer = Writer::create(folder, &person()).unwrap();
        writer.add(&batch(&[(1, &[("name", name)])])).unwrap();
        writer.finish().unwrap()
    }

    fn finds(folder: &Path, name: &str) -> bool {
        !Index::open(folder, &person()).unwrap().search(&ask(name, 0, 10), &Permit::ALL).unwrap().hits.is_empty()
    }

    #[test]
    fn an_unfinished_index_leaves_the_old_one_and_is_swept_away_by_the_next() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/person");
        assert_eq!(write(&folder, "王小明"), 1);
        let mut unfinished = Writer::create(&folder, &person()).unwrap();
        unfinished.add(&batch(&[(1, &[("name", "李大伟")])])).unwrap();
        drop(unfinished);
        assert!(finds(&folder, "王小明") && !finds(&folder, "李大伟"));
        write(&folder, "张三丰");
        assert!(finds(&folder, "张三丰") && !finds(&folder, "王小明"));
        assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1, "nothing is left beside the index");
    }

    #[test]
    fn a_crash_between_the_renames_leaves_the_old_index() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("person");
        write(&folder, "王小明");
        fs::rename(&folder, beside(&folder, "before")).unwrap();
        assert!(finds(&folder, "王小明"));
        write(&folder, "张三丰");
        assert!(finds(&folder, "张三丰"));
        assert!(!beside(&folder, "before").exists());
    }

    #[test]
    fn an_open_index_stays_as_it_was() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("person");
        write(&folder, "王小明");
        let opened = Index::open(&folder, &person()).unwrap();
        write(&folder, "张三丰");
        assert_eq!(opened.search(&ask("王小明", 0, 10), &Permit::ALL).unwrap().total, 1);
    }

    #[test]
    fn records_that_say_the_same_are_one_document_and_empty_ones_none() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("person");
        let mut writer = Writer::create(&folder, &person()).unwrap();
        let known: &[(&str, &str)] = &[("name", "王小明"), ("phone", "12012345678")];
        for _ in 0..3 {
            writer.add(&batch(&[(1, known), (1, known), (2, known), (3, &[])])).unwrap();
        }
        writer.add(&batch(&[(1, &[("name", "王小明")])])).unwrap();
        assert_eq!(writer.finish().unwrap(), 3);
        assert_eq!(Index::open(&folder, &person()).unwrap().documents(), 3);
    }

    #[test]
    fn what_is_no_index_of_this_model_is_told() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("person");
        assert!(Index::open(&folder, &person()).unwrap_err().to_string().contains("is not there; hint: run `wuwei index`"));
        write(&folder, "王小明");
        let vehicle = wuwei_schema::Model::embedded().unwrap().entity("vehicle").unwrap().clone();
        assert!(Index::open(&folder, &vehicle).unwrap_err().to_string().contains("another model"));
        let mut writer = Writer::create(&folder, &vehicle).unwrap();
        assert!(writer.add(&batch(&[(1, &[])])).unwrap_err().to_string().contains("no column `plate_no` of type Utf8"));
    }

    #[test]
    fn no_value_of_an_entity_is_stored() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("person");
        write(&folder, "王小明");
        let index = Index::open(&folder, &person()).unwrap();
        let document: tantivy::TantivyDocument = index.searcher.doc(tantivy::DocAddress::new(0, 0)).unwrap();
        assert!(document.field_values().next().is_none());
    }
}
