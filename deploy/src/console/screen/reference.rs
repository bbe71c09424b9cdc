//! What programs may ask of this one: the document of the API, laid out to be read. Nothing is known here that the document does not say.

use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Template)]
#[template(path = "reference.html")]
struct Reference {
    page: Page,
    version: String,
    parts: Vec<Part>,
    /// Name, status and meaning of each problem.
    problems: Vec<String>,
}

/// Routes of one kind of thing.
#[derive(Debug)]
struct Part {
    name: String,
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    method: String,
    path: String,
    summary: String,
    /// Whoever asks has to be known.
    is_closed: bool,
    parameters: Vec<Parameter>,
    /// What may be sent, as media types.
    takes: Vec<String>,
    /// What is answered where it is done: status, what it is, media types.
    gives: Vec<(String, String, Vec<String>)>,
}

#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    required: bool,
    schema: Value,
    description: String,
}

impl Parameter {
    fn kind(&self) -> &str {
        text(&self.schema, "type")
    }
}

pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let document: Value = visit.get("/api/v1/openapi.json").await?;
    let problems = text(&document["components"]["schemas"]["Problem"], "description").split("; ").map(str::to_owned).collect();
    let version = text(&document["info"], "version").to_owned();
    Ok(html(&Reference { page: Page::of(&visit.guest, "reference"), version, parts: parts(&document["paths"]), problems }))
}

/// The routes by the first word behind the version, those outside of it first.
fn parts(paths: &Value) -> Vec<Part> {
    let mut parts: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for (path, operations) in paths.as_object().into_iter().flatten() {
        let name = path.strip_prefix("/api/v1/").and_then(|rest| rest.split(['/', '{']).next()).unwrap_or_default();
        let of = operations.as_object().into_iter().flatten().map(|(method, operation)| of(method, path, operation));
        parts.entry(name.to_owned()).or_default().extend(of);
    }
    parts.into_iter().map(|(name, operations)| Part { name, operations }).collect()
}

fn of(method: &str, path: &str, operation: &Value) -> Operation {
    let media = |content: &Value| content.as_object().into_iter().flatten().map(|(media, _)| media.clone()).collect::<Vec<String>>();
    let answers = operation["responses"].as_object().into_iter().flatten().filter(|(status, _)| *status != "default");
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(operation, "summary").to_owned(),
        is_closed: operation["security"].as_array().is_some_and(|ways| !ways.is_empty()),
        parameters: serde_json::from_value(operation["parameters"].clone()).unwrap_or_default(),
        takes: media(&operation["requestBody"]["content"]),
        gives: answers
            .map(|(status, answer)| (status.clone(), text(answer, "description").to_owned(), media(&answer["content"])))
            .collect(),
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
