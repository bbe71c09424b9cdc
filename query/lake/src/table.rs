//! One Delta table: where it lies, how it is opened at a version, which actions make or change it. What is pinned is not known here.

use crate::{Error, provider::DataFile, small::Room, store::Durable};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake_core::kernel::{Action, Metadata, MetadataExt as _, Protocol, StructField, StructType, new_metadata};
use deltalake_core::logstore::LogStoreRef;
use deltalake_core::protocol::DeltaOperation;
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use futures::TryStreamExt as _;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;
use url::Url;

/// Logs that are read at once, by whoever asks. Delta's kernel holds a thread that may block while it waits for reads which need such a thread
/// themselves: with as many logs as there are threads, all wait for ever.
static OPENING: Semaphore = Semaphore::const_new(2);

/// Where the lake lies. Tables are addressed from its root, by store and by URL alike: what its own path looks like (blanks, percent signs)
/// is then nobody's concern, and a bucket would be addressed the same way. Lock, manifest and recovery use the file system.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    pub(crate) store: Arc<Durable>,
    /// For the rows of small tables.
    pub(crate) room: Room,
}

impl Place {
    /// The folder `root`, which must be there.
    pub(crate) fn new(root: &Path) -> Result<Place, Error> {
        let root = root.canonicalize().map_err(Error::file(root))?;
        let store = Durable::new(&root).map_err(|fault| Error::file(&root)(std::io::Error::other(fault)))?;
        Ok(Place { root, store: Arc::new(store), room: Room::default() })
    }

    /// `<root>/tables/<namespace>/<name>`.
    pub(crate) fn folder(&self, table: &str) -> PathBuf {
        self.root.join(relative(table))
    }

    /// The table as it was at a version.
    pub(crate) async fn open(&self, name: &str, version: i64) -> Result<Table, Error> {
        let version = u64::try_from(version).map_err(|_| Error::schema(name, "the manifest names a negative version"))?;
        let mut table = self.absent(name)?;
        // It is never closed.
        let _place = OPENING.acquire().await;
        table.delta.load_version(version).await.map_err(|fault| Error::delta(name, fault))?;
        Ok(table)
    }

    /// The table before its first version.
    pub(crate) fn absent(&self, name: &str) -> Result<Table, Error> {
        // What the store is addressed by; the scheme is the one by which deltalake knows a store that begins at its own root.
        let url = Url::parse(&format!("memory:///{}/", relative(name))).map_err(|fault| Error::schema(name, fault.to_string()))?;
        let store = Arc::<Durable>::clone(&self.store);
        let builder = DeltaTableBuilder::from_url(url.clone()).map(|builder| builder.with_storage_backend(store, url));
        let delta = builder.and_then(DeltaTableBuilder::build).map_err(|fault| Error::delta(name, fault))?;
        Ok(Table { name: name.to_owned(), folder: self.folder(name), delta })
    }
}

/// A table's folder, from the lake's root.
pub(crate) fn relative(table: &str) -> String {
    format!("tables/{}", table.replace('.', "/"))
}

/// `namespace.name`, in ASCII letters, digits and `_`: it becomes a folder, and Delta's kernel reads names that need percent-encoding amiss.
pub(crate) fn check_name(table: &str) -> Result<(), Error> {
    let sound = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    match table.split_once('.') {
        Some((namespace, name)) if sound(namespace) && sound(name) => Ok(()),
        _ => Err(Error::Name { table: table.to_owned() }),
    }
}

/// A table at a version, or before its first.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    folder: PathBuf,
    delta: DeltaTable,
}

impl Table {
    /// The version, none before the first.
    pub(crate) fn version(&self) -> Option<i64> {
        self.delta.version().and_then(|version| i64::try_from(version).ok())
    }

    fn state(&self) -> Option<&DeltaTableState> {
        self.delta.state.as_ref()
    }

    /// The data files that make up this version, oldest first.
    pub(crate) fn files(&self) -> Result<Vec<DataFile>, Error> {
        let views = self.state().map(|state| state.log_data().iter().collect::<Vec<_>>()).unwrap_or_default();
        let files = views.iter().map(|view| DataFile::new(&self.folder, view).map_err(|fault| Error::delta(&self.name, fault)));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(files)
    }

    /// Paths of the data files of every version that was current at that time or later.
    pub(crate) async fn paths_since(&self, at_ms: i64) -> Result<BTreeSet<String>, Error> {
        let mut paths: BTreeSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        let Some(state) = self.state() else { return Ok(paths) };
        let log = self.delta.log_store();
        let mut removed = state.all_tombstones(&log);
        while let Some(file) = removed.try_next().await.map_err(|fault| Error::delta(&self.name, fault))? {
            if file.deletion_timestamp().is_some_and(|removed| removed >= at_ms) {
                paths.insert(file.path().into_owned());
            }
        }
        Ok(paths)
    }

    /// Whether a commit up to this version named the batch as its transaction.
    pub(crate) async fn holds(&self, batch: &str) -> Result<bool, Error> {
        let Some(state) = self.state() else { return Ok(false) };
        let found = state.transaction_version(&self.delta.log_store(), batch).await;
        found.map(|version| version.is_some()).map_err(|fault| Error::delta(&self.name, fault))
    }

