//! What departments owe each other, as the indicators count it: deliveries in their cycles, answers in their days, readings that a need
//! calls for.

use super::*;
use crate::{
    testing::owed::{self, Delivered},
    use_log::Use,
};

/// The figures of an indicator over these rows.
async fn figures(rows: &Rows, indicator: &str, at_ms: i64) -> Vec<(String, String, f64, f64)> {
    let folder = tempfile::tempdir().unwrap();
    short(&over(rows, folder.path()).indicator(indicator, at_ms).await.unwrap(), indicator)
}

/// Ten o'clock of that day in Beijing.
fn on(day: i64) -> i64 {
    day * DAY + 2 * DAY / 24
}

#[tokio::test]
async fn a_cycle_is_on_time_once_and_none_is_owed_before_the_first_delivery() {
    let mut rows = Rows::new();
    owed::resources(&mut rows, &[("daily", "ga", 1), ("monthly", "mz", 30), ("yearly", "jy", 365), ("runs", "wg", 365)]);
    // Day 960 lacks, and that of today has not come yet at 8 o'clock.
    let mut all: Vec<Delivered<'_>> = (900..=1000).filter(|day| *day != 960).map(|day| Delivered::of("daily", on(day))).collect();
    // Cycles of 30 days with 6 for grace end on the days 936, 966 and 996: twice in the first, once in the second, late in the third.
    all.extend([901, 931, 959].map(|day| Delivered::of("monthly", on(day))));
    all.extend(["late", "rejected", "empty"].map(|outcome| Delivered { outcome, ..Delivered::of("monthly", on(980)) }));
    all.push(Delivered::of("yearly", on(905)));
    owed::delivered(&mut rows, &all);
    let at_eight = expected(&[("", "", 92.0, 94.0), ("ga", "", 89.0, 90.0), ("jy", "", 1.0, 1.0), ("mz", "", 2.0, 3.0)]);
    assert_eq!(figures(&rows, "timeliness", NOW).await, at_eight);
    assert_eq!(figures(&rows, "timeliness", NOW + DAY / 24).await, at_eight, "the hour of asking changes nothing");
    let at_ten_at_night = figures(&rows, "timeliness", NOW + 14 * DAY / 24).await;
    assert_eq!(at_ten_at_night[1], ("ga".to_owned(), String::new(), 90.0, 91.0), "today's has come");
    let young = figures(&rows, "timeliness", 903 * DAY).await;
    assert_eq!(young, expected(&[("", "", 3.0, 3.0), ("ga", "", 2.0, 2.0), ("mz", "", 1.0, 1.0)]), "nothing was owed before day 900");
}

#[tokio::test]
async fn an_answer_is_due_in_working_days_of_the_calendar_and_behind_it_of_the_week() {
    let mut rows = Rows::new();
    owed::resources(&mut rows, &[("a", "ga", 1), ("b", "jy", 1), ("c", "wg", 1)]);
    // Day 981 is a Friday and free, day 983 a Sunday and worked; the calendar ends with day 989, a Saturday.
    let is_work = |day: i32| if [981, 983].contains(&day) { day == 983 } else { (day + 3) % 7 < 5 };
    owed::workdays(&mut rows, &(900..990).map(|day| (day, is_work(day))).collect::<Vec<_>>());
    let requests = [
        ("a", 977, Some(984), 5),
        ("a", 977, Some(984), 4),
        // Twice the same, both overdue: eight days from Monday 991 to Wednesday 1000.
        ("b", 988, None, 7),
        ("b", 989, None, 7),
        ("c", 988, Some(1000), 8),
        ("c", 988, None, 8),
    ];
    owed::requests(&mut rows, &requests);
    let answered = expected(&[("", "", 2.0, 5.0), ("ga", "", 1.0, 2.0), ("jy", "", 0.0, 2.0), ("wg", "", 1.0, 1.0)]);
    assert_eq!(figures(&rows, "reply_on_time", NOW).await, answered);
}

#[tokio::test]
async fn a_pair_is_connected_by_a_person_who_reads_what_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::new();
    let resources =
        [("needed", "ga", 2, true, "published"), ("other", "ga", 2, true, "published"), ("voluntary", "ga", 2, false, "published")];
    testing::resources(&mut rows, &resources);
    testing::needs(&mut rows, &[("needed", "mz", "a"), ("needed", "mz", "b"), ("voluntary", "jy", "a")]);
    let session = over(&rows, folder.path());
    let read = |rid: &str, consumer: &str, automated: bool| {
        let (consumer, purpose, items) = (Some(consumer.to_owned()), "x".to_owned(), [(rid.to_owned(), ["XM".to_owned()].into())].into());
        session
            .use_log
            .append(&Use { ts: NOW - DAY, consumer, purpose, permitted: true, rows_returned: 1, automated, swept: false, items })
            .unwrap();
    };
    for (rid, consumer, automated) in [("other", "mz", false), ("needed", "jy", false), ("voluntary", "jy", false), ("needed", "mz", true)]
    {
        read(rid, consumer, automated);
    }
    let rate = async || short(&session.indicator("interconnection_rate", NOW).await.unwrap(), "interconnection_rate");
    assert_eq!(rate().await, expected(&[("", "", 0.0, 1.0), ("ga", "", 0.0, 1.0)]));
    read("needed", "mz", false);
    assert_eq!(rate().await, expected(&[("", "", 1.0, 1.0), ("ga", "", 1.0, 1.0)]));
}

#[tokio::test]
async fn a_resource_is_there_once_it_had_rows_and_fresh_by_their_date() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::new();
    let names = ["empty", "future", "mended", "quiet", "refused"];
    testing::resources(&mut rows, &names.map(|rid| (rid, "ga", 1, true, "published")));
    let ago = |rid, days: i64| Delivered::of(rid, NOW - days * DAY);
    owed::delivered(
        &mut rows,
        &[
            Delivered { rows: 0, ..ago("empty", 1) },
            Delivered { watermark_ms: Some(NOW + 100 * DAY), ..ago("future", 20) },
            Delivered { batch: "o", outcome: "rejected", ..ago("mended", 13) },
            Delivered { outcome: "repair", origin: Some("o"), ..ago("mended", 1) },
            Delivered { watermark_ms: Some(NOW - 20 * DAY), ..ago("quiet", 20) },
            Delivered { rows: 0, ..ago("quiet", 1) },
            Delivered { outcome: "rejected", ..ago("refused", 1) },
        ],
    );
    let question = "SELECT rid, mounted, fresh FROM contract.resource_state ORDER BY rid";
    assert_eq!(
        shown(&over(&rows, folder.path()), question).await,
        "+---------+---------+-------+\n\
         | rid     | mounted | fresh |\n\
         +---------+---------+-------+\n\
         | empty   | false   | false |\n\
         | future  | true    | false |\n\
         | mended  | true    | false |\n\
         | quiet   | true    | true  |\n\
         | refused | false   | false |\n\
         +---------+---------+-------+",
        "mended rows are as old as what they were refused in"
    );
}
