//! The lake: Delta tables on disk, published together as one epoch, and read back at the epoch a reader pinned.
//!
//! Delta makes a commit to *one* table atomic. A load touches many tables, and an index besides, so one small manifest (`epoch.json`)
//! says which version of each table counts; replacing it is the only moment at which anything becomes visible ([`Epoch`]). Writing is a
//! [`Publisher`]'s, of which there is one at a time; reading is a [`Lake`]'s, which never sees what has not been published.
//!
//! This is the only room that knows Delta. What a table means, who may see it and why is no concern of it, and must not become one.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod commit;
mod encoder;
mod epoch;
mod error;
mod finder;
mod found;
mod narrow;
mod provider;
mod publisher;
mod reader;
mod recovery;
mod rising;
mod share;
mod small;
mod standing;
mod stats;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use commit::Commit;
pub use encoder::memory;
pub use epoch::Epoch;
pub use error::{Error, is_full};
pub use found::LOOKED_UP;
pub use provider::viewed;
pub use publisher::Publisher;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use provider::{Pinned, Scan};
use standing::{Retired, Standing};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use table::Place;

/// The table whose ranges of numbers retire rows of others.
const RETIRED: &str = "record.retired";

/// All tables as they were at one epoch. It stays at that epoch however much is published meanwhile; open another to see more.
///
/// The data files of an epoch are kept while it is the present one or the one before, so a reader must be opened anew before a second
/// publication that replaces tables.
#[derive(Debug)]
pub struct Lake {
    root: PathBuf,
    epoch: Epoch,
    tables: BTreeMap<String, Arc<Pinned>>,
    /// What `record.retired` retires, read when first needed.
    retired: Arc<Retired>,
}

impl Lake {
    /// Pins the present epoch of the lake in the folder `root`; epoch 0, without tables, where nothing was published yet. Writes nothing.
    ///
    /// # Errors
    /// [`Error::Manifest`] when `epoch.json` is there and cannot be understood, [`Error::File`] when it cannot be read, [`Error::Form`] when
    /// another version of the program made the tables.
    pub async fn open(root: &Path) -> Result<Lake, Error> {
        let root = root.to_owned();
        let opened = move || {
            let Some(epoch) = Epoch::read(&root)? else { return Ok(Lake::at(root, Epoch::default(), BTreeMap::new())) };
            Lake::pinned(root, epoch)
        };
        store::blocking(opened).await
    }

    /// Pins an epoch that another reader of this lake pinned, for a process that answers beside it. Writes nothing.
    ///
    /// # Errors
    /// [`Error::Form`] when another version of the program made the tables.
    pub fn open_at(root: &Path, epoch: Epoch) -> Result<Lake, Error> {
        if epoch.number == 0 {
            return Ok(Lake::at(root.to_owned(), epoch, BTreeMap::new()));
        }
        Lake::pinned(root.to_owned(), epoch)
    }

    fn pinned(root: PathBuf, epoch: Epoch) -> Result<Lake, Error> {
        epoch.check_form(&root)?;
        let place = Arc::new(Place::new(&root)?);
        let pin = |(name, version): (&String, &i64)| (name.clone(), Arc::new(Pinned::new(&place, name, *version)));
        let tables = epoch.tables.iter().map(pin).collect();
        Ok(Lake::at(root, epoch, tables))
    }

    fn at(root: PathBuf, epoch: Epoch, tables: BTreeMap<String, Arc<Pinned>>) -> Lake {
        let ranges = ["first_record", "last_record"].map(|name| Field::new(name, DataType::Int64, false));
        let retired = Retired::new(tables.get(RETIRED).map(Arc::clone), Arc::new(Schema::new(ranges.to_vec())));
        Lake { root, epoch, tables, retired: Arc::new(retired) }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The epoch this reader sees.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Names of the tables that have a version in this epoch, in order: `record.person`.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// The rows of a table in this epoch, under the schema of its contract: columns are found by name, one that a file lacks is NULL, one
    /// that the contract lacks is not shown. A table without a version is empty. The log is read at the first scan.
    ///
    /// # Errors
    /// [`Error::Name`] when `table` is not of the form `namespace.name`.
    pub fn provider(&self, table: &str, schema: SchemaRef) -> Result<Arc<dyn TableProvider>, Error> {
        table::check_name(table)?;
        Ok(Arc::new(Scan::new(self.tables.get(table).map(Arc::clone), schema)))
    }

    /// As [`Lake::provider`], without the rows whose number, in `column`, lies in a range `first_record` to `last_record` of
    /// `record.retired`: they stand no more.
    ///
    /// # Errors
    /// As [`Lake::provider`]; [`Error::Schema`] when there is no such column.
    pub fn standing(&self, table: &str, schema: SchemaRef, column: &str) -> Result<Arc<dyn TableProvider>, Error> {
        table::check_name(table)?;
        let number = schema.index_of(column).map_err(|_| Error::schema(table, "there is no column of numbers"))?;
        let scan = Scan::new(self.tables.get(table).map(Arc::clone), schema);
        Ok(Arc::new(Standing::new(scan, number, Arc::clone(&self.retired))))
    }

    /// Whether a file was loaded: whether `table`, the one its load committed last, names the batch in this epoch.
    ///
    /// # Errors
    /// [`Error::Delta`] when the table's log cannot be read.
    pub async fn holds(&self, table: &str, batch: &str) -> Result<bool, Error> {
        match self.tables.get(table) {
            Some(table) => table.open().await?.holds(batch).await,
            None => Ok(false),
        }
    }

    /// Becomes the one writer: takes `publisher.lock`, reads the epoch as it is now, and removes what a crash left unpublished. `at_ms` is
    /// the time that goes into the logs, in milliseconds since 1970-01-01 UTC.
    ///
    /// # Errors
    /// [`Error::Busy`] while another publisher lives, in this process or in another; [`Error::Lost`] when there are tables and no manifest.
    pub async fn publisher(&self, at_ms: i64) -> Result<Publisher, Error> {
        Publisher::open(self.root.clone(), at_ms).await
    }
}
