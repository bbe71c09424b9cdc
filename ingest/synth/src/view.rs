//! What each extract sees: which of the county's things appear in it, row by row, and on what day it knew them. How a row is written, and
//! what goes wrong with it, is told elsewhere.

mod civil;
mod grid;
mod police;
mod school;

use crate::{
    calendar::{Day, TODAY},
    error::Error,
    material::Habits,
    random::Random,
    say::Thing,
    world::World,
};

/// One row to be.
#[derive(Debug)]
pub(crate) struct Statement {
    /// The day on which the department knew this.
    pub(crate) on: Day,
    /// What the row speaks of; several of one role are a list.
    pub(crate) sightings: Vec<Sighting>,
    /// Relation type, the role it starts from, and its qualifier.
    pub(crate) qualifiers: Vec<(&'static str, &'static str, &'static str)>,
    /// What stands in columns that are not mapped, by heading.
    pub(crate) notes: Vec<(&'static str, String)>,
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
    fn new(on: Day) -> Statement {
        Statement { on, sightings: Vec::new(), qualifiers: Vec::new(), notes: Vec::new() }
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
}

/// When a department last touched its rows.
#[derive(Debug)]
pub(crate) struct Hand<'a> {
    pub(crate) random: Random,
    pub(crate) habits: &'a Habits,
}

impl Hand<'_> {
    /// The day of a row: more of them of late than long ago.
    fn day(&mut self) -> Day {
        let drawn = self.random.between(0, 1000);
        TODAY.plus(-self.habits.lag_days - self.habits.span_days * (drawn * drawn / 1000) / 1000)
    }
}

/// Where rows go.
pub(crate) type Sink<'s> = &'s mut dyn FnMut(Statement) -> Result<(), Error>;

/// Hands out the rows of an extract, in the order of its file.
pub(crate) type View = fn(&World, &mut Hand<'_>, Sink<'_>) -> Result<(), Error>;

/// The view that a mapping names as its `synth`.
pub(crate) fn find(name: &str) -> Option<View> {
    VIEWS.iter().find(|(known, _)| *known == name).map(|(_, view)| *view)
}

const VIEWS: [(&str, View); 11] = [
    ("ga_hjrk", police::household_register),
    ("ga_czf", police::rented_dwellings),
    ("ga_jdc", police::vehicles),
    ("mz_czrk", civil::community_residents),
    ("mz_hydj", civil::marriages),
    ("mz_shzz", civil::societies),
    ("jy_xj", school::pupils),
    ("jy_xx", school::schools),
    ("wg_rk", grid::residents),
    ("wg_fw", grid::dwellings),
    ("wg_wg", grid::grids),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Material;

    #[test]
    fn every_view_has_habits_and_about_the_rows_it_should() {
        let world = World::build(10_000, 1, Material::embedded().unwrap());
        let rows_per_1000 = |name: &str| {
            let mut rows = 0;
            let habits = &world.material.extracts[name];
            let mut hand = Hand { random: Random::new(1, name), habits };
            find(name).unwrap()(&world, &mut hand, &mut |statement| {
                assert!(statement.on <= TODAY && !statement.sightings.is_empty());
                rows += 1;
                Ok(())
            })
            .unwrap();
            f64::from(rows) / 10.0
        };
        for (name, expected) in [
            ("ga_hjrk", 780.0),
            ("ga_czf", 90.0),
            ("ga_jdc", 320.0),
            ("mz_czrk", 520.0),
            ("mz_hydj", 220.0),
            ("mz_shzz", 1.3),
            ("jy_xj", 150.0),
            ("jy_xx", 0.4),
            ("wg_rk", 1040.0),
            ("wg_fw", 480.0),
            ("wg_wg", 1.6),
        ] {
            let rows = rows_per_1000(name);
            assert!((expected * 0.75..expected * 1.25).contains(&rows), "{name}: {rows}");
        }
    }
}
