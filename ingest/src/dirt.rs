//! Every kind of dirt that departments' files have, each with cases in `dirt/kinds.csv`: read as a file of an extract, it is found, put
//! right only where that can be taken back, and else refused, emptied or told of, in words for the owner of the file. What stood in the
//! file is kept as it stood, and the same file sent again adds nothing. No reading is done here.

mod files;
mod never;

use crate::{Chunk, Departments, Held, HeldRow, Hint, Report, open, read, reader::sample::Folder, reject::rule_words};
use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use std::{collections::BTreeSet, path::Path};
use wuwei_schema::{Kind, Model};

#[test]
fn every_kind_of_dirt_is_found_and_only_what_is_sure_is_put_right() {
    let (model, cases) = (Model::embedded().unwrap(), cases());
    let departments = Departments::embedded(&model).unwrap();
    let wrong: Vec<String> = cases.iter().flat_map(|case| case.complaints(&departments, &model)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let kinds: BTreeSet<&str> = cases.iter().map(|case| case.kind.as_str()).collect();
    assert_eq!(kinds.len(), 69);
}

/// What no cell is rewritten for: people who are one are found by how alike their values are.
#[test]
fn what_is_kept_as_it_stands_is_found_to_be_alike() {
    let home = "云溪县城关镇人民路12号3栋2单元501室";
    for (kind, left, right, least) in [
        (Kind::Name, "王志强", "王志墙", 2),
        (Kind::Name, "王博文", "王搏文", 1),
        (Kind::Name, "萧于", "蕭于", 2),
        (Kind::Name, "萧于", "肖于", 2),
        (Kind::Name, "SAN ZHANG", "ZHANG SAN", 2),
        (Kind::Name, "王\u{e123}明", "王小明", 1),
        (Kind::Address, home, "云溪县城关镇人民路12号3-2-501", 2),
        (Kind::Address, home, "云溪县城关镇人民路12号3栋2单元", 1),
        (Kind::Address, "云溪县城关镇人民路12号", "城关镇人民路12号", 2),
        (Kind::Address, "云溪县城关镇人民路12号", "云溪郡城关镇人民路12号", 2),
    ] {
        let level = kind.agreement(left, right);
        assert!((least..kind.max_level()).contains(&level), "{left} {right}: {level}");
    }
}

/// One row of `kinds.csv`.
struct Case {
    kind: String,
    name: String,
    outcome: String,
    rule: String,
    extract: String,
    /// Of each row, columns and what stands in them.
    rows: Vec<Vec<(String, String)>>,
    says: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let text = include_str!("dirt/kinds.csv");
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let case = |row: csv::StringRecord| Case {
        kind: row[0].to_owned(),
        name: row[1].to_owned(),
        outcome: row[2].to_owned(),
        rule: row[3].to_owned(),
        extract: row[4].to_owned(),
        rows: row[5].split(" || ").filter(|cells| !cells.is_empty()).map(pairs).collect(),
        says: pairs(&row[6]),
    };
    rows.records().map(|row| case(row.unwrap())).collect()
}

/// `a=1 ; b=\u{2}`, taken apart.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), unescaped(value)));
    text.split(" ; ").filter(|pair| !pair.is_empty()).map(|text| pair(text).unwrap()).collect()
}

fn unescaped(text: &str) -> String {
    let mut pieces = text.split("\\u{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (number, rest) = piece.split_once('}').unwrap();
        out.extend(char::from_u32(u32::from_str_radix(number, 16).unwrap()));
        out += rest;
    }
    out
}

/// What became of a file.
struct Outcome {
    told: String,
    chunks: Vec<Chunk>,
    report: Report,
}

fn take(path: &Path, departments: &Departments, model: &Model, held: Held) -> Outcome {
    let opened = open(path, departments, &Hint::default()).unwrap();
    let told = opened.understood.remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut reading = read(opened, model, 1, held).unwrap();
    let chunks = reading.by_ref().map(Result::unwrap).collect();
    Outcome { told, chunks, report: reading.report().clone() }
}

impl Case {
    fn complaints(&self, departments: &Departments, model: &Model) -> Vec<String> {
        let folder = Folder::new();
        let extract = departments.extract(&self.extract).unwrap();
        let path = folder.path(&format!("{}.dat", self.kind));
        match files::maker(&self.kind).filter(|_| self.rows.is_empty()) {
            Some(make) => make(&path, extract),
            None => files::delimited(&path, extract, &self.rows),
        }
        let outcome = take(&path, departments, model, Held::none());
        let again = take(&path, departments, model, outcome.held());
        let mut wrong = Vec::new();
        let mut hold = |holds: bool, what: String| {
            if !holds {
                wrong.push(format!("{} ({}): {what}", self.kind, self.name));
            }
        };
        hold(!self.name.is_ascii() && (!self.rows.is_empty() || files::maker(&self.kind).is_some()), "is no case".to_owned());
        hold(self.came_so(&outcome), format!("is not {}: {:?} {:?}\n{}", self.outcome, outcome.rejects(), outcome.report, outcome.told));
        for (rule, reason) in outcome.rejects() {
            let is_plain = reason.chars().filter(|character| !character.is_ascii()).count() >= 4 && rule_words(&rule) != rule;
            hold(is_plain, format!("`{rule}` has no plain reason: {reason}"));
        }
        for (name, value) in &self.says {
            let said = outcome.says(name);
            hold(said.as_deref() == Some(value), format!("{name} is {said:?}, not {value:?}"));
        }
        for (row, (column, text)) in (2..).zip(&self.rows).flat_map(|(row, cells)| cells.iter().map(move |cell| (row, cell))) {
            hold(outcome.keeps(row, column, text), format!("what stood in {column} of row {row} is not kept"));
        }
        hold(again.report.new == 0, "the same file again adds rows".to_owned());
        wrong
    }

