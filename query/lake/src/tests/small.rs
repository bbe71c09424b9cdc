//! Small tables are read from their files once, large ones each time.

use super::{DELIVERY, PERSON, Place, load, query, rows, schema};
use crate::{Commit, viewed};
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use datafusion::prelude::SessionContext;
use std::path::Path;

fn lose_files(root: &Path, table: &str) {
    for entry in std::fs::read_dir(root.join("tables").join(table.replace('.', "/"))).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[tokio::test]
async fn a_small_table_is_read_once_in_the_order_of_its_files() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    for (batch, ids) in [("a", 5..9), ("b", 1..3), ("c", 20..22)] {
        load(&mut publisher, batch, ids).await.unwrap();
    }
    publisher.publish(|_| {}).await.unwrap();
    let lake = place.lake().await;
    let session = SessionContext::new();
    let provider = lake.provider(DELIVERY, schema()).unwrap();
    session.register_table("viewed", viewed(provider.as_ref()).unwrap()).unwrap();
    session.register_table("plain", provider).unwrap();
    let ids = async |table: &str| -> Vec<i64> {
        let found = session.sql(&format!("SELECT record_id FROM {table} WHERE name IS NOT NULL OR record_id > 0")).await.unwrap();
        let found = found.collect().await.unwrap();
        found.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
    };
    let expected = [5, 1, 20];
    assert_eq!((ids("plain").await, ids("viewed").await), (expected.to_vec(), expected.to_vec()));
    lose_files(&place.root, DELIVERY);
    assert_eq!((ids("plain").await, ids("viewed").await), (expected.to_vec(), expected.to_vec()), "this epoch has them in memory");
    let counted = query(&lake, DELIVERY, schema(), "SELECT count(*), max(record_id), count(name) FROM t").await;
    let counted: Vec<i64> = counted[0].columns().iter().map(|column| column.as_primitive::<Int64Type>().value(0)).collect();
    assert_eq!(counted, [3, 20, 3]);
}

#[tokio::test]
async fn a_large_table_is_read_from_its_files() {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    publisher.write(PERSON, &rows(0..20_000)).await.unwrap();
    publisher.commit(Commit::Append { batch: "a".to_owned() }, PERSON).await.unwrap();
    publisher.publish(|_| {}).await.unwrap();
    let lake = place.lake().await;
    let session = SessionContext::new();
    session.register_table("t", lake.provider(PERSON, schema()).unwrap()).unwrap();
    let found = async || session.sql("SELECT name FROM t WHERE record_id = 7").await.unwrap().collect().await;
    assert!(found().await.is_ok());
    lose_files(&place.root, PERSON);
    assert!(found().await.is_err(), "nothing of it was kept");
}
