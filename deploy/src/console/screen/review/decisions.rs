//! Decisions: those that wait for a second person, and the newest that hold, which may be taken back. Whoever began what waits does not end it.

use super::{
    STATES,
    told::{Decision, Queue, Written},
};
use crate::{
    console::{
        api::Rows,
        guest::Visit,
        link,
        page::{Page, html},
        screen::{Trouble, of_form, of_path, of_query, plain, search::kind_of, tried},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The newest decisions that hold, and of which entities they are now.
const NEWEST: &str = "WITH newest AS (SELECT decision, min(entity) AS entity, min(verdict) AS verdict, min(state) AS state, min(who) AS who, \
    min(ground) AS ground FROM graph.decision WHERE state = 'holds' GROUP BY decision ORDER BY decision DESC LIMIT 40), \
    sides AS (SELECT d.decision, d.\"left\" AS record FROM graph.decision d JOIN newest n ON n.decision = d.decision \
        UNION SELECT d.decision, d.\"right\" AS record FROM graph.decision d JOIN newest n ON n.decision = d.decision) \
    SELECT DISTINCT n.decision, n.entity, n.verdict, n.state, n.who, n.ground, l.entity_id \
    FROM newest n JOIN sides s ON s.decision = n.decision JOIN graph.link l ON l.record_id = s.record ORDER BY n.decision DESC, l.entity_id";

#[derive(Debug, Template)]
#[template(path = "decisions.html")]
struct Decisions {
    page: Page,
    waiting: Vec<Shown>,
    held: Vec<Shown>,
    judges: bool,
    told: Option<&'static str>,
    trouble: Option<Trouble>,
}

#[derive(Debug)]
struct Shown {
    decision: i64,
    kind: String,
    /// Where files of the type are.
    place: &'static str,
    entities: Vec<i64>,
    verdict: String,
    state: String,
    who: String,
    ground: String,
    /// Whether whoever looks began it.
    is_own: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    told: String,
}

pub(crate) async fn list(visit: Visit, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let Wanted { told } = of_query(wanted)?;
    listed(&visit, STATES.into_iter().find(|state| *state == told), None).await
}

#[derive(Deserialize)]
pub(crate) struct Settled {
    #[serde(default)]
    what: String,
    #[serde(default)]
    ground: String,
}

/// Confirms a decision, as a second person, or takes it back.
pub(crate) async fn settle(
    visit: Visit,
    decision: Result<Path<i64>, PathRejection>,
    settled: Result<Form<Settled>, FormRejection>,
) -> Result<Response, Problem> {
    let (decision, Settled { what, ground }) = (of_path(decision)?, of_form(settled)?);
    let what = if what == "confirm" { "confirm" } else { "revoke" };
    match tried(visit.post::<Written>(&format!("/api/v1/decisions/{decision}/{what}"), &json!({ "ground": ground })).await)? {
        Ok(Written { state }) => Ok(visit.guest.sent(&link::with("/review/decisions", &[("told", &state)]))),
        Err(trouble) => listed(&visit, None, Some(trouble)).await,
    }
}

async fn listed(visit: &Visit, told: Option<&'static str>, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let page = Page::of(&visit.guest, "review");
    let Queue { waiting, .. } = visit.get("/api/v1/review?limit=0").await?;
    let verbs = &visit.inside.signed.verbs;
    let held = if verbs.contains(&"sql") { held(visit.rows(NEWEST).await?) } else { Vec::new() };
    let [waiting, held] = [waiting, held].map(|all| all.into_iter().map(|decision| shown(&page, visit, decision)).collect());
    Ok(html(&Decisions { judges: verbs.contains(&"decide"), page, waiting, held, told, trouble }))
}

/// Rows of [`NEWEST`], those of one decision together.
fn held(rows: Rows) -> Vec<Decision> {
    let mut held: Vec<Decision> = Vec::new();
    for row in rows.rows {
        let [decision, entity, verdict, state, who, ground, of] = row.as_slice() else { continue };
        let (Some(decision), Some(of)) = (decision.as_i64(), of.as_i64()) else { continue };
        match held.last_mut().filter(|last| last.decision == decision) {
            Some(last) => last.entities.push(of),
            None => {
                let [entity, verdict, state, who, ground] = [entity, verdict, state, who, ground].map(|cell: &Value| plain(cell));
                held.push(Decision { decision, entity, entities: vec![of], verdict, state, who, ground });
            }
        }
    }
    held
}

fn shown(page: &Page, visit: &Visit, told: Decision) -> Shown {
    Shown {
        decision: told.decision,
        kind: kind_of(page, visit, &told.entity),
        place: link::place(&told.entity),
        entities: told.entities,
        verdict: page.of_key("verdict", &told.verdict),
        state: page.of_key("judged", &told.state),
        is_own: told.who == visit.inside.account.name,
        who: told.who,
        ground: told.ground,
    }
}
