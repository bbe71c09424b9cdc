//! Templates and words: a template has no text of its own, each key that it names has words in both languages, no word is left over, and
//! every file that a page loads is carried.

use crate::support::{Source, sources};
use std::collections::{BTreeMap, BTreeSet};

/// Sections whose keys come with the data: each is taken as a whole.
fn composed(texts: &[&str]) -> BTreeSet<String> {
    let named = |text: &&str| {
        let calls = [".of_key(\"", ".each(\"", ".known(\""].map(|call| text.split(call).skip(1).map(str::to_owned).collect::<Vec<_>>());
        calls.into_iter().flatten().filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    texts.iter().flat_map(named).chain(["problem".to_owned()]).collect()
}

fn of(folder: &str, ending: &str) -> Vec<Source> {
    sources().into_iter().filter(|source| source.path.starts_with(folder) && source.path.ends_with(ending)).collect()
}

fn keys(language: &str) -> BTreeSet<String> {
    let text = &of("deploy/console/locale/", &format!("{language}.toml"))[0].text;
    let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text).unwrap();
    sections.into_iter().flat_map(|(section, words)| words.into_keys().map(move |key| format!("{section}.{key}"))).collect()
}

#[test]
fn every_key_is_used_and_has_words() {
    let (templates, code) = (of("deploy/console/templates/", ".html"), of("deploy/src/", ".rs"));
    let texts: Vec<&str> = templates.iter().chain(&code).map(|source| source.text.as_str()).collect();
    let known = keys("en");
    assert_eq!(known, keys("zh-CN"));
    let used: BTreeSet<String> = texts
        .iter()
        .flat_map(|text| text.split('"'))
        .filter(|word| word.split_once('.').is_some_and(|(section, key)| !section.is_empty() && !key.is_empty()))
        .map(str::to_owned)
        .collect();
    let composed = composed(&texts);
    for key in &known {
        let section = key.split('.').next().unwrap();
        assert!(used.contains(key) || composed.contains(section), "nothing uses `{key}`");
    }
    for called in texts.iter().flat_map(|text| text.split(".t(\"").skip(1)).filter_map(|rest| rest.split('"').next()) {
        assert!(known.contains(called), "there are no words for `{called}`");
    }
}

/// The rules by which questions are refused.
fn rules() -> BTreeSet<String> {
    let code = of("query/src/", ".rs");
    let code = code.iter().filter(|source| !source.path.contains("test")).map(|source| source.text.split("#[cfg(test)]").next().unwrap());
    let named = |text: &str| ["refused(\"", "rule: \""].map(|before| text.split(before).skip(1).map(str::to_owned).collect::<Vec<_>>());
    let rules = code.flat_map(named).flatten().filter_map(|rest| rest.split('"').next().map(str::to_owned));
    rules.filter(|rule| !rule.starts_with("is ")).collect()
}

#[test]
fn every_refusal_is_told_in_both_languages() {
    let (known, rules) = (keys("zh-CN"), rules());
    assert!(rules.len() > 10 && rules.contains("select only"), "{rules:?}");
    for rule in rules {
        assert!(known.contains(&format!("refusal.{}", rule.replace(' ', "-"))), "there are no words for the rule `{rule}`");
    }
    let codes = known.iter().filter_map(|key| key.strip_prefix("problem.")).filter(|key| !["home", "number"].contains(key));
    for code in codes {
        assert!(known.contains(&format!("refusal.{code}")), "it is not said what to do about `{code}`");
    }
}

/// A template without its tags, expressions and statements.
fn left_of(template: &str) -> String {
    let mut left = template.to_owned();
    for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<", ">")] {
        while let Some(at) = left.find(open) {
            let end = left[at..].find(close).map_or(left.len(), |end| at + end + close.len());
            left.replace_range(at..end, " ");
        }
    }
    left
}

#[test]
fn no_template_has_a_text_of_its_own() {
    // What keys are called, and the letter that stands before the number of a record.
    let allowed = ["Enter", "Ctrl", "Esc", "g", "j", "k", "p", "r", "Ctrl Enter"];
    for template in of("deploy/console/templates/", ".html") {
        let left = left_of(&template.text.replace("×", " "));
        for word in left.split_whitespace() {
            let is_word = word.chars().any(char::is_alphabetic);
            assert!(!is_word || allowed.contains(&word), "{} says `{word}` itself", template.path);
        }
        for attribute in [" title=\"", " aria-label=\"", " placeholder=\"", " alt=\""] {
            for value in template.text.split(attribute).skip(1) {
                let plain = left_of(&value.replace("{{ page.t(\"", "{{ (").split("\">").next().unwrap_or_default().replace('"', " \" "));
                let first = plain.split('"').next().unwrap_or_default();
                assert!(!first.chars().any(char::is_alphabetic), "{} says `{first}` itself", template.path);
            }
        }
    }
}

#[test]
fn every_file_that_a_page_loads_is_carried_and_none_is_of_another_host() {
    let carried = std::fs::read_to_string(crate::support::root().join("deploy/src/console/asset.rs")).unwrap();
    for template in of("deploy/console/templates/", ".html") {
        for name in template.text.split("page.asset(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(carried.contains(&format!("\"{name}\"")), "{name} is not carried");
        }
        assert!(!template.text.contains("://"), "{} names another host", template.path);
    }
    for own in of("deploy/console/static/", "").iter().filter(|own| !own.path.ends_with(".svg")) {
        assert!(!own.text.contains("://") && !own.text.contains("@import"), "{} names another host", own.path);
    }
}
