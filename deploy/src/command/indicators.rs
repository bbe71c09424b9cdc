//! `wuwei indicators`: the figures that areas and departments, never people, are judged by, with their lights; the stars of areas; what was
//! kept for a trend. How it is shown is in `indicators/shown.rs`.

mod history;
mod keep;
mod shown;

use crate::{
    Error,
    cli::{Common, Indicators as Asked},
    clock,
    hub::Hub,
    output,
};
pub(crate) use keep::{Kept, keep, text as kept_text};
use serde::Serialize;
pub(super) use shown::text;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_query::{Figure, Indicator, Rating, Session};
use wuwei_schema::Label;

/// Figures with their lights, what they are figures of, and what to know of the document that they are from.
#[derive(Serialize)]
pub(crate) struct Figures {
    pub(super) figures: Vec<Figure>,
    indicators: Vec<Arc<Indicator>>,
    /// Areas by code, with what they are called.
    areas: BTreeMap<String, String>,
    /// Stars of areas; none unless asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    stars: Option<Vec<Rating>>,
    notes: Vec<Label>,
}

pub(super) async fn run(common: &Common, asked: &Asked) -> Result<(), Error> {
    // Who keeps figures changes the hub, as whoever refreshes it does.
    let mut hub = Hub::open(common, if asked.keep { "refresh" } else { "indicators" }).await?;
    if asked.keep {
        let (kept, _) = keep(&mut hub).await?;
        return output::print(common, &kept, keep::text);
    }
    let session = hub.session()?;
    if let Some(name) = &asked.history {
        let trend = history::trend(&hub, &session, name, asked).await?;
        return output::print(common, &trend, history::text);
    }
    if asked.stars {
        return output::print(common, &stars(&hub, &session).await?, |all| shown::stars(all.stars.as_deref().unwrap_or_default()));
    }
    let all = figures(&hub, &session, asked.department.as_deref(), asked.area.as_deref()).await?;
    output::print(common, &all, |all| shown::all(all, asked))
}

/// The figures of all, of one department, or of one area with its stars, for whoever has the session.
pub(crate) async fn figures(hub: &Hub, session: &Session, department: Option<&str>, area: Option<&str>) -> Result<Figures, Error> {
    let departments = &hub.definitions.departments;
    if let Some(code) = department.filter(|code| departments.department(code).is_none()) {
        let codes = departments.list.iter().map(|known| known.code.as_str());
        return Err(Error::asked(format!("there is no department `{code}`"), wuwei_schema::nearest(code, codes)));
    }
    let now = clock::now_ms();
    let areas = session.areas(now).await?;
    let Some(area) = area else {
        return Ok(together(hub, session.indicators(department, now).await?, areas, None));
    };
    let code = code_of(&areas, area)?;
    let found = session.indicators_of_area(&code, now).await?;
    let stars = rated(hub, &found, &areas);
    Ok(together(hub, found, areas, Some(stars)))
}

/// The stars of every area, with the figures that they come from.
async fn stars(hub: &Hub, session: &Session) -> Result<Figures, Error> {
    let now = clock::now_ms();
    let (areas, mut found) = (session.areas(now).await?, session.indicators(None, now).await?);
    found.retain(|figure| figure.area.is_some());
    let stars = rated(hub, &found, &areas);
    Ok(together(hub, found, areas, Some(stars)))
}

fn together(hub: &Hub, figures: Vec<Figure>, areas: BTreeMap<String, String>, stars: Option<Vec<Rating>>) -> Figures {
    let known = &hub.definitions.indicators;
    Figures { figures, indicators: known.list.clone(), areas, stars, notes: known.document.notes.clone() }
}

fn rated(hub: &Hub, figures: &[Figure], areas: &BTreeMap<String, String>) -> Vec<Rating> {
    hub.definitions.indicators.stars.as_ref().map(|rule| rule.rate(figures, areas)).unwrap_or_default()
}

/// The code of an area that is given by code or name.
fn code_of(areas: &BTreeMap<String, String>, area: &str) -> Result<String, Error> {
    let found = areas.iter().find(|(code, name)| *code == area || *name == area).map(|(code, _)| code.clone());
    found.ok_or_else(|| {
        let hint = wuwei_schema::nearest(area, areas.values().map(String::as_str));
        Error::asked(format!("there is no area `{area}`"), hint)
    })
}
