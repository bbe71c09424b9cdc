//! The main job and every verb, on a small invented county. Bad input has a file of its own.

use crate::support::{COUNTY, Hub, delivered};
use serde_json::Value;
use std::collections::BTreeSet;

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

#[test]
fn the_demo_adds_up_and_merges_nobody_wrongly() {
    let (hub, demo) = &*COUNTY;
    let ingest = &demo["ingest"];
    assert_eq!(whole(&ingest["read"]), whole(&ingest["accepted"]) + whole(&ingest["rejected"]) + whole(&ingest["skipped"]));
    assert!(whole(&ingest["files"]) >= 11, "{ingest}");
    assert!(whole(&ingest["rejected"]) > 0, "the county has dirt");
    let person = &demo["evaluation"]["person"];
    assert_eq!(whole(&person["records"]), hub.count("SELECT count(*) FROM record.person"), "the truth knows every record, in lists too");
    assert!(person["pairwise"]["precision"].as_f64().unwrap() >= 0.999, "{person}");
    // Twelve departments bring people of whom only a surname or a name is known: hotline callers, newborns, parties to disputes. What the
    // registers say of people is found as before.
    assert!(person["pairwise"]["recall"].as_f64().unwrap() >= 0.65, "{person}");
    let of_registers = recall_of_registers(hub);
    assert!(of_registers >= 0.85, "{of_registers}");
}

/// Registers of people, houses, vehicles and schools, which name people with more than a surname.
const REGISTERS: [&str; 11] = ["ga_hjrk", "ga_czf", "ga_jdc", "mz_czrk", "mz_hydj", "mz_shzz", "jy_xj", "jy_xx", "wg_rk", "wg_fw", "wg_wg"];

/// Pairwise recall among the records of the registers alone.
fn recall_of_registers(hub: &Hub) -> f64 {
    let whole = hub.path("data").join("county").join("truth");
    let part = hub.path("registers");
    std::fs::create_dir_all(&part).unwrap();
    std::fs::copy(whole.join("files.csv"), part.join("files.csv")).unwrap();
    let records = std::fs::read_to_string(whole.join("records.csv")).unwrap();
    let is_kept = |line: &&str| line.split(',').next().is_some_and(|extract| extract == "extract" || REGISTERS.contains(&extract));
    let kept: Vec<&str> = records.lines().filter(is_kept).collect();
    std::fs::write(part.join("records.csv"), kept.join("\n")).unwrap();
    let scores = hub.json(&["eval", "--truth", part.join("records.csv").to_str().unwrap()]);
    scores["pairwise"]["recall"].as_f64().unwrap()
}

#[test]
fn the_same_command_again_finds_nothing_to_do() {
    let (county, first) = &*COUNTY;
    let hub = county.copy();
    assert_eq!(first["ingest"]["published"], first["ingest"]["files"]);
    let second = hub.json(&["demo", "--people", "1500", "--seed", "7", "--no-serve"]);
    assert_eq!(second["ingest"]["published"], 0);
    assert_eq!(second["stages"]["resolve"], "up to date");
    assert_eq!(second["epoch"], first["epoch"], "nothing new, nothing published");
    let refresh = hub.json(&["refresh"]);
    assert!(refresh["stages"].as_object().unwrap().values().all(|state| state == "up to date"), "{refresh}");
}

#[test]
fn a_refresh_of_nothing_does_not_keep_the_demo_out() {
    let (hub, demo) = &*COUNTY;
    assert_eq!(demo["ingest"]["published"], demo["ingest"]["files"]);
    hub.complains(&["demo", "--people", "61", "--no-serve"]);
}

#[test]
fn a_file_loaded_without_a_job_is_counted_from_the_tables() {
    let (county, demo) = &*COUNTY;
    let hub = county.copy();
    let jobs = || demo["jobs"].as_array().unwrap().iter();
    let with = |count: &'static str| jobs().filter(move |job| whole(&job[count]) > 0).take(3);
    let chosen: Vec<&Value> = with("rejected").chain(with("skipped")).collect();
    assert!(chosen.len() > 3, "the county has dirt");
    // What a kill between publishing and writing the job leaves.
    std::fs::remove_file(hub.path("data").join("jobs.jsonl")).unwrap();
    let mut command = hub.command(&["ingest", "--json"]);
    for job in &chosen {
        let file = format!("{}/{}", job["department"].as_str().unwrap(), job["file"].as_str().unwrap());
        command.arg(delivered(&hub.path("data").join("county"), &file));
    }
    let again: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    for (before, after) in chosen.into_iter().zip(again["jobs"].as_array().unwrap()) {
        assert_eq!(after["outcome"], "unchanged");
        for count in ["read", "accepted", "rejected", "skipped", "rejects_by_rule"] {
            assert_eq!(before[count], after[count], "{count} of {}", before["file"]);
        }
    }
}

