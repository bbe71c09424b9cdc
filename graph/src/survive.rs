//! One row for each entity: of every property the value that most of its records assert. What the others say stays in the records.

use crate::{
    Error,
    batch::{integers, text_column},
    column::{Column, NONE, Table},
    parallel::{available, parallel},
    said::Said,
};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::{cmp::Reverse, collections::BTreeSet, fmt, sync::Arc};
use wuwei_schema::{EntityType, Kind};

/// What the records of a type say, before it is known which of them are one.
pub struct Stated {
    entity: EntityType,
    table: Table,
}

/// What is read of records beside their properties.
const LINEAGE: [&str; 2] = ["department", "observed"];

impl Stated {
    /// The columns that are to be read of records of which this is known already, the record number first.
    pub fn columns(entity: &EntityType, said: Option<&Said>) -> Vec<String> {
        std::iter::once("record_id").chain(names(entity, said)).map(str::to_owned).collect()
    }

    /// Reads batches of [`Stated::columns`] of all records, beside what is known of the same records already.
    ///
    /// # Errors
    /// When a column is missing, the records are others, or the source fails.
    pub fn read(
        entity: &EntityType,
        said: Option<Said>,
        records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<Stated, Error> {
        let names = names(entity, said.as_ref());
        let mut table = Table::read(entity, &names, records)?;
        if let Some(said) = said {
            if said.records() != table.records {
                return Err(Error::Other { entity: entity.name.clone() });
            }
            said.enter(&mut table);
        }
        Ok(Stated { entity: entity.clone(), table })
    }

    /// The rows of `entity.<type>`, by entity number: per property the value that most records assert; of equally many the one observed
    /// last, then the one of the smallest record number. `link` are the links of all records.
    ///
    /// # Errors
    /// When a record has no link.
    pub fn survivors(&self, link: &RecordBatch) -> Result<RecordBatch, Error> {
        let rows = by_entity(&self.table, link)?;
        let groups: Vec<&[(i64, u32)]> = rows.chunk_by(|left, right| left.0 == right.0).collect();
        let column = |name: &str| self.table.position(name).map(|at| &self.table.columns[at]).ok_or(Error::Unlinked { count: 0 });
        let [departments, observed] = [column(LINEAGE[0])?, column(LINEAGE[1])?];
        let properties = self.entity.properties.iter().map(|property| column(&property.name)).collect::<Result<Vec<_>, _>>()?;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(groups.iter().map(|group| Some(group[0].0)).collect::<Int64Array>()),
            Arc::new(groups.iter().map(|group| i64::try_from(group.len()).ok()).collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(groups.iter().map(|group| distinct(departments, group)))),
        ];
        let survive = |(): &mut (), at: usize| survivors(properties[at], observed, &groups);
        columns.extend(parallel(available(), properties.len(), || (), survive));
        Ok(RecordBatch::try_new(self.entity.entity_schema(), columns)?)
    }
}

impl fmt::Debug for Stated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Stated").field("entity", &self.entity.name).field("records", &self.table.len()).finish_non_exhaustive()
    }
}

/// The columns of a type that are not among those known.
fn names<'a>(entity: &'a EntityType, said: Option<&Said>) -> Vec<&'a str> {
    let all = LINEAGE.into_iter().chain(entity.properties.iter().map(|property| property.name.as_str()));
    all.filter(|name| said.is_none_or(|said| !said.has(name))).collect()
}

/// The rows with their entities, entity by entity.
fn by_entity(table: &Table, link: &RecordBatch) -> Result<Vec<(i64, u32)>, Error> {
    let entities = integers(link, "entity_id")?.values();
    let records = integers(link, "record_id")?.values();
    let mut rows: Vec<(i64, u32)> = if *records == *table.records {
        entities.iter().copied().zip(table.rows()).collect()
    } else {
        let mut links: Vec<(i64, i64)> = records.iter().copied().zip(entities.iter().copied()).collect();
        links.sort_unstable();
        let entity = |record: i64| links.binary_search_by_key(&record, |link| link.0).ok().map(|at| links[at].1);
        table.rows().filter_map(|row| entity(table.records[row as usize]).map(|entity| (entity, row))).collect()
    };
    if rows.len() < table.len() {
        return Err(Error::Unlinked { count: table.len() - rows.len() });
    }
    rows.sort_unstable();
    Ok(rows)
}

