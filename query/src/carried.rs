//! Questions that the program carries for everybody, a file each in `questions/`: what engineers ask first. Whoever asks one is answered as if
//! they had written it.

use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/questions.rs"));

/// A question that the program carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its name, as the file is called.
    pub name: &'static str,
    /// What it asks, in Chinese: the line `-- zh:` of the file.
    pub zh: &'static str,
    /// The same in English: `-- en:`.
    pub en: &'static str,
    /// One SELECT, with the lines above it.
    pub sql: &'static str,
}

/// All of them, by name.
pub fn carried() -> &'static [Carried] {
    static CARRIED: LazyLock<Vec<Carried>> = LazyLock::new(|| QUESTIONS.iter().map(|(file, text)| of(file, text)).collect());
    &CARRIED
}

fn of(file: &'static str, text: &'static str) -> Carried {
    let said = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map_or(file, str::trim);
    Carried { name: file.trim_end_matches(".sql"), zh: said("-- zh:"), en: said("-- en:"), sql: text.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{guard::guard, testing};

    #[test]
    fn each_says_what_it_asks_in_both_languages_and_may_be_asked() {
        assert!(carried().len() >= 5);
        let tables = testing::tables();
        for question in carried() {
            assert!(question.zh != question.en && !question.zh.is_ascii() && question.en.is_ascii(), "{question:?}");
            guard(question.sql, &tables, &[]).unwrap_or_else(|error| panic!("{}: {error}", question.name));
        }
    }
}
