//! The walk through a file: every row is mapped, refused or skipped, counted, and handed on in batches of bounded size.

use crate::{
    Chunk, Error, Extract, Held, Opened, Report,
    chunk::{ChunkBuilder, Known, Lineage, day_number},
    held::{DELETED, Delivery, RowHash, Step, Terms},
    map::{Mapping, Standing},
    reader::{Reader, Row, ahead, reader},
    reject::Reject,
    remark::is_remark_with,
    source::Condition,
};
use std::{fmt, sync::Arc};
use wuwei_schema::{Fault, Model};

/// Rows of a file that go into one chunk: what a reader of batches can hold without thinking about it.
const CHUNK_ROWS: u64 = 8192;

/// Bytes of their cells, above which a chunk ends with the row that reaches it: rows may be of any width.
const CHUNK_BYTES: usize = 16 << 20;

/// Reads a file that was opened; records are numbered from `first_record`, densely over all types, in the order of rows. `held` is what
/// stands of the extract so far: rows in it are not kept twice, and what they make of it is in [`Chunk::retired`].
///
/// # Errors
/// [`Error`] when the file cannot be read any more. What is wrong with a row is in [`Chunk::rejects`].
pub fn read<'a>(opened: Opened<'a>, model: &'a Model, first_record: i64, held: Held) -> Result<Reading<'a>, Error> {
    let rows = reader(&opened)?;
    let Opened { extract, batch, name, understood, until, .. } = opened;
    let delivery = Delivery::new(Terms::of(extract.contract, understood.repairs.is_some()), held);
    let mut reading = Reading::new(rows, extract, model, batch, name, first_record, delivery);
    reading.mapping.until = until;
    Ok(reading)
}

/// A file being read: an iterator of chunks.
pub struct Reading<'a> {
    rows: Box<dyn Reader>,
    extract: &'a Extract,
    mapping: Mapping<'a>,
    chunk: ChunkBuilder<'a>,
    delivery: Delivery,
    hash: RowHash,
    deleted: Option<Condition<'a>>,
    report: Report,
    file: String,
    row: Row,
    rejects: Vec<Reject<'a>>,
    /// The sheet and the row where headings of another table stand, until those of this one stand again.
    other_table: Option<(Option<Arc<str>>, u64)>,
    has_ended: bool,
}

impl fmt::Debug for Reading<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reading").field("file", &self.file).field("report", &self.report).finish_non_exhaustive()
    }
}

