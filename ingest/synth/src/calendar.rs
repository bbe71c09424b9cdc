//! Days. The county has a today of its own, which is told: nothing here may look at a clock.

use std::fmt;

/// The day on which the last delivery is made, unless another one is asked for.
pub(crate) const TODAY: Day = Day::new(2026, 11, 1);

/// Days since 1970-01-01, shown in ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

impl Day {
    /// Later than every day.
    pub(crate) const NEVER: Day = Day(i32::MAX);

    /// Days from civil date (Hinnant 2013, "chrono-compatible low-level date algorithms"); the date has to exist.
    pub(crate) const fn new(year: i32, month: i32, day: i32) -> Day {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Day(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month and day.
    pub(crate) fn civil(self) -> (i32, i32, i32) {
        let shifted = self.0 + 719_468;
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = shifted.div_euclid(146_097) * 400 + year_of_era + i32::from(month <= 2);
        (year, month, day)
    }

    pub(crate) fn year(self) -> i32 {
        self.civil().0
    }

    /// Whole years from here to `then`.
    pub(crate) fn years_to(self, then: Day) -> i32 {
        let ((year, month, day), (then_year, then_month, then_day)) = (self.civil(), then.civil());
        then_year - year - i32::from((then_month, then_day) < (month, day))
    }

    pub(crate) fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// The same day of the month, so many months before; the last day of a shorter month.
    pub(crate) fn months_before(self, months: i32) -> Day {
        let (year, month, day) = self.civil();
        let (year, month) = ((year * 12 + month - 1 - months).div_euclid(12), (year * 12 + month - 1 - months).rem_euclid(12) + 1);
        let first = Day::new(year, month, 1);
        let next = Day::new(year + month / 12, month % 12 + 1, 1);
        first.plus((day - 1).min(next.0 - first.0 - 1))
    }

    /// A day written as ISO 8601 does, if there is such a day.
    pub(crate) fn parse(text: &str) -> Option<Day> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<i32>().ok().filter(|part| (1..10_000).contains(part)));
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let parsed = (month <= 12 && day <= 31).then(|| Day::new(year, month, day))?;
        (parsed.civil() == (year, month, day)).then_some(parsed)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other_s_inverse() {
        assert_eq!((Day::new(1970, 1, 1).0, TODAY.to_string().as_str()), (0, "2026-11-01"));
        for day in (Day::new(1900, 1, 1).0..Day::new(2100, 1, 1).0).step_by(13) {
            let (year, month, of_month) = Day(day).civil();
            assert_eq!(Day::new(year, month, of_month), Day(day));
        }
        assert_eq!(Day::new(2000, 2, 29).to_string(), "2000-02-29");
    }

    #[test]
    fn months_are_counted_back_and_only_real_days_are_read() {
        let before = |day: &str, months| Day::parse(day).unwrap().months_before(months).to_string();
        assert_eq!(before("2026-11-01", 1), "2026-10-01");
        assert_eq!((before("2026-03-31", 1).as_str(), before("2026-01-15", 13).as_str()), ("2026-02-28", "2024-12-15"));
        for wrong in ["2026-02-29", "2026-13-01", "2026-1", "spring", "-1-1-1"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        assert_eq!(Day::new(1985, 3, 7).years_to(Day::new(2026, 3, 6)), 40);
        assert_eq!(Day::new(1985, 3, 7).years_to(Day::new(2026, 3, 7)), 41);
    }
}
