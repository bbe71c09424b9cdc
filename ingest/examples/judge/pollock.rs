//! Pollock (Vitagliano et al., PVLDB 16(8), 2023): ten measures a file, and the second score that it lacks: rows that are in the table and
//! in no clean one, and clean rows that are neither in the table nor reported. The folder holds `csv`, `clean` and `parameters`; weights
//! come with `--weights FILE`. Measures compare cells as they are, without making dates and prices of them.

#![expect(clippy::unwrap_used, reason = "whoever runs this reads its panic")]

use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    process::ExitCode,
};
use wuwei_ingest::{Error, Hint, table};

/// What a file became.
#[derive(Default)]
struct Loaded {
    is_refused: bool,
    /// The headings, if any, and the rows.
    rows: Vec<Vec<String>>,
    /// Lines that are reported, as ranges.
    reported: Vec<(u64, u64)>,
    rejected: u64,
    evidence: Vec<String>,
}

/// The measures of a file.
struct Score {
    simple: [f64; 10],
    silent_wrong: usize,
    lost: usize,
}

/// Judges all files, with their dialect given, or found (`--auto`); `--files` shows those that lose anything.
pub(super) fn judge(folder: &Path, rest: &[String]) -> ExitCode {
    let is_auto = rest.iter().any(|argument| argument == "--auto");
    let weights = rest.iter().position(|argument| argument == "--weights").map(|at| &rest[at + 1]);
    let weights: HashMap<String, f64> =
        weights.map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).unwrap_or_default();
    let shown = rest.iter().any(|argument| argument == "--files");
    let (mut sums, mut weighted, mut weight_sum) = ([0.0; 10], 0.0, 0.0);
    let (mut wrong, mut lost, mut rejected, names) = (0, 0, 0, names(&folder.join("csv")));
    for name in &names {
        let clean = clean(&folder.join("clean").join(name));
        let loaded = load(&folder.join("csv").join(name), &hint(folder, name, is_auto), &clean);
        let score = score(&clean, &loaded);
        let simple: f64 = score.simple.iter().sum();
        score.simple.iter().zip(&mut sums).for_each(|(measure, sum)| *sum += measure);
        let weight = weights.get(name).copied().unwrap_or(0.0);
        (weighted, weight_sum) = (weighted + simple * weight, weight_sum + weight);
        (wrong, lost, rejected) = (wrong + score.silent_wrong, lost + score.lost, rejected + loaded.rejected);
        if shown && simple < 9.9 || score.silent_wrong + score.lost > 0 {
            let line = json!({"file": name, "simple": simple, "silent_wrong": score.silent_wrong, "lost": score.lost,
                "rejected": loaded.rejected, "rows": loaded.rows.len(), "clean": clean.len(), "refused": loaded.is_refused, "evidence": loaded.evidence});
            println!("{line}");
        }
    }
    let simple = sums.iter().sum::<f64>() / names.len() as f64;
    let of: BTreeMap<String, f64> =
        weights.is_empty().then(BTreeMap::new).unwrap_or_else(|| [("weighted".to_owned(), weighted / weight_sum)].into());
    println!(
        "{}",
        json!({"suite": "pollock", "files": names.len(), "auto": is_auto, "simple": simple, "weights": of,
            "silent_wrong": wrong, "lost": lost, "rejected": rejected})
    );
    if wrong + lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The names of the files in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

