//! The whole county: its ground, its people, and what they own, run, attend and sign. Each list's place is a thing's number.

use crate::{
    calendar::{Day, TODAY},
    county::County,
    material::Material,
    numbers,
    people::{Household, People, Resident},
    random::{Random, Weights, mix},
};

/// Everything that an extract can speak of.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) material: Material,
    pub(crate) county: County,
    pub(crate) people: People,
    /// Who owns each dwelling.
    pub(crate) owners: Vec<Owner>,
    /// Who looks after each grid.
    pub(crate) grid_workers: Vec<u32>,
    pub(crate) vehicles: Vec<Vehicle>,
    pub(crate) enterprises: Vec<Organization>,
    pub(crate) societies: Vec<Organization>,
    pub(crate) schools: Vec<School>,
    pub(crate) pupils: Vec<Pupil>,
    pub(crate) marriages: Vec<Marriage>,
}

/// Who owns a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Resident(u32),
    Enterprise(u32),
}

#[derive(Debug)]
pub(crate) struct Vehicle {
    pub(crate) owner: Owner,
    pub(crate) is_electric: bool,
    pub(crate) registered: Day,
}

#[derive(Debug)]
pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) credit_code: String,
    /// Of GB/T 31000 where it is a social organisation; else empty.
    pub(crate) organization_type: String,
    pub(crate) supervisor: String,
    pub(crate) representative: u32,
    pub(crate) seat: u32,
    pub(crate) established: Day,
}

#[derive(Debug)]
pub(crate) struct School {
    pub(crate) name: String,
    pub(crate) school_type: String,
    pub(crate) code: String,
    pub(crate) credit_code: String,
    pub(crate) head: u32,
    pub(crate) seat: u32,
    pub(crate) ages: (i32, i32),
    pub(crate) pupils: usize,
}

#[derive(Debug)]
pub(crate) struct Pupil {
    pub(crate) resident: u32,
    pub(crate) school: u32,
    /// Without a citizen id at enrolment, with a number of the school's own making.
    pub(crate) is_temporary: bool,
}

#[derive(Debug)]
pub(crate) struct Marriage {
    pub(crate) husband: u32,
    pub(crate) wife: u32,
    pub(crate) date: Day,
}

impl World {
    /// The county of that many people and that seed.
    pub(crate) fn build(count: usize, seed: u64, material: Material) -> World {
        let county = County::build(count, seed, &material);
        let people = People::build(count, seed, &county, &material);
        let mut world = World {
            material,
            county,
            people,
            owners: Vec::new(),
            grid_workers: Vec::new(),
            vehicles: Vec::new(),
            enterprises: Vec::new(),
            societies: Vec::new(),
            schools: Vec::new(),
            pupils: Vec::new(),
            marriages: Vec::new(),
        };
        let mut random = Random::new(seed, "things");
        world.found(count, &mut random);
        world.own(count, &mut random);
        world.teach(&mut random);
        world.marry(&mut random);
        world
    }

