//! Records as signs: of what a row says hashes of all that may tie it to another, and its text as it came, row after row. So what a change
//! reaches is found without a dictionary of what it does not reach. A hash may tie more together than need be, never less. Which rows are
//! wanted is not asked here.

mod plan;

use crate::{
    Error,
    batch::{Texts, integers},
    column::{narrow, within},
    model::MatchModel,
    parallel::{available, parallel},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, builder::StringBuilder};
use arrow_schema::ArrowError;
use plan::{Forms, Plan};
use std::{
    borrow::Cow,
    sync::{Arc, Mutex},
};
use wuwei_schema::{EntityType, Matching};

/// All records of a type, ordered by record number.
#[derive(Debug)]
pub(crate) struct Signs {
    names: Vec<String>,
    pub(crate) records: Vec<i64>,
    /// By what rows hang together: all that a row says, then each list that identifies and each exclusive property. 0 where a part is missing.
    pub(crate) ties: Vec<Vec<u32>>,
    /// Half of the hash of each blocking key; 0 for none.
    pub(crate) keys: Vec<Vec<u32>>,
    /// Whether the record carries an identifier that tells entities apart.
    pub(crate) verified: Vec<bool>,
    pieces: Vec<Piece>,
    /// Where each row stood as it came; empty where rows came in order.
    order: Vec<u32>,
}

/// Batches that are taken before threads begin on them.
const TAKEN: usize = 64;

/// Rows of a batch that is made.
const ROWS: usize = 1 << 16;

impl Signs {
    /// Of batches in any order; `model` says which values nothing is made of but ties.
    ///
    /// # Errors
    /// When a column is missing, a record number stands twice, or the source fails.
    pub(crate) fn read(
        entity: &EntityType,
        matching: &Matching,
        model: &MatchModel,
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<Signs, Error> {
        let plan = Plan::of(entity, matching, model);
        let empty = |count: usize| vec![Vec::new(); count];
        let mut signs = Signs {
            names: plan.names.clone(),
            records: Vec::new(),
            ties: empty(plan.ties.len() + 1),
            keys: empty(plan.keys.len()),
            verified: Vec::new(),
            pieces: Vec::new(),
            order: Vec::new(),
        };
        let (mut batches, known) = (batches.peekable(), Mutex::default());
        while batches.peek().is_some() {
            let taken: Vec<RecordBatch> = batches.by_ref().take(TAKEN).collect::<Result<_, _>>()?;
            let read = |forms: &mut Forms<'_>, at: usize| read(&plan, &taken[at], forms);
            for made in parallel(available(), taken.len(), || Forms::of_before(&known), read) {
                signs.add(made?)?;
            }
        }
        signs.sort()?;
        Ok(signs)
    }

    fn add(&mut self, made: Made) -> Result<(), Error> {
        let Made { records, ties, keys, verified, mut piece } = made;
        piece.from = narrow(self.records.len());
        within("records", self.records.len() + records.len())?;
        self.records.extend(records);
        self.verified.extend(verified);
        self.ties.iter_mut().zip(ties).for_each(|(all, more)| all.extend(more));
        self.keys.iter_mut().zip(keys).for_each(|(all, more)| all.extend(more));
        self.pieces.push(piece);
        Ok(())
    }

    fn sort(&mut self) -> Result<(), Error> {
        if !self.records.is_sorted() {
            fn arranged<T: Copy>(order: &[u32], of: &[T]) -> Vec<T> {
                order.iter().map(|&at| of[at as usize]).collect()
            }
            let mut order: Vec<u32> = (0..narrow(self.records.len())).collect();
            order.sort_unstable_by_key(|&at| self.records[at as usize]);
            self.records = arranged(&order, &self.records);
            self.verified = arranged(&order, &self.verified);
            self.ties.iter_mut().chain(&mut self.keys).for_each(|column| *column = arranged(&order, column));
            self.order = order;
        }
        let count = self.records.windows(2).filter(|pair| pair[0] == pair[1]).count();
        if count > 0 { Err(Error::Repeated { count }) } else { Ok(()) }
    }

    /// The rows as batches again, after which nothing is known of any row but its record and whether that is verified.
    pub(crate) fn turned_into(&mut self, rows: &[u32]) -> Result<Vec<RecordBatch>, ArrowError> {
        let batches = self.batches(rows.iter().copied()).collect();
        (self.ties, self.keys, self.pieces, self.order) = Default::default();
        batches
    }

    /// The rows as batches again, with all that was read of them.
    pub(crate) fn batches<'a>(
        &'a self,
        rows: impl Iterator<Item = u32> + 'a,
    ) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> + 'a {
        let mut rows = rows.peekable();
        std::iter::from_fn(move || {
            rows.peek()?;
            Some(self.batch(&rows.by_ref().take(ROWS).collect::<Vec<u32>>()))
        })
    }

    fn batch(&self, rows: &[u32]) -> Result<RecordBatch, ArrowError> {
        let mut builders: Vec<StringBuilder> = self.names.iter().map(|_| StringBuilder::new()).collect();
        for &row in rows {
            let came = self.order.get(row as usize).copied().unwrap_or(row);
            let piece = &self.pieces[self.pieces.partition_point(|piece| piece.from <= came) - 1];
            let mut cells = Cells(&piece.text[piece.starts[(came - piece.from) as usize] as usize..]);
            for builder in &mut builders {
                let cell = cells.take();
                builder.append_option((!cell.is_empty()).then_some(cell));
            }
        }
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|&row| self.records[row as usize])));
        let texts = builders.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef);
        RecordBatch::try_from_iter(
            std::iter::once("record_id").chain(self.names.iter().map(String::as_str)).zip(std::iter::once(numbers).chain(texts)),
        )
    }
}

