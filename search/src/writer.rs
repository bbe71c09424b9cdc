//! Writes an index, from nothing or from the one before: of that, only what changed is written.

use crate::{Error, Index, Made, document::Fields, folder, placed, placed::Placed, recent::Recent};
use arrow_array::RecordBatch;
use std::path::{Path, PathBuf};
use tantivy::{
    IndexWriter, Searcher, Term,
    indexer::{IndexWriterOptions, LogMergePolicy},
};
use wuwei_schema::EntityType;

/// How much of what was added is kept in memory before it goes to disk, in bytes.
const HEAP_BYTES: usize = 256 << 20;

/// The share of a segment's documents that may be gone before it is written anew: they are walked past by every question.
const GONE: f32 = 0.2;

/// Segments with more documents are not merged after a small change: whoever waits for it would wait for all of them.
const SMALL: usize = 100_000;

/// More segments than these, all are merged that can be: each question asks every one of them.
const MOST_SEGMENTS: usize = 20;

/// Writes an index of one entity type. Memory is bounded, whatever is added; dropped before [`Writer::finish`], it changes nothing.
pub struct Writer {
    index: tantivy::Index,
    writer: IndexWriter,
    fields: Fields,
    recent: Recent,
    made: Made,
    /// Whose records are to be added, in order; of all where that is none.
    wanted: Option<Vec<i64>>,
    /// Documents of the index before.
    stood: u64,
    folder: PathBuf,
    changed: Changed,
}

/// What became of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// Documents that it has: at least one for each entity that can be found.
    pub documents: u64,
    /// Of which written now.
    pub added: u64,
    /// Documents of the index before that it has no more.
    pub removed: u64,
}

impl Writer {
    /// Begins an index that will stand in `folder`, beside whatever stands there now, of records as `made` has them. One writer a folder at
    /// a time.
    ///
    /// # Errors
    /// The folder beside `folder` cannot be written.
    pub fn create(folder: &Path, entity: &EntityType, made: Made) -> Result<Writer, Error> {
        let part = folder::part(folder)?;
        let (schema, fields) = Fields::of(entity);
        let index = tantivy::Index::create_in_dir(&part, schema)?;
        Writer::begin(index, fields, folder, made, policy(usize::MAX))
    }

    /// Begins an index that will stand in `folder` from the one in `before`, which stays as it is. Of the entities that have other records now
    /// than then ([`Writer::wanted`]) all records are to be added again; the index then answers as one that was [created](Writer::create)
    /// from all of them. Where `before` has none, one of another model, or one of which most has changed, it is created.
    ///
    /// # Errors
    /// The folder beside `folder` cannot be written, or the index in `before` cannot be read.
    pub fn upsert(before: &Path, folder: &Path, entity: &EntityType, mut made: Made) -> Result<Writer, Error> {
        made.sum();
        let stands = Index::open(before, entity).ok().zip(Made::read(before));
        let Some((old, known)) = stands else { return Writer::create(folder, entity, made) };
        let wanted = made.other_than(&known);
        if wanted.len() * 2 > made.len() {
            return Writer::create(folder, entity, made);
        }
        let part = folder::part(folder)?;
        folder::share(before, &part)?;
        let (_, fields) = Fields::of(entity);
        let policy = policy(largest_merged(&old.searcher));
        let mut writer = Writer::begin(tantivy::Index::open_in_dir(&part)?, fields, folder, made, policy)?;
        for entity in wanted.iter().filter(|entity| known.has(**entity)) {
            writer.writer.delete_term(Term::from_field_i64(writer.fields.entity, *entity));
        }
        writer.stood = old.documents();
        writer.wanted = Some(wanted);
        Ok(writer)
    }

    fn begin(index: tantivy::Index, fields: Fields, folder: &Path, mut made: Made, policy: LogMergePolicy) -> Result<Writer, Error> {
        made.sum();
        index.tokenizers().register(placed::NAME, Placed::default());
        // One thread: the same batches make the same documents in the same order.
        let options = IndexWriterOptions::builder().memory_budget_per_thread(HEAP_BYTES).num_worker_threads(1).num_merge_threads(1).build();
        let writer = index.writer_with_options(options)?;
        writer.set_merge_policy(Box::new(policy));
        let (recent, changed) = (Recent::new(), Changed::default());
        Ok(Writer { index, writer, fields, recent, made, wanted: None, stood: 0, folder: folder.to_owned(), changed })
    }

    /// The numbers, in order, of the entities whose records are to be added; none where those of all are.
    pub fn wanted(&self) -> Option<&[i64]> {
        self.wanted.as_deref()
    }

    /// Adds records: `entity_id` Int64 and, as Utf8, `department`, every property that has a search role, and `observed` (ISO 8601) where
    /// there is one. Empty and null values are not found. The same entity may come again, with the same values or others; those that are
    /// not [wanted](Writer::wanted) are passed over.
    ///
    /// # Errors
    /// A column is missing or of another type ([`Error::Batch`]), or the disk is full.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let (writer, added) = (&self.writer, &mut self.changed.added);
        let (recent, wanted) = (&mut self.recent, &self.wanted);
        let is_wanted = |entity| wanted.as_ref().is_none_or(|wanted| wanted.binary_search(&entity).is_ok());
        let is_new = |entity, hash| is_wanted(entity) && recent.is_new(hash);
        self.fields.documents(batch, is_new, |document| {
            writer.add_document(document)?;
            *added += 1;
            Ok(())
        })
    }

    /// Brings everything to disk and puts the index in its place; says what became of it. After an error, or a crash at any
    /// moment, [`Index::open`] finds the index that was there before.
    ///
    /// # Errors
    /// The index cannot be written.
    pub fn finish(mut self) -> Result<Changed, Error> {
        self.writer.commit()?;
        self.writer.wait_merging_threads()?;
        self.changed.documents = self.index.load_metas()?.segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
        self.changed.removed = (self.stood + self.changed.added).saturating_sub(self.changed.documents);
        let part = folder::beside(&self.folder, "part");
        self.made.write(&part)?;
        folder::publish(&part, &self.folder)?;
        Ok(self.changed)
    }
}

/// Merges what is small with its like, of segments of at most so many documents.
fn policy(largest: usize) -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    policy.set_del_docs_ratio_before_merge(GONE);
    if largest < usize::MAX {
        policy.set_max_docs_before_merge(largest);
    }
    policy
}

/// After a small change only small segments are merged, until there are too many, or too much of them is gone.
fn largest_merged(before: &Searcher) -> usize {
    let segments = before.segment_readers();
    let all: u64 = segments.iter().map(|segment| u64::from(segment.max_doc())).sum();
    let has_many_gone = (all - before.num_docs()) * 5 > all;
    if segments.len() > MOST_SEGMENTS || has_many_gone { usize::MAX } else { SMALL }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Writer").field("folder", &self.folder).field("changed", &self.changed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
