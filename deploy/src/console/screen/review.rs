//! What awaits a judgement, one case a page: two records side by side, what their agreement weighs, and what may be judged of them. Who judged
//! goes on to the next case. What waits for a second person, and what holds, is in `decisions`.

pub(crate) mod decisions;
mod sides;
pub(crate) mod split;
mod told;
mod waterfall;

use super::{
    Trouble, of_form, of_query,
    search::{kind_of, property_of},
    tried,
};
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use sides::Row;
use told::{Doubt, Explained, Queue, Weighed, Written};
use waterfall::{Term, Waterfall, waterfall};
use wuwei_schema::EntityType;

/// What may be judged, with the key that judges it. The last is put off, without a ground.
const VERDICTS: [(&str, &str); 4] = [("same", "y"), ("different", "n"), ("unsure", "u"), ("skip", "s")];
/// What a judgement can come to, a key of `judged` each.
const STATES: [&str; 5] = ["proposed", "holds", "withdrawing", "revoked", "skipped"];

#[derive(Debug, Template)]
#[template(path = "review.html")]
struct Review {
    page: Page,
    screen: Screen,
}

/// The case alone, as it takes the place of the one before.
#[derive(Debug, Template)]
#[template(path = "review_part.html")]
struct Part {
    page: Page,
    screen: Screen,
}

#[derive(Debug)]
struct Screen {
    case: Option<Case>,
    /// Of how many it is one.
    total: usize,
    /// Decisions that wait for a second person.
    waiting: usize,
    /// Whether whoever looks may judge.
    judges: bool,
    verdicts: [(&'static str, &'static str); 4],
    /// The ground of the judgement before, which is often that of the next.
    ground: String,
    told: Option<&'static str>,
    trouble: Option<Trouble>,
}

