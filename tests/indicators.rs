//! The indicators as their readers meet them: figures held against another computation of the same truth, stars with their reasons, a history
//! that grows once for the same tables, and what a department file and the indicators say of each other.

use crate::support::{COUNTY, Hub, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a question, as CSV without quotes: the tests ask for columns that have none.
fn rows(hub: &Hub, sql: &str) -> Vec<Vec<String>> {
    let csv = hub.says(&["sql", sql, "--format", "csv"]);
    csv.lines().skip(1).map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()).collect()
}

/// Numerator, denominator and value of one figure of all departments together; of an area where one is given.
fn figure(all: &Value, indicator: &str, area: Option<&str>) -> (f64, f64, Option<f64>) {
    let is_it = |figure: &&Value| {
        figure["indicator"] == indicator
            && figure["area"].as_str() == area
            && figure["department"].is_null()
            && figure["counterpart"].is_null()
    };
    let found = all["figures"].as_array().unwrap().iter().find(is_it).unwrap_or_else(|| panic!("{indicator} of {area:?}"));
    (found["numerator"].as_f64().unwrap(), found["denominator"].as_f64().unwrap(), found["value"].as_f64())
}

fn days(from: &str, until: &str) -> f64 {
    let number = |day: &str| {
        let parts: Vec<i64> = day.split('-').map(|part| part.parse().unwrap()).collect();
        let (year, month) = if parts[1] <= 2 { (parts[0] - 1, parts[1] + 9) } else { (parts[0], parts[1] - 3) };
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + parts[2]
    };
    (number(until) - number(from)) as f64
}

/// Today of Beijing and a year before it, as the program has them.
fn span(hub: &Hub) -> (String, String) {
    let sql = "SELECT CAST(CAST(max(as_of) + INTERVAL '8 hours' AS DATE) AS VARCHAR) AS today, \
               CAST(CAST(max(as_of) + INTERVAL '8 hours' - INTERVAL '365 days' AS DATE) AS VARCHAR) AS before FROM indicator.history";
    let found = rows(hub, sql).remove(0);
    (found[0].clone(), found[1].clone())
}

#[test]
fn mediation_and_content_are_counted_by_hand_too() {
    let (hub, _) = &*COUNTY;
    let (all, (today, before)) = (hub.json(&["indicators"]), span(hub));
    let inside = |day: &str| day > before.as_str() && day <= today.as_str();
    let cases = rows(hub, "SELECT result, accepted_on FROM record.dispute WHERE accepted_on IS NOT NULL AND result IS NOT NULL");
    let closed: Vec<&str> = cases.iter().filter(|case| inside(&case[1])).map(|case| case[0].as_str()).collect();
    let settled = closed.iter().filter(|result| **result == "调解成功").count() as f64;
    assert!(settled > 0.0, "{cases:?}");
    let found = figure(&all, "dispute_mediation_success_rate", None);
    assert_eq!((found.0, found.1), (settled, closed.len() as f64));

    let calls = rows(hub, "SELECT rating, closed_on FROM record.hotline_request WHERE rating IS NOT NULL AND closed_on IS NOT NULL");
    let petitions = rows(hub, "SELECT rating, answered_on FROM record.petition WHERE rating IS NOT NULL AND answered_on IS NOT NULL");
    let rated = calls.iter().chain(&petitions).filter(|one| inside(&one[1]) && one[0] != "未评价").map(|one| one[0].as_str());
    let rated: Vec<&str> = rated.collect();
    let content = rated.iter().filter(|rating| ["非常满意", "满意", "基本满意"].contains(rating)).count() as f64;
    let found = figure(&all, "service_satisfaction", None);
    assert_eq!((found.0, found.1), (content, rated.len() as f64));
}

#[test]
fn days_before_and_after_the_pilot_are_averaged_by_hand_too() {
    let (hub, _) = &*COUNTY;
    let (all, (today, year_ago)) = (hub.json(&["indicators"]), span(hub));
    let incidents = rows(hub, "SELECT reported_on, closed_on FROM record.incident WHERE reported_on IS NOT NULL AND closed_on IS NOT NULL");
    let (mut before, mut now) = (Vec::new(), Vec::new());
    for incident in &incidents {
        let (from, until) = (incident[0].as_str(), incident[1].as_str());
        if from.len() != 10 || until.len() != 10 || until < from || until > today.as_str() {
            continue;
        }
        if ("2024-01-01"..="2024-12-31").contains(&from) {
            before.push(days(from, until));
        }
        if from > year_ago.as_str() && from > "2024-12-31" {
            now.push(days(from, until));
        }
    }
    let average = |days: &[f64]| days.iter().sum::<f64>() / days.len() as f64;
    let (top, below, value) = figure(&all, "risk_handling_efficiency_gain", None);
    assert!(now.len() > 100, "{} incidents", now.len());
    if before.is_empty() {
        assert_eq!((below, value), (0.0, None), "the county does not reach back so far any more");
        return;
    }
    assert!((below - average(&before)).abs() < 1e-9 && (top - (average(&before) - average(&now))).abs() < 1e-9, "{top} of {below}");
}