/// The dialect that the parameters give; nothing when it is to be found.
fn hint(folder: &Path, name: &str, is_auto: bool) -> Hint {
    if is_auto {
        return Hint::default();
    }
    let path = folder.join("parameters").join(format!("{name}_parameters.json"));
    let parameters: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let said = |key: &str| parameters[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let number = |key: &str| parameters[key].as_u64().or_else(|| parameters[key].as_str().and_then(|text| text.parse().ok()));
    let quote = said("quotechar");
    let escape = said("escapechar").map(|escape| if Some(&escape) == quote.as_ref() { "double".to_owned() } else { escape });
    let heading_row = number("preamble_lines").map(|lines| lines + 1);
    Hint { delimiter: said("delimiter"), quote, escape, heading_row, heading_rows: number("header_lines"), ..Hint::default() }
}

fn load(path: &Path, hint: &Hint, clean: &[Vec<String>]) -> Loaded {
    let mut loaded = Loaded::default();
    let mut reading = match table(path, hint) {
        Ok(reading) => reading,
        Err(Error::Empty { .. }) => return loaded,
        Err(error) => return Loaded { is_refused: true, evidence: vec![error.to_string()], ..loaded },
    };
    if !reading.headings.is_empty() {
        loaded.rows.push(reading.headings.iter().map(|parts| parts.join(" ")).collect());
    }
    loaded.reported = reading.above.iter().map(|row| (*row, *row)).collect();
    loaded.evidence.clone_from(&reading.understood.evidence);
    for row in reading.by_ref() {
        let row = row.unwrap();
        match row.fault {
            Some(_) => loaded.reported.push((row.line, row.line + row.lines - 1)),
            None => loaded.rows.push(row.cells),
        }
    }
    loaded.rejected = reading.account().rejected;
    // Where there are no headings, the clean tables of the survey have invented ones, and those of the other part none.
    if reading.headings.is_empty() && loaded.rows.first().map(|row| trimmed(row)) != clean.first().map(|row| trimmed(row)) {
        loaded.rows.splice(0..0, clean.first().cloned());
    }
    loaded
}

/// The clean table, read by another library.
fn clean(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    reader.byte_records().map(|record| record.unwrap().iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()).collect()
}

fn score(clean: &[Vec<String>], loaded: &Loaded) -> Score {
    if loaded.is_refused {
        return Score { simple: [0.0; 10], silent_wrong: 0, lost: clean.len() };
    }
    let head =
        |rows: &[Vec<String>]| rows.first().map(|row| row.iter().map(|cell| cell.to_lowercase()).collect::<Vec<_>>()).unwrap_or_default();
    let body = |rows: &[Vec<String>]| rows.get(1..).unwrap_or_default().to_vec();
    let joined = |rows: &[Vec<String>]| {
        rows.iter()
            .map(|row| row.iter().map(|cell| if cell.is_empty() { "null".to_owned() } else { cell.to_lowercase() }).collect::<String>())
            .collect::<Vec<_>>()
    };
    let cells = |rows: &[Vec<String>]| rows.iter().flatten().cloned().collect::<Vec<_>>();
    let (there, here) = (body(clean), body(&loaded.rows));
    let measures =
        [measures(&head(clean), &head(&loaded.rows)), measures(&joined(&there), &joined(&here)), measures(&cells(&there), &cells(&here))];
    let mut simple = [1.0; 10];
    measures.iter().flatten().zip(&mut simple[1..]).for_each(|(measure, place)| *place = *measure);
    let exact = |rows: &[Vec<String>]| rows.iter().map(|row| trimmed(row)).collect::<Vec<_>>();
    let (there, here) = (exact(&there), exact(&here));
    let common = common(&there, &here);
    let reported: u64 = loaded.reported.iter().map(|(from, to)| to - from + 1).sum();
    let missing = there.len() - common;
    Score { simple, silent_wrong: here.len() - common, lost: missing.saturating_sub(usize::try_from(reported).unwrap()) }
}

/// A row as it is compared: without blanks around cells, without the empty cells at its end. The clean tables were made by hand: in some a
/// mark for nothing became nothing, and blanks after a comma were dropped.
fn trimmed(row: &[String]) -> Vec<String> {
    let bare = |cell: &String| Some(cell.trim()).filter(|cell| *cell != "missing").unwrap_or_default().to_owned();
    let mut cells: Vec<String> = row.iter().map(bare).collect();
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
fn common<T: std::hash::Hash + Eq>(there: &[T], here: &[T]) -> usize {
    let mut counts: HashMap<&T, usize> = HashMap::new();
    there.iter().for_each(|thing| *counts.entry(thing).or_default() += 1);
    here.iter()
        .filter(|thing| {
            counts.get_mut(*thing).is_some_and(|count| {
                let is = *count > 0;
                *count -= usize::from(is);
                is
            })
        })
        .count()
}
