//! Numbers as people hold them: whole, by the last places, or with the middle covered (4201…4215, 120\*\*\*\*8000). Beginnings and ends are terms
//! of their own, since the region at the front of an id is that of millions.

/// The lengths of ends that a number is found by.
pub(crate) const TAILS: std::ops::RangeInclusive<usize> = 4..=8;

/// The lengths of ends and beginnings that are kept to find what is covered in the middle; of others the next shorter one counts.
const COVERED_ENDS: std::ops::RangeInclusive<usize> = 2..=8;
const BEGINNINGS: [usize; 5] = [3, 4, 5, 6, 10];

/// Letters and digits in capitals, nothing between them.
pub(crate) fn plain(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The ends of a number that is longer.
pub(crate) fn ends(number: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = number.char_indices().map(|(at, _)| at).collect();
    let longest = (*COVERED_ENDS.end()).min(starts.len().saturating_sub(1));
    (*COVERED_ENDS.start()..=longest).map(move |length| &number[starts[starts.len() - length]..])
}

/// The beginnings of a number that is longer by two places at least.
pub(crate) fn beginnings(number: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = number.char_indices().map(|(at, _)| at).collect();
    let ends: Vec<usize> = BEGINNINGS.into_iter().filter(|length| length + 2 <= starts.len()).map(|length| starts[length]).collect();
    ends.into_iter().map(|end| &number[..end])
}

/// What is left and right of the part that is covered, as far as it is kept; nothing where nothing is covered or too little is left.
pub(crate) fn covered(text: &str) -> Option<(String, String)> {
    let (start, end) = (text.find(is_cover)?, text.rfind(is_cover)?);
    let (before, after) = (plain(&text[..start]), plain(text[end..].trim_start_matches(is_cover)));
    if plain(&text[start..end]).chars().next().is_some() {
        return None;
    }
    let length = BEGINNINGS.into_iter().filter(|length| *length <= before.chars().count()).max()?;
    let begins = before.chars().take(length).collect();
    let kept = after.chars().count().min(*COVERED_ENDS.end());
    let ends: String = after.chars().skip(after.chars().count() - kept).collect();
    COVERED_ENDS.contains(&kept).then_some((begins, ends))
}

/// A date, ISO 8601, as a number that has its order: 2026-03 is 20260300.
pub(crate) fn day(date: &str) -> Option<u64> {
    let digits = date.bytes().filter(u8::is_ascii_digit).chain(std::iter::repeat(b'0')).take(8);
    let number = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    (number > 0).then_some(number)
}

/// The date of such a number.
pub(crate) fn date(day: u64) -> String {
    match (day / 10_000, day / 100 % 100, day % 100) {
        (year, 0, _) => format!("{year:04}"),
        (year, month, 0) => format!("{year:04}-{month:02}"),
        (year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// The marks that people and systems cover places with.
fn is_cover(character: char) -> bool {
    matches!(character, '*' | '＊' | '…' | '.' | '●' | '•' | '?' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_and_beginnings_are_shorter_than_the_number() {
        assert_eq!(ends("12012345678").skip(2).collect::<Vec<_>>(), ["5678", "45678", "345678", "2345678", "12345678"]);
        assert_eq!(ends("云A1234").skip(2).collect::<Vec<_>>(), ["1234", "A1234"]);
        assert_eq!(ends("12").count(), 0);
        assert_eq!(beginnings("12012345678").collect::<Vec<_>>(), ["120", "1201", "12012", "120123"]);
        assert_eq!(beginnings("云A1234").collect::<Vec<_>>(), ["云A1", "云A12"]);
    }

    #[test]
    fn dates_are_numbers_in_their_order() {
        for (text, number) in [("2026", 20_260_000), ("2026-03", 20_260_300), ("2026-03-07", 20_260_307)] {
            assert_eq!((day(text), date(number).as_str()), (Some(number), text));
        }
        assert_eq!(day(""), None);
    }

    #[test]
    fn what_is_covered_is_between_what_is_left() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let expected = expected.map(|(begins, ends)| (begins.to_owned(), ends.to_owned()));
            assert_eq!(covered(text), expected, "{text}");
        };
        check("9901…0017", Some(("9901", "0017")));
        check("9901...0017", Some(("9901", "0017")));
        check("120****5678", Some(("120", "5678")));
        check("990101********003x", Some(("990101", "003X")));
        check("990101**********17", Some(("990101", "17")));
        check("99010119****0017", Some(("990101", "0017")));
        check("云A**34", Some(("云A", "34")).filter(|_| false));
        check("云A1**34", Some(("云A1", "34")));
        for nothing in ["12012345678", "12*", "*5678", "120**5**5678", "120****5", "王*明"] {
            check(nothing, None);
        }
    }
}
