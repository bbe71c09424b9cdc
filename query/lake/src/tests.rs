//! The promises of the lake, tried through its public face.

mod logs;
mod narrow;
mod small;

use crate::publisher::KEPT_MS;
use crate::{Commit, Epoch, Error, Lake, Publisher};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::prelude::SessionContext;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const PERSON: &str = "record.person";
const VEHICLE: &str = "record.vehicle";
const DELIVERY: &str = "contract.delivery";

/// A lake in a folder whose name has a blank, a percent sign and Chinese in it.
struct Place {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place { root: folder.path().join("数据 a%20b"), _folder: folder }
    }

    async fn lake(&self) -> Lake {
        Lake::open(&self.root).await.unwrap()
    }

    async fn publisher(&self) -> Publisher {
        self.publisher_at(0).await
    }

    /// The publisher so many milliseconds later.
    async fn publisher_at(&self, later: i64) -> Publisher {
        self.lake().await.publisher(1_700_000_000_000 + later).await.unwrap()
    }
}

fn schema() -> SchemaRef {
    let comment = [("comment_zh".to_owned(), "姓名".to_owned()), ("comment_en".to_owned(), "Name".to_owned())];
    Arc::new(Schema::new(vec![
        Field::new("record_id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, true).with_metadata(comment.into()),
        Field::new("received", DataType::Timestamp(TimeUnit::Millisecond, None), true),
    ]))
}

fn rows(ids: impl IntoIterator<Item = i64>) -> RecordBatch {
    let ids: Vec<i64> = ids.into_iter().collect();
    let names = ids.iter().map(|id| (id % 3 != 0).then(|| format!("甲{id}")));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(ids.clone())),
        Arc::new(StringArray::from_iter(names)),
        Arc::new(TimestampMillisecondArray::from_iter_values(ids.iter().map(|id| id * 86_400_001))),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

/// One file's load: rows in two tables, the delivery last.
async fn load(publisher: &mut Publisher, batch: &str, ids: std::ops::Range<i64>) -> Result<(), Error> {
    publisher.write(PERSON, &rows(ids.clone())).await?;
    publisher.write(VEHICLE, &rows(ids.clone())).await?;
    publisher.write(DELIVERY, &rows(ids.start..ids.start + 1)).await?;
    publisher.commit(Commit::Append { batch: batch.to_owned() }, DELIVERY).await
}

async fn replace(publisher: &mut Publisher, ids: std::ops::Range<i64>) {
    publisher.write(PERSON, &rows(ids)).await.unwrap();
    publisher.commit(Commit::Replace { tables: vec![(PERSON.to_owned(), schema())] }, PERSON).await.unwrap();
}

async fn query(lake: &Lake, table: &str, schema: SchemaRef, sql: &str) -> Vec<RecordBatch> {
    let session = SessionContext::new();
    session.register_table("t", lake.provider(table, schema).unwrap()).unwrap();
    session.sql(sql).await.unwrap().collect().await.unwrap()
}

/// The record numbers in a table, sorted: each row as often as it is there.
async fn ids(lake: &Lake, table: &str) -> Vec<i64> {
    let batches = query(lake, table, schema(), "SELECT record_id FROM t ORDER BY record_id").await;
    batches.iter().flat_map(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec()).collect()
}

async fn number(lake: &Lake, sql: &str) -> i64 {
    query(lake, PERSON, schema(), sql).await[0].column(0).as_any().downcast_ref::<Int64Array>().unwrap().value(0)
}

fn files(root: &Path, table: &str) -> usize {
    let named = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    std::fs::read_dir(root.join("tables").join(table.replace('.', "/"))).unwrap().map(named).filter(|name| name != "_delta_log").count()
}

#[tokio::test]
async fn rows_written_come_back_as_their_contract_has_them() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    publisher.write(PERSON, &rows(0..5)).await.unwrap();
    publisher.write(PERSON, &rows(5..9)).await.unwrap();
    publisher.write(DELIVERY, &rows(0..1)).await.unwrap();
    publisher.commit(Commit::Append { batch: "a".to_owned() }, DELIVERY).await.unwrap();
    assert!(place.lake().await.tables().next().is_none(), "nothing is visible before it is published");
    let epoch = publisher.publish(|epoch| epoch.next_record = 9).await.unwrap();
    assert_eq!((epoch.number, epoch.next_record), (1, 9));
    let lake = place.lake().await;
    assert_eq!(lake.epoch(), &epoch);
    assert_eq!(lake.tables().collect::<Vec<_>>(), [DELIVERY, PERSON]);
    let read = query(&lake, PERSON, schema(), "SELECT * FROM t ORDER BY record_id").await;
    assert_eq!(arrow_select::concat::concat_batches(&schema(), &read).unwrap(), rows(0..9));
}

