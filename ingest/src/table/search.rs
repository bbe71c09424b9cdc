//! Which of the first rows of an unknown table are its headings: those that look like names above values. Looks, and where a row stands
//! among blank ones; what the names are is not asked, and what becomes of odd headings is in `heading`.

use super::{
    heading::is_sound,
    profile::{Profile, Votes},
    sample::{LOOKED_AT, Seen},
};
use crate::reader::csv::class::is_number;
use std::ops::Range;
use wuwei_schema::Notice;

/// Rows seen against the columns of the table.
struct Rows<'a> {
    all: &'a [Seen],
    profile: &'a Profile,
    /// The width that most rows have.
    usual: usize,
}

/// The first row that has names for most columns; no rows where values begin at once.
pub(super) fn search(records: &[Seen], profile: &Profile, usual: usize, evidence: &mut Vec<Notice>) -> Range<usize> {
    let rows = Rows { all: &records[..records.len().min(LOOKED_AT)], profile, usual };
    let begins = |at: &usize| !rows.all[*at].is_blank && (rows.is_full(*at) || rows.is_values(*at) || rows.stands_again(*at));
    let Some(start) = (0..rows.all.len()).find(begins) else {
        evidence.push(Notice::new("rows-empty"));
        return 0..0;
    };
    // A sentence above the names has as many delimiters as it has.
    let is_caption = rows.all[start].width != usual && rows.is_names(start + 1);
    let start = start + usize::from(is_caption);
    let is_lone = rows.all.iter().filter(|record| !record.is_blank).count() == 1;
    if rows.is_values(start) || is_lone && rows.all[start].cells.iter().all(|cell| is_number(cell)) {
        let before = start.checked_sub(1).filter(|before| rows.is_names_of_old(*before));
        if before.is_none() {
            evidence.push(Notice::new("no-headings").with("row", rows.all[start].number));
        }
        return before.map_or(start..start, |before| before..start);
    }
    // Headings of several columns together stand above their names.
    let uppers = (0..start).rev().take_while(|at| rows.is_upper(*at)).count();
    grow(records, start - uppers..start + 1, profile)
}

/// Takes the rows under a heading to it that repeat it, or have names where values of one look stand, or where it has none.
pub(super) fn grow(records: &[Seen], mut range: Range<usize>, profile: &Profile) -> Range<usize> {
    let is_near = |next: &&Seen| next.number < LOOKED_AT as u64 && !next.is_broken;
    while range.start < range.end
        && let Some(next) = records.get(range.end).filter(is_near)
    {
        let last = &records[range.end - 1];
        let repeats = next.cells == last.cells && !next.is_blank;
        let below = records.get(range.end + 1).filter(|below| next.is_blank && is_near(below) && is_lower(last, below));
        if below.is_some() {
            range.end += 2;
        } else if repeats || is_part(next, profile) || is_lower(last, next) {
            range.end += 1;
        } else {
            break;
        }
    }
    range
}

/// Whether a row under a heading goes on with it: names over columns of another look, or nothing else but words over columns of numbers,
/// which are units, or the end of a long name.
fn is_part(next: &Seen, profile: &Profile) -> bool {
    let votes = votes(profile, next);
    let is_all = votes.names > 0 && votes.names == filled(next);
    votes.values == 0 && (votes.names > 1 && votes.names * 2 >= profile.strict() || is_all)
}

/// Whether a row has a name for each column that the row above has none for, and for no other but the first of each group.
fn is_lower(upper: &Seen, lower: &Seen) -> bool {
    let is_named = |at: usize| upper.cells.get(at).is_some_and(|cell| !cell.trim().is_empty());
    let is_said = |at: usize| lower.cells.get(at).is_some_and(|cell| !cell.trim().is_empty());
    let is_group = |at: usize| at + 1 < upper.cells.len() && is_named(at) && !is_named(at + 1);
    let width = upper.cells.len();
    let is_text = lower.cells.iter().all(|cell| !is_number(cell.trim()));
    // Two groups, or one of three columns: less may be a row of its own.
    (0..width).filter(|at| !is_named(*at)).count() > 1
        && is_text
        && width == lower.cells.len()
        && (0..width).all(|at| is_said(at) == (!is_named(at) || is_group(at)))
}

fn votes(profile: &Profile, record: &Seen) -> Votes {
    profile.votes(record.cells.iter().map(String::as_str))
}

fn filled(record: &Seen) -> usize {
    record.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
}

impl Rows<'_> {
    /// Something stands in most columns.
    fn is_full(&self, at: usize) -> bool {
        filled(&self.all[at]) * 2 > self.profile.used() && self.all[at].width * 2 > self.usual
    }

    /// It looks like the rows of the table. One cell alone that stands there again below may as well be a title.
    fn is_values(&self, at: usize) -> bool {
        let (record, votes) = (&self.all[at], votes(self.profile, &self.all[at]));
        let is_like = record.width == self.usual && is_sound(record) && votes.values > votes.names;
        is_like && (votes.values > 1 || self.is_full(at)) && !self.stands_again(at)
    }

    fn is_names(&self, at: usize) -> bool {
        let is = |record: &Seen| {
            let votes = votes(self.profile, record);
            record.width == self.usual && is_sound(record) && votes.values == 0 && votes.names > 0
        };
        self.all.get(at).is_some_and(is) && self.is_full(at)
    }

    /// It has names only, though for few columns.
    fn is_upper(&self, at: usize) -> bool {
        let record = &self.all[at];
        record.width == self.usual && filled(record) > 1 && votes(self.profile, record).values == 0
    }

    /// A line above the values that has no delimiter of theirs: names, divided in another way.
    fn is_names_of_old(&self, at: usize) -> bool {
        self.all[at].width == 1 && self.usual > 2 && !self.all[at].is_blank
    }

    /// Several of its cells begin another part of the file, after blank rows or a title: they are names.
    fn stands_again(&self, at: usize) -> bool {
        let is_gap = |record: &Seen| record.is_blank || record.width > 1 && filled(record) == 1;
        let same = |other: &Seen| {
            let pairs = self.all[at].cells.iter().zip(&other.cells);
            pairs.filter(|(cell, other)| cell == other && !cell.trim().is_empty() && !is_number(cell.trim())).count()
        };
        let later = self.all.get(at..).unwrap_or_default();
        later.windows(2).any(|pair| is_gap(&pair[0]) && same(&pair[1]) > 1 && same(&pair[1]) * 3 > filled(&self.all[at]))
    }
}