    /// The actions that make the table: the protocol that every Delta reader knows, name, description and schema.
    pub(crate) fn creation(&self, schema: &Schema, at_ms: i64) -> Result<Vec<Action>, Error> {
        let fields = self.fields(schema)?;
        let made = || {
            let protocol: Protocol = serde_json::from_value(json!({ "minReaderVersion": 1, "minWriterVersion": 2 }))?;
            // Its own identifier is random; its time is ours, so that no clock is read here.
            let mut metadata = serde_json::to_value(new_metadata(&fields, [""; 0], [("", ""); 0])?)?;
            metadata["name"] = json!(self.name);
            metadata["description"] = json!(schema.metadata().get("comment_zh"));
            metadata["createdTime"] = json!(at_ms);
            let metadata: Metadata = serde_json::from_value(metadata)?;
            Ok(vec![Action::Protocol(protocol), Action::Metadata(metadata)])
        };
        made().map_err(|fault: deltalake_core::DeltaTableError| Error::delta(&self.name, fault))
    }

    /// The action that gives the table the columns of `schema`, none when it has them. Columns that rows already written lack, or that rows
    /// to come will lack, are such as may be empty; with `replace` no row written before stays.
    pub(crate) fn change(&self, schema: &Schema, replace: bool) -> Result<Option<Action>, Error> {
        let Some(state) = self.state() else { return Ok(None) };
        let (before, wanted) = (state.schema(), self.fields(schema)?);
        let after = if replace { wanted } else { self.merge(&before, &wanted)? };
        if after == *before {
            return Ok(None);
        }
        let metadata = state.metadata().clone().with_schema(&after).map_err(|fault| Error::delta(&self.name, fault))?;
        Ok(Some(Action::Metadata(metadata)))
    }

    fn merge(&self, before: &StructType, wanted: &StructType) -> Result<StructType, Error> {
        let nullable = |field: &StructField, nullable| {
            let metadata = field.metadata().iter().map(|(key, value)| (key.clone(), value.clone()));
            StructField::new(field.name(), field.data_type().clone(), nullable).with_metadata(metadata)
        };
        let mut fields = Vec::new();
        for field in wanted.fields() {
            let known = before.field(field.name());
            if known.is_some_and(|known| known.data_type() != field.data_type()) {
                return Err(Error::schema(&self.name, format!("column `{}` has another type than before", field.name())));
            }
            if known.is_none() && !field.is_nullable() {
                return Err(Error::schema(&self.name, format!("column `{}` is new and may not be empty", field.name())));
            }
            fields.push(nullable(field, field.is_nullable() || known.is_none_or(StructField::is_nullable)));
        }
        fields.extend(before.fields().filter(|known| !wanted.contains(known.name())).map(|known| nullable(known, true)));
        StructType::try_new(fields).map_err(|fault| Error::schema(&self.name, fault.to_string()))
    }

    fn fields(&self, schema: &Schema) -> Result<StructType, Error> {
        (&stored_schema(schema)).try_into_kernel().map_err(|fault| Error::schema(&self.name, fault.to_string()))
    }

    /// Writes the next version. There is one publisher, so that nobody can have written it before; if somebody did, that is an error and
    /// not retried. What deltalake does after a commit by itself is turned off: a checkpoint above the pinned version would survive its
    /// rolling back, and logs are kept for readers that pinned an older version.
    pub(crate) async fn commit(&mut self, actions: Vec<Action>, operation: DeltaOperation, at_ms: i64) -> Result<(), Error> {
        let mut info = operation.get_commit_info();
        info.timestamp = Some(at_ms);
        let actions = std::iter::once(Action::CommitInfo(info)).chain(actions).collect();
        let properties =
            CommitProperties::default().with_max_retries(0).with_create_checkpoint(false).with_cleanup_expired_logs(Some(false));
        let log: LogStoreRef = self.delta.log_store();
        let before = self.state().map(|state| state as &dyn TableReference);
        let committed = CommitBuilder::from(properties).with_actions(actions).build(before, log, operation).await;
        self.delta.state = Some(committed.map_err(|fault| Error::delta(&self.name, fault))?.snapshot());
        Ok(())
    }

    /// Writes the state of this version in one file beside the log, so that later readers need not read the log from its beginning.
    pub(crate) async fn checkpoint(&self) -> Result<(), Error> {
        deltalake_core::checkpoints::create_checkpoint(&self.delta, None).await.map_err(|fault| Error::delta(&self.name, fault))
    }
}

/// The schema as it is stored. Delta knows times in microseconds only, and the contract's are in UTC; `comment` is where other programs
/// look for a column's comment.
pub(crate) fn stored_schema(schema: &Schema) -> Schema {
    let fields = schema.fields().iter().map(|field| {
        let mut metadata = field.metadata().clone();
        if let Some(zh) = metadata.get("comment_zh").cloned() {
            metadata.entry("comment".to_owned()).or_insert(zh);
        }
        Field::new(field.name(), stored_type(field.data_type()), field.is_nullable()).with_metadata(metadata)
    });
    Schema::new(fields.collect::<Vec<_>>())
}

fn stored_type(contract: &DataType) -> DataType {
    match contract {
        DataType::Timestamp(_, _) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        other => other.clone(),
    }
}

/// Whether two batches may go into one file.
pub(crate) fn same_columns(left: &SchemaRef, right: &SchemaRef) -> bool {
    let column = |field: &Arc<Field>| (field.name().clone(), field.data_type().clone());
    Arc::ptr_eq(left, right) || left.fields().iter().map(column).eq(right.fields().iter().map(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_s_name_is_a_plain_folder() {
        for name in ["record.person", "raw.ga_hjrk"] {
            check_name(name).unwrap();
        }
        for name in ["person", "a.b.c", "../a.b", "a.", ".b", "a.b/c", "raw.常住人口", ""] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