#[test]
fn residents_and_workers_and_who_is_served_are_counted_by_hand_too() {
    let (hub, _) = &*COUNTY;
    let all = hub.json(&["indicators"]);
    let grid: BTreeMap<String, String> =
        rows(hub, "SELECT entity_id, code FROM entity.grid").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let mut located: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(
        hub,
        "SELECT source, target FROM graph.edge WHERE relation = 'located_in' AND target_type = 'grid' AND source_type = 'dwelling'",
    ) {
        located.entry(row[0].clone()).or_default().insert(grid[&row[1]].clone());
    }
    let homes = rows(
        hub,
        "SELECT source, target, department, coalesce(since, '') AS since FROM graph.edge WHERE relation = 'lives_at' AND until IS NULL",
    );
    let listed = homes.iter().filter(|home| home[2] == "wg" && located.contains_key(&home[1]));
    let residents: BTreeSet<&str> = listed.map(|home| home[0].as_str()).collect();
    let workers = rows(
        hub,
        "SELECT DISTINCT l.entity_id FROM record.person w JOIN graph.link l ON l.record_id = w.record_id WHERE w.extract = 'wg_wg' AND w.role = 'worker'",
    );
    assert_eq!(figure(&all, "population_per_staff", None).0, residents.len() as f64);
    assert_eq!(figure(&all, "population_per_staff", None).1, workers.len() as f64);

    let (today, _) = span(hub);
    let year: i32 = today[..4].parse().unwrap();
    let born = |age: i32| format!("{}{}", year - age, &today[4..]);
    let people = rows(hub, "SELECT entity_id, birth_date FROM entity.person WHERE birth_date IS NOT NULL AND death_date IS NULL");
    let served: BTreeSet<(String, String)> = rows(
        hub,
        "SELECT source, target_type FROM graph.edge WHERE relation = 'party_to' AND target_type IN ('health_file', 'vaccination')",
    )
    .into_iter()
    .map(|row| (row[0].clone(), row[1].clone()))
    .collect();
    let live: BTreeSet<&str> = homes.iter().filter(|home| located.contains_key(&home[1])).map(|home| home[0].as_str()).collect();
    let (mut reached, mut entitled) = (0.0, 0.0);
    for person in people.iter().filter(|person| person[1].len() == 10 && live.contains(person[0].as_str())) {
        let service = match () {
            () if person[1] <= born(65) => "health_file",
            () if person[1] > born(7) => "vaccination",
            () => continue,
        };
        entitled += 1.0;
        reached += f64::from(u8::from(served.contains(&(person[0].clone(), service.to_owned()))));
    }
    assert!(entitled > 50.0);
    let found = figure(&all, "special_group_service_coverage", None);
    assert_eq!((found.0, found.1), (reached, entitled));
}

