//! From what a client sends to the door and back: the one place where this wire asks. Who asks, what for and their turn are as over HTTP; an
//! answer is put down whole, and accounted for, before its first row leaves.

use super::{
    frames::{Frames, Writing},
    plain,
};
use crate::{
    clock,
    serve::{
        asker::Asker,
        problem::{Code, Problem},
    },
};
use arrow_array::ArrayRef;
use arrow_schema::SchemaRef;
use wuwei_query::{Described, Listed};

/// A question that may be asked: what its client was told of it, and the values of its parameters.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) sql: String,
    pub(super) values: Vec<ArrayRef>,
    /// Its columns, plain.
    pub(super) told: SchemaRef,
}

/// What a question's answer will be, without asking it: its columns plain, and the types of its parameters.
///
/// # Errors
/// It is refused, or makes no sense.
pub(super) async fn describe(asker: &Asker, sql: &str) -> Result<Described, Problem> {
    let asking = asker.enter("sql").await?;
    let described = asking.hub.elsewhere(asking.session).describe(sql, Vec::new(), clock::now_ms()).await?;
    Ok(Described { schema: plain::schema(&described.schema), ..described })
}

/// Answers a question. When its client is gone meanwhile, it is given up.
///
/// # Errors
/// It is refused, passes a limit, or cannot be accounted for.
pub(super) async fn answer(asker: &Asker, question: Question) -> Result<Frames, Problem> {
    let asking = asker.enter("sql").await?;
    let folder = asking.hub.spill().to_owned();
    let mut taken = asking.hub.elsewhere(asking.session.clone()).take_with(&question.sql, question.values, clock::now_ms()).await?;
    let schema = plain::schema(&taken.schema);
    if !are_alike(&schema, &question.told) {
        return Err(Problem::because(Code::NotPossible, "the answer has other columns than when it was described", "ask anew"));
    }
    let writing = Writing::begin(schema, &folder).await?;
    while let Some(batch) = taken.next().await? {
        writing.batch(batch).await?;
    }
    let frames = writing.frames().await?;
    taken.close().await?;
    Ok(frames)
}

/// The tables that are seen. They hold nothing but names: the look is in the audit, but is no use of data.
///
/// # Errors
/// They cannot be accounted for, or the door cannot be opened.
pub(super) async fn tables(asker: &Asker, look: &str) -> Result<Vec<Listed>, Problem> {
    let asking = asker.enter("sql").await?;
    asking.session.look("catalogue", look, clock::now_ms())?;
    let mut tables = asking.session.tables_listed()?;
    tables.iter_mut().for_each(|table| table.schema = plain::schema(&table.schema));
    Ok(tables)
}

/// Whether two answers have the same columns; comments beside them do not count, nor whether the planner knows of a column that it is never
/// empty, which may follow from the values of parameters.
fn are_alike(left: &SchemaRef, right: &SchemaRef) -> bool {
    let fields = left.fields().iter().zip(right.fields());
    left.fields().len() == right.fields().len()
        && fields.into_iter().all(|(left, right)| left.name() == right.name() && left.data_type() == right.data_type())
}
