//! Pollock (Vitagliano et al., PVLDB 16(8), 2023): ten measures a file, and the second score that it lacks: rows that are in the table and
//! in no clean one, and clean rows that are neither in the table nor reported. The folder holds `csv`, `clean` and `parameters`; weights
//! come with `--weights FILE`. How tables are compared is in `score`.

#![expect(clippy::unwrap_used, reason = "whoever runs this reads its panic")]

use super::score::{Loaded, is_same, score};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    process::ExitCode,
};
use wuwei_ingest::{Error, Hint, table};

/// Judges all files, with their dialect given, or found (`--auto`); `--files` shows those that lose anything.
pub(super) fn judge(folder: &Path, rest: &[String]) -> ExitCode {
    let is_auto = rest.iter().any(|argument| argument == "--auto");
    let weights = rest.iter().position(|argument| argument == "--weights").map(|at| &rest[at + 1]);
    let weights: HashMap<String, f64> =
        weights.map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).unwrap_or_default();
    let shown = rest.iter().any(|argument| argument == "--files");
    let (mut sums, mut weighted, mut weight_sum) = ([0.0; 10], 0.0, 0.0);
    let (mut wrong, mut as_in_file, mut lost, mut rejected, mut refused) = (0, 0, 0, 0, 0);
    let names = names(&folder.join("csv"));
    for name in &names {
        let clean = clean(&folder.join("clean").join(name));
        let loaded = load(&folder.join("csv").join(name), &hint(folder, name, is_auto), &clean);
        let score = score(&clean, &loaded);
        let simple: f64 = score.simple.iter().sum();
        score.simple.iter().zip(&mut sums).for_each(|(measure, sum)| *sum += measure);
        let weight = weights.get(name).copied().unwrap_or(0.0);
        (weighted, weight_sum) = (weighted + simple * weight, weight_sum + weight);
        (wrong, as_in_file, lost) = (wrong + score.silent_wrong.len(), as_in_file + score.as_in_file, lost + score.lost);
        refused += usize::from(loaded.is_refused);
        rejected += loaded.rejected;
        if shown && simple < 9.9 || !score.silent_wrong.is_empty() || score.lost > 0 {
            let line = json!({"file": name, "simple": simple, "silent_wrong": score.silent_wrong,
                "as_in_file": score.as_in_file, "lost": score.lost, "rules": loaded.rules, "rejected": loaded.rejected, "rows": loaded.rows.len(), "clean": clean.len(), "refused": loaded.is_refused, "evidence": loaded.evidence});
            println!("{line}");
        }
    }
    let simple = sums.iter().sum::<f64>() / names.len() as f64;
    let of: BTreeMap<String, f64> =
        weights.is_empty().then(BTreeMap::new).unwrap_or_else(|| [("weighted".to_owned(), weighted / weight_sum)].into());
    println!(
        "{}",
        json!({"suite": "pollock", "files": names.len(), "auto": is_auto, "simple": simple, "weights": of,
            "silent_wrong": wrong, "of_them_as_in_file": as_in_file, "refused_files": refused, "lost": lost, "rejected": rejected})
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
        loaded.headings = reading.headings.iter().map(|parts| parts.join(" ")).collect();
    }
    loaded.reported = reading.above.iter().map(|row| (*row, *row)).collect();
    let is_bare = reading.headings.is_empty();
    loaded.evidence = reading.understood.codes().lines().map(str::to_owned).collect();
    for row in reading.by_ref() {
        let row = row.unwrap();
        match row.fault {
            Some(fault) => {
                loaded.reported.push((row.line, row.line + row.lines - 1));
                *loaded.rules.entry(fault.rule).or_default() += 1;
            }
            None => loaded.rows.push((row.line, row.cells)),
        }
    }
    loaded.rejected = reading.account().rejected;
    // Where there are no headings, the clean tables of the survey have invented ones, and those of the other part none.
    match (clean.first(), loaded.rows.first()) {
        (Some(first), Some((_, row))) if is_bare && is_same(first, row) => loaded.headings = loaded.rows.remove(0).1,
        (Some(first), _) if is_bare => loaded.headings.clone_from(first),
        _ => {}
    }
    loaded
}

/// The clean table, read by another library.
fn clean(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').to_owned();
    reader.byte_records().map(|record| record.unwrap().iter().map(text).collect()).collect()
}
