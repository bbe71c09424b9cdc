//! Rows that a filter may let through are dealt out, not the file.

use super::{PERSON, Place, rows, schema};
use crate::{Commit, narrow::part};
use arrow_array::cast::AsArray as _;
use arrow_array::types::Int64Type;
use datafusion::datasource::physical_plan::{FileScanConfig, parquet::ParquetRowSelection};
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties as _};
use datafusion::prelude::{Expr, SessionConfig, SessionContext, col, lit};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use proptest::prelude::*;
use std::sync::Arc;

const ALL: i64 = 400_000;

/// The scan of a table of so many rows in their order, by a filter, for two readers.
async fn scanned(filter: Expr) -> (SessionContext, Arc<dyn ExecutionPlan>, Place) {
    let place = Place::new();
    let mut publisher = place.publisher().await;
    publisher.write(PERSON, &rows(0..ALL)).await.unwrap();
    publisher.commit(Commit::Append { batch: "a".to_owned() }, PERSON).await.unwrap();
    publisher.publish(|_| {}).await.unwrap();
    let session = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    session.register_table("t", place.lake().await.provider(PERSON, schema()).unwrap()).unwrap();
    let plan = session.table_provider("t").await.unwrap().scan(&session.state(), None, &[filter], None).await.unwrap();
    (session, plan, place)
}

#[tokio::test]
async fn readers_share_what_is_wanted_however_it_lies() {
    let (session, plan, _place) = scanned(col("record_id").lt(lit(ALL / 4))).await;
    assert_eq!(plan.output_partitioning().partition_count(), 2);
    let source = plan.downcast_ref::<DataSourceExec>().and_then(|plan| plan.data_source().downcast_ref::<FileScanConfig>()).unwrap();
    let selected = |at: usize| {
        source.file_groups[at].iter().map(|file| file.extension::<ParquetRowSelection>().unwrap().selection().row_count()).sum()
    };
    let selected: [usize; 2] = [selected(0), selected(1)];
    let wanted = usize::try_from(ALL / 4).unwrap();
    assert!(selected[0].abs_diff(selected[1]) <= 1 && selected[0] + selected[1] < 2 * wanted, "{selected:?} of {wanted}");
    let counted = session.sql(&format!("SELECT count(*), sum(record_id) FROM t WHERE record_id < {}", ALL / 4)).await.unwrap();
    let counted = counted.collect().await.unwrap();
    let number = |at: usize| counted[0].column(at).as_primitive::<Int64Type>().value(0);
    assert_eq!((number(0), number(1)), (ALL / 4, (0..ALL / 4).sum()));
}

#[tokio::test]
async fn a_file_of_which_nothing_is_wanted_is_not_read() {
    let (.., plan, _place) = scanned(col("record_id").gt(lit(ALL))).await;
    assert_eq!((plan.name(), plan.output_partitioning().partition_count()), ("EmptyExec", 1));
}

proptest! {
    #[test]
    fn parts_of_what_is_selected_are_all_of_it(runs in prop::collection::vec((0_usize..50, 1_usize..50), 1..9), cut in 0.0..1.0_f64) {
        let selectors = runs.iter().flat_map(|&(skip, select)| [RowSelector::skip(skip), RowSelector::select(select)]);
        let all = RowSelection::from(selectors.collect::<Vec<_>>());
        let count = all.row_count();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place among some hundred")]
        let cut = (count as f64 * cut) as usize;
        let selected = ParquetRowSelection::new(all.clone());
        let [one, other] = [0..cut, cut..count].map(|range| part(Some(&selected), count, &range).unwrap().into_inner());
        prop_assert_eq!((one.row_count(), other.row_count()), (cut, count - cut));
        prop_assert_eq!(one.union(&other), all);
    }
}
