//! How a table that was read compares with the clean one: the suite's ten measures, and rows that are silently wrong or lost. Cells are
//! compared exactly, once they are normalised as the suite does it (numbers by their value, texts without capitals; dates and prices are
//! left as they are, which can only be stricter); a clean row is lost unless the lines between its neighbours are reported.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

/// What a file became.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) is_refused: bool,
    pub(super) headings: Vec<String>,
    /// Each row and the line it begins in.
    pub(super) rows: Vec<(u64, Vec<String>)>,
    /// Lines that are reported, as ranges.
    pub(super) reported: Vec<(u64, u64)>,
    pub(super) rejected: u64,
    /// Rejected rows by rule.
    pub(super) rules: BTreeMap<&'static str, u64>,
    pub(super) evidence: Vec<String>,
}

/// The measures of a file.
pub(super) struct Score {
    pub(super) simple: [f64; 10],
    /// The lines of rows of the table that are no clean row.
    pub(super) silent_wrong: Vec<u64>,
    /// How many of them differ from one only in blanks around cells, or in that the file says `missing` and the clean table nothing.
    pub(super) as_in_file: usize,
    /// Clean rows that are neither in the table nor reported.
    pub(super) lost: usize,
}

pub(super) fn score(clean: &[Vec<String>], loaded: &Loaded) -> Score {
    let body = clean.get(1..).unwrap_or_default();
    if loaded.is_refused {
        return Score { simple: [0.0; 10], silent_wrong: Vec::new(), as_in_file: 0, lost: 0 };
    }
    let normal = |rows: &[Vec<String>]| rows.iter().map(|row| normalised(row)).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = loaded.rows.iter().map(|(_, row)| row.clone()).collect();
    let (there, here) = (normal(body), normal(&rows));
    let joined = |rows: &[Vec<String>]| rows.iter().map(|row| row.concat()).collect::<Vec<_>>();
    let head = normalised(clean.first().map(Vec::as_slice).unwrap_or_default());
    let cells = |first: &[String], rows: &[Vec<String>]| first.iter().chain(rows.iter().flatten()).cloned().collect::<Vec<_>>();
    let all = cells(&[], clean);
    let measures = [
        measures(&head, &normalised(&loaded.headings)),
        measures(&joined(&there), &joined(&here)),
        measures(&all, &cells(&loaded.headings, &rows)),
    ];
    let mut simple = [1.0; 10];
    measures.iter().flatten().zip(&mut simple[1..]).for_each(|(measure, place)| *place = *measure);
    let bare = |rows: Vec<Vec<String>>| rows.into_iter().map(without_end).collect::<Vec<_>>();
    let (there, here) = (bare(there), bare(here));
    let wrong = strangers(&there, &here);
    let plain = |rows: &[Vec<String>]| bare(rows.iter().map(|row| row.iter().map(|cell| as_nothing(cell)).collect()).collect());
    let as_in_file = wrong.len() - strangers(&plain(&there), &plain(&here)).len();
    let silent_wrong = wrong.into_iter().map(|at| loaded.rows[at].0).collect();
    Score { simple, silent_wrong, as_in_file, lost: lost(&there, &here, loaded) }
}

fn as_nothing(cell: &str) -> String {
    Some(cell.trim()).filter(|cell| *cell != "missing").unwrap_or_default().to_owned()
}

/// Whether two rows are the same.
pub(super) fn is_same(one: &[String], other: &[String]) -> bool {
    without_end(normalised(one)) == without_end(normalised(other))
}

/// Clean rows missing between rows that are there, less the lines that are reported between those.
fn lost(there: &[Vec<String>], here: &[Vec<String>], loaded: &Loaded) -> usize {
    let line = |at: usize| loaded.rows.get(at).map_or(u64::MAX, |(line, _)| *line);
    let (mut lost, mut from, mut missing_from) = (0, 0, 0);
    for (at_there, at_here) in matches(there, here).into_iter().chain([(there.len(), here.len())]) {
        let to = line(at_here);
        let within = |(first, last): &(u64, u64)| (*last).min(to.saturating_sub(1)).saturating_sub((*first).max(from) - 1);
        let reported: u64 = loaded.reported.iter().filter(|(first, last)| *first < to && *last >= from).map(within).sum();
        lost += (at_there - missing_from).saturating_sub(usize::try_from(reported).unwrap_or(usize::MAX));
        (from, missing_from) = (to.saturating_add(1).min(u64::MAX - 1), at_there + 1);
    }
    lost
}

/// Rows that are the same in both, in order: those before the first difference and after the last, and between them each with the next one
/// like it.
fn matches(there: &[Vec<String>], here: &[Vec<String>]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut at, mut next) = (0, 0);
    while at < there.len() && next < here.len() {
        if there[at] == here[next] {
            found.push((at, next));
            (at, next) = (at + 1, next + 1);
            continue;
        }
        // The nearest pair of equal rows ahead, by the sum of the ways to it.
        let ahead = |away: usize| (0..=away).find(|down| there.get(at + down).is_some_and(|row| here.get(next + away - down) == Some(row)));
        let longest = (there.len() - at) + (here.len() - next);
        match (1..longest.min(4000)).find_map(|away| ahead(away).map(|down| (down, away - down))) {
            Some((down, over)) => (at, next) = (at + down, next + over),
            None => break,
        }
    }
    found
}

/// A row as the suite compares it.
fn normalised(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| normal(cell)).collect()
}

fn normal(cell: &str) -> String {
    let bare = cell.trim();
    if let Ok(whole) = bare.parse::<i64>() {
        return whole.to_string();
    }
    let is_number = bare.bytes().any(|byte| byte.is_ascii_digit())
        && bare.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    match bare.parse::<f64>() {
        Ok(number) if is_number => number.to_string(),
        _ => cell.to_lowercase(),
    }
}

/// A row without the empty cells at its end, which the suite does not count.
fn without_end(mut cells: Vec<String>) -> Vec<String> {
    cells.truncate(cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1));
    cells
}

/// Shares of what is common, in what should be there and in what is, and their harmonic mean.
fn measures(there: &[String], here: &[String]) -> [f64; 3] {
    let common = common(there, here) as f64;
    if there.is_empty() {
        return [1.0; 3];
    }
    if common == 0.0 {
        return [0.0; 3];
    }
    let (precision, recall) = (common / there.len() as f64, common / here.len() as f64);
    [precision, recall, precision * recall / (precision + recall) * 2.0]
}

/// How many things two lists have in common, each as often as in both.
fn common<T: Hash + Eq>(there: &[T], here: &[T]) -> usize {
    here.len() - strangers(there, here).len()
}

/// Places of those things in the second list that the first does not have, or not as often.
fn strangers<T: Hash + Eq>(there: &[T], here: &[T]) -> Vec<usize> {
    let mut counts: HashMap<&T, usize> = HashMap::new();
    there.iter().for_each(|thing| *counts.entry(thing).or_default() += 1);
    let mut take = |thing: &T| match counts.get_mut(thing) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    here.iter().enumerate().filter(|(_, thing)| !take(thing)).map(|(at, _)| at).collect()
}
