//! The mapping of a file that no department describes: proposed column by column with the reasons, chosen otherwise, completed as the text of a
//! department file, and confirmed by somebody who did not write it. One page for whoever handed the file in and for whoever confirms.

use super::{
    Id,
    told::{Column, Found, Mapping, Upload},
};
use crate::{
    clock,
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{Trouble, of_form, of_path},
        words::Named,
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{Form, extract::rejection::FormRejection, http::Method, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What the API says of one.
#[derive(Debug, Deserialize)]
struct Shown {
    upload: Upload,
    owner: String,
    own: bool,
    mapping: Option<Mapping>,
    text: Option<String>,
    found: Option<Found>,
    defines: bool,
    confirms: bool,
}

/// What is proposed, with what was chosen in it.
#[derive(Debug, Deserialize)]
struct Draft {
    text: String,
    naming: Naming,
    suggestion: Suggestion,
}

#[derive(Debug, Default, Deserialize)]
struct Naming {
    code: String,
    label: Option<Named>,
    extract: Option<String>,
    extract_label: Option<Named>,
    reasons: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Suggestion {
    known: Option<String>,
    rows: u64,
    columns: Vec<Column>,
}

impl Naming {
    /// Why a column is not mapped, where that was said.
    fn reason(&self, heading: &str) -> &str {
        self.reasons.get(heading).and_then(Value::as_str).unwrap_or_default()
    }
}

#[derive(Debug, Template)]
#[template(path = "mapping.html")]
struct MappingPage {
    page: Page,
    shown: Shown,
    draft: Option<Draft>,
    /// What stands in the box.
    text: String,
    /// What a column may become, with what people call it.
    fields: Vec<(String, String)>,
    /// Code and name.
    departments: Vec<(String, String)>,
    trouble: Option<Trouble>,
}

impl MappingPage {
    /// Whether it can be changed still.
    fn is_open(&self) -> bool {
        !self.shown.upload.loaded && !self.shown.upload.is_live() && self.state() != "confirmed"
    }

    fn state(&self) -> &str {
        self.shown.mapping.as_ref().map_or("none", |mapping| &mapping.state)
    }

    fn code(&self) -> &str {
        self.draft.as_ref().map_or("", |draft| &draft.naming.code)
    }
}

/// Where the API has it.
fn path(id: &str, rest: &str) -> String {
    format!("/api/v1/mappings/{}{rest}", link::escaped(id))
}

pub(super) async fn show(visit: Visit, id: Id) -> Result<Response, Problem> {
    let id = of_path(id)?;
    drawn(&visit, &id, &Typed::default(), None).await
}

/// The page, with what was typed in it and why that was not done.
async fn drawn(visit: &Visit, id: &str, typed: &Typed, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let shown: Shown = visit.get(&path(id, "")).await?;
    let (draft, trouble) = match visit.post::<Draft>(&path(id, "/draft"), &typed.chosen()).await {
        Ok(draft) => (Some(draft), trouble),
        Err(problem) if [400, 422].contains(&problem.code.about().0) => {
            // Where it is a choice that is wrong, what is proposed without one is still there.
            let proposed = visit.post::<Draft>(&path(id, "/draft"), &Typed::default().chosen()).await.ok();
            (proposed, trouble.or(Some(Trouble::of(&problem))))
        }
        Err(problem) => return Err(problem),
    };
    let written = || shown.text.clone().or_else(|| draft.as_ref().map(|draft| draft.text.clone()));
    let text = match typed.what() {
        "write" => draft.as_ref().map(|draft| draft.text.clone()),
        _ => typed.one("text").map(str::to_owned).or_else(written),
    };
    let page = Page::of(&visit.guest, if shown.own { "upload" } else { "mappings" });
    let hub = visit.guest.console.state.hub();
    let language = page.language;
    let entities = hub.definitions.model.entities.values();
    let properties = entities.flat_map(|entity| entity.properties.iter().map(move |property| (entity, property)));
    let field = |(entity, property): (&wuwei_schema::EntityType, &wuwei_schema::Property)| {
        let called = format!("{} · {}", language.label(&entity.label), language.label(&property.label));
        (format!("{}.{}", entity.name, property.name), called)
    };
    let fields = properties.map(field).collect();
    let known = hub.definitions.departments.list.iter();
    let departments = known.map(|known| (known.code.clone(), language.label(&known.label).to_owned())).collect();
    Ok(html(&MappingPage { page, shown, draft, text: text.unwrap_or_default(), fields, departments, trouble }))
}

/// What was filled in. Of each column what it is and why it is nothing stand under its heading.
#[derive(Debug, Default)]
struct Typed(Vec<(String, String)>);

impl Typed {
    fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn what(&self) -> &str {
        self.one("do").unwrap_or_default()
    }

    fn of_columns(&self, before: &str) -> Map<String, Value> {
        let one = |(name, value): &(String, String)| Some((name.strip_prefix(before)?.to_owned(), json!(value.trim())));
        self.0.iter().filter_map(one).collect()
    }

    /// As the API takes it.
    fn chosen(&self) -> Value {
        let some = |name: &str| self.one(name).map(str::trim).filter(|text| !text.is_empty());
        let label = |zh: &str, en: &str| some(zh).map(|label| json!({"zh": label, "en": some(en).unwrap_or(label)}));
        json!({
            "code": some("code").unwrap_or_default(), "label": label("label", "label_en"), "extract": some("extract"),
            "extract_label": label("extract_label", "extract_label_en"), "fields": self.of_columns("field:"),
            "reasons": self.of_columns("reason:"),
        })
    }
}

/// Writes the file anew by what was chosen, hands it over, proposes, confirms or refuses it.
pub(super) async fn act(visit: Visit, id: Id, typed: Result<Form<Vec<(String, String)>>, FormRejection>) -> Result<Response, Problem> {
    let (id, typed) = (of_path(id)?, Typed(of_form(typed)?));
    let text = typed.one("text").unwrap_or_default().replace("\r\n", "\n");
    let digest = typed.one("digest").unwrap_or_default();
    let (method, rest, body) = match typed.what() {
        "open" => (Method::PUT, "", json!({"text": text, "open": true})),
        "propose" => (Method::PUT, "", json!({"text": text})),
        "confirm" => (Method::POST, "/confirm", json!({"digest": digest})),
        "refuse" => (Method::POST, "/refuse", json!({"digest": digest, "reason": typed.one("reason").unwrap_or_default()})),
        _ => return drawn(&visit, &id, &typed, None).await,
    };
    match visit.submit::<Shown>(method, &path(&id, rest), &body).await {
        Ok(shown) => Ok(visit.guest.sent(&format!("/upload/{}/mapping", shown.upload.upload))),
        Err(problem) if problem.code.about().0 == 422 => drawn(&visit, &id, &typed, Some(Trouble::of(&problem))).await,
        Err(problem) => Err(problem),
    }
}

#[derive(Debug, Deserialize)]
struct All {
    mappings: Vec<Waiting>,
}

#[derive(Debug, Deserialize)]
struct Waiting {
    upload: String,
    name: String,
    owner: String,
    mapping: Mapping,
}

#[derive(Debug, Template)]
#[template(path = "mappings.html")]
struct MappingsPage {
    page: Page,
    waiting: Vec<Waiting>,
}

/// Those that wait, for whoever may complete or confirm them.
pub(super) async fn all(visit: Visit) -> Result<Response, Problem> {
    let All { mappings: waiting } = visit.get("/api/v1/mappings").await?;
    Ok(html(&MappingsPage { page: Page::of(&visit.guest, "mappings"), waiting }))
}

impl Mapping {
    /// When it was written, where the program runs.
    fn time(&self) -> String {
        clock::local(&self.made)
    }
}
