//! What stands on every page: its language and look, who asks for what, where one can go, and the two figures with their lights.

use super::{
    asset,
    guest::Guest,
    link,
    words::{Language, Named},
};
use crate::{
    clock,
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use wuwei_schema::Notice;

/// Places to go: name, path, the verb that it needs, and the key that leads there after `g`.
pub(crate) const PLACES: &[(&str, &str, &str, &str)] = &[
    ("overview", "/", "indicators", "o"),
    ("search", "/search", "people", "s"),
    ("sql", "/sql", "sql", "q"),
    ("tables", "/tables", "sql", "t"),
    ("jobs", "/jobs", "jobs", "j"),
    ("upload", "/upload", "ingest", "u"),
    ("audit", "/audit", "audit", "a"),
    ("admin", "/admin", "user", "m"),
    ("policies", "/admin/policies", "policies", "p"),
    ("review", "/review", "review", "r"),
    ("density", "/density", "sql", "d"),
    ("mappings", "/mappings", "define", "f"),
    ("corrections", "/corrections", "correct", "c"),
];

/// The frame of a page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) language: Language,
    pub(crate) theme: &'static str,
    /// The name of the place that it is.
    pub(crate) here: &'static str,
    /// Its address, to come back to.
    pub(crate) path: String,
    pub(crate) who: Option<Who>,
    pub(crate) places: Vec<Place>,
    pub(crate) lights: Vec<Light>,
    /// When it was made, where the program runs.
    pub(crate) made: String,
}

/// Whoever is signed in.
#[derive(Debug)]
pub(crate) struct Who {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) department: Option<String>,
    pub(crate) purpose: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) key: &'static str,
}

/// One of the two figures.
#[derive(Debug)]
pub(crate) struct Light {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) light: String,
}

impl Page {
    /// The frame of a page for whoever comes.
    pub(crate) fn of(guest: &Guest, here: &'static str) -> Page {
        let language = guest.language;
        let hub = guest.console.state.hub();
        let department = |code: &str| {
            let known = hub.definitions.departments.department(code);
            known.map_or_else(|| code.to_owned(), |known| language.label(&known.label).to_owned())
        };
        let who = guest.inside.as_ref().map(|inside| Who {
            name: inside.account.name.clone(),
            role: inside.account.role.clone(),
            department: inside.account.department.as_deref().map(department),
            purpose: inside.signed.purpose.clone(),
        });
        let verbs = guest.inside.as_ref().map(|inside| inside.signed.verbs.as_slice()).unwrap_or_default();
        let offered = PLACES.iter().filter(|(_, _, verb, _)| verbs.contains(verb));
        let lights = guest.inside.as_ref().and_then(|inside| inside.signed.figures.as_ref());
        Page {
            language,
            theme: guest.theme,
            here,
            path: guest.path.clone(),
            who,
            places: offered.map(|(name, path, _, key)| Place { name, path, key }).collect(),
            lights: lights.map(|shown| shown.lights(language)).unwrap_or_default(),
            made: clock::local(&clock::now()),
        }
    }

    /// The words of a key.
    pub(crate) fn t<'a>(&self, key: &'a str) -> &'a str {
        self.language.word(key)
    }

    /// The words of a key that is put together; what is not known is said as it is.
    pub(crate) fn of_key(&self, section: &str, key: &str) -> String {
        self.language.known(section, key)
    }

    /// What to say of a file that was refused for such a reason; none where the kind is not known.
    pub(crate) fn of_file(&self, kind: &Option<String>) -> Option<String> {
        self.language.of_file(kind.as_deref()?)
    }

    /// What is told by a code.
    pub(crate) fn told(&self, notice: &Notice) -> String {
        self.language.told(notice)
    }

    /// Words that stand with blanks between them, each by its key.
    pub(crate) fn each(&self, section: &str, words: &str) -> String {
        words.split(' ').map(|word| self.of_key(section, word)).collect::<Vec<_>>().join(self.t("sign.and"))
    }

    /// A name, in the language of the page.
    pub(crate) fn said<'a>(&self, name: &'a Named) -> &'a str {
        self.language.said(name)
    }

    /// The address of the page itself, as a part of another.
    pub(crate) fn here_escaped(&self) -> String {
        link::escaped(&self.path)
    }

    /// The address of a file that the page loads.
    pub(crate) fn asset(&self, name: &str) -> String {
        asset::address(name)
    }

    /// Whether one can go there.
    pub(crate) fn offers(&self, name: &str) -> bool {
        self.places.iter().any(|place| place.name == name)
    }

    /// The sign of a light, which tells it without its colour.
    pub(crate) fn sign(&self, light: &str) -> &'static str {
        match light {
            "red" => "■",
            "yellow" => "▲",
            "green" => "●",
            "unassigned" => "◇",
            _ => "○",
        }
    }

    /// The word for so many rows.
    pub(crate) fn rows(&self, number: &u64) -> &str {
        self.t(if *number == 1 { "sql.row" } else { "sql.rows" })
    }

    /// A whole number with its thousands, and in Chinese what it is in 万 or 亿.
    pub(crate) fn count(&self, number: &u64) -> String {
        grouped(*number)
    }
}

/// A whole number with its thousands.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A page as an answer.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(_) => Problem::new(Code::Internal).into_response(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(super::grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
