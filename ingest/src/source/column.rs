//! A plan over all rows of a block. What is canonical as it stands is seen on the bytes of the whole column and taken over in one piece, days in
//! the usual digits are told without an allocation, and all else goes the way of a single cell: what comes out is the same.

use super::{Plan, layout::Usual};
use crate::{
    Source,
    block::{Block, Cells},
};
use arrow_array::{Array as _, StringArray, builder::StringBuilder};
use arrow_schema::ArrowError;
use std::borrow::Cow;
use wuwei_schema::{Fault, Kind};

/// What a plan makes of the rows of a block.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Canonical values; null where nothing is known.
    values: StringArray,
    /// Rows whose cells are wrong, in their order.
    faults: Vec<(usize, Fault)>,
    /// Rows that lost their value afterwards.
    emptied: Vec<usize>,
}

impl Judged {
    /// The canonical value; empty where nothing is known.
    pub(crate) fn get(&self, row: usize) -> &str {
        if row < self.values.len() && self.emptied.last() != Some(&row) { self.values.value(row) } else { "" }
    }

    /// What is wrong with the cell.
    pub(crate) fn fault(&self, row: usize) -> Option<&Fault> {
        self.faults.binary_search_by_key(&row, |(row, _)| *row).ok().map(|at| &self.faults[at].1)
    }

    /// Rows whose cells are wrong.
    pub(crate) fn faulty(&self) -> impl Iterator<Item = usize> {
        self.faults.iter().map(|(row, _)| *row)
    }

    /// Whether there is a value, row by row.
    pub(crate) fn are_known(&self) -> impl Iterator<Item = bool> {
        self.values.offsets().windows(2).map(|ends| ends[1] > ends[0])
    }

    /// Leaves nothing of the value of the present row; rows come in their order.
    pub(crate) fn empty(&mut self, row: usize) {
        self.emptied.push(row);
    }

    /// The values in the end.
    pub(crate) fn settle(&mut self) -> &StringArray {
        if !self.emptied.is_empty() {
            let emptied = std::mem::take(&mut self.emptied);
            let value = |(row, value): (usize, Option<_>)| if emptied.binary_search(&row).is_ok() { None } else { value };
            self.values = self.values.iter().enumerate().map(value).collect();
        }
        &self.values
    }
}

impl Plan<'_> {
    /// Judges the cells of all rows that are asked for; what is handed back for others means nothing.
    ///
    /// # Errors
    /// There are more values than a column can have, which a block has not.
    pub(crate) fn judge(&mut self, block: &Block, asked: &[bool]) -> Result<Judged, ArrowError> {
        let mut judging = Judging { values: StringBuilder::with_capacity(asked.len(), asked.len() * 8), faults: Vec::new() };
        match self.sole(block) {
            _ if self.is_constant() => self.once(asked, &mut judging),
            None => {
                for (row, is_asked) in asked.iter().enumerate() {
                    let text = if *is_asked { self.text(block.cells(row)) } else { "".into() };
                    judging.one(self, &text, row, *is_asked);
                }
            }
            Some(cells) if self.kind == Kind::Date => self.days(cells, asked, &mut judging),
            Some(cells) => match self.kind.plain(cells.value_data(), cells.value_offsets()) {
                Some(plain) => self.standing(cells, &plain, asked, &mut judging)?,
                None => asked.iter().enumerate().for_each(|(row, is_asked)| judging.one(self, cells.value(row), row, *is_asked)),
            },
        }
        Ok(Judged { values: judging.values.finish(), faults: judging.faults, emptied: Vec::new() })
    }

    /// The column whose cells are the values, if nothing else is asked or done.
    fn sole<'b>(&self, block: &'b Block) -> Option<&'b StringArray> {
        let Source { split, inside, map, codes, .. } = self.source;
        let is_bare = self.when.is_none() && split.is_none() && inside.is_none() && map.is_empty() && codes.is_none();
        match self.columns.as_slice() {
            [column] if is_bare => block.columns.get(*column),
            _ => None,
        }
    }

    /// The same in every row.
    fn once(&mut self, asked: &[bool], judging: &mut Judging) {
        let constant = self.text(Cells::NONE);
        match self.read(&constant).map(Cow::into_owned) {
            Ok(value) if value.is_empty() => judging.values.append_nulls(asked.len()),
            Ok(value) => judging.values.append_value_n(value, asked.len()),
            Err(fault) => {
                judging.values.append_nulls(asked.len());
                judging.faults.extend((0..asked.len()).filter(|row| asked[*row]).map(|row| (row, fault.clone())));
            }
        }
    }

    /// Most stand as they are.
    fn standing(&mut self, cells: &StringArray, plain: &[bool], asked: &[bool], judging: &mut Judging) -> Result<(), ArrowError> {
        let mut from = 0;
        for (row, (is_plain, is_asked)) in plain.iter().zip(asked).enumerate() {
            let is_lost = self.has_lost_digits.get() && cells.value(row).ends_with("000");
            if *is_plain && !is_lost {
                continue;
            }
            judging.values.append_array(&cells.slice(from, row - from))?;
            judging.one(self, cells.value(row), row, *is_asked);
            from = row + 1;
        }
        judging.values.append_array(&cells.slice(from, plain.len() - from))
    }

    /// Most are eight digits, or ISO 8601.
    fn days(&mut self, cells: &StringArray, asked: &[bool], judging: &mut Judging) {
        let usual = match self.layouts.as_slice() {
            [] => Some(Usual::Digits),
            [layout] => layout.usual(),
            _ => None,
        };
        for (row, is_asked) in asked.iter().enumerate() {
            let text = cells.value(row);
            match usual.and_then(|usual| usual.whole_day(text)) {
                Some(day) => judging.values.append_value(std::str::from_utf8(&day).unwrap_or_default()),
                None => judging.one(self, text, row, *is_asked),
            }
        }
    }
}

/// What a plan makes of rows, in the making.
struct Judging {
    values: StringBuilder,
    faults: Vec<(usize, Fault)>,
}

impl Judging {
    /// The way of a single cell.
    fn one(&mut self, plan: &mut Plan<'_>, text: &str, row: usize, is_asked: bool) {
        match plan.read(if is_asked { text } else { "" }) {
            Ok(value) if value.is_empty() => self.values.append_null(),
            Ok(value) => self.values.append_value(value),
            Err(fault) => {
                self.values.append_null();
                self.faults.push((row, fault));
            }
        }
    }
}
