//! What the charts say of a small histogram that can be reckoned by hand.

use super::*;
use arrow_array::{Float64Array, Int64Array, StringArray};
use wuwei_schema::learned;

/// Bins of one type: weight, open pairs, matches, others, records. A threshold of 12 bits.
fn learned_rows(bins: &[(f64, i64, i64, i64, i64)]) -> Rows {
    let count = |of: fn(&(f64, i64, i64, i64, i64)) -> i64| Arc::new(Int64Array::from_iter_values(bins.iter().map(of))) as _;
    let columns = vec![
        Arc::new(StringArray::from(vec!["person"; bins.len()])) as _,
        Arc::new(Float64Array::from_iter_values(bins.iter().map(|bin| bin.0))) as _,
        count(|bin| bin.1),
        count(|bin| bin.2),
        count(|bin| bin.3),
        count(|bin| bin.4),
    ];
    let mut rows = rows();
    rows.insert(learned::HISTOGRAM.to_owned(), RecordBatch::try_new(learned::histogram(), columns).unwrap());
    let number = |number: f64| Arc::new(Float64Array::from(vec![number])) as _;
    let nothing = |kind| arrow_array::new_null_array(&kind, 1);
    let mut model = vec![Arc::new(StringArray::from(vec!["person"])) as _, number(-10.0), number(0.99), number(11.9)];
    model.extend(learned::model().fields().iter().skip(4).map(|field| nothing(field.data_type().clone())));
    rows.insert(learned::MODEL.to_owned(), RecordBatch::try_new(learned::model(), model).unwrap());
    rows
}

fn charted(folder: &Path, bins: &[(f64, i64, i64, i64, i64)]) -> Session {
    over(&learned_rows(bins), folder)
}

#[tokio::test]
async fn precision_is_that_of_the_open_pairs_and_recall_that_of_the_known() {
    let folder = tempfile::tempdir().unwrap();
    // Ten of ten thousand others are heavy; 100,000 of 101,000 open pairs are not even probable.
    let bins = [
        (-20.0, 100_000, 0, 9_990, 0),
        (3.0, 0, 100, 0, 0),
        (4.0, 500, 0, 0, 0),
        (8.0, 0, 0, 10, 0),
        (12.0, 0, 900, 0, 0),
        (15.0, 500, 0, 0, 0),
    ];
    let session = charted(folder.path(), &bins);
    let question = "SELECT truth_threshold, round(precision, 3) AS precision, round(recall, 3) AS recall, tp, fp, fn, tn, pairs, chosen \
                    FROM graph.threshold_selection WHERE truth_threshold >= 3 ORDER BY truth_threshold";
    let expected = "\
+-----------------+-----------+--------+------+----+-----+-------+-------+--------+
| truth_threshold | precision | recall | tp   | fp | fn  | tn    | pairs | chosen |
+-----------------+-----------+--------+------+----+-----+-------+-------+--------+
| 3.0             | 0.895     | 1.0    | 1000 | 10 | 0   | 9990  | 1000  | false  |
| 4.0             | 0.895     | 0.9    | 900  | 10 | 100 | 9990  | 1000  | false  |
| 8.0             | 0.79      | 0.9    | 900  | 10 | 100 | 9990  | 500   | false  |
| 12.0            | 0.99      | 0.9    | 900  | 0  | 100 | 10000 | 500   | true   |
| 15.0            | 0.99      | 0.0    | 0    | 0  | 1000 | 10000 | 500   | false  |";
    let shown = shown(&session, question).await;
    let cells = |text: &str| {
        text.lines().filter(|line| line.starts_with("| ")).map(|line| line.split_whitespace().collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(cells(&shown), cells(expected));
}

#[tokio::test]
async fn what_is_too_light_with_itself_is_unlinkable_and_without_an_experiment_nobody_knows_precision() {
    let folder = tempfile::tempdir().unwrap();
    let session = charted(folder.path(), &[(-4.0, 7, 0, 0, 3), (12.0, 5, 0, 0, 1), (30.0, 0, 0, 0, 6)]);
    let light = shown(&session, "SELECT cum_prop FROM graph.unlinkables ORDER BY match_weight").await;
    assert!(light.contains("| 0.0 ") && light.contains("| 0.3 ") && light.contains("| 0.4 "), "{light}");
    let unknown = "SELECT count(*) AS n FROM graph.threshold_selection WHERE precision IS NULL AND recall IS NULL AND f1 IS NULL";
    assert!(shown(&session, unknown).await.contains("| 3 |"));
}

#[tokio::test]
async fn where_nothing_was_learned_keys_are_made_and_weights_are_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let question = "SELECT count(*) AS n, count(er_pattern('person', f.features, f.features)) AS p, \
                    count(er_weight('person', er_pattern('person', f.features, f.features), f.features, f.features)) AS w FROM graph.person_features f";
    let told = shown(&session, question).await;
    assert!(told.contains("| 3 | 3 | 0 |"), "{told}");
    assert!(audit_text(folder.path()).contains("graph.frequency.value"), "what the functions weigh by is accounted for");
}
