//! What records say, as far as a resolution had to read it: columns of all records, kept for whoever asks for the same values next, so that
//! none is read and numbered twice. What survives of them does not enter.

use crate::{
    column::{Column, Table},
    copies::Copies,
    model::Muted,
};
use arrow_buffer::ScalarBuffer;
use std::{fmt, sync::Arc};
use wuwei_schema::Matching;

/// Columns of all records of a type, ordered by record number.
pub struct Said {
    records: ScalarBuffer<i64>,
    /// The row that speaks for each record.
    row: Vec<u32>,
    columns: Vec<Column>,
}

impl Said {
    /// Of a table without copies. Columns of which values were muted say less than the records do, and one that fills another is only of use
    /// beside it.
    pub(crate) fn of(table: Table, copies: Copies, matching: &Matching, muted: &Muted) -> Said {
        let is_whole = |name: &str| muted.get(name).is_none_or(Vec::is_empty);
        let mut columns: Vec<Column> = table.columns.into_iter().filter(|column| is_whole(&column.name)).collect();
        for [container, inner] in &matching.contains {
            if !columns.iter().any(|column| column.name == *inner) {
                columns.retain(|column| column.name != *container);
            }
        }
        Said { records: copies.records, row: copies.row, columns }
    }

    /// Whether a column is among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }

    /// Adds its columns to a table of the same records, which has others.
    pub(crate) fn enter(self, table: &mut Table) {
        let Said { row, columns, .. } = self;
        table.columns.extend(columns.into_iter().map(|column| {
            let ids = row.iter().map(|&row| column.ids[row as usize]).collect();
            Column::of(&column.name, column.kind.clone(), ids, Arc::clone(&column.values))
        }));
    }

    /// The records, ascending.
    pub(crate) fn records(&self) -> &[i64] {
        &self.records
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        formatter.debug_struct("Said").field("records", &self.records.len()).field("columns", &columns).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Decisions, Stated,
        county::{batch, county, link, person},
        resolve::{Resolution, resolve},
    };
    use arrow_array::RecordBatch;
    use std::collections::BTreeMap;
    use wuwei_schema::EntityType;

    /// A county of which records say the same, a clerk's phone stands on many, and student numbers hold ids that stand nowhere else.
    fn people() -> RecordBatch {
        let mut rows: Vec<(i64, BTreeMap<String, String>)> = county(60, 7).into_iter().map(|(id, cells, _)| (id, cells)).collect();
        let next = rows.iter().map(|row| row.0).max().unwrap_or_default() + 1;
        let again: Vec<_> = (next..).zip(rows.iter().step_by(3).map(|row| row.1.clone())).collect();
        rows.extend(again);
        for (at, (_, cells)) in rows.iter_mut().enumerate() {
            if at % 4 == 0 {
                cells.insert("phone".to_owned(), "12011112222".to_owned());
            }
            if at % 5 == 0
                && let Some(id) = cells.remove("id_no")
            {
                cells.insert("student_no".to_owned(), format!("G{id}"));
            }
        }
        batch(&person(), &rows)
    }

    fn found(entity: &EntityType, rows: &RecordBatch) -> Resolution {
        resolve(entity, std::iter::once(Ok(rows.clone())), &Decisions::default()).unwrap()
    }

    #[test]
    fn what_is_known_already_survives_as_what_is_read_anew() {
        let (entity, rows) = (person(), people());
        let mut resolution = found(&entity, &rows);
        let said = resolution.said.take().unwrap();
        let left = Stated::columns(&entity, Some(&said));
        assert!(said.has("name") && !left.contains(&"name".to_owned()), "what is compared is not read again");
        assert!(left.contains(&"phone".to_owned()), "of which the clerk's was muted");
        let links = resolution.link.records().values().iter().zip(resolution.link.entities().values());
        let links = link(&links.map(|(record, entity)| (*record, *entity)).collect::<Vec<_>>());
        let places: Vec<usize> = left.iter().map(|name| rows.schema().index_of(name).unwrap()).collect();
        let rest = rows.project(&places).unwrap();
        let anew = Stated::read(&entity, None, std::iter::once(Ok(rows.clone()))).unwrap().survivors(&links).unwrap();
        assert_eq!(Stated::read(&entity, Some(said), std::iter::once(Ok(rest))).unwrap().survivors(&links).unwrap(), anew);
    }

    #[test]
    fn other_records_are_refused() {
        let (entity, rows) = (person(), people());
        let said = found(&entity, &rows).said;
        let fewer = rows.slice(1, rows.num_rows() - 1);
        let error = Stated::read(&entity, said, std::iter::once(Ok(fewer))).unwrap_err();
        assert!(error.to_string().starts_with("the records of `person` changed"));
    }
}