impl<'a> Reading<'a> {
    pub(crate) fn new(
        rows: Box<dyn Reader>,
        extract: &'a Extract,
        model: &'a Model,
        batch: String,
        file: String,
        first_record: i64,
        delivery: Delivery,
    ) -> Reading<'a> {
        let rows = ahead(rows, extract);
        let mapping = Mapping::new(extract, model);
        let lineage = Lineage { department: extract.department.clone(), extract: extract.name.clone(), batch, file: file.clone() };
        let chunk = ChunkBuilder::new(lineage, extract, model, &mapping);
        let report = Report { next_record: first_record, held: delivery.held() as u64, ..Report::default() };
        let deleted = extract.deleted.as_ref().and_then(|when| Condition::new(when, &extract.columns));
        let (hash, row, rejects) = (RowHash::new(extract), Row::default(), Vec::new());
        Reading { rows, extract, mapping, chunk, delivery, hash, deleted, report, file, row, rejects, other_table: None, has_ended: false }
    }

    /// The account so far; complete once the iterator has ended without an error.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn fill(&mut self) -> Result<Option<Chunk>, Error> {
        let limit = self.report.read + CHUNK_ROWS;
        let mut bytes = 0;
        while !self.has_ended && self.report.read < limit && bytes < CHUNK_BYTES {
            if self.rows.next(&mut self.row)? {
                bytes += self.row.cells.iter().map(String::len).sum::<usize>();
                self.take();
            } else {
                self.has_ended = true;
                self.delivery.close();
                self.report.spared = self.delivery.spared();
                self.report.balance(&self.file)?;
            }
        }
        for _ in 0..CHUNK_ROWS {
            let Some(retired) = self.delivery.retired.pop_front() else { break };
            self.report.retire(retired.why.name());
            self.chunk.retire(retired);
        }
        if self.chunk.is_empty() {
            return Ok(None);
        }
        let chunk = self.chunk.finish().map_err(|source| Error::Batch { file: self.file.clone(), source })?;
        chunk.records.iter().for_each(|(entity, records)| self.report.records(entity, records.num_rows() as u64));
        Ok(Some(chunk))
    }

    /// Accounts for the present row.
    fn take(&mut self) {
        self.report.read += 1;
        let fault = self.row.fault.take();
        // Of a row that could not be read only a remark is sure to be no data: what is missing in it may be why it looks blank.
        let standing = match &fault {
            Some(fault) if is_remark_with(fault, &self.row.cells) => Standing::None,
            Some(_) => Standing::Data,
            None => self.mapping.standing(&self.row.cells),
        };
        if matches!(standing, Standing::None | Standing::Heading) {
            self.other_table.take_if(|_| standing == Standing::Heading);
            self.report.skipped += 1;
            return;
        }
        let fault = fault.or_else(|| self.other_table(standing));
        let (key, hash) = self.row.known;
        self.rejects.clear();
        if let Some(fault) = fault {
            return self.take_unread(key, fault);
        }
        if let Some(reason) = self.mapping.excluded(&self.row.cells) {
            // What was held before somebody found out that it may not be is held no longer.
            self.delivery.exclude(key);
            self.report.exclude(reason);
            return;
        }
        self.mapping.row(&self.row.cells, &mut self.rejects);
        // A row that is refused has emptied no cell: its owner is told only what to mend.
        let is_refused = self.rejects.iter().any(|reject| reject.refuses);
        for (at, reject) in self.rejects.iter().filter(|reject| reject.refuses == is_refused).enumerate() {
            self.chunk.reject(&self.row, reject, at == 0);
            self.report.reject(reject);
        }
        if is_refused {
            // A row whose key is in doubt may be one of those that are held.
            let is_doubtful = |reject: &Reject<'_>| reject.refuses && reject.column.is_none_or(|column| self.extract.is_of_key(column));
            let is_sound = self.hash.has_key(&self.row.cells) && !self.rejects.iter().any(is_doubtful);
            self.delivery.refuse(key, Some(hash).filter(|_| !is_sound));
            self.report.rejected += 1;
            return;
        }
        self.report.accepted += 1;
        self.report.observe(self.mapping.observed());
        self.settle(key, hash);
    }

    /// Refuses the present row, which could not be read: its cells may stand in each other's columns.
    fn take_unread(&mut self, key: i64, fault: Fault) {
        self.delivery.refuse_unread(key);
        // Nobody can say then which of them may be kept: its owner gets the number of the row and no more.
        if self.mapping.has_exclusions() || !self.extract.drop.is_empty() {
            self.row.cells.iter_mut().for_each(String::clear);
        }
        let reject = Reject { column: None, fault, value: None, refuses: true };
        self.chunk.reject(&self.row, &reject, true);
        self.report.reject(&reject);
        self.report.rejected += 1;
    }

    /// Why the present row is none of this table, if headings of another one stand above it or are it.
    fn other_table(&mut self, standing: Standing) -> Option<Fault> {
        let refused = |rule, reason| Some(Fault { rule, reason, proposal: None });
        if standing == Standing::OtherHeading {
            self.other_table = Some((self.row.sheet.clone(), self.row.number));
            return refused("row_heading", "该行多数单元格是列名，像是另一张表的表头，不作为数据，请每个文件只放一张表".to_owned());
        }
        let (_, row) = self.other_table.as_ref().filter(|(sheet, _)| *sheet == self.row.sheet)?;
        refused("table_next", format!("第{row}行像是另一张表的表头，其后各行不作为本表数据，请每个文件只放一张表"))
    }

    /// Keeps the present row, which was accepted, unless it is held already.
    fn settle(&mut self, key: i64, hash: i64) {
        let is_deleted = self.deleted.as_ref().is_some_and(|when| when.holds(&self.row.cells));
        let observed = self.mapping.observed();
        let known = Known { key, hash: if is_deleted { DELETED } else { hash }, observed, day: day_number(observed) };
        match self.delivery.judge(known.key, known.hash, known.day) {
            Step::Unchanged => self.report.unchanged += 1,
            Step::Stale => self.report.stale += 1,
            Step::Deleted => self.report.deletions += 1,
            Step::Bury => {
                self.report.deletions += 1;
                let row = self.chunk.bury(&self.row, known, &mut self.report);
                self.delivery.keep(row);
            }
            Step::Keep => {
                self.report.new += 1;
                let row = self.chunk.keep(&self.row, known, &self.mapping, &mut self.report);
                self.delivery.keep(row);
            }
        }
    }
}

impl Iterator for Reading<'_> {
    type Item = Result<Chunk, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.has_ended || !self.delivery.retired.is_empty() {
            match self.fill() {
                Ok(None) => {}
                Ok(Some(chunk)) => return Some(Ok(chunk)),
                Err(error) => {
                    self.has_ended = true;
                    self.delivery.retired.clear();
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
