//! Schools of each type, and everyone of their ages in one near home.

use super::World;
use crate::{calendar::Day, numbers, random::Random};

#[derive(Debug)]
pub(crate) struct School {
    pub(crate) name: String,
    pub(crate) school_type: String,
    pub(crate) code: String,
    pub(crate) credit_code: String,
    pub(crate) head: u32,
    pub(crate) seat: u32,
    /// Youngest and oldest pupils.
    pub(crate) ages: (i32, i32),
    pub(crate) pupils: usize,
}

impl World {
    /// The school that somebody attends on that day, by its number.
    pub(crate) fn school_of(&self, number: u32, on: Day) -> Option<u32> {
        let resident = self.resident(number);
        let age = resident.age(on);
        let fits = |school: &&School| (school.ages.0..=school.ages.1).contains(&age);
        // Whoever keeps a household of one's own at that age works.
        let goes = resident.is_here(on) && self.people.household_of(number).head != number;
        let from = self.schools.iter().position(|school| fits(&school)).filter(|_| goes)?;
        let fitting = self.schools[from..].iter().take_while(fits).count();
        let home = self.people.household_of(number).home as usize;
        u32::try_from(from + home * fitting / self.county.dwellings.len()).ok()
    }

    pub(super) fn teach(&mut self) {
        let places = &self.material.places;
        let all = self.count * self.material.population.schools_per_100000 / 100_000;
        let mut random = Random::new(self.seed, "schools");
        let mut schools = Vec::new();
        for (name, school_type, youngest, oldest, share) in &places.schools {
            for number in 0..(all * *share as usize / 100).max(1) {
                schools.push(School {
                    name: format!("{}第{}{name}", places.county, ordinal(number + 1)),
                    school_type: school_type.clone(),
                    code: format!("{}{:05}", &places.code[1..], 10_001 + schools.len()),
                    credit_code: numbers::credit_code("12", &places.code, schools.len() + 70_000_000),
                    head: self.local(&mut random),
                    seat: u32::try_from(random.below(self.county.dwellings.len())).unwrap_or(0),
                    ages: (*youngest, *oldest),
                    pupils: 0,
                });
            }
        }
        self.schools = schools;
        for number in 0..u32::try_from(self.people.residents.len()).unwrap_or(0) {
            if let Some(school) = self.school_of(number, self.today) {
                self.schools[school as usize].pupils += 1;
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
    use crate::{calendar::TODAY, material::Material};

    #[test]
    fn a_pupil_has_someone_to_answer_for_it_and_a_school_of_its_age() {
        let world = World::build(10_000, 5, TODAY, Material::embedded().unwrap());
        let mut pupils = 0;
        for number in 0..u32::try_from(world.people.residents.len()).unwrap() {
            let Some(school) = world.school_of(number, TODAY) else { continue };
            let (youngest, oldest) = world.schools[school as usize].ages;
            assert!((youngest..=oldest).contains(&world.resident(number).age(TODAY)));
            assert!(world.guardians(number, TODAY)[0].is_some());
            pupils += 1;
        }
        assert!((1100..1900).contains(&pupils), "{pupils}");
        assert_eq!(world.schools.iter().map(|school| school.pupils).sum::<usize>(), pupils);
    }
}
