//! How a text with delimiters is divided: what stands between cells, what encloses them, and how that mark is written inside a cell. Which
//! dialect a file has is decided in `guess`; here it is only said.

use crate::Error;
use wuwei_schema::Notice;

/// The dialect of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What stands between cells, one character or several.
    pub(crate) delimiter: String,
    /// What encloses a cell; none when a quote is a character like any other.
    pub(crate) quote: Option<u8>,
    /// The character that takes its meaning from a quote after it; none where a quote inside quotes is written twice.
    pub(crate) escape: Option<u8>,
}

impl Dialect {
    /// As RFC 4180 has it, with another delimiter.
    #[cfg(test)]
    pub(crate) fn of(delimiter: u8) -> Dialect {
        Dialect { delimiter: char::from(delimiter).to_string(), quote: Some(b'"'), escape: None }
    }

    /// The same with what marks it, for whoever looks at how a file was understood: how a quote stands inside a cell is shown as it is written.
    pub(crate) fn told(&self, notice: Notice) -> Notice {
        let mark = |byte: u8| char::from(byte).to_string();
        let none = || "–".to_owned();
        let inside = |quote: u8| format!("{}{}", mark(self.escape.unwrap_or(quote)), mark(quote));
        let (quote, inside) = (self.quote.map_or_else(none, mark), self.quote.map_or_else(none, inside));
        notice.with("delimiter", shown(&self.delimiter)).with("quote", quote).with("inside", inside)
    }

    /// In words, for a refusal.
    pub(crate) fn words(&self) -> String {
        let mark = |byte: u8| format!("{:?}", char::from(byte));
        let quote = self.quote.map_or("no quotes".to_owned(), |quote| format!("quotes {}", mark(quote)));
        let escape = match (self.quote, self.escape) {
            (None, None) => String::new(),
            (Some(_), None) => ", doubled inside a cell".to_owned(),
            (_, Some(escape)) => format!(", {} before one inside a cell", mark(escape)),
        };
        format!("{:?} between cells, {quote}{escape}", self.delimiter)
    }
}

/// A mark that can be seen: a tab as `\t`.
pub(crate) fn shown(mark: &str) -> String {
    let shown = |character: char| if character.is_control() { character.escape_default().to_string() } else { character.to_string() };
    mark.chars().map(shown).collect()
}

/// A delimiter as people type it: `\t` and `\x1f` are one character.
pub(crate) fn delimiter(typed: &str) -> Result<String, Error> {
    let text = typed.replace("\\t", "\t");
    let text = match text.strip_prefix("\\x").map(|digits| u8::from_str_radix(digits, 16)) {
        Some(Ok(byte)) if byte < 0x80 => char::from(byte).to_string(),
        _ => text,
    };
    let fits = !text.is_empty() && text.len() <= 8 && !text.contains(['\n', '\r', '"']) && text.is_ascii();
    if fits { Ok(text) } else { Err(unknown("delimiter", typed, "it is one ASCII character or up to eight, as `,`, `\\t`, `\\x01`, `||`")) }
}

/// A quote as people type it: one character, or `none`.
pub(crate) fn quote(typed: &str) -> Result<Option<u8>, Error> {
    match typed.as_bytes() {
        b"none" => Ok(None),
        [byte] if byte.is_ascii_punctuation() => Ok(Some(*byte)),
        _ => Err(unknown("quote", typed, "it is one punctuation mark, or `none`")),
    }
}

/// An escape as people type it: one character, or `double`.
pub(crate) fn escape(typed: &str) -> Result<Option<u8>, Error> {
    match typed.as_bytes() {
        b"double" => Ok(None),
        [byte] if byte.is_ascii_punctuation() => Ok(Some(*byte)),
        _ => Err(unknown("escape", typed, "it is one punctuation mark, or `double` where a quote is written twice")),
    }
}

fn unknown(what: &'static str, name: &str, hint: &str) -> Error {
    Error::Unknown { what, name: name.to_owned(), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_typed_as_people_do_it() {
        assert_eq!(delimiter("\\t").unwrap(), "\t");
        assert_eq!(delimiter("\\x1f").unwrap(), "\u{1f}");
        assert_eq!(delimiter("||").unwrap(), "||");
        assert!(delimiter("").is_err() && delimiter("，").is_err() && delimiter("\n").is_err());
        assert_eq!((quote("none").unwrap(), quote("'").unwrap(), escape("\\").unwrap()), (None, Some(b'\''), Some(b'\\')));
        assert!(quote("ab").unwrap_err().to_string().contains("hint: it is one punctuation mark"));
    }
}
