//! What the political-legal committee gathers: the figures that no register holds, quarter by quarter, of townships or of the county.

use super::{Hand, Sink, Statement};
use crate::{calendar::Day, error::Error, material::Reported, random::Random, say::Thing, world::World};

/// How many are asked in a township.
const SAMPLE: i32 = 500;

/// Every figure of every quarter that is known.
pub(super) fn figures(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let reports = &world.material.reports;
    let townships = world.county.townships.len();
    for back in (0..reports.quarters).rev() {
        let (end, number) = quarter(world.today.plus(-hand.habits.lag_days - WEEKS), back);
        let on = end.plus(WEEKS);
        if on > hand.today() {
            continue;
        }
        for (at, report) in reports.report.iter().enumerate() {
            for township in 0..if report.of_county { 1 } else { townships } {
                let key = (number as usize * townships + township) * reports.report.len() + at;
                let row = Statement::new(key as u64, on);
                let of = Of { world, report, township, end, back };
                let facts = of.facts(&mut hand.random(key as u64));
                sink(row.see("figure", Thing::Stated("indicator_report", facts)).note("指标名称", report.name.clone()))?;
            }
        }
    }
    Ok(())
}

/// Days from the end of a quarter to the day on which its figures are handed in.
const WEEKS: i32 = 14;

/// The last day of a quarter that was over on that day, so many before the last such, and which quarter of the calendar it is.
fn quarter(day: Day, back: i32) -> (Day, u32) {
    let (year, month, _) = day.civil();
    let number = year * 4 + (month - 1) / 3 - back;
    let first_after = Day::new(number.div_euclid(4), number.rem_euclid(4) * 3 + 1, 1);
    (first_after.plus(-1), u32::try_from(number).unwrap_or(0))
}

/// One figure of one quarter and place.
struct Of<'a> {
    world: &'a World,
    report: &'a Reported,
    township: usize,
    end: Day,
    back: i32,
}

impl Of<'_> {
    fn facts(&self, random: &mut Random) -> Vec<(&'static str, String)> {
        let Reported { indicator, method, surveyor, out_of, value, gain, each, of_county, .. } = self.report;
        let value = (value - gain * f64::from(self.back)) * (1.0 + f64::from(random.between(-40, 40)) / 1000.0);
        let code = &self.world.county.townships[self.township].code;
        let (year, month, _) = self.end.civil();
        let reached = |all: u32| if *each { value * f64::from(all) } else { value * f64::from(all) / 100.0 };
        let sample = if method == "调查" { (SAMPLE + random.between(-60, 60)).to_string() } else { String::new() };
        let all = match (out_of, method.as_str()) {
            (Some(_), "调查") => sample.parse().ok(),
            (all, _) => *all,
        };
        let count = |all: u32| reached(all).round().max(0.0);
        let figure = all.map_or_else(|| format!("{:.1}", value.min(100.0)), |_| String::new());
        vec![
            ("indicator", indicator.clone()),
            ("area", if *of_county { self.world.material.places.code.clone() } else { code.clone() }),
            ("period", format!("{year:04}-{month:02}")),
            ("numerator", all.map(|all| count(all).to_string()).unwrap_or_default()),
            ("denominator", all.map(|all| all.to_string()).unwrap_or_default()),
            ("value", figure),
            ("method", method.clone()),
            ("sample_size", sample),
            ("surveyor", surveyor.clone()),
            ("remark", if self.back == 0 { "初步数".to_owned() } else { String::new() }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_told_when_it_is_over() {
        let end = |year, month, day, back| quarter(Day::new(year, month, day), back).0;
        assert_eq!(end(2026, 10, 1, 0), Day::new(2026, 9, 30));
        assert_eq!(end(2026, 9, 30, 0), Day::new(2026, 6, 30));
        assert_eq!(end(2026, 1, 15, 1), Day::new(2025, 9, 30));
    }
}