/// One case at one of its doubts.
#[derive(Debug)]
struct Case {
    at: usize,
    kind: String,
    /// Where files of the type are.
    place: &'static str,
    gain: String,
    entities: Vec<i64>,
    doubts: Vec<Tab>,
    left: (i64, i64),
    right: (i64, i64),
    rows: Vec<Row>,
    waterfall: Option<Waterfall>,
    posterior: String,
    /// Both entities, and all of the case where there are more.
    pair: String,
    all: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// A doubt of a case, to be turned to.
#[derive(Debug)]
struct Tab {
    entities: [i64; 2],
    weight: String,
    path: String,
    is_here: bool,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    /// Cases, and doubts of the case, that stand before it.
    at: usize,
    doubt: usize,
    /// What the judgement before came to.
    told: String,
}

#[derive(Deserialize)]
pub(crate) struct Judged {
    #[serde(default)]
    verdict: String,
    sides: String,
    #[serde(default)]
    ground: String,
    at: usize,
}

pub(crate) async fn show(visit: Visit, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let wanted = of_query(wanted)?;
    let told = STATES.into_iter().find(|state| *state == wanted.told);
    shown(&visit, wanted.at, wanted.doubt, Said { told, ..Said::default() }).await
}

/// Judges, and goes on to the case that stands in its place then.
pub(crate) async fn judge(visit: Visit, judged: Result<Form<Judged>, FormRejection>) -> Result<Response, Problem> {
    let Judged { verdict, sides, ground, at } = of_form(judged)?;
    let sides: Vec<&str> = sides.split_whitespace().collect();
    let body = json!({ "verdict": verdict, "sides": sides, "ground": ground });
    match tried(visit.post::<Written>("/api/v1/decisions", &body).await)? {
        Ok(Written { state }) => {
            let told = STATES.into_iter().find(|known| *known == state);
            match visit.guest.is_part {
                true => shown(&visit, at, 0, Said { ground, told, trouble: None }).await,
                false => Ok(visit.guest.sent(&link::with("/review", &[("at", &at.to_string()), ("told", told.unwrap_or_default())]))),
            }
        }
        // What the reviewer can mend is told beside the case, whose ground stays as it was typed.
        Err(trouble) => shown(&visit, at, 0, Said { ground, told: None, trouble: Some(trouble) }).await,
    }
}

/// What is said beside a case.
#[derive(Debug, Default)]
struct Said {
    ground: String,
    told: Option<&'static str>,
    trouble: Option<Trouble>,
}

async fn shown(visit: &Visit, at: usize, doubt: usize, said: Said) -> Result<Response, Problem> {
    let mut queue = queue(visit, at).await?;
    let mut at = at;
    if queue.cases.is_empty() && queue.total > 0 {
        // The last was judged: the one before it is the last now.
        at = queue.total - 1;
        queue = self::queue(visit, at).await?;
    }
    let page = Page::of(&visit.guest, "review");
    let case = match queue.cases.pop() {
        Some(told) => Some(case(&page, visit, (at, queue.total), doubt, told).await?),
        None => None,
    };
    let Said { ground, told, trouble } = said;
    let judges = visit.inside.signed.verbs.contains(&"decide");
    let screen = Screen { case, total: queue.total, waiting: queue.waiting.len(), judges, verdicts: VERDICTS, ground, told, trouble };
    match visit.guest.is_part {
        true => Ok(html(&Part { page, screen })),
        false => Ok(html(&Review { page, screen })),
    }
}

async fn queue(visit: &Visit, at: usize) -> Result<Queue, Problem> {
    visit.get(&link::with("/api/v1/review", &[("offset", &at.to_string()), ("limit", "1")])).await
}

async fn case(page: &Page, visit: &Visit, (at, total): (usize, usize), wanted: usize, told: told::Case) -> Result<Case, Problem> {
    let told::Case { entity, entities, gain, doubts } = told;
    let here = wanted.min(doubts.len().saturating_sub(1));
    let path = |at: usize, doubt: usize| link::with("/review", &[("at", &at.to_string()), ("doubt", &doubt.to_string())]);
    let tab = |(number, doubt): (usize, &Doubt)| Tab {
        entities: [doubt.left_entity, doubt.right_entity],
        weight: waterfall::bits(doubt.weight),
        path: path(at, number),
        is_here: number == here,
    };
    let tabs: Vec<Tab> = doubts.iter().enumerate().map(tab).collect();
    let doubt = doubts.get(here).ok_or_else(|| crate::Error::defect("a case has no doubt"))?;
    let numbers = |entities: &[i64]| entities.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    let before = match (here, at) {
        (0, 0) => None,
        (0, at) => Some(path(at - 1, 0)),
        (here, at) => Some(path(at, here - 1)),
    };
    let after = match here + 1 < tabs.len() {
        true => Some(path(at, here + 1)),
        false => (at + 1 < total).then(|| path(at + 1, 0)),
    };
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(&entity);
    Ok(Case {
        at,
        kind: kind_of(page, visit, &entity),
        place: link::place(&entity),
        gain: format!("{gain:.1}"),
        rows: sides::rows(page, visit, &entity, &doubt.compared),
        waterfall: weighed(page, visit, kind, doubt).await?,
        posterior: format!("{:.4}", doubt.posterior),
        left: (doubt.left, doubt.left_entity),
        right: (doubt.right, doubt.right_entity),
        pair: numbers(&[doubt.left_entity, doubt.right_entity]),
        all: (entities.len() > 2).then(|| numbers(&entities)),
        doubts: tabs,
        entities,
        before,
        after,
    })
}

/// What the two weigh: comparison by comparison with the rarity of each value, or, to whoever is not told that, with the rarity of all.
async fn weighed(page: &Page, visit: &Visit, kind: Option<&EntityType>, doubt: &Doubt) -> Result<Option<Waterfall>, Problem> {
    let whole = (page.t("review.weight").to_owned(), doubt.weight);
    if visit.inside.signed.verbs.contains(&"explain") {
        match visit.get::<Explained>(&format!("/api/v1/explain/r{}/r{}", doubt.left, doubt.right)).await {
            Ok(explained) => return Ok(Some(explanation(page, kind, whole.0, &explained))),
            // Whoever does not see all that is weighed is told less.
            Err(problem) if problem.code.about().0 < 429 => {}
            Err(problem) => return Err(problem),
        }
    }
    let (Some(prior), Some(rarity)) = (doubt.prior, doubt.rarity) else { return Ok(None) };
    let mut terms = vec![named(page.t("review.prior"), prior)];
    terms.extend(doubt.compared.iter().filter(|compared| compared.level.is_some()).map(|compared| Term {
        label: property_of(page, kind, &compared.property),
        level: compared.level.map(|level| level.to_string()).unwrap_or_default(),
        bits: compared.bits,
        rarity: 0.0,
    }));
    terms.push(named(page.t("review.rarity"), rarity));
    Ok(Some(waterfall(terms, whole, None)))
}

fn explanation(page: &Page, kind: Option<&EntityType>, word: String, explained: &Explained) -> Waterfall {
    let term = |weighed: &Weighed| Term {
        label: property_of(page, kind, &weighed.property),
        level: weighed.level.map(|level| format!("{level}/{}", weighed.exact)).unwrap_or_default(),
        bits: weighed.level.map(|_| weighed.bits),
        rarity: weighed.rarity,
    };
    let terms = std::iter::once(named(page.t("review.prior"), explained.prior)).chain(explained.comparisons.iter().map(term)).collect();
    waterfall(terms, (word, explained.weight), Some(explained.threshold_weight))
}

fn named(word: &str, bits: f64) -> Term {
    Term { label: word.to_owned(), bits: Some(bits), ..Term::default() }
}
