//! The OpenAPI 3.1 document, made of the list of routes and the list of problems.

use super::{
    answer::{self, FORMS, SHEET},
    asker::Known,
    problem::{CODES, Problem},
    routes::{Access, Gives, Parameter, Route, Takes, routes},
};
use crate::command::cross_reference::list;
use axum::response::Response;
use serde_json::{Map, Value, json};
use wuwei_search::{Column, MAX_LINES};

pub(super) async fn document(_: Known) -> Result<Response, Problem> {
    answer::found(&made())
}

fn made() -> Value {
    let mut paths = Map::new();
    for route in routes() {
        let operations = paths.entry(route.path).or_insert_with(|| json!({}));
        operations[route.method.as_str().to_lowercase()] = operation(&route);
    }
    let codes: Vec<&str> = CODES.iter().map(|code| code.about().1).collect();
    let meanings: Vec<String> = CODES
        .iter()
        .map(|code| {
            let (status, name, meaning) = code.about();
            format!("`{name}` ({status}): {meaning}")
        })
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {"title": "wuwei 五维", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},
            },
            "schemas": {"Problem": {
                "type": "object",
                "description": meanings.join("; "),
                "required": ["type", "title", "status", "code", "request_id"],
                "properties": {
                    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
                    "hint": {"type": "string"}, "request_id": {"type": "string"}, "code": {"type": "string", "enum": codes},
                },
            }},
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = route.parameters.iter().map(|parameter| told(route.path, parameter)).collect();
    if route.access == Access::Purpose {
        parameters.push(json!({
            "name": "Wuwei-Purpose", "in": "header", "required": true, "schema": {"type": "string", "maxLength": 200},
            "description": "What the answer is needed for, UTF-8, also percent-encoded; it is written to the audit",
        }));
    }
    if route.access != Access::Open {
        parameters.push(json!({
            "name": "Wuwei-Code", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "With a password: a code of the second factor, or a recovery code, where the account has one",
        }));
    }
    let security = match route.access {
        Access::Open => json!([]),
        Access::Known | Access::Purpose => json!([{"token": []}, {"password": []}]),
    };
    let problem =
        json!({"description": "A problem", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let (status, given) = given(route.gives);
    let mut operation = json!({
        "summary": route.summary, "parameters": parameters, "security": security,
        "responses": {status: given, "default": problem},
    });
    if let Some(body) = taken(route.takes) {
        operation["requestBody"] = body;
    }
    operation
}

fn told(path: &str, parameter: &Parameter) -> Value {
    let Parameter { name, kind, required, summary } = parameter;
    let place = match name.starts_with(|first: char| first.is_ascii_uppercase()) {
        true => "header",
        false if path.contains(&format!("{{{name}}}")) => "path",
        false => "query",
    };
    json!({"name": name, "in": place, "required": required, "schema": {"type": kind}, "description": summary})
}

fn given(gives: Gives) -> (&'static str, Value) {
    let json = json!({"application/json": {"schema": {"type": "object"}}});
    match gives {
        Gives::Nothing => ("204", json!({"description": "It is done"})),
        Gives::Text => ("200", json!({"description": "Text", "content": {"text/plain": {"schema": {"type": "string"}}}})),
        Gives::Json => ("200", json!({"description": "As the verb of that name gives it with --json", "content": json})),
        Gives::Sheet => ("200", json!({"description": "A workbook", "content": {SHEET: {}}})),
        Gives::Rows => ("200", json!({"description": "Rows, all of them or none", "content": rows()})),
        Gives::Matches => {
            let mut content = rows();
            content["application/json"] = json["application/json"].clone();
            ("200", json!({"description": "As the verb of that name gives it with --json, or one row a match", "content": content}))
        }
    }
}

/// Each form of an answer; JSON has a schema, the others have their own.
fn rows() -> Value {
    let mut content = Map::new();
    for (media, ..) in FORMS {
        content.insert(media.to_owned(), json!({}));
    }
    let column =
        json!({"type": "object", "properties": {"name": {"type": "string"}, "type": {"type": "string"}, "nullable": {"type": "boolean"}}});
    content["application/json"] = json!({"schema": {"type": "object", "required": ["schema", "rows", "row_count"], "properties": {
        "schema": {"type": "array", "items": column},
        "rows": {"type": "array", "items": {"type": "array"}},
        "row_count": {"type": "integer"},
    }}});
    Value::Object(content)
}

/// A member of an object; arrays are of texts.
fn member(kind: &str) -> Value {
    if kind == "array" { json!({"type": kind, "items": {"type": "string"}}) } else { json!({"type": kind}) }
}

fn taken(takes: Takes) -> Option<Value> {
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required});
    match takes {
        Takes::Nothing => None,
        Takes::Question => Some(json!({"required": true, "content": {
            "application/json": {"schema": object(json!({"sql": {"type": "string"}}), &["sql"])},
            "text/plain": {"schema": {"type": "string"}},
        }})),
        Takes::List => {
            let columns = json!({"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"enum": Column::ALL}});
            let rows = object(json!({"rows": {"type": "array", "maxItems": MAX_LINES, "items": columns}}), &["rows"]);
            let file = json!({"schema": {"type": "string", "format": "binary"}});
            let files = list::FORMS.iter().map(|(media, _)| ((*media).to_owned(), file.clone()));
            let content: Map<String, Value> =
                std::iter::once(("application/json".to_owned(), json!({"schema": rows}))).chain(files).collect();
            Some(json!({"required": true, "content": content}))
        }
        Takes::Bytes => {
            Some(json!({"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}))
        }
        Takes::Object(members) => {
            let properties: Map<String, Value> = members.iter().map(|(name, kind)| ((*name).to_owned(), member(kind))).collect();
            Some(json!({"required": true, "content": {"application/json": {"schema": object(Value::Object(properties), &[])}}}))
        }
    }
}
