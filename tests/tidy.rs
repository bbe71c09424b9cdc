//! The invariants of the house, as ARCHITECTURE.md states them: who may depend on whom, who may touch what, how long things may be, and
//! that no text of ours speaks of a real person. What a stage computes is not tested here.

use crate::support::{Source, root, sources};
use std::collections::BTreeMap;
use wuwei_ingest::{Departments, Extract};
use wuwei_schema::{Kind, Model};

/// What each crate may use of ours.
const MAY_USE: [(&str, &[&str]); 7] = [
    ("schema", &[]),
    ("ingest", &["schema"]),
    ("ingest/synth", &["schema", "ingest"]),
    ("graph", &["schema"]),
    ("search", &["schema"]),
    ("query/lake", &["schema"]),
    ("query", &["schema", "graph", "search", "lake"]),
];

/// Crates of others that live in one room only.
const OWNED: [(&str, &[&str]); 29] = [
    ("cedar-policy", &["query"]),
    ("calamine", &["ingest"]),
    ("chardetng", &["ingest"]),
    ("encoding_rs", &["ingest", "ingest/synth"]),
    ("csv", &["schema", "ingest", "ingest/synth", "."]),
    ("tantivy", &["search"]),
    ("chinese-lunisolar-calendar", &["schema"]),
    ("pinyin", &["schema"]),
    ("datafusion", &["query", "query/lake"]),
    ("datafusion-pg-catalog", &["query"]),
    ("arrow-pg", &[".", "query"]),
    ("pgwire", &[".", "query"]),
    ("deltalake-core", &["query/lake"]),
    ("object_store", &["query/lake"]),
    ("clap", &["."]),
    ("chrono", &["."]),
    ("croner", &["."]),
    ("indicatif", &["."]),
    ("axum", &["."]),
    ("askama", &["."]),
    ("argon2", &["."]),
    ("tokio-rustls", &[".", "query/lake"]),
    ("aws-lc-rs", &[".", "query/lake"]),
    ("hyper", &[".", "query/lake"]),
    ("hyper-util", &[".", "query/lake"]),
    ("arrow-flight", &["."]),
    ("prost", &["."]),
    ("tonic", &["."]),
    ("reqwest", &["."]),
];

const CRATES: [&str; 8] = [".", "schema", "ingest", "ingest/synth", "graph", "search", "query", "query/lake"];

fn manifest(crate_folder: &str) -> toml::Table {
    std::fs::read_to_string(root().join(crate_folder).join("Cargo.toml")).unwrap().parse().unwrap()
}

