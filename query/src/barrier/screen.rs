//! What a batch loses on its way out: rows that are not the asker's to see, restricted persons, and values in place of which masks stand.
//! It computes on columns and asks nobody; sets of people come ready made.

use crate::{
    protected::{Minors, Restricted},
    rights::{Seen, Which},
    shape::{Mask, Owner, Shape, Trace},
};
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray, cast::AsArray as _, new_null_array,
    types::Int64Type,
};
use arrow_schema::{DataType, SchemaRef};
use datafusion::{
    arrow::compute::{cast, filter_record_batch, kernels::zip::zip},
    common::{Result, exec_datafusion_err},
};
use std::{borrow::Cow, sync::Arc};
use wuwei_schema::Sensitivity;

/// Whose rows are kept back whoever asks, and whose values.
#[derive(Debug, Default)]
pub(crate) struct Protected {
    pub(crate) restricted: Arc<Restricted>,
    /// Those under 14 on the day of the question.
    pub(crate) minors: Arc<Minors>,
}

impl Protected {
    /// Whether a column is masked where the row is of somebody under 14.
    pub(crate) fn covers_minors(&self, shape: &Shape, column: usize) -> bool {
        shape.born.is_some() && shape.columns[column].class != Sensitivity::Public
    }

    /// The columns by which rows are judged.
    pub(crate) fn needed(&self, shape: &Shape, seen: &Seen) -> Vec<usize> {
        let mut needed = Vec::new();
        let by_department =
            seen.rows != Which::All || seen.minors != Which::All || seen.clear.iter().flatten().any(|which| !which.is_none());
        if let (Owner::Column(at), true) = (&shape.owner, by_department) {
            needed.push(*at);
        }
        if seen.area.is_some() {
            needed.extend(&shape.addresses);
        }
        if seen.types.is_some() {
            needed.extend(&shape.types);
        }
        if seen.relations.is_some() {
            needed.extend(shape.relation);
        }
        let tells_age = seen.minors != Which::All && shape.born.is_some();
        if tells_age {
            needed.extend(shape.born.iter().flatten());
        }
        for trace in &shape.traces {
            let is_number = !matches!(trace, Trace::Identifier(_) | Trace::Text(_));
            if !self.restricted.is_empty() || tells_age && is_number {
                match *trace {
                    Trace::Record(at) | Trace::Entity(at) | Trace::Identifier(at) | Trace::Text(at) => needed.push(at),
                    Trace::Records(first, last) => needed.extend([first, last]),
                }
            }
        }
        needed
    }
}

/// What is done to the batches of one scan.
pub(crate) struct Screen {
    shape: Arc<Shape>,
    seen: Arc<Seen>,
    protected: Arc<Protected>,
    /// The table's columns that a batch has.
    read: Vec<usize>,
    /// How many of them, from the first, are shown.
    wanted: usize,
    schema: SchemaRef,
}

impl Screen {
    pub(crate) fn new(
        shape: &Arc<Shape>,
        seen: &Arc<Seen>,
        protected: &Arc<Protected>,
        read: Vec<usize>,
        wanted: usize,
        schema: SchemaRef,
    ) -> Screen {
        Screen { shape: Arc::clone(shape), seen: Arc::clone(seen), protected: Arc::clone(protected), read, wanted, schema }
    }

