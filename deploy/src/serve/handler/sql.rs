//! Questions in SQL, and those two that everybody has first: which tables there are, and what their columns mean.

use super::{Whole, media, of_path};
use crate::{
    clock,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    sql: String,
}

pub(in crate::serve) async fn ask(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let form = answer::form(&headers)?;
    let question = question(&headers, &body)?;
    answer::answer(asker.enter("sql").await?, &question, form).await
}

pub(in crate::serve) async fn plan(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let question = question(&headers, &body)?;
    let asking = asker.enter("sql").await?;
    answer::found(&asking.hub.elsewhere(asking.session.clone()).plan(&question, clock::now_ms()).await?)
}

fn question(headers: &HeaderMap, body: &Whole) -> Result<String, Problem> {
    match media(headers).as_deref() {
        Some("application/json") => Ok(body.json::<Question>(headers)?.sql),
        Some("text/plain") | None => {
            let text = String::from_utf8(body.0.to_vec());
            text.map_err(|_| Problem::because(Code::BadRequest, "the question is not UTF-8", "send it in UTF-8"))
        }
        Some(_) => {
            let hint = "Content-Type: application/json with {\"sql\": \"…\"}, or text/plain";
            Err(Problem::because(Code::UnsupportedMediaType, "a question is no body of this type", hint))
        }
    }
}

pub(in crate::serve) async fn tables(asker: Asker, headers: HeaderMap) -> Result<Response, Problem> {
    let form = answer::form(&headers)?;
    let question = "SELECT namespace, table_name, zh, en FROM contract.table_comment ORDER BY namespace, table_name";
    answer::answer(asker.enter("sql").await?, question, form).await
}

pub(in crate::serve) async fn columns(
    asker: Asker,
    headers: HeaderMap,
    table: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let form = answer::form(&headers)?;
    let table = of_path(table)?.replace('\'', "''");
    let (namespace, name) = table.split_once('.').unwrap_or(("", &table));
    let question = format!(
        "SELECT column_name, zh, en, data_type FROM contract.column_comment WHERE namespace = '{namespace}' AND table_name = '{name}'"
    );
    answer::answer(asker.enter("sql").await?, &question, form).await
}
