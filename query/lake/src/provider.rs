//! Reading: the files that a Delta log names at a pinned version, scanned as plain Parquet.
//!
//! deltalake's own scan is not used: it publishes no order, has no codec for its plan and so cannot travel to another machine, and turns
//! things off for features that our tables do not have. A list of files and DataFusion's Parquet source need nothing of it.

use crate::table::{Place, Table, relative};
use crate::{
    Error,
    found::{self, Wanted},
    narrow::{Narrow, part},
    reader::{Files, footer},
    share::{is_dealt_out, shares},
    small,
    standing::Standing,
    stats::Stats,
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::{Result, Statistics, project_schema, stats::Precision};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::{ExecutionPlan, empty::EmptyExec};
use deltalake_core::{DeltaTableError, kernel::LogicalFileView};
use futures::{
    FutureExt as _,
    stream::{self, StreamExt as _},
};
use object_store::ObjectMeta;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Finders that are read at once.
const LOOKED_AT_ONCE: usize = 8;

/// A table at the version a reader pinned. Its log is read once, by the first scan.
#[derive(Debug)]
pub(crate) struct Pinned {
    place: Arc<Place>,
    name: String,
    version: i64,
    files: OnceCell<Vec<DataFile>>,
    kept: small::Kept,
}

impl Pinned {
    pub(crate) fn new(place: &Arc<Place>, name: &str, version: i64) -> Pinned {
        Pinned { place: Arc::clone(place), name: name.to_owned(), version, files: OnceCell::new(), kept: small::Kept::default() }
    }

    pub(crate) async fn open(&self) -> Result<Table, Error> {
        self.place.open(&self.name, self.version).await
    }

    /// The files that may hold a row with one of those values, and their rows that may, where finders tell.
    async fn found<'f>(&self, files: &'f [DataFile], wanted: &[Wanted]) -> Vec<Found<'f>> {
        let looks: Vec<_> = files.iter().map(|file| self.look(file, wanted).boxed()).collect();
        let looked: Vec<_> = stream::iter(looks).buffered(LOOKED_AT_ONCE).collect().await;
        files.iter().zip(looked).filter_map(|(file, looked)| Some((file, looked?))).collect()
    }

    /// Whether the file may hold such a row, and which may.
    async fn look(&self, file: &DataFile, wanted: &[Wanted]) -> Option<Option<ParquetRowSelection>> {
        let data = object_store::path::Path::parse(format!("{}/{}", relative(&self.name), file.path));
        let Ok(data) = data else { return Some(None) };
        let Some(finder) = file.finder.get(&self.place.store, &data).await else { return Some(None) };
        match finder.rows(&self.place.store, wanted).await {
            Some(rows) if rows.is_empty() => None,
            Some(rows) => Some(finder.selection(&rows)),
            None => Some(None),
        }
    }

    async fn files(&self) -> Result<&[DataFile], Error> {
        let read = async || self.open().await?.files();
        self.files.get_or_try_init(read).await.map(Vec::as_slice)
    }
}

/// A data file, as the log speaks of it.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Relative to the table's folder.
    pub(crate) path: String,
    pub(crate) size: i64,
    meta: ObjectMeta,
    stats: Arc<Stats>,
    finder: found::Lazy,
}

impl DataFile {
    pub(crate) fn new(folder: &Path, view: &LogicalFileView) -> Result<DataFile, DeltaTableError> {
        let path = view.path().into_owned();
        let stats = view.stats().map(|stats| serde_json::from_str(&stats)).transpose()?.unwrap_or_default();
        let location = object_store::path::Path::from_absolute_path(folder.join(&path)).map_err(object_store::Error::from)?;
        let size = u64::try_from(view.size()).unwrap_or_default();
        let meta = ObjectMeta { location, last_modified: view.modification_datetime()?, size, e_tag: None, version: None };
        Ok(DataFile { path, size: view.size(), meta, stats: Arc::new(stats), finder: found::Lazy::default() })
    }

    /// How many rows it has, if the log tells.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.stats.rows()
    }

    /// Its length.
    pub(crate) fn bytes(&self) -> u64 {
        self.meta.size
    }
}

/// A file to be read, and which of its rows where not all are.
type Found<'f> = (&'f DataFile, Option<ParquetRowSelection>);

