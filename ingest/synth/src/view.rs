//! What each extract sees: which of the county's things appear in it, row by row, and on what day it knew them. How a row is written, and
//! what goes wrong with it, is told elsewhere.

mod city;
mod civil;
mod grid;
mod health;
mod housing;
mod justice;
mod labour;
mod market;
mod occasion;
mod petition;
mod police;
mod report;
mod safety;
mod school;

use crate::{
    calendar::Day,
    error::Error,
    material::{Errors, Habits},
    random::Random,
    say::Thing,
    world::World,
};

/// One row to be.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Which row of its extract this is, delivery after delivery.
    pub(crate) key: u64,
    /// How often it was written anew; what went wrong before may be right then.
    pub(crate) revision: u32,
    /// The day on which the department knew this.
    pub(crate) on: Day,
    /// The day on which it last touched the row.
    pub(crate) changed: Day,
    /// Whether it says that something is no longer so.
    pub(crate) is_gone: bool,
    /// What the row speaks of; several of one role are a list.
    pub(crate) sightings: Vec<Sighting>,
    /// Relation type, the role it starts from, and its qualifier.
    pub(crate) qualifiers: Vec<(&'static str, &'static str, &'static str)>,
    /// What stands in columns that are not mapped, by heading.
    pub(crate) notes: Vec<(&'static str, String)>,
    /// Kinds of dirt that it has already.
    pub(crate) spoilt: Vec<&'static str>,
}

/// One thing in a role.
#[derive(Debug)]
pub(crate) struct Sighting {
    pub(crate) role: &'static str,
    pub(crate) thing: Thing,
    /// Properties of which the department has its own opinion.
    pub(crate) instead: Vec<(&'static str, String)>,
}

impl Statement {
    /// Of something that is written once, on that day.
    pub(crate) fn new(key: u64, on: Day) -> Statement {
        let (sightings, qualifiers, notes, spoilt) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Statement { key, revision: 0, on, changed: on, is_gone: false, sightings, qualifiers, notes, spoilt }
    }

    fn see(self, role: &'static str, thing: Thing) -> Statement {
        self.see_as(role, thing, Vec::new())
    }

    fn see_as(mut self, role: &'static str, thing: Thing, instead: Vec<(&'static str, String)>) -> Statement {
        self.sightings.push(Sighting { role, thing, instead });
        self
    }

    fn qualify(mut self, relation: &'static str, source: &'static str, qualifier: &'static str) -> Statement {
        self.qualifiers.push((relation, source, qualifier));
        self
    }

    fn note(mut self, heading: &'static str, text: String) -> Statement {
        self.notes.push((heading, text));
        self
    }

    fn spoil(mut self, kind: Option<&'static str>) -> Statement {
        self.spoilt.extend(kind);
        self
    }

    /// Not before that day: what happens later cannot be known.
    fn not_before(mut self, day: Day) -> Statement {
        self.on = self.on.max(day);
        self.changed(day)
    }

    /// Touched again on that day, without saying another one.
    fn changed(mut self, day: Day) -> Statement {
        self.changed = self.changed.max(day).max(self.on);
        self
    }

    fn gone(mut self) -> Statement {
        self.is_gone = true;
        self
    }
}

/// When a department touched its rows, and what it made of each.
#[derive(Debug)]
pub(crate) struct Hand<'a> {
    touches: Random,
    choices: Random,
    habits: &'a Habits,
    rates: &'a Errors,
    /// The last day that each delivery knows of, up to the one that is being written.
    known: &'a [Day],
}