    /// The batch as it is seen.
    ///
    /// # Errors
    /// A column by which rows are judged is missing, or of another type: nothing is shown.
    pub(crate) fn shown(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let kept = self.kept(batch)?;
        let batch = match kept {
            Some(kept) => Cow::Owned(filter_record_batch(batch, &kept)?),
            None => Cow::Borrowed(batch),
        };
        let minors = self.minors(&batch)?;
        let columns = (0..self.wanted).map(|place| self.column(&batch, place, minors.as_ref())).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    /// Which rows are seen; none where all are.
    fn kept(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
        let mut kept = vec![true; batch.num_rows()];
        let mut judged = false;
        let mut keep = |is_seen: &dyn Fn(usize) -> bool| {
            judged = true;
            kept.iter_mut().enumerate().for_each(|(row, kept)| *kept = *kept && is_seen(row));
        };
        if let (Owner::Column(at), Which::Only(some)) = (&self.shape.owner, &self.seen.rows) {
            let departments = self.text(batch, *at)?;
            keep(&|row| departments.is_valid(row) && some.contains(departments.value(row)));
        }
        if let Some(area) = &self.seen.area {
            let addresses = self.texts(batch, &self.shape.addresses)?;
            keep(&|row| addresses.iter().any(|address| address.is_valid(row) && address.value(row).starts_with(area.as_str())));
        }
        if let Some(types) = &self.seen.types {
            for named in self.texts(batch, &self.shape.types)? {
                keep(&|row| named.is_null(row) || types.contains(named.value(row)));
            }
        }
        if let (Some(relations), Some(at)) = (&self.seen.relations, self.shape.relation) {
            let named = self.text(batch, at)?;
            keep(&|row| named.is_valid(row) && relations.contains(named.value(row)));
        }
        let restricted = &self.protected.restricted;
        for trace in self.shape.traces.iter().filter(|_| !restricted.is_empty()) {
            match *trace {
                Trace::Record(at) => {
                    let records = self.numbers(batch, at)?;
                    keep(&|row| records.is_null(row) || !restricted.records.has(records.value(row)));
                }
                Trace::Entity(at) => {
                    let entities = self.numbers(batch, at)?;
                    keep(&|row| entities.is_null(row) || !restricted.entities.has(entities.value(row)));
                }
                Trace::Records(first, last) => {
                    let (first, last) = (self.numbers(batch, first)?, self.numbers(batch, last)?);
                    keep(&|row| !restricted.records.any(first.value(row), last.value(row)));
                }
                Trace::Identifier(at) => {
                    let values = self.text(batch, at)?;
                    keep(&|row| values.is_null(row) || !restricted.identifiers.contains(values.value(row)));
                }
                Trace::Text(at) => {
                    let texts = self.text(batch, at)?;
                    keep(&|row| texts.is_null(row) || !restricted.names(texts.value(row)));
                }
            }
        }
        Ok(judged.then(|| BooleanArray::from(kept)))
    }

    /// Which rows are of somebody under 14 who is not seen like others; none where nobody is asked for.
    fn minors(&self, batch: &RecordBatch) -> Result<Option<BooleanArray>> {
        let (Some(born), false) = (&self.shape.born, self.seen.minors == Which::All) else { return Ok(None) };
        let minors = &self.protected.minors;
        let mut young = vec![false; batch.num_rows()];
        let mut or =
            |is_young: &dyn Fn(usize) -> bool| young.iter_mut().enumerate().for_each(|(row, young)| *young = *young || is_young(row));
        for born in self.texts(batch, born)? {
            or(&|row| born.is_valid(row) && minors.is_birth_of_one(born.value(row)));
        }
        for trace in &self.shape.traces {
            match *trace {
                Trace::Record(at) => {
                    let records = self.numbers(batch, at)?;
                    or(&|row| records.is_valid(row) && minors.records.has(records.value(row)));
                }
                Trace::Entity(at) => {
                    let entities = self.numbers(batch, at)?;
                    or(&|row| entities.is_valid(row) && minors.entities.has(entities.value(row)));
                }
                Trace::Records(first, last) => {
                    let (first, last) = (self.numbers(batch, first)?, self.numbers(batch, last)?);
                    or(&|row| minors.records.any(first.value(row), last.value(row)));
                }
                Trace::Identifier(_) | Trace::Text(_) => {}
            }
        }
        let clear = self.clear_for(batch, &self.seen.minors)?;
        Ok(Some(young.into_iter().zip(clear.iter()).map(|(young, clear)| Some(young && clear != Some(true))).collect()))
    }

    /// A column as it is seen.
    fn column(&self, batch: &RecordBatch, place: usize, minors: Option<&BooleanArray>) -> Result<ArrayRef> {
        let (at, column) = (self.read[place], batch.column(place));
        let young = minors.filter(|_| self.protected.covers_minors(&self.shape, at));
        let clear = self.seen.clear[at].as_ref().map(|which| self.clear_for(batch, which)).transpose()?;
        let covered: BooleanArray = match (clear, young) {
            (None, None) => return Ok(Arc::clone(column)),
            (Some(clear), None) => clear.iter().map(|clear| Some(clear != Some(true))).collect(),
            (None, Some(young)) => young.clone(),
            (Some(clear), Some(young)) => {
                clear.iter().zip(young).map(|(clear, young)| Some(clear != Some(true) || young == Some(true))).collect()
            }
        };
        if covered.true_count() == 0 {
            return Ok(Arc::clone(column));
        }
        masked(&self.shape.columns[at].mask, column, &covered)
    }

    /// For which rows something is clear, by their department.
    fn clear_for(&self, batch: &RecordBatch, which: &Which) -> Result<BooleanArray> {
        let all = |is_clear: bool| Ok(BooleanArray::from(vec![is_clear; batch.num_rows()]));
        match (which, &self.shape.owner) {
            (Which::All, _) => all(true),
            (Which::Only(some), _) if some.is_empty() => all(false),
            (Which::Only(some), Owner::Column(at)) => {
                let departments = self.text(batch, *at)?;
                Ok((0..departments.len()).map(|row| Some(departments.is_valid(row) && some.contains(departments.value(row)))).collect())
            }
            (Which::Only(_), _) => all(false),
        }
    }

    fn place(&self, at: usize) -> Result<usize> {
        self.read.iter().position(|read| *read == at).ok_or_else(|| exec_datafusion_err!("a column by which rows are judged was not read"))
    }

    fn numbers(&self, batch: &RecordBatch, at: usize) -> Result<Int64Array> {
        let column = batch.column(self.place(at)?).as_primitive_opt::<Int64Type>();
        column.cloned().ok_or_else(|| exec_datafusion_err!("a column of numbers has another type"))
    }

    fn text(&self, batch: &RecordBatch, at: usize) -> Result<StringArray> {
        let column = cast(batch.column(self.place(at)?), &DataType::Utf8)?;
        column.as_string_opt::<i32>().cloned().ok_or_else(|| exec_datafusion_err!("a column of texts has another type"))
    }

    fn texts(&self, batch: &RecordBatch, columns: &[usize]) -> Result<Vec<StringArray>> {
        columns.iter().map(|at| self.text(batch, *at)).collect()
    }
}

/// The column with masks where it is covered.
fn masked(mask: &Mask, column: &ArrayRef, covered: &BooleanArray) -> Result<ArrayRef> {
    if matches!(mask, Mask::Empty) {
        let nothing = new_null_array(column.data_type(), column.len());
        return Ok(zip(covered, &nothing, column)?);
    }
    let texts = cast(column, &DataType::Utf8)?;
    let texts = texts.as_string::<i32>();
    let shown = |row: usize| -> Option<Cow<'_, str>> {
        let text = texts.is_valid(row).then(|| texts.value(row))?;
        Some(match mask {
            _ if !covered.value(row) => Cow::Borrowed(text),
            Mask::Kind(kind) => Cow::Owned(kind.mask(text)),
            Mask::Stars | Mask::Empty => Cow::Borrowed("***"),
        })
    };
    Ok(Arc::new((0..texts.len()).map(shown).collect::<StringArray>()))
}
