//! What somebody might do to look better without being better, and that no figure rises by it: each case has a figure before, the trick, and
//! the same figure after.

use super::*;
use crate::testing::owed::{Delivered, delivered};

/// The first figure of an indicator, of all departments together: numerator and denominator.
async fn whole(session: &Session, indicator: &str) -> (f64, f64) {
    let figures = session.indicator(indicator, NOW).await.unwrap();
    let found = figures.iter().find(|figure| figure.is_whole()).unwrap();
    (found.numerator, found.denominator)
}

async fn of(rows: &Rows, indicator: &str) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    whole(&over(rows, folder.path()), indicator).await
}

/// A good resource of `ga` and a stale one; both are open to `mz`.
fn owed() -> Rows {
    let mut rows = Rows::new();
    testing::resources(&mut rows, &[("good", "ga", 2, true, "published"), ("stale", "ga", 2, true, "published")]);
    testing::deliveries(&mut rows, &[("good", Some(1), 1), ("stale", Some(40), 40)]);
    testing::grants(&mut rows, &[("good", "mz"), ("stale", "mz")]);
    testing::items(&mut rows, &[("good", "XM", "person", "name"), ("stale", "FW", "dwelling", "address")]);
    rows
}

#[tokio::test]
async fn a_title_without_a_delivery_raises_nothing() {
    let mut rows = owed();
    assert_eq!(of(&rows, "data_sharing_rate").await, (1.0, 2.0));
    let titles = [("good", "ga", 2, true, "published"), ("stale", "ga", 2, true, "published"), ("title", "ga", 1, true, "published")];
    testing::resources(&mut rows, &titles);
    assert_eq!(of(&rows, "data_sharing_rate").await, (1.0, 3.0));
}

#[tokio::test]
async fn what_is_old_empty_refused_or_late_refreshes_nothing_when_it_is_sent_today() {
    let stale = Delivered { watermark_ms: Some(NOW - 40 * DAY), ..Delivered::of("stale", NOW - 40 * DAY) };
    let good = Delivered::of("good", NOW - DAY);
    let sent = |batch, outcome, rows| Delivered { batch, outcome, rows, received_ms: NOW, ..stale };
    for (again, what) in [
        (sent("b", "accepted", 1), "the same bytes"),
        (sent("copy", "accepted", 1), "the same content in another file"),
        (sent("e", "empty", 0), "a file without a row, unconfirmed"),
        (sent("r", "rejected", 1), "a file that was refused"),
        (sent("l", "late", 1), "a file older than what is held"),
    ] {
        let mut rows = owed();
        delivered(&mut rows, &[good, stale, again]);
        assert_eq!(of(&rows, "data_sharing_rate").await, (1.0, 2.0), "{what}");
    }
}

#[tokio::test]
async fn a_resource_that_is_cut_into_many_counts_as_one() {
    let cut = |parts: &[(&'static str, Option<i64>)]| {
        let mut rows = owed();
        let mut resources = vec![("stale", "ga", 2, true, "published")];
        resources.extend(parts.iter().map(|part| (part.0, "ga", 2, true, "published")));
        testing::resources(&mut rows, &resources);
        let mut deliveries = vec![("stale", Some(40), 40)];
        deliveries.extend(parts.iter().map(|part| (part.0, part.1, 1)));
        testing::deliveries(&mut rows, &deliveries);
        let mut grants = vec![("stale", "mz")];
        grants.extend(parts.iter().map(|part| (part.0, "mz")));
        testing::grants(&mut rows, &grants);
        let mut items = vec![("stale", "FW", "dwelling", "address")];
        items.extend(parts.iter().map(|part| (part.0, "XM", "person", "name")));
        testing::items(&mut rows, &items);
        rows
    };
    let many = cut(&[("east", Some(1)), ("north", Some(1)), ("south", Some(1)), ("west", Some(1))]);
    assert_eq!(of(&many, "data_sharing_rate").await, (1.0, 2.0), "one a township is still one");
    assert_eq!(of(&many, "data_utilization_rate").await.1, 2.0, "and has no more items");
    let lame = cut(&[("east", Some(1)), ("north", Some(40))]);
    assert_eq!(of(&lame, "data_sharing_rate").await, (0.0, 2.0), "it is shared when all of it is");
}

#[tokio::test]
async fn what_is_retired_leaves_numerator_and_denominator_together() {
    let mut rows = owed();
    testing::resources(&mut rows, &[("good", "ga", 2, true, "retired"), ("stale", "ga", 2, true, "published")]);
    assert_eq!(of(&rows, "data_sharing_rate").await, (0.0, 1.0));
}

#[tokio::test]
async fn sweeps_programs_and_readings_of_ones_own_raise_no_use() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let robot = Session { principal: Arc::new(Principal::program()), ..session.clone() };
    let own = session_of(folder.path(), "ga", Limits::default());
    for (who, question, what) in [
        (&session, "SELECT * FROM record.person", "everything of a table"),
        (&session, "SELECT * FROM record.person LIMIT 1", "everything of one row"),
        (&session, "SELECT * FROM raw.ga_hjrk", "everything as it was delivered"),
        (&robot, "SELECT name, phone FROM record.person", "a program"),
        (&session, "SELECT name, phone FROM record.person WHERE false", "an answer without a row"),
    ] {
        who.sql(question, NOW).await.unwrap();
        assert_eq!(whole(&session, "data_utilization_rate").await.0, 0.0, "{what}");
    }
    own.sql("SELECT name FROM record.person", NOW).await.unwrap();
    assert_eq!(whole(&session, "data_utilization_rate").await.0, 0.0, "the provider's own");
    let look = session.begin("person", "one", &[], NOW).unwrap();
    look.session().sql("SELECT * FROM record.person", NOW).await.unwrap();
    look.close([], 1).await.unwrap();
    assert_eq!(whole(&session, "data_utilization_rate").await.0, 2.0, "the file of a person is read for what it shows");
}

#[tokio::test]
async fn a_sweep_connects_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = rows();
    testing::needs(&mut rows, &[("ga_hjrk", "mz", "a")]);
    let session = over(&rows, folder.path());
    session.sql("SELECT * FROM record.person", NOW).await.unwrap();
    assert_eq!(whole(&session, "interconnection_rate").await, (0.0, 1.0));
    session.sql("SELECT name FROM record.person", NOW).await.unwrap();
    assert_eq!(whole(&session, "interconnection_rate").await, (1.0, 1.0));
}