    /// Whether what was to become of it did.
    fn came_so(&self, outcome: &Outcome) -> bool {
        let (rejects, refused) = (outcome.rejects(), outcome.report.rejected);
        let has = |rule: &str| rejects.iter().any(|(told, _)| told == rule);
        match self.outcome.as_str() {
            "repaired" | "kept" => rejects.is_empty() && refused == 0,
            "told" | "emptied" => has(&format!("cell:{}", self.rule)) && refused == 0,
            "refused" => has(&self.rule) && refused > 0,
            "skipped" => outcome.report.skipped > 0 && refused == 0,
            "file" => outcome.told.contains(&self.rule) && refused == 0,
            _ => false,
        }
    }
}

impl Outcome {
    /// Rule and reason of each reject.
    fn rejects(&self) -> Vec<(String, String)> {
        let batches = || self.chunks.iter().filter_map(|chunk| chunk.rejects.as_ref());
        let texts = |batch: &RecordBatch, name: &str| (0..batch.num_rows()).map(|at| text(batch, name, at)).collect::<Vec<_>>();
        batches().flat_map(|batch| texts(batch, "rule").into_iter().zip(texts(batch, "reason"))).collect()
    }

    /// The account's number, a reject's proposal, or the value of the record of that role: `role.property`, of the first row there is or,
    /// as `role@3.property`, of row 3.
    fn says(&self, name: &str) -> Option<String> {
        let (whose, property) = name.split_once('.').unwrap();
        let report = &self.report;
        match (whose, property) {
            ("report", "read") => return Some(report.read.to_string()),
            ("report", "accepted") => return Some(report.accepted.to_string()),
            ("report", "rejected") => return Some(report.rejected.to_string()),
            ("report", "skipped") => return Some(report.skipped.to_string()),
            ("report", "retired") => return Some(report.retired.values().sum::<u64>().to_string()),
            ("reject", column) => return self.chunks.iter().find_map(|chunk| Some(text(chunk.rejects.as_ref()?, column, 0))),
            _ => {}
        }
        let (role, row) = whose.split_once('@').unwrap_or((whose, ""));
        let batches = self.chunks.iter().flat_map(|chunk| &chunk.records).map(|(_, batch)| batch);
        let places = batches.flat_map(|batch| (0..batch.num_rows()).map(move |at| (batch, at)));
        let mut found = places.filter(|(batch, at)| text(batch, "role", *at) == role && (row.is_empty() || text(batch, "row", *at) == row));
        found.next().map(|(batch, at)| text(batch, property, at))
    }

    /// Whether the cell is kept as it stood: in `raw`, or with the refusal of its row.
    fn keeps(&self, row: i64, column: &str, stood: &str) -> bool {
        let is_row = |batch: &RecordBatch, at: usize| text(batch, "row", at) == row.to_string();
        let in_raw = self
            .chunks
            .iter()
            .any(|chunk| (0..chunk.raw.num_rows()).any(|at| is_row(&chunk.raw, at) && text(&chunk.raw, column, at) == stood));
        let refused = self.chunks.iter().filter_map(|chunk| chunk.rejects.as_ref());
        let in_reject =
            refused.into_iter().any(|batch| (0..batch.num_rows()).any(|at| is_row(batch, at) && text(batch, "cells", at).contains(stood)));
        in_raw || in_reject || self.report.skipped > 0
    }

    /// What a hub holds after it.
    fn held(&self) -> Held {
        let number = |batch: &RecordBatch, name: &str, at| batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().value(at);
        let row = |batch: &RecordBatch, at| HeldRow {
            key: number(batch, "row_key", at),
            hash: number(batch, "row_hash", at),
            first: number(batch, "first_record", at),
            last: number(batch, "last_record", at),
            observed: 0,
        };
        Held::of(self.chunks.iter().flat_map(|chunk| (0..chunk.raw.num_rows()).map(|at| row(&chunk.raw, at))).collect())
    }
}

/// A cell as text; empty where there is none.
fn text(batch: &RecordBatch, name: &str, at: usize) -> String {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no column {name}"));
    let formatter = arrow_cast::display::ArrayFormatter::try_new(column, &arrow_cast::display::FormatOptions::default()).unwrap();
    if column.is_null(at) { String::new() } else { formatter.value(at).to_string() }
}
