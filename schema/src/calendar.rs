//! The official calendar of working days: `calendar/<year>.csv` holds what the State Council's notice of that year says, holidays and the
//! days that are worked to make up for them; every other day goes by its place in the week. What is due by when is asked elsewhere.

use crate::Error;
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/calendar.rs"));

/// A day and whether it is worked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Workday {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Whether offices work.
    pub is_work: bool,
    /// The holiday that makes it other than its weekday; none where nothing does.
    pub name: Option<&'static str>,
}

/// Every day of the years that the program knows the notices of, in order.
///
/// # Errors
/// [`Error::Calendar`], with file and line: a file of the calendar is not in order.
pub fn workdays() -> Result<Vec<Workday>, Error> {
    let mut all = Vec::new();
    for (file, text) in CALENDAR {
        let stated = stated(file, text)?;
        let year: i32 = file.trim_end_matches(".csv").parse().map_err(|_| wrong(file, 1, "the file is not called after its year"))?;
        for day in first_of(year)..first_of(year + 1) {
            let found = stated.get(&day);
            let is_work = found.map_or(!is_weekend(day), |(is_work, _)| *is_work);
            all.push(Workday { day, is_work, name: found.map(|(_, name)| *name) });
        }
    }
    Ok(all)
}

fn stated(file: &str, text: &'static str) -> Result<BTreeMap<i32, (bool, &'static str)>, Error> {
    let mut stated = BTreeMap::new();
    for (at, line) in text.lines().enumerate().skip(2) {
        let [date, kind, name] = line.split(',').collect::<Vec<_>>()[..] else {
            return Err(wrong(file, at + 1, "a line is not date,kind,name"));
        };
        let day = parse(date).ok_or_else(|| wrong(file, at + 1, "a date is none"))?;
        let is_work = match kind {
            "workday" => true,
            "holiday" => false,
            _ => return Err(wrong(file, at + 1, "a day is neither `holiday` nor `workday`")),
        };
        stated.insert(day, (is_work, name));
    }
    Ok(stated)
}

fn wrong(file: &str, line: usize, what: &str) -> Error {
    Error::Calendar { file: file.to_owned(), line, what: what.to_owned() }
}

/// Days since 1970-01-01 of a whole date, ISO 8601; none where there is no such day, or before 1970.
pub fn day(date: &str) -> Option<i32> {
    parse(date).filter(|day| date.len() == 10 && *day >= 0)
}

fn parse(date: &str) -> Option<i32> {
    let mut parts = date.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    crate::kind::date::iso(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)?;
    Some(days_from_civil(year, month, day))
}

fn first_of(year: i32) -> i32 {
    days_from_civil(year, 1, 1)
}

/// 1970-01-01 was a Thursday.
fn is_weekend(day: i32) -> bool {
    (day + 3).rem_euclid(7) >= 5
}

/// Days since 1970-01-01, negative before, of a date of the Gregorian calendar: years begin in March, so that a leap day is the last of its year.
/// A day beyond its month's end is one of the next month's.
pub fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_work(date: &str) -> bool {
        let day = parse(date).unwrap();
        workdays().unwrap().into_iter().find(|known| known.day == day).unwrap().is_work
    }

    #[test]
    fn a_holiday_is_free_a_made_up_sunday_is_worked_and_other_days_go_by_the_week() {
        assert_eq!(["2026-02-17", "2026-02-14", "2026-03-02", "2026-03-01"].map(is_work), [false, true, true, false]);
        assert_eq!(["2025-09-28", "2025-10-08", "2024-02-04", "2024-05-11"].map(is_work), [true, false, true, true]);
    }

    #[test]
    fn days_are_numbered_as_arrow_numbers_them() {
        assert_eq!([days_from_civil(1970, 1, 1), days_from_civil(2000, 2, 29), days_from_civil(2026, 11, 1)], [0, 11_016, 20_758]);
        let all = workdays().unwrap();
        assert!(all.windows(2).all(|pair| pair[0].day + 1 == pair[1].day), "a day is missing");
        // 2025 has 248 working days by the notice's count.
        let of = |year| first_of(year)..first_of(year + 1);
        assert_eq!(all.iter().filter(|day| of(2025).contains(&day.day) && day.is_work).count(), 248);
    }
}