fn distinct(departments: &Column, group: &[(i64, u32)]) -> String {
    let id = |row: u32| departments.ids[row as usize];
    if group.iter().all(|&(_, row)| id(row) == id(group[0].1)) {
        return departments.text(group[0].1).to_owned();
    }
    let names: BTreeSet<&str> = group.iter().map(|&(_, row)| departments.text(row)).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

fn survivors(column: &Column, observed: &Column, groups: &[&[(i64, u32)]]) -> ArrayRef {
    let mut said: Vec<(u32, u32)> = Vec::new();
    let values = groups.iter().map(|group| {
        said.clear();
        said.extend(group.iter().map(|&(_, row)| (column.ids[row as usize], row)).filter(|&(id, _)| id != NONE));
        column.values.get(survivor(&mut said, observed))
    });
    if column.kind == Kind::Number {
        return Arc::new(values.map(|value| value.parse().ok()).collect::<Float64Array>());
    }
    text_column(values)
}

/// The value that survives of what is said as (value, row).
fn survivor(said: &mut [(u32, u32)], observed: &Column) -> u32 {
    if said.iter().all(|&(value, _)| value == said[0].0) {
        return said.first().map_or(NONE, |&(value, _)| value);
    }
    said.sort_unstable();
    let same = || said.chunk_by(|left, right| left.0 == right.0);
    let most = same().map(<[_]>::len).max().unwrap_or_default();
    // When it was observed is asked only of values that equally many assert.
    let mut ties = same().filter(|rows| rows.len() == most);
    let last = |rows: &[(u32, u32)]| rows.iter().map(|&(_, row)| observed.text(row)).max();
    match (ties.next(), ties.next()) {
        (Some(only), None) => only[0].0,
        _ => same().filter(|rows| rows.len() == most).max_by_key(|rows| (last(rows), Reverse(rows[0].1))).map_or(NONE, |rows| rows[0].0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{link, person, records};

    #[test]
    fn the_majority_survives_then_the_latest_then_the_first() {
        let rows = records(&[
            (1, &[("department", "ga"), ("observed", "2026-01-01"), ("name", "王小明"), ("phone", "12000000001"), ("occupation", "a")]),
            (2, &[("department", "wg"), ("observed", "2026-03-01"), ("name", "王晓明"), ("phone", "12000000002"), ("occupation", "b")]),
            (3, &[("department", "ga"), ("observed", "2026-02-01"), ("name", "王小明"), ("occupation", "c")]),
            (9, &[("department", "jy"), ("name", "李大伟")]),
        ]);
        let entities =
            Stated::read(&person(), None, std::iter::once(Ok(rows))).unwrap().survivors(&link(&[(1, 1), (2, 1), (3, 1), (9, 9)])).unwrap();
        let text = |name: &str, row: usize| crate::batch::Texts::of(&entities, name).unwrap().owned(row);
        assert_eq!(text("name", 0), "王小明", "two against one");
        assert_eq!(text("phone", 0), "12000000002", "one each: the latest");
        assert_eq!(text("occupation", 0), "b");
        assert_eq!((text("departments", 0), text("departments", 1)), ("ga,wg".to_owned(), "jy".to_owned()));
        assert_eq!(integers(&entities, "records").unwrap().values(), &[3, 1]);
        assert_eq!(entities.schema(), person().entity_schema());
    }

    #[test]
    fn a_record_without_a_link_is_not_dropped_in_silence() {
        let rows = records(&[(1, &[("name", "王小明")]), (2, &[("name", "王小明")])]);
        let error = Stated::read(&person(), None, std::iter::once(Ok(rows))).unwrap().survivors(&link(&[(1, 1)])).unwrap_err();
        assert!(matches!(error, Error::Unlinked { count: 1 }));
    }
}
