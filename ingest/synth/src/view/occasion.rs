//! Things that happen: so many over so many days, each on its day, whatever delivery tells of it; and when it was over.

use super::{Hand, Statement};
use crate::{calendar::Day, random::Random, world::World};

/// Something that happened.
#[derive(Debug)]
pub(super) struct Occasion {
    pub(super) number: u32,
    pub(super) on: Day,
    pub(super) random: Random,
    /// The last day that this delivery knows of.
    today: Day,
}

impl Hand<'_> {
    /// So many rows as the extract has for the county's people.
    pub(super) fn count(&self, world: &World) -> u32 {
        u32::try_from(world.count as u64 * u64::from(self.habits.per_100000) / 100_000).unwrap_or(u32::MAX).max(1)
    }

    /// What happened up to this delivery, the oldest first.
    pub(super) fn occasions(&self, world: &World) -> impl Iterator<Item = Occasion> {
        let (count, span) = (self.count(world), self.habits.span_days);
        let first = world.today.plus(-self.habits.lag_days - span);
        let all = (0..count).map(move |number| {
            let since = i64::from(span) * i64::from(number + 1) / i64::from(count);
            let on = first.plus(i32::try_from(since).unwrap_or(0));
            Occasion { number, on, random: self.random(number), today: self.today() }
        });
        all.take_while(|occasion| occasion.on <= occasion.today)
    }
}

impl Occasion {
    /// One of so many.
    pub(super) fn any(&mut self, count: usize) -> u32 {
        u32::try_from(self.random.below(count)).unwrap_or(0)
    }

    /// The day on which it was over, between so many and so many days later, for so many of 100,000; if that is known yet.
    pub(super) fn closed(&mut self, low: i32, high: i32, rate: u32) -> Option<Day> {
        let day = self.on.plus(self.random.between(low, high));
        (self.random.chance(rate) && day <= self.today).then_some(day)
    }

    /// Its row, changed when it was over.
    pub(super) fn row(&self, closed: Option<Day>) -> Statement {
        let row = Statement::new(u64::from(self.number), self.on);
        if let Some(day) = closed { row.changed(day) } else { row }
    }
}
