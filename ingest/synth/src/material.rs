//! What the county is made of: names, places and rates, read from the data files beside this crate. No number is decided here.

use crate::{
    error::Error,
    random::{Random, Weights},
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// All data files.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) people: People,
    pub(crate) confusion: Confusion,
    pub(crate) places: Places,
    pub(crate) population: Population,
    pub(crate) errors: BTreeMap<String, Errors>,
    pub(crate) extracts: BTreeMap<String, Habits>,
}

impl Material {
    /// The files the crate carries.
    pub(crate) fn embedded() -> Result<Material, Error> {
        Ok(Material {
            people: read("people.toml", include_str!("../names/people.toml"))?,
            confusion: read("confusion.toml", include_str!("../names/confusion.toml"))?,
            places: read("places.toml", include_str!("../names/places.toml"))?,
            population: read("population.toml", include_str!("../rates/population.toml"))?,
            errors: read("errors.toml", include_str!("../rates/errors.toml"))?,
            extracts: read("extracts.toml", include_str!("../rates/extracts.toml"))?,
        })
    }
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::Material { file, detail: error.to_string() })
}

/// How people are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    surname: Surnames,
    cohort: Vec<Cohort>,
    dotted: Dotted,
    rare_given: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Surnames {
    common: Vec<(String, u32)>,
    rare: String,
    rare_weight: u32,
    compound: Vec<String>,
    compound_per_100000: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cohort {
    born_until: i32,
    single_percent: u32,
    male: String,
    female: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dotted {
    ethnicity: String,
    male: Vec<String>,
    female: Vec<String>,
}

/// How names go wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confusion {
    pub(crate) homophones: Vec<String>,
    pub(crate) similar: Vec<String>,
    pub(crate) variants: Vec<String>,
    pub(crate) titles: Vec<String>,
    pub(crate) dots: String,
}

/// The county, its neighbours, and what things in it are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Places {
    pub(crate) code: String,
    pub(crate) county: String,
    pub(crate) neighbours: Vec<(String, String)>,
    pub(crate) seat: String,
    pub(crate) first: String,
    pub(crate) second: String,
    pub(crate) townships: Vec<String>,
    pub(crate) street_first: String,
    pub(crate) street_second: String,
    pub(crate) street_kinds: Vec<String>,
    pub(crate) estates: Vec<String>,
    pub(crate) enterprises: Vec<(String, u32)>,
    pub(crate) societies: Vec<(String, String, String, String)>,
    pub(crate) schools: Vec<(String, String, i32, i32, u32)>,
    pub(crate) occupations: Vec<String>,
}

/// Who lives in the county; so many of 100,000 unless the name says otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) age_groups: Vec<u32>,
    pub(crate) household_sizes: Vec<u32>,
    pub(crate) collective_households: u32,
    pub(crate) floating: u32,
    pub(crate) registered_elsewhere: u32,
    pub(crate) absent_member: u32,
    pub(crate) moved_floating: u32,
    pub(crate) moved_local: u32,
    pub(crate) widowed: u32,
    pub(crate) divorced: u32,
    pub(crate) twins: u32,
    pub(crate) takes_mothers_surname: u32,
    pub(crate) has_former_name: u32,
    pub(crate) has_rare_character: u32,
    pub(crate) ethnicities: Vec<(String, u32)>,
    pub(crate) married_here: u32,
    pub(crate) spouse_phone: u32,
    pub(crate) old_phone: u32,
    pub(crate) dwellings_per_1000: usize,
    pub(crate) vehicles_per_1000: usize,
    pub(crate) grids_per_100000: usize,
    pub(crate) societies_per_100000: usize,
    pub(crate) schools_per_100000: usize,
    pub(crate) enterprises_per_1000: usize,
    pub(crate) company_owned: u32,
    pub(crate) grids_of_community: usize,
    pub(crate) communities_of_township: usize,
    pub(crate) urban: u32,
}

/// How often values of one origin go wrong, of 100,000.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Errors {
    pub(crate) id_missing: u32,
    pub(crate) id_digit_wrong: u32,
    pub(crate) id_swapped: u32,
    pub(crate) id_short: u32,
    pub(crate) id_of_relative: u32,
    pub(crate) id_fifteen: u32,
    pub(crate) id_scientific: u32,
    pub(crate) id_quoted: u32,
    pub(crate) id_full_width: u32,
    pub(crate) id_lower_x: u32,
    pub(crate) name_spaced: u32,
    pub(crate) name_homophone: u32,
    pub(crate) name_similar: u32,
    pub(crate) name_variant: u32,
    pub(crate) name_title: u32,
    pub(crate) name_dot: u32,
    pub(crate) birth_month_only: u32,
    pub(crate) month_number_cell: u32,
    pub(crate) phone_of_relative: u32,
    pub(crate) phone_missing: u32,
    pub(crate) phone_number_cell: u32,
    pub(crate) address_no_room: u32,
    pub(crate) code_lost_zero: u32,
    pub(crate) row_repeated: u32,
    pub(crate) row_blank: u32,
}

