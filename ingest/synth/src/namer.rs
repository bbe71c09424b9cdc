//! How people are called: names are drawn here, kept in six bytes, and spelt out when somebody asks. Who inherits which surname is told by
//! the family.

use crate::{
    material::People,
    random::{Random, Weights},
};
use std::collections::HashMap;

/// A name, as places in the tables of a [`Namer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Called {
    surname: u16,
    given: [u16; 2],
}

/// Instead of a surname: the name has two parts with a dot between them.
const DOTTED: u16 = u16::MAX;
/// No second character.
const NONE: u16 = u16::MAX;

impl Called {
    /// Of somebody who has no name yet.
    pub(crate) const NOBODY: Called = Called { surname: 0, given: [NONE, NONE] };

    /// The surname that children take; a name of two parts has none.
    pub(crate) fn surname(self) -> Option<u16> {
        (self.surname != DOTTED).then_some(self.surname)
    }

    /// The first character of the given name, for siblings who share it.
    pub(crate) fn first(self) -> Option<u16> {
        (self.surname != DOTTED).then_some(self.given[0])
    }
}

/// Draws and spells names.
#[derive(Debug)]
pub(crate) struct Namer {
    surnames: Vec<String>,
    weights: Weights,
    by_rank: Weights,
    cohorts: Vec<Cohort>,
    /// Every character of a given name.
    characters: Vec<char>,
    rare: Vec<u16>,
    dotted: String,
    /// First and second part of names of two parts, of men and of women.
    men: Vec<String>,
    women: Vec<String>,
}

#[derive(Debug)]
struct Cohort {
    born_until: i32,
    single: u32,
    male: Vec<u16>,
    female: Vec<u16>,
}

impl Namer {
    pub(crate) fn new(people: &People) -> Namer {
        let mut pool = Pool::default();
        let cohorts = people.cohort.iter().map(|cohort| Cohort {
            born_until: cohort.born_until,
            single: cohort.single_percent * 1000,
            male: pool.places(&cohort.male),
            female: pool.places(&cohort.female),
        });
        let cohorts = cohorts.collect();
        let rare = pool.places(&people.rare_given);
        let (surnames, weights) = surnames(people);
        Namer {
            surnames,
            weights,
            by_rank: Weights::new((0..30).map(|rank| 10_000 / (rank + 2))),
            cohorts,
            characters: pool.characters,
            rare,
            dotted: people.dotted.ethnicity.clone(),
            men: people.dotted.male.clone(),
            women: people.dotted.female.clone(),
        }
    }

    pub(crate) fn surname(&self, random: &mut Random) -> u16 {
        short(self.weights.draw(random))
    }

    /// A name of someone born in that year; `shared` is the first character that siblings have in common.
    pub(crate) fn name(&self, random: &mut Random, surname: u16, male: bool, year: i32, shared: Option<u16>) -> Called {
        let cohort = self.cohorts.iter().find(|cohort| year <= cohort.born_until).or(self.cohorts.last());
        let (characters, single) =
            cohort.map_or((&[][..], 0), |cohort| (if male { &*cohort.male } else { &*cohort.female }, cohort.single));
        let mut draw = || characters.get(self.by_rank.draw(random)).or(characters.first()).copied().unwrap_or(0);
        let (first, second) = (shared.unwrap_or_else(&mut draw), draw());
        let second = if shared.is_none() && random.chance(single) { NONE } else { second };
        Called { surname, given: [first, second] }
    }

    /// The same name with a character that few code tables hold.
    pub(crate) fn with_rare(&self, random: &mut Random, called: Called) -> Called {
        Called { given: [called.given[0], *random.pick(&self.rare)], ..called }
    }

    /// Whether people of that ethnicity have a name of several parts.
    pub(crate) fn is_dotted(&self, ethnicity: &str) -> bool {
        self.dotted == ethnicity
    }

    /// A name of two parts.
    pub(crate) fn dotted(&self, random: &mut Random, male: bool) -> Called {
        let first = if male { &self.men } else { &self.women };
        Called { surname: DOTTED, given: [short(random.below(first.len())), short(random.below(self.men.len()))] }
    }

    /// The name as it is written.
    pub(crate) fn spell(&self, called: Called, male: bool) -> String {
        let [first, second] = called.given.map(usize::from);
        if called.surname == DOTTED {
            return format!("{}·{}", if male { &self.men } else { &self.women }[first], self.men[second]);
        }
        let mut name = self.surnames[usize::from(called.surname)].clone();
        name.extend([first, second].into_iter().filter_map(|at| self.characters.get(at)));
        name
    }
}

/// All surnames with their weights, scaled up so that a share of a rare one's weight is still a whole number.
fn surnames(people: &People) -> (Vec<String>, Weights) {
    let of = &people.surname;
    let total: u32 = of.common.iter().map(|(_, weight)| weight).sum::<u32>() + of.rare_weight;
    let each = |weight: u32, count: usize| weight * 100 / u32::try_from(count.max(1)).unwrap_or(1);
    let rare: Vec<String> = of.rare.chars().map(String::from).collect();
    let weights = of.common.iter().map(|(_, weight)| weight * 100);
    let weights = weights.chain(rare.iter().map(|_| each(of.rare_weight, rare.len())));
    let weights = weights.chain(of.compound.iter().map(|_| each(total * of.compound_per_100000 / 100_000, of.compound.len())));
    let weights = Weights::new(weights.collect::<Vec<_>>());
    (of.common.iter().map(|(surname, _)| surname.clone()).chain(rare).chain(of.compound.iter().cloned()).collect(), weights)
}

/// Characters, each once.
#[derive(Default)]
struct Pool {
    characters: Vec<char>,
    known: HashMap<char, u16>,
}

impl Pool {
    fn places(&mut self, text: &str) -> Vec<u16> {
        text.chars().map(|character| self.place(character)).collect()
    }

    fn place(&mut self, character: char) -> u16 {
        *self.known.entry(character).or_insert_with(|| {
            self.characters.push(character);
            short(self.characters.len() - 1)
        })
    }
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Material;

    #[test]
    fn common_surnames_are_common_and_given_names_short() {
        let material = Material::embedded().unwrap();
        let namer = Namer::new(&material.people);
        let mut random = Random::new(1, "names");
        let names: Vec<String> = (0..10_000)
            .map(|_| {
                let surname = namer.surname(&mut random);
                let called = namer.name(&mut random, surname, true, 1985, None);
                namer.spell(called, true)
            })
            .collect();
        let wang = names.iter().filter(|name| name.starts_with('王')).count();
        assert!((600..850).contains(&wang), "{wang}");
        assert!(names.iter().all(|name| (2..=4).contains(&name.chars().count())));
    }

    #[test]
    fn a_name_may_have_a_rare_character_or_two_parts() {
        let material = Material::embedded().unwrap();
        let namer = Namer::new(&material.people);
        let mut random = Random::new(1, "names");
        let plain = namer.name(&mut random, 0, false, 2015, None);
        let rare = namer.spell(namer.with_rare(&mut random, plain), false);
        assert!(material.people.rare_given.contains(rare.chars().last().unwrap()), "{rare}");
        let dotted = namer.dotted(&mut random, false);
        assert!(namer.spell(dotted, false).contains('·') && dotted.surname().is_none());
    }
}
