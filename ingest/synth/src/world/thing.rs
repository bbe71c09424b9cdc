//! What people own and sign: dwellings, vehicles, marriages.

use super::World;
use crate::{calendar::Day, numbers};

/// Who owns a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Resident(u32),
    /// By its number.
    Enterprise(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vehicle {
    pub(crate) plate: String,
    pub(crate) vin: String,
    pub(crate) owner: Owner,
    pub(crate) is_electric: bool,
    pub(crate) registered: Day,
    /// Decides what else there is to say.
    pub(crate) drawn: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marriage {
    pub(crate) husband: u32,
    pub(crate) wife: u32,
    pub(crate) date: Day,
}

impl World {
    pub(crate) fn vehicles(&self) -> u32 {
        self.per_1000(self.material.population.vehicles_per_1000)
    }

    pub(crate) fn vehicle(&self, number: u32) -> Vehicle {
        let mut random = self.random("vehicle", number);
        let owner = if random.chance(self.material.population.company_owned) {
            Owner::Enterprise(u32::try_from(random.below(self.companies() as usize)).unwrap_or(0))
        } else {
            Owner::Resident(self.grown(&mut random))
        };
        let is_electric = random.chance(12_000);
        Vehicle {
            plate: numbers::plate(number as usize, is_electric),
            vin: numbers::vin(number as usize),
            owner,
            is_electric,
            registered: self.today.plus(-random.between(1, 4500)),
            drawn: random.below(1_000_000_007),
        }
    }

    /// Who owns a dwelling: whoever lives there, for most; what newcomers rent is some local's.
    pub(crate) fn owner(&self, dwelling: u32) -> Owner {
        let mut random = self.random("owner", dwelling);
        let households = self.households_in(dwelling);
        let is_rented = households.iter().any(|household| household.is_floating() && !household.is_collective);
        match households {
            [household] if !household.is_floating() && random.chance(80_000) => Owner::Resident(household.head),
            _ if !is_rented && random.chance(self.material.population.company_owned) => {
                Owner::Enterprise(u32::try_from(random.below(self.companies() as usize)).unwrap_or(0))
            }
            _ => Owner::Resident(self.local(&mut random)),
        }
    }

    /// The marriage of a husband, if the county registered it.
    pub(crate) fn marriage(&self, husband: u32) -> Option<Marriage> {
        let resident = self.resident(husband);
        let wife = self.people.spouse(husband).filter(|_| resident.is_male)?;
        let mut random = self.random("marriage", husband);
        let of_age = resident.birth.max(self.resident(wife).birth).plus(20 * 366);
        // Before 1980 the county kept no register that it still has.
        let (first, last) = (of_age.max(Day::new(1980, 1, 1)), of_age.plus(12 * 365).min(self.today.plus(-1)));
        let children = self.people.household_of(husband).members().filter(|&member| self.people.father(member) == Some(husband));
        let born = children.map(|child| self.resident(child).birth).min();
        let died = resident.death.min(self.resident(wife).death);
        let last = born.map_or(last, |born| last.min(born.plus(-200))).max(first).min(died.plus(-1));
        let is_here = first <= last && last < self.today && random.chance(self.material.population.married_here);
        is_here.then(|| Marriage { husband, wife, date: first.plus(random.between(0, last.0 - first.0)) })
    }

    /// Every marriage that the county registered.
    #[cfg(test)]
    pub(crate) fn marriages(&self) -> usize {
        (0..u32::try_from(self.people.residents.len()).unwrap_or(0)).filter(|&number| self.marriage(number).is_some()).count()
    }

    /// So many for 1,000 people; at least one.
    pub(crate) fn per_1000(&self, rate: usize) -> u32 {
        u32::try_from(self.count * rate / 1000).unwrap_or(u32::MAX).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calendar::TODAY, material::Material};

    #[test]
    fn whoever_owns_or_marries_is_there_and_of_age() {
        let world = World::build(10_000, 5, TODAY, Material::embedded().unwrap());
        assert_eq!((world.county.dwellings.len(), world.vehicles()), (4800, 3200));
        for vehicle in (0..500).map(|number| world.vehicle(number)) {
            let Owner::Resident(owner) = vehicle.owner else { continue };
            assert!(world.resident(owner).is_here(TODAY) && vehicle.registered < TODAY);
        }
        for marriage in (0..5_000).filter_map(|number| world.marriage(number)) {
            assert!(marriage.date < TODAY && world.people.spouse(marriage.husband) == Some(marriage.wife));
            assert!(world.resident(marriage.wife).birth.years_to(marriage.date) >= 20);
        }
        assert!((1900..2600).contains(&world.marriages()), "{}", world.marriages());
    }

    #[test]
    fn what_newcomers_rent_is_somebody_s() {
        let world = World::build(3_000, 5, TODAY, Material::embedded().unwrap());
        for household in world.people.households.iter().filter(|household| household.is_floating() && !household.is_collective) {
            assert!(matches!(world.owner(household.home), Owner::Resident(_)));
        }
    }
}
