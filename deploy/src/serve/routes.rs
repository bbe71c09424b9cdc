//! Every route, in one list. The router and the OpenAPI document are both made of it, so neither knows what the other does not.

use super::{
    State, around,
    handler::{audit, correct, explain, health, indicators, jobs, review, sql, template},
    openapi,
    problem::{Code, Problem},
};
use axum::{
    Router,
    http::Method,
    middleware::from_fn_with_state,
    routing::{MethodFilter, MethodRouter, on},
};
use std::sync::Arc;

/// One route.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    pub(super) access: Access,
    pub(super) parameters: &'static [Parameter],
    pub(super) takes: Takes,
    pub(super) gives: Gives,
    handler: fn(MethodFilter) -> MethodRouter<Arc<State>>,
}

/// Who may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody.
    Open,
    /// Whoever is known.
    Known,
    /// Whoever is known and says what for.
    Purpose,
}

/// A part of the path, in braces there, or of the query, or a header, which is called with a capital.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    /// `string` or `integer`.
    pub(super) kind: &'static str,
    pub(super) required: bool,
    pub(super) summary: &'static str,
}

/// The body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// A question, as JSON or text.
    Question,
    /// A list of people, as JSON or as a file.
    List,
    /// Bytes of a file.
    Bytes,
    /// A JSON object with these texts and numbers.
    Object(&'static [(&'static str, &'static str)]),
}

/// The body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Nothing,
    Text,
    Json,
    /// Rows, in each of the forms of an answer.
    Rows,
    /// What a verb found, and as rows in each of the other forms.
    Matches,
    /// A workbook.
    Sheet,
}

const fn part(name: &'static str, kind: &'static str, summary: &'static str) -> Parameter {
    Parameter { name, kind, required: true, summary }
}

const fn option(name: &'static str, kind: &'static str, summary: &'static str) -> Parameter {
    Parameter { name, kind, required: false, summary }
}

/// Of an answer with words in it.
const LANGUAGE: Parameter = option("Accept-Language", "string", "zh-CN or en; Chinese if not said");

macro_rules! route {
    ($method:ident $path:literal, $access:ident, $takes:expr, $gives:ident, [$($parameter:expr),*], $handler:path, $summary:literal) => {
        Route {
            method: Method::$method,
            path: $path,
            summary: $summary,
            access: Access::$access,
            parameters: { const PARAMETERS: &[Parameter] = &[$($parameter),*]; PARAMETERS },
            takes: $takes,
            gives: Gives::$gives,
            handler: |filter| on(filter, $handler),
        }
    };
}

// After the macro, which they use.
mod accounts;
mod people;
mod questions;
mod uploads;

