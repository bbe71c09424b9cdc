//! Which data items were read, by whom and for what: measured from plans, so that data utilisation is nobody's report. It names items,
//! never persons. One JSON line a question; SQL sees a row an item.

use crate::{
    Error,
    journal::{Durability, Journal},
};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, cast::AsArray as _};
use arrow_schema::ArrowError;
use datafusion::arrow::compute::concat_batches;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use wuwei_schema::contract;

/// What one question read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Use {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub(crate) ts: i64,
    pub(crate) consumer: Option<String>,
    pub(crate) purpose: String,
    pub(crate) permitted: bool,
    pub(crate) rows_returned: u64,
    pub(crate) automated: bool,
    /// Whether it took most columns of a table: whoever takes all chose none.
    #[serde(default)]
    pub(crate) swept: bool,
    /// Items by resource.
    pub(crate) items: BTreeMap<String, BTreeSet<String>>,
}

/// The file of uses. It is a measure, not evidence, so a line lost to a crash is no harm and nothing waits for the disk.
#[derive(Debug, Clone)]
pub(crate) struct UseLog {
    journal: Arc<Journal>,
    known: Arc<Mutex<Option<Known>>>,
}

/// The uses that stood when they were asked for last. The file is only appended to, so these need not be read again; where it begins otherwise,
/// it is another.
#[derive(Debug)]
struct Known {
    first: Option<String>,
    bytes: u64,
    rows: RecordBatch,
}

/// Bytes of uses that are kept in memory; of more, all are read each time.
const KEPT_BYTES: usize = 64 << 20;

impl UseLog {
    pub(crate) fn open(folder: &Path) -> Result<UseLog, Error> {
        Ok(UseLog::of(Journal::open(folder.join("use_log.jsonl"), Durability::Relaxed)?))
    }

    /// The file in that folder as another process keeps it, for whoever only reads it.
    pub(crate) fn to_read(folder: &Path) -> UseLog {
        UseLog::of(Journal::to_read(folder.join("use_log.jsonl")))
    }

    fn of(journal: Journal) -> UseLog {
        UseLog { journal: Arc::new(journal), known: Arc::default() }
    }

    pub(crate) fn append(&self, used: &Use) -> Result<(), Error> {
        let line = serde_json::to_string(used).map_err(|_| Error::Engine { detail: "a use cannot be written" })?;
        self.journal.append(|_| Ok(line + "\n"))
    }

    /// Every use, one row an item. A line that is none is passed over.
    pub(crate) fn rows(&self) -> Result<RecordBatch, Error> {
        // Whoever waits here looks at the file afterwards, and so never finds less in it than is known.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let stood = self.journal.stand()?;
        let before = known.take().filter(|known| known.first == stood.first && known.bytes <= stood.bytes);
        let (from, before) = before.map_or((0, None), |known| (known.bytes, Some(known.rows)));
        let (first, bytes) = (stood.first.clone(), stood.bytes);
        let mut uses = Vec::new();
        for line in self.journal.lines_of(stood, from)? {
            uses.extend(serde_json::from_str::<Use>(&line?).ok());
        }
        let rows = match before {
            Some(before) if uses.is_empty() => before,
            before => {
                concat_batches(&contract::use_log(), &before.into_iter().chain([each_item(&uses)?]).collect::<Vec<_>>()).map_err(unfit)?
            }
        };
        if rows.get_array_memory_size() <= KEPT_BYTES {
            *known = Some(Known { first, bytes, rows: rows.clone() });
        }
        Ok(rows)
    }
}

