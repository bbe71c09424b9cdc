//! Dates in ISO 8601, in the precision the source has: a birth date known to the month is `1985-03`, never 1 March.

mod lunar;

use super::{Fault, text};
use std::borrow::Cow;

/// The ISO form of eight digits YYYYMMDD, if that day exists; `00` for day, or month and day, is a date of less precision.
pub fn compact(text: &str) -> Option<String> {
    digits(text).map(|(year, month, day)| written(year, month, day))
}

/// The ISO form of a whole day in eight digits that stands for itself, of 1901 to 2199: nearly every date in a register is one, and this one
/// allocates nothing.
pub fn whole_day(digits: [u8; 8]) -> Option<[u8; 10]> {
    let [a, b, c, d, e, f, g, h] = digits;
    let values = digits.map(|digit| u32::from(digit.wrapping_sub(b'0')));
    let two = |at: usize| values[at] * 10 + values[at + 1];
    let (year, month, day) = (two(0) * 100 + two(2), two(4), two(6));
    let is_number = values.iter().fold(true, |all, value| all & (*value < 10));
    let is_day = is_number && (1901..2200).contains(&year) && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
    is_day.then_some([a, b, c, d, b'-', e, f, b'-', g, h])
}

/// Year, month and day of eight digits, if that day exists.
pub(super) fn digits(text: &str) -> Option<(u32, u32, u32)> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u32 = text.parse().ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    exists(year, month, day).then_some((year, month, day))
}

/// The ISO form of year, month and day, if that day exists; 0 for what is not known, from the right.
pub fn iso(year: u32, month: u32, day: u32) -> Option<String> {
    exists(year, month, day).then(|| written(year, month, day))
}

fn exists(year: u32, month: u32, day: u32) -> bool {
    (1800..2200).contains(&year) && ((month, day) == (0, 0) || (1..=12).contains(&month) && day <= days(year, month))
}

/// Two digits at a time: every row has dates, and formatting costs ten times as much.
fn written(year: u32, month: u32, day: u32) -> String {
    let two = |number: u32| PAIRS.get(number as usize * 2..number as usize * 2 + 2).unwrap_or_default();
    let mut text = String::with_capacity(10);
    text.push_str(two(year / 100));
    text.push_str(two(year % 100));
    for part in [month, day].into_iter().take_while(|part| *part > 0) {
        text.push('-');
        text.push_str(two(part));
    }
    text
}

/// The numbers below a hundred.
const PAIRS: &str = concat!(
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748",
    "49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697",
    "9899"
);

/// The day a spreadsheet means by a serial number of its 1900 system; the day 29 February 1900, which it invented, is none.
pub fn from_serial(serial: u32) -> Option<String> {
    let mut rest = match serial {
        1..=59 => serial,
        61..=109_573 => serial - 1,
        _ => return None,
    };
    for year in 1900.. {
        for month in 1..=12 {
            let length = days(year, month);
            if rest <= length {
                return iso(year, month, rest);
            }
            rest -= length;
        }
    }
    None
}

/// Days that programs write where they have none: zeros, the ends of their calendars, and the first that a spreadsheet counts from.
const NEVER: [[u32; 3]; 8] =
    [[0, 0, 0], [1, 1, 1], [1899, 12, 30], [1899, 12, 31], [1900, 1, 1], [9999, 9, 9], [9999, 12, 0], [9999, 12, 31]];

/// Whether the text says that there is no such day, by a word or by a day that stands for none, however it is written.
pub fn says_none(text: &str) -> bool {
    let day = || text.split([' ', 'T']).next().unwrap_or(text);
    let is_never = || parts(day()).is_some_and(|parts| NEVER.contains(&parts));
    // Nearly every date is told from these by how it begins.
    match text.as_bytes() {
        [0x80..=0xff, ..] => is_no_day(day()),
        [b'0', ..] => is_no_day(day()) || is_never(),
        [b'1', b'8', b'9', b'9', ..] | [b'1', b'9', b'0', b'0', ..] | [b'9', b'9', b'9', b'9', ..] => is_never(),
        _ => false,
    }
}

/// What is written for "no end" and "not known".
fn is_no_day(text: &str) -> bool {
    matches!(text, "长期" | "永久" | "长期有效" | "永久有效" | "至今" | "无固定期限" | "0")
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year first, in digits or with any separators; a time of day is dropped. Other orders have to be declared by a mapping.
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    if says_none(value) {
        return Ok(Cow::Borrowed(""));
    }
    let day = value.split([' ', 'T']).next().unwrap_or(value);
    let read = parts(day).and_then(|[year, month, day]| iso(year, month, day));
    read.map(Cow::Owned).ok_or_else(|| Fault::new("date_format", "日期不存在或格式不是年月日"))
}

