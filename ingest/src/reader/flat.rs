//! A nested record laid flat: each member of an object, each element and attribute goes into the column that its path names, e.g.
//! `guardian/name` or `@id`. What repeats stands in one cell, piece by piece, in step with what else repeats there. What does not fit
//! refuses the row; nothing is left out and nothing wins. How records are written (JSON, XML) is not known here.

use super::{Row, is_damaged, naming::shown, records::CELL_MAX};
use crate::{BETWEEN, Extract, recognise::fold};

/// The root of a record.
pub(super) const ROOT: usize = 0;

/// The paths of an extract's columns as a tree, and how far the present record fills it.
#[derive(Debug)]
pub(super) struct Flat {
    nodes: Vec<Node>,
    columns: Vec<Column>,
    /// What repeats in the present record, and how often.
    lists: Vec<(usize, usize)>,
    /// Objects met so far, in all records.
    objects: u64,
}

/// A name on the way to columns.
#[derive(Debug, Default)]
struct Node {
    path: String,
    name: String,
    folded: String,
    children: Vec<usize>,
    column: Option<usize>,
    /// The columns at and below it.
    below: Vec<usize>,
    /// The object it was last met in, and how often there.
    met: (u64, usize),
    /// Which child is likely to come next: records mostly keep to one order.
    next: usize,
}

#[derive(Debug, Default)]
struct Column {
    may_repeat: bool,
    /// Something is made of it.
    is_read: bool,
    /// Pieces that stand in the cell.
    filled: usize,
    is_listed: bool,
}

impl Flat {
    pub(super) fn new(extract: &Extract) -> Flat {
        let read = extract.mapped();
        let is_read = |name: &String| read.contains(name.as_str()) || extract.key.contains(name);
        let column = |name: &String| Column { may_repeat: extract.repeats(name), is_read: is_read(name), ..Column::default() };
        let columns = extract.columns.iter().map(column);
        let root = Node { path: "记录".to_owned(), ..Node::default() };
        let mut flat = Flat { nodes: vec![root], columns: columns.collect(), lists: Vec::new(), objects: 0 };
        for (column, path) in extract.columns.iter().enumerate() {
            let mut node = ROOT;
            flat.nodes[node].below.push(column);
            for name in path.split('/') {
                node = flat.grow(node, name);
                flat.nodes[node].below.push(column);
            }
            flat.nodes[node].column = Some(column);
        }
        flat
    }

    fn grow(&mut self, parent: usize, name: &str) -> usize {
        if let Some(known) = self.nodes[parent].children.iter().find(|child| self.nodes[**child].name == name) {
            return *known;
        }
        let path = if parent == ROOT { name.to_owned() } else { format!("{}/{name}", self.nodes[parent].path) };
        let child = self.nodes.len();
        self.nodes.push(Node { path, name: name.to_owned(), folded: fold(name), ..Node::default() });
        self.nodes[parent].children.push(child);
        child
    }

    /// A record begins.
    pub(super) fn begin(&mut self, row: &mut Row, number: u64) {
        row.reset(number, self.columns.len());
        self.lists.clear();
        self.columns.iter_mut().for_each(|column| (column.filled, column.is_listed) = (0, false));
    }

    /// A number for an object or element, so that what stands in it twice is noticed.
    pub(super) fn object(&mut self) -> u64 {
        self.objects += 1;
        self.objects
    }

    /// The member of that name, as it is spelt or as headings are compared.
    pub(super) fn child(&mut self, parent: usize, name: &str) -> Option<usize> {
        let children = &self.nodes[parent].children;
        let is = |place: &usize| children.get(*place).is_some_and(|child| self.nodes[*child].name == name);
        let likely = Some(self.nodes[parent].next).filter(is);
        let place = likely.or_else(|| (0..children.len()).find(is)).or_else(|| {
            let folded = fold(name);
            children.iter().position(|child| self.nodes[*child].folded == folded)
        })?;
        let child = children[place];
        self.nodes[parent].next = place + 1;
        Some(child)
    }

