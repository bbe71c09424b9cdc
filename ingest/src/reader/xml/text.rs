//! Characters of XML: which there may be, how line ends are read, and what a reference stands for.

use super::name::is_plain_name;

/// Where a text stands; it decides what is special in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Between tags.
    Text,
    /// In quotes; white space of any kind is a space.
    Attribute,
    /// In a CDATA section: nothing is special but line ends.
    Literal,
}

/// Where a text is wrong, and how.
pub(super) type Slip = (usize, &'static str);

/// Appends what a text stands for.
pub(super) fn resolve(raw: &str, out: &mut String, mode: Mode) -> Result<(), Slip> {
    let mut from = 0;
    while let Some(found) = raw.as_bytes()[from..].iter().position(|byte| is_special(*byte, mode)) {
        let at = from + found;
        out.push_str(&raw[from..at]);
        from = at + special(raw, at, out, mode)?;
    }
    out.push_str(&raw[from..]);
    Ok(())
}

/// Whether a byte may be more than itself.
fn is_special(byte: u8, mode: Mode) -> bool {
    match byte {
        b'&' => mode != Mode::Literal,
        b']' => mode == Mode::Text,
        b'\t' | b'\n' => mode == Mode::Attribute,
        // The last two characters of the basic plane begin with it, and they are none.
        0xef => true,
        _ => byte < b' ',
    }
}

/// Takes what begins at a special byte; how many bytes that were.
fn special(raw: &str, at: usize, out: &mut String, mode: Mode) -> Result<usize, Slip> {
    let rest = &raw[at..];
    match rest.as_bytes()[0] {
        b'&' => reference(rest, out).map_err(|detail| (at, detail)),
        b'\t' | b'\n' => {
            out.push(' ');
            Ok(1)
        }
        b'\r' => {
            out.push(if mode == Mode::Attribute { ' ' } else { '\n' });
            Ok(if rest.starts_with("\r\n") { 2 } else { 1 })
        }
        b']' if rest.starts_with("]]>") => Err((at, "`]]>` stands in a text")),
        b']' => {
            out.push(']');
            Ok(1)
        }
        _ => match rest.chars().next().filter(|character| is_character(*character)) {
            Some(character) => {
                out.push(character);
                Ok(character.len_utf8())
            }
            None => Err((at, "a character stands here that XML does not have")),
        },
    }
}

/// `&lt;`, `&#12;` or `&#x4e00;`; no other entity is known, since none can be declared.
fn reference(rest: &str, out: &mut String) -> Result<usize, &'static str> {
    let end = rest.as_bytes().iter().position(|byte| *byte == b';').ok_or("a reference does not end, or `&` stands alone")?;
    let name = &rest[1..end];
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => match name.strip_prefix('#') {
            Some(number) => numbered(number).ok_or("a character is named by a number that is none of XML's")?,
            None if is_plain_name(name) => return Err("an entity is named that nothing declares"),
            None => return Err("a reference does not end, or `&` stands alone"),
        },
    };
    out.push(character);
    Ok(end + 1)
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|character| is_character(*character))
}

/// Production 2.
fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(raw: &str, mode: Mode) -> Result<String, Slip> {
        let mut out = String::new();
        resolve(raw, &mut out, mode).map(|()| out)
    }

    #[test]
    fn references_and_line_ends_are_what_they_stand_for() {
        assert_eq!(told("a&lt;&#29579;&#x20000;\r\n\r]]\tb", Mode::Text).unwrap(), "a<王\u{20000}\n\n]]\tb");
        assert_eq!(told("a\t\r\nb&#10;", Mode::Attribute).unwrap(), "a  b\n");
        assert_eq!(told("a&lt;]]", Mode::Literal).unwrap(), "a&lt;]]");
    }

    #[test]
    fn what_is_no_character_or_reference_is_placed() {
        for text in
            ["ab&", "ab&lol;", "ab&#0;", "ab&#xd800;", "ab& c;", "ab&#x;", "ab\u{1}", "ab\u{ffff}", "ab]]>", "ab&#+1;", "ab&#99999999999;"]
        {
            assert_eq!(told(text, Mode::Text).unwrap_err().0, 2, "{text:?}");
        }
    }
}
