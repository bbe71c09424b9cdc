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
    remembered::Remembered,
};
pub(crate) use keep::{Kept, keep, text as kept_text};
use serde::Serialize;
pub(super) use shown::text;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_query::{Figure, Figured, Indicator, Purpose, Rating, Session, Withheld};
use wuwei_schema::Label;

/// Askers with different rights, epochs and hours of which a server keeps all figures: some thousand each.
const KEPT: usize = 16;
/// The rate of use is counted from a log that goes on between epochs, so nothing is kept for longer than an hour.
const HOUR_MS: i64 = 3_600_000;

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

/// The figures that a server keeps.
#[derive(Debug)]
pub(crate) struct Boards(Remembered<Rights, Board>);

/// Of which epoch and hour, and for whom: figures are the same for all who see as much of them.
#[derive(Debug, PartialEq, Eq)]
struct Rights {
    holds: Holds,
    role: Option<String>,
    department: Option<String>,
    area: Option<String>,
    purpose: Purpose,
    /// What the policies keep back of each, of this very asker.
    withheld: Vec<Withheld>,
}

/// The epoch and the hour of which figures are.
pub(crate) type Holds = (u64, i64);

/// All figures, with the areas that they speak of.
#[derive(Debug)]
struct Board {
    areas: BTreeMap<String, String>,
    figured: Figured,
}

impl Default for Boards {
    fn default() -> Boards {
        Boards(Remembered::at_most(KEPT))
    }
}

/// The epoch and the hour of which figures are now.
pub(crate) fn holds(hub: &Hub) -> Holds {
    (hub.lake.epoch().number, clock::now_ms() / HOUR_MS)
}

impl Rights {
    fn of(hub: &Hub, session: &Session) -> Result<Rights, Error> {
        let list = hub.definitions.indicators.list.iter();
        let withheld = list.map(|indicator| session.withheld(&format!("indicator.{}", indicator.name)));
        let (principal, said) = (session.principal(), |text: Option<&str>| text.map(str::to_owned));
        let (role, department, area) = (said(principal.role()), said(principal.department()), said(principal.area()));
        let withheld = withheld.collect::<Result<Vec<_>, _>>()?;
        Ok(Rights { holds: holds(hub), role, department, area, purpose: session.purpose().clone(), withheld })
    }
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
    let all = figures(&hub, &session, &Boards::default(), (asked.department.as_deref(), asked.area.as_deref())).await?;
    output::print(common, &all, |all| shown::all(all, asked))
}

/// The figures of all, of one department, or of one area with its stars, for whoever has the session; as they were computed before for
/// somebody with the same rights, where they hold still.
pub(crate) async fn figures(
    hub: &Hub,
    session: &Session,
    boards: &Boards,
    (department, area): (Option<&str>, Option<&str>),
) -> Result<Figures, Error> {
    let departments = &hub.definitions.departments;
    if let Some(code) = department.filter(|code| departments.department(code).is_none()) {
        let codes = departments.list.iter().map(|known| known.code.as_str());
        return Err(Error::asked(format!("there is no department `{code}`"), wuwei_schema::nearest(code, codes)));
    }
    let (now, mut shown) = (clock::now_ms(), None);
    let computed = async {
        let areas = session.areas(now).await?;
        let wanted = wanted(&areas, department, area)?;
        let (figured, found) = session.figured(now, wanted).await?;
        shown = Some(found);
        Ok::<_, Error>(Board { areas, figured })
    };
    let board = boards.0.get(Rights::of(hub, session)?, Box::pin(computed)).await?;
    let found = match shown {
        Some(found) => found,
        None => session.shown(&board.figured, now, wanted(&board.areas, department, area)?)?,
    };
    let stars = area.map(|_| rated(hub, &found, &board.areas));
    Ok(together(hub, found, board.areas.clone(), stars))
}

/// Which figures are asked for: those of an area, by its code or name, of a department, or all.
fn wanted(areas: &BTreeMap<String, String>, department: Option<&str>, area: Option<&str>) -> Result<impl Fn(&Figure) -> bool, Error> {
    let (code, department) = (area.map(|area| code_of(areas, area)).transpose()?, department.map(str::to_owned));
    Ok(move |figure: &Figure| match &code {
        Some(_) => figure.area == code,
        None => department.is_none() || figure.department == department,
    })
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
