//! 更正申请: what departments are asked to put right, on a page of its own for whoever asked and for whoever settles it, and as a part of files,
//! where it is asked. Who may ask and who may settle is the API's to say.

use super::{
    Trouble, of_form, of_path,
    search::{department, property_of},
    tried,
};
use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
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
use serde_json::{Value, json};

/// What a department was asked to put right, as the API tells it.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    correction: i64,
    department: String,
    #[serde(default)]
    entity: String,
    property: String,
    says: Option<Claim>,
    #[serde(default)]
    others: Vec<Claim>,
    ground: String,
    who: String,
    day: String,
    state: String,
    answer: Option<String>,
    #[serde(default)]
    settled_by: Option<String>,
}

/// What a record says of it.
#[derive(Debug, Deserialize)]
struct Claim {
    department: String,
    extract: String,
    row: i64,
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    corrections: Vec<Asked>,
}

/// The same, laid out.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) number: i64,
    pub(crate) department: String,
    pub(crate) property: String,
    pub(crate) says: String,
    pub(crate) others: String,
    pub(crate) day: String,
    pub(crate) who: String,
    pub(crate) ground: String,
    pub(crate) state: String,
    pub(crate) answer: String,
}

#[derive(Debug, Template)]
#[template(path = "corrections.html")]
struct Corrections {
    page: Page,
    /// Those that the own department has to settle; none where whoever looks acts for no department.
    waiting: Option<Vec<Open>>,
    own: Vec<Open>,
    settled: Vec<Open>,
    trouble: Option<Trouble>,
}

pub(crate) async fn list(visit: Visit) -> Result<Response, Problem> {
    listed(&visit, None).await
}

/// What is filled in of one that is settled.
#[derive(Debug, Deserialize)]
pub(crate) struct Settled {
    #[serde(default)]
    state: String,
    #[serde(default)]
    answer: String,
}

/// Settles one for the own department, and shows what is left.
pub(crate) async fn settle(
    visit: Visit,
    number: Result<Path<i64>, PathRejection>,
    settled: Result<Form<Settled>, FormRejection>,
) -> Result<Response, Problem> {
    let (number, Settled { state, answer }) = (of_path(number)?, of_form(settled)?);
    let path = format!("/api/v1/corrections/{number}/settle");
    match tried(visit.post::<Value>(&path, &json!({ "state": state, "answer": answer })).await)? {
        Ok(_) => Ok(visit.guest.sent("/corrections")),
        Err(trouble) => listed(&visit, Some(trouble)).await,
    }
}

async fn listed(visit: &Visit, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let page = Page::of(&visit.guest, "corrections");
    let Listed { corrections: waiting } = visit.get("/api/v1/corrections").await?;
    let Listed { corrections: all } = visit.get("/api/v1/corrections?all=true").await?;
    let of_us = visit.inside.account.department.as_deref();
    let is_ours = |asked: &Asked| of_us == Some(asked.department.as_str());
    let is_mine = |asked: &Asked| asked.who == visit.inside.account.name;
    let laid = |asked: Asked| open(&page, visit, asked);
    let waiting = of_us.map(|_| waiting.into_iter().filter(is_ours).map(laid).collect());
    let (own, others): (Vec<Asked>, Vec<Asked>) = all.into_iter().rev().partition(is_mine);
    let settled = others.into_iter().filter(|asked| is_ours(asked) && asked.settled_by.is_some()).map(laid).collect();
    let own = own.into_iter().map(laid).collect();
    Ok(html(&Corrections { page, waiting, own, settled, trouble }))
}

/// What is filled in beside a conflict.
#[derive(Debug, Deserialize)]
pub(crate) struct New {
    record: i64,
    property: String,
    #[serde(default)]
    ground: String,
}

/// Asks the department whose record it is to put it right. What whoever asks can mend is told beside the file.
pub(super) async fn ask(visit: &Visit, new: Result<Form<New>, FormRejection>) -> Result<Option<Trouble>, Problem> {
    let New { record, property, ground } = of_form(new)?;
    let body = json!({ "record": record, "property": property, "ground": ground });
    Ok(tried(visit.post::<Value>("/api/v1/corrections", &body).await)?.err())
}

/// One, laid out.
pub(super) fn open(page: &Page, visit: &Visit, asked: Asked) -> Open {
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(&asked.entity);
    let said = |claim: &Claim| {
        let (value, whose) = (claim.value.as_deref().unwrap_or("–"), department(page, visit, &claim.department));
        format!("{value} ({whose} {}:{})", claim.extract, claim.row)
    };
    Open {
        number: asked.correction,
        department: department(page, visit, &asked.department),
        property: property_of(page, kind, &asked.property),
        says: asked.says.as_ref().map(said).unwrap_or_default(),
        others: asked.others.iter().map(said).collect::<Vec<_>>().join(page.t("sign.and")),
        state: page.of_key("correction", &asked.state),
        day: asked.day,
        who: asked.who,
        ground: asked.ground,
        answer: [asked.answer, asked.settled_by].into_iter().flatten().collect::<Vec<_>>().join(" · "),
    }
}
