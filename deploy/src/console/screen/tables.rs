//! Which tables there are for whoever asks, what their columns mean and where they come from, and of one how many rows there are and the first,
//! masked as whoever asks sees it.

mod lineage;

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
use lineage::Lineage;
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
    columns: Vec<Column>,
    sample: Option<Sample>,
    /// Whether its rows are counted, which comes after the page.
    is_counted: bool,
    lineage: Lineage,
}

#[derive(Debug)]
struct Column {
    name: String,
    label: Named,
    kind: String,
}

#[derive(Debug)]
struct Sample {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(crate) async fn all(visit: Visit) -> Result<Response, Problem> {
    let tables = seen(&visit).await?;
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

impl Table {
    fn full(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }
}

/// Every table that whoever asks sees.
async fn seen(visit: &Visit) -> Result<Vec<Table>, Problem> {
    Ok(visit.rows(TABLES).await?.rows.iter().filter_map(|row| table(row)).collect())
}

/// The one of that name.
fn known<'a>(tables: &'a [Table], name: &str) -> Result<&'a Table, Problem> {
    tables.iter().find(|table| table.full() == name).ok_or(Problem::new(Code::NotFound))
}

pub(crate) async fn one(visit: Visit, name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let name = of_path(name)?;
    let tables = seen(&visit).await?;
    let known = known(&tables, &name)?;
    let columns: Rows = visit.get(&format!("/api/v1/tables/{name}")).await?;
    let column = |row: &Vec<Value>| match row.as_slice() {
        [name, zh, en, kind] => Some(Column { name: plain(name), label: Named { zh: plain(zh), en: plain(en) }, kind: plain(kind) }),
        _ => None,
    };
    let columns: Vec<Column> = columns.rows.iter().filter_map(column).collect();
    let sample = sample(&visit, &name).await?;
    let page = Page::of(&visit.guest, "tables");
    let lineage = Lineage::of(&visit, &page, known, &tables).await?;
    let is_counted = COUNTED.contains(&known.namespace.as_str());
    let (label, rows, clear) = (known.label.clone(), known.rows.clone(), known.clear.clone());
    Ok(html(&TablePage { page, name, label, rows, clear, columns, sample, is_counted, lineage }))
}

/// Namespaces whose tables lie on disk, so that counting reads nothing; the others are computed.
const COUNTED: [&str; 5] = ["raw", "record", "entity", "graph", "contract"];

#[derive(Debug, Template)]
#[template(path = "table_count.html")]
struct Counted {
    page: Page,
    count: Option<u64>,
    /// Whether only cells of at least ten are counted.
    in_cells: bool,
}

/// How many rows whoever asks sees, as a part of the page.
pub(crate) async fn counted(visit: Visit, name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let (tables, name) = (seen(&visit).await?, of_path(name)?);
    let table = known(&tables, &name)?;
    let count = if COUNTED.contains(&table.namespace.as_str()) { count(&visit, table).await? } else { None };
    Ok(html(&Counted { page: Page::of(&visit.guest, "tables"), count, in_cells: table.rows == "cells" }))
}

/// The same, of cells how many are in them; none where they may not count.
async fn count(visit: &Visit, table: &Table) -> Result<Option<u64>, Problem> {
    let what = if table.rows == "cells" { "CAST(coalesce(sum(rows), 0) AS BIGINT)" } else { "count(*)" };
    match visit.rows(&format!("SELECT {what} FROM {}.{}", table.namespace, table.name)).await {
        Ok(found) => Ok(found.rows.first().and_then(|row| row.first()?.as_u64())),
        Err(problem) if problem.code.about().0 == 422 => Ok(None),
        Err(problem) => Err(problem),
    }
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
