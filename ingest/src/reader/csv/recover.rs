//! Where the records begin again after a quote that went astray. A record of several lines that is torn, never closed or of another width
//! than the table is taken apart: its first line is refused, and so are the lines after it up to the first one from which records read
//! well. Among few columns a sentence with commas inside a torn cell reads well by chance, so there the next quote has to agree: one that
//! opens a cell says that the lines before it were rows, one in the midst of a cell that they were not. No row is ever made of what was
//! refused. The search ends after a bounded number of lines.

use super::{
    cut::count_plainly,
    lines::Place,
    record::{Broken, Record},
    records::{Records, Unit},
};
use crate::Error;
use memchr::{memchr, memchr_iter};
use std::io::Read;

/// Lines among which the records may begin again.
const LOOK_AHEAD: usize = 1000;

/// From so many columns on, no line has their number by chance.
const SURE_WIDTH: usize = 6;

/// Records among which the next quote is looked for; without one, all of them have to read well.
const CONFIRM: usize = 16;

impl<R: Read> Records<R> {
    /// What makes a record doubtful: it may be less than one, or more.
    pub(super) fn doubt(&mut self, record: &Record) -> Result<Option<Broken>, Error> {
        if record.lines > 1 {
            return Ok(match record.broken {
                None if self.is_twofold(record)? => Some(Broken::Twofold),
                None => Some(Broken::Torn).filter(|_| self.is_spread(record)),
                broken => broken,
            });
        }
        // With an odd number of quotes a torn cell may go on in the next line.
        let quotes = || self.dialect.quote.map_or(0, |quote| memchr_iter(quote, record.text.as_bytes()).count());
        Ok(record.broken.filter(|broken| *broken == Broken::Torn && quotes() % 2 == 1))
    }

    /// It has the wrong width, and the lines inside it have the right one: two quotes too many, far apart.
    fn is_spread(&self, record: &Record) -> bool {
        let Some(width) = self.width.filter(|width| *width > 2 && record.len() != *width) else { return false };
        let lines: Vec<&str> = record.each_line().collect();
        let inside = if lines.len() > 2 { &lines[1..lines.len() - 1] } else { &lines[..] };
        inside.iter().all(|line| count_plainly(&self.dialect, line) == width)
    }

    /// Lists what is refused from `start` on, and where the records go on.
    pub(super) fn recover(&mut self, start: Place, record: &Record, broken: Broken) -> Result<(), Error> {
        let is_twofold = broken == Broken::Twofold;
        let lines = if is_twofold { usize::try_from(record.lines).unwrap_or(LOOK_AHEAD) } else { LOOK_AHEAD };
        let is_sure = self.width.is_some_and(|width| width >= SURE_WIDTH);
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut place = start;
        // Cells of the refused lines since the last of them that is a row, put together.
        let mut cells = 0_usize;
        for at in 0..lines {
            // A row that was broken in its first cell goes on with a line that looks like a whole one.
            let is_rest = cells == 1 && self.width.is_some_and(|width| width > 1);
            let begins = at > 0 && !is_twofold && !is_rest && self.begins_again(place, is_sure, &mut scratch)?;
            if begins || !self.pass_line(&mut place, broken, &mut scratch)? {
                break;
            }
            let count = count_plainly(&self.dialect, &scratch.text);
            cells = if is_rest || self.width != Some(count) { cells.saturating_sub(1) + count } else { count };
        }
        self.scratch = scratch;
        self.resume = place;
        Ok(())
    }

    /// Whether records read well from here on.
    fn begins_again(&mut self, place: Place, is_sure: bool, scratch: &mut Record) -> Result<bool, Error> {
        self.lines.go(place);
        if !self.probe(scratch)? || !self.is_good(scratch) {
            return Ok(false);
        }
        if is_sure || scratch.is_quoted {
            return Ok(true);
        }
        for _ in 0..CONFIRM {
            if !self.probe(scratch)? {
                return Ok(true);
            }
            if let Some(opens) = self.first_quote_opens(scratch) {
                return Ok(opens);
            }
            if !scratch.is_blank() && !self.is_good(scratch) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the first quote of a record stands where a cell begins; nothing when there is no quote.
    fn first_quote_opens(&self, record: &Record) -> Option<bool> {
        let at = memchr(self.dialect.quote?, record.text.as_bytes())?;
        Some(at == 0 || record.text.as_bytes()[..at].ends_with(self.dialect.delimiter.as_bytes()))
    }

    fn is_good(&self, record: &Record) -> bool {
        record.broken.is_none() && self.width.is_none_or(|width| record.len() == width) && !self.may_be_rows(record)
    }

    /// Refuses the line at `place`, as a row of its own when it has the cells of one, and goes to the next; false at the end.
    fn pass_line(&mut self, place: &mut Place, broken: Broken, scratch: &mut Record) -> Result<bool, Error> {
        self.lines.go(*place);
        scratch.clear();
        if self.lines.next(&mut scratch.text)?.is_none() {
            return Ok(false);
        }
        let is_row = self.width.is_some_and(|width| width > 1 && count_plainly(&self.dialect, &scratch.text) == width);
        match self.refused.back_mut() {
            Some(unit) if !is_row => unit.lines += 1,
            _ => self.refused.push_back(Unit { place: *place, lines: 1, broken }),
        }
        *place = self.lines.place();
        Ok(true)
    }
}
