//! The first page: the figures that departments, never people, are judged by, with what was delivered by whom. Figures take their time, so
//! they come after the page where this session has not been shown them yet; the API keeps them, nothing here does but what is small.

mod layout;

use super::of_query;
use crate::{
    clock,
    command::indicators::{Holds, holds},
    console::{
        api::Rows,
        guest::Visit,
        page::{Light, Page, html},
        words::{Language, Named},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use layout::Board;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// The two that a bureau is judged on.
pub(crate) const HEADS: [&str; 2] = ["data_sharing_rate", "data_utilization_rate"];

/// What was delivered, by department. Who does not see both tables is not asked.
const VOLUMES: &str = "SELECT s.provider, count(DISTINCT s.rid) AS resources, count(DISTINCT CASE WHEN s.fresh THEN s.rid END) AS fresh, \
                       count(d.batch) AS files, coalesce(sum(d.rows_total), 0) AS read, coalesce(sum(d.rows_ok), 0) AS accepted, \
                       max(d.received_ts) AS last \
                       FROM contract.resource_state s LEFT JOIN contract.delivery d ON d.rid = s.rid GROUP BY s.provider ORDER BY s.provider";
const SEEN: &str =
    "SELECT table_name FROM contract.table_comment WHERE namespace = 'contract' AND table_name IN ('delivery', 'resource_state')";

/// What the API says of indicators.
#[derive(Debug, Deserialize)]
pub(crate) struct Figures {
    figures: Vec<Figure>,
    #[serde(default)]
    indicators: Vec<Indicator>,
    #[serde(default)]
    notes: Vec<Named>,
    #[serde(skip)]
    volumes: Arc<[Volume]>,
}

/// What a session was shown: the two figures that stand on every page, and what was delivered.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    holds: Holds,
    heads: Vec<Figure>,
    volumes: Arc<[Volume]>,
}

#[derive(Debug, Clone, Deserialize)]
struct Figure {
    indicator: String,
    label: Named,
    unit: String,
    dimension: String,
    origin: String,
    department: Option<String>,
    area: Option<String>,
    counterpart: Option<String>,
    numerator: f64,
    denominator: f64,
    value: Option<f64>,
    light: String,
    reason: Option<String>,
    target_met: bool,
    baseline: Option<f64>,
    target: Option<f64>,
    challenge: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Indicator {
    name: String,
    number: Option<u32>,
    #[serde(default)]
    source: String,
}

/// What a department delivered.
#[derive(Debug, Clone)]
struct Volume {
    department: String,
    resources: u64,
    fresh: u64,
    files: u64,
    read: u64,
    accepted: u64,
    last: String,
}

impl Figure {
    fn is_whole(&self) -> bool {
        self.department.is_none() && self.area.is_none() && self.counterpart.is_none()
    }
}

impl Figures {
    /// A figure of all departments and areas together.
    fn whole(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.indicator == name && figure.is_whole())
    }
}

impl Shown {
    /// The two figures for the frame of every page.
    pub(crate) fn lights(&self, language: Language) -> Vec<Light> {
        let light = |figure: &Figure| Light {
            name: language.said(&figure.label).to_owned(),
            value: layout::value(language, figure),
            light: layout::light(figure),
        };
        self.heads.iter().map(light).collect()
    }
}

#[derive(Debug, Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    /// None while it is fetched.
    board: Option<Board>,
}

#[derive(Debug, Template)]
#[template(path = "figures.html")]
struct FiguresPart {
    page: Page,
    board: Option<Board>,
}

/// Whether to wait for the figures, for a browser without scripts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wait {
    wait: bool,
}

pub(crate) async fn show(mut visit: Visit, wait: Result<Query<Wait>, QueryRejection>) -> Result<Response, Problem> {
    let offers = |verb: &str| visit.inside.signed.verbs.contains(&verb);
    if !offers("indicators") {
        // Where their work begins.
        let others = [("people", "/search"), ("review", "/review"), ("user", "/admin"), ("sql", "/sql")];
        let other = others.iter().find(|(verb, _)| offers(verb)).map_or("/tables", |(_, path)| *path);
        return Ok(visit.guest.sent(other));
    }
    let figures = match is_known(&visit) || of_query(wait)?.wait {
        true => Some(fetched(&mut visit).await?),
        false => None,
    };
    let page = Page::of(&visit.guest, "overview");
    let board = figures.map(|figures| Board::of(&page, &visit, &figures));
    Ok(html(&Overview { page, board }))
}

pub(crate) async fn figures(mut visit: Visit) -> Result<Response, Problem> {
    let figures = fetched(&mut visit).await?;
    let page = Page::of(&visit.guest, "overview");
    let board = Some(Board::of(&page, &visit, &figures));
    Ok(html(&FiguresPart { page, board }))
}

/// Whether this session was shown the figures, and nothing has changed since: then the API has them at hand.
fn is_known(visit: &Visit) -> bool {
    visit.inside.signed.figures.as_ref().is_some_and(|shown| shown.holds == holds(&visit.guest.console.state.hub()))
}

async fn fetched(visit: &mut Visit) -> Result<Figures, Problem> {
    let holds = holds(&visit.guest.console.state.hub());
    let mut figures: Figures = visit.get("/api/v1/indicators").await?;
    let known = visit.inside.signed.figures.take().filter(|shown| shown.holds == holds);
    figures.volumes = match known {
        Some(known) => known.volumes,
        None if visit.inside.signed.verbs.contains(&"sql") && visit.rows(SEEN).await?.rows.len() == 2 => {
            volumes(&visit.rows(VOLUMES).await?)
        }
        None => Arc::default(),
    };
    let heads = HEADS.iter().filter_map(|name| figures.whole(name)).cloned().collect();
    let shown = Some(Shown { holds, heads, volumes: Arc::clone(&figures.volumes) });
    visit.inside.signed.figures.clone_from(&shown);
    if let Some(inside) = &mut visit.guest.inside {
        inside.signed.figures.clone_from(&shown);
    }
    visit.guest.console.sessions.change(visit.inside.key, |signed| signed.figures = shown);
    Ok(figures)
}

fn volumes(rows: &Rows) -> Arc<[Volume]> {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let volume = |row: &Vec<Value>| match row.as_slice() {
        [department, resources, fresh, files, read, accepted, last] => Some(Volume {
            department: department.as_str()?.to_owned(),
            resources: number(resources),
            fresh: number(fresh),
            files: number(files),
            read: number(read),
            accepted: number(accepted),
            last: last.as_str().map(|last| clock::local(&format!("{last}Z"))).unwrap_or_default(),
        }),
        _ => None,
    };
    rows.rows.iter().filter_map(volume).collect()
}
