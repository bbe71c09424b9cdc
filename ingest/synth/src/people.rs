//! The people: households drawn by size and composed by age, then named and numbered. A person takes 32 bytes and a household 36; what is
//! not kept is drawn again, the same each time. What a department knows of them, and how badly, is told elsewhere.

mod compose;
mod household;
mod identity;

use crate::{
    calendar::Day,
    county::County,
    material::Material,
    namer::{Called, Namer},
    random::Random,
};
pub(crate) use household::{Household, Stay};

/// Everyone, household by household in the order of where they live.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) residents: Vec<Resident>,
    pub(crate) households: Vec<Household>,
}

/// Someone who lives in the county, or did until death, or is registered there; the place in [`People::residents`] is the truth number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resident {
    pub(crate) birth: Day,
    /// [`Day::NEVER`] of the living.
    pub(crate) death: Day,
    pub(crate) household: u32,
    pub(crate) called: Called,
    /// Digits 15 to 17 of the citizen id.
    pub(crate) order: u16,
    /// Place in the table of ethnicities.
    pub(crate) ethnicity: u8,
    /// Code of GB/T 4658-2006 that the edition of 1984 has an equal of; 0 of those who go to no school yet.
    pub(crate) education: u8,
    /// Code of GB/T 2261.2.
    pub(crate) marital: u8,
    /// Code of GB/T 4761.
    pub(crate) relation: u8,
    spouse: Kin,
    father: Kin,
    mother: Kin,
    /// Whose phone it is.
    phone: Kin,
    pub(crate) is_male: bool,
    /// Registered in the household but gone to live outside the county.
    pub(crate) is_absent: bool,
    pub(crate) is_twin: bool,
}

/// A place in the household, or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kin(u8);

impl Kin {
    const NOBODY: Kin = Kin(u8::MAX);

    fn of(place: Option<usize>) -> Kin {
        place.and_then(|place| u8::try_from(place).ok()).map_or(Kin::NOBODY, Kin)
    }
}

impl Resident {
    /// Whole years on that day.
    pub(crate) fn age(&self, on: Day) -> i32 {
        self.birth.years_to(on)
    }

    /// Whether born and not dead on that day.
    pub(crate) fn is_alive(&self, on: Day) -> bool {
        self.birth <= on && on < self.death
    }

    /// Whether living in the county on that day.
    pub(crate) fn is_here(&self, on: Day) -> bool {
        !self.is_absent && self.is_alive(on)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.death != Day::NEVER
    }
}

impl People {
    /// So many people who live in the county on that day, and those registered with them who do not.
    pub(crate) fn build(count: usize, seed: u64, today: Day, county: &County, material: &Material, namer: &Namer) -> People {
        let mut people = People { residents: Vec::with_capacity(count + count / 6), households: Vec::with_capacity(count * 4 / 9) };
        people.compose(count, today, &mut Random::new(seed, "people"), material);
        people.house(today, &mut Random::new(seed, "homes"), county, material);
        people.identify(today, &mut Random::new(seed, "identity"), material, namer);
        people
    }

    pub(crate) fn household_of(&self, resident: u32) -> &Household {
        &self.households[self.residents[resident as usize].household as usize]
    }

    pub(crate) fn spouse(&self, resident: u32) -> Option<u32> {
        self.kin(resident, self.residents[resident as usize].spouse)
    }

    pub(crate) fn father(&self, resident: u32) -> Option<u32> {
        self.kin(resident, self.residents[resident as usize].father)
    }

    pub(crate) fn mother(&self, resident: u32) -> Option<u32> {
        self.kin(resident, self.residents[resident as usize].mother)
    }

    /// Whose phone somebody gives.
    pub(crate) fn phone_of(&self, resident: u32) -> u32 {
        self.kin(resident, self.residents[resident as usize].phone).unwrap_or(resident)
    }

    fn kin(&self, resident: u32, Kin(place): Kin) -> Option<u32> {
        (Kin(place) != Kin::NOBODY).then(|| self.household_of(resident).head + u32::from(place))
    }
}

#[cfg(test)]
mod tests;
