//! How a department writes a day, declared once per column: read into ISO 8601 and written back. Order and precision are never guessed.

mod moment;

use moment::Moment;
use wuwei_schema::kind::date;

/// A date format of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Number of days as spreadsheets count them.
    Serial,
    /// A moment, of which the day is that of Beijing.
    Moment(Moment),
    /// Digits and separators.
    Parts(Vec<Part>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month(Zero),
    Day(Zero),
    /// Hours, minutes or seconds, which a day has no use for.
    Clock(Zero),
    Literal(char),
}

/// Whether one digit is written with a leading zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zero {
    Written,
    Left,
}

/// The two formats that nearly every column of days has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// Eight digits. An ISO day is read there too, since a date cell is a date.
    Digits,
    /// ISO 8601.
    Iso,
}

impl Usual {
    /// The ISO form of a text that is a whole day beyond doubt.
    pub(super) fn whole_day(self, text: &str) -> Option<[u8; 10]> {
        match *text.as_bytes() {
            [a, b, c, d, b'-', e, f, b'-', g, h] => date::whole_day([a, b, c, d, e, f, g, h]),
            [a, b, c, d, e, f, g, h] if self == Usual::Digits => date::whole_day([a, b, c, d, e, f, g, h]),
            _ => None,
        }
    }
}

/// An ISO day, with or without a time: what a date cell of a workbook is read as, whatever the column's format.
pub(super) fn read_iso(text: &str) -> Option<String> {
    let (day, time) = text.split_at_checked(10)?;
    let parts = [Part::Year, Part::Literal('-'), Part::Month(Zero::Written), Part::Literal('-'), Part::Day(Zero::Written)];
    if time.is_empty() || time.starts_with([' ', 'T']) { read(&parts, day) } else { None }
}

impl Layout {
    /// `None` when the text is no format, or one that could be read in two ways.
    pub(crate) fn parse(format: &str) -> Option<Layout> {
        match format {
            "excel_serial" => return Some(Layout::Serial),
            "epoch_ms" => return Some(Layout::Moment(Moment::EpochMs)),
            "iso8601" => return Some(Layout::Moment(Moment::Iso8601)),
            _ => {}
        }
        let mut parts = Vec::new();
        let mut rest = format.chars();
        while let Some(character) = rest.next() {
            parts.push(if character == '%' { part(&mut rest)? } else { Part::Literal(character) });
        }
        let free = |part: &Part| matches!(part, Part::Month(Zero::Left) | Part::Day(Zero::Left));
        let clear = parts.windows(2).all(|pair| !free(&pair[0]) || matches!(pair[1], Part::Literal(_)));
        (parts.contains(&Part::Year) && clear).then_some(Layout::Parts(parts))
    }

    /// Whether it is a usual one.
    pub(super) fn usual(&self) -> Option<Usual> {
        use Part::{Day, Literal, Month, Year};
        let Layout::Parts(parts) = self else { return None };
        match parts.as_slice() {
            [Year, Month(Zero::Written), Day(Zero::Written)] => Some(Usual::Digits),
            [Year, Literal('-'), Month(Zero::Written), Literal('-'), Day(Zero::Written)] => Some(Usual::Iso),
            _ => None,
        }
    }

    /// The day that the text means, ISO 8601, as precise as the text.
    pub(crate) fn read(&self, text: &str) -> Option<String> {
        match self {
            Layout::Serial => read_serial(text),
            Layout::Moment(moment) => moment.read(text),
            Layout::Parts(parts) => read(parts, text),
        }
    }

    /// The text that means the day; the flag tells whether it says as much as the day does. `None` when it cannot be said.
    pub(super) fn write(&self, iso: &str) -> Option<(String, bool)> {
        let mut numbers = iso.split('-').map(|piece| piece.parse::<u32>().ok());
        let (year, month, day) = (numbers.next()??, numbers.next().flatten().unwrap_or(0), numbers.next().flatten().unwrap_or(0));
        let parts = match self {
            Layout::Parts(parts) => parts,
            Layout::Moment(moment) => return moment.write(iso, serial(year, month, day)?).map(|text| (text, true)),
            Layout::Serial => {
                let serial = serial(year, month, day)?.to_string();
                return (self.read(&serial).as_deref() == Some(iso)).then_some((serial, true));
            }
        };
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Year => text += &format!("{year:04}"),
                Part::Month(Zero::Written) => text += &format!("{month:02}"),
                Part::Day(Zero::Written) => text += &format!("{day:02}"),
                Part::Month(Zero::Left) if month > 0 => text += &month.to_string(),
                Part::Day(Zero::Left) if day > 0 => text += &day.to_string(),
                Part::Month(_) | Part::Day(_) => return None,
                Part::Clock(Zero::Written) => text.push_str("00"),
                Part::Clock(Zero::Left) => text.push('0'),
                Part::Literal(character) => text.push(*character),
            }
        }
        let whole = self.read(&text).as_deref() == Some(iso);
        Some((text, whole))
    }
}

/// Days, and a part of the last one. `1985`, `1985.3` and `23.5.6` are no days of 1905 and 1900 but a year, a month, a day: too small a number
/// is none.
fn read_serial(text: &str) -> Option<String> {
    let (days, clock) = text.split_once('.').unwrap_or((text, ""));
    let is_part = clock.bytes().all(|byte| byte.is_ascii_digit());
    date::from_serial(days.parse().ok().filter(|days| is_part && *days >= SERIAL_LEAST)?)
}

/// 1 January 1910.
const SERIAL_LEAST: u32 = 3_654;