/// Year, month and day as they are written, 0 for what is not; whether there is such a day is not asked.
fn parts(day: &str) -> Option<[u32; 3]> {
    if day.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = |from: usize, to: usize| day.get(from..to.min(day.len())).map_or(Some(0), |digits| digits.parse().ok());
        return match day.len() {
            4 => Some([number(0, 4)?, 0, 0]),
            6 => Some([number(0, 4)?, number(4, 6)?, 0]),
            8 | 14 => Some([number(0, 4)?, number(4, 6)?, number(6, 8)?]),
            _ => None,
        };
    }
    let mut parts = [0; 3];
    for (at, piece) in day.split(['-', '/', '.', '年', '月', '日']).filter(|piece| !piece.is_empty()).enumerate() {
        let slot = parts.get_mut(at)?;
        *slot = Some(piece).filter(|piece| piece.len() <= 4).and_then(|piece| piece.parse().ok())?;
    }
    Some(parts)
}

/// 5 one slip apart (a digit, month and day swapped, or the one the lunar date of the other), 4 the same as far as the less precise of the two goes, 3 two of year,
/// month and day the same, or within a month, 2 within a year or in the same one, 1 within ten years, 0 else. 1 January is what many write who know the year alone.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
    let (Some(from), Some(to)) = (Day::of(left), Day::of(right)) else { return 0 };
    let is_slip = || super::similarity::one_slip(left, right);
    days_agree(from, to, is_slip)
}

/// A date in 64 bits, for [`packed_agreement`]: year, month and day (0 where there is none) in 16 bits each, above them nothing; 0 for a text that
/// is no canonical date.
pub(super) fn packed(text: &str) -> u64 {
    match Day::of(text) {
        Some(Day { year, month, day }) if matches!(text.len(), 4 | 7 | 10) && year < 10_000 && text.is_ascii() => {
            u64::from(year) << 32 | u64::from(month.unwrap_or(0)) << 16 | u64::from(day.map_or(0, |day| day.1)) | 1 << 63
        }
        _ => 0,
    }
}

/// As [`agreement`], of two different dates; none where one of them is no canonical date.
pub(super) fn packed_agreement(left: u64, right: u64) -> Option<u8> {
    let day = |packed: u64| {
        let part = |from: u32| u32::try_from(packed >> from & 0xffff).ok().filter(|part| *part > 0);
        Some(Day { year: part(32).or((packed >> 63 == 1).then_some(0))?, month: part(16), day: part(16).zip(part(0)) })
    };
    let (from, to) = (day(left).filter(|_| left != 0)?, day(right).filter(|_| right != 0)?);
    Some(days_agree(from, to, || from.is_slip_of(to)))
}

fn days_agree(from: Day, to: Day, is_slip: impl FnOnce() -> bool) -> u8 {
    if let (Day { day: Some(a), .. }, Day { day: Some(b), .. }) = (from, to)
        && (is_slip()
            || (from.year, a.0, a.1) == (to.year, b.1, b.0)
            || are_one_day_in_two_calendars((from.year, a.0, a.1), (to.year, b.0, b.1)))
    {
        return 5;
    }
    let same_year = from.year == to.year;
    if same_year && from.fits(to) {
        return 4;
    }
    let same_month = same_year && from.month == to.month && from.month.is_some();
    if let (Some(a), Some(b)) = (from.day, to.day)
        && a.1 == b.1
        && (same_year || (a.0 == b.0 && a != (1, 1)))
    {
        return 3;
    }
    let apart = from.ordinal().abs_diff(to.ordinal());
    let has_days = from.day.is_some() && to.day.is_some();
    match apart {
        _ if same_month || (apart <= 31 && has_days) => 3,
        _ if same_year || apart <= 366 => 2,
        0..=3_653 => 1,
        _ => 0,
    }
}

/// Whether one date is what the lunar calendar calls the other.
fn are_one_day_in_two_calendars(left: lunar::Numbers, right: lunar::Numbers) -> bool {
    // A lunar date is 17 to 51 days behind: others need no table.
    let days = |(year, month, day): lunar::Numbers| year * 372 + month * 31 + day;
    (14..=60).contains(&days(left).abs_diff(days(right))) && (lunar::lunar(left) == Some(right) || lunar::lunar(right) == Some(left))
}

/// A canonical date taken apart.
#[derive(Debug, Clone, Copy)]
struct Day {
    year: u32,
    month: Option<u32>,
    /// Month and day.
    day: Option<(u32, u32)>,
}