/// A pinned table under the schema of its contract.
#[derive(Debug)]
pub(crate) struct Scan {
    table: Option<Arc<Pinned>>,
    schema: SchemaRef,
}

impl Scan {
    pub(crate) fn new(table: Option<Arc<Pinned>>, schema: SchemaRef) -> Scan {
        Scan { table, schema }
    }

    /// The same rows with texts as views.
    pub(crate) fn viewed(&self) -> Scan {
        let of_text = |field: &Arc<Field>| match field.data_type() {
            DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
            _ => Arc::clone(field),
        };
        let fields: Fields = self.schema.fields().iter().map(of_text).collect();
        Scan { table: self.table.clone(), schema: Arc::new(Schema::new_with_metadata(fields, self.schema.metadata().clone())) }
    }
}

/// The same table with its texts as views (Utf8View), if it is one of a lake's: a view of a text that stands once in a file's dictionary
/// copies nothing, where Utf8 copies it for every row, and filters, joins and sorts copy sixteen bytes a row.
pub fn viewed(table: &dyn TableProvider) -> Option<Arc<dyn TableProvider>> {
    if let Some(scan) = table.downcast_ref::<Scan>() {
        return Some(Arc::new(scan.viewed()));
    }
    table.downcast_ref::<Standing>().map(|standing| Arc::new(standing.viewed()) as _)
}

#[async_trait]
impl TableProvider for Scan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Every filter helps to leave out files, row groups and pages, none is promised: DataFusion applies it again above the scan, and its
    /// optimizer hands it down into the Parquet source.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = match &self.table {
            Some(table) => table.files().await.map_err(|fault| DataFusionError::External(Box::new(fault)))?,
            None => &[],
        };
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        if let Some(rows) = self.kept(session, files).await {
            return small::scan(rows, projection);
        }
        let found = match (&self.table, found::wanted(filters, &self.schema)) {
            (Some(table), wanted) if !wanted.is_empty() => table.found(files, &wanted).await,
            _ => files.iter().map(|file| (file, None)).collect(),
        };
        let found = self.narrowed(session, filters, found).await?;
        if found.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let config = self.scanned(session, &found, session.config().target_partitions())?;
        let config = config.with_projection_indices(projection.cloned())?.with_limit(limit);
        Ok(DataSourceExec::from_data_source(config.build()))
    }
}

impl Scan {
    /// All rows of a small table, oldest first.
    async fn kept(&self, session: &dyn Session, files: &[DataFile]) -> Option<RecordBatch> {
        let table = self.table.as_ref().filter(|_| small::is_small(files))?;
        let read = async || {
            let all: Vec<_> = files.iter().map(|file| (file, None)).collect();
            let scan = self.scanned(session, &all, 1)?.with_batch_size(Some(small::READ_ROWS)).build();
            DataSourceExec::from_data_source(scan).execute(0, session.task_ctx())
        };
        table.kept.rows(&self.schema, &table.place.room, read).await
    }

