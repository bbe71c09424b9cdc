//! How much one question may take, and the engine's resources that hold it to that. The memory pool is no limit on the process (strings
//! and hash tables are not all charged to it); what runs away is a matter for a process of its own.

use crate::{Error, error, memory::SharedPool};
use datafusion::execution::{
    cache::cache_manager::{CacheManager, CacheManagerConfig, FileMetadataCache},
    disk_manager::{DiskManagerBuilder, DiskManagerMode},
    runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
};
use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// How much one question may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Time to plan, and again to run.
    pub time: Duration,
    /// Rows of an answer. One more is an error: an answer is never cut in silence.
    pub rows: usize,
    /// Bytes of working memory; what sorts and aggregates need beyond it is spilled to disk. An answer may not be larger either.
    pub memory_bytes: usize,
    /// Bytes that may be spilled.
    pub spill_bytes: u64,
    /// Folder for what is spilled; the system's temporary one when `None`.
    pub spill: Option<PathBuf>,
}

/// Bytes of footers and page indexes of data files that are kept.
const FOOTER_BYTES: usize = 256 << 20;

/// What data files say of themselves, kept for all sessions before one epoch: read anew for each question it would cost more than many a
/// question. It tells nothing that an answer tells.
#[derive(Clone)]
pub(crate) struct Footers(Option<Arc<FileMetadataCache>>);

impl Default for Footers {
    fn default() -> Footers {
        let manager = CacheManager::try_new(&CacheManagerConfig::default().with_metadata_cache_limit(FOOTER_BYTES));
        // Without it each session keeps its own.
        Footers(manager.ok().map(|manager| manager.get_file_metadata_cache()))
    }
}

impl fmt::Debug for Footers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Footers").finish_non_exhaustive()
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(120), rows: 1_000_000, memory_bytes: 2 << 30, spill_bytes: 32 << 30, spill: None }
    }
}

impl Limits {
    pub(crate) fn runtime(&self, footers: &Footers) -> Result<Arc<RuntimeEnv>, Error> {
        let mode = match &self.spill {
            Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
            None => DiskManagerMode::OsTmpDirectory,
        };
        let disk = DiskManagerBuilder::default().with_mode(mode).with_max_temp_directory_size(self.spill_bytes);
        let pool = Arc::new(SharedPool::new(self.memory_bytes));
        let caches = CacheManagerConfig::default().with_metadata_cache_limit(FOOTER_BYTES).with_file_metadata_cache(footers.0.clone());
        let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).with_disk_manager_builder(disk).with_cache_manager(caches);
        let runtime = runtime.build_arc();
        runtime.map_err(|error| error::running(&error))
    }

    /// What a question says that needs more memory than it may have, though no pool knew of it.
    pub fn too_greedy(&self) -> Error {
        Error::Limit {
            limit: format!("{} MiB of memory", self.memory_bytes >> 20),
            hint: "filter or aggregate before joining and sorting, and make no long texts or lists",
        }
    }

    /// What a question says that is nested deeper than it can be planned.
    pub fn too_deep() -> Error {
        Error::Limit { limit: "depth of a plan".to_owned(), hint: "write it flatter: IN lists, fewer subqueries, several questions" }
    }

    pub(crate) fn too_slow(&self) -> Error {
        Error::Limit { limit: format!("{} seconds", self.time.as_secs_f64()), hint: "filter or aggregate before joining and sorting" }
    }

    pub(crate) fn too_many(&self) -> Error {
        Error::Limit { limit: format!("{} rows", self.rows), hint: "aggregate, filter, or add LIMIT" }
    }

    pub(crate) fn too_large(&self) -> Error {
        Error::Limit { limit: format!("{} bytes", self.memory_bytes), hint: "ask for fewer columns or rows" }
    }
}