impl<'a> Hand<'a> {
    /// The hand that writes an extract; there is at least one delivery.
    pub(crate) fn new(seed: u64, extract: &str, habits: &'a Habits, rates: &'a Errors, known: &'a [Day]) -> Hand<'a> {
        Hand { touches: Random::new(seed, &format!("touches of {extract}")), choices: Random::new(seed, extract), habits, rates, known }
    }

    /// The last day that this delivery knows of.
    pub(crate) fn today(&self) -> Day {
        self.known.last().copied().unwrap_or(Day::NEVER)
    }

    /// What the department makes of one row: the same in each delivery.
    fn random(&self, key: impl Into<u64>) -> Random {
        self.choices.at(key.into())
    }

    /// The row of that key, as it was last written: more of them of late than long ago, and in each later month some anew.
    fn row(&self, key: impl Into<u64>) -> Statement {
        const MONTH: i32 = 30;
        let key = key.into();
        let mut random = self.touches.at(key);
        let (drawn, span) = (random.between(0, 1000), self.habits.span_days);
        let mut row = Statement::new(key, self.known.first().copied().unwrap_or(Day::NEVER).plus(-span * (drawn * drawn / 1000) / 1000));
        let share = u32::try_from(100_000 * MONTH / span.max(MONTH)).unwrap_or(0);
        for (revision, pair) in (1..).zip(self.known.windows(2)) {
            let day = pair[1].plus(-random.between(0, (pair[1].0 - pair[0].0 - 1).max(0)));
            if random.chance(share) {
                (row.on, row.changed, row.revision) = (day, day, revision);
            }
        }
        row
    }
}

/// Where rows go.
pub(crate) type Sink<'s> = &'s mut dyn FnMut(Statement) -> Result<(), Error>;

/// Hands out the rows of an extract, in the order of its file.
pub(crate) type View = fn(&World, &Hand<'_>, Sink<'_>) -> Result<(), Error>;

/// The view that a mapping names as its `synth`.
pub(crate) fn find(name: &str) -> Option<View> {
    VIEWS.iter().find(|(known, _)| *known == name).map(|(_, view)| *view)
}

const VIEWS: [(&str, View); 41] = [
    ("ga_hjrk", police::household_register),
    ("ga_ldrk", police::floating),
    ("ga_czf", police::rented_dwellings),
    ("ga_jdc", police::vehicles),
    ("sf_tj", justice::disputes),
    ("sf_flyz", justice::legal_aid),
    ("sf_sqjz", justice::corrections),
    ("mz_czrk", civil::community_residents),
    ("mz_dbry", civil::allowances),
    ("mz_hydj", civil::marriages),
    ("mz_shzz", civil::societies),
    ("cg_aj", city::cases),
    ("cg_bj", city::components),
    ("cg_mqsb", city::shop_fronts),
    ("wj_cs", health::births),
    ("wj_sw", health::deaths),
    ("wj_jkda", health::health_files),
    ("wj_jz", health::vaccinations),
    ("zj_fw", housing::houses),
    ("zj_htba", housing::sales),
    ("zj_zl", housing::leases),
    ("rs_cb", labour::insured),
    ("rs_jy", labour::employments),
    ("rs_ldzc", labour::arbitrations),
    ("jy_xj", school::pupils),
    ("jy_xx", school::schools),
    ("jy_rx", school::applications),
    ("xf_xfj", petition::petitions),
    ("xf_12345", petition::calls),
    ("yj_qy", safety::enterprises),
    ("yj_yh", safety::hazards),
    ("yj_tzzy", safety::licences),
    ("sc_zt", market::entities),
    ("sc_gg", market::officers),
    ("sc_spxk", market::food_licences),
    ("sc_12315", market::complaints),
    ("wg_rk", grid::residents),
    ("wg_fw", grid::dwellings),
    ("wg_sj", grid::incidents),
    ("wg_wg", grid::grids),
    ("wg_zb", report::figures),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calendar::TODAY, material::Material};
    use std::collections::{HashMap, HashSet};

    /// The rows of a view in each of the deliveries made on those days.
    fn rows(world: &World, name: &str, known: &[Day]) -> Vec<Statement> {
        let (habits, rates) = (&world.material.extracts[name], Errors::default());
        let hand = Hand::new(1, name, habits, &rates, known);
        let mut rows = Vec::new();
        find(name).unwrap()(world, &hand, &mut |statement| {
            rows.push(statement);
            Ok(())
        })
        .unwrap();
        rows
    }

    #[test]
    fn every_view_has_the_rows_it_should_and_knows_no_future() {
        let world = World::build(10_000, 1, TODAY, Material::embedded().unwrap());
        let mut wrong = Vec::new();
        for (name, _) in VIEWS {
            let rows = rows(&world, name, &[TODAY]);
            let expected = f64::from(world.material.extracts[name].per_100000) / 100.0;
            let per_1000 = rows.len() as f64 / 10.0;
            // The few of a small county are not to be counted in percent.
            let slack = (expected * 0.1).max(0.5);
            if (per_1000 - expected).abs() > slack {
                wrong.push(format!("{name}: {per_1000} for {expected}"));
            }
            assert!(rows.iter().all(|row| row.on <= row.changed && row.changed <= TODAY && !row.sightings.is_empty()), "{name}");
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_row_keeps_its_key_from_delivery_to_delivery_and_few_are_new() {
        let world = World::build(4_000, 1, TODAY, Material::embedded().unwrap());
        let known = [TODAY.months_before(1), TODAY];
        for (name, _) in VIEWS {
            let before: HashMap<u64, Day> = rows(&world, name, &known[..1]).iter().map(|row| (row.key, row.on)).collect();
            let now = rows(&world, name, &known);
            let keys: HashSet<u64> = now.iter().map(|row| row.key).collect();
            assert_eq!(keys.len(), now.len(), "{name}: two rows of one key");
            let same = now.iter().filter(|row| before.contains_key(&row.key)).count();
            assert!(same * 10 >= now.len() * 8 || now.len() < 20, "{name}: {same} of {}", now.len());
            assert!(before.values().all(|on| *on <= known[0]), "{name}");
        }
    }
}
