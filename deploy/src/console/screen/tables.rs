//! Which tables there are for whoever asks, what their columns mean, and the first rows of one, masked as whoever asks sees it.

use super::{of_path, plain};
use crate::{
    console::{
        api::Rows,
        guest::Visit,
        page::{Page, html},
        words::Named,
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use serde_json::Value;

/// Rows of a sample.
const SAMPLE: usize = 10;
const TABLES: &str = "SELECT namespace, table_name, zh, en, rows, clear FROM contract.table_comment ORDER BY namespace, table_name";

#[derive(Debug, Template)]
#[template(path = "tables.html")]
struct Tables {
    page: Page,
    count: usize,
    namespaces: Vec<Namespace>,
}

#[derive(Debug)]
struct Namespace {
    name: String,
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    namespace: String,
    name: String,
    label: Named,
    /// Which of its rows and classes are seen, as `contract.table_comment` says it.
    rows: String,
    clear: String,
}

#[derive(Debug, Template)]
#[template(path = "table.html")]
struct TablePage {
    page: Page,
    name: String,
    label: Named,
    rows: String,
    clear: String,
    columns: Vec<(String, Named)>,
    sample: Option<Sample>,
}

#[derive(Debug)]
struct Sample {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(crate) async fn all(visit: Visit) -> Result<Response, Problem> {
    let tables: Vec<Table> = visit.rows(TABLES).await?.rows.iter().filter_map(|row| table(row)).collect();
    let count = tables.len();
    let mut namespaces: Vec<Namespace> = Vec::new();
    for table in tables {
        match namespaces.last_mut().filter(|last| last.name == table.namespace) {
            Some(last) => last.tables.push(table),
            None => namespaces.push(Namespace { name: table.namespace.clone(), tables: vec![table] }),
        }
    }
    Ok(html(&Tables { page: Page::of(&visit.guest, "tables"), count, namespaces }))
}

fn table(row: &[Value]) -> Option<Table> {
    let [namespace, name, zh, en, rows, clear] = row else { return None };
    Some(Table {
        namespace: plain(namespace),
        name: plain(name),
        label: Named { zh: plain(zh), en: plain(en) },
        rows: plain(rows),
        clear: plain(clear),
    })
}

pub(crate) async fn one(visit: Visit, name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let name = of_path(name)?;
    let all = visit.rows(TABLES).await?;
    let wanted = |row: &Vec<Value>| table(row).filter(|table| format!("{}.{}", table.namespace, table.name) == name);
    let Some(known) = all.rows.iter().find_map(wanted) else { return Err(Problem::new(Code::NotFound)) };
    let columns: Rows = visit.get(&format!("/api/v1/tables/{name}")).await?;
    let column = |row: &Vec<Value>| match row.as_slice() {
        [name, zh, en] => Some((plain(name), Named { zh: plain(zh), en: plain(en) })),
        _ => None,
    };
    let columns: Vec<(String, Named)> = columns.rows.iter().filter_map(column).collect();
    let sample = sample(&visit, &name).await?;
    let page = Page::of(&visit.guest, "tables");
    Ok(html(&TablePage { page, name, label: known.label, rows: known.rows, clear: known.clear, columns, sample }))
}

/// The first rows; none where whoever asks may only count, or a table stands behind a function.
async fn sample(visit: &Visit, name: &str) -> Result<Option<Sample>, Problem> {
    match visit.rows(&format!("SELECT * FROM {name} LIMIT {SAMPLE}")).await {
        Ok(Rows { schema, rows }) => Ok(Some(Sample {
            columns: schema.into_iter().map(|column| column.name).collect(),
            rows: rows.iter().map(|row| row.iter().map(plain).collect()).collect(),
        })),
        Err(problem) if problem.code.about().0 == 422 => Ok(None),
        Err(problem) => Err(problem),
    }
}
