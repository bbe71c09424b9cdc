//! Which characters names of XML are made of (XML 1.0, fifth edition, productions 4 and 4a; Namespaces in XML 1.0, productions 4 to 11).

/// Bytes of the name that a text begins with, colons among them; 0 if it begins with none.
pub(super) fn name_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, first)) if begins_name(first) => {}
        _ => return 0,
    }
    characters.find(|(_, character)| !continues_name(*character)).map_or(text.len(), |(at, _)| at)
}

/// A name with no colon in it.
pub(super) fn is_plain_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len() && !text.contains(':')
}

/// A name with at most one prefix.
pub(super) fn is_qualified(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, local)) => is_plain_name(prefix) && is_plain_name(local),
        None => !name.is_empty(),
    }
}

/// White space of XML.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn begins_name(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '_' | ':' => true,
        '\0'..='\x7f' => false,
        // The standard has it; here it stands for bytes that did not decode.
        char::REPLACEMENT_CHARACTER => false,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' => true,
        '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' => true,
        '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}' => true,
        _ => false,
    }
}

fn continues_name(character: char) -> bool {
    let more = matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}');
    more || begins_name(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        for (text, length) in [("XM>", 2), ("姓名 ", 6), ("a-b.1:c=", 7), ("1a", 0), ("-a", 0), ("", 0), ("a\u{fffd}", 1)] {
            assert_eq!(name_length(text), length, "{text}");
        }
        assert!(is_qualified("a:b") && is_qualified("a") && !is_qualified("a:b:c") && !is_qualified(":a") && !is_qualified("a:1"));
    }
}
