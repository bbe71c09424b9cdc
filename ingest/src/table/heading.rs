//! Where the headings of an unknown table stand, and how many cells its rows have. Said beforehand, that is followed; else the headings are
//! the first rows that look like names above values. What is odd about them is told: rows are read by place, so a damaged heading harms none.

use super::{
    profile::Profile,
    sample::{LOOKED_AT, Seen},
    search::{grow, search},
};
use std::collections::BTreeMap;
use wuwei_schema::Notice;

/// What was said of the headings beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// The first row of them, or of the values when there are none.
    pub(super) row: Option<u64>,
    /// How many rows they take; none is no heading.
    pub(super) rows: Option<u64>,
}

/// The head of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// The number of the last row that is not one of values.
    pub(super) last: u64,
    /// For each column, the parts of its name from above; no columns where the table has no headings.
    pub(super) names: Vec<Vec<String>>,
    /// Cells of a row.
    pub(super) width: usize,
    /// Rows above that are no headings.
    pub(super) above: Vec<u64>,
    pub(super) profile: Profile,
    /// What was found.
    pub(super) evidence: Vec<Notice>,
}

/// Finds the head of the table in the records of a sample. `again` divides a line otherwise, into so many cells.
pub(super) fn find(records: &[Seen], said: Place, again: impl Fn(&Seen, usize) -> Option<Vec<String>>) -> Head {
    let usual = usual(records, 0).map_or(1, |(width, _)| width);
    let values: Vec<&Seen> = records.iter().take(LOOKED_AT).filter(|record| record.width == usual && is_sound(record)).collect();
    // The first of them may be headings.
    let first = (values.len() / 3).max(usize::from(values.len() > 1)).min(15);
    let profile = Profile::of(values.get(first..).unwrap_or_default(), usual);
    let mut evidence = Vec::new();
    let range = match said {
        Place { rows: Some(rows), row } => start_of(records, row.unwrap_or(1), rows),
        Place { rows: None, row: Some(row) } => grow(records, start_of(records, row, 1), &profile),
        _ => search(records, &profile, usual, &mut evidence),
    };
    let mut rows: Vec<Vec<String>> = records[range.clone()].iter().filter(|row| !row.is_blank).map(|row| row.cells.clone()).collect();
    let width = width(records, &range, usual, &mut evidence);
    if let [only] = &mut rows[..]
        && (only.len() != width || records[range.clone()].iter().any(|row| row.is_broken))
    {
        mend(&records[range.start], only, width, &again, &mut evidence);
    }
    let last = records[..range.end].last().map_or(0, |record| record.number);
    let above = records[..range.start].iter().map(|record| record.number).collect();
    Head { last, names: join(&rows), width, above, profile, evidence }
}

pub(super) fn is_sound(record: &Seen) -> bool {
    !record.is_blank && !record.is_broken
}

/// The width that most rows have from there on, and how many of all have it.
fn usual(records: &[Seen], from: usize) -> Option<(usize, (usize, usize))> {
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let sound = records.get(from..).unwrap_or_default().iter().filter(|record| is_sound(record));
    sound.for_each(|record| *widths.entry(record.width).or_default() += 1);
    let all = widths.values().sum();
    let first = records.iter().find(|record| is_sound(record)).map_or(0, |record| record.width);
    widths.into_iter().max_by_key(|(width, count)| (*count, *width == first)).map(|(width, count)| (width, (count, all)))
}

/// The records from that row on, as many as said.
fn start_of(records: &[Seen], row: u64, rows: u64) -> std::ops::Range<usize> {
    let start = records.iter().position(|record| record.number >= row).unwrap_or(records.len());
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    start..start.saturating_add(rows).min(records.len())
}

/// How many cells a row has: as many as the headings, unless the rows agree among themselves on another number.
fn width(records: &[Seen], range: &std::ops::Range<usize>, usual_of_all: usize, evidence: &mut Vec<Notice>) -> usize {
    let Some((usual, (count, all))) = usual(records, range.end) else {
        return records[range.clone()].last().map_or(usual_of_all, |heading| heading.width);
    };
    let Some(heading) = records[range.clone()].iter().rfind(|row| !row.is_blank) else { return usual };
    if heading.width == usual {
        return usual;
    }
    let ended = records[range.end..].iter().filter(|record| is_sound(record) && record.is_ended).count();
    if count * 10 >= all * 9 && (all > 4 || usual == heading.width + 1 && ended == all) {
        let told = Notice::new("headings-of-another-width").with("headings", heading.width).with("cells", usual);
        evidence.push(told.with("count", count).with("rows", all));
        return usual;
    }
    let first = records[range.end..].iter().filter(|record| is_sound(record)).take(20).cloned().collect::<Vec<_>>();
    match self::usual(&first, 0) {
        // No row at all has the width of the headings: several tables one under the other, each with another width.
        Some((of_first, (count, _))) if count > 4 && !records[range.end..].iter().any(|record| record.width == heading.width) => of_first,
        _ => heading.width,
    }
}

/// Headings of another width than the rows, where it is plain how they come by it: one cell too many and one that is empty, or another
/// delimiter.
fn mend(
    record: &Seen,
    names: &mut Vec<String>,
    width: usize,
    again: &impl Fn(&Seen, usize) -> Option<Vec<String>>,
    evidence: &mut Vec<Notice>,
) {
    if record.is_broken && names.len() > 1 {
        evidence.push(Notice::new("headings-quote"));
        names.iter_mut().for_each(|name| *name = bare(name).to_owned());
        return;
    }
    let empty: Vec<usize> = names.iter().enumerate().filter(|(_, name)| name.trim().is_empty()).map(|(at, _)| at).collect();
    if let (true, [only]) = (names.len() == width + 1, &empty[..]) {
        names.remove(*only);
        evidence.push(Notice::new("headings-nameless"));
    } else if let Some(divided) = again(record, width) {
        *names = divided;
        evidence.push(Notice::new("headings-divided-otherwise"));
    }
}

/// A name without the quotes around it, where there are two.
fn bare(name: &str) -> &str {
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

/// The parts of each column's name: as it stands where it is one, without blanks around them where they are several. A name above several
/// columns stands in the first of them.
fn join(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    if let [only] = rows {
        let named = |name: &String| if name.trim().is_empty() { Vec::new() } else { vec![name.clone()] };
        return only.iter().map(named).collect();
    }
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut names = vec![Vec::new(); width];
    for (at, row) in rows.iter().enumerate() {
        let spreads = row.iter().filter(|cell| !cell.trim().is_empty()).count() > 1;
        let mut last = "";
        for (place, parts) in names.iter_mut().enumerate() {
            let own = row.get(place).map_or("", |cell| cell.trim());
            let under = rows[at + 1..].iter().any(|row| row.get(place).is_some_and(|cell| !cell.trim().is_empty()));
            last = if own.is_empty() { last } else { own };
            let name = if own.is_empty() && spreads && under { last } else { own };
            if !name.is_empty() {
                parts.push(name.to_owned());
            }
        }
    }
    names
}