    pub(crate) fn resident(&self, number: u32) -> &Resident {
        &self.people.residents[number as usize]
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

    /// Whom somebody works for: about seven of ten of working age have an employer.
    pub(crate) fn employer(&self, resident: u32) -> Option<&Organization> {
        let drawn = usize::try_from(mix(u64::from(resident) ^ 0x5eed) >> 16).unwrap_or(0);
        let works = (18..60).contains(&self.resident(resident).age()) && drawn % 10 < 7;
        self.enterprises.get(drawn / 10 % self.enterprises.len().max(1)).filter(|_| works)
    }

    /// Who would lend a number: a parent to a child, then the spouse, then the head of the household.
    pub(crate) fn relative(&self, number: u32) -> Option<u32> {
        let resident = self.resident(number);
        let head = self.people.household_of(number).head;
        resident.father.or(resident.mother).or(resident.spouse).or((head != number).then_some(head))
    }

    /// Who answers for a pupil: father and mother, else the grown-ups of the household.
    pub(crate) fn guardians(&self, pupil: u32) -> [Option<u32>; 2] {
        let resident = self.resident(pupil);
        let others = self.people.household_of(pupil).members();
        let mut grown = others.filter(|&other| other != pupil && self.resident(other).age() >= 18);
        match (resident.father, resident.mother) {
            (None, None) => [grown.next(), grown.next()],
            (father, mother) => [father.or(mother), mother.filter(|_| father.is_some())],
        }
    }

    /// A grown-up who is registered in the county and lives there.
    fn local(&self, random: &mut Random) -> u32 {
        let households = &self.people.households;
        let start = random.below(households.len());
        let all = households[start..].iter().chain(&households[..start]);
        let mut local = all.filter(|household| !household.is_floating() && !household.is_collective);
        local.next().map_or(0, |household| household.head)
    }

    /// Organisations and the people who run them and the grids.
    fn found(&mut self, count: usize, random: &mut Random) {
        let rates = &self.material.population;
        let (enterprises, societies) = (count * rates.enterprises_per_1000 / 1000 + 1, count * rates.societies_per_100000 / 100_000 + 1);
        self.grid_workers = (0..self.county.grids.len()).map(|_| self.local(random)).collect();
        let places = &self.material.places;
        let kinds = Weights::new(places.enterprises.iter().map(|(_, share)| *share));
        let pairs: Vec<(char, char)> = places.first.chars().flat_map(|a| places.second.chars().map(move |b| (b, a))).collect();
        self.enterprises = (0..enterprises)
            .map(|at| {
                let ((first, second), round) = (pairs[at * 101 % pairs.len()], at / pairs.len());
                let kind = &places.enterprises[kinds.draw(random)].0;
                let number = if round == 0 { String::new() } else { format!("第{}", round + 1) };
                self.organization(format!("{}{first}{second}{number}{kind}", places.county), "91", at, random)
            })
            .collect();
        self.societies = (0..societies)
            .map(|at| {
                let communities = &self.county.communities;
                let (name, organization_type, kind, supervisor) = &places.societies[at / communities.len() % places.societies.len()];
                let place = &communities[at % communities.len()].name;
                let society = self.organization(format!("{}{place}{name}", places.county), kind, at + 50_000_000, random);
                Organization { organization_type: organization_type.clone(), supervisor: supervisor.clone(), ..society }
            })
            .collect();
    }

    fn organization(&self, name: String, kind: &str, serial: usize, random: &mut Random) -> Organization {
        Organization {
            name,
            credit_code: numbers::credit_code(kind, &self.material.places.code, serial),
            organization_type: String::new(),
            supervisor: String::new(),
            representative: self.local(random),
            seat: u32::try_from(random.below(self.county.dwellings.len())).unwrap_or(0),
            established: TODAY.plus(-random.between(100, 9000)),
        }
    }

    /// Who owns which dwelling and which vehicle.
    fn own(&mut self, count: usize, random: &mut Random) {
        let rates = &self.material.population;
        let company = |random: &mut Random| Owner::Enterprise(u32::try_from(random.below(self.enterprises.len())).unwrap_or(0));
        let dwellings = 0..u32::try_from(self.county.dwellings.len()).unwrap_or(0);
        let owners = dwellings.map(|dwelling| match self.households_in(dwelling) {
            [household] if !household.is_floating() && random.chance(80_000) => Owner::Resident(household.head),
            _ if random.chance(rates.company_owned) => company(random),
            _ => Owner::Resident(self.local(random)),
        });
        let owners: Vec<Owner> = owners.collect();
        let grown: Vec<u32> =
            (0..).zip(&self.people.residents).filter(|(_, one)| !one.is_absent && one.age() >= 20).map(|(at, _)| at).collect();
        let vehicles = (0..if grown.is_empty() { 0 } else { count * rates.vehicles_per_1000 / 1000 }).map(|_| Vehicle {
            owner: if random.chance(rates.company_owned) { company(random) } else { Owner::Resident(*random.pick(&grown)) },
            is_electric: random.chance(12_000),
            registered: TODAY.plus(-random.between(1, 4500)),
        });
        self.vehicles = vehicles.collect();
        self.owners = owners;
    }

    /// Schools of each type, and everyone of their ages in the nearest one.
    fn teach(&mut self, random: &mut Random) {
        let places = &self.material.places;
        let living = self.people.residents.iter().filter(|resident| !resident.is_absent).count();
        let all = living * self.material.population.schools_per_100000 / 100_000;
        let mut schools = Vec::new();
        for (name, school_type, youngest, oldest, share) in &places.schools {
            for number in 0..(all * *share as usize / 100).max(1) {
                schools.push(School {
                    name: format!("{}第{}{name}", places.county, ordinal(number + 1)),
                    school_type: school_type.clone(),
                    code: format!("{}{:05}", &places.code[1..], 10_001 + schools.len()),
                    credit_code: numbers::credit_code("12", &places.code, schools.len() + 70_000_000),
                    head: self.local(random),
                    seat: u32::try_from(random.below(self.county.dwellings.len())).unwrap_or(0),
                    ages: (*youngest, *oldest),
                    pupils: 0,
                });
            }
        }
        for (number, resident) in (0..).zip(&self.people.residents) {
            let fits = |school: &&School| (school.ages.0..=school.ages.1).contains(&resident.age());
            let (from, fitting) = (schools.iter().position(|school| fits(&school)), schools.iter().filter(fits).count());
            let Some(from) = from.filter(|_| !resident.is_absent) else { continue };
            let home = self.people.households[resident.household as usize].home as usize;
            let school = from + home * fitting / self.county.dwellings.len();
            schools[school].pupils += 1;
            self.pupils.push(Pupil { resident: number, school: u32::try_from(school).unwrap_or(0), is_temporary: random.chance(1500) });
        }
        self.schools = schools;
    }

    /// The marriages that the county registered.
    fn marry(&mut self, random: &mut Random) {
        for (number, resident) in (0..).zip(&self.people.residents) {
            let Some(wife) = resident.spouse.filter(|_| resident.is_male) else { continue };
            let of_age = resident.birth.max(self.resident(wife).birth).plus(20 * 366);
            // Before 1980 the county kept no register that it still has.
            let (first, last) = (of_age.max(Day::new(1980, 1, 1)), of_age.plus(12 * 365).min(TODAY.plus(-1)));
            let children = self.people.household_of(number).members().map(|member| self.resident(member));
            let born = children.filter(|child| child.father == Some(number)).map(|child| child.birth).min();
            let last = born.map_or(last, |born| last.min(born.plus(-200))).max(first);
            if last < TODAY && random.chance(self.material.population.married_here) {
                self.marriages.push(Marriage { husband: number, wife, date: first.plus(random.between(0, last.0 - first.0)) });
            }
        }
    }
}

/// Up to 99 as Chinese writes it; above, in digits.
fn ordinal(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens @ 2..=9, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_county_has_of_everything_what_its_extracts_need() {
        let world = World::build(10_000, 5, Material::embedded().unwrap());
        assert_eq!((world.owners.len(), world.vehicles.len(), world.societies.len()), (4800, 3200, 13));
        assert!((1100..1900).contains(&world.pupils.len()), "{}", world.pupils.len());
        assert!((1500..2600).contains(&world.marriages.len()), "{}", world.marriages.len());
        let names: HashSet<&str> = world.enterprises.iter().chain(&world.societies).map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), world.enterprises.len() + world.societies.len());
        assert!(
            world.marriages.iter().all(|marriage| marriage.date < TODAY && world.resident(marriage.husband).spouse == Some(marriage.wife))
        );
    }

    #[test]
    fn a_pupil_has_someone_to_answer_for_it_and_a_school_of_its_age() {
        let world = World::build(10_000, 5, Material::embedded().unwrap());
        for pupil in &world.pupils {
            let age = world.resident(pupil.resident).age();
            let (youngest, oldest) = world.schools[pupil.school as usize].ages;
            assert!((youngest..=oldest).contains(&age));
        }
        let alone = world.pupils.iter().filter(|pupil| world.guardians(pupil.resident)[0].is_none()).count();
        assert_eq!(alone, 0);
    }

    #[test]
    fn the_smallest_county_is_a_county() {
        for people in [1, 2, 7] {
            let world = World::build(people, 1, Material::embedded().unwrap());
            assert_eq!(world.people.residents.iter().filter(|resident| !resident.is_absent).count(), people);
        }
    }
}
