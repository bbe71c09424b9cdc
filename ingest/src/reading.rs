//! The walk through a file: every row is mapped, refused or skipped, counted, and handed on in batches of bounded size.

use crate::{
    Chunk, Error, Extract, Held, Opened, Report,
    block::{Block, Cells, Stand},
    chunk::{ChunkBuilder, Known, Lineage, day_number},
    held::{DELETED, Delivery, RowHash, Step, Terms},
    map::{Mapping, Standing},
    reader::{Blocks, Reader, reader},
    reject::Reject,
    remark::is_remark_with,
    source::Condition,
};
use arrow_schema::ArrowError;
use std::{fmt, sync::Arc};
use wuwei_schema::{Fault, Model};

/// Rows of a file that go into one chunk: what a reader of batches can hold without thinking about it.
const CHUNK_ROWS: u64 = 8192;

/// Bytes of their cells, above which a chunk ends with the block that reaches it: rows may be of any width.
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
    rows: Blocks,
    extract: &'a Extract,
    mapping: Mapping<'a>,
    chunk: ChunkBuilder<'a>,
    delivery: Delivery,
    hash: RowHash,
    deleted: Option<Condition<'a>>,
    report: Report,
    file: String,
    rejects: Vec<Reject<'a>>,
    /// What becomes of each row of the present block, and which of them are judged.
    fates: Vec<Fate<'a>>,
    judged: Vec<bool>,
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
        let rows = Blocks::of(rows, extract);
        let mapping = Mapping::new(extract, model);
        let lineage = Lineage { department: extract.department.clone(), extract: extract.name.clone(), batch, file: file.clone() };
        let chunk = ChunkBuilder::new(lineage, extract, model, &mapping);
        let report = Report { next_record: first_record, held: delivery.held() as u64, ..Report::default() };
        let deleted = extract.deleted.as_ref().and_then(|when| Condition::new(when, &extract.columns));
        let (hash, rejects, fates, judged) = (RowHash::new(extract), Vec::new(), Vec::new(), Vec::new());
        Reading {
            rows,
            extract,
            mapping,
            chunk,
            delivery,
            hash,
            deleted,
            report,
            file,
            rejects,
            fates,
            judged,
            other_table: None,
            has_ended: false,
        }
    }

    /// The account so far; complete once the iterator has ended without an error.
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn fill(&mut self) -> Result<Option<Chunk>, Error> {
        let limit = self.report.read + CHUNK_ROWS;
        let mut bytes = 0;
        while !self.has_ended && self.report.read < limit && bytes < CHUNK_BYTES {
            if let Some(block) = self.rows.next()? {
                bytes += block.bytes();
                self.take(&block).map_err(|source| self.no_batch(source))?;
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
        let chunk = self.chunk.finish().map_err(|source| self.no_batch(source))?;
        chunk.records.iter().for_each(|(entity, records)| self.report.records(entity, records.num_rows() as u64));
        Ok(Some(chunk))
    }

    fn no_batch(&self, source: ArrowError) -> Error {
        Error::Batch { file: self.file.clone(), source }
    }

    /// Accounts for the rows of a block: what becomes of each is told first, so that columns are judged in the rows that are judged at all.
    fn take(&mut self, block: &Block) -> Result<(), ArrowError> {
        self.fates.clear();
        for (at, stand) in block.rows.iter().enumerate() {
            let fate = self.fate(stand, block.cells(at));
            self.fates.push(fate);
        }
        self.judged.clear();
        self.judged.extend(self.fates.iter().map(|fate| matches!(fate, Fate::Judged)));
        self.mapping.judge(block, &self.judged)?;
        for at in 0..block.rows.len() {
            self.report.read += 1;
            let (key, _) = block.rows[at].known;
            match std::mem::replace(&mut self.fates[at], Fate::Skipped) {
                Fate::Skipped => self.report.skipped += 1,
                Fate::Unread(fault) => self.take_unread(block, at, fault),
                Fate::Excluded(reason) => {
                    // What was held before somebody found out that it may not be is held no longer.
                    self.delivery.exclude(key);
                    self.report.exclude(reason);
                }
                Fate::Judged => self.take_judged(block, at),
            }
        }
        self.chunk.add(block, &mut self.mapping)
    }

    /// What becomes of a row.
    fn fate(&mut self, stand: &Stand, cells: Cells<'_>) -> Fate<'a> {
        // Of a row that could not be read only a remark is sure to be no data: what is missing in it may be why it looks blank.
        let standing = match &stand.fault {
            Some(fault) if is_remark_with(fault, cells) => Standing::None,
            Some(_) => Standing::Data,
            None => self.mapping.standing(cells),
        };
        if matches!(standing, Standing::None | Standing::Heading) {
            self.other_table.take_if(|_| standing == Standing::Heading);
            return Fate::Skipped;
        }
        if let Some(fault) = stand.fault.clone().or_else(|| self.other_table(stand, standing)) {
            return Fate::Unread(fault);
        }
        self.mapping.excluded(cells).map_or(Fate::Judged, Fate::Excluded)
    }

    /// Accounts for a row whose columns were judged.
    fn take_judged(&mut self, block: &Block, at: usize) {
        let (cells, (key, hash)) = (block.cells(at), block.rows[at].known);
        self.rejects.clear();
        self.mapping.row(at, cells, &mut self.rejects);
        // A row that is refused has emptied no cell: its owner is told only what to mend.
        let is_refused = self.rejects.iter().any(|reject| reject.refuses);
        for (place, reject) in self.rejects.iter().filter(|reject| reject.refuses == is_refused).enumerate() {
            self.chunk.reject(&block.rows[at], cells, reject, place == 0);
            self.report.reject(reject);
        }
        if !is_refused {
            self.report.accepted += 1;
            self.report.observe(self.mapping.observed());
            return self.settle(block, at);
        }
        // A row whose key is in doubt may be one of those that are held.
        let is_doubtful = |reject: &Reject<'_>| reject.refuses && reject.column.is_none_or(|column| self.extract.is_of_key(column));
        let is_sound = self.hash.has_key(cells) && !self.rejects.iter().any(is_doubtful);
        self.delivery.refuse(key, Some(hash).filter(|_| !is_sound));
        self.report.rejected += 1;
    }

    /// Refuses a row that could not be read: its cells may stand in each other's columns.
    fn take_unread(&mut self, block: &Block, at: usize, fault: Fault) {
        let stand = &block.rows[at];
        self.delivery.refuse_unread(stand.known.0);
        // Nobody can say then which of them may be kept: its owner gets the number of the row and no more.
        let may_be_told = !self.mapping.has_exclusions() && self.extract.drop.is_empty();
        let cells = if may_be_told { block.cells(at) } else { Cells::NONE };
        let reject = Reject { column: None, fault, value: None, refuses: true };
        self.chunk.reject(stand, cells, &reject, true);
        self.report.reject(&reject);
        self.report.rejected += 1;
    }

    /// Why a row is none of this table, if headings of another one stand above it or are it.
    fn other_table(&mut self, stand: &Stand, standing: Standing) -> Option<Fault> {
        let refused = |rule, reason| Some(Fault { rule, reason, proposal: None });
        if standing == Standing::OtherHeading {
            self.other_table = Some((stand.sheet.clone(), stand.number));
            return refused("row_heading", "该行多数单元格是列名，像是另一张表的表头，不作为数据，请每个文件只放一张表".to_owned());
        }
        let (_, row) = self.other_table.as_ref().filter(|(sheet, _)| *sheet == stand.sheet)?;
        refused("table_next", format!("第{row}行像是另一张表的表头，其后各行不作为本表数据，请每个文件只放一张表"))
    }

    /// Keeps a row that was accepted, unless it is held already.
    fn settle(&mut self, block: &Block, at: usize) {
        let (stand, cells) = (&block.rows[at], block.cells(at));
        let is_deleted = self.deleted.as_ref().is_some_and(|when| when.holds(cells));
        let observed = self.mapping.observed();
        let (key, hash) = stand.known;
        let known = Known { key, hash: if is_deleted { DELETED } else { hash }, observed, day: day_number(observed) };
        match self.delivery.judge(known.key, known.hash, known.day) {
            Step::Unchanged => self.report.unchanged += 1,
            Step::Stale => self.report.stale += 1,
            Step::Deleted => self.report.deletions += 1,
            Step::Bury => {
                self.report.deletions += 1;
                let row = self.chunk.bury((at, stand), known, &mut self.report);
                self.delivery.keep(row);
            }
            Step::Keep => {
                self.report.new += 1;
                let row = self.chunk.keep((at, stand), known, &self.mapping, &mut self.report);
                self.delivery.keep(row);
            }
        }
    }
}

/// What becomes of a row, before its cells are judged.
enum Fate<'a> {
    /// It is blank, headings once more, totals or a remark.
    Skipped,
    /// It could not be read, or is none of this table.
    Unread(Fault),
    /// It may not be kept, for this reason.
    Excluded(&'a str),
    /// Its cells are judged.
    Judged,
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
