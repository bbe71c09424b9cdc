//! Parting what is one: an entity at the weakest place of what holds its records together, and a judgement that those of the one part are
//! different from those of the other. Which place that is, the file says; what is judged is what was shown.

use super::{
    explanation,
    sides::{self, Row},
    told::{Compared, Explained, Written},
    waterfall::Waterfall,
};
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{
            Trouble,
            file::{Apart, apart},
            of_form, of_path,
            search::property_of,
            tried,
        },
        words::Named,
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    Form,
    extract::{
        Path,
        rejection::{FormRejection, PathRejection},
    },
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Template)]
#[template(path = "split.html")]
struct Split {
    page: Page,
    id: i64,
    /// Its file.
    file: String,
    apart: Apart,
    /// The heaviest pair across the place, to whoever is told what it weighs.
    pair: Option<Pair>,
    ground: String,
    trouble: Option<Trouble>,
}

/// Two records, one of each part.
#[derive(Debug)]
struct Pair {
    left: i64,
    right: i64,
    rows: Vec<Row>,
    waterfall: Waterfall,
    posterior: String,
}

pub(crate) async fn show(visit: Visit, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    shown(&visit, of_path(id)?, String::new(), None).await
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(crate) struct Judged {
    left: String,
    right: String,
    #[serde(default)]
    ground: String,
}

/// Judges the two parts different, and leads to what waits and what holds.
pub(crate) async fn judge(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    judged: Result<Form<Judged>, FormRejection>,
) -> Result<Response, Problem> {
    let (id, Judged { left, right, ground }) = (of_path(id)?, of_form(judged)?);
    let body = json!({ "verdict": "different", "sides": [left, right], "ground": ground });
    match tried(visit.post::<Written>("/api/v1/decisions", &body).await)? {
        Ok(Written { state }) => Ok(visit.guest.sent(&link::with("/review/decisions", &[("told", &state)]))),
        Err(trouble) => shown(&visit, id, ground, Some(trouble)).await,
    }
}

async fn shown(visit: &Visit, id: i64, ground: String, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let page = Page::of(&visit.guest, "review");
    // Whoever may not judge is not shown how.
    if !visit.inside.signed.verbs.contains(&"decide") {
        return Err(Problem::new(Code::Forbidden));
    }
    let apart = apart(&page, visit, id).await?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let pair = pair(&page, visit, &apart).await?;
    let file = link::file(&apart.entity, id);
    Ok(html(&Split { page, id, file, apart, pair, ground, trouble }))
}

async fn pair(page: &Page, visit: &Visit, apart: &Apart) -> Result<Option<Pair>, Problem> {
    let [left, right] = &apart.sides;
    let explained: Explained = match visit.get(&format!("/api/v1/explain/{left}/{right}")).await {
        Ok(explained) => explained,
        // Whoever does not see all that is weighed judges by the records.
        Err(problem) if problem.code.about().0 < 429 => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(&apart.entity);
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let label = |property: &str| {
        let word = property_of(page, kind, property);
        Named { zh: word.clone(), en: word }
    };
    let compared = explained.comparisons.iter().map(|weighed| Compared {
        property: weighed.property.clone(),
        label: label(&weighed.property),
        left: said(&weighed.left),
        right: said(&weighed.right),
        level: None,
        bits: None,
    });
    Ok(Some(Pair {
        left: explained.left,
        right: explained.right,
        rows: sides::rows(page, visit, &apart.entity, &compared.collect::<Vec<_>>()),
        waterfall: explanation(page, kind, page.t("review.weight").to_owned(), &explained),
        posterior: format!("{:.4}", explained.posterior),
    }))
}
