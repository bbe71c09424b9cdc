//! Answers that are taken batch by batch are the same, and accounted for like others, however they end.

use super::*;

const NAMES: &str = "SELECT name FROM record.person ORDER BY name";

/// What the last entry says.
fn last(folder: &Path) -> String {
    audit_text(folder).lines().last().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_taken_is_what_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let whole = session.sql(NAMES, NOW).await.unwrap();
    let mut taken = session.take(NAMES, NOW).await.unwrap();
    assert!(last(folder.path()).contains("\"asked\""), "before the first row");
    let mut batches = Vec::new();
    while let Some(batch) = taken.next().await.unwrap() {
        batches.push(batch);
    }
    assert_eq!((&taken.schema, &batches), (&whole.schema, &whole.batches));
    let again = session.take(NAMES, NOW).await.unwrap().whole().await.unwrap();
    assert_eq!((again.schema, again.batches), (whole.schema, whole.batches));
    assert_eq!(taken.close().await.unwrap(), 3);
    assert!(last(folder.path()).contains("\"answered\"") && last(folder.path()).contains("\"rows\":3"), "{}", last(folder.path()));
    let uses = std::fs::read_to_string(folder.path().join("use_log.jsonl")).unwrap();
    assert_eq!(uses.lines().count(), 3, "each is a use");
}

#[tokio::test]
async fn what_is_given_up_or_passes_a_limit_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut taken = session(folder.path()).take(NAMES, NOW).await.unwrap();
    taken.next().await.unwrap();
    drop(taken);
    assert!(last(folder.path()).contains("failed: given up"), "{}", last(folder.path()));
    let mut taken = session_of(folder.path(), "mz", Limits { rows: 2, ..Limits::default() }).take(NAMES, NOW).await.unwrap();
    assert!(matches!(taken.next().await, Err(Error::Limit { .. })));
    drop(taken);
    assert!(last(folder.path()).contains("failed: limit"), "{}", last(folder.path()));
    let little = session_of(folder.path(), "mz", Limits { memory_bytes: 4096, ..Limits::default() });
    let large = little.take(&format!("SELECT '{}' AS one", "x".repeat(8192)), NOW).await.unwrap();
    assert!(matches!(large.whole().await, Err(Error::Limit { .. })));
    assert!(last(folder.path()).contains("failed: limit"), "{}", last(folder.path()));
    assert!(session(folder.path()).take("DROP TABLE record.person", NOW).await.is_err());
    assert!(last(folder.path()).contains("refused: select only"), "{}", last(folder.path()));
    let uses = std::fs::read_to_string(folder.path().join("use_log.jsonl")).unwrap();
    assert_eq!(uses.lines().count(), 0, "none of it is a use");
}
