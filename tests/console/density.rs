//! How many events there were where: the numbers are those of the tables, and none tells of fewer than ten.

use super::{browser::Browser, is_page};
use crate::{
    serve::client::{Server, escaped},
    support::{COUNTY, Hub},
};
use std::collections::BTreeMap;

/// What the table of a page tells of each place.
fn told(page: &str) -> BTreeMap<String, Option<u64>> {
    let Some(table) = page.split("id=\"density-table\"").nth(1) else { return BTreeMap::new() };
    let row = |row: &str| {
        let (name, rest) = row.split_once("</th>")?;
        let number = rest.split_once("class=\"number\">")?.1.split('<').next()?.replace(',', "");
        Some((name.to_owned(), number.parse().ok()))
    };
    table.split("</table>").next().unwrap().split("<th scope=\"row\">").skip(1).filter_map(row).collect()
}

/// Events of a year by grid and kind.
fn counts(hub: &Hub, year: &str) -> BTreeMap<(String, String), u64> {
    let question = format!(
        "WITH lies AS (SELECT source, min(target) AS target FROM graph.edge WHERE relation = 'located_in' AND source_type = 'incident' GROUP BY source)
        SELECT coalesce(g.name, g.code) AS grid, i.kind, count(*) AS n FROM entity.incident i JOIN lies l ON l.source = i.entity_id
        JOIN entity.grid g ON g.entity_id = l.target WHERE substr(i.reported_on, 1, 4) = '{year}' GROUP BY 1, 2"
    );
    let rows = hub.json(&["sql", &question, "--format", "json"]);
    let count = |row: &serde_json::Value| ((row["grid"].to_string(), row["kind"].to_string()), row["n"].as_u64().unwrap());
    rows.as_array().unwrap().iter().map(count).collect()
}

#[test]
fn no_page_tells_a_count_below_ten_and_what_it_tells_is_so() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let year = "2025";
    let counts = counts(&hub, year);
    let mut by_grid: BTreeMap<String, u64> = BTreeMap::new();
    counts.iter().for_each(|((grid, _), count)| *by_grid.entry(grid.trim_matches('"').to_owned()).or_default() += count);
    assert!(by_grid.len() > 1 && by_grid.values().all(|count| *count >= 10), "{by_grid:?}");
    for language in ["en", "zh-CN"] {
        zhao.language = language;
        let page = zhao.get(&format!("/density?what=incident&year={year}"));
        is_page(&page, language);
        let told = told(&page.text());
        assert_eq!(told, by_grid.iter().map(|(grid, count)| (grid.clone(), Some(*count))).collect(), "{language}");
        let total: u64 = by_grid.values().sum();
        assert!(page.text().contains(&total.to_string()), "where nothing is kept back there is a sum");
        assert!(page.text().contains("class=\"density\"") && page.text().contains("<rect class=\"c"));
    }
    let small = counts.iter().filter(|(_, count)| **count < 10).count();
    assert!(small > 2, "the county has small counts: {counts:?}");
    let kinds: std::collections::BTreeSet<&String> = counts.keys().map(|(_, kind)| kind).collect();
    let mut kept = 0;
    for kind in kinds {
        for quarter in ["", "1", "2", "3", "4"] {
            let text =
                zhao.get(&format!("/density?what=incident&year={year}&kind={}&quarter={quarter}", escaped(kind.trim_matches('"')))).text();
            let shown = told(&text);
            assert!(shown.values().flatten().all(|count| *count >= 10), "{kind} {quarter}: {shown:?}");
            let is_of_kind = text.contains(&format!("<option selected>{}</option>", kind.trim_matches('"')));
            for ((grid, _), count) in counts.iter().filter(|((_, of), _)| is_of_kind && quarter.is_empty() && of == kind) {
                let shown = shown.get(grid.trim_matches('"')).copied().flatten();
                assert!(shown.is_none_or(|shown| shown == *count), "{grid} {kind}");
                kept += usize::from(shown.is_none());
            }
            let has_sum = text.contains("共计");
            assert!(!has_sum || shown.values().all(Option::is_some), "a sum beside what is kept back");
        }
    }
    assert!(kept > small.min(3), "more is kept back than what is small: {kept} of {small}");
}

#[test]
fn each_sees_events_by_the_places_that_are_theirs_to_see() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("wg"), "数据报送与核对");
    let own = qian.get("/density?year=2025").text();
    assert!(own.contains("123.500 E 29.500 N") && own.contains("CGCS2000"), "cells of what the own department measured: {own}");
    let cells: u64 = told(&own).values().flatten().sum();
    let known = hub.count("SELECT count(*) FROM record.incident WHERE department = 'wg' AND substr(reported_on, 1, 4) = '2025'");
    assert_eq!(cells, u64::try_from(known).unwrap());
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let none = li.get("/density");
    assert!(none.status == 200 && none.text().contains("没有您可以看到日期和地点的事件"), "{}", none.text());
}
