//! The lines that an indicator's file opens with, `-- key: value`, and what each may say.

use super::{Indicator, Measure, Origin};
use crate::{Direction, Error};
use std::collections::BTreeMap;
use wuwei_schema::{Label, SourceFile, nearest};

const KEYS: [&str; 15] = [
    "label_zh",
    "label_en",
    "number",
    "dimension",
    "kind",
    "measure",
    "unit",
    "direction",
    "target",
    "present",
    "window",
    "origin",
    "version",
    "source",
    "also",
];

/// Names that are no indicator's, since tables are called so.
const TAKEN: [&str; 4] = ["history", "rating", "star", "p"];

/// The indicator that a file defines; levels come from elsewhere.
pub(super) fn parse(file: &SourceFile) -> Result<Indicator, Error> {
    let wrong = |detail: String, hint: &str| Error::Indicator { file: file.name.clone(), detail, hint: hint.to_owned() };
    let (header, below) = header(file)?;
    let text = |key: &str| header.get(key).cloned().ok_or_else(|| wrong(format!("`{key}` is missing"), "add the line `-- key: value`"));
    let one_of = |key: &str, known: &[&str]| {
        let given = text(key)?;
        let is_known = known.contains(&given.as_str());
        if is_known { Ok(given) } else { Err(wrong(format!("`{key}` is `{given}`"), &nearest(&given, known.iter().copied()))) }
    };
    let name = file.name.trim_end_matches(".sql").to_owned();
    if TAKEN.contains(&name.as_str()) {
        return Err(wrong("a table is called so".to_owned(), "give the file another name"));
    }
    let target = match text("target")?.as_str() {
        "none" => None,
        given => Some(given.parse::<f64>().ok().filter(|target| target.is_finite()))
            .map(|target| target.ok_or_else(|| wrong(format!("`{given}` is no number"), "a number, or none where nothing is asked for")))
            .transpose()?,
    };
    let measure = match one_of("measure", &["rate", "mean", "change"])?.as_str() {
        "rate" => Measure::Rate,
        "mean" => Measure::Mean,
        _ => Measure::Change,
    };
    let origin = match one_of("origin", &["computed", "reported"])?.as_str() {
        "computed" => Origin::Computed,
        _ => Origin::Reported,
    };
    if origin == Origin::Reported && !formula(below).is_empty() {
        return Err(wrong("it is handed in and has a SELECT".to_owned(), "leave it out: what was handed in is all that it says"));
    }
    let sql = if origin == Origin::Computed { file.text.clone() } else { reported(&name, measure) };
    let number =
        header.get("number").map(|given| given.parse::<u32>().map_err(|_| wrong("`number` is no number".to_owned(), "that of 3.4")));
    Ok(Indicator {
        name,
        label: Label { zh: text("label_zh")?, en: text("label_en")? },
        number: number.transpose()?,
        dimension: one_of("dimension", &super::DIMENSIONS)?,
        kind: one_of("kind", &["binding", "guiding"])?,
        measure,
        unit: text("unit")?,
        direction: match one_of("direction", &["higher", "lower"])?.as_str() {
            "higher" => Direction::Higher,
            _ => Direction::Lower,
        },
        target,
        present: header.get("present").cloned(),
        window: text("window")?,
        origin,
        version: text("version")?.parse().map_err(|_| wrong("`version` is no number".to_owned(), "count up from 1"))?,
        source: text("source")?,
        also: header.get("also").cloned(),
        scale: None,
        unjudged: None,
        definition: crate::audit::fingerprint(&formula(&sql)).chars().take(16).collect(),
        sql,
    })
}

/// The lines by key, and what stands below them.
fn header(file: &SourceFile) -> Result<(BTreeMap<&str, String>, &str), Error> {
    let (mut header, mut rest) = (BTreeMap::new(), file.text.as_str());
    while let Some((line, below)) = rest.strip_prefix("-- ").map(|line| line.split_once('\n').unwrap_or((line, ""))) {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        if !KEYS.contains(&key) {
            let hint = nearest(key, KEYS.into_iter());
            return Err(Error::Indicator { file: file.name.clone(), detail: format!("`{key}` is no key"), hint });
        }
        header.insert(key, value.trim().to_owned());
        rest = below;
    }
    Ok((header, rest))
}

/// The words of the SELECT, comments and layout aside: a formula that is changed under an old version changes its fingerprint.
fn formula(select: &str) -> String {
    let lines = select.lines().map(str::trim).filter(|line| !line.starts_with("--"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// What was handed in of an indicator; of a change the two counts were.
fn reported(name: &str, measure: Measure) -> String {
    let (numerator, value) = match measure {
        Measure::Rate => ("part", "100.0 * part / nullif(denominator, 0)"),
        Measure::Mean => ("numerator", "numerator / nullif(denominator, 0)"),
        Measure::Change => ("numerator - denominator", "100.0 * (numerator - denominator) / nullif(denominator, 0)"),
    };
    let none = "CAST(NULL AS VARCHAR)";
    format!(
        "SELECT {none} AS department, area, {none} AS counterpart, {numerator} AS numerator, denominator, {value} AS value \
         FROM contract.reported_figure WHERE indicator = '{name}'"
    )
}
