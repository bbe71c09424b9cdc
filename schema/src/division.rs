//! Codes of administrative divisions (GB/T 2260) with the years in which they held: what a code meant on a day, and whether it still holds.
//! A code that is not among them is no mistake of whoever carries it; nothing is refused for it. Places themselves are records of departments.

use std::{collections::HashMap, sync::LazyLock};

/// A code and its name in some years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Six digits: province, prefecture, county.
    pub code: &'static str,
    /// The name of that level alone, in Chinese.
    pub name: &'static str,
    /// The first year in which it is in force; none where it was so in 1980 already.
    pub from: Option<u16>,
    /// The last year; none while it is in force.
    pub until: Option<u16>,
}

/// Whether a code is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Current,
    /// It was, until the end of that year; numbers given out under it stay what they are.
    Abolished(u16),
    /// It is in no list from 1980 on.
    Unknown,
}

/// What a code meant on a day, ISO 8601 of any precision: the division of that year, or else the nearest one after it, or the last one
/// before. People born before there were codes were given numbers by the first that there was.
pub fn division(code: &str, on_date: &str) -> Option<Division> {
    let all = DIVISIONS.get(code)?;
    let year: u16 = on_date.get(..4)?.parse().ok()?;
    let begun = |division: &&Division| division.from.unwrap_or(0) <= year;
    let lasts = |division: &&Division| division.until.unwrap_or(u16::MAX) >= year;
    // Where two are said to hold, the one that began later is meant.
    let holds = all.iter().rev().find(|division| begun(division) && lasts(division));
    holds.or_else(|| all.iter().find(|division| !begun(division))).or_else(|| all.iter().max_by_key(|division| division.until)).copied()
}

/// The names of a code from the province down, on a day: 北京市延庆县. Levels that only group others (市辖区, 县) have none.
pub fn full_name(code: &str, on_date: &str) -> Option<String> {
    let own = division(code, on_date)?;
    let upper = |length: usize| {
        let code = format!("{:0<6}", code.get(..length)?);
        division(&code, on_date).filter(|upper| upper.code != own.code && !GROUPS.contains(&upper.name)).map(|upper| upper.name)
    };
    Some([upper(2), upper(4), Some(own.name)].into_iter().flatten().collect())
}

/// Whether the code is in force.
pub fn standing(code: &str) -> Standing {
    let Some(all) = DIVISIONS.get(code) else { return Standing::Unknown };
    let last = all.iter().map(|division| division.until.unwrap_or(u16::MAX)).max();
    last.filter(|last| *last < u16::MAX).map_or(Standing::Current, Standing::Abolished)
}

/// Bytes of the longest name that a place of a level has had and the text begins with: 0 provinces, 1 prefectures, 2 counties; none for any
/// other level.
pub(crate) fn named(level: usize, text: &str) -> Option<usize> {
    let names = NAMES.get(level)?;
    let first = text.chars().next()?;
    let begins = |name: &str| name.chars().next();
    let from = names.partition_point(|name| begins(name) < Some(first));
    let alike = names[from..].iter().take_while(|name| begins(name) == Some(first));
    alike.filter(|name| text.starts_with(**name)).map(|name| name.len()).max()
}

/// In order: few begin alike, and every address asks.
static NAMES: LazyLock<[Vec<&'static str>; 3]> = LazyLock::new(|| {
    let mut names: [Vec<&str>; 3] = Default::default();
    for division in DIVISIONS.values().flatten().filter(|division| !GROUPS.contains(&division.name)) {
        let level = if division.code.ends_with("0000") { 0 } else { 1 + usize::from(!division.code.ends_with("00")) };
        names[level].push(division.name);
    }
    for names in &mut names {
        names.sort_unstable();
        names.dedup();
    }
    names
});

/// Names of levels that are no place.
const GROUPS: [&str; 5] = ["市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划"];

/// By code, in the order in which they began.
static DIVISIONS: LazyLock<HashMap<&'static str, Vec<Division>>> = LazyLock::new(|| {
    let mut all: HashMap<&str, Vec<Division>> = HashMap::new();
    for division in include_str!("../divisions/gbt2260.csv").lines().skip(2).filter_map(parse) {
        all.entry(division.code).or_default().push(division);
    }
    all
});

fn parse(line: &'static str) -> Option<Division> {
    let mut parts = line.split(',');
    let (code, name, from, until) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let year = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    Some(Division { code, name, from: year(from)?, until: year(until)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_means_what_it_meant_on_that_day() {
        let name = |code, day| division(code, day).map(|division| division.name);
        assert_eq!([name("110229", "1990-05-01"), name("110119", "2020")], [Some("延庆县"), Some("延庆区")]);
        assert_eq!(name("110229", "1950-01-01"), Some("延庆县"), "numbers were given later than people were born");
        assert_eq!(name("110103", "2024-03"), Some("崇文区"), "abolished, and still what it was");
        assert_eq!(full_name("130102", "2000-01-01").as_deref(), Some("河北省石家庄市长安区"));
        assert_eq!(full_name("110101", "2000-01-01").as_deref(), Some("北京市东城区"));
        assert_eq!(full_name("330000", "2000").as_deref(), Some("浙江省"));
    }

    #[test]
    fn a_code_is_in_force_abolished_or_unknown() {
        assert_eq!(standing("330113"), Standing::Current);
        assert_eq!(standing("110103"), Standing::Abolished(2009));
        // 990101 is where the invented county lies.
        assert_eq!([standing("990101"), standing("11010"), standing("")], [Standing::Unknown; 3]);
    }

    #[test]
    fn every_line_of_the_list_is_read_and_every_province_has_its_name() {
        let lines = include_str!("../divisions/gbt2260.csv").lines().count() - 2;
        assert_eq!(DIVISIONS.values().map(Vec::len).sum::<usize>(), lines);
        for (code, all) in DIVISIONS.iter() {
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
            let province = format!("{}0000", &code[..2]);
            assert_eq!(standing(&province), Standing::Current, "{code} has no province");
            assert!(all.iter().all(|division| division.until.unwrap_or(u16::MAX) >= division.from.unwrap_or(0)), "{code}");
        }
    }
}
