//! What the county is made of: names, places and rates, read from the data files beside this crate. No number is decided here.

use crate::{
    calendar::{Day, TODAY},
    error::Error,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// All data files.
#[derive(Debug)]
pub(crate) struct Material {
    pub(crate) people: People,
    pub(crate) confusion: Confusion,
    pub(crate) places: Places,
    pub(crate) events: Events,
    pub(crate) population: Population,
    pub(crate) errors: BTreeMap<String, Errors>,
    pub(crate) extracts: BTreeMap<String, Habits>,
    pub(crate) reports: Reports,
}

impl Material {
    /// The files the crate carries.
    pub(crate) fn embedded() -> Result<Material, Error> {
        Ok(Material {
            people: read("people.toml", include_str!("../names/people.toml"))?,
            confusion: read("confusion.toml", include_str!("../names/confusion.toml"))?,
            places: read("places.toml", include_str!("../names/places.toml"))?,
            events: read("events.toml", include_str!("../names/events.toml"))?,
            population: read("population.toml", include_str!("../rates/population.toml"))?,
            errors: read("errors.toml", include_str!("../rates/errors.toml"))?,
            extracts: read("extracts.toml", include_str!("../rates/extracts.toml"))?,
            reports: read("reports.toml", include_str!("../rates/reports.toml"))?,
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
    pub(crate) surname: Surnames,
    pub(crate) cohort: Vec<Cohort>,
    pub(crate) dotted: Dotted,
    pub(crate) rare_given: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Surnames {
    pub(crate) common: Vec<(String, u32)>,
    pub(crate) rare: String,
    pub(crate) rare_weight: u32,
    pub(crate) compound: Vec<String>,
    pub(crate) compound_per_100000: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cohort {
    pub(crate) born_until: i32,
    pub(crate) single_percent: u32,
    pub(crate) male: String,
    pub(crate) female: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dotted {
    pub(crate) ethnicity: String,
    pub(crate) male: Vec<String>,
    pub(crate) female: Vec<String>,
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
    pub(crate) old_county: String,
    pub(crate) neighbours: Vec<(String, String)>,
    pub(crate) seat: String,
    pub(crate) first: String,
    pub(crate) second: String,
    pub(crate) townships: Vec<String>,
    pub(crate) street_first: String,
    pub(crate) street_second: String,
    pub(crate) street_kinds: Vec<String>,
    pub(crate) estates: Vec<String>,
    pub(crate) third: String,
    pub(crate) company_types: Vec<String>,
    pub(crate) enterprises: Vec<Trade>,
    pub(crate) shops: Vec<Trade>,
    pub(crate) societies: Vec<(String, String, String, String)>,
    pub(crate) schools: Vec<(String, String, i32, i32, u32)>,
    pub(crate) occupations: Vec<String>,
}

/// What an enterprise does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    pub(crate) name: String,
    pub(crate) share: u32,
    /// Class of GB/T 4754.
    pub(crate) industry: String,
    pub(crate) scope: String,
}

/// What happens in it, in words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Events {
    pub(crate) handlers: Vec<String>,
    pub(crate) hospitals: Vec<String>,
    pub(crate) law_firms: Vec<String>,
    pub(crate) disputes: Vec<String>,
    pub(crate) dispute_results: Vec<String>,
    pub(crate) performances: Vec<String>,
    pub(crate) legal_aid_causes: Vec<String>,
    pub(crate) legal_aid_groups: Vec<String>,
    pub(crate) labour_kinds: Vec<String>,
    pub(crate) labour_results: Vec<String>,
    pub(crate) street: Vec<[String; 3]>,
    pub(crate) street_sources: Vec<String>,
    pub(crate) components: Vec<[String; 3]>,
    pub(crate) hotline: Vec<[String; 3]>,
    pub(crate) ratings: Vec<String>,
    pub(crate) petitions: Vec<[String; 2]>,
    pub(crate) petition_forms: Vec<String>,
    pub(crate) hazards: Vec<[String; 2]>,
    pub(crate) operations: Vec<[String; 2]>,
    pub(crate) complaints: Vec<String>,
    pub(crate) complaint_results: Vec<String>,
    pub(crate) incidents: Vec<[String; 2]>,
    pub(crate) employments: Vec<String>,
    pub(crate) positions: Vec<String>,
    pub(crate) food_kinds: Vec<String>,
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
    pub(crate) dead_member: u32,
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
    pub(crate) changed_phone: u32,
    pub(crate) dwellings_per_1000: usize,
    pub(crate) vehicles_per_1000: usize,
    pub(crate) grids_per_100000: usize,
    pub(crate) societies_per_100000: usize,
    pub(crate) schools_per_100000: usize,
    pub(crate) enterprises_per_1000: usize,
    pub(crate) companies_per_1000: usize,
    pub(crate) stays_most: i32,
    pub(crate) company_owned: u32,
    pub(crate) grids_of_community: usize,
    pub(crate) communities_of_township: usize,
    pub(crate) urban: u32,
}

/// The figures that the county's offices hand in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reports {
    pub(crate) quarters: i32,
    pub(crate) report: Vec<Reported>,
}

/// One of them, of the last quarter; before, it was worse by `gain` a quarter.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reported {
    pub(crate) indicator: String,
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) surveyor: String,
    /// Whether the county has one figure instead of one a township.
    #[serde(default)]
    pub(crate) of_county: bool,
    /// Out of so many in a township; none where only the value is known.
    pub(crate) out_of: Option<u32>,
    /// In per cent where there is something to be out of, for each of them where `each`.
    pub(crate) value: f64,
    pub(crate) gain: f64,
    #[serde(default)]
    pub(crate) each: bool,
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
    pub(crate) id_float: u32,
    pub(crate) id_quoted: u32,
    pub(crate) id_full_width: u32,
    pub(crate) id_spaced: u32,
    pub(crate) id_grouped: u32,
    pub(crate) id_masked: u32,
    pub(crate) id_prefix: u32,
    pub(crate) id_impossible: u32,
    pub(crate) id_lower_x: u32,
    pub(crate) name_spaced: u32,
    pub(crate) name_homophone: u32,
    pub(crate) name_similar: u32,
    pub(crate) name_variant: u32,
    pub(crate) name_title: u32,
    pub(crate) name_anonymous: u32,
    pub(crate) name_latin: u32,
    pub(crate) name_spelled: u32,
    pub(crate) name_private: u32,
    pub(crate) name_lost: u32,
    pub(crate) name_dot: u32,
    pub(crate) sex_clash: u32,
    pub(crate) birth_month_only: u32,
    pub(crate) date_zero: u32,
    pub(crate) date_lunar: u32,
    pub(crate) date_future: u32,
    pub(crate) month_number_cell: u32,
    pub(crate) phone_of_relative: u32,
    pub(crate) phone_missing: u32,
    pub(crate) phone_number_cell: u32,
    pub(crate) phone_float: u32,
    pub(crate) phone_prefixed: u32,
    pub(crate) phone_two: u32,
    pub(crate) phone_dummy: u32,
    pub(crate) address_no_room: u32,
    pub(crate) address_short: u32,
    pub(crate) address_old_name: u32,
    pub(crate) address_no_county: u32,
    pub(crate) code_lost_zero: u32,
    pub(crate) code_look_alike: u32,
    pub(crate) number_grouped: u32,
    pub(crate) null_word: u32,
    pub(crate) coordinates_swapped: u32,
    pub(crate) row_mojibake: u32,
    pub(crate) row_unquoted: u32,
    pub(crate) row_repeated: u32,
    pub(crate) row_blank: u32,
}

/// How one extract is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Habits {
    /// Rows for 100,000 people.
    pub(crate) per_100000: u32,
    /// Which rates of `errors.toml` apply.
    pub(crate) origin: String,
    /// Days between the newest row and the county's today.
    pub(crate) lag_days: i32,
    /// Days over which the rows were last touched.
    pub(crate) span_days: i32,
    /// The title above the heading; `{year}` is the delivery's.
    #[serde(default)]
    pub(crate) title: String,
    /// Whether its text begins with a byte order mark.
    #[serde(default)]
    pub(crate) bom: bool,
    /// A line below the rows.
    #[serde(default)]
    pub(crate) footer: String,
    /// What ignored columns hold; `{row}` counts the rows.
    #[serde(default)]
    pub(crate) fill: BTreeMap<String, String>,
    /// The day of the delivery.
    #[serde(skip, default = "today")]
    pub(crate) today: Day,
}

fn today() -> Day {
    TODAY
}

impl Habits {
    /// Of an extract that a department file adds and this crate has not heard of.
    pub(crate) fn unknown() -> Habits {
        Habits {
            per_100000: 0,
            origin: String::new(),
            lag_days: 1,
            span_days: 300,
            title: String::new(),
            bom: false,
            footer: String::new(),
            fill: BTreeMap::new(),
            today: TODAY,
        }
    }

    /// The title of the delivery's year.
    pub(crate) fn title(&self) -> String {
        self.title.replace("{year}", &self.today.year().to_string())
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
}
