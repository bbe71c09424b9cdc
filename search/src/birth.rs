//! Years and dates as people type them beside a name, by which they mean when somebody was born: `1985`, `1985年3月7日生`, `1985-03-07`,
//! `19850307`, with a space between or without. Whether one is meant so follows from what stands beside it, which is not known here.

use crate::number;
use wuwei_schema::{Codes, Kind, kind::address};

/// The first day that anybody who is looked for was born on.
const FIRST: u64 = 19_000_000;

/// The fewest letters of a Latin name that a date follows without a space; fewer are the beginning of a number.
const FEWEST_LETTERS: usize = 3;

/// The year, month or day that somebody may have been born in, ISO 8601: one since 1900 that has begun. Of digits alone only those of a year or
/// of a whole date are one; six are the end of an id.
pub(crate) fn born(word: &str, today: u64) -> Option<String> {
    let bare = ["出生", "生"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    let is_year = bare.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    let is_digits = bare.bytes().all(|byte| byte.is_ascii_digit());
    let is_date = bare.chars().all(|character| character.is_ascii_digit() || matches!(character, '-' | '/' | '.' | '年' | '月' | '日'));
    if !is_year || !is_date || is_digits && !matches!(bare.len(), 4 | 8) {
        return None;
    }
    let iso = Kind::Date.clean(bare, &Codes::default()).ok()?.into_owned();
    number::day(&iso).filter(|day| (FIRST..=today).contains(day)).map(|_| iso)
}

/// A name and the date that stands before or behind it without a space, in their order: 王小明1985, 1985年王小明.
pub(crate) fn beside(word: &str, today: u64) -> Option<[&str; 2]> {
    if !word.contains(|character: char| character.is_ascii_digit()) || born(word, today).is_some() {
        return None;
    }
    let cut = |at: usize| word.split_at(at);
    let behind = word.find(|character: char| character.is_ascii_digit()).map(cut);
    if let Some((name, date)) = behind.filter(|(name, date)| is_name(name) && born(date, today).is_some()) {
        return Some([name, date]);
    }
    // The longest date first: the 年 of 1985年王小明 begins no name.
    let before = word.char_indices().rev().map(|(at, _)| cut(at));
    before.into_iter().find(|(date, name)| born(date, today).is_some() && is_name(name)).map(|(date, name)| [date, name])
}

/// Whether it can be nothing but a date: 1985年.
pub(crate) fn says_so(word: &str) -> bool {
    word.contains('年')
}

fn is_name(text: &str) -> bool {
    let is_latin = text.len() >= FEWEST_LETTERS && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_of_characters =
        !text.is_empty() && text.chars().all(|character| character.is_alphabetic() && !character.is_ascii() || character == '·');
    is_latin || is_of_characters && address::parts(text).iter().all(|part| part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: u64 = 20_261_129;

    #[test]
    fn a_year_or_a_day_that_has_come_is_one_that_somebody_may_be_born_on() {
        for (word, expected) in [
            ("1985", Some("1985")),
            ("1985年", Some("1985")),
            ("1985年生", Some("1985")),
            ("1985年3月7日出生", Some("1985-03-07")),
            ("1985-03-07", Some("1985-03-07")),
            ("1985/3/7", Some("1985-03-07")),
            ("1985.03", Some("1985-03")),
            ("19850307", Some("1985-03-07")),
            ("2026", Some("2026")),
            ("2026-11-30", None),
            ("2027", None),
            ("1899", None),
            ("19850230", None),
            ("198503", None),
            ("12012345678", None),
            ("0017", None),
            ("85年", None),
            ("1985号", None),
            ("王小明", None),
            ("", None),
            ("年", None),
        ] {
            assert_eq!(born(word, TODAY).as_deref(), expected, "{word}");
        }
    }

    #[test]
    fn a_date_is_told_from_the_name_that_it_stands_at() {
        for (word, expected) in [
            ("王小明1985", Some(["王小明", "1985"])),
            ("王小明1985年生", Some(["王小明", "1985年生"])),
            ("1985年王小明", Some(["1985年", "王小明"])),
            ("1985-03-07王小明", Some(["1985-03-07", "王小明"])),
            ("wangxiaoming1985", Some(["wangxiaoming", "1985"])),
            ("王小明0017", None),
            ("云A1985", None),
            ("G1985", None),
            ("人民路1985", None),
            ("1985年", None),
            ("1985", None),
            ("王小明", None),
        ] {
            assert_eq!(beside(word, TODAY), expected, "{word}");
        }
    }
}