    /// How many names a record has at its root.
    pub(super) fn width(&self) -> usize {
        self.nodes[ROOT].children.len()
    }

    /// How often the node was met in that object before.
    pub(super) fn meet(&mut self, node: usize, object: u64) -> usize {
        let met = &mut self.nodes[node].met;
        let before = if met.0 == object { met.1 } else { 0 };
        *met = (object, before + 1);
        before
    }

    /// How the owner of the file calls it.
    pub(super) fn path(&self, node: usize) -> &str {
        &self.nodes[node].path
    }

    /// Whether something is made of what stands there.
    pub(super) fn is_read(&self, node: usize) -> bool {
        self.nodes[node].column.is_some_and(|column| self.columns[column].is_read)
    }

    /// Puts a text into its column, as the piece of that number.
    pub(super) fn put(&mut self, row: &mut Row, node: usize, piece: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let path = &self.nodes[node].path;
        let Some(at) = self.nodes[node].column else {
            if text.trim().is_empty() {
                return;
            }
            return row.refuse("member_group", || format!("「{path}」应包含下级项，却直接是一个值，请核对接口格式"));
        };
        let (column, cell) = (&mut self.columns[at], &mut row.cells[at]);
        if cell.len() + text.len() + piece > CELL_MAX {
            return row.refuse("cell_length", || format!("「{path}」的内容超过{CELL_MAX}字节"));
        }
        if column.filled > piece {
            return row.refuse("member_twice", || format!("「{path}」在同一条记录中出现两次，无法确定以哪个为准"));
        }
        (column.filled.max(1) - 1..piece).for_each(|_| cell.push(BETWEEN));
        cell.push_str(text);
        column.filled = piece + 1;
        if has_control(text) {
            row.refuse("control_character", || format!("「{path}」含有控制字符，请从原系统重新导出"));
        } else if is_damaged(text) {
            row.refuse("undecodable", || format!("「{path}」含有无法解码或已损坏的字符，请从原系统重新导出"));
        }
    }

    /// The node stands so many times side by side.
    pub(super) fn repeat(&mut self, node: usize, count: usize) {
        match self.lists.iter_mut().find(|(known, _)| *known == node) {
            Some((_, most)) => *most = count.max(*most),
            None if count > 1 => self.lists.push((node, count)),
            None => {}
        }
    }

    /// The record ends: what repeats is filled up, so that its columns stay in step.
    pub(super) fn finish(&mut self, row: &mut Row) {
        for &(node, count) in &self.lists {
            for &at in &self.nodes[node].below {
                let column = &mut self.columns[at];
                let is_nested = std::mem::replace(&mut column.is_listed, true);
                if column.filled == 0 {
                    continue;
                }
                let path = &self.nodes[node].path;
                if is_nested {
                    list_in_list(row, path);
                } else if !column.may_repeat {
                    row.refuse("member_repeated", || format!("「{path}」在该记录中有{count}个，约定只有一个"));
                }
                if row.cells[at].len() + count > CELL_MAX {
                    row.refuse("cell_length", || format!("「{path}」的内容超过{CELL_MAX}字节"));
                    continue;
                }
                (column.filled..count).for_each(|_| row.cells[at].push(BETWEEN));
                column.filled = count;
            }
        }
    }
}

/// What repeats within what repeats refuses its row: a cell has no way of writing it.
pub(super) fn list_in_list(row: &mut Row, path: &str) {
    row.refuse("list_in_list", || format!("「{path}」在重复的项里又重复，无法放入一个单元格"));
}

/// Characters that steer machines and are no text; line ends and tabs are.
pub(super) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f)
}

/// Why a record with a member that no column is for is refused; `place` is that among the members beside it, from 1.
pub(super) fn unknown(row: &mut Row, name: &str, place: usize) {
    row.refuse("member_unknown", || format!("含有未约定的项「{}」，请核对接口字段，或请管理员登记后再导入", shown(name, place)));
}