#[test]
fn what_was_handed_in_is_what_the_extract_says() {
    let (hub, _) = &*COUNTY;
    let all = hub.json(&["indicators"]);
    let reported: BTreeSet<&str> = all["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["origin"] == "reported")
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let codes = std::fs::read_to_string(root().join("schema/codes/indicator.csv")).unwrap();
    let listed: BTreeSet<&str> = codes.lines().skip(2).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(reported, listed, "the list of what may be handed in is that of the indicators that are");
    let held =
        rows(hub, "SELECT indicator, area, period, numerator, denominator FROM record.indicator_report WHERE denominator IS NOT NULL");
    let last = |name: &str| held.iter().filter(|row| row[0] == name).map(|row| row[2].clone()).max();
    for name in ["volunteer_retention", "emergency_response_minutes", "fiscal_software_share"] {
        let latest: Vec<_> = held.iter().filter(|row| row[0] == name && Some(&row[2]) == last(name).as_ref()).collect();
        let sum = |at: usize| latest.iter().map(|row| row[at].parse::<f64>().unwrap()).sum::<f64>();
        let found = figure(&all, name, None);
        assert_eq!((found.0, found.1), (sum(3), sum(4)), "{name}");
    }
    // What the mapping takes for no part of a whole are the indicators that are none.
    let mapping = std::fs::read_to_string(root().join("ingest/departments/wg.toml")).unwrap();
    for one in all["indicators"].as_array().unwrap().iter().filter(|one| one["origin"] == "reported") {
        let is_free = one["measure"] != "rate" && one["unit"] != "points";
        assert_eq!(mapping.matches(&format!("\"{}\"", one["name"].as_str().unwrap())).count(), if is_free { 2 } else { 0 }, "{one}");
    }
}

#[test]
fn figures_are_kept_once_for_the_same_tables_and_a_changed_formula_breaks_the_line() {
    let (county, demo) = &*COUNTY;
    assert!(demo["kept"]["figures"].as_i64().unwrap() > 34, "{}", demo["kept"]);
    let hub = county.copy();
    let kept = || hub.count("SELECT count(*) FROM indicator.history");
    let before = kept();
    assert_eq!(hub.json(&["indicators", "--keep"])["figures"], 0, "the demo kept them");
    assert_eq!(kept(), before);
    let folder = hub.path("own");
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(root().join("query/indicators")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let text = if path.ends_with("data_sharing_rate.sql") { text.replace("-- version: 2", "-- version: 3") } else { text };
        std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
    }
    let own = ["--indicators", folder.to_str().unwrap()];
    let with = |more: &[&'static str]| {
        own.iter().copied().map(str::to_owned).chain(more.iter().map(|word| (*word).to_owned())).collect::<Vec<_>>()
    };
    let run = |words: Vec<String>| hub.json(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(run(with(&["indicators", "--keep"]))["figures"].as_i64().unwrap() > 0, "another definition is kept");
    assert_eq!(kept(), before * 2);
    let trend = run(with(&["indicators", "--history", "data_sharing_rate"]));
    let points = trend["points"].as_array().unwrap();
    assert_eq!((points.len(), &points[0]["breaks"], &points[1]["breaks"]), (2, &Value::Bool(false), &Value::Bool(true)), "{trend}");
    assert!(hub.says(&["indicators", "--history", "data_sharing_rate"]).contains("no trend goes across"));
    let same = run(with(&["indicators", "--history", "timeliness"]));
    assert!(same["points"].as_array().unwrap().iter().all(|point| point["breaks"] == false), "{same}");
    assert!(hub.complains(&["indicators", "--history", "timelines"]).contains("did you mean `timeliness`?"));
}

#[test]
fn a_township_has_stars_with_their_reasons() {
    let (hub, _) = &*COUNTY;
    let all = hub.json(&["indicators", "--stars"]);
    let ratings = all["stars"].as_array().unwrap();
    assert!(!ratings.is_empty());
    for rating in ratings {
        let reasons = rating["reasons"].as_array().unwrap();
        let sum = |key: &str| reasons.iter().map(|reason| reason[key].as_f64().unwrap()).sum::<f64>();
        assert!((rating["share"].as_f64().unwrap() - 100.0 * sum("points") / sum("weight")).abs() < 1e-9, "{rating}");
        assert_eq!(rating["area"].as_str().unwrap().len(), 9);
    }
    let area = ratings[0]["area"].as_str().unwrap();
    let stored = rows(hub, &format!("SELECT stars, version FROM indicator.star WHERE area = '{area}'"));
    assert_eq!(stored, [[ratings[0]["stars"].to_string(), "1".to_owned()]]);
    let name = ratings[0]["name"].as_str().unwrap();
    let shown = hub.says(&["indicators", "--area", name]);
    assert!(shown.contains('★') && shown.contains("public_safety_sense"), "{shown}");
    assert!(hub.complains(&["indicators", "--area", "火星"]).contains("there is no area"));
}

#[test]
fn the_list_fits_a_screen_and_tells_what_the_document_does_not_agree_on() {
    let (hub, _) = &*COUNTY;
    let shown = hub.says(&["indicators"]);
    let lines = shown.lines().count();
    assert!(lines < 60, "{lines} lines");
    for told in ["[effectiveness]", "[participation]", "reported", "computed", "✓", "claims 30 indicators"] {
        assert!(shown.contains(told), "{told} is missing of {shown}");
    }
    assert!(hub.json(&["indicators"])["notes"].as_array().unwrap().len() >= 7);
    assert!(hub.says(&["indicators", "--department", "ga"]).contains("→"), "pairs are told of a department");
}
