//! Citizen id numbers that a department shows only in part, by design: what is left is evidence, and never a number.

use super::Fault;
use std::borrow::Cow;

/// What covers a character.
const COVERS: [char; 4] = ['*', '#', '×', '•'];
/// As many characters as have to be left for a pattern to say anything.
const LEAST_LEFT: usize = 4;

/// 15 or 18 characters of which some are covered, each shown as `*`; or a digest of a number (32, 40 or 64 hexadecimal digits, as MD5,
/// SHA-1, SHA-256 and SM3 give), in small letters, which equals only digests of the same maker.
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    let plain: String = value.chars().filter(|character| !matches!(character, ' ' | '-')).collect();
    if matches!(plain.len(), 32 | 40 | 64) && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Cow::Owned(plain.to_ascii_lowercase()));
    }
    let pattern: String =
        plain.chars().map(|character| if COVERS.contains(&character) { '*' } else { character.to_ascii_uppercase() }).collect();
    // A row of X is a cover too; one at the end may be the check character.
    let pattern = if pattern.contains("XXX") { pattern.replace('X', "*") } else { pattern };
    let left = pattern.bytes().filter(u8::is_ascii_digit).count();
    let covered = pattern.bytes().filter(|byte| *byte == b'*').count();
    let is_whole = left + covered + usize::from(pattern.ends_with('X')) == pattern.len();
    if matches!(pattern.len(), 15 | 18) && is_whole && covered > 0 && left >= LEAST_LEFT {
        return Ok(Cow::Owned(pattern));
    }
    Err(Fault::new("masked_id_format", "脱敏证件号码应为18位或15位，且保留的位数不少于4位"))
}

/// Whether a covered number may be of a whole one, or of another covered one: the same where both show a character. None when that cannot be
/// said, of a digest and a number or of different lengths.
pub fn fits(left: &str, right: &str) -> Option<bool> {
    let is_digest = |text: &str| text.len() >= 32;
    if is_digest(left) != is_digest(right) || left.len() != right.len() {
        return None;
    }
    let shown = || left.bytes().zip(right.bytes()).filter(|(a, b)| *a != b'*' && *b != b'*');
    (shown().count() >= LEAST_LEFT).then(|| shown().all(|(a, b)| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_is_covered_in_one_way() {
        for (raw, pattern) in [
            ("990101********0017", "990101********0017"),
            ("990101××××××××001x", "990101********001X"),
            ("990101XXXXXXXX0017", "990101********0017"),
            ("990101 198503**0017", "990101198503**0017"),
        ] {
            assert_eq!(clean(raw).as_deref(), Ok(pattern), "{raw}");
        }
        let digest = "0F".repeat(32);
        assert_eq!(clean(&digest).as_deref(), Ok(digest.to_lowercase().as_str()));
    }

    #[test]
    fn a_cover_fits_what_shows_the_same() {
        let fits_whole = |masked: &str| fits(masked, "990101198503070017");
        assert_eq!(fits_whole("990101********0017"), Some(true));
        assert_eq!(fits_whole("990101********0025"), Some(false));
        assert_eq!(fits("990101********0017", "9901011985********"), Some(true));
        assert_eq!((fits_whole("990101******017"), fits_whole(&"0f".repeat(32))), (None, None), "another length, a digest");
        assert_eq!(fits("99************0017", "**0101198503******"), None, "nothing is shown by both");
    }

    #[test]
    fn a_number_that_is_whole_or_broken_is_no_masked_one() {
        for raw in ["990101198503070017", "99*", "****************17", "990101********001", "王*明", "9901０1********0017"] {
            assert_eq!(clean(raw).unwrap_err().rule, "masked_id_format", "{raw}");
        }
    }
}
