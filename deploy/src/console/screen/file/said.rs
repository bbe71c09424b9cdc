//! Who says what a file shows: departments by name, and each row of theirs.

use super::told::Source;
use crate::console::{
    guest::Visit,
    page::Page,
    screen::search::{Department, department_of},
};
use std::collections::{BTreeMap, BTreeSet};

/// Who says something: departments with how often, and each row.
#[derive(Debug)]
pub(crate) struct By {
    pub(crate) departments: Vec<(Department, usize)>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) department: Department,
    pub(crate) extract: String,
    /// The file, by the first digits of its SHA-256.
    pub(crate) batch: String,
    pub(crate) place: String,
    pub(crate) role: String,
    pub(crate) observed: String,
}

/// Those who say the same, by department.
pub(super) fn by(page: &Page, visit: &Visit, sources: &[Source]) -> By {
    let mut departments: BTreeMap<&str, usize> = BTreeMap::new();
    let each: BTreeSet<&Source> = sources.iter().collect();
    each.iter().for_each(|source| *departments.entry(&source.department).or_default() += 1);
    let departments = departments.into_iter().map(|(code, count)| (department_of(page, visit, code), count)).collect();
    By { departments, rows: each.into_iter().map(|source| row(page, visit, source)).collect() }
}

pub(super) fn row(page: &Page, visit: &Visit, source: &Source) -> Row {
    let place = if source.sheet.is_empty() { source.row.to_string() } else { format!("{}:{}", source.sheet, source.row) };
    Row {
        department: department_of(page, visit, &source.department),
        extract: source.extract.clone(),
        batch: source.batch.clone(),
        place,
        role: role(page, &source.role),
        observed: source.observed.clone(),
    }
}

/// As whom a row names somebody; the second of a kind has its number behind.
fn role(page: &Page, role: &str) -> String {
    match role.split_once('#') {
        Some((role, number)) => format!("{} {number}", page.of_key("record_role", role)),
        None => page.of_key("record_role", role),
    }
}
