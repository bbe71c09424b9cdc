//! `age_at`: full years on a day.

use super::{Argument, Described, Gives, Kind, Takes, canonical};

pub(super) const FUNCTION: Described = Described {
    name: "age_at",
    zh: "某日的周岁：生日当日即满一岁；2月29日出生者在平年的3月1日满；出生日期或该日只知年或年月时，无论取哪一天都相同才给出，否则为空；该日早于出生为空",
    en: "Full years on a day: a year is full on the birthday, for those born on 29 February on 1 March of other years; where only the year or month of a date is known the age is given if it is the same whichever day it was, else NULL; NULL before birth",
    arguments: &[Argument { name: "birth", takes: Takes::Day }, Argument { name: "day", takes: Takes::Day }],
    gives: Gives::Count(|row, codes| {
        let date = |text: &str| canonical(&Kind::Date, text, codes);
        age(&date(row[0])?, &date(row[1])?)
    }),
    example: ("age_at('2004-02-29', '2026-02-28')", "21"),
};

/// Of two dates, ISO 8601 of any precision.
fn age(birth: &str, day: &str) -> Option<i64> {
    let youngest = years(&filled(birth, "-12-31"), &filled(day, "-01-01"))?;
    let oldest = years(&filled(birth, "-01-01"), &filled(day, "-12-31"))?;
    (youngest == oldest && youngest >= 0).then_some(youngest)
}

/// The date with month and day as given where it has none.
fn filled(date: &str, rest: &str) -> String {
    let known = date.len().saturating_sub("2026".len()).min(rest.len());
    format!("{date}{}", &rest[known..])
}

/// Months and days compare as text: 29 February is after the 28th and before 1 March.
fn years(birth: &str, day: &str) -> Option<i64> {
    let year = |date: &str| date.get(..4)?.parse::<i64>().ok();
    Some(year(day)? - year(birth)? - i64::from(day.get(4..)? < birth.get(4..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_full_on_the_birthday_and_what_is_not_known_is_not_guessed() {
        for (birth, day, expected) in [
            ("1985-03-07", "2026-03-06", Some(40)),
            ("1985-03-07", "2026-03-07", Some(41)),
            ("2004-02-29", "2026-02-28", Some(21)),
            ("2004-02-29", "2026-03-01", Some(22)),
            ("2004-02-29", "2024-02-29", Some(20)),
            ("1985-03", "2026-03-20", None),
            ("1985-03", "2026-02-20", Some(40)),
            ("1985-03", "2026-04", Some(41)),
            ("1985", "2026-12-31", Some(41)),
            ("1985", "2026-12-30", None),
            ("2026-03-07", "2026-03-07", Some(0)),
            ("2026-03-07", "2026-03-06", None),
        ] {
            assert_eq!(age(birth, day), expected, "{birth} on {day}");
        }
    }
}
