//! What is asked through a session and taken whole, and who a number leads to.

use crate::{Error, clock};
use arrow_array::RecordBatch;
use wuwei_query::Session;

/// What a question is answered with.
///
/// # Errors
/// It is refused.
pub(crate) async fn rows(session: &Session, question: &str) -> Result<Vec<RecordBatch>, Error> {
    Ok(session.sql(question, clock::now_ms()).await?.batches)
}

/// The number that an entity has now, which is another when it was merged.
///
/// # Errors
/// A question is refused.
pub(crate) async fn present(session: &Session, id: i64) -> Result<i64, Error> {
    Ok(session.asker(clock::now_ms()).present(id).await?)
}

/// A number that nobody has whom whoever asks sees.
pub(crate) fn nobody(id: i64) -> Error {
    Error::asked(format!("there is no entity {id}"), "`wuwei people` finds numbers")
}

/// Numbers with commas between, for a question.
pub(crate) fn numbers(all: &[i64]) -> String {
    all.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
