//! The people: households drawn by size and composed by age, then named and numbered. What a department knows of them, and how badly, is
//! told elsewhere.

mod compose;
mod identity;

use crate::{
    calendar::{Day, TODAY},
    county::County,
    material::Material,
    random::Random,
};

/// Everyone, household by household in the order of where they live.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) residents: Vec<Resident>,
    pub(crate) households: Vec<Household>,
}

/// Someone who lives in the county or is registered there; the place in [`People::residents`] is the truth number.
#[derive(Debug, Clone)]
pub(crate) struct Resident {
    pub(crate) id: Box<str>,
    pub(crate) name: Box<str>,
    pub(crate) former_name: Option<Box<str>>,
    pub(crate) is_male: bool,
    pub(crate) birth: Day,
    /// Code of GB/T 3304.
    pub(crate) ethnicity: Box<str>,
    /// Code of GB/T 4658-2006 that the edition of 1984 has an equal of.
    pub(crate) education: &'static str,
    /// Code of GB/T 2261.2.
    pub(crate) marital: &'static str,
    /// Code of GB/T 4761.
    pub(crate) relation: &'static str,
    pub(crate) phone: Box<str>,
    pub(crate) household: u32,
    pub(crate) spouse: Option<u32>,
    pub(crate) father: Option<u32>,
    pub(crate) mother: Option<u32>,
    /// Registered in the household but gone to live outside the county.
    pub(crate) is_absent: bool,
    pub(crate) is_twin: bool,
}

impl Resident {
    /// Whole years on the county's today.
    pub(crate) fn age(&self) -> i32 {
        self.birth.years_to(TODAY)
    }
}

/// Those who live together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Household {
    /// Its first member, who is its head; the others follow.
    pub(crate) head: u32,
    pub(crate) size: u32,
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

impl Household {
    /// The dwelling it lived in on that day.
    pub(crate) fn home_on(&self, day: Day) -> u32 {
        match self.moved {
            Some((before, moved)) if day < moved => before,
            _ => self.home,
        }
    }

    pub(crate) fn members(&self) -> std::ops::Range<u32> {
        self.head..self.head + self.size
    }

    /// Whether it is registered in another county.
    pub(crate) fn is_floating(&self) -> bool {
        self.origin.is_some()
    }
}

/// People of one dormitory.
const DORMITORY: usize = 6;

impl People {
    /// So many people who live in the county, and those registered with them who do not.
    pub(crate) fn build(count: usize, seed: u64, county: &County, material: &Material) -> People {
        let mut people = People { residents: Vec::with_capacity(count + count / 16), households: Vec::new() };
        people.compose(count, &mut Random::new(seed, "people"), material);
        people.house(&mut Random::new(seed, "homes"), county, material);
        people.identify(&mut Random::new(seed, "identity"), material);
        people
    }

    pub(crate) fn household_of(&self, resident: u32) -> &Household {
        &self.households[self.residents[resident as usize].household as usize]
    }