#[tokio::test]
async fn filters_projections_limits_and_statistics_answer_rightly() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    for (batch, from) in [("a", 0), ("b", 10_000), ("c", 20_000)] {
        load(&mut publisher, batch, from..from + 10_000).await.unwrap();
    }
    publisher.publish(|_| ()).await.unwrap();
    let lake = place.lake().await;
    assert_eq!(number(&lake, "SELECT count(*) FROM t").await, 30_000);
    assert_eq!(number(&lake, "SELECT max(record_id) FROM t").await, 29_999);
    assert_eq!(number(&lake, "SELECT count(name) FROM t").await, 20_000);
    assert_eq!(number(&lake, "SELECT record_id FROM t WHERE name = '甲10004'").await, 10_004);
    assert_eq!(number(&lake, "SELECT count(*) FROM t WHERE record_id BETWEEN 9999 AND 10000").await, 2);
    assert_eq!(number(&lake, "SELECT count(*) FROM t WHERE received >= TIMESTAMP '1970-10-01'").await, 29_727);
    assert_eq!(number(&lake, "SELECT count(*) FROM (SELECT name FROM t LIMIT 7)").await, 7);
    let plan = query(&lake, PERSON, schema(), "EXPLAIN ANALYZE SELECT name FROM t WHERE record_id = 15000").await;
    let plan = format!("{:?}", plan[0].column(1));
    assert!(plan.contains("files_ranges_pruned_statistics=3 total → 1 matched"), "two of three files are not opened: {plan}");
}

#[tokio::test]
async fn a_table_without_a_version_is_empty() {
    let place = Place::new();
    let lake = place.lake().await;
    assert_eq!(number(&lake, "SELECT count(*) FROM t").await, 0);
    assert!(!place.root.exists(), "reading makes no folder");
    assert!(!lake.holds(DELIVERY, "a").await.unwrap());
    assert!(lake.provider("../etc.x", schema()).is_err());
}

#[tokio::test]
async fn the_same_file_is_loaded_once() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    assert!(publisher.holds(DELIVERY, "a").await.unwrap());
    assert!(matches!(load(&mut publisher, "a", 0..10).await, Err(Error::Repeated { .. })), "within one publication");
    load(&mut publisher, "b", 10..20).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let mut publisher = place.publisher().await;
    assert!(matches!(load(&mut publisher, "b", 10..20).await, Err(Error::Repeated { .. })), "in a later one");
    publisher.publish(|_| ()).await.unwrap();
    let lake = place.lake().await;
    assert!(lake.holds(DELIVERY, "a").await.unwrap() && !lake.holds(DELIVERY, "c").await.unwrap());
    assert_eq!(ids(&lake, PERSON).await, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_load_that_fails_half_way_is_discarded_and_the_next_one_counts() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    publisher.write(PERSON, &rows(10..20)).await.unwrap();
    let wrong = RecordBatch::try_from_iter([("record_id", Arc::new(StringArray::from(vec!["x"])) as ArrayRef)]).unwrap();
    assert!(matches!(publisher.write(PERSON, &wrong).await, Err(Error::Schema { .. })));
    assert!(matches!(publisher.write(PERSON, &rows(20..21)).await, Err(Error::Unsound { .. })), "not on top of a torn file");
    publisher.discard();
    publisher.write(VEHICLE, &wrong).await.unwrap();
    publisher.write(PERSON, &rows(10..20)).await.unwrap();
    let refused = publisher.commit(Commit::Append { batch: "b".to_owned() }, DELIVERY).await;
    assert!(matches!(refused, Err(Error::Schema { .. })), "a type may not change");
    publisher.discard();
    load(&mut publisher, "c", 30..40).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let lake = place.lake().await;
    assert_eq!(ids(&lake, PERSON).await, (0..10).chain(30..40).collect::<Vec<_>>());
    assert!(!lake.holds(DELIVERY, "b").await.unwrap());
    assert_eq!((files(&place.root, PERSON), files(&place.root, VEHICLE)), (2, 2), "nothing is left of what was discarded");
}

#[tokio::test]
async fn rows_not_committed_are_not_published() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    publisher.write(PERSON, &rows(0..10)).await.unwrap();
    assert!(matches!(publisher.publish(|_| ()).await, Err(Error::Unsound { .. })));
    assert_eq!(place.lake().await.epoch().number, 0);
}