fn part(rest: &mut std::str::Chars<'_>) -> Option<Part> {
    Some(match rest.next()? {
        'Y' => Part::Year,
        'm' => Part::Month(Zero::Written),
        'd' => Part::Day(Zero::Written),
        'H' | 'M' | 'S' => Part::Clock(Zero::Written),
        '-' => match rest.next()? {
            'm' => Part::Month(Zero::Left),
            'd' => Part::Day(Zero::Left),
            'H' => Part::Clock(Zero::Left),
            _ => return None,
        },
        _ => return None,
    })
}

fn read(parts: &[Part], text: &str) -> Option<String> {
    // How most databases write a day, in every row.
    if matches!(parts, [Part::Year, Part::Month(Zero::Written), Part::Day(Zero::Written)]) {
        return date::compact(text);
    }
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut rest = text;
    for part in parts {
        match part {
            Part::Year => year = number(&mut rest, 4, 4)?,
            Part::Month(zero) => month = number(&mut rest, if *zero == Zero::Written { 2 } else { 1 }, 2)?,
            Part::Day(zero) => day = number(&mut rest, if *zero == Zero::Written { 2 } else { 1 }, 2)?,
            Part::Clock(zero) => {
                number(&mut rest, if *zero == Zero::Written { 2 } else { 1 }, 2)?;
            }
            Part::Literal(character) => rest = rest.strip_prefix(*character)?,
        }
    }
    // Typed as a number, October 1985.10 loses its zero and looks like January: only the year is known.
    let typed_as_number = matches!(parts, [Part::Year, Part::Literal('.'), Part::Month(Zero::Left)]);
    if typed_as_number && text.ends_with(".1") {
        month = 0;
    }
    if rest.is_empty() { date::iso(year, month, day) } else { None }
}

/// The number that the text begins with, of at least `least` and at most `most` digits, which are taken off.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, tail) = rest.split_at(length);
    *rest = tail;
    if length < least { None } else { digits.parse().ok() }
}

/// Days since 1899-12-30, by the count of days in the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn serial(year: u32, month: u32, day: u32) -> Option<u32> {
    if year < 1900 || month == 0 || day == 0 {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    (era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year).checked_sub(693_899)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layout(format: &str) -> Layout {
        Layout::parse(format).unwrap()
    }

    #[test]
    fn a_format_reads_what_it_describes_and_nothing_else() {
        assert_eq!(layout("%Y%m%d%H%M%S").read("20260102093000").as_deref(), Some("2026-01-02"));
        assert_eq!(layout("%Y.%-m.%-d").read("2023.5.6").as_deref(), Some("2023-05-06"));
        assert_eq!(layout("%Y年%-m月%-d日").read("2023年5月16日").as_deref(), Some("2023-05-16"));
        assert_eq!(layout("%Y/%-m/%-d %-H:%M").read("2023/5/6 9:03").as_deref(), Some("2023-05-06"));
        assert_eq!(layout("%Y%m").read("198503").as_deref(), Some("1985-03"));
        assert_eq!(layout("excel_serial").read("31113.5").as_deref(), Some("1985-03-07"));
        for (format, text) in [
            ("excel_serial", "1985.3"),
            ("excel_serial", "1985"),
            ("excel_serial", "23.5.6"),
            ("excel_serial", "45052.5.6"),
            ("%Y%m%d", "1985-03-07"),
            ("%Y-%m-%d", "1985-3-7"),
            ("%Y%m%d", "19850230"),
            ("%Y%m", "19850307"),
        ] {
            assert_eq!(layout(format).read(text), None, "{format} {text}");
        }
    }

    #[test]
    fn a_month_that_may_have_lost_its_zero_is_not_known() {
        let months = layout("%Y.%-m");
        for (text, iso) in [("1985.1", "1985"), ("1985.10", "1985-10"), ("1985.2", "1985-02"), ("1985.12", "1985-12")] {
            assert_eq!(months.read(text).as_deref(), Some(iso), "{text}");
        }
    }

    #[test]
    fn a_format_that_could_be_read_in_two_ways_is_none() {
        for format in ["%Y%-m%-d", "%d.%m", "%y-%m", "%", "%Y%-x"] {
            assert_eq!(Layout::parse(format), None, "{format}");
        }
    }

    #[test]
    fn a_date_cell_is_a_date_whatever_the_column_declares() {
        assert_eq!(read_iso("1985-03-07 00:00:00").as_deref(), Some("1985-03-07"));
        assert_eq!(read_iso("1985-03-07T00:00").as_deref(), Some("1985-03-07"));
        assert_eq!((read_iso("1985-03-071"), read_iso("一九八五年"), read_iso("1985")), (None, None, None));
    }

    proptest! {
        #[test]
        fn what_a_format_writes_it_reads(year in 1901u32..2100, month in 1u32..=12, day in 1u32..=28, precision in 0..3) {
            let iso = match precision { 0 => date::iso(year, 0, 0), 1 => date::iso(year, month, 0), _ => date::iso(year, month, day) }.unwrap();
            for format in ["%Y%m%d", "%Y-%m-%d", "%Y.%-m.%-d", "%Y.%-m", "%Y%m", "%Y-%m-%d %H:%M", "%Y/%-m/%-d %-H:%M", "excel_serial", "epoch_ms", "iso8601"] {
                if let Some((text, whole)) = layout(format).write(&iso) {
                    let read = layout(format).read(&text).unwrap();
                    prop_assert!(iso.starts_with(&read) && whole == (iso == read), "{} {} {}", format, iso, text);
                }
            }
        }
    }
}
