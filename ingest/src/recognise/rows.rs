//! Headings of several rows: a group and what stands below it are one name, `申请人/姓名`. Where a sheet says what it merged, that is taken;
//! where it cannot say so (CSV), a group's name holds to its right. Of the names that a place can have so, the one that is a column is its
//! name: how a heading was drawn may be guessed, which column it is may not.

use super::{
    Line,
    headings::{HEAD_ROWS, fold},
};
use crate::Extract;
use std::{borrow::Cow, collections::HashSet};

/// Every way to read the first rows as the heading of that extract, the likelier first.
pub(super) fn readings<'l>(head: &'l [Line], extract: &Extract) -> impl Iterator<Item = Cow<'l, Line>> {
    let count = u64::from(extract.heading_rows).min(HEAD_ROWS);
    let columns: HashSet<String> = if count > 1 { extract.columns.iter().map(|column| fold(column)).collect() } else { HashSet::new() };
    let levels = extract.columns.iter().map(|column| column.split('/').count()).max().unwrap_or(1);
    let blocks = move |titles: usize| {
        let columns = columns.clone();
        let starts = head.iter().filter(move |_| count > 1);
        starts.filter_map(move |line| block(head, line.number, line.number + count - 1, &columns, titles)).map(Cow::Owned)
    };
    // Rows above the names of a department that has fewer levels than its heading has rows are titles of parts of the table.
    let titles = usize::try_from(count).unwrap_or(1).saturating_sub(levels);
    let titled = if titles > 0 { Some(blocks.clone()(titles)) } else { None };
    blocks(0).chain(head.iter().map(Cow::Borrowed)).chain(titled.into_iter().flatten())
}

/// The rows as the heading of an extract that is not known; none when they are not there.
pub(crate) fn joined(head: &[Line], first: u64, last: u64) -> Option<Line> {
    block(head, first, last, &HashSet::new(), 0)
}

/// The rows as one heading; none when they are not there.
fn block(head: &[Line], first: u64, last: u64, columns: &HashSet<String>, titles: usize) -> Option<Line> {
    // A row in which nothing stands is not among the first ones; merged cells may cover it all the same.
    let blank: Vec<Line> = (first..=last).map(|number| Line { number, ..Line::default() }).collect();
    let lines: Vec<&Line> = blank.iter().map(|blank| head.iter().find(|line| line.number == blank.number).unwrap_or(blank)).collect();
    let width = lines.iter().map(|line| line.width).max()?;
    let mut cells = Vec::new();
    for place in 0..width {
        let names = names(&lines, place, titles);
        let known = names.iter().position(|name| columns.contains(&fold(name))).unwrap_or(0);
        cells.extend(names.into_iter().nth(known).map(|name| (place, name)));
    }
    let is_quoted = lines.iter().any(|line| line.is_quoted);
    Some(Line { number: last, above: last - first, cells, width, is_quoted, ..Line::default() })
}

/// The names a place may have, the likelier first; none when nothing stands there.
fn names(lines: &[&Line], place: usize, titles: usize) -> Vec<String> {
    let is_merged = lines.iter().any(|line| !line.covered.is_empty());
    let (merged, filled) = (merged(lines, place), filled(lines, place));
    let ways = if is_merged { [merged, filled] } else { [filled, merged] };
    let below = |parts: &[String]| (1..=titles.min(parts.len().saturating_sub(1))).map(|above| parts[above..].to_vec()).collect::<Vec<_>>();
    let titled: Vec<Vec<String>> = ways.iter().flat_map(|parts| below(parts)).collect();
    ways.into_iter().chain(titled).filter(|parts| !parts.is_empty()).map(|parts| parts.join("/")).collect()
}

/// From the top, the texts of the cells, or of the ranges that they belong to; a range that covers several rows is one.
fn merged(lines: &[&Line], place: usize) -> Vec<String> {
    let (mut parts, mut before) = (Vec::new(), None);
    for line in lines {
        let at =
            line.covered.iter().find(|covered| covered.place == place).map_or((line.number, place), |covered| (covered.row, covered.left));
        let text = lines.iter().find(|line| line.number == at.0).and_then(|line| text(line, at.1));
        if let Some(text) = text.filter(|_| before != Some(at)) {
            parts.push(text.to_owned());
        }
        before = Some(at);
    }
    parts
}

/// From the top, the texts of the cells; an empty one in a row of groups has that of the nearest to its left, as far as the group above
/// it goes.
fn filled(lines: &[&Line], place: usize) -> Vec<String> {
    let (mut parts, mut from): (Vec<String>, usize) = (Vec::new(), 0);
    let last = lines.len() - 1;
    for (at, line) in lines.iter().enumerate() {
        let own = text(line, place).map(|text| (place, text));
        let left = || line.cells.iter().rev().find(|(left, _)| (from..place).contains(left)).map(|(left, text)| (*left, text.as_str()));
        if let Some((left, text)) = own.or_else(|| if at < last { left() } else { None }) {
            from = from.max(left);
            parts.push(text.trim().to_owned());
        }
    }
    parts
}

fn text(line: &Line, place: usize) -> Option<&str> {
    line.cells.iter().find(|(at, _)| *at == place).map(|(_, text)| text.trim())
}
