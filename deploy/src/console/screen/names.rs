//! What whoever is signed in may ask about, for the editor of the SQL page: tables with their columns, and functions, in the language of the
//! page. It is what the API answers to them, asked for once a session, purpose, language and epoch.

use super::plain;
use crate::{
    console::{
        api::Rows,
        guest::Visit,
        words::{Language, Named},
    },
    serve::problem::Problem,
};
use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const COLUMNS: &str = "SELECT namespace, table_name, column_name, zh, en FROM contract.column_comment";
const FUNCTIONS: &str = "SELECT name, arguments, zh, en FROM contract.function ORDER BY name";

pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let language = visit.guest.language;
    let holds = (visit.guest.console.state.hub().lake.epoch().number, visit.purpose.clone(), language.tag());
    let text = match visit.inside.signed.names.clone().filter(|(known, _)| *known == holds) {
        Some((_, text)) => text,
        None => {
            let text: Arc<str> = names(&visit, language).await?.to_string().into();
            let kept = (holds, Arc::clone(&text));
            visit.guest.console.sessions.change(visit.inside.key, |signed| signed.names = Some(kept));
            text
        }
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response())
}

/// `tables`: name, meaning, and its columns as name and meaning; `functions`: name, arguments, meaning.
async fn names(visit: &Visit, language: Language) -> Result<Value, Problem> {
    let said = |zh: &Value, en: &Value| language.said(&Named { zh: plain(zh), en: plain(en) }).to_owned();
    let mut columns: BTreeMap<String, Vec<[String; 2]>> = BTreeMap::new();
    for row in &visit.rows(COLUMNS).await?.rows {
        if let [namespace, table, column, zh, en] = row.as_slice() {
            columns.entry(format!("{}.{}", plain(namespace), plain(table))).or_default().push([plain(column), said(zh, en)]);
        }
    }
    let tables: Rows = visit.get("/api/v1/tables").await?;
    let tables = tables.rows.iter().filter_map(|row| match row.as_slice() {
        [namespace, table, zh, en] => {
            let name = format!("{}.{}", plain(namespace), plain(table));
            let own = columns.remove(&name).unwrap_or_default();
            Some(json!([name, said(zh, en), own]))
        }
        _ => None,
    });
    let tables: Vec<Value> = tables.collect();
    // Whoever does not see the list of functions is offered those of the engine alone.
    let functions = visit.rows(FUNCTIONS).await.map(|found| found.rows).unwrap_or_default();
    let functions = functions.iter().filter_map(|row| match row.as_slice() {
        [name, arguments, zh, en] => Some(json!([plain(name), plain(arguments), said(zh, en)])),
        _ => None,
    });
    Ok(json!({"tables": tables, "functions": functions.collect::<Vec<_>>()}))
}
