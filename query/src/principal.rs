//! Who asks and what for. Whether they may is not decided here.

use crate::Error;

/// Longest purpose, in characters; it is written to the audit with every question.
const PURPOSE_LENGTH: usize = 200;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account's name, as the audit shows it.
    pub name: String,
    /// The department they act for; `None` for an operator of the hub. Reading what another department holds counts as use.
    pub department: Option<String>,
    /// Whether a program asks without anybody waiting; such reading is never counted as use.
    pub automated: bool,
}

/// What an answer is needed for. It is never blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// A purpose in words.
    ///
    /// # Errors
    /// It is blank, longer than 200 characters, or not one line.
    pub fn parse(text: &str) -> Result<Purpose, Error> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > PURPOSE_LENGTH || text.contains(char::is_control) {
            return Err(Error::Purpose);
        }
        Ok(Purpose(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_purpose_is_none() {
        for blank in ["", "  ", "\t\u{3000}", "a\nb"] {
            assert!(Purpose::parse(blank).is_err(), "{blank:?}");
        }
        assert_eq!(Purpose::parse(" 低保核对 ").unwrap().as_str(), "低保核对");
    }
}
