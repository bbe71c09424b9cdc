//! Reading the bytes of data files: those of this machine at once, on the thread that asks. To hand each of a file's reads to a thread that may
//! wait costs more than the read where the system has the bytes in memory, which it nearly always has; a question over forty files of some
//! hundred rows took twice as long. What a file says of itself is read once and kept by the session.
//!
//! Of files of which rows are selected the index of pages comes with the footer, or each selected row would be a column of a row group read and
//! unpacked: the engine asks for it only where a filter may leave pages out, of at most twenty values whatever `max_in_list_size` says, and then
//! reads it anew for each question.

use bytes::Bytes;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{ParquetFileReaderFactory, parquet::metadata::DFParquetMetadata};
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use futures::{FutureExt as _, TryFutureExt as _, future::BoxFuture};
use object_store::{ObjectMeta, ObjectStore, local::LocalFileSystem};
use parquet::arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader};
use parquet::errors::{ParquetError, Result as Read};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use std::{
    fmt,
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    sync::Arc,
};

/// Opens files of this machine.
#[derive(Clone)]
pub(crate) struct Files {
    /// By which footers are read.
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) footers: Arc<FileMetadataCache>,
    /// Whether the index of their pages comes with them.
    pub(crate) with_pages: bool,
}

impl ParquetFileReaderFactory for Files {
    fn create_reader(
        &self,
        _: usize,
        file: PartitionedFile,
        hint: Option<usize>,
        _: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        Ok(Box::new(Reader { files: self.clone(), hint, file, open: None }))
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Files").field("with_pages", &self.with_pages).finish_non_exhaustive()
    }
}

/// What a file says of itself, read once and kept; with the index of its pages where all files are read so, else where `pages` wants it.
pub(crate) async fn footer(
    files: &Files,
    file: &ObjectMeta,
    hint: Option<usize>,
    pages: Option<PageIndexPolicy>,
) -> Result<Arc<ParquetMetaData>> {
    let pages = if files.with_pages { Some(PageIndexPolicy::Optional) } else { pages };
    let footer = DFParquetMetadata::new(&files.store, file).with_metadata_size_hint(hint);
    footer.with_file_metadata_cache(Some(Arc::clone(&files.footers))).with_page_index_policy(pages).fetch_metadata().await
}

struct Reader {
    files: Files,
    hint: Option<usize>,
    file: PartitionedFile,
    /// From the first read on.
    open: Option<File>,
}

impl Reader {
    fn read(&mut self, range: Range<u64>) -> Read<Bytes> {
        let location = &self.file.object_meta.location;
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let path = LocalFileSystem::new().path_to_filesystem(location).map_err(|fault| ParquetError::External(Box::new(fault)))?;
                self.open.insert(File::open(path)?)
            }
        };
        let length = range.end.saturating_sub(range.start);
        let mut bytes = Vec::with_capacity(usize::try_from(length)?);
        open.seek(SeekFrom::Start(range.start))?;
        open.take(length).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == length {
            return Ok(bytes.into());
        }
        Err(ParquetError::EOF(format!("{location} ends before byte {}", range.end)))
    }
}

impl AsyncFileReader for Reader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Read<Bytes>> {
        let read = self.read(range);
        async { read }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Read<Vec<Bytes>>> {
        let read = ranges.into_iter().map(|range| self.read(range)).collect();
        async { read }.boxed()
    }

    fn get_metadata<'a>(&'a mut self, options: Option<&'a ArrowReaderOptions>) -> BoxFuture<'a, Read<Arc<ParquetMetaData>>> {
        let pages = options.map(ArrowReaderOptions::column_index_policy);
        let footer = async move { footer(&self.files, &self.file.object_meta, self.hint, pages).await };
        footer.map_err(|fault| ParquetError::External(Box::new(fault))).boxed()
    }
}