impl Day {
    fn of(text: &str) -> Option<Day> {
        let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse().ok());
        let month = number(5, 7);
        Some(Day { year: number(0, 4)?, month, day: month.zip(number(8, 10)) })
    }

    /// Whether, in the same year, one of the two says less and what it says is right.
    fn fits(self, other: Day) -> bool {
        let says_year_only = |day: Day| day.month.is_none() || day.day == Some((1, 1));
        let says_month_only = |day: Day| day.day.is_none();
        says_year_only(self) || says_year_only(other) || (self.month == other.month && (says_month_only(self) || says_month_only(other)))
    }

    /// Whether one digit, or two neighbours that stand in each other's place, part two whole dates, as they are written.
    fn is_slip_of(self, other: Day) -> bool {
        let digits = |day: Day| {
            let (month, day_of_month) = day.day.unwrap_or_default();
            [
                day.year / 1000,
                day.year / 100 % 10,
                day.year / 10 % 10,
                day.year % 10,
                month / 10,
                month % 10,
                day_of_month / 10,
                day_of_month % 10,
            ]
        };
        let (ours, theirs) = (digits(self), digits(other));
        let differ = ours.iter().zip(&theirs).filter(|(a, b)| a != b).count();
        let is_swap = |at: &usize| ours[*at] == theirs[at + 1] && ours[at + 1] == theirs[*at] && ours[*at] != ours[at + 1];
        differ == 1 || (differ == 2 && [0, 1, 2, 4, 6].iter().any(is_swap))
    }

    /// Days since the year 0, roughly: a year has 365.25 days and a month 30.4; the middle of what is not known.
    fn ordinal(self) -> u32 {
        let (month, day) = self.day.unwrap_or((self.month.unwrap_or(7), 15));
        self.year * 1461 / 4 + (month - 1) * 304 / 10 + day
    }
}

/// The year alone.
pub(super) fn mask(clean: &str) -> String {
    text::cover(clean, 4, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_day_however_it_is_written() {
        for raw in [
            "1985-03-07",
            "1985/3/7",
            "1985.03.07",
            "19850307",
            "1985年3月7日",
            "19850307093000",
            "1985-03-07 09:30:00",
            "1985-03-07T09:30",
        ] {
            assert_eq!(clean(raw).as_deref(), Ok("1985-03-07"), "{raw}");
        }
    }

    #[test]
    fn precision_is_kept_and_not_invented() {
        assert_eq!(clean("1985年3月").as_deref(), Ok("1985-03"));
        assert_eq!(clean("19850300").as_deref(), Ok("1985-03"));
        assert_eq!(clean("1985").as_deref(), Ok("1985"));
        for raw in ["1985-02-29", "1985-13-01", "07/03/1985", "30123", "三月", "1985-00-07", "85-3-7"] {
            assert_eq!(clean(raw).unwrap_err().rule, "date_format", "{raw}");
        }
    }

    #[test]
    fn a_word_or_a_day_that_stands_for_none_is_none() {
        for raw in [
            "长期",
            "永久",
            "至今",
            "9999-12-31",
            "9999-9-9",
            "0000-00-00",
            "00000000",
            "1900/1/1 0:00",
            "19000101",
            "1899年12月30日",
            "0001-01-01T00:00",
        ] {
            assert_eq!(clean(raw).as_deref(), Ok(""), "{raw}");
        }
        for raw in ["1900-01-02", "1901-01-01", "1999-09-09"] {
            assert_eq!(clean(raw).as_deref(), Ok(raw), "{raw}");
        }
    }

    #[test]
    fn levels_tell_a_slip_from_another_day() {
        for (left, right, level) in [
            ("1985-03-07", "1985-07-03", 5),
            ("1985-03-07", "1985-03-17", 5),
            ("1985-03-07", "1985-01-16", 5),
            ("1985-03-07", "1995-03-07", 5),
            ("1985-03-07", "1985-03", 4),
            ("1985-03-07", "1985", 4),
            ("1985-03-07", "1985-01-01", 4),
            ("1985-03-07", "1985-03-22", 3),
            ("1985-03-28", "1985-04-11", 3),
            ("1985-03-07", "1985-11-07", 3),
            ("1985-03-07", "1941-03-07", 3),
            ("1985-01-01", "1941-01-01", 0),
            ("1985-03-07", "1985-04", 2),
            ("1985-03-07", "1985-11-22", 2),
            ("1985-11-22", "1986-02-07", 2),
            ("1985-03-07", "1992-11-22", 1),
            ("1985-03-07", "2010-11-22", 0),
        ] {
            assert_eq!(agreement(left, right), level, "{left} {right}");
        }
    }

    #[test]
    fn a_spreadsheets_serial_is_the_day_it_shows() {
        for (serial, day) in [(1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01"), (31_113, "1985-03-07"), (44_927, "2023-01-01")] {
            assert_eq!(from_serial(serial).as_deref(), Some(day));
        }
        assert_eq!((from_serial(0), from_serial(60)), (None, None));
    }

    proptest! {
        #[test]
        fn a_whole_day_is_what_its_digits_are_cleaned_to(year in 1890u32..2210, month in 0u32..14, day in 0u32..33) {
            let text = format!("{year:04}{month:02}{day:02}");
            let iso = whole_day(text.as_bytes().try_into().unwrap()).map(|iso| String::from_utf8(iso.to_vec()).unwrap());
            let is_whole = (1901..2200).contains(&year) && day > 0;
            prop_assert_eq!(iso, compact(&text).filter(|_| is_whole));
            prop_assert!(!is_whole || !says_none(&text));
        }

        #[test]
        fn serials_follow_each_other(serial in 61u32..109_000) {
            let (today, tomorrow) = (from_serial(serial).unwrap(), from_serial(serial + 1).unwrap());
            prop_assert!(today < tomorrow);
            prop_assert_eq!(clean(&today), Ok(Cow::Borrowed(today.as_str())));
        }
    }
}
