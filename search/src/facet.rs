//! How what was found is distributed: each entity once a value, by what the records say that it was found by. A record without a property,
//! or one whose property whoever asks may not find by, counts for nothing there.

use crate::{Class, Error, Index, gather::Row, permit::Permitted, way::Way};
use serde::Serialize;
use std::collections::BTreeMap;
use tantivy::schema::Field;

/// The numbers beside an answer, of all that was found, in order of their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facets {
    /// By class.
    pub classes: Vec<Count<Class>>,
    /// By department, its code.
    pub departments: Vec<Count<String>>,
    /// By the division that gave out the id, six places.
    pub areas: Vec<Count<String>>,
    /// By the decade of a date, mostly that of birth: 1980 is the years up to 1989.
    pub decades: Vec<Count<String>>,
}

/// How many entities have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count<V> {
    /// The value.
    pub value: V,
    /// How many.
    pub entities: usize,
}

impl Index {
    pub(crate) fn facets<'a>(&self, found: impl Iterator<Item = (Class, &'a [Row])>, permitted: &Permitted<'_>) -> Result<Facets, Error> {
        let (areas, days) = (self.narrowing(Narrowing::Area)?, self.narrowing(Narrowing::Day)?);
        let mut classes = BTreeMap::new();
        let (mut by_department, mut by_area, mut by_decade) = (Counts::default(), Counts::default(), Counts::default());
        for (class, rows) in found {
            *classes.entry(class).or_default() += 1;
            by_department.add(rows.iter().map(|row| u64::from(row.department)));
            by_area.add(rows.iter().flat_map(|row| areas.of(row, permitted)));
            by_decade.add(rows.iter().flat_map(|row| days.of(row, permitted)).map(|day| day / 100_000 * 10));
        }
        let department =
            |place: u64| usize::try_from(place).ok().and_then(|place| self.departments.get(place)).cloned().unwrap_or_default();
        Ok(Facets {
            classes: said(classes, |class| class),
            departments: said(by_department.entities, department),
            areas: said(by_area.entities, |area| format!("{area:06}")),
            decades: said(by_decade.entities, |decade| decade.to_string()),
        })
    }

    /// The columns of that sort: by property, then by segment.
    fn narrowing(&self, sort: Narrowing) -> Result<Columns, Error> {
        let mut columns = Vec::new();
        for (property, searched) in self.fields.searched.iter().enumerate() {
            let Some(field) = sort.field(searched.way) else { continue };
            let name = self.searcher.schema().get_field_name(field);
            let of_segments = self.searcher.segment_readers().iter().map(|segment| segment.fast_fields().u64(name));
            columns.push((property, of_segments.collect::<tantivy::Result<Vec<_>>>()?));
        }
        Ok(Columns(columns))
    }
}

#[derive(Clone, Copy)]
enum Narrowing {
    Area,
    Day,
}

impl Narrowing {
    fn field(self, way: Way) -> Option<Field> {
        match (self, way) {
            (Narrowing::Area, Way::Exact { area, .. }) => area,
            (Narrowing::Day, Way::Day { day }) => Some(day),
            _ => None,
        }
    }
}

/// Columns of one sort, with the property that each is of.
struct Columns(Vec<(usize, Vec<tantivy::columnar::Column<u64>>)>);

impl Columns {
    /// The values of a row's document that may be believed.
    fn of<'a>(&'a self, row: &'a Row, permitted: &'a Permitted<'_>) -> impl Iterator<Item = u64> + 'a {
        let believed = |property: usize| permitted.departments(property).get(usize::from(row.department)) == Some(&true);
        let of_segment = |columns: &'a Vec<tantivy::columnar::Column<u64>>| columns.get(usize::try_from(row.segment).ok()?);
        let columns = self.0.iter().filter(move |(property, _)| believed(*property));
        columns.filter_map(move |(_, columns)| of_segment(columns)?.first(row.document))
    }
}

/// Entities by value. A surname finds a million and they have some hundred values, so these stand in order and are looked up by halves.
#[derive(Default)]
struct Counts {
    entities: Vec<(u64, usize)>,
    /// Those of the entity that is counted.
    values: Vec<u64>,
}

impl Counts {
    /// Counts an entity once for each of its values.
    fn add(&mut self, values: impl Iterator<Item = u64>) {
        self.values.clear();
        self.values.extend(values);
        if self.values.len() > 1 {
            self.values.sort_unstable();
            self.values.dedup();
        }
        for value in &self.values {
            match self.entities.binary_search_by_key(value, |(known, _)| *known) {
                Ok(at) => self.entities[at].1 += 1,
                Err(at) => self.entities.insert(at, (*value, 1)),
            }
        }
    }
}

fn said<V, S>(counts: impl IntoIterator<Item = (V, usize)>, name: impl Fn(V) -> S) -> Vec<Count<S>> {
    counts.into_iter().map(|(value, entities)| Count { value: name(value), entities }).collect()
}