fn dependencies(crate_folder: &str) -> Vec<String> {
    manifest(crate_folder)["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn the_rooms_depend_in_one_direction() {
    for (folder, allowed) in MAY_USE {
        for dependency in dependencies(folder).iter().filter_map(|name| name.strip_prefix("wuwei-").map(str::to_owned)) {
            assert!(dependency == "features" || allowed.contains(&dependency.as_str()), "{folder} must not use {dependency}");
        }
    }
}

#[test]
fn every_foreign_crate_has_its_room() {
    for folder in CRATES {
        for dependency in dependencies(folder) {
            if let Some((_, owners)) = OWNED.iter().find(|(name, _)| *name == dependency) {
                assert!(owners.contains(&folder), "{dependency} belongs to {owners:?}, not to {folder}");
            }
        }
    }
}

#[test]
fn every_crate_has_the_workspace_s_lints_and_versions() {
    for folder in CRATES {
        let manifest = manifest(folder);
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{folder}");
        for section in ["dependencies", "dev-dependencies"] {
            for (name, value) in manifest.get(section).and_then(toml::Value::as_table).into_iter().flatten() {
                assert_eq!(value.get("workspace").and_then(toml::Value::as_bool), Some(true), "{folder}: {name} has its own version");
            }
        }
    }
}

#[test]
fn what_only_one_room_may_touch_is_touched_there() {
    let fences: [(&str, &[&str], &str); 8] = [
        ("std::fs", &["ingest", "search", "query", "deploy", "tests"], "schema and graph do no I/O"),
        ("async fn", &["query", "deploy", "tests"], "pure stages are not async"),
        ("SystemTime::now", &["tests"], "the clock is deploy's, through chrono"),
        ("Instant::now", &["deploy", "tests"], "the clock is deploy's"),
        ("env::var", &["deploy", "tests"], "the environment is deploy's"),
        ("SessionContext", &["query"], "SQL goes through the Session"),
        ("struct Person ", &[], "files speak of persons, code of kinds and roles"),
        ("DeltaTable", &["query"], "only query opens a table"),
    ];
    for source in rust() {
        let room = source.path.split('/').next().unwrap();
        for (needle, rooms, why) in fences {
            let is_build = source.path.ends_with("build.rs") || source.path.contains("/benches/") || source.path == "tests/tidy.rs";
            let found = code_of(&source.text).any(|line| line.contains(needle));
            assert!(is_build || !found || rooms.contains(&room), "{}: `{needle}`: {why}", source.path);
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    for source in rust() {
        let lines = source.text.lines().count();
        assert!(source.text.starts_with("//!"), "{} does not open with //!", source.path);
        assert!(lines <= 400, "{} has {lines} lines; 400 is the most", source.path);
        for (name, length) in functions(&source.text) {
            assert!(length <= 70, "{}: fn {name} has {length} lines; 70 is the most", source.path);
        }
    }
    for (file, most) in [
        ("README.md", 150),
        ("ARCHITECTURE.md", 300),
        ("ingest/DECISIONS.md", 300),
        ("graph/DECISIONS.md", 300),
        ("query/DECISIONS.md", 300),
        ("search/DECISIONS.md", 300),
    ] {
        let lines = std::fs::read_to_string(root().join(file)).unwrap().lines().count();
        assert!(lines <= most, "{file} has {lines} lines; {most} is the most");
    }
}

/// What an error text may show: files, places, rules, counts and names of ours. A cell's value, a question's text or a person's name is none.
const SHOWN: &str = "0 accepted action all batch caret column count department detail entity expected extract file found given hint indicator \
                     known limit line name path place read refused rejected row rule skipped source table what";

#[test]
fn error_texts_name_places_and_never_values() {
    for source in rust() {
        for text in source.text.split("#[error(").skip(1).filter_map(|rest| rest.split(")]").next()) {
            for place in text.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                let name = place.split(':').next().unwrap();
                let known = name.is_empty() || SHOWN.split(' ').any(|shown| shown == name);
                assert!(known, "{}: an error text shows `{name}`", source.path);
            }
        }
    }
}

#[test]
fn error_texts_begin_small_and_tell_what_to_do() {
    for source in rust().into_iter().filter(|source| source.path.ends_with("error.rs")) {
        for text in source.text.split("#[error(\"").skip(1).filter_map(|rest| rest.split("\")]").next().or(Some(rest))) {
            let text = text.split("\",").next().unwrap();
            assert!(text.chars().next().is_some_and(|first| !first.is_uppercase()), "{}: {text}", source.path);
            assert!(!text.ends_with('.'), "{}: {text}", source.path);
            assert!(text.contains("hint: "), "{}: no hint in: {text}", source.path);
        }
    }
}

#[test]
fn no_text_of_ours_speaks_of_a_real_person() {
    for source in sources().into_iter().filter(|source| !source.path.ends_with("Cargo.lock")) {
        for number in digit_runs(&source.text) {
            assert!(!is_citizen_id(&number) || invented(&number), "{} holds a number that could be somebody's", source.path);
            let mobile = number.len() == 11 && number.starts_with('1') && matches!(number.as_bytes()[1], b'3'..=b'9');
            assert!(!mobile, "{} holds a phone number that could be somebody's", source.path);
        }
    }
}

#[test]
fn no_text_of_ours_speaks_of_a_machine() {
    for source in sources().into_iter().filter(|source| source.path != "tests/tidy.rs") {
        for needle in ["/root/", "/work/", "crates.io", "pypi.org", "npmjs", "debian.org"] {
            let lock = source.path.ends_with("Cargo.lock");
            assert!(lock || !source.text.contains(needle), "{} names `{needle}`", source.path);
        }
    }
}

#[test]
fn every_data_file_says_what_it_is() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for source in sources() {
        for (folder, ending, must) in [
            ("schema/model/", ".toml", &["label", "zh = ", "en = "][..]),
            ("schema/codes/", ".csv", &["# ", "; "][..]),
            ("schema/calendar/", ".csv", &["# ", "; ", "date,kind,name"][..]),
            ("schema/divisions/", ".csv", &["# ", "; ", "code,name,from,until"][..]),
            ("search/names/", ".csv", &["# ", "; ", "simplified,others"][..]),
            ("search/titles/", ".csv", &["# ", "; "][..]),
            ("search/lists/", ".csv", &["# ", "; ", "column,headings"][..]),
            ("schema/surnames/", ".csv", &["# ", "; ", "surname,reading"][..]),
            ("ingest/departments/", ".toml", &["department = ", "label = ", "[[extract]]"][..]),
            ("query/indicators/", ".sql", &["-- label_zh:", "-- label_en:", "-- unit:", "-- version:", "-- source:"][..]),
            ("query/questions/", ".sql", &["-- zh: ", "-- en: ", "SELECT"][..]),
        ] {
            // Levels, stars and notes stand beside the indicators that they are of.
            let is_beside = folder == "query/indicators/" && source.path.ends_with(".toml");
            if source.path.starts_with(folder) && !is_beside {
                assert!(source.path.ends_with(ending), "{} is in a folder of {ending} files", source.path);
                must.iter().for_each(|needle| assert!(source.text.contains(needle), "{} lacks `{needle}`", source.path));
                *seen.entry(folder).or_default() += 1;
            }
        }
    }
    assert_eq!(seen.len(), 11, "a folder of data is empty: {seen:?}");
}

#[test]
fn every_type_relation_and_code_list_is_brought_by_some_department() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extracts: Vec<&Extract> = departments.list.iter().flat_map(|department| &department.extracts).collect();
    let roles = || extracts.iter().flat_map(|extract| &extract.roles);
    for entity in model.entities.keys() {
        assert!(roles().any(|role| role.entity == *entity), "no department brings the type `{entity}`");
    }
    for relation in model.relations.keys() {
        let known = extracts.iter().flat_map(|extract| &extract.relations).any(|mapping| mapping.relation == *relation);
        assert!(known, "no department brings the relation `{relation}`");
    }
    let kinds: Vec<Kind> = model.entities.values().flat_map(|entity| &entity.properties).map(|property| property.kind.clone()).collect();
    for list in model.codes.lists() {
        let is_kind = kinds.contains(&Kind::Code(list.name.clone()));
        let is_source = roles().flat_map(|role| &role.properties).any(|(_, source)| source.codes.as_deref() == Some(&list.name));
        assert!(is_kind || is_source, "no property and no department speaks of the code list `{}`", list.name);
    }
}

