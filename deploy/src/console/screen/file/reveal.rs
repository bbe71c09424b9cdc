//! What a file shows masked, one property at a time: for another purpose of whoever reads, on a ground, and only on the page that answers.

use super::{
    said::{Row, row},
    shown,
    told::{Entity, Source},
};
use crate::{
    clock,
    console::{
        guest::Visit,
        page::Page,
        screen::{Trouble, of_form, of_path},
        words::Named,
    },
    serve::problem::{Code, Problem},
};
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

/// What masks put in the place of characters.
const COVER: char = '*';

/// What may be asked for.
#[derive(Debug, Default)]
pub(crate) struct Revealing {
    /// Name and label of each property of which something is masked.
    pub(crate) properties: Vec<(String, String)>,
    /// The other purposes that whoever reads may state.
    pub(crate) purposes: Vec<String>,
}

impl Revealing {
    pub(super) fn of(page: &Page, visit: &Visit, told: &Entity) -> Result<Revealing, Problem> {
        let is_listed = |property: &str| {
            let own = told.withheld.iter().filter(|hidden| hidden.of.contains(&told.entity));
            own.flat_map(|hidden| &hidden.fields).any(|field| field == property)
        };
        let masked =
            told.identity.iter().filter(|known| is_listed(&known.property) || known.values.iter().any(|said| said.value.contains(COVER)));
        let properties = masked.map(|known| (known.property.clone(), page.said(&known.label).to_owned())).collect();
        let (hub, account) = (visit.guest.console.state.hub(), &visit.inside.account);
        let (principal, today) = (account.principal()?, clock::today());
        let stated = hub.definitions.policies.purposes_of(&principal, &today).map(|(name, _)| name);
        let purposes = stated.filter(|name| account.states(name) && *name != visit.purpose).map(str::to_owned).collect();
        Ok(Revealing { properties, purposes })
    }

    /// Whether there is anything to ask for, and anything to ask for it by.
    pub(crate) fn is_offered(&self) -> bool {
        !self.properties.is_empty() && !self.purposes.is_empty()
    }
}

/// What was shown, this once.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) label: String,
    pub(crate) purpose: String,
    pub(crate) ground: String,
    /// Whether that purpose does not need it either.
    pub(crate) masked: bool,
    pub(crate) values: Vec<(String, Row)>,
}

/// What the API answers.
#[derive(Debug, Deserialize)]
struct Revealed {
    label: Named,
    purpose: String,
    masked: bool,
    values: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Value {
    value: String,
    #[serde(flatten)]
    source: Source,
}

/// What is filled in.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    property: String,
    purpose: String,
    ground: String,
}

/// The file, with that property shown or why it is not.
pub(crate) async fn reveal(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    asked: Result<Form<Asked>, FormRejection>,
) -> Result<Response, Problem> {
    let (id, Asked { property, purpose, ground }) = (of_path(id)?, of_form(asked)?);
    let other = Visit { purpose, ..visit.clone() };
    let body = json!({"property": property, "ground": ground});
    let revealed: Result<Revealed, Problem> = other.post(&format!("/api/v1/people/{id}/reveal"), &body).await;
    let page = Page::of(&visit.guest, "person");
    match revealed {
        Ok(Revealed { label, purpose, masked, values }) => {
            let values = values.into_iter().map(|said| (said.value, row(&page, &visit, &said.source))).collect();
            let told = Shown { label: page.said(&label).to_owned(), purpose, ground, masked, values };
            shown(&visit, id, Some(told), None).await
        }
        Err(problem) if [Code::NotPossible, Code::NotFound, Code::Forbidden].contains(&problem.code) => {
            shown(&visit, id, None, Some(Trouble::of(&problem))).await
        }
        Err(problem) => Err(problem),
    }
}
