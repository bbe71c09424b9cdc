//! What is asserted of an entity, property by property: each value with the rows that say it, since when and until when they came so, by which
//! rule one of them stands, and where they contradict each other.

use super::{
    coded,
    said::{By, Row, by, row},
    told::{Asserted, Property, Source},
};
use crate::console::{guest::Visit, page::Page, screen::search::department};
use std::collections::BTreeMap;

/// A property with all that is asserted of it.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) value: String,
    /// By which rule it stands for the property; none where all say the same.
    pub(crate) rule: Option<String>,
    pub(crate) note: String,
    pub(crate) conflict: bool,
    pub(crate) said: Vec<Said>,
    /// Each assertion by itself, in the order of the values.
    pub(crate) rows: Vec<Assertion>,
}

/// One value with those who say it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) value: String,
    pub(crate) by: By,
}

/// One row that says something.
#[derive(Debug)]
pub(crate) struct Assertion {
    pub(crate) value: String,
    pub(crate) stands: bool,
    pub(crate) record: i64,
    pub(crate) row: Row,
    /// The days on which it came so first and last.
    pub(crate) first: String,
    pub(crate) last: String,
}

/// A property of which departments say what cannot both be.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) property: String,
    pub(crate) name: String,
    pub(crate) rule: String,
    pub(crate) sides: Vec<Side>,
    /// Records that may be wrong, those of values that do not stand first, with what they say.
    pub(crate) claims: Vec<(i64, String)>,
}

/// One of the values that contradict each other.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) value: String,
    pub(crate) stands: bool,
    /// Departments that say so, and when they knew it last.
    pub(crate) by: Vec<(String, String)>,
}

pub(super) fn identity(page: &Page, visit: &Visit, entity: &str, properties: &[Property]) -> Vec<Value> {
    properties.iter().map(|property| value(page, visit, entity, property)).collect()
}

fn value(page: &Page, visit: &Visit, entity: &str, property: &Property) -> Value {
    let rows = assertions(page, visit, entity, property);
    let mut sources: BTreeMap<&str, Vec<Source>> = BTreeMap::new();
    for Asserted { value, source, .. } in &property.values {
        sources.entry(value).or_default().push(source.clone());
    }
    let stands = coded(visit, entity, &property.property, &property.value);
    let said = |(value, sources): (&str, Vec<Source>)| Said {
        value: coded(visit, entity, &property.property, value),
        by: by(page, visit, &sources),
    };
    let mut said: Vec<Said> = sources.into_iter().map(said).collect();
    // What stands for it comes first, then what most say.
    said.sort_by_key(|said| (said.value != stands, std::cmp::Reverse(said.by.rows.len())));
    Value {
        name: page.said(&property.label).to_owned(),
        value: stands,
        rule: (said.len() > 1).then(|| page.of_key("standing", &property.rule)),
        note: property.note.clone().unwrap_or_default(),
        conflict: property.conflict,
        said,
        rows,
    }
}

/// Each assertion of a property, those of the value that stands first.
fn assertions(page: &Page, visit: &Visit, entity: &str, property: &Property) -> Vec<Assertion> {
    let one = |said: &Asserted| Assertion {
        value: coded(visit, entity, &property.property, &said.value),
        stands: said.value == property.value,
        record: said.record_id,
        row: row(page, visit, &said.source),
        first: said.first_seen.clone().unwrap_or_default(),
        last: said.last_seen.clone().unwrap_or_default(),
    };
    let mut all: Vec<Assertion> = property.values.iter().map(one).collect();
    all.sort_by(|left, right| (!left.stands, &left.value, left.record).cmp(&(!right.stands, &right.value, right.record)));
    all
}

pub(super) fn conflicts(page: &Page, visit: &Visit, entity: &str, properties: &[Property]) -> Vec<Conflict> {
    let of = |property: &Property| conflict(page, visit, entity, property);
    properties.iter().filter(|property| property.conflict).map(of).collect()
}

fn conflict(page: &Page, visit: &Visit, entity: &str, property: &Property) -> Conflict {
    let assertions = assertions(page, visit, entity, property);
    let side = |same: &[Assertion]| {
        let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
        for said in same {
            let known = newest.entry(&said.row.department.code).or_default();
            *known = (*known).max(&said.row.observed);
        }
        Side {
            value: same[0].value.clone(),
            stands: same[0].stands,
            by: newest.into_iter().map(|(code, day)| (department(page, visit, code), day.to_owned())).collect(),
        }
    };
    let sides = assertions.chunk_by(|left, right| left.value == right.value).map(side).collect();
    let claim = |said: &Assertion| {
        let Row { department, extract, place, .. } = &said.row;
        (said.record, format!("{} · {} {extract}:{place}", said.value, department.name))
    };
    let (standing, others): (Vec<&Assertion>, Vec<&Assertion>) = assertions.iter().partition(|said| said.stands);
    Conflict {
        property: property.property.clone(),
        name: page.said(&property.label).to_owned(),
        rule: page.of_key("standing", &property.rule),
        sides,
        claims: others.into_iter().chain(standing).map(claim).collect(),
    }
}
