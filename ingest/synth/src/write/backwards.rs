//! A mapping run backwards: from the things a row speaks of to its cells.

use crate::{
    dirt::{Cell, Dirt},
    material::Habits,
    random::Random,
    say::Thing,
    truth::{Sighted, Whose},
    view::{Sighting, Statement},
};
use std::collections::HashMap;
use wuwei_ingest::{Extract, Role, Source, When};
use wuwei_schema::{Codes, Kind, Model, Property};

/// An extract's mapping, made ready for many rows.
pub(super) struct Backwards<'a> {
    extract: &'a Extract,
    codes: &'a Codes,
    dirt: Dirt<'a>,
    habits: &'a Habits,
    places: HashMap<&'a str, usize>,
    roles: Vec<RoleBack<'a>>,
}

struct RoleBack<'a> {
    role: &'a Role,
    properties: Vec<PropertyBack<'a>>,
}

struct PropertyBack<'a> {
    stated: &'a Property,
    source: &'a Source,
    /// The source with each of its date formats alone; people use them all.
    formats: Vec<Source>,
}

/// Characters of an ISO date to the day.
const WHOLE_DATE: usize = 10;

type Row<'a> = (Vec<Cell>, Vec<Sighted<'a>>);

impl<'a> Backwards<'a> {
    pub(super) fn new(extract: &'a Extract, model: &'a Model, dirt: Dirt<'a>, habits: &'a Habits) -> Backwards<'a> {
        let places = extract.columns.iter().enumerate().map(|(place, heading)| (heading.as_str(), place)).collect();
        let roles = extract.roles.iter().map(|role| RoleBack { role, properties: properties(role, model) }).collect();
        Backwards { extract, codes: &model.codes, dirt, habits, places, roles }
    }

    /// The cells of the row of that number, and whose records of people it yields.
    pub(super) fn row(&self, statement: &Statement, random: &mut Random, number: u64) -> Row<'a> {
        let mut cells = vec![Cell::Text(String::new()); self.extract.columns.len()];
        let mut sighted = Vec::new();
        for back in &self.roles {
            let is = |sighting: &&Sighting| sighting.role == back.role.role && sighting.thing.entity() == back.role.entity;
            let seen: Vec<&Sighting> = statement.sightings.iter().filter(is).collect();
            let Some(first) = seen.first() else { continue };
            self.condition(back.role.when.as_ref(), &mut cells);
            for property in &back.properties {
                if property.source.list.is_some() {
                    self.list(property, &seen, statement, random, &mut cells);
                } else {
                    self.value(property, first, statement, random, &mut cells);
                }
            }
            let count = if back.role.is_list() { seen.len() } else { 1 };
            sighted.extend((1..).zip(&seen[..count]).filter_map(|(position, sighting)| match sighting.thing {
                Thing::Resident(resident) => Some(Sighted { role: &back.role.role, position, whose: Whose::Person(resident) }),
                Thing::Organization(ref organization) => {
                    Some(Sighted { role: &back.role.role, position, whose: Whose::Organization(organization.number) })
                }
                _ => None,
            }));
        }
        if statement.is_gone {
            self.condition(self.extract.deleted.as_ref(), &mut cells);
        }
        self.rest(statement, number, &mut cells);
        (cells, sighted)
    }

    /// Columns that are about no thing: the date, qualifiers of relations, notes, and what ignored columns are filled with.
    fn rest(&self, statement: &Statement, number: u64, cells: &mut [Cell]) {
        if let Some(observed) = &self.extract.observed {
            self.put(cells, observed.invert_as(&Kind::Date, &statement.on.to_string(), self.codes));
        }
        for mapping in &self.extract.relations {
            let said = statement.qualifiers.iter().find(|(relation, source, _)| *relation == mapping.relation && *source == mapping.source);
            if let (Some((_, _, qualifier)), Some(source)) = (said, &mapping.qualifier) {
                self.put(cells, source.invert_as(&source.qualifier_kind(), qualifier, self.codes));
            }
        }
        let notes = statement.notes.iter().map(|(heading, text)| ((*heading).to_owned(), text.clone()));
        self.put(cells, notes);
        let fill = self.habits.fill.iter().map(|(heading, text)| (heading.clone(), text.replace("{row}", &number.to_string())));
        self.put(cells, fill);
    }

    /// A row in which the role exists has one of the words of its condition.
    fn condition(&self, when: Option<&When>, cells: &mut [Cell]) {
        if let Some((when, word)) = when.and_then(|when| Some((when, when.is.first()?))) {
            self.put(cells, [(when.column.clone(), word.clone())]);
        }
    }

    fn value(&self, property: &PropertyBack<'_>, seen: &Sighting, statement: &Statement, random: &mut Random, cells: &mut [Cell]) {
        match self.soiled(property, seen, statement, random) {
            number @ Cell::Number(_) => {
                if let Some(column) = property.source.columns.first() {
                    self.put_cell(cells, column, number);
                }
            }
            Cell::Text(text) => {
                // A date without its day is written in the format that says so best; whole ones in any.
                let one_way = property.formats.is_empty() || text.len() < WHOLE_DATE;
                let source = if one_way { property.source } else { random.pick(&property.formats) };
                for (column, text) in source.invert_as(&property.stated.kind, &text, self.codes) {
                    self.weave(cells, &column, source, &text);
                    let cell = self.dirt.retype(random, &property.stated.kind, text);
                    self.put_cell(cells, &column, cell);
                }
            }
        }
    }

    /// All values of a list cell, in the order of their things.
    fn list(&self, property: &PropertyBack<'_>, seen: &[&Sighting], statement: &Statement, random: &mut Random, cells: &mut [Cell]) {
        let values: Vec<String> = seen.iter().map(|sighting| self.soiled(property, sighting, statement, random).into_text()).collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        // A list of nothing is an empty cell, not a row of separators.
        if values.iter().any(|value| !value.is_empty()) {
            self.put(cells, property.source.invert_list(property.stated, &values, self.codes));
        }
    }

    fn soiled(&self, property: &PropertyBack<'_>, seen: &Sighting, statement: &Statement, random: &mut Random) -> Cell {
        let value = match property.source.datum {
            Some(datum) => {
                let degrees = |name: &str| self.said(seen, name, statement).parse().unwrap_or(0.0);
                let (longitude, latitude) = datum.write(degrees("longitude"), degrees("latitude"));
                if property.stated.name == "longitude" { longitude } else { latitude }.to_string()
            }
            None => self.said(seen, &property.stated.name, statement),
        };
        self.dirt.soil(random, &property.stated.kind, value, &seen.thing, statement.on)
    }

    /// What the department has an opinion of, or else what is true.
    fn said(&self, seen: &Sighting, property: &str, statement: &Statement) -> String {
        let own = seen.instead.iter().find(|(name, _)| *name == property).map(|(_, value)| value.clone());
        own.unwrap_or_else(|| self.dirt.world.say(&seen.thing, property, statement.on))
    }

    /// Adds a piece to a cell that several properties write together.
    fn weave(&self, cells: &mut [Cell], column: &str, source: &Source, text: &str) {
        let Some(Cell::Text(standing)) = self.places.get(column).and_then(|&place| cells.get_mut(place)) else { return };
        if let Some(woven) = source.weave(standing, text) {
            *standing = woven;
        }
    }

    fn put(&self, cells: &mut [Cell], written: impl IntoIterator<Item = (String, String)>) {
        for (column, text) in written {
            self.put_cell(cells, &column, Cell::Text(text));
        }
    }

    /// The first to write a cell has it: two roles that read one column say the same.
    fn put_cell(&self, cells: &mut [Cell], column: &str, cell: Cell) {
        if let Some(place) = self.places.get(column).and_then(|&place| cells.get_mut(place)).filter(|place| place.is_empty()) {
            *place = cell;
        }
    }
}

fn properties<'a>(role: &'a Role, model: &'a Model) -> Vec<PropertyBack<'a>> {
    let stated = |name: &str| model.entity(&role.entity).and_then(|entity| entity.property(name));
    let each = role.properties.iter().filter_map(|(name, source)| {
        let alone = |format: &String| Source { dates: vec![format.clone()], ..source.clone() };
        let formats = if source.dates.len() > 1 { source.dates.iter().map(alone).collect() } else { Vec::new() };
        Some(PropertyBack { stated: stated(name)?, source, formats })
    });
    each.collect()
}
