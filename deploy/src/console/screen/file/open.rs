//! What is in question of a file: what departments were asked to put right, and where the entity would come apart if it is not one.

use super::told::{Asked, Claim, Property, Seam};
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

/// The weakest place of what holds records together.
#[derive(Debug)]
pub(crate) struct Weakest {
    pub(crate) left: String,
    pub(crate) right: String,
    pub(crate) ties: Vec<String>,
    /// Pairs to be judged different for a split.
    pub(crate) pairs: usize,
    /// Whether a second person has to confirm it.
    pub(crate) second_person: bool,
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

pub(super) fn weakest(page: &Page, seam: &Seam) -> Weakest {
    let records = |part: &[i64]| part.iter().map(|record| format!("r{record}")).collect::<Vec<_>>().join(" ");
    let ties = seam.links.iter().map(|tie| {
        let by = if tie.weight.is_some() { page.t("file.weighed").to_owned() } else { tie.by.clone() };
        let weight = tie.weight.map(|weight| format!(" {weight:.2}")).unwrap_or_default();
        format!("r{} – r{}: {by}{weight}", tie.left, tie.right)
    });
    Weakest {
        left: records(&seam.left),
        right: records(&seam.right),
        ties: ties.collect(),
        pairs: seam.pairs,
        second_person: seam.second_person,
    }
}
