//! What departments were asked to put right of a file.

use super::told::{Asked, Claim, Property};
use crate::console::{guest::Visit, page::Page, screen::search::department};

/// What a department was asked to put right.
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

pub(super) fn open(page: &Page, visit: &Visit, identity: &[Property], asked: Asked) -> Open {
    let named = identity.iter().find(|property| property.property == asked.property);
    let said = |claim: &Claim| format!("{} ({} {}:{})", claim.value.as_deref().unwrap_or("–"), claim.department, claim.extract, claim.row);
    Open {
        number: asked.correction,
        department: department(page, visit, &asked.department),
        property: named.map_or_else(|| asked.property.clone(), |property| page.said(&property.label).to_owned()),
        says: asked.says.as_ref().map(said).unwrap_or_default(),
        others: asked.others.iter().map(said).collect::<Vec<_>>().join(page.t("sign.and")),
        state: page.of_key("correction", &asked.state),
        day: asked.day,
        who: asked.who,
        ground: asked.ground,
        answer: asked.answer.unwrap_or_default(),
    }
}
