//! Rows of JSON: an object a line (NDJSON), or the objects of one list wherever it stands in a document. One record is held at a time. A
//! line that is no JSON refuses itself; inside a document nobody can say where the next record would begin, so the file is refused.

mod head;
mod judge;
mod pull;
mod walk;

use super::{
    Reader, Row, beside,
    flat::{Flat, ROOT, list_in_list, unknown},
    window::{Trouble, Window},
};
use crate::{Error, Extract, recognise::NestedLayout, sniff::Stamp};
pub(crate) use head::head;
pub(crate) use judge::judge;
use pull::{Event, Pull};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use walk::{Found, Walk};

/// The reader.
pub(super) struct Json {
    pull: Pull<File>,
    flat: Flat,
    /// The way to the records of a document; none where every line is one.
    walk: Option<Walk>,
    /// The department's file states where they are.
    is_stated: bool,
    number: u64,
    path: PathBuf,
    stamp: Stamp,
}

impl Json {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &NestedLayout, extract: &Extract) -> Result<Json, Error> {
        let pull = Pull::new(Window::open(path, layout.encoding)?);
        let walk = (!layout.is_lines).then(|| Walk::new(layout.rows.clone()));
        let (flat, is_stated) = (Flat::new(extract), layout.is_stated);
        Ok(Json { pull, flat, walk, is_stated, number: 0, path: path.to_owned(), stamp: stamp.clone() })
    }

    /// The next line that is not blank.
    fn line(&mut self, row: &mut Row) -> Result<bool, Trouble> {
        loop {
            if !self.pull.window.line()? {
                return Ok(false);
            }
            self.number += 1;
            if self.pull.window.space()?.is_some() {
                break;
            }
        }
        self.pull.reset();
        self.flat.begin(row, self.number);
        let first = self.pull.must();
        match first.and_then(|first| self.record(row, first)).and_then(|()| self.pull.next()) {
            Ok(_) => {}
            Err(Trouble::Wrong(_, reason)) => self.broken(row, reason),
            Err(Trouble::Limit(_)) => self.broken(row, "嵌套超过128层"),
            // What ends without an end of line is a file that was cut off.
            Err(Trouble::Cut) if !self.pull.window.is_open_line() => self.broken(row, "该行不完整"),
            Err(trouble) => return Err(trouble),
        }
        Ok(true)
    }

    /// A line that is no JSON. Nothing of it is kept: it may have gone wrong long before the place where that shows.
    fn broken(&self, row: &mut Row, reason: &str) {
        row.reset(self.number, row.cells.len());
        row.refuse("json_syntax", || format!("该行不是正确的JSON：第{}个字符处，{reason}", self.pull.window.column()));
    }

    /// The next record of a document.
    fn element(&mut self, row: &mut Row, walk: &mut Walk) -> Result<bool, Trouble> {
        self.pull.window.release();
        let Some(found) = walk.next(&mut self.pull, &mut self.flat)? else { return Ok(false) };
        self.number += 1;
        self.flat.begin(row, self.number);
        match found {
            Found::Record(first) => self.record(row, first)?,
            Found::Elsewhere => beside::refuse(row, self.is_stated)?,
        }
        Ok(true)
    }

    fn record(&mut self, row: &mut Row, first: Event) -> Result<(), Trouble> {
        let mut record = Record { pull: &mut self.pull, flat: &mut self.flat, row };
        if first == Event::ObjectStart {
            record.object(ROOT, None)?;
        } else {
            record.pull.skip(first)?;
            record.row.refuse("record_shape", || "该记录不是由名称和值组成的对象".to_owned());
        }
        self.flat.finish(row);
        Ok(())
    }
}

impl Reader for Json {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let found = match self.walk.take() {
            None => self.line(row),
            Some(mut walk) => {
                let found = self.element(row, &mut walk);
                self.walk = Some(walk);
                found
            }
        };
        let has_more = found.map_err(|trouble| trouble.error(&self.path, self.pull.window.place()))?;
        if !has_more {
            self.stamp.check(&self.path)?;
        }
        Ok(has_more)
    }
}

/// One record on its way into the row.
struct Record<'a, R> {
    pull: &'a mut Pull<R>,
    flat: &'a mut Flat,
    row: &'a mut Row,
}

impl<R: Read> Record<'_, R> {
    /// An object that has begun; `piece` is its place in the list that holds it.
    fn object(&mut self, node: usize, piece: Option<usize>) -> Result<(), Trouble> {
        let (object, mut place) = (self.flat.object(), 0);
        while self.pull.must()? == Event::Name {
            place += 1;
            let child = self.member(node, object, place);
            let event = self.pull.must()?;
            match child {
                Some(child) => self.value(event, child, piece)?,
                None => self.pull.skip(event)?,
            }
        }
        Ok(())
    }

    /// Where the member goes whose name was just read; nowhere if it refuses the row.
    fn member(&mut self, node: usize, object: u64, place: usize) -> Option<usize> {
        let name = self.pull.text();
        let Some(child) = self.flat.child(node, name) else {
            unknown(self.row, name, place);
            return None;
        };
        if self.flat.meet(child, object) == 0 {
            return Some(child);
        }
        let path = self.flat.path(child);
        self.row.refuse("member_twice", || format!("「{path}」在同一条记录中出现两次，无法确定以哪个为准"));
        None
    }

    fn value(&mut self, event: Event, node: usize, piece: Option<usize>) -> Result<(), Trouble> {
        match event {
            Event::ObjectStart => self.object(node, piece)?,
            Event::ArrayStart if piece.is_some() => self.as_written(node, piece)?,
            Event::ArrayStart => self.array(node)?,
            Event::Text if self.pull.has_half => {
                let path = self.flat.path(node);
                self.row.refuse("half_character", || format!("「{path}」含有不完整的字符，请从原系统重新导出"));
            }
            Event::Text | Event::Number | Event::Word => self.flat.put(self.row, node, piece.unwrap_or(0), self.pull.text()),
            _ => {}
        }
        Ok(())
    }

    fn array(&mut self, node: usize) -> Result<(), Trouble> {
        let mut count = 0;
        loop {
            let event = self.pull.must()?;
            if event == Event::ArrayEnd {
                break;
            }
            self.value(event, node, Some(count))?;
            count += 1;
        }
        self.flat.repeat(node, count);
        Ok(())
    }

    /// A list inside a list, e.g. the corners of an area: one piece, as it is written, where nobody reads it.
    fn as_written(&mut self, node: usize, piece: Option<usize>) -> Result<(), Trouble> {
        let start = self.pull.window.at - 1;
        self.pull.skip(Event::ArrayStart)?;
        if self.flat.is_read(node) {
            list_in_list(self.row, self.flat.path(node));
            return Ok(());
        }
        let text = self.pull.window.text(start..self.pull.window.at);
        self.flat.put(self.row, node, piece.unwrap_or(0), text);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