    /// Of a few files those with rows that these filters may let through, and which rows those are.
    async fn narrowed<'f>(&self, session: &dyn Session, filters: &[Expr], found: Vec<Found<'f>>) -> Result<Vec<Found<'f>>> {
        let readers = session.config().target_partitions();
        let is_worth_it = is_dealt_out(found.iter().map(|(file, rows)| file.rows().filter(|_| rows.is_none())), readers);
        let Some(narrow) = Some(filters).filter(|_| is_worth_it).and_then(|filters| Narrow::by(filters, &self.schema, session)) else {
            return Ok(found);
        };
        let files = self.files(session, true)?;
        let mut narrowed = Vec::with_capacity(found.len());
        for (file, _) in found {
            match footer(&files, &file.meta, None, None).await.map(|footer| narrow.rows(&footer)) {
                Ok(Some(rows)) if rows.selection().row_count() == 0 => (),
                Ok(rows) => narrowed.push((file, rows)),
                // Told where the file is read.
                Err(_) => narrowed.push((file, None)),
            }
        }
        Ok(narrowed)
    }

    fn scanned(&self, session: &dyn Session, found: &[Found<'_>], partitions: usize) -> Result<FileScanConfigBuilder> {
        let together = found.iter().map(|found| Arc::new(self.known(found))).collect::<Vec<_>>();
        let together = Statistics::try_merge_iter(together.iter().map(Arc::as_ref), &self.schema)?;
        let parts = parts(found, partitions);
        let with_pages = parts.iter().flatten().any(|(_, rows)| rows.is_some());
        let groups = parts.iter().map(|parts| FileGroup::new(parts.iter().map(|part| self.partitioned(part)).collect())).collect();
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), self.source(session, with_pages)?);
        Ok(config.with_file_groups(groups).with_statistics(together))
    }

    /// How files are read: with the session's cache of footers, and of those of which rows are selected with the index of their pages.
    fn source(&self, session: &dyn Session, with_pages: bool) -> Result<Arc<ParquetSource>> {
        let mut global = session.config_options().execution.parquet.clone();
        // Our files have none, and looking for them takes its time.
        global.bloom_filter_on_read = false;
        let files = self.files(session, with_pages)?;
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(TableParquetOptions { global, ..Default::default() })
            .with_parquet_file_reader_factory(Arc::new(files));
        Ok(Arc::new(source))
    }

    fn files(&self, session: &dyn Session, with_pages: bool) -> Result<Files> {
        let runtime = session.runtime_env();
        let store = runtime.object_store(ObjectStoreUrl::local_filesystem())?;
        Ok(Files { store, footers: runtime.cache_manager.get_file_metadata_cache(), with_pages })
    }

    fn partitioned(&self, part: &Found<'_>) -> PartitionedFile {
        let file = PartitionedFile::new_from_meta(part.0.meta.clone()).with_statistics(Arc::new(self.known(part)));
        match &part.1 {
            Some(rows) => file.with_extension(rows.clone()),
            None => file,
        }
    }

    fn known(&self, (file, rows): &Found<'_>) -> Statistics {
        let known = file.stats.known(&self.schema, file.meta.size);
        match rows {
            Some(rows) => of_selected(known, rows.selection().row_count()),
            None => known,
        }
    }
}

/// The files, oldest first, in as many groups as may be read at once: by rows, where the log tells how many they are and it is not a handful that
/// was looked up.
fn parts<'f>(found: &[Found<'f>], partitions: usize) -> Vec<Vec<Found<'f>>> {
    let rows = |(file, rows): &Found<'_>| rows.as_ref().map_or_else(|| file.rows(), |rows| Some(rows.selection().row_count()));
    let known = found.iter().map(rows).collect::<Option<Vec<usize>>>();
    let is_handful = found.iter().all(|(_, rows)| rows.as_ref().is_some_and(|rows| rows.selection().row_count() <= found::MOST_ROWS));
    let Some(rows) = known.filter(|_| !is_handful) else {
        return found.chunks(found.len().div_ceil(partitions.max(1)).max(1)).map(<[_]>::to_vec).collect();
    };
    let one = |(at, range): (usize, Range<usize>)| (found[at].0, part(found[at].1.as_ref(), rows[at], &range));
    match shares(&rows, partitions) {
        none if none.is_empty() => vec![found.to_vec()],
        shares => shares.into_iter().map(|share| share.into_iter().map(one).collect()).collect(),
    }
}

/// What is known of a file, of some of its rows: nothing is exact, and they are as many. By how many rows there are the engine chooses which side
/// of a join it keeps in memory, and a hundred links out of millions shall not count as millions.
fn of_selected(known: Statistics, rows: usize) -> Statistics {
    let known = known.to_inexact();
    let all = known.num_rows.get_value().copied().unwrap_or(rows).max(1);
    let total_byte_size = match known.total_byte_size {
        Precision::Inexact(bytes) => Precision::Inexact(bytes / all * rows),
        other => other,
    };
    Statistics { num_rows: Precision::Inexact(rows), total_byte_size, ..known }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_rows_of_a_file_count_as_many_as_they_are() {
        let whole =
            Statistics { num_rows: Precision::Exact(1_000), total_byte_size: Precision::Exact(80_000), column_statistics: Vec::new() };
        let few = of_selected(whole, 5);
        assert_eq!((few.num_rows, few.total_byte_size), (Precision::Inexact(5), Precision::Inexact(400)));
    }
}