/// The text of some rows, cell after cell, each after its length.
#[derive(Debug)]
struct Piece {
    /// The first of them, as they came.
    from: u32,
    text: String,
    starts: Vec<u32>,
}

/// What was made of one batch.
struct Made {
    records: Vec<i64>,
    ties: Vec<Vec<u32>>,
    keys: Vec<Vec<u32>>,
    verified: Vec<bool>,
    piece: Piece,
}

fn read(plan: &Plan<'_>, batch: &RecordBatch, forms: &mut Forms<'_>) -> Result<Made, Error> {
    let count = batch.num_rows();
    let columns: Vec<Texts<'_>> = plan.names.iter().map(|name| Texts::of(batch, name)).collect::<Result<_, _>>()?;
    let empty = |columns: usize| vec![Vec::with_capacity(count); columns];
    let mut made = Made {
        records: integers(batch, "record_id")?.values().to_vec(),
        ties: empty(plan.ties.len() + 1),
        keys: empty(plan.keys.len()),
        verified: Vec::with_capacity(count),
        piece: Piece { from: 0, text: String::with_capacity(count * ROOM), starts: Vec::with_capacity(count) },
    };
    let mut cells: Vec<Cow<'_, str>> = Vec::with_capacity(columns.len());
    let mut hashes: Vec<u64> = Vec::with_capacity(columns.len());
    for row in 0..count {
        cells.clear();
        cells.extend(columns.iter().map(|column| column.get(row).unwrap_or_default()));
        plan.contain(&mut cells);
        plan.hash(&cells, &mut hashes);
        made.piece.starts.push(narrow(made.piece.text.len()));
        cells.iter().for_each(|cell| put(cell, &mut made.piece.text));
        made.ties.iter_mut().zip(plan.ties_of(&hashes)).for_each(|(column, tie)| column.push(tie));
        plan.keys_of(&cells, &hashes, forms, |key, half| made.keys[key].push(half));
        made.verified.push(plan.is_verified(&hashes));
    }
    made.piece.text.shrink_to_fit();
    Ok(made)
}

/// Bytes that a row mostly takes at most.
const ROOM: usize = 192;

/// From so many bytes on the length of a cell stands in words.
const LONG: u8 = 0x7f;

fn put(cell: &str, text: &mut String) {
    match u8::try_from(cell.len()) {
        Ok(short) if short < LONG => text.push(char::from(short)),
        _ => {
            text.push(char::from(LONG));
            text.push_str(&format!("{:020}", cell.len()));
        }
    }
    text.push_str(cell);
}

/// Cells that are still to be taken.
struct Cells<'a>(&'a str);

impl<'a> Cells<'a> {
    fn take(&mut self) -> &'a str {
        let (length, rest) = match self.0.as_bytes().first() {
            Some(&LONG) => (self.0[1..21].parse().unwrap_or_default(), &self.0[21..]),
            Some(&short) => (usize::from(short), &self.0[1..]),
            None => (0, ""),
        };
        let (cell, rest) = rest.split_at(length);
        self.0 = rest;
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Decisions,
        county::{batch, county, id_no, person, records},
        resolve::resolve,
    };

    #[test]
    fn rows_come_back_as_they_were_and_hang_together_by_what_they_say() {
        let rows: Vec<_> = county(20, 7).into_iter().map(|(id, cells, _)| (id, cells)).collect();
        let learned = resolve(&person(), std::iter::once(Ok(batch(&person(), &rows))), &Decisions::default()).unwrap();
        let (long, id) = ("云溪县城关镇".repeat(40), id_no("1985-03-07", 1));
        let student = format!("G{id}");
        let said = [("name", "王小明"), ("live_address", long.as_str())];
        let rows = records(&[(9, &said), (2, &[("id_no", &id)]), (5, &said), (7, &[("student_no", &student)])]);
        let (person, model) = (person(), learned.model.unwrap());
        let signs = Signs::read(&person, person.matching.as_ref().unwrap(), &model, std::iter::once(Ok(rows))).unwrap();
        assert_eq!((signs.records.as_slice(), signs.verified.as_slice()), ([2, 5, 7, 9].as_slice(), [true, false, true, false].as_slice()));
        let together = |column: &Vec<u32>, left: usize, right: usize| column[left] != 0 && column[left] == column[right];
        assert!(together(&signs.ties[0], 1, 3) && !together(&signs.ties[0], 0, 1));
        assert!(signs.ties.iter().any(|tie| together(tie, 0, 2)), "a student number contains the id");
        assert!(signs.keys.iter().any(|key| together(key, 1, 3)) && !signs.keys.iter().any(|key| together(key, 0, 1)));
        let batches: Vec<RecordBatch> = signs.batches([1, 2].into_iter()).collect::<Result<_, _>>().unwrap();
        let text = |name: &str, row: usize| Texts::of(&batches[0], name).unwrap().owned(row);
        assert_eq!((text("live_address", 0), text("name", 0), text("name", 1)), (long, "王小明".to_owned(), String::new()));
        assert_eq!((text("student_no", 1), integers(&batches[0], "record_id").unwrap().values().to_vec()), (student, vec![5, 7]));
    }
}
