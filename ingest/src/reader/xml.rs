//! Rows of XML: the elements that repeat at one place of a document, each laid flat with its attributes. One record is held at a time. A
//! document that is not well formed is refused: nobody can say where its next record would begin.

mod head;
mod judge;
mod name;
mod pull;
mod space;
mod tag;
mod text;

use super::{
    Reader, Row,
    beside::{self, Beside, half},
    flat::{Flat, ROOT, list_in_list, unknown},
    window::{Trouble, Window},
};
use crate::{Error, Extract, recognise::NestedLayout, sniff::Stamp};
pub(crate) use head::head;
pub(crate) use judge::judge;
use pull::{Event, Pull};
use std::{
    fs::File,
    path::{Path, PathBuf},
};
pub(crate) use tag::declaration;

/// The reader.
pub(super) struct Xml {
    pull: Pull<File>,
    flat: Flat,
    /// The names on the way to a record, its own among them.
    rows: Vec<String>,
    /// Elements that are open outside of records, and how many of them, from the outermost on, are on the way.
    depth: usize,
    matched: usize,
    /// The elements that are open and not on the way.
    beside: Beside,
    /// The department's file states which records are read.
    is_stated: bool,
    frames: Vec<Frame>,
    texts: String,
    name: String,
    number: u64,
    path: PathBuf,
    stamp: Stamp,
}

/// An element of the record that is open.
#[derive(Debug)]
struct Frame {
    /// Where it goes; nowhere if it refuses the row.
    node: Option<usize>,
    object: u64,
    /// Its place among those that repeat.
    piece: Option<usize>,
    /// Where its text begins.
    text: usize,
    /// How many elements it has so far.
    children: usize,
    /// Text stands behind one of its elements.
    is_mixed: bool,
}

