//! Rows as nested records, for JSON and XML: the columns as the tree that their paths name, and a row laid back into it. How it is written
//! down is told elsewhere.

use crate::dirt::Cell;
use std::borrow::Cow;
use wuwei_ingest::{BETWEEN, Extract};

/// A name on the way to columns.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) column: Option<usize>,
    pub(super) children: Vec<Node>,
    /// It may stand several times side by side, with all that is below it.
    pub(super) repeats: bool,
    /// Something reads it, or what is below it.
    is_mapped: bool,
}

/// The columns of an extract as the members of a record.
pub(super) fn tree(extract: &Extract) -> Vec<Node> {
    let mut root = Node { name: String::new(), column: None, children: Vec::new(), repeats: false, is_mapped: false };
    let mapped = extract.mapped();
    for (column, path) in extract.columns.iter().enumerate() {
        let mut node = &mut root;
        for name in path.split('/') {
            let known = node.children.iter().position(|child| child.name == name);
            let at = known.unwrap_or(node.children.len());
            if known.is_none() {
                node.children.push(Node { name: name.to_owned(), column: None, children: Vec::new(), repeats: true, is_mapped: false });
            }
            node = &mut node.children[at];
            node.repeats &= extract.repeats(path);
        }
        node.column = Some(column);
        node.is_mapped = mapped.contains(path.as_str());
    }
    root.children.iter_mut().for_each(Node::settle);
    root.children
}

impl Node {
    /// What nothing reads is no list for that reason alone.
    fn settle(&mut self) {
        self.children.iter_mut().for_each(Node::settle);
        self.is_mapped |= self.children.iter().any(|child| child.is_mapped);
        self.repeats &= self.is_mapped || self.children.is_empty();
    }

    /// How many of it stand side by side in the row; 0 where nothing is to be said of it.
    pub(super) fn count(&self, cells: &[Cell]) -> usize {
        let own = self.column.and_then(|column| cells.get(column)).map_or(0, pieces);
        self.children.iter().map(|child| child.count(cells)).chain([own]).max().unwrap_or(0)
    }
}

fn pieces(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) if text.is_empty() => 0,
        Cell::Text(text) => text.split(BETWEEN).count(),
        Cell::Number(_) => 1,
    }
}

/// One piece of a cell, or the whole of one that holds no list.
pub(super) fn piece(cell: &Cell, number: Option<usize>) -> Cow<'_, str> {
    match (cell, number) {
        (Cell::Text(text), None) => Cow::Borrowed(text),
        (Cell::Text(text), Some(number)) => Cow::Borrowed(text.split(BETWEEN).nth(number).unwrap_or_default()),
        (Cell::Number(_), _) => Cow::Owned(cell.clone().into_text()),
    }
}

#[cfg(test)]
mod tests;