#[tokio::test]
async fn there_is_one_publisher_at_a_time() {
    let place = Place::new();
    let first = place.publisher().await;
    assert!(matches!(place.lake().await.publisher(0).await, Err(Error::Busy { .. })));
    drop(first);
    place.lake().await.publisher(0).await.unwrap();
}

#[tokio::test]
async fn a_crash_at_any_step_leaves_nothing_and_the_load_can_be_repeated() {
    for crash in 0..5 {
        let place = Place::new();
        let mut publisher = place.publisher().await;
        load(&mut publisher, "a", 0..10).await.unwrap();
        let before = publisher.publish(|_| ()).await.unwrap();
        let mut publisher = place.publisher().await;
        match crash {
            0 => publisher.write(PERSON, &rows(10..20)).await.unwrap(),
            1 => replace(&mut publisher, 10..20).await,
            2 => load(&mut publisher, "b", 10..20).await.unwrap(),
            3 => {
                load(&mut publisher, "b", 10..20).await.unwrap();
                let mut second = place.root.join("tables/contract/delivery/_delta_log/00000000000000000001.json");
                std::fs::remove_file(&second).unwrap(); // a crash before the last of three commits
                second.set_extension("json.tmp#1");
                std::fs::write(second, "{\"comm").unwrap();
            }
            _ => {
                load(&mut publisher, "b", 10..20).await.unwrap();
                let torn = place.root.join("tables/record/vehicle/_delta_log/00000000000000000001.json");
                std::fs::write(torn, "").unwrap(); // a power cut
            }
        }
        publisher.die();
        let lake = place.lake().await;
        assert_eq!(lake.epoch(), &before);
        assert_eq!(ids(&lake, PERSON).await, (0..10).collect::<Vec<_>>(), "crash {crash}: a reader sees none of it");
        let mut publisher = place.publisher().await;
        assert!(!publisher.holds(DELIVERY, "b").await.unwrap(), "crash {crash}");
        assert_eq!(files(&place.root, PERSON), 1, "crash {crash}: its files are gone");
        load(&mut publisher, "b", 10..20).await.unwrap();
        publisher.publish(|_| ()).await.unwrap();
        for table in [PERSON, VEHICLE] {
            assert_eq!(ids(&place.lake().await, table).await, (0..20).collect::<Vec<_>>(), "crash {crash}: each row once in {table}");
        }
    }
}

