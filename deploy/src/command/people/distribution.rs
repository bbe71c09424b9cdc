//! How what was found is distributed, as lines, each value with what to type for it alone. What is distributed, search counts.

use super::OfType;
use crate::{hub::Hub, output};
use std::{cmp::Reverse, collections::BTreeMap};
use wuwei_search::{Count, Facets};

/// Values on one line, those that most have first.
const MOST: usize = 8;

/// By type, department, decade of birth and division, those that part what was found.
pub(super) fn text(hub: &Hub, types: &[OfType]) -> String {
    let by = |of: fn(&Facets) -> &[Count<String>], key: fn(&str) -> String| {
        let mut sums: BTreeMap<String, usize> = BTreeMap::new();
        for count in types.iter().flat_map(|kind| of(&kind.facets)) {
            *sums.entry(key(&count.value)).or_default() += count.entities;
        }
        sums.into_iter().collect::<Vec<_>>()
    };
    let kinds = types.iter().map(|kind| (format!("type:{}", kind.entity), kind.total)).collect();
    let decade = |decade: &str| format!("born:{decade}..{}", decade.parse::<u32>().unwrap_or_default() + 9);
    let lines = [
        (("类别", "type"), kinds),
        (("部门", "department"), by(|facets| &facets.departments, |code| format!("dept:{code}"))),
        (("出生", "born"), by(|facets| &facets.decades, decade)),
        (("地区", "division"), by(|facets| &facets.areas, |code| format!("area:{code}"))),
    ];
    let named = |key: &str| match key.split_once(':') {
        Some(("type", name)) => hub.definitions.model.entity(name).map(|entity| output::said(&entity.label).to_owned()),
        Some(("dept", code)) => hub.definitions.departments.department(code).map(|department| output::said(&department.label).to_owned()),
        _ => None,
    };
    let mut text = String::new();
    for ((zh, en), mut values) in lines.into_iter().filter(|(_, values)| values.len() > 1) {
        values.sort_by_key(|(key, count)| (Reverse(*count), key.clone()));
        let value =
            |(key, count): &(String, usize)| format!("{key} {}{count}", named(key).map(|name| format!("{name} ")).unwrap_or_default());
        let shown = values.iter().take(MOST).map(value).collect::<Vec<_>>().join("  ");
        let more = if values.len() > MOST { "  …" } else { "" };
        text.push_str(&format!("{}: {shown}{more}\n", output::words(zh, en)));
    }
    text
}
