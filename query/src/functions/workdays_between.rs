//! `workdays_between`: working days from one day to another.

use super::{Argument, Described, Gives, Kind, Takes, canonical};
use std::sync::LazyLock;
use wuwei_schema::{Codes, calendar};

pub(super) const FUNCTION: Described = Described {
    name: "workdays_between",
    zh: "两日之间的工作日数，按国务院办公厅节假日安排（含调休）：起日不算，止日算；止日在前则为负；任一日不在日历（contract.workday）之内或不是完整日期时为空，不作推算",
    en: "Working days from one day to another by the State Council's calendar, made-up days too: the first day does not count, the last one does; negative where the last is the earlier; NULL where one of the two is outside contract.workday or no whole date, since next year's holidays are nobody's guess",
    arguments: &[Argument { name: "from", takes: Takes::Day }, Argument { name: "to", takes: Takes::Day }],
    gives: Gives::Count(|row, codes| {
        let worked = |text: &str| worked_until(text, codes);
        Some(worked(row[1])? - worked(row[0])?)
    }),
    example: ("workdays_between('2026-02-14', '2026-02-24')", "1"),
};

/// Working days of the calendar up to that day, and with it.
fn worked_until(text: &str, codes: &Codes) -> Option<i64> {
    let (first, counts) = CALENDAR.as_ref()?;
    let date = canonical(&Kind::Date, text, codes)?;
    let day = usize::try_from(calendar::day(&date)?.checked_sub(*first)?).ok()?;
    counts.get(day).copied()
}

/// The first day of the calendar, and of each from it on how many have been worked.
static CALENDAR: LazyLock<Option<(i32, Vec<i64>)>> = LazyLock::new(|| {
    let days = calendar::workdays().ok()?;
    let mut worked = 0;
    let counts = days.iter().map(|day| {
        worked += i64::from(day.is_work);
        worked
    });
    Some((days.first()?.day, counts.collect()))
});
