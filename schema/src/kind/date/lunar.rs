//! The Chinese calendar, as far as birth dates need it: who gives a lunar birthday where a solar one is asked for writes its numbers as they are.
//! A date is never converted; that the one is the other's lunar date is evidence.

use chinese_lunisolar_calendar::SolarDate;
use std::sync::{LazyLock, OnceLock};

/// Year, month and day.
pub(super) type Numbers = (u32, u32, u32);

/// The first and the last solar year that the calendar's tables cover whole.
const FIRST: u32 = 1902;
const LAST: u32 = 2099;

/// The days of each solar year in the lunar calendar, by month and day; filled year by year, since most are never asked for.
static YEARS: LazyLock<Vec<OnceLock<Vec<Option<Numbers>>>>> = LazyLock::new(|| (FIRST..=LAST).map(|_| OnceLock::new()).collect());

/// What the lunar calendar calls a day, a leap month by its number; none where there is no such day or outside 1902 to 2099.
pub(super) fn lunar((year, month, day): Numbers) -> Option<Numbers> {
    let days = YEARS.get(usize::try_from(year.checked_sub(FIRST)?).ok()?)?.get_or_init(|| days_of(year));
    days.get(place(month, day)?).copied().flatten()
}

fn place(month: u32, day: u32) -> Option<usize> {
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day);
    fits.then(|| usize::try_from((month - 1) * 31 + day - 1).ok()).flatten()
}

fn days_of(year: u32) -> Vec<Option<Numbers>> {
    let days = (1u8..=12).flat_map(|month| (1u8..=31).map(move |day| (month, day)));
    days.map(|(month, day)| {
        let solar = SolarDate::from_ymd(u16::try_from(year).ok()?, month, day).ok()?;
        let lunar = solar.to_lunisolar_date().ok()?;
        Some((lunar.to_lunisolar_year().to_u16().into(), lunar.to_lunar_month().to_u8().into(), lunar.to_lunar_day().to_u8().into()))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_years_and_a_leap_month_are_where_the_almanac_has_them() {
        assert_eq!(lunar((2026, 2, 17)), Some((2026, 1, 1)));
        assert_eq!(lunar((1985, 2, 20)), Some((1985, 1, 1)));
        assert_eq!(lunar((1985, 2, 19)), Some((1984, 12, 30)));
        assert_eq!(lunar((2023, 3, 22)), Some((2023, 2, 1)), "the leap second month");
        assert_eq!((lunar((2023, 2, 30)), lunar((1850, 1, 1)), lunar((2200, 1, 1))), (None, None, None));
    }
}