    /// Gives each household a home, spread over the county so that some dwellings stay empty, and a past.
    fn house(&mut self, random: &mut Random, county: &County, material: &Material) {
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
            household.moved = random.chance(moves).then(|| (before, TODAY.plus(-random.between(5, 3 * 365))));
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
        let mut order: Vec<usize> = (0..self.households.len()).collect();
        order.sort_by_key(|&at| self.households[at].home);
        let (mut households, mut residents) = (Vec::with_capacity(order.len()), Vec::with_capacity(self.residents.len()));
        for at in order {
            let old = self.households[at];
            let head = u32::try_from(residents.len()).unwrap_or(0);
            let number = u32::try_from(households.len()).unwrap_or(0);
            let shift = |kin: Option<u32>| kin.map(|kin| kin - old.head + head);
            residents.extend(old.members().map(|member| {
                let resident = &self.residents[member as usize];
                let (spouse, father, mother) = (shift(resident.spouse), shift(resident.father), shift(resident.mother));
                Resident { household: number, spouse, father, mother, ..resident.clone() }
            }));
            households.push(Household { head, ..old });
        }
        (self.households, self.residents) = (households, residents);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    fn build(seed: u64) -> (People, County) {
        let material = Material::embedded().unwrap();
        let county = County::build(20_000, seed, &material);
        (People::build(20_000, seed, &county, &material), county)
    }

    #[test]
    fn the_same_seed_gives_the_same_people_and_another_seed_others() {
        let names = |seed| build(seed).0.residents.into_iter().map(|resident| (resident.id, resident.name)).collect::<Vec<_>>();
        assert_eq!(names(3), names(3));
        assert_ne!(names(3), names(4));
    }

    #[test]
    fn every_id_is_of_a_division_that_does_not_exist_and_given_once() {
        let (people, _) = build(3);
        let ids: HashSet<&str> = people.residents.iter().map(|resident| &*resident.id).collect();
        assert_eq!(ids.len(), people.residents.len());
        let codes = wuwei_schema::Model::embedded().unwrap().codes;
        for id in ids {
            assert!(id.starts_with("99") || id.starts_with("90"));
            assert_eq!(wuwei_schema::Kind::CitizenId.clean(id, &codes).as_deref(), Ok(id));
        }
    }

    #[test]
    fn ages_sizes_and_shares_are_near_the_census() {
        let (people, _) = build(3);
        let living: Vec<&Resident> = people.residents.iter().filter(|resident| !resident.is_absent).collect();
        assert_eq!(living.len(), 20_000);
        let percent = |is: &dyn Fn(&Resident) -> bool| living.iter().filter(|resident| is(resident)).count() * 100 / living.len();
        let shares = [
            percent(&|one| one.age() < 15),
            percent(&|one| one.age() >= 60),
            percent(&|one| one.is_male),
            percent(&|one| one.spouse.is_some()),
        ];
        assert!((15..=21).contains(&shares[0]), "children: {shares:?}");
        assert!((15..=23).contains(&shares[1]), "old: {shares:?}");
        assert!((48..=54).contains(&shares[2]), "men: {shares:?}");
        assert!((40..=62).contains(&shares[3]), "married: {shares:?}");
        let floating = living.iter().filter(|one| people.households[one.household as usize].is_floating()).count();
        assert!((5_000..5_700).contains(&floating), "{floating}");
    }

    #[test]
    fn there_are_twins_shared_phones_and_moves() {
        let (people, _) = build(3);
        let twins: Vec<&Resident> = people.residents.iter().filter(|resident| resident.is_twin).collect();
        assert!(twins.len() > 20 && twins.len().is_multiple_of(2), "{}", twins.len());
        for pair in twins.chunks(2) {
            assert_eq!((pair[0].birth, pair[0].household), (pair[1].birth, pair[1].household));
            assert_ne!((&pair[0].id, &pair[0].name), (&pair[1].id, &pair[1].name));
        }
        let mut phones: HashMap<&str, usize> = HashMap::new();
        people.residents.iter().for_each(|resident| *phones.entry(&resident.phone).or_default() += 1);
        assert!(phones.values().filter(|&&holders| holders > 1).count() > 1000);
        assert!(people.households.iter().filter(|household| household.moved.is_some()).count() > 1000);
    }

    #[test]
    fn kin_live_together_and_are_of_a_fitting_age() {
        let (people, _) = build(3);
        for resident in &people.residents {
            for parent in [resident.father, resident.mother].into_iter().flatten() {
                let parent = &people.residents[parent as usize];
                assert_eq!(parent.household, resident.household);
                assert!(parent.birth.years_to(resident.birth) >= 17);
            }
            if let Some(spouse) = resident.spouse {
                let spouse = &people.residents[spouse as usize];
                assert!(spouse.household == resident.household && spouse.is_male != resident.is_male);
                assert!(spouse.age() >= 20);
            }
        }
        let sorted = people.households.windows(2).all(|pair| pair[0].home <= pair[1].home);
        assert!(sorted, "households are in the order of their homes");
    }
}