#[test]
fn every_accepted_row_has_its_records_and_every_record_its_row() {
    let (hub, demo) = &*COUNTY;
    for job in demo["jobs"].as_array().unwrap() {
        let extract = job["extract"].as_str().unwrap();
        let kept = hub.count(&format!("SELECT count(*) FROM raw.{extract}"));
        assert_eq!(kept, whole(&job["accepted"]), "{extract}");
    }
    assert_eq!(hub.count("SELECT count(*) - count(DISTINCT record_id) FROM record.person"), 0);
    let lost = "SELECT count(*) FROM record.person p LEFT JOIN graph.link l ON l.record_id = p.record_id WHERE l.record_id IS NULL";
    assert_eq!(hub.count(lost), 0, "every record belongs to an entity");
    let strangers = "SELECT count(*) FROM graph.edge e LEFT JOIN graph.link l ON l.entity_id = e.source WHERE l.record_id IS NULL";
    assert_eq!(hub.count(strangers), 0, "every edge ends at an entity");
}

#[test]
fn no_entity_has_two_citizen_ids() {
    let (hub, _) = &*COUNTY;
    let two = "SELECT count(*) FROM (SELECT l.entity_id FROM record.person p JOIN graph.link l ON l.record_id = p.record_id \
               GROUP BY l.entity_id HAVING count(DISTINCT p.id_no) > 1) t";
    assert_eq!(hub.count(two), 0);
}

#[test]
fn a_person_is_found_by_name_number_and_tail_and_shows_the_source_of_every_value() {
    let (hub, _) = &*COUNTY;
    let sql =
        "SELECT e.entity_id, e.name, e.id_no FROM entity.person e WHERE e.records > 2 AND e.id_no IS NOT NULL ORDER BY e.entity_id LIMIT 1";
    let answer: Value = serde_json::from_str(&hub.says(&["sql", sql, "--format", "json"])).unwrap();
    let (id, name, number) = (whole(&answer[0]["entity_id"]), answer[0]["name"].as_str().unwrap(), answer[0]["id_no"].as_str().unwrap());
    for query in [name, number, &number[14..]] {
        let found = hub.json(&["people", query, "--limit", "200"]);
        let ids: Vec<i64> = found["hits"].as_array().unwrap().iter().map(|hit| whole(&hit["entity_id"])).collect();
        assert!(ids.contains(&id), "not found by {query}");
    }
    let file = hub.json(&["person", &id.to_string()]);
    let identity = file["identity"].as_array().unwrap();
    assert!(identity.iter().any(|property| property["property"] == "id_no"));
    for value in identity.iter().flat_map(|property| property["values"].as_array().unwrap()) {
        assert!(value["department"].is_string() && value["extract"].is_string() && whole(&value["row"]) > 1, "{value}");
    }
    let homes = file["residences"].as_array().unwrap();
    assert!(!homes.is_empty() && homes.iter().all(|home| home["caption"] != ""), "a home is shown by its address: {homes:?}");
}

#[test]
fn a_thing_is_found_by_its_own_number_and_says_what_it_is() {
    let (hub, _) = &*COUNTY;
    for (entity, property) in [
        ("vehicle", "plate_no"),
        ("vehicle", "vin"),
        ("household", "household_no"),
        ("school", "credit_code"),
        ("dwelling", "house_code"),
        ("organization", "credit_code"),
    ] {
        let sql =
            format!("SELECT entity_id, {property} AS own FROM entity.{entity} WHERE {property} IS NOT NULL ORDER BY entity_id LIMIT 1");
        let answer: Value = serde_json::from_str(&hub.says(&["sql", &sql, "--format", "json"])).unwrap();
        let (id, own) = (whole(&answer[0]["entity_id"]), answer[0]["own"].as_str().unwrap());
        let found = hub.json(&["people", own]);
        let hits = found["hits"].as_array().unwrap();
        let is_it = |hit: &&Value| hit["entity"] == entity && whole(&hit["entity_id"]) == id && hit["class"] == "number";
        assert!(hits.iter().any(|hit| is_it(&hit)), "{entity} is not found by {property}: {found}");
        assert!(found["types"].as_array().unwrap().iter().any(|of| of["entity"] == entity), "{found}");
    }
}

