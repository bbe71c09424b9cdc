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

/// A row to be written, and the truth of it.
pub(super) struct Row<'a> {
    pub(super) cells: Vec<Cell>,
    /// Whose records it yields.
    pub(super) sighted: Vec<Sighted<'a>>,
    /// Columns whose cells went wrong, and how.
    pub(super) spoilt: Vec<(&'a str, &'static str)>,
}

impl<'a> Backwards<'a> {
    pub(super) fn new(extract: &'a Extract, model: &'a Model, dirt: Dirt<'a>, habits: &'a Habits) -> Backwards<'a> {
        let places = extract.columns.iter().enumerate().map(|(place, heading)| (heading.as_str(), place)).collect();
        let roles = extract.roles.iter().map(|role| RoleBack { role, properties: properties(role, model) }).collect();
        Backwards { extract, codes: &model.codes, dirt, habits, places, roles }
    }

    /// The row of that number.
    pub(super) fn row(&self, statement: &Statement, random: &mut Random, number: u64) -> Row<'a> {
        let cells = vec![Cell::Text(String::new()); self.extract.columns.len()];
        let spoilt = statement.spoilt.iter().map(|kind| ("", *kind)).collect();
        let mut row = Row { cells, sighted: Vec::new(), spoilt };
        for back in &self.roles {
            let is = |sighting: &&Sighting| sighting.role == back.role.role && sighting.thing.entity() == back.role.entity;
            let seen: Vec<&Sighting> = statement.sightings.iter().filter(is).collect();
            let Some(first) = seen.first() else { continue };
            self.condition(back.role.when.as_ref(), &mut row.cells);
            for property in &back.properties {
                if property.source.list.is_some() {
                    self.list(property, &seen, statement, random, &mut row);
                } else {
                    self.value(property, first, statement, random, &mut row);
                }
            }
            let count = if back.role.is_list() { seen.len() } else { 1 };
            row.sighted.extend((1..).zip(&seen[..count]).filter_map(|(position, sighting)| match sighting.thing {
                Thing::Resident(resident) => Some(Sighted { role: &back.role.role, position, whose: Whose::Person(resident) }),
                Thing::Organization(ref organization) => {
                    Some(Sighted { role: &back.role.role, position, whose: Whose::Organization(organization.number) })
                }
                _ => None,
            }));
        }
        if statement.is_gone {
            self.condition(self.extract.deleted.as_ref(), &mut row.cells);
        }
        self.rest(statement, number, &mut row.cells);
        row
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

    fn value(&self, property: &PropertyBack<'a>, seen: &Sighting, statement: &Statement, random: &mut Random, row: &mut Row<'a>) {
        let source = property.source;
        let (cell, mut spoilt) = self.soiled(property, seen, statement, random);
        let mut is_written = false;
        match cell {
            number @ Cell::Number(_) => {
                let column = source.columns.first();
                is_written = column.is_some_and(|column| self.put_cell(&mut row.cells, column, number));
            }
            Cell::Text(text) => {
                // A date without its day is written in the format that says so best; whole ones in any.
                let one_way = property.formats.is_empty() || text.len() < WHOLE_DATE;
                let source = if one_way { source } else { random.pick(&property.formats) };
                for (column, text) in source.invert_as(&property.stated.kind, &text, self.codes) {
                    self.weave(&mut row.cells, &column, source, &text);
                    let cell = self.dirt.retype(random, &property.stated.kind, text);
                    spoilt = spoilt.or(self.dirt.noted());
                    is_written |= self.put_cell(&mut row.cells, &column, cell);
                }
            }
        }
        let spoilt = source.columns.first().zip(spoilt).filter(|_| is_written);
        row.spoilt.extend(spoilt.map(|(column, kind)| (column.as_str(), kind)));
    }

    /// All values of a list cell, in the order of their things.
    fn list(&self, property: &PropertyBack<'a>, seen: &[&Sighting], statement: &Statement, random: &mut Random, row: &mut Row<'a>) {
        let column = property.source.columns.first().map_or("", String::as_str);
        let mut values = Vec::new();
        for sighting in seen {
            let (cell, spoilt) = self.soiled(property, sighting, statement, random);
            values.push(cell.into_text());
            row.spoilt.extend(spoilt.map(|kind| (column, kind)));
        }
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        // A list of nothing is an empty cell, not a row of separators.
        if values.iter().any(|value| !value.is_empty()) {
            self.put(&mut row.cells, property.source.invert_list(property.stated, &values, self.codes));
        }
    }

    /// What gets into the file, and the kind of what went wrong with it, if anything did.
    fn soiled(
        &self,
        property: &PropertyBack<'_>,
        seen: &Sighting,
        statement: &Statement,
        random: &mut Random,
    ) -> (Cell, Option<&'static str>) {
        let value = match property.source.datum {
            Some(datum) => {
                let degrees = |name: &str| self.said(seen, name, statement).parse().unwrap_or(0.0);
                let (longitude, latitude) = datum.write(degrees("longitude"), degrees("latitude"));
                if property.stated.name == "longitude" { longitude } else { latitude }.to_string()
            }
            None => self.said(seen, &property.stated.name, statement),
        };
        let cell = self.dirt.soil(random, &property.stated.kind, value.clone(), &seen.thing, statement.on);
        // Some slips leave some values as they are: a number that ends in X is no number to a spreadsheet.
        let is_same = matches!(&cell, Cell::Text(text) if *text == value);
        (cell, self.dirt.noted().filter(|_| !is_same))
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

    /// The first to write a cell has it: two roles that read one column say the same. Whether it was.
    fn put_cell(&self, cells: &mut [Cell], column: &str, cell: Cell) -> bool {
        let place = self.places.get(column).and_then(|&place| cells.get_mut(place)).filter(|place| place.is_empty());
        place.map(|place| *place = cell).is_some()
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
