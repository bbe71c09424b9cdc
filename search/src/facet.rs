//! How what was found is distributed: each entity once a value, by what the records say that it was found by. A record without a property,
//! or one whose property whoever asks may not find by, counts for nothing there.

use crate::{
    Class, Error, Index,
    gather::{Row, in_parts},
    permit::Permitted,
    search::class,
    way::Way,
};
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
    pub(crate) fn facets(&self, found: &[&[Row]], permitted: &Permitted<'_>) -> Result<Facets, Error> {
        let by = &permitted.by;
        let (areas, days) = (self.narrowing(Narrowing::Area, by)?, self.narrowing(Narrowing::Day, by)?);
        let counted = in_parts(found, |found| Counted::of(found, &areas, &days));
        let all = counted.into_iter().reduce(Counted::and).unwrap_or_default();
        let department =
            |place: u64| usize::try_from(place).ok().and_then(|place| self.departments.get(place)).cloned().unwrap_or_default();
        Ok(Facets {
            classes: said(all.classes, |class| class),
            departments: said(all.departments.entities, department),
            areas: said(all.areas.entities, |area| format!("{area:06}")),
            decades: said(all.decades.entities, |decade| decade.to_string()),
        })
    }

    /// The columns of that sort: by property, then by segment.
    fn narrowing<'a>(&self, sort: Narrowing, by: &'a [Vec<bool>]) -> Result<Columns<'a>, Error> {
        let mut columns = Vec::new();
        for (property, searched) in self.fields.searched.iter().enumerate() {
            let Some(field) = sort.field(searched.way) else { continue };
            let name = self.searcher.schema().get_field_name(field);
            let of_segments = self.searcher.segment_readers().iter().map(|segment| segment.fast_fields().u64(name));
            let believed = by.get(property).map_or(&[][..], Vec::as_slice);
            columns.push((believed, of_segments.collect::<tantivy::Result<Vec<_>>>()?));
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

/// Columns of one sort, by segment, each with the departments that may be believed on it.
struct Columns<'a>(Vec<(&'a [bool], Vec<tantivy::columnar::Column<u64>>)>);

impl Columns<'_> {
    /// The values of a row's document that may be believed.
    fn of(&self, row: &Row) -> impl Iterator<Item = u64> {
        let columns = self.0.iter().filter(|(believed, _)| believed.get(usize::from(row.department)) == Some(&true));
        columns.filter_map(|(_, columns)| columns.get(usize::try_from(row.segment).ok()?)?.first(row.document))
    }
}

/// The numbers of some of the entities that were found.
#[derive(Default)]
struct Counted {
    classes: BTreeMap<Class, usize>,
    departments: Counts,
    areas: Counts,
    decades: Counts,
}

impl Counted {
    fn of(found: &[&[Row]], areas: &Columns<'_>, days: &Columns<'_>) -> Counted {
        let mut all = Counted::default();
        for rows in found {
            *all.classes.entry(class(rows)).or_default() += 1;
            all.departments.add(rows.iter().map(|row| u64::from(row.department)));
            all.areas.add(rows.iter().flat_map(|row| areas.of(row)));
            all.decades.add(rows.iter().flat_map(|row| days.of(row)).map(|day| day / 100_000 * 10));
        }
        all
    }

    /// Those of other entities with these.
    fn and(mut self, other: Counted) -> Counted {
        other.classes.into_iter().for_each(|(class, entities)| *self.classes.entry(class).or_default() += entities);
        self.departments.and(&other.departments);
        self.areas.and(&other.areas);
        self.decades.and(&other.decades);
        self
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
        let values = std::mem::take(&mut self.values);
        values.iter().for_each(|value| self.count(*value, 1));
        self.values = values;
    }

    fn and(&mut self, other: &Counts) {
        other.entities.iter().for_each(|(value, entities)| self.count(*value, *entities));
    }

    fn count(&mut self, value: u64, entities: usize) {
        match self.entities.binary_search_by_key(&value, |(known, _)| *known) {
            Ok(at) => self.entities[at].1 += entities,
            Err(at) => self.entities.insert(at, (value, entities)),
        }
    }
}

fn said<V, S>(counts: impl IntoIterator<Item = (V, usize)>, name: impl Fn(V) -> S) -> Vec<Count<S>> {
    counts.into_iter().map(|(value, entities)| Count { value: name(value), entities }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counted_in_two_parts_they_are_as_many(
            entities in prop::collection::vec(prop::collection::vec(0_u64..9, 0..5), 0..40),
            first in 0_usize..40,
        ) {
            let counted = |entities: &[Vec<u64>]| {
                let mut counts = Counts::default();
                entities.iter().for_each(|values| counts.add(values.iter().copied()));
                counts
            };
            let (one, other) = entities.split_at(first.min(entities.len()));
            let mut both = counted(one);
            both.and(&counted(other));
            prop_assert_eq!(&both.entities, &counted(&entities).entities);
            for (value, count) in both.entities {
                prop_assert_eq!(count, entities.iter().filter(|values| values.contains(&value)).count());
            }
        }
    }
}