#[test]
fn a_search_says_what_words_were_taken_for_and_how_what_is_found_is_distributed() {
    let (hub, _) = &*COUNTY;
    let said = hub.says(&["people", "王女士", "--limit", "3"]);
    let first = said.lines().next().unwrap();
    assert!(first.contains("王 (name)") && first.contains("女士 (form of address)"), "{said}");
    assert!(said.contains("dept:ga ") && said.contains("born:198"), "each value with what to type for it alone: {said}");
    let (titled, bare) = (hub.json(&["people", "王女士"]), hub.json(&["people", "王"]));
    assert_eq!((&titled["total"], &titled["hits"]), (&bare["total"], &bare["hits"]), "a surname with a title is that surname");
    let told = "SELECT substr(summary, 4, 6) AS part FROM entity.petition WHERE length(summary) > 12 ORDER BY entity_id LIMIT 1";
    let told: Value = serde_json::from_str(&hub.says(&["sql", told, "--format", "json"])).unwrap();
    let found = hub.json(&["people", &format!("text:{}", told[0]["part"].as_str().unwrap()), "--limit", "200"]);
    assert!(found["hits"].as_array().unwrap().iter().any(|hit| hit["entity"] == "petition" && hit["class"] == "words"), "{found}");
}

#[test]
fn a_household_is_shown_with_its_members() {
    let (hub, _) = &*COUNTY;
    let sql = "SELECT max(target) FROM graph.edge WHERE relation = 'member_of'";
    let id = hub.count(sql);
    let file = hub.json(&["household", &id.to_string()]);
    let members = file["members"].as_array().unwrap();
    assert!(!members.is_empty() && members.iter().all(|member| member["caption"] != ""), "members are shown by name: {file}");
    assert!(hub.complains(&["household", "999999999"]).contains("hint:"));
}

#[test]
fn indicators_are_figures_with_lights() {
    let (hub, _) = &*COUNTY;
    let figures = hub.json(&["indicators"]);
    let names: BTreeSet<&str> = figures["figures"].as_array().unwrap().iter().filter_map(|figure| figure["indicator"].as_str()).collect();
    assert_eq!(names.len(), 34, "the 29 of the document and five more: {names:?}");
    let measure: std::collections::BTreeMap<&str, &str> = figures["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["measure"].as_str().unwrap()))
        .collect();
    for figure in figures["figures"].as_array().unwrap() {
        let (top, below) = (figure["numerator"].as_f64().unwrap(), figure["denominator"].as_f64().unwrap());
        assert!(top <= below || measure[figure["indicator"].as_str().unwrap()] != "rate", "{figure}");
        assert_eq!(figure["value"].is_null(), below == 0.0, "{figure}");
        assert!(figure["light"] != "grey" || figure["reason"].is_string(), "grey without a reason: {figure}");
    }
}

#[test]
fn jobs_and_rejects_name_row_column_and_reason() {
    let (hub, _) = &*COUNTY;
    let jobs = hub.json(&["jobs"]);
    let job = jobs["jobs"].as_array().unwrap().iter().find(|job| whole(&job["rejected"]) > 0).unwrap();
    let number = job["job"].to_string();
    let rejects = hub.json(&["rejects", &number]);
    let listed = rejects["rejects"].as_array().unwrap();
    let rows: BTreeSet<i64> =
        listed.iter().filter(|reject| !reject["rule"].as_str().unwrap().starts_with("cell:")).map(|reject| whole(&reject["row"])).collect();
    assert_eq!(rows.len() as i64, whole(&job["rejected"]), "each refused row is listed");
    let out = hub.path("rejects.xlsx");
    hub.says(&["rejects", &number, "--out", out.to_str().unwrap()]);
    assert!(std::fs::read(&out).unwrap().starts_with(b"PK"));
}

#[test]
fn every_look_is_in_the_audit_before_it_is_answered() {
    let (hub, _) = &*COUNTY;
    let before = hub.json(&["doctor"])["audit_entries"].as_i64().unwrap();
    hub.says(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "sql", "SELECT count(*) FROM record.person"]);
    hub.says(&["people", "王"]);
    assert!(hub.json(&["doctor"])["audit_entries"].as_i64().unwrap() >= before + 2);
}

#[test]
fn eval_reads_the_truth_that_synth_wrote() {
    let (hub, demo) = &*COUNTY;
    let truth = hub.path("data").join("county").join("truth").join("records.csv");
    let scores = hub.json(&["eval", "--truth", truth.to_str().unwrap()]);
    assert_eq!(scores["pairwise"], demo["evaluation"]["person"]["pairwise"]);
    let recall = &scores["pairwise"]["recall"].as_f64().unwrap();
    let interval = &scores["pairwise"]["interval"]["recall"];
    assert!(interval[0].as_f64().unwrap() < *recall && *recall < interval[1].as_f64().unwrap(), "{scores}");
    assert_eq!(whole(&scores["exclusive"]["id_no"]["clusters"]), 0, "two valid numbers are never one person");
}

