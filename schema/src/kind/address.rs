//! Addresses in one line: tidied, compared, and taken apart as far as they are written. Which place is meant is the work of resolution.

mod parts;

use super::{Fault, similarity};
pub use parts::{levels, parts};
use std::borrow::Cow;

/// No spaces, one kind of dash, 号 for #.
#[expect(clippy::unnecessary_wraps, reason = "every kind's clean has the same shape")]
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    // Most are so already, which is seen on bytes: E2 and EF begin dashes and tildes of other widths.
    if value.bytes().fold(true, |all, byte| all & !matches!(byte, b' ' | b'~' | b'_' | b'#' | 0xe2 | 0xef)) {
        return Ok(Cow::Borrowed(value));
    }
    let mut address = String::with_capacity(value.len());
    address.extend(value.chars().filter(|character| *character != ' ').map(plain));
    Ok(Cow::Owned(address))
}

fn plain(character: char) -> char {
    match character {
        '—' | '–' | '－' | '~' | '～' | '_' => '-',
        '#' => '号',
        other => other,
    }
}

/// 3 the same numbers and mostly the same words, 2 one names a house and the other a home in it, 1 mostly the same words, 0 else. A house is
/// told from its neighbour by its numbers.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
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

fn numbers(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).filter(|piece| !piece.is_empty())
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
    }
}
