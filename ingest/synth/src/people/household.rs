//! Where households live, have lived and are registered. Who is in them is told elsewhere.

use super::{People, Resident};
use crate::{calendar::Day, county::County, material::Material, random::Random};

/// Those who live together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Household {
    /// Its first member, who is its head; the others follow.
    pub(crate) head: u32,
    pub(crate) size: u8,
    pub(crate) home: u32,
    /// Where it lived before, and the day it moved.
    pub(crate) moved: Option<(u32, Day)>,
    /// The dwelling of the household register; for newcomers there is none here.
    pub(crate) registered: u32,
    /// The neighbour in which newcomers are registered.
    pub(crate) origin: Option<u8>,
    /// A bed in a dormitory instead of a home.
    pub(crate) is_collective: bool,
}

/// A time that a household lived in one dwelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) home: u32,
    pub(crate) from: Day,
    pub(crate) until: Option<Day>,
}

impl Household {
    /// The dwelling it lived in on that day.
    pub(crate) fn home_on(&self, day: Day) -> u32 {
        match self.moved {
            Some((before, moved)) if day < moved => before,
            _ => self.home,
        }
    }

    pub(crate) fn members(&self) -> std::ops::Range<u32> {
        self.head..self.head + u32::from(self.size)
    }

    /// Whether it is registered in another county.
    pub(crate) fn is_floating(&self) -> bool {
        self.origin.is_some()
    }

    /// Where it has lived in the county, the newest first; at most so many. What is before the last move is drawn.
    pub(crate) fn stays(&self, random: &mut Random, today: Day, dwellings: usize, most: i32) -> Vec<Stay> {
        let mut from = self.moved.map_or_else(|| today.plus(-random.between(3 * 365, 8 * 365)), |(_, day)| day);
        let mut stays = vec![Stay { home: self.home, from, until: None }];
        for _ in 1..random.between(1, most) {
            let drawn = u32::try_from(random.below(dwellings)).unwrap_or(0);
            let home = if stays.len() == 1 { self.moved.map_or(drawn, |(before, _)| before) } else { drawn };
            let until = Some(from);
            from = from.plus(-random.between(90, 500));
            stays.push(Stay { home, from, until });
        }
        stays
    }
}

/// People of one dormitory.
const DORMITORY: usize = 6;

impl People {
    /// Gives each household a home, spread over the county so that some dwellings stay empty, and a past.
    pub(super) fn house(&mut self, today: Day, random: &mut Random, county: &County, material: &Material) {
        let rates = &material.population;
        let collective = self.households.iter().filter(|household| household.is_collective).count();
        let homes = self.households.len() - collective + collective.div_ceil(DORMITORY);
        let dwellings = county.dwellings.len();
        let (mut next, mut dormitory, mut beds) = (0, 0, 0);
        for household in &mut self.households {
            if !household.is_collective || beds == 0 {
                let home = u32::try_from(next * dwellings / homes.max(1)).unwrap_or(0);
                next += 1;
                if household.is_collective {
                    (dormitory, beds) = (home, DORMITORY);
                } else {
                    household.home = home;
                }
            }
            if household.is_collective {
                beds -= 1;
                household.home = dormitory;
            }
            let mut other = || u32::try_from(random.below(dwellings)).unwrap_or(0);
            let (before, elsewhere) = (other(), other());
            let moves = if household.is_floating() { rates.moved_floating } else { rates.moved_local };
            household.moved = random.chance(moves).then(|| (before, today.plus(-random.between(5, 3 * 365))));
            household.registered = match household.moved {
                Some((before, _)) if random.chance(50_000) => before,
                _ if random.chance(rates.registered_elsewhere) => elsewhere,
                _ => household.home,
            };
        }
        // Beds of one dormitory are filled from all over: put the households in the order of their homes.
        self.sort_by_home();
    }

    fn sort_by_home(&mut self) {
        let mut order: Vec<u32> = (0..u32::try_from(self.households.len()).unwrap_or(0)).collect();
        order.sort_by_key(|&at| self.households[at as usize].home);
        let (mut households, mut residents) = (Vec::with_capacity(order.len()), Vec::with_capacity(self.residents.len()));
        for at in order {
            let old = self.households[at as usize];
            let head = u32::try_from(residents.len()).unwrap_or(0);
            let number = u32::try_from(households.len()).unwrap_or(0);
            residents.extend(old.members().map(|member| Resident { household: number, ..self.residents[member as usize] }));
            households.push(Household { head, ..old });
        }
        (self.households, self.residents) = (households, residents);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::TODAY;

    #[test]
    fn a_household_has_one_home_at_a_time_and_the_last_is_where_it_lives() {
        let moved = Some((7, TODAY.plus(-100)));
        let household = Household { head: 0, size: 1, home: 3, moved, registered: 3, origin: Some(1), is_collective: false };
        for key in 0..50 {
            let stays = household.stays(&mut Random::new(1, "stays").at(key), TODAY, 1000, 6);
            assert_eq!((stays[0].home, stays[0].from, stays[0].until), (3, TODAY.plus(-100), None));
            assert!(stays.get(1).is_none_or(|stay| stay.home == 7));
            assert!(stays.windows(2).all(|pair| pair[1].until == Some(pair[0].from) && pair[1].from < pair[0].from));
        }
    }
}
