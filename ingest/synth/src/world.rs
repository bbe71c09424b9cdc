//! The whole county: its ground, its people, and what they own, run, attend and sign. Only people, households and dwellings are kept; what
//! hangs on them is drawn when it is asked for, the same each time.

mod kin;
mod organization;
mod school;
mod thing;

use crate::{
    calendar::Day,
    county::County,
    material::Material,
    namer::Namer,
    numbers,
    people::{Household, People, Resident, Stay},
    random::Random,
};
pub(crate) use organization::{Organization, Sort, organization_named};
pub(crate) use school::School;
pub(crate) use thing::{Owner, Vehicle};

/// Everything that an extract can speak of.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) material: Material,
    pub(crate) county: County,
    pub(crate) people: People,
    pub(crate) schools: Vec<School>,
    /// The last day of the story.
    pub(crate) today: Day,
    /// How many people live here on it.
    pub(crate) count: usize,
    namer: Namer,
    seed: u64,
}

impl World {
    /// The county of that many people and that seed, as it is on that day and has become.
    pub(crate) fn build(count: usize, seed: u64, today: Day, material: Material) -> World {
        let county = County::build(count, seed, &material);
        let namer = Namer::new(&material.people);
        let people = People::build(count, seed, today, &county, &material, &namer);
        let mut world = World { material, county, people, schools: Vec::new(), today, count, namer, seed };
        world.teach();
        world
    }

    /// Chance in one thing of one kind: the same each time it is asked.
    pub(crate) fn random(&self, part: &str, key: u32) -> Random {
        Random::new(self.seed, part).at(u64::from(key))
    }

    /// Everybody's number.
    pub(crate) fn residents(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.people.residents.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn resident(&self, number: u32) -> &Resident {
        &self.people.residents[number as usize]
    }

    pub(crate) fn name(&self, number: u32) -> String {
        let resident = self.resident(number);
        self.namer.spell(resident.called, resident.is_male)
    }

    /// The name of before, of those who took another.
    pub(crate) fn former_name(&self, number: u32) -> Option<String> {
        let mut random = self.random("former name", number);
        let resident = self.resident(number);
        let surname = resident.called.surname().filter(|_| random.chance(self.material.population.has_former_name))?;
        let called = self.namer.name(&mut random, surname, resident.is_male, resident.birth.year(), None);
        Some(self.namer.spell(called, resident.is_male))
    }

    pub(crate) fn id(&self, number: u32) -> String {
        let (resident, household) = (self.resident(number), self.people.household_of(number));
        let places = &self.material.places;
        let division = household.origin.map_or(&places.code, |origin| &places.neighbours[usize::from(origin)].0);
        numbers::citizen_id(division, resident.birth, resident.order)
    }

    /// The phone that somebody gives on that day.
    pub(crate) fn phone(&self, number: u32, on: Day) -> String {
        /// Numbers that people gave up.
        const GIVEN_UP: u64 = 1_500_000_000;
        let whose = self.people.phone_of(number);
        let mut random = self.random("phone", whose);
        let is_old = random.chance(self.material.population.changed_phone) && on < self.today.plus(-random.between(1, 5 * 365));
        numbers::phone(u64::from(whose) + if is_old { GIVEN_UP } else { 0 })
    }

    /// 居住证号 of those who came to the county grown up, two of three.
    pub(crate) fn permit(&self, number: u32, on: Day) -> Option<String> {
        let household = self.people.household_of(number);
        let mut random = self.random("permit", number);
        let since = self.arrival(household);
        let has = household.is_floating() && self.resident(number).age(on) >= 16 && since <= on && random.chance(66_000);
        has.then(|| numbers::permit(&self.material.places.code, since, number))
    }

    /// The day on which newcomers came.
    pub(crate) fn arrival(&self, household: &Household) -> Day {
        self.stays(household).last().map_or(self.today, |stay| stay.from)
    }

    /// Where a household has lived in the county, the newest first.
    pub(crate) fn stays(&self, household: &Household) -> Vec<Stay> {
        let most = self.material.population.stays_most;
        household.stays(&mut self.random("stays", household.head), self.today, self.county.dwellings.len(), most)
    }

    /// The households that live in a dwelling now.
    pub(crate) fn households_in(&self, dwelling: u32) -> &[Household] {
        self.households_between(dwelling as usize, dwelling as usize + 1)
    }

    /// The households that live in the dwellings from one number to before another.
    pub(crate) fn households_between(&self, from: usize, until: usize) -> &[Household] {
        let households = &self.people.households;
        let place = |home: usize| households.partition_point(|household| (household.home as usize) < home);
        &households[place(from)..place(until)]
    }

    /// How many people live in these households.
    pub(crate) fn living(&self, households: &[Household]) -> usize {
        households.iter().flat_map(Household::members).filter(|&member| self.resident(member).is_here(self.today)).count()
    }

    /// A dwelling of a grid.
    pub(crate) fn dwelling_in(&self, grid: u32, random: &mut Random) -> u32 {
        let place = |until: u32| self.county.dwellings.partition_point(|dwelling| dwelling.grid < until);
        let (first, last) = (place(grid), place(grid + 1));
        u32::try_from(first + random.below(last - first)).unwrap_or(0)
    }

    /// The community of a dwelling.
    pub(crate) fn community_of(&self, dwelling: u32) -> u32 {
        let grid = self.county.dwellings[dwelling as usize].grid;
        u32::try_from(self.county.grids[grid as usize].community).unwrap_or(0)
    }

    /// The township of a dwelling, by name.
    pub(crate) fn township_of(&self, dwelling: u32) -> &str {
        let community = &self.county.communities[self.community_of(dwelling) as usize];
        &self.county.townships[community.township].name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::TODAY;

    #[test]
    fn the_smallest_county_is_a_county() {
        for people in [1, 2, 7] {
            let world = World::build(people, 1, TODAY, Material::embedded().unwrap());
            assert_eq!(world.people.residents.iter().filter(|resident| resident.is_here(TODAY)).count(), people);
            assert!(!world.schools.is_empty() && world.marriages() < people);
            assert!(world.enterprise(0).representative < u32::try_from(world.people.residents.len()).unwrap());
        }
    }

    #[test]
    fn a_phone_given_long_ago_may_be_another() {
        let world = World::build(2_000, 1, TODAY, Material::embedded().unwrap());
        let (long_ago, all) = (TODAY.plus(-4 * 365), 0..2_000);
        let changed = all.filter(|&one| world.phone(one, long_ago) != world.phone(one, TODAY)).count();
        assert!((300..600).contains(&changed), "{changed}");
    }

    #[test]
    fn permits_are_of_newcomers_and_do_not_change() {
        let world = World::build(2_000, 1, TODAY, Material::embedded().unwrap());
        let mut some = 0;
        for (number, resident) in (0..).zip(&world.people.residents) {
            let Some(permit) = world.permit(number, TODAY) else { continue };
            let since = world.arrival(world.people.household_of(number));
            assert!(world.people.household_of(number).is_floating() && permit.contains(&since.year().to_string()));
            assert!(resident.age(TODAY) >= 16);
            some += 1;
        }
        assert!(some > 150, "{some}");
    }
}