#[test]
fn eval_tells_what_can_be_found_and_between_whom() {
    let (hub, _) = &*COUNTY;
    let truth = hub.path("data").join("county").join("truth");
    let scores = hub.json(&["eval", "--linkable", "--truth", truth.join("records.csv").to_str().unwrap()]);
    let linkable = &scores["linkable"];
    let departments = scores["departments"].as_array().unwrap();
    let all = departments.iter().map(|pairs| whole(&pairs["pairs"])).sum::<i64>();
    assert_eq!(all, whole(&linkable["pairs"]) + whole(&linkable["other_pairs"]), "each pair lies within one or between two");
    assert!(linkable["recall"].as_f64().unwrap() > scores["pairwise"]["recall"].as_f64().unwrap(), "{linkable}");
    assert!(departments.iter().any(|pairs| pairs["left"] == "ga" && pairs["right"] == "jy"), "{departments:?}");
    let organizations = hub.json(&["eval", "--truth", truth.join("organizations.csv").to_str().unwrap()]);
    assert_eq!(organizations["entity"], "organization", "the truth file says what it is of");
    assert!(organizations["pairwise"]["f1"].as_f64().unwrap() > 0.8, "{organizations}");
}

#[test]
fn check_loads_nothing() {
    let hub = Hub::new();
    let out = hub.path("county");
    hub.says(&["synth", "--people", "120", "--out", out.to_str().unwrap()]);
    let file = delivered(&out, "ga/ga_hjrk.csv");
    let seen = hub.json(&["check", file.to_str().unwrap()]);
    assert_eq!(seen["department"], "ga");
    assert!(whole(&seen["read"]) > 0);
    assert!(!hub.path("data").join("epoch.json").exists(), "check must not publish");
}

#[test]
fn a_graph_that_is_lost_or_damaged_is_seen_and_made_again() {
    let hub = COUNTY.0.copy();
    let graphs = || -> BTreeSet<_> { std::fs::read_dir(hub.path("data/graph")).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let graph_of = |report: &Value| report["checks"].as_array().unwrap().iter().find(|check| check["check"] == "graph").unwrap().clone();
    let well = graph_of(&hub.json(&["doctor"]));
    assert!(well["detail"].as_str().unwrap().contains(&format!("{} edges", hub.count("SELECT count(*) FROM graph.edge"))), "{well}");
    let (empty, first) = (graphs().first().unwrap().clone(), graphs().last().unwrap().clone());
    let mut bytes = std::fs::read(&first).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    // As a failing disk would: another file under the name, not other bytes in one that somebody has mapped.
    let instead = |path: &std::path::Path, bytes: &[u8]| {
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let most = "SELECT source FROM graph.edge WHERE relation = 'lives_at' GROUP BY source ORDER BY count(*) DESC, source LIMIT 1";
    let near = format!("SELECT count(*) FROM neighbours({}, 2, as_of => NULL)", hub.count(most));
    assert!(hub.count(&near) > 2);
    instead(&first, &std::fs::read(&empty).unwrap());
    assert_eq!(hub.count(&near), 0, "walks go over the file, also in a process that may read nothing else");
    instead(&first, &bytes);
    assert_eq!(
        hub.json(&["refresh"])["stages"]["link"],
        "up to date",
        "it does not read a file of gigabytes to know that nothing is to do"
    );
    let sick = hub.run(&["doctor"]);
    assert!(!sick.status.success() && String::from_utf8_lossy(&sick.stdout).contains("`wuwei link` makes it again"));
    hub.says(&["link"]);
    assert_eq!(graph_of(&hub.json(&["doctor"])), well);
    let newest = graphs().last().unwrap().clone();
    instead(&newest, &bytes[..middle]);
    assert_eq!(hub.json(&["refresh"])["stages"]["index"], "up to date");
    assert_eq!(graph_of(&hub.json(&["doctor"])), well);
    graphs().into_iter().for_each(|graph| std::fs::remove_file(graph).unwrap());
    assert!(hub.count(&near) > 2, "of few edges a graph is made where its file is lost");
    assert!(hub.complains(&["doctor"]).contains("1 checks failed"));
    hub.says(&["refresh"]);
    assert_eq!(graph_of(&hub.json(&["doctor"])), well);
    assert_eq!(hub.json(&["refresh"])["stages"]["link"], "up to date");
}