/// All of them.
pub(super) fn routes() -> Vec<Route> {
    [
        of_the_program(),
        of_the_data(),
        questions::of_the_questions(),
        people::routes(),
        of_the_review(),
        of_the_corrections(),
        of_the_audit(),
        uploads::routes(),
        accounts::own(),
        accounts::of_others(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_the_program() -> Vec<Route> {
    use Takes::Nothing;
    vec![
        route!(GET "/healthz", Open, Nothing, Text, [], health::health, "Whether the program runs"),
        route!(
            GET "/readyz", Open, Nothing, Json,
            [],
            health::ready,
            "Whether questions can be answered: an epoch is open, the audit can be written"
        ),
        route!(GET "/metrics", Known, Nothing, Text, [], health::metrics, "Counts for Prometheus"),
        route!(GET "/api/v1/openapi.json", Known, Nothing, Json, [], openapi::document, "This document"),
    ]
}

fn of_the_data() -> Vec<Route> {
    use Takes::{Nothing, Question};
    vec![
        route!(POST "/api/v1/sql", Purpose, Question, Rows, [], sql::ask, "Answer one SELECT, in the form that Accept names"),
        route!(GET "/api/v1/tables", Purpose, Nothing, Rows, [], sql::tables, "Tables and what they mean"),
        route!(
            GET "/api/v1/tables/{table}", Purpose, Nothing, Rows,
            [part("table", "string", "As namespace.name")],
            sql::columns,
            "Columns of a table, what they mean and of what type they are"
        ),
        route!(
            GET "/api/v1/extracts/{extract}/template", Purpose, Nothing, Matches,
            [part("extract", "string", "Its name"), option("language", "string", "zh-CN or en, before what the header says"), LANGUAGE],
            template::show,
            "What the columns of an extract are for, for whoever hands it in; with `Accept` of XLSX or CSV an empty file with its headings"
        ),
        route!(
            GET "/api/v1/explain/{left}/{right}", Purpose, Nothing, Json,
            [part("left", "string", "Entity number, or a record as r123"), part("right", "string", "The other")],
            explain::explain,
            "Why two are one, or are not"
        ),
        route!(
            GET "/api/v1/indicators", Purpose, Nothing, Json,
            [option("department", "string", "Only this one"), option("area", "string", "Only this township, by code or name, with its stars")],
            indicators::figures,
            "The indicators with their lights"
        ),
        route!(GET "/api/v1/jobs", Purpose, Nothing, Json, [], jobs::all, "What was loaded or refused, and why"),
        route!(
            GET "/api/v1/jobs/{job}", Purpose, Nothing, Json,
            [part("job", "integer", "Its number")],
            jobs::one,
            "One file that was handed in"
        ),
        route!(
            GET "/api/v1/jobs/{job}/rejects", Purpose, Nothing, Sheet,
            [part("job", "integer", "Its number"), LANGUAGE],
            jobs::rejects,
            "The rows that it refused, as a workbook to mend and hand in again"
        ),
    ]
}

fn of_the_review() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(
            GET "/api/v1/review", Purpose, Nothing, Json,
            [
                option("entity", "string", "Only of this entity type"),
                option("offset", "integer", "Leave out so many of the first"),
                option("limit", "integer", "At most so many cases, 20 if not said")
            ],
            review::queue,
            "What awaits a judgement, the greatest gain first, and the decisions that wait for a second person"
        ),
        route!(GET "/api/v1/review/next", Purpose, Nothing, Json, [], review::next, "The first case of the same"),
        route!(
            POST "/api/v1/decisions", Purpose,
            Object(&[("verdict", "string"), ("sides", "array"), ("ground", "string"), ("days", "integer")]), Json,
            [],
            review::decide,
            "Judge entities or records: same, different, unsure, or skip for some days; what touches two valid ids waits for a second person"
        ),
        route!(
            POST "/api/v1/decisions/{decision}/confirm", Purpose, Object(&[("ground", "string")]), Json,
            [part("decision", "integer", "Its number")],
            review::confirm,
            "Confirm, as a second person, what waits"
        ),
        route!(
            POST "/api/v1/decisions/{decision}/revoke", Purpose, Object(&[("ground", "string")]), Json,
            [part("decision", "integer", "Its number")],
            review::revoke,
            "Take a decision back; what touches two valid ids waits for a second person"
        ),
    ]
}

fn of_the_corrections() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(
            GET "/api/v1/corrections", Purpose, Nothing, Json,
            [option("all", "boolean", "Also what is settled")],
            correct::list,
            "What departments are asked to put right, with what their records and others say as far as whoever asks sees it"
        ),
        route!(
            POST "/api/v1/corrections", Purpose,
            Object(&[("record", "integer"), ("property", "string"), ("ground", "string")]), Json,
            [],
            correct::ask,
            "Ask the department whose record it is to put a property right"
        ),
        route!(
            POST "/api/v1/corrections/{correction}/settle", Purpose, Object(&[("state", "string"), ("answer", "string")]), Json,
            [part("correction", "integer", "Its number")],
            correct::settle,
            "Settle a request, for the department whose record it is: corrected or refused"
        ),
    ]
}

fn of_the_audit() -> Vec<Route> {
    use Takes::Nothing;
    vec![
        route!(
            GET "/api/v1/audit", Purpose, Nothing, Json,
            [
                option("person", "integer", "Who saw this person: entity number, also one that it had"),
                option("principal", "string", "Who asked"),
                option("table", "string", "A table that was read"),
                option("kind", "string", "How it was asked: sql, person, login, alarm …"),
                option("purpose", "string", "What for"),
                option("outcome", "string", "How it ended: asked, answered, refused, failed"),
                option("since", "string", "From this day or time on, ISO 8601"),
                option("until", "string", "Before this day or time"),
                option("before", "integer", "Entries before this number"),
                option("limit", "integer", "At most so many, 100 if not said")
            ],
            audit::search,
            "Who looked at whom, when and what for; newest first"
        ),
        route!(
            GET "/api/v1/audit/verify", Purpose, Nothing, Json,
            [option("since", "string", "A checkpoint that was given before, as NUMBER:HASH")],
            audit::verify,
            "Prove that every entry of the audit stands as it was written; gives a checkpoint to keep elsewhere"
        ),
    ]
}

/// The router of all routes, with the pages of the console, which says what is nowhere.
pub(super) fn router(state: Arc<State>, console: Router) -> Router {
    let other = || async { Problem::new(Code::MethodNotAllowed) };
    api(&state).merge(console).method_not_allowed_fallback(other).layer(from_fn_with_state(state, around::around))
}

/// The routes alone: what the console itself asks of, which is what everybody may ask of.
pub(crate) fn api(state: &Arc<State>) -> Router {
    let mut router = Router::new();
    for route in routes() {
        if let Ok(filter) = MethodFilter::try_from(route.method) {
            router = router.route(route.path, (route.handler)(filter));
        }
    }
    router.with_state(Arc::clone(state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_path_is_told_and_data_wants_a_purpose() {
        for Route { path, parameters, access, gives, .. } in routes() {
            for part in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                assert!(parameters.iter().any(|parameter| parameter.name == part && parameter.required), "{path}: {part}");
            }
            let is_own = path.starts_with("/api/v1/account") || path == "/api/v1/openapi.json";
            assert!(!path.starts_with("/api/") || is_own || access == Access::Purpose, "{path}");
            assert!(gives != Gives::Rows || access == Access::Purpose, "{path}");
            assert!(access != Access::Open || ["/healthz", "/readyz"].contains(&path), "{path} is open");
        }
    }
}
