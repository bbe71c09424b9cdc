//! XML as systems export it: an element a record, with its encoding declared. What is empty is left out, save where something repeats.

use super::{
    Place, Table,
    encoded::Encoded,
    nested::{Node, piece, tree},
};
use crate::{dirt::Cell, error::Error};
use std::path::Path;
use wuwei_ingest::{Encoding, Extract};

/// Where records are when the department does not say.
const ROWS: &str = "data/record";

pub(super) struct Xml {
    file: Encoded,
    members: Vec<Node>,
    /// The element of a record, and those around it, the outermost first.
    record: String,
    around: Vec<String>,
    row: u64,
    line: String,
}

impl Xml {
    pub(super) fn create(folder: &Path, extract: &Extract) -> Result<Xml, Error> {
        let mut file = Encoded::create(folder.join(format!("{}.xml", extract.name)), extract.encoding)?;
        let rows = extract.rows.as_deref().unwrap_or(ROWS);
        let (around, record) = rows.rsplit_once('/').unwrap_or(("data", rows));
        let around: Vec<String> = around.split('/').map(str::to_owned).collect();
        let encoding = match extract.encoding {
            // What people declare who mean GB 18030.
            Encoding::Gb18030 => "GBK",
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Big5 => "Big5",
        };
        let open: String = around.iter().map(|name| format!("<{name}>")).collect();
        file.write(&format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{open}\n"))?;
        Ok(Xml { file, members: tree(extract), record: record.to_owned(), around, row: 0, line: String::new() })
    }
}

impl Table for Xml {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        self.line.clear();
        element(&mut self.line, &self.record, &self.members, None, cells, None);
        self.line.push('\n');
        self.file.write(&self.line)?;
        self.row += 1;
        Ok(Place { sheet: String::new(), row: self.row })
    }

    fn finish(&mut self) -> Result<(), Error> {
        let close: String = self.around.iter().rev().map(|name| format!("</{name}>")).collect();
        self.file.write(&(close + "\n"))?;
        self.file.finish()
    }
}

fn element(out: &mut String, name: &str, members: &[Node], text: Option<usize>, cells: &[Cell], number: Option<usize>) {
    out.extend(["<", name]);
    let (attributes, children): (Vec<&Node>, Vec<&Node>) = members.iter().partition(|node| node.name.starts_with('@'));
    for node in attributes {
        let value = node.column.map(|column| piece(&cells[column], number)).filter(|value| !value.is_empty());
        if let Some(value) = value {
            out.extend([" ", node.name.trim_start_matches('@'), "=\""]);
            escape(out, &value);
            out.push('"');
        }
    }
    let start = out.len();
    out.push('>');
    if let Some(column) = text {
        escape(out, &piece(&cells[column], number));
    }
    children.iter().for_each(|node| member(out, node, cells, number));
    if out.len() == start + 1 {
        out.truncate(start);
        out.push_str("/>");
    } else {
        out.extend(["</", name, ">"]);
    }
}

/// The elements of a member: several where it repeats.
fn member(out: &mut String, node: &Node, cells: &[Cell], number: Option<usize>) {
    let count = node.count(cells);
    let mut one = |number| element(out, &node.name, &node.children, node.column, cells, number);
    match number {
        _ if count == 0 => {}
        None if node.repeats => (0..count).for_each(|number| one(Some(number))),
        _ => one(number),
    }
}

/// A text as XML 1.0 writes it; a character that it does not have is left out.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Read back as they are in attributes, and the last one anywhere.
            '\t' | '\n' | '\r' => out.push_str(&format!("&#{};", u32::from(character))),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(character),
        }
    }
}