/// One row an item.
fn each_item(uses: &[Use]) -> Result<RecordBatch, Error> {
    let each = |used: &Use| used.items.values().map(BTreeSet::len).sum::<usize>();
    let all: Vec<&Use> = uses.iter().flat_map(|used| std::iter::repeat_n(used, each(used))).collect();
    let items = || uses.iter().flat_map(|used| &used.items).flat_map(|(rid, items)| items.iter().map(move |item| (rid, item)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(TimestampMillisecondArray::from_iter_values(all.iter().map(|used| used.ts))),
        Arc::new(all.iter().map(|used| used.consumer.as_deref()).collect::<StringArray>()),
        Arc::new(items().map(|(rid, _)| Some(rid)).collect::<StringArray>()),
        Arc::new(items().map(|(_, item)| Some(item)).collect::<StringArray>()),
        Arc::new(StringArray::from_iter_values(all.iter().map(|used| &used.purpose))),
        Arc::new(BooleanArray::from_iter(all.iter().map(|used| Some(used.permitted)))),
        Arc::new(Int64Array::from_iter_values(all.iter().map(|used| i64::try_from(used.rows_returned).unwrap_or(i64::MAX)))),
        Arc::new(BooleanArray::from_iter(all.iter().map(|used| Some(used.automated)))),
        Arc::new(BooleanArray::from_iter(all.iter().map(|used| Some(used.swept)))),
    ];
    RecordBatch::try_new(contract::use_log(), columns).map_err(unfit)
}

fn unfit(_: ArrowError) -> Error {
    Error::Engine { detail: "uses do not fit" }
}

/// The catalogue's data items, found by what a plan reads.
#[derive(Debug, Default)]
pub(crate) struct Items {
    /// By `<entity>.<property>` for what was mapped, and by `<rid>.<item>` for raw columns: (rid, item).
    mapped: BTreeMap<String, Vec<(String, String)>>,
    raw: BTreeSet<(String, String)>,
}

impl Items {
    /// The items of `contract.item`.
    pub(crate) fn of(batches: &[RecordBatch]) -> Items {
        let mut items = Items::default();
        for batch in batches {
            let [rid, item, entity, property] = [0, 1, 2, 3].map(|at| batch.column(at).as_string::<i32>());
            for row in 0..batch.num_rows() {
                let found = (rid.value(row).to_owned(), item.value(row).to_owned());
                if !entity.value(row).is_empty() {
                    items.mapped.entry(format!("{}.{}", entity.value(row), property.value(row))).or_default().push(found.clone());
                }
                items.raw.insert(found);
            }
        }
        items
    }

    /// The items behind columns like `record.person.phone` or `raw.ga_hjrk.XM`, by resource.
    pub(crate) fn behind(&self, columns: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
        let mut behind: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut add = |(rid, item): &(String, String)| {
            behind.entry(rid.clone()).or_default().insert(item.clone());
        };
        for column in columns {
            match column.split_once('.') {
                Some(("record" | "entity", property)) => self.mapped.get(property).into_iter().flatten().for_each(&mut add),
                Some(("raw", rest)) => {
                    let item = rest.split_once('.').map(|(rid, item)| (rid.to_owned(), item.to_owned()));
                    item.iter().filter(|item| self.raw.contains(item)).for_each(&mut add);
                }
                _ => {}
            }
        }
        behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(ts: i64, item: &str) -> Use {
        let items = [("ga_hjrk".to_owned(), [item.to_owned()].into())].into();
        let (consumer, purpose) = (Some("mz".to_owned()), "数据治理".to_owned());
        Use { ts, consumer, purpose, permitted: true, rows_returned: 1, automated: false, swept: false, items }
    }

    fn items(log: &UseLog) -> Vec<String> {
        log.rows().unwrap().column(3).as_string::<i32>().iter().flatten().map(str::to_owned).collect()
    }

    #[test]
    fn what_came_since_is_added_and_another_file_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let log = UseLog::open(folder.path()).unwrap();
        let reader = UseLog::to_read(folder.path());
        assert!(items(&reader).is_empty());
        for (at, item) in [(1, "XM"), (2, "SFZH"), (3, "XB")] {
            log.append(&used(at, item)).unwrap();
            assert_eq!(items(&reader).last().map(String::as_str), Some(item));
        }
        assert_eq!((items(&reader), items(&log)), (["XM", "SFZH", "XB"].map(str::to_owned).to_vec(), items(&reader)));
        std::fs::remove_file(folder.path().join("use_log.jsonl")).unwrap();
        UseLog::open(folder.path()).unwrap().append(&used(9, "CSRQ")).unwrap();
        assert_eq!(items(&reader), ["CSRQ"], "what was read of the file before is forgotten");
    }
}
