//! Reading: the files that a Delta log names at a pinned version, scanned as plain Parquet.
//!
//! deltalake's own scan is not used: it publishes no order, has no codec for its plan and so cannot travel to another machine, and turns
//! things off for features that our tables do not have. A list of files and DataFusion's Parquet source need nothing of it.

use crate::table::{Place, Table};
use crate::{Error, stats::Stats};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, Statistics, exec_err, project_schema};
use datafusion::datasource::file_format::{FileFormat as _, parquet::ParquetFormat};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::{ExecutionPlan, empty::EmptyExec};
use deltalake_core::{DeltaTableError, kernel::LogicalFileView};
use object_store::ObjectMeta;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A table at the version a reader pinned. Its log is read once, by the first scan.
#[derive(Debug)]
pub(crate) struct Pinned {
    place: Arc<Place>,
    name: String,
    version: i64,
    files: OnceCell<Vec<DataFile>>,
}

impl Pinned {
    pub(crate) fn new(place: &Arc<Place>, name: &str, version: i64) -> Pinned {
        Pinned { place: Arc::clone(place), name: name.to_owned(), version, files: OnceCell::new() }
    }

    pub(crate) async fn open(&self) -> Result<Table, Error> {
        self.place.open(&self.name, self.version).await
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
}

impl DataFile {
    pub(crate) fn new(folder: &Path, view: &LogicalFileView) -> Result<DataFile, DeltaTableError> {
        let path = view.path().into_owned();
        let stats = view.stats().map(|stats| serde_json::from_str(&stats)).transpose()?.unwrap_or_default();
        let location = object_store::path::Path::from_absolute_path(folder.join(&path)).map_err(object_store::Error::from)?;
        let size = u64::try_from(view.size()).unwrap_or_default();
        let meta = ObjectMeta { location, last_modified: view.modification_datetime()?, size, e_tag: None, version: None };
        Ok(DataFile { path, size: view.size(), meta, stats: Arc::new(stats) })
    }
}

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
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = match &self.table {
            Some(table) => table.files().await.map_err(|fault| DataFusionError::External(Box::new(fault)))?,
            None => &[],
        };
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?)));
        }
        let (groups, statistics) = self.groups(files, session.config().target_partitions())?;
        let source = Arc::new(ParquetSource::new(Arc::clone(&self.schema)));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        let options = session.config_options().execution.parquet.clone();
        // The format adds the session's cache of file footers to the source.
        ParquetFormat::default()
            .with_options(datafusion::common::config::TableParquetOptions { global: options, ..Default::default() })
            .create_physical_plan(session, config)
            .await
    }
}

impl Scan {
    /// The files, oldest first, in as many groups as may be read at once.
    fn groups(&self, files: &[DataFile], partitions: usize) -> Result<(Vec<FileGroup>, Statistics)> {
        let known: Vec<_> = files.iter().map(|file| Arc::new(file.stats.known(&self.schema, file.meta.size))).collect();
        let together = Statistics::try_merge_iter(known.iter().map(Arc::as_ref), &self.schema)?;
        let Some(each) = std::num::NonZeroUsize::new(files.len().div_ceil(partitions.max(1))) else {
            return exec_err!("a scan without files");
        };
        let partitioned = |(file, known): (&DataFile, &Arc<Statistics>)| {
            PartitionedFile::new_from_meta(file.meta.clone()).with_statistics(Arc::clone(known))
        };
        let partitioned: Vec<_> = files.iter().zip(&known).map(partitioned).collect();
        Ok((partitioned.chunks(each.get()).map(|files| FileGroup::new(files.to_vec())).collect(), together))
    }
}
