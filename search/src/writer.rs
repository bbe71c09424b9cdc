//! Writes an index, from nothing or from the one before: of that, only what changed is written.

use crate::{
    Error, Index,
    document::Fields,
    folder,
    standing::{Recent, Standing},
};
use arrow_array::RecordBatch;
use std::path::{Path, PathBuf};
use tantivy::{
    IndexWriter, Searcher,
    indexer::{IndexWriterOptions, LogMergePolicy},
};
use wuwei_schema::EntityType;

/// How much of what was added is kept in memory before it goes to disk, in bytes.
const HEAP_BYTES: usize = 64 << 20;

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
    /// What the index before has.
    standing: Option<Standing>,
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
    /// Begins an index that will stand in `folder`, beside whatever stands there now. One writer a folder at a time.
    ///
    /// # Errors
    /// The folder beside `folder` cannot be written.
    pub fn create(folder: &Path, entity: &EntityType) -> Result<Writer, Error> {
        let part = folder::part(folder)?;
        let (schema, fields) = Fields::of(entity);
        let index = tantivy::Index::create_in_dir(&part, schema)?;
        Writer::begin(index, fields, folder, None, policy(usize::MAX))
    }

    /// Begins an index that will stand in `folder` from the one in `before`, which stays as it is. All records are to be added again, those that
    /// changed and those that did not: of these nothing is written, and what is not added any more goes. The index then answers as one that was
    /// [created](Writer::create) from the same records. Where `before` has none, or one of another model, it is created.
    ///
    /// Nine bytes of memory for each document of the index before.
    ///
    /// # Errors
    /// The folder beside `folder` cannot be written, or the index in `before` cannot be read.
    pub fn upsert(before: &Path, folder: &Path, entity: &EntityType) -> Result<Writer, Error> {
        let Ok(old) = Index::open(before, entity) else { return Writer::create(folder, entity) };
        let part = folder::part(folder)?;
        folder::share(before, &part)?;
        let (_, fields) = Fields::of(entity);
        let standing = Standing::of(&old.searcher)?;
        Writer::begin(tantivy::Index::open_in_dir(&part)?, fields, folder, Some(standing), policy(largest_merged(&old.searcher)))
    }

    fn begin(
        index: tantivy::Index,
        fields: Fields,
        folder: &Path,
        standing: Option<Standing>,
        policy: LogMergePolicy,
    ) -> Result<Writer, Error> {
        // One thread: the same batches make the same documents in the same order.
        let options = IndexWriterOptions::builder().memory_budget_per_thread(HEAP_BYTES).num_worker_threads(1).num_merge_threads(1).build();
        let writer = index.writer_with_options(options)?;
        writer.set_merge_policy(Box::new(policy));
        let (recent, changed) = (Recent::new(), Changed::default());
        Ok(Writer { index, writer, fields, recent, standing, folder: folder.to_owned(), changed })
    }

    /// Adds records: `entity_id` Int64 and, as Utf8, `department`, every property that has a search role, and `observed` (ISO 8601) where
    /// there is one. Empty and null values are not found. The same entity may come again, with the same values or others.
    ///
    /// # Errors
    /// A column is missing or of another type ([`Error::Batch`]), or the disk is full.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let (writer, added) = (&self.writer, &mut self.changed.added);
        let (recent, standing) = (&mut self.recent, &mut self.standing);
        let is_new = |hash| !standing.as_mut().is_some_and(|standing| standing.stands(hash)) && recent.is_new(hash);
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
        if let Some((removed, gone)) = self.standing.take().and_then(Standing::gone) {
            self.writer.delete_query(gone)?;
            self.changed.removed = removed;
        }
        self.writer.commit()?;
        self.writer.wait_merging_threads()?;
        self.changed.documents = self.index.load_metas()?.segments.iter().map(|segment| u64::from(segment.num_docs())).sum();
        folder::publish(&folder::beside(&self.folder, "part"), &self.folder)?;
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
