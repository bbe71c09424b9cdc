//! From what rows say to Arrow batches of the contract's schemas, a bounded number of rows at a time.

mod column;
mod raw;
mod record;
mod relation;
mod retired;

pub use raw::raw_schema;

use crate::{
    Extract,
    block::{Block, Cells, Stand},
    held::{HeldRow, Retired},
    map::Mapping,
    reject::{Reject, RejectBuilder},
    report::Report,
};
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
pub(crate) use column::repeat;
use raw::RawBuilder;
use record::RecordBuilder;
use relation::RelationBuilder;
use retired::RetiredBuilder;
use std::collections::BTreeMap;
use wuwei_schema::{Model, table};

/// What some rows of a file became.
#[derive(Debug)]
pub struct Chunk {
    /// Entity type and its records, of [`wuwei_schema::EntityType::record_schema`]; types without a record are left out.
    pub records: Vec<(String, RecordBatch)>,
    /// Of [`wuwei_schema::table::relation_schema`].
    pub relations: Option<RecordBatch>,
    /// The rows kept as they stand in the file, of [`raw_schema`].
    pub raw: RecordBatch,
    /// Of [`wuwei_schema::table::retired_schema`].
    pub retired: Option<RecordBatch>,
    /// Of [`wuwei_schema::table::reject_schema`].
    pub rejects: Option<RecordBatch>,
}

impl Chunk {
    /// The rows by the table that they go to, those of the file as they stand last.
    pub fn tables(self, extract: &Extract) -> impl Iterator<Item = (String, RecordBatch)> {
        let records = self.records.into_iter().map(|(entity, records)| (format!("record.{entity}"), records));
        let relations = self.relations.map(|rows| (table::RELATION.to_owned(), rows));
        let rejects = self.rejects.map(|rows| (table::REJECT.to_owned(), rows));
        let retired = self.retired.map(|rows| (table::RETIRED.to_owned(), rows));
        records.chain(relations).chain(rejects).chain(retired).chain([(raw_table(extract), self.raw)])
    }
}

/// The table of an extract's rows as they stand in its files.
pub fn raw_table(extract: &Extract) -> String {
    format!("raw.{}", extract.name)
}

/// Every table that rows of the extract may go to, with its schema.
pub fn tables(extract: &Extract, model: &Model) -> BTreeMap<String, SchemaRef> {
    let entities = extract.roles.iter().filter_map(|role| model.entity(&role.entity));
    let mut tables: BTreeMap<String, SchemaRef> =
        entities.map(|entity| (format!("record.{}", entity.name), entity.record_schema())).collect();
    tables.insert(table::RELATION.to_owned(), table::relation_schema());
    tables.insert(table::REJECT.to_owned(), table::reject_schema());
    tables.insert(table::RETIRED.to_owned(), table::retired_schema());
    tables.insert(raw_table(extract), raw_schema(extract, model));
    tables
}

/// Where a row stands in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) sheet: Option<&'p str>,
    pub(crate) row: i64,
}

impl<'p> Place<'p> {
    fn of(stand: &'p Stand) -> Place<'p> {
        // No file has 2^63 rows.
        Place { sheet: stand.sheet.as_deref(), row: i64::try_from(stand.number).unwrap_or(i64::MAX) }
    }
}

/// What tells a row from others, and from other versions of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) key: i64,
    pub(crate) hash: i64,
    /// ISO 8601, or empty.
    pub(crate) observed: &'k str,
    /// The same as [`day_number`] has it.
    pub(crate) day: i64,
}

/// A date as a number that sorts as it does: `20260131`; 0 for none. Of a date without a day the last there can be counts.
pub fn day_number(date: &str) -> i64 {
    // Nearly every date is a whole day.
    if let [a, b, c, d, b'-', e, f, b'-', g, h] = *date.as_bytes()
        && [a, b, c, d, e, f, g, h].iter().all(u8::is_ascii_digit)
    {
        return [a, b, c, d, e, f, g, h].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    }
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let Some(year) = parts.next().flatten() else { return 0 };
    let mut next = |or| parts.next().flatten().unwrap_or(or);
    year * 10_000 + next(12) * 100 + next(31)
}

/// Which file the rows are of.
#[derive(Debug)]
pub(crate) struct Lineage {
    pub(crate) department: String,
    pub(crate) extract: String,
    pub(crate) batch: String,
    pub(crate) file: String,
}