/// How one extract is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Habits {
    /// Which rates of `errors.toml` apply.
    pub(crate) origin: String,
    /// Days between the newest row and the county's today.
    pub(crate) lag_days: i32,
    /// Days over which the rows were last touched.
    pub(crate) span_days: i32,
    /// The title above the heading; `{year}` is the county's.
    #[serde(default)]
    pub(crate) title: String,
    /// A line below the rows.
    #[serde(default)]
    pub(crate) footer: String,
    /// What ignored columns hold; `{row}` counts the rows.
    #[serde(default)]
    pub(crate) fill: BTreeMap<String, String>,
}

impl Habits {
    /// The title of that year.
    pub(crate) fn title_of(&self, year: i32) -> String {
        self.title.replace("{year}", &year.to_string())
    }
}

/// Draws names.
#[derive(Debug)]
pub(crate) struct Namer<'a> {
    people: &'a People,
    surnames: Vec<String>,
    weights: Weights,
    by_rank: Weights,
}

impl<'a> Namer<'a> {
    pub(crate) fn new(people: &'a People) -> Namer<'a> {
        let Surnames { common, rare, rare_weight, compound, compound_per_100000 } = &people.surname;
        // Scaled up so that a share of a rare weight is still a whole number.
        let total: u32 = common.iter().map(|(_, weight)| weight).sum::<u32>() + rare_weight;
        let each = |weight: u32, of: usize| weight * 100 / u32::try_from(of.max(1)).unwrap_or(1);
        let rare: Vec<String> = rare.chars().map(String::from).collect();
        let weights = common.iter().map(|(_, weight)| weight * 100);
        let weights = weights.chain(rare.iter().map(|_| each(*rare_weight, rare.len())));
        let weights = weights.chain(compound.iter().map(|_| each(total * compound_per_100000 / 100_000, compound.len())));
        let weights = Weights::new(weights.collect::<Vec<_>>());
        let surnames = common.iter().map(|(surname, _)| surname.clone()).chain(rare).chain(compound.iter().cloned()).collect();
        Namer { people, surnames, weights, by_rank: Weights::new((0..30).map(|rank| 10_000 / (rank + 2))) }
    }

    pub(crate) fn surname(&self, random: &mut Random) -> &str {
        self.surnames.get(self.weights.draw(random)).map_or("王", String::as_str)
    }

    /// A given name of someone born in that year; `shared` is the first character that siblings have in common.
    pub(crate) fn given(&self, random: &mut Random, male: bool, year: i32, shared: Option<char>) -> String {
        let cohort = self.people.cohort.iter().find(|cohort| year <= cohort.born_until).or(self.people.cohort.last());
        let (characters, single) =
            cohort.map_or(("", 0), |cohort| (if male { &*cohort.male } else { &*cohort.female }, cohort.single_percent));
        let mut draw = || characters.chars().nth(self.by_rank.draw(random)).or(characters.chars().next()).unwrap_or('平');
        let (first, second) = (shared.unwrap_or_else(&mut draw), draw());
        if shared.is_none() && random.chance(single * 1000) { first.to_string() } else { [first, second].iter().collect() }
    }

    /// A character that few code tables hold.
    pub(crate) fn rare(&self, random: &mut Random) -> char {
        let all: Vec<char> = self.people.rare_given.chars().collect();
        *random.pick(&all)
    }

    /// Whether people of that ethnicity have a name of several parts.
    pub(crate) fn is_dotted(&self, ethnicity: &str) -> bool {
        self.people.dotted.ethnicity == ethnicity
    }

    /// A name of two parts.
    pub(crate) fn dotted(&self, random: &mut Random, male: bool) -> String {
        let Dotted { male: men, female: women, .. } = &self.people.dotted;
        format!("{}·{}", random.pick(if male { men } else { women }), random.pick(men))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carried_files_are_whole_and_every_extract_has_known_habits() {
        let material = Material::embedded().unwrap();
        assert_eq!(material.population.age_groups.iter().sum::<u32>(), 100_000);
        for (extract, habits) in &material.extracts {
            assert!(material.errors.contains_key(&habits.origin), "{extract}");
        }
        let invented = |code: &str| code.starts_with("9901") || code.starts_with("90");
        assert!(material.places.neighbours.iter().all(|(code, _)| invented(code) && code.len() == 6));
    }

    #[test]
    fn common_surnames_are_common() {
        let material = Material::embedded().unwrap();
        let namer = Namer::new(&material.people);
        let mut random = Random::new(1, "names");
        let wang = (0..10_000).filter(|_| namer.surname(&mut random) == "王").count();
        assert!((600..850).contains(&wang), "{wang}");
        assert!((0..200).all(|_| (1..=2).contains(&namer.given(&mut random, true, 1985, None).chars().count())));
    }
}
