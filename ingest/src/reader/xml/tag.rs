//! The inside of a tag: its name and attributes, each once, and the declaration that an XML file begins with.

use super::{
    name::{is_qualified, is_space, name_length},
    text::{Mode, Slip, resolve},
};
use std::ops::Range;

/// Attributes an element may have.
const ATTRIBUTES_MAX: usize = 256;

/// The last tag that was read; places are those in its text.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// Bytes of the whole.
    pub(super) length: usize,
    /// Bytes of the name.
    pub(super) name: usize,
    pub(super) attributes: Vec<Attribute>,
    /// The values of the attributes, one after the other.
    pub(super) values: String,
    /// It ends its element as well.
    pub(super) is_empty: bool,
}

/// A name in the tag's text and a value in [`Tag::values`].
#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Tag {
    /// Takes apart what stands between `<` and `>`.
    pub(super) fn read(&mut self, text: &str) -> Result<(), Slip> {
        self.attributes.clear();
        self.values.clear();
        let body = text.strip_suffix('/').unwrap_or(text);
        self.is_empty = body.len() < text.len();
        self.length = body.len();
        self.name = name_length(body);
        if !is_qualified(&body[..self.name]) {
            return Err((0, "an element has no name, or none that XML allows"));
        }
        let mut at = self.name;
        loop {
            let space = spaces(&body[at..]);
            if at + space == body.len() {
                return Ok(());
            }
            if space == 0 {
                return Err((at, "white space is missing here, or a character stands here that a name cannot have"));
            }
            at = self.attribute(body, at + space)?;
        }
    }

    /// An attribute that begins there; where it ends.
    fn attribute(&mut self, body: &str, start: usize) -> Result<usize, Slip> {
        let end = start + name_length(&body[start..]);
        let name = &body[start..end];
        if !is_qualified(name) {
            return Err((start, "an attribute has no name, or none that XML allows"));
        }
        if self.attributes.iter().any(|known| body[known.name.clone()] == *name) {
            return Err((start, "an attribute stands twice in one tag"));
        }
        if self.attributes.len() == ATTRIBUTES_MAX {
            return Err((start, "an element has more than 256 attributes"));
        }
        let (raw, next) = quoted(body, end)?;
        if let Some(at) = body[raw.clone()].find('<') {
            return Err((raw.start + at, "`<` stands in an attribute"));
        }
        let value = self.values.len();
        resolve(&body[raw.clone()], &mut self.values, Mode::Attribute).map_err(|(at, detail)| (raw.start + at, detail))?;
        self.attributes.push(Attribute { name: start..end, value: value..self.values.len() });
        Ok(next)
    }
}

/// The value in quotes after an equals sign, and where it ends with its quote.
fn quoted(body: &str, at: usize) -> Result<(Range<usize>, usize), Slip> {
    let bytes = body.as_bytes();
    let equals = at + spaces(&body[at..]);
    if bytes.get(equals) != Some(&b'=') {
        return Err((equals, "an attribute has no value"));
    }
    let open = equals + 1 + spaces(&body[equals + 1..]);
    let quote = bytes.get(open).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let quote = quote.ok_or((open, "the value of an attribute stands in no quotes"))?;
    let length = memchr::memchr(quote, &bytes[open + 1..]).ok_or((open, "the quote of an attribute does not close"))?;
    Ok((open + 1..open + 1 + length, open + length + 2))
}

fn spaces(text: &str) -> usize {
    text.bytes().take_while(|byte| is_space(*byte)).count()
}

/// What stands between `<?xml` and `?>`: the version, then perhaps the encoding, then perhaps whether it stands alone. The encoding.
pub(crate) fn declaration(text: &str) -> Result<Option<&str>, &'static str> {
    const FAULT: &str = "the XML declaration is not as XML writes it";
    let (mut at, mut stated) = (0, Vec::new());
    loop {
        let space = spaces(&text[at..]);
        if at + space == text.len() {
            break;
        }
        if space == 0 {
            return Err(FAULT);
        }
        let start = at + space;
        let end = start + name_length(&text[start..]);
        let (value, next) = quoted(text, end).map_err(|_| FAULT)?;
        stated.push((&text[start..end], &text[value]));
        at = next;
    }
    let is_version =
        |text: &str| text.strip_prefix("1.").is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|digit| digit.is_ascii_digit()));
    let is_encoding = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let mut rest = match &stated[..] {
        [("version", version), rest @ ..] if is_version(version) => rest,
        _ => return Err(FAULT),
    };
    let mut encoding = None;
    if let [("encoding", name), after @ ..] = rest {
        encoding = Some(*name).filter(|name| is_encoding(name));
        rest = if encoding.is_some() { after } else { return Err(FAULT) };
    }
    match rest {
        [] | [("standalone", "yes" | "no")] => Ok(encoding),
        _ => Err(FAULT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<(String, String)>, Slip> {
        let mut tag = Tag::default();
        tag.read(text)?;
        Ok(tag.attributes.iter().map(|one| (text[one.name.clone()].to_owned(), tag.values[one.value.clone()].to_owned())).collect())
    }

    #[test]
    fn attributes_are_names_and_values_in_either_quotes() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(told("姓名 a = '1\"' b:c=\"&lt;\n2\"/").unwrap(), [pair("a", "1\""), pair("b:c", "< 2")]);
        assert!(told("a").unwrap().is_empty());
    }

    #[test]
    fn a_tag_that_is_none_is_placed() {
        for (text, at) in [
            ("", 0),
            ("1", 0),
            ("a b", 3),
            ("a b=c", 4),
            ("a b='1'c='2'", 7),
            ("a b='1' b='2'", 8),
            ("a b='<'", 5),
            ("a/b", 1),
            ("a b='&x;'", 5),
        ] {
            assert_eq!(told(text).unwrap_err().0, at, "{text}");
        }
        let many: String = (0..257).map(|number| format!(" a{number}=''")).collect();
        assert!(told(&format!("a{many}")).unwrap_err().1.contains("256"));
    }

    #[test]
    fn a_declaration_states_version_encoding_and_standing_in_that_order() {
        assert_eq!(declaration(" version='1.0' encoding=\"GBK\" standalone='yes' "), Ok(Some("GBK")));
        assert_eq!(declaration(" version = \"1.1\""), Ok(None));
        for text in [
            "",
            " encoding='GBK'",
            " version='2.0'",
            " version='1.0' encoding='1'",
            " version='1.0' standalone='yes' encoding='GBK'",
            " version='1.0'encoding='GBK'",
            " version='1.0' x='1'",
        ] {
            assert!(declaration(text).is_err(), "{text}");
        }
    }
}
