//! What somebody gives as the ground of a judgement: by what it can be seen, as a file number. Grounds stand in tables and lists that more
//! people read than the files they are about, so none holds the number of an id or a telephone.

use crate::Error;

/// Characters of a ground.
const LONGEST: usize = 300;

/// Why a ground is none: whoever judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfounded {
    /// There is none.
    #[error("a decision has no ground; hint: say with --ground by what it can be seen, as a file number")]
    Missing,
    /// It is no number of a file, but a story.
    #[error("the ground is too long; hint: {} characters are the most: name the file by its number", LONGEST)]
    Long,
    /// It says whom it is about.
    #[error(
        "the ground holds the number of an id or a telephone; hint: leave it out and name the file by its number; of whom it is said stands beside it"
    )]
    Number,
}

impl Unfounded {
    /// A key of `refusal` in `deploy/console/locale/`.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Unfounded::Missing => "ground-missing",
            Unfounded::Long => "ground-long",
            Unfounded::Number => "ground-number",
        }
    }
}

/// Whoever decides says on what ground, and by no person's number.
///
/// # Errors
/// There is none, or it holds such a number.
pub(crate) fn grounded(ground: &str) -> Result<(), Error> {
    if ground.trim().is_empty() {
        return Err(Unfounded::Missing.into());
    }
    if ground.chars().count() > LONGEST {
        return Err(Unfounded::Long.into());
    }
    if has_number(ground) { Err(Unfounded::Number.into()) } else { Ok(()) }
}

/// Whether a text holds what an id or a mobile telephone would be, typed right or wrong, in narrow or wide digits.
fn has_number(text: &str) -> bool {
    let is_check = |letter: char| letter.eq_ignore_ascii_case(&'x');
    let narrow: String = text.chars().map(narrowed).collect();
    let mut runs = narrow.split(|letter: char| !letter.is_ascii_digit() && !is_check(letter)).map(|run| run.trim_start_matches(is_check));
    runs.any(|run| {
        let digits = run.trim_end_matches(is_check);
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain
            && match digits.len() {
                18 => has_day(digits, 10),
                17 => digits.len() < run.len() && has_day(digits, 10),
                15 => has_day(digits, 8),
                11 => digits.starts_with('1'),
                _ => false,
            }
    })
}

/// Whether month and day stand at that place, as in the birth date of an id.
fn has_day(digits: &str, at: usize) -> bool {
    let number = |from: usize| digits.get(from..from + 2).and_then(|two| two.parse::<u8>().ok()).unwrap_or_default();
    (1..=12).contains(&number(at)) && (1..=31).contains(&number(at + 2))
}

/// A wide digit or letter as the narrow one.
fn narrowed(letter: char) -> char {
    let narrow = u32::from(letter).checked_sub(0xFEE0).and_then(char::from_u32);
    narrow.filter(char::is_ascii_alphanumeric).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ground_is_a_file_number_and_no_number_of_a_person() {
        for ground in
            ["卷宗 2026-8 号", "file 202611300000001", "2026年11月30日 信访 XF20261130000123", "r28673", "case 12345678901234567890", "X"]
        {
            assert!(grounded(ground).is_ok(), "{ground}");
        }
        let wide = "９９０１０１１９９００１０１１２３２";
        for ground in ["涉及 990101199001011232", wide, "99010119900101123x。", "990101900101123", "电话11328614981"] {
            assert!(matches!(grounded(ground), Err(Error::Ground(Unfounded::Number))), "{ground}");
        }
        assert!(matches!(grounded("  "), Err(Error::Ground(Unfounded::Missing))));
    }
}