fn rust() -> Vec<Source> {
    sources().into_iter().filter(|source| source.path.ends_with(".rs")).collect()
}

/// The lines that are code, tests left out.
fn code_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| !line.contains("#[cfg(test)]")).filter(|line| !line.trim_start().starts_with("//"))
}

/// Functions and their lengths, as rustfmt lays them out: the closing brace stands under the line that opens.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let starts = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "async fn ", "pub async fn ", "pub(crate) async fn "];
        if !starts.iter().any(|start| trimmed.starts_with(start)) || line.ends_with(';') {
            continue;
        }
        let close = format!("{}}}", &line[..line.len() - trimmed.len()]);
        let length = lines[at..].iter().position(|line| *line == close).map_or(1, |length| length + 1);
        let name = trimmed.split("fn ").nth(1).unwrap_or_default().split(['(', '<']).next().unwrap_or_default();
        found.push((name.to_owned(), length));
    }
    found
}

fn digit_runs(text: &str) -> Vec<String> {
    let mut runs = Vec::new();
    let mut run = String::new();
    for character in text.chars().chain(std::iter::once(' ')) {
        if character.is_ascii_digit() || (run.len() == 17 && character == 'X') {
            run.push(character);
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs
}

/// 18 characters with a real date at the right place.
fn is_citizen_id(number: &str) -> bool {
    number.len() == 18 && wuwei_schema::kind::date::compact(&number[6..14]).is_some_and(|date| date.len() == 10)
}

fn invented(number: &str) -> bool {
    number.starts_with("90") || number.starts_with("99")
}

#[test]
fn the_search_for_people_finds_them() {
    let planted = format!("{}{}", "110101", "198503070017");
    assert!(digit_runs(&format!("id {planted},")).iter().any(|number| is_citizen_id(number) && !invented(number)));
    assert_eq!(functions("fn a() {\n    1;\n}\n"), [("a".to_owned(), 3)]);
}