impl Xml {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &NestedLayout, extract: &Extract) -> Result<Xml, Error> {
        Ok(Xml {
            pull: Pull::new(Window::open(path, layout.encoding)?),
            flat: Flat::new(extract),
            rows: layout.rows.clone(),
            depth: 0,
            matched: 0,
            beside: Beside::default(),
            is_stated: layout.is_stated,
            frames: Vec::new(),
            texts: String::new(),
            name: String::new(),
            number: 0,
            path: path.to_owned(),
            stamp: stamp.clone(),
        })
    }

    /// Walks to the next record and reads it.
    fn element(&mut self, row: &mut Row) -> Result<bool, Trouble> {
        loop {
            self.pull.window.release();
            match self.pull.next()? {
                None => return Ok(false),
                Some(Event::Text) => {}
                Some(Event::End) => self.end(),
                Some(Event::Start) => {
                    if let Some(depth) = self.start() {
                        self.elsewhere(row, depth)?;
                        return Ok(true);
                    }
                    if self.matched == self.rows.len() {
                        self.record(row)?;
                        (self.depth, self.matched) = (self.depth - 1, self.matched - 1);
                        return Ok(true);
                    }
                }
            }
        }
    }

    /// An element begins outside of records. Returns how deep is what turns out to be a record all the same, if one does: the element that it
    /// stands in, or itself.
    fn start(&mut self) -> Option<usize> {
        let is_on_the_way = self.matched == self.depth;
        self.depth += 1;
        if is_on_the_way && self.rows.get(self.matched).is_some_and(|name| *name == self.pull.name()) {
            self.matched += 1;
            return None;
        }
        let (half, mut found) = (half(&self.flat), None);
        // Beside records, a single name tells what is one.
        let needed = if self.is_sibling(self.depth - 1) { 1 } else { half };
        if !is_on_the_way && self.beside.is_record(&mut self.flat, self.pull.name(), needed) {
            found = Some(self.depth - 1);
        }
        self.beside.begin();
        for (name, _) in self.pull.attributes() {
            self.name.clear();
            self.name.extend(["@", name]);
            if self.beside.is_record(&mut self.flat, &self.name, half) {
                found = found.or(Some(self.depth));
            }
        }
        found
    }

    /// Whether what is so deep stands side by side with records, and has another name.
    fn is_sibling(&self, depth: usize) -> bool {
        self.matched + 1 == self.rows.len() && depth == self.matched + 1
    }

    /// Refuses what is a record and has another name or place, so that it does not go unmentioned.
    fn elsewhere(&mut self, row: &mut Row, depth: usize) -> Result<(), Trouble> {
        self.begin(row);
        if self.is_sibling(depth) {
            row.refuse("record_name", || "与记录并列、内容相同的元素名称不是约定的名称，请核对元素名称".to_owned());
            return Ok(());
        }
        beside::refuse(row, self.is_stated)
    }

    /// An element outside of records ends.
    fn end(&mut self) {
        if self.depth > self.matched {
            self.beside.end();
        }
        self.depth -= 1;
        self.matched = self.matched.min(self.depth);
    }

    fn begin(&mut self, row: &mut Row) {
        self.number += 1;
        self.flat.begin(row, self.number);
    }

    fn record(&mut self, row: &mut Row) -> Result<(), Trouble> {
        self.begin(row);
        self.frames.clear();
        self.texts.clear();
        self.push(Some(ROOT), None);
        self.attributes(row);
        while !self.frames.is_empty() {
            match self.pull.next()?.ok_or(Trouble::Cut)? {
                Event::Start => self.enter(row),
                Event::Text => self.text(),
                Event::End => self.leave(row),
            }
        }
        self.flat.finish(row);
        Ok(())
    }

    fn push(&mut self, node: Option<usize>, piece: Option<usize>) {
        let object = self.flat.object();
        self.frames.push(Frame { node, object, piece, text: self.texts.len(), children: 0, is_mixed: false });
    }

    fn enter(&mut self, row: &mut Row) {
        let Some(parent) = self.frames.last_mut() else { return };
        parent.children += 1;
        let (object, mut piece, place) = (parent.object, parent.piece, parent.children);
        let Some(node) = parent.node else { return self.push(None, None) };
        let Some(child) = self.flat.child(node, self.pull.name()) else {
            unknown(row, self.pull.name(), place);
            return self.push(None, None);
        };
        let before = self.flat.meet(child, object);
        if before > 0 && piece.is_some() {
            list_in_list(row, self.flat.path(child));
        } else if before > 0 {
            piece = Some(before);
            self.flat.repeat(child, before + 1);
        }
        self.push(Some(child), piece);
        self.attributes(row);
    }

    fn attributes(&mut self, row: &mut Row) {
        let Some(Frame { node: Some(node), piece, .. }) = self.frames.last() else { return };
        let (node, piece) = (*node, piece.unwrap_or(0));
        for (place, (name, value)) in (1..).zip(self.pull.attributes()) {
            self.name.clear();
            self.name.extend(["@", name]);
            match self.flat.child(node, &self.name) {
                Some(child) => self.flat.put(row, child, piece, value),
                None => unknown(row, &self.name, place),
            }
        }
    }

    fn text(&mut self) {
        let Some(frame) = self.frames.last_mut().filter(|frame| frame.node.is_some()) else { return };
        let text = self.pull.text();
        // Between elements, white space is how the file is laid out.
        if frame.children > 0 && text.trim().is_empty() {
            return;
        }
        frame.is_mixed |= frame.children > 0;
        self.texts.push_str(text);
    }

    fn leave(&mut self, row: &mut Row) {
        let Some(frame) = self.frames.pop() else { return };
        let text = &self.texts[frame.text..];
        if let Some(node) = frame.node
            && !(text.trim().is_empty() && (frame.children > 0 || node == ROOT))
        {
            if frame.is_mixed {
                let path = self.flat.path(node);
                row.refuse("mixed_content", || format!("「{path}」中文字与下级元素混在一起，无法确定其内容"));
            }
            self.flat.put(row, node, frame.piece.unwrap_or(0), text);
        }
        self.texts.truncate(frame.text);
    }
}

impl Reader for Xml {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let has_more = self.element(row).map_err(|trouble| trouble.error(&self.path, self.pull.window.place()))?;
        if !has_more {
            self.stamp.check(&self.path)?;
        }
        Ok(has_more)
    }
}

#[cfg(test)]
mod tests;
