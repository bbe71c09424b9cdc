//! People, homes, vehicles and organisations by whatever is known of them. Nothing is looked up while somebody types: each look is in the audit.

use super::{of_query, plain};
use crate::{
    clock,
    console::{
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use wuwei_schema::{EntityType, division};
use wuwei_search::{Class as Near, UNKNOWN};

/// Hits of a page.
const HITS: usize = 20;
/// The farthest that pages go, as the API has it.
const FARTHEST: usize = 10_000;
/// Values of a facet that are shown.
const FACETS: usize = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    q: String,
    offset: usize,
}

#[derive(Debug, Deserialize)]
struct Found {
    total: usize,
    #[serde(default)]
    chips: Vec<Chip>,
    #[serde(default)]
    types: Vec<OfType>,
    #[serde(default)]
    hits: Vec<Hit>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Chip {
    text: String,
    meant: String,
    #[serde(default)]
    without: bool,
    #[serde(default)]
    others: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct OfType {
    entity: String,
    total: usize,
    facets: Facets,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facets {
    departments: Vec<Count>,
    areas: Vec<Count>,
    decades: Vec<Count>,
}

#[derive(Debug, Clone, Deserialize)]
struct Count {
    value: String,
    entities: usize,
}

#[derive(Debug, Deserialize)]
struct Hit {
    entity: String,
    entity_id: i64,
    class: String,
    #[serde(default)]
    observed: Option<String>,
    #[serde(default)]
    matched_by: Vec<Matched>,
    #[serde(flatten)]
    caption: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Matched {
    class: String,
    property: String,
    department: String,
}

#[derive(Debug, Template)]
#[template(path = "search.html")]
struct Search {
    page: Page,
    q: String,
    result: Option<Shown>,
}

/// What was found, laid out.
#[derive(Debug)]
struct Shown {
    total: usize,
    chips: Vec<ShownChip>,
    facets: Vec<Facet>,
    classes: Vec<Class>,
    first: usize,
    last: usize,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Debug)]
struct ShownChip {
    text: String,
    meant: String,
    without: bool,
    /// Its key, or what follows it, is none.
    is_unknown: bool,
    /// What to take it for instead, and the page of that.
    others: Vec<(String, String)>,
    /// The page without it.
    removed: String,
}

#[derive(Debug)]
struct Facet {
    name: &'static str,
    /// Value, how many, and the page of those alone.
    values: Vec<(String, usize, String)>,
}

/// Hits that are near alike.
#[derive(Debug)]
struct Class {
    name: String,
    /// Whether it is another name or number that is only like the one that was typed, and the first of these.
    is_near: bool,
    is_first_near: bool,
    hits: Vec<ShownHit>,
}

#[derive(Debug)]
struct ShownHit {
    id: i64,
    path: String,
    kind: String,
    caption: Vec<String>,
    by: String,
    departments: Vec<Department>,
    records: String,
    observed: String,
}

pub(crate) async fn show(visit: Visit, typed: Result<Query<Typed>, QueryRejection>) -> Result<Response, Problem> {
    let Typed { q, offset } = of_query(typed)?;
    let page = Page::of(&visit.guest, "search");
    if q.trim().is_empty() {
        return Ok(html(&Search { page, q, result: None }));
    }
    let (offset, limit) = (offset.min(FARTHEST), HITS.to_string());
    let path = link::with("/api/v1/people", &[("q", q.trim()), ("offset", &offset.to_string()), ("limit", &limit)]);
    let found: Found = visit.get(&path).await?;
    let result = Some(shown(&page, &visit, q.trim(), offset, found));
    Ok(html(&Search { page, q, result }))
}

/// Whom words may mean: numbers, types and captions of the first that are found.
pub(crate) async fn meant(page: &Page, visit: &Visit, q: &str, most: usize) -> Result<Vec<(i64, String, String)>, Problem> {
    let found: Found = visit.get(&link::with("/api/v1/people", &[("q", q), ("limit", &most.to_string())])).await?;
    let named = |hit: &Hit| {
        let shown = shown_hit(page, visit, hit);
        (shown.id, shown.kind, shown.caption.join(" "))
    };
    Ok(found.hits.iter().map(named).collect())
}

fn shown(page: &Page, visit: &Visit, q: &str, offset: usize, found: Found) -> Shown {
    let turned = |offset: usize| link::with("/search", &[("q", q), ("offset", &offset.to_string())]);
    let last = offset + found.hits.len();
    let chip = |chip: Chip| ShownChip {
        is_unknown: chip.meant == UNKNOWN,
        meant: page.of_key("meant", &chip.meant),
        others: chip.others.iter().map(|other| (taken_for(page, visit, other), searched(&replaced(q, &chip.text, other)))).collect(),
        removed: searched(&replaced(q, &chip.text, "")),
        text: chip.text,
        without: chip.without,
    };
    Shown {
        total: found.total,
        chips: found.chips.into_iter().map(chip).collect(),
        facets: facets(page, visit, q, &found.types),
        classes: classes(page, visit, found.hits),
        first: offset + 1,
        last,
        before: (offset > 0).then(|| turned(offset.saturating_sub(HITS))),
        after: (last < found.total && last < FARTHEST).then(|| turned(last)),
    }
}

/// `address:王` as the word for an address, `dept:ga` as the department.
fn taken_for(page: &Page, visit: &Visit, other: &str) -> String {
    match other.split_once(':') {
        Some(("dept", code)) => department(page, visit, code),
        Some(("type", entity)) => kind_of(page, visit, entity),
        Some((meant, _)) => page.of_key("meant", meant),
        None => other.to_owned(),
    }
}

fn searched(q: &str) -> String {
    link::with("/search", &[("q", q)])
}

/// What was typed, with one word for another and without the key that it had. A word that others stood at without a space, 王小明1985, stands apart
/// then.
fn replaced(q: &str, word: &str, other: &str) -> String {
    let Some((before, after)) = q.split_once(word) else { return q.to_owned() };
    let before = without_key(before, !other.is_empty());
    let left = if before.ends_with(char::is_alphanumeric) { " " } else { "" };
    let right = if after.starts_with(char::is_alphanumeric) { " " } else { "" };
    format!("{before}{left}{other}{right}{after}").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands before a word, but for the key at its end; the sign that it must not be found stays where another comes in its place.
fn without_key(before: &str, is_replaced: bool) -> &str {
    let Some(keyed) = before.strip_suffix(':') else { return before };
    let key = keyed.rsplit(char::is_whitespace).next().unwrap_or_default();
    let sign = usize::from(is_replaced && key.starts_with('-'));
    &keyed[..keyed.len() - key.len() + sign]
}

/// How what was found is distributed, over all types; each value leads to those alone.
fn facets(page: &Page, visit: &Visit, q: &str, types: &[OfType]) -> Vec<Facet> {
    let narrowed = |word: &str, value: &str| searched(&format!("{q} {word}:{value}"));
    let all = |of: fn(&Facets) -> &Vec<Count>| {
        let mut sums: Vec<Count> = Vec::new();
        for count in types.iter().flat_map(|kind| of(&kind.facets)) {
            match sums.iter_mut().find(|sum| sum.value == count.value) {
                Some(sum) => sum.entities += count.entities,
                None => sums.push(count.clone()),
            }
        }
        sums
    };
    let kinds = types.iter().map(|kind| (kind_of(page, visit, &kind.entity), kind.total, narrowed("type", &kind.entity))).collect();
    let department = |count: &Count| (department(page, visit, &count.value), count.entities, narrowed("dept", &count.value));
    let decade = |count: &Count| {
        let last = count.value.parse::<u32>().unwrap_or_default() + 9;
        (format!("{}–{last}", count.value), count.entities, narrowed("born", &format!("{}..{last}", count.value)))
    };
    let mut areas = all(|facets| &facets.areas);
    areas.sort_by_key(|area| std::cmp::Reverse(area.entities));
    let today = clock::today();
    let place = |code: &str| division::full_name(code, &today).map_or_else(|| code.to_owned(), |name| format!("{name} {code}"));
    let area = |count: &Count| (place(&count.value), count.entities, narrowed("area", &count.value));
    let facets = vec![
        Facet { name: "type", values: kinds },
        Facet { name: "department", values: all(|facets| &facets.departments).iter().map(department).collect() },
        Facet { name: "born", values: all(|facets| &facets.decades).iter().map(decade).collect() },
        Facet { name: "area", values: areas.iter().take(FACETS).map(area).collect() },
    ];
    facets.into_iter().filter(|facet| facet.values.len() > 1).collect()
}

/// What an entity type is called.
pub(crate) fn kind_of(page: &Page, visit: &Visit, entity: &str) -> String {
    let hub = visit.guest.console.state.hub();
    hub.definitions.model.entity(entity).map_or_else(|| entity.to_owned(), |known| page.language.label(&known.label).to_owned())
}

/// A property of a type by its name, or two that were compared across by theirs.
pub(crate) fn property_of(page: &Page, kind: Option<&EntityType>, property: &str) -> String {
    let label = |name: &str| {
        let known = kind.and_then(|kind| kind.property(name));
        known.map_or_else(|| name.to_owned(), |known| page.language.label(&known.label).to_owned())
    };
    property.split('/').map(label).collect::<Vec<_>>().join(" / ")
}

/// A department by its code and its name.
#[derive(Debug, Clone)]
pub(crate) struct Department {
    pub(crate) code: String,
    pub(crate) name: String,
}

pub(crate) fn department_of(page: &Page, visit: &Visit, code: &str) -> Department {
    Department { code: code.to_owned(), name: department(page, visit, code) }
}

/// The name of a department.
pub(crate) fn department(page: &Page, visit: &Visit, code: &str) -> String {
    let hub = visit.guest.console.state.hub();
    let known = hub.definitions.departments.department(code);
    known.map_or_else(|| code.to_owned(), |known| page.language.label(&known.label).to_owned())
}

/// Hits in their order, those of one class together.
fn classes(page: &Page, visit: &Visit, hits: Vec<Hit>) -> Vec<Class> {
    let mut classes: Vec<Class> = Vec::new();
    let mut last = None;
    for hit in hits {
        if last.as_ref() != Some(&hit.class) {
            let is_near = is_near(&hit.class);
            let is_first_near = is_near && !classes.iter().any(|class| class.is_near);
            classes.push(Class { name: page.of_key("class", &hit.class), is_near, is_first_near, hits: Vec::new() });
            last = Some(hit.class.clone());
        }
        if let Some(class) = classes.last_mut() {
            class.hits.push(shown_hit(page, visit, &hit));
        }
    }
    classes
}

/// Whether a class is of what is only like what was typed.
fn is_near(class: &str) -> bool {
    serde_json::from_value::<Near>(Value::from(class)).is_ok_and(Near::is_near)
}

fn shown_hit(page: &Page, visit: &Visit, hit: &Hit) -> ShownHit {
    let hub = visit.guest.console.state.hub();
    let entity = hub.definitions.model.entity(&hit.entity);
    let caption = entity.map(|entity| entity.caption.as_slice()).unwrap_or_default();
    let known = |column: &str| hit.caption.get(column).map(plain).unwrap_or_default();
    let mut by: Vec<(String, Vec<&str>)> = Vec::new();
    for matched in hit.matched_by.iter().filter(|matched| matched.class == hit.class) {
        match by.iter_mut().find(|(property, _)| *property == matched.property) {
            Some((_, departments)) => departments.push(&matched.department),
            None => by.push((matched.property.clone(), vec![&matched.department])),
        }
    }
    let named = |codes: &[&str]| codes.iter().map(|code| department(page, visit, code)).collect::<Vec<_>>();
    ShownHit {
        id: hit.entity_id,
        path: link::file(&hit.entity, hit.entity_id),
        kind: kind_of(page, visit, &hit.entity),
        caption: caption.iter().map(|column| known(column)).filter(|text| !text.is_empty()).collect(),
        by: by
            .iter()
            .map(|(property, codes)| format!("{} ({})", property_of(page, entity, property), named(codes).join(page.t("sign.and"))))
            .collect::<Vec<_>>()
            .join("; "),
        departments: known("departments").split(',').filter(|code| !code.is_empty()).map(|code| department_of(page, visit, code)).collect(),
        records: known("records"),
        observed: hit.observed.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_near, replaced};

    #[test]
    fn what_is_only_like_what_was_typed_is_told_apart() {
        assert_eq!(["name", "initials", "turned", "number_slip", "of_later"].map(is_near), [false, false, true, true, false]);
    }

    #[test]
    fn a_word_is_replaced_or_goes() {
        assert_eq!(replaced("王 born:1985", "王", "address:王"), "address:王 born:1985");
        assert_eq!(replaced("王 born:1985", "1985", ""), "王");
        assert_eq!(replaced("王 dept:xx", "dept:xx", "dept:ga"), "王 dept:ga");
        assert_eq!(replaced("李 -name:王", "王", "address:王"), "李 -address:王");
        assert_eq!(replaced("王小明1985", "1985", "number:1985"), "王小明 number:1985");
        assert_eq!(replaced("王小明1985", "王小明", "text:王小明"), "text:王小明 1985");
        assert_eq!(replaced("-王", "王", "address:王"), "-address:王");
    }
}
