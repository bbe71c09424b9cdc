//! JSON as systems export it: an object a line, or a list of objects, at the root or at the place that the department states. What is empty
//! is left out.

use super::{
    Place, Table,
    encoded::Encoded,
    nested::{Node, piece, tree},
};
use crate::{dirt::Cell, error::Error};
use std::path::Path;
use wuwei_ingest::Extract;

pub(super) struct Json {
    file: Encoded,
    members: Vec<Node>,
    /// What stands before the first record and behind the last; nothing where each line is one.
    frame: Option<(String, String)>,
    row: u64,
    line: String,
}

impl Json {
    pub(super) fn create(folder: &Path, extract: &Extract) -> Result<Json, Error> {
        let file = Encoded::create(folder.join(format!("{}.json", extract.name)), extract.encoding)?;
        let frame = extract.rows.as_deref().map(frame);
        let mut table = Json { file, members: tree(extract), frame, row: 0, line: String::new() };
        if let Some((before, _)) = &table.frame {
            table.file.write(before)?;
        }
        Ok(table)
    }
}

/// The list of records and the objects around it.
fn frame(rows: &str) -> (String, String) {
    let (mut before, mut after) = (String::new(), String::from("]"));
    for name in rows.split('/').filter(|name| !name.is_empty()) {
        before.push('{');
        quote(&mut before, name);
        before.push(':');
        after.push('}');
    }
    (before + "[", format!("\n{after}\n"))
}

impl Table for Json {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        self.line.clear();
        if self.frame.is_some() {
            self.line.push_str(if self.row == 0 { "\n" } else { ",\n" });
        }
        object(&mut self.line, &self.members, cells, None);
        if self.frame.is_none() {
            self.line.push('\n');
        }
        self.file.write(&self.line)?;
        self.row += 1;
        Ok(Place { sheet: String::new(), row: self.row })
    }

    fn finish(&mut self) -> Result<(), Error> {
        if let Some((_, after)) = &self.frame {
            self.file.write(after)?;
        }
        self.file.finish()
    }
}

fn object(out: &mut String, members: &[Node], cells: &[Cell], number: Option<usize>) {
    out.push('{');
    let start = out.len();
    for node in members {
        let count = node.count(cells);
        let is_said = number
            .is_none_or(|number| !node.children.is_empty() || node.column.is_some_and(|at| !piece(&cells[at], Some(number)).is_empty()));
        if count > 0 && is_said {
            if out.len() > start {
                out.push(',');
            }
            quote(out, &node.name);
            out.push(':');
            value(out, node, cells, number, count);
        }
    }
    out.push('}');
}

/// The value of a member: a list where it repeats and is not already inside what repeats.
fn value(out: &mut String, node: &Node, cells: &[Cell], number: Option<usize>, count: usize) {
    let is_list = node.repeats && number.is_none() && (count > 1 || !node.children.is_empty());
    if !is_list {
        return one(out, node, cells, number);
    }
    out.push('[');
    for number in 0..count {
        if number > 0 {
            out.push(',');
        }
        one(out, node, cells, Some(number));
    }
    out.push(']');
}

fn one(out: &mut String, node: &Node, cells: &[Cell], number: Option<usize>) {
    match node.column.and_then(|column| cells.get(column)) {
        Some(cell @ Cell::Number(_)) => out.push_str(&piece(cell, number)),
        Some(cell) => quote(out, &piece(cell, number)),
        None => object(out, &node.children, cells, number),
    }
}

/// A text as RFC 8259 writes it.
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
}