/// Batches in the making.
#[derive(Debug)]
pub(crate) struct ChunkBuilder<'a> {
    lineage: Lineage,
    records: Vec<RecordBuilder<'a>>,
    /// Of each role, which of the builders takes its records.
    builders: Vec<usize>,
    relations: RelationBuilder,
    raw: RawBuilder,
    rejects: RejectBuilder,
    retired: RetiredBuilder,
    /// Record numbers of the present row: of each role, of each of its records.
    numbers: Vec<Vec<i64>>,
    /// Of each role, whether its values are taken from whole columns: then it is the only one whose records its builder takes.
    by_column: Vec<bool>,
    /// Rows of the present block that are kept, and of each role those that have a record of it.
    kept: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl<'a> ChunkBuilder<'a> {
    pub(crate) fn new(lineage: Lineage, extract: &Extract, model: &Model, mapping: &Mapping<'a>) -> ChunkBuilder<'a> {
        let mut records: Vec<RecordBuilder<'a>> = Vec::new();
        let mut builders = Vec::new();
        for role in &mapping.roles {
            let known = records.iter().position(|builder| builder.entity.name == role.entity.name);
            builders.push(known.unwrap_or(records.len()));
            if known.is_none() {
                let is_given = |property: usize| mapping.roles.iter().any(|other| other.gives(role.entity, property));
                records.push(RecordBuilder::new(role.entity, is_given));
            }
        }
        let is_alone = |builder: &usize| builders.iter().filter(|other| *other == builder).count() == 1;
        let by_column = mapping.roles.iter().zip(&builders).map(|(role, builder)| role.is_by_column && is_alone(builder)).collect();
        ChunkBuilder {
            by_column,
            kept: Vec::new(),
            found: vec![Vec::new(); mapping.roles.len()],
            lineage,
            records,
            builders,
            relations: RelationBuilder::default(),
            raw: RawBuilder::new(extract, model),
            rejects: RejectBuilder::default(),
            retired: RetiredBuilder::default(),
            numbers: vec![Vec::new(); mapping.roles.len()],
        }
    }

    /// Keeps an accepted row, of that place in its block: its records, numbered on from the report's, its relations, and itself. What of it
    /// stands in whole columns waits for [`ChunkBuilder::add`]. Returns the row as it is held.
    pub(crate) fn keep(&mut self, row: (usize, &Stand), known: Known<'_>, mapping: &Mapping<'a>, report: &mut Report) -> HeldRow {
        let place = Place::of(row.1);
        let first = report.next_record;
        for (at, role) in mapping.roles.iter().enumerate() {
            let (numbers, builder) = (&mut self.numbers[at], &mut self.records[self.builders[at]]);
            numbers.clear();
            for record in 0..role.found.len() {
                numbers.push(report.next_record);
                builder.push(report.next_record, place, known.observed, role, record);
                if self.by_column[at] {
                    self.found[at].push(row.0);
                } else {
                    builder.push_values(role, record);
                }
                report.next_record += 1;
            }
        }
        for relation in &mapping.relations {
            report.relations += self.relations.push(place, relation, &self.numbers);
        }
        // A row without a record has a number all the same: by it the row is known to be held.
        report.next_record = report.next_record.max(first + 1);
        self.hold(row, known, first, report)
    }

    /// Keeps a row that says only that its key is no more, under a number that no record has.
    pub(crate) fn bury(&mut self, row: (usize, &Stand), known: Known<'_>, report: &mut Report) -> HeldRow {
        let first = report.next_record;
        report.next_record += 1;
        self.hold(row, known, first, report)
    }

    fn hold(&mut self, (at, stand): (usize, &Stand), known: Known<'_>, first: i64, report: &Report) -> HeldRow {
        let held = HeldRow { key: known.key, hash: known.hash, first, last: report.next_record - 1, observed: known.day };
        self.raw.push(Place::of(stand), held, known.observed);
        self.kept.push(at);
        held
    }

    /// Adds what is taken from whole columns, of the rows of a block that were kept.
    pub(crate) fn add(&mut self, block: &Block, mapping: &mut Mapping<'a>) -> Result<(), ArrowError> {
        self.raw.add(block, &column::runs(&self.kept))?;
        self.kept.clear();
        for (at, role) in mapping.roles.iter_mut().enumerate().filter(|(at, _)| self.by_column[*at]) {
            self.records[self.builders[at]].add(role, &column::runs(&self.found[at]))?;
            self.found[at].clear();
        }
        Ok(())
    }

    pub(crate) fn retire(&mut self, retired: Retired) {
        self.retired.push(retired);
    }

    /// Writes down what is wrong with a row; `first` of a refused row keeps its cells, but for those that are never kept.
    pub(crate) fn reject(&mut self, stand: &Stand, cells: Cells<'_>, reject: &Reject<'_>, first: bool) {
        let cells = (first && reject.refuses).then(|| self.raw.named(cells));
        self.rejects.push(Place::of(stand), reject, cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.raw.is_empty() && self.rejects.is_empty() && self.retired.is_empty()
    }

    /// The batches so far.
    pub(crate) fn finish(&mut self) -> Result<Chunk, ArrowError> {
        let Lineage { department, extract, batch, file } = &self.lineage;
        let mut records = Vec::new();
        for builder in self.records.iter_mut().filter(|builder| !builder.is_empty()) {
            records.push((builder.entity.name.clone(), builder.finish([department, extract, batch])?));
        }
        Ok(Chunk {
            records,
            relations: self.relations.finish([department, extract, batch])?,
            raw: self.raw.finish(batch)?,
            retired: self.retired.finish(extract, batch)?,
            rejects: self.rejects.finish([batch, department, extract, file])?,
        })
    }
}

fn some(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}
