//! The documents are true: the README's commands exist and run, and every verb, option, department and indicator is named where people look.

use crate::support::{COUNTY, Hub, delivered, root};
use std::collections::BTreeSet;

fn document(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// The verbs that the program knows.
fn verbs() -> BTreeSet<String> {
    let help = Hub::new().says(&["--help"]);
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let named = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    named.map(|line| line.split_whitespace().next().unwrap().to_owned()).filter(|verb| verb != "help").collect()
}

/// The commands in the README's blocks, without their comments.
fn commands() -> Vec<String> {
    let readme = document("README.md");
    let blocks = readme.split("```sh").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.map(|line| line.split(" #").next().unwrap().trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn every_verb_is_in_the_readme_and_every_verb_of_the_readme_exists() {
    let readme = document("README.md");
    let verbs = verbs();
    assert!(verbs.len() >= 17, "{verbs:?}");
    for verb in &verbs {
        assert!(readme.contains(&format!("`{verb}")) || readme.contains(&format!("wuwei {verb}")), "the README does not name `{verb}`");
    }
    for command in commands().iter().filter(|command| command.starts_with("wuwei ")) {
        assert!(command.split_whitespace().any(|word| verbs.contains(word)), "the README's `{command}` has no verb");
    }
}

#[test]
fn every_command_of_the_readme_runs() {
    let hub = COUNTY.0.copy();
    let id = hub.count("SELECT min(entity_id) FROM entity.person").to_string();
    let household = hub.count("SELECT min(entity_id) FROM entity.household").to_string();
    let extract = delivered(&hub.path("data").join("county"), "mz/mz_hydj.csv");
    let known = commands();
    assert!(known.iter().any(|command| command == "cargo test") && known.iter().any(|command| command.starts_with("cargo run -- demo")));
    for command in known.iter().filter_map(|command| command.strip_prefix("wuwei ")) {
        let command = command.replace("EXTRACT.csv", extract.to_str().unwrap()).replace("PERSON", &id).replace("HOUSEHOLD", &household);
        let words: Vec<String> = split(&command)
            .into_iter()
            .map(|word| word.replace("county/truth", &format!("{}/county/truth", hub.path("data").display())))
            .collect();
        hub.says(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn departments_indicators_and_rooms_are_in_the_documents() {
    let (readme, architecture) = (document("README.md"), document("ARCHITECTURE.md"));
    for (folder, ending, text) in [
        ("ingest/departments", ".toml", &readme),
        ("query/indicators", ".sql", &readme),
        ("graph/src", ".rs", &architecture),
        ("ingest/src", ".rs", &architecture),
        ("search/src", ".rs", &architecture),
        ("query/src", ".rs", &architecture),
        ("query/lake/src", ".rs", &architecture),
        ("deploy/src", ".rs", &architecture),
    ] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if let Some(stem) = name.strip_suffix(ending).filter(|stem| !["lib", "main", "error"].contains(stem)) {
                assert!(text.contains(&format!("`{stem}`")), "`{stem}` of {folder} is in no document");
            }
        }
    }
}

#[test]
fn every_function_of_linkage_is_in_the_readme() {
    let source = document("query/src/linkage.rs");
    let named: BTreeSet<&str> = source.split('"').filter(|text| text.len() > 3 && text.starts_with("er_")).collect();
    assert!(named.len() >= 7, "{named:?}");
    let readme = document("query/README.md");
    named.iter().for_each(|name| assert!(readme.contains(&format!("`{name}`")), "query/README.md does not name `{name}`"));
}

/// Words of a command line; double quotes hold words together.
fn split(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
