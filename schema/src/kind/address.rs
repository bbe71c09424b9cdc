//! Addresses in one line: tidied, compared, and taken apart as far as they are written. Which place is meant is the work of resolution.

mod parts;

use super::{Fault, similarity};
pub use parts::{levels, parts};
use std::borrow::Cow;

/// No spaces, one kind of dash, 号 for #; in Latin letters the spaces are what parts the words, and # is written for a flat.
#[expect(clippy::unnecessary_wraps, reason = "every kind's clean has the same shape")]
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    // Most are so already, which is seen on bytes: E2 and EF begin dashes and tildes of other widths.
    if value.bytes().fold(true, |all, byte| all & !matches!(byte, b' ' | b'~' | b'_' | b'#' | 0xe2 | 0xef)) {
        return Ok(Cow::Borrowed(value));
    }
    if is_latin(value) {
        return Ok(if value.bytes().all(|byte| byte < 0x80 && byte != b'_') {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(value.chars().map(one_dash).collect())
        });
    }
    let mut address = String::with_capacity(value.len());
    address.extend(value.chars().filter(|character| *character != ' ').map(plain));
    Ok(Cow::Owned(address))
}

/// Whether an address is written in letters that go with spaces: it has one, and nothing of the far east.
fn is_latin(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_alphabetic()) && value.chars().all(|character| u32::from(character) < 0x2e80)
}

fn plain(character: char) -> char {
    if character == '#' { '号' } else { one_dash(character) }
}

fn one_dash(character: char) -> char {
    if matches!(character, '—' | '–' | '－' | '~' | '～' | '_') { '-' } else { character }
}

/// 3 the same numbers and mostly the same words, 2 one names a house and the other a home in it, 1 mostly the same words, 0 else. A house is
/// told from its neighbour by its numbers.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
    let (left, right) = (small(left), small(right));
    let (left, right) = (&*left, &*right);
    let alike = similarity::dice(left, right);
    if alike >= 0.5 && numbers(left).eq(numbers(right)) {
        return 3;
    }
    let (few, many) = if numbers(left).count() < numbers(right).count() { (left, right) } else { (right, left) };
    let is_within = numbers(few).next().is_some() && numbers(few).zip(numbers(many)).all(|(a, b)| a == b);
    if is_within && alike >= 0.5 && numbers(few).count() < numbers(many).count() {
        return 2;
    }
    u8::from(alike >= 0.7)
}

/// In small letters.
pub(super) fn small(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

/// What tells a house from its neighbours: numbers, also with letters, and single letters. Words of Latin letters are none.
pub(super) fn numbers(text: &str) -> impl Iterator<Item = &[u8]> {
    let pieces = text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    pieces.filter(|piece| piece.len() == 1 || piece.iter().any(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neighbour_is_not_the_same_house() {
        let home = "云溪县城关镇人民路12号3栋2单元501室";
        assert_eq!(agreement(home, "城关镇人民路12号3幢2单元501"), 3);
        assert_eq!(agreement(home, "云溪县城关镇人民路12号3栋"), 2);
        assert_eq!(agreement(home, "云溪县城关镇人民路12号3栋2单元502室"), 1);
        assert_eq!(agreement(home, "云溪县东河乡柳树村8号"), 0);
    }

    #[test]
    fn spaces_and_dashes_do_not_count() {
        assert_eq!(clean("人民路 12—3 #").unwrap(), "人民路12-3号");
        assert_eq!(clean("435 S. La Cienega Blv. #2").unwrap(), "435 S. La Cienega Blv. #2", "spaces part Latin words");
        assert_eq!(clean("12-3 502").unwrap(), "12-3502");
    }

    #[test]
    fn a_road_may_be_abbreviated_in_any_language() {
        for (left, right, level) in [
            ("435 S. La Cienega Blv.", "435 s. la cienega blvd.", 3),
            ("12 mcfarlan place", "12 mcfarlan pl", 3),
            ("12 mcfarlan place", "14 mcfarlan place", 1),
            ("3130 piedmont road", "3130 piedmont road flat 4", 2),
        ] {
            assert_eq!((agreement(left, right), agreement(right, left)), (level, level), "{left} {right}");
        }
    }
}
