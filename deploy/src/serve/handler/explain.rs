//! Why two are one, or are not.

use super::of_path;
use crate::{
    command::{decide, explain},
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};

pub(in crate::serve) async fn explain(asker: Asker, sides: Result<Path<(String, String)>, PathRejection>) -> Result<Response, Problem> {
    let (left, right) = of_path(sides)?;
    // What is no number is not told back: it may be somebody's name.
    if !decide::is_side(&left) || !decide::is_side(&right) {
        return Err(Problem::because(Code::BadRequest, "a side is no number", "the number of an entity, or of records as r123+r456"));
    }
    let asking = asker.enter("explain").await?;
    let (_, explained) = explain::explained(&asking.hub, &asking.session, &left, &right).await?;
    answer::found(&explained)
}
