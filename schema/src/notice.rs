//! Something that people are told beside a result: a code that stays, and what belongs into its sentence. Whoever shows it has the words, in
//! each language; here there are none, and no value of a person belongs into one.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Notice {
    /// What is told.
    pub code: String,
    /// What belongs into its sentence, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
}

/// As it is written down. Before there were codes, whole sentences were: they are told as they stand.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Sentence(String),
    Coded {
        code: String,
        #[serde(default)]
        with: BTreeMap<String, String>,
    },
}

impl From<Written> for Notice {
    fn from(written: Written) -> Notice {
        match written {
            Written::Sentence(code) => Notice { code, with: BTreeMap::new() },
            Written::Coded { code, with } => Notice { code, with },
        }
    }
}

impl Notice {
    /// One of that code.
    pub fn new(code: &str) -> Notice {
        Notice { code: code.to_owned(), with: BTreeMap::new() }
    }

    /// The same, with something that belongs into its sentence.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Notice {
        self.with.insert(name.to_owned(), value.to_string());
        self
    }

    /// A sentence with what belongs into it: `{count}` in it stands for what is called so. What it does not have is left as it stands.
    pub fn within(&self, sentence: &str) -> String {
        let (mut text, mut rest) = (String::new(), sentence);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let known = after.split_once('}').and_then(|(name, after)| Some((self.with.get(name)?, after)));
            match known {
                Some((value, after)) => {
                    text.push_str(value);
                    rest = after;
                }
                None => {
                    text.push('{');
                    rest = after;
                }
            }
        }
        text + rest
    }
}

/// By its code, for whoever builds: `sheet-full row=65536 sheet=a`.
impl Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.code)?;
        self.with.iter().try_for_each(|(name, value)| write!(formatter, " {name}={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_into_a_sentence_is_put_there_once_and_never_read_as_one() {
        let notice = Notice::new("rows-hidden").with("sheet", "{count}").with("count", 3);
        assert_eq!(notice.within("{count} of {sheet}"), "3 of {count}");
        assert_eq!(notice.within("{other} {count"), "{other} {count");
        assert_eq!(notice.within("plain"), "plain");
    }

    #[test]
    fn a_sentence_of_before_is_kept_as_it_stands() {
        let read = |text: &str| toml::from_str::<BTreeMap<String, Notice>>(text).unwrap().remove("told").unwrap();
        assert_eq!(read("told = \"有3行\""), Notice::new("有3行"));
        assert_eq!(read("told = { code = \"rows\", with = { count = \"3\" } }"), Notice::new("rows").with("count", 3));
    }
}