#[tokio::test]
async fn a_load_that_is_given_up_takes_no_room() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "b", 10..20).await.unwrap();
    publisher.write(PERSON, &rows(20..30)).await.unwrap();
    drop(publisher);
    assert_eq!((files(&place.root, PERSON), files(&place.root, DELIVERY)), (1, 1));
    assert!(!place.root.join("tables/record/person/_delta_log/00000000000000000001.json").exists());
    assert_eq!(ids(&place.lake().await, PERSON).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_crash_of_the_very_first_load_leaves_an_empty_lake() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    publisher.die();
    assert!(place.lake().await.tables().next().is_none());
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    assert_eq!(ids(&place.lake().await, PERSON).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lost_manifest_is_an_error_and_no_reason_to_empty_the_tables() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    let epoch = publisher.publish(|_| ()).await.unwrap();
    std::fs::remove_file(place.root.join("epoch.json")).unwrap();
    assert!(matches!(place.lake().await.publisher(0).await, Err(Error::Lost { .. })));
    epoch.write(&place.root).unwrap();
    assert_eq!(ids(&place.lake().await, PERSON).await, (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_reader_of_the_epoch_before_still_reads_it_after_a_replacement() {
    let place = Place::new();
    for epoch in 1..=3 {
        let reader = place.lake().await;
        let mut publisher = place.publisher_at(epoch * (KEPT_MS + 1)).await;
        replace(&mut publisher, epoch * 10..epoch * 10 + 5).await;
        publisher.publish(|_| ()).await.unwrap();
        let before = if epoch == 1 { 0..0 } else { epoch * 10 - 10..epoch * 10 - 5 };
        assert_eq!(ids(&reader, PERSON).await, before.collect::<Vec<_>>());
        assert_eq!(ids(&place.lake().await, PERSON).await, (epoch * 10..epoch * 10 + 5).collect::<Vec<_>>());
    }
    assert_eq!(files(&place.root, PERSON), 2, "files that only older epochs name are gone");
}

#[tokio::test]
async fn a_reader_is_not_overtaken_by_replacements_that_follow_each_other() {
    let place = Place::new();
    let mut reader = None;
    for (epoch, later, kept) in [(1, 0, 1), (2, 1000, 2), (3, 2000, 3), (4, KEPT_MS, 4), (5, KEPT_MS + 1500, 4)] {
        let mut publisher = place.publisher_at(later).await;
        replace(&mut publisher, epoch * 10..epoch * 10 + 5).await;
        publisher.publish(|_| ()).await.unwrap();
        let reader: &Lake = reader.get_or_insert(place.lake().await);
        assert_eq!(files(&place.root, PERSON), kept, "after {later}");
        if epoch < 5 {
            assert_eq!(ids(reader, PERSON).await, (10..15).collect::<Vec<_>>(), "after {later}");
        }
    }
}

#[tokio::test]
async fn a_table_replaced_by_no_rows_is_empty_and_keeps_its_schema() {
    let place = Place::new();
    for _ in 0..2 {
        let mut publisher = place.publisher().await;
        replace(&mut publisher, 0..5).await;
        let tables = vec![(PERSON.to_owned(), schema()), (VEHICLE.to_owned(), schema())];
        publisher.commit(Commit::Replace { tables }, VEHICLE).await.unwrap();
        publisher.publish(|_| ()).await.unwrap();
    }
    let lake = place.lake().await;
    assert_eq!(lake.tables().collect::<Vec<_>>(), [PERSON, VEHICLE]);
    assert_eq!(number(&lake, "SELECT count(*) FROM t").await, 0);
}

#[tokio::test]
async fn a_column_added_later_is_empty_in_older_rows() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..10).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let fields = schema().fields().iter().cloned().chain([Arc::new(Field::new("phone", DataType::Utf8, true))]).collect::<Vec<_>>();
    let wider = Arc::new(Schema::new(fields));
    let mut columns = rows(10..12).columns().to_vec();
    columns.push(Arc::new(StringArray::from(vec![Some("10012345678"), None])));
    let batch = RecordBatch::try_new(Arc::clone(&wider), columns).unwrap();
    let mut publisher = place.publisher().await;
    publisher.write(PERSON, &batch).await.unwrap();
    publisher.write(DELIVERY, &rows(1..2)).await.unwrap();
    publisher.commit(Commit::Append { batch: "b".to_owned() }, DELIVERY).await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let lake = place.lake().await;
    let found =
        query(&lake, PERSON, Arc::clone(&wider), "SELECT count(*), count(phone) FROM t WHERE phone IS NULL OR record_id = 10").await;
    let count = |column: usize| found[0].column(column).as_any().downcast_ref::<Int64Array>().unwrap().value(0);
    assert_eq!((count(0), count(1)), (12, 1));
    assert_eq!(ids(&lake, PERSON).await, (0..12).collect::<Vec<_>>(), "the narrower contract still reads it");
}

#[tokio::test]
async fn many_publications_are_read_through_a_checkpoint() {
    let place = Place::new();
    for load_number in 0..22 {
        let mut publisher = place.publisher().await;
        load(&mut publisher, &format!("b{load_number}"), load_number..load_number + 1).await.unwrap();
        publisher.publish(|_| ()).await.unwrap();
    }
    let log = place.root.join("tables/record/person/_delta_log");
    assert!(log.join("00000000000000000020.checkpoint.parquet").exists());
    let lake = place.lake().await;
    assert_eq!(ids(&lake, PERSON).await, (0..22).collect::<Vec<_>>());
    assert_eq!(number(&lake, "SELECT max(record_id) FROM t").await, 21);
    assert!(lake.holds(DELIVERY, "b3").await.unwrap(), "a checkpoint keeps the batches");
}

#[tokio::test]
async fn what_change_says_of_tables_and_number_does_not_count() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "a", 0..3).await.unwrap();
    let stages = |epoch: &mut Epoch| {
        epoch.stages.insert("resolve".to_owned(), epoch.tables.clone());
        epoch.tables.clear();
        epoch.number = 99;
    };
    let epoch = publisher.publish(stages).await.unwrap();
    assert_eq!((epoch.number, epoch.tables.len()), (1, 3));
    assert_eq!(epoch.stages["resolve"], epoch.tables);
}

#[tokio::test]
async fn names_are_counted_though_their_ranges_are_not_kept() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    load(&mut publisher, "one", 0..3000).await.unwrap();
    publisher.publish(|_| {}).await.unwrap();
    let answer = query(&place.lake().await, PERSON, schema(), "SELECT count(*), count(name), min(name) = '甲1' FROM t").await;
    let told = datafusion::arrow::util::pretty::pretty_format_batches(&answer).unwrap().to_string();
    assert!(told.contains("| 3000     | 2000          | true"), "{told}");
}
