//! XML piece by piece, well formed or refused: XML 1.0 (fifth edition) with namespaces 1.0, and less than that. A document type is refused
//! whatever it says, so that nothing is ever expanded or fetched; what is left are the five entities that everybody knows and characters
//! by their number.

use super::{
    super::window::{Trouble, Window},
    name::{is_plain_name, is_space},
    space::Spaces,
    tag::{Attribute, Tag, declaration},
    text::{Mode, resolve},
};
use memchr::{memchr, memchr3, memmem};
use std::{io::Read, ops::Range};

/// Elements that may be open at a time.
const DEPTH_MAX: usize = 64;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// An element begins.
    Start,
    /// Text of the innermost element, not always all of it.
    Text,
    /// The innermost element ends.
    End,
}

fn wrong(detail: &'static str) -> Trouble {
    Trouble::Wrong(detail, "")
}

/// A document being taken apart.
#[derive(Debug)]
pub(super) struct Pull<R> {
    pub(super) window: Window<R>,
    tag: Tag,
    spaces: Spaces,
    /// Where the text of the last tag begins.
    base: usize,
    /// The names of the elements that are open, one after the other.
    open: String,
    ends: Vec<usize>,
    text: String,
    has_begun: bool,
    has_root: bool,
    /// The last element had no content: its end comes next.
    closes: bool,
}

impl<R: Read> Pull<R> {
    pub(super) fn new(window: Window<R>) -> Pull<R> {
        Pull {
            window,
            tag: Tag::default(),
            spaces: Spaces::default(),
            base: 0,
            open: String::new(),
            ends: Vec::new(),
            text: String::new(),
            has_begun: false,
            has_root: false,
            closes: false,
        }
    }

    /// The name of the element that just began, without its prefix.
    pub(super) fn name(&self) -> &str {
        local(self.window.text(self.base..self.base + self.tag.name))
    }

    /// The attributes of the element that just began: their names without prefix, and their values. What declares namespaces, and what
    /// XML and XML Schema say of an element in their own (`xml:space`, `xsi:nil`), is none of the document's.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let tag = self.window.text(self.base..self.base + self.tag.length);
        self.tag.attributes.iter().filter_map(move |Attribute { name, value }| {
            let name = &tag[name.clone()];
            self.spaces.is_own(name).then(|| (local(name), &self.tag.values[value.clone()]))
        })
    }

    /// The text that was just read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The next event; none at the end of a whole document.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Trouble> {
        if std::mem::take(&mut self.closes) {
            return Ok(Some(self.close()));
        }
        if !std::mem::replace(&mut self.has_begun, true) {
            self.declaration()?;
        }
        loop {
            let byte = if self.ends.is_empty() { self.window.space()? } else { self.window.peek()? };
            match byte {
                Some(b'<') => {
                    if let Some(event) = self.markup()? {
                        return Ok(Some(event));
                    }
                }
                Some(_) if self.ends.is_empty() => return Err(wrong("text stands outside the outermost element")),
                Some(_) => return self.characters().map(Some),
                None if !self.ends.is_empty() => return Err(Trouble::Cut),
                None if !self.has_root => return Err(wrong("there is no element")),
                None => return Ok(None),
            }
        }
    }

    fn declaration(&mut self) -> Result<(), Trouble> {
        if !self.window.have(6)? || !self.window.follows(b"<?xml")? || !is_space(self.window.rest()[5]) {
            return Ok(());
        }
        let found = self.until(5, b"?>")?;
        declaration(self.window.text(found.clone())).map_err(wrong)?;
        self.window.at = found.end + 2;
        Ok(())
    }

    /// The text from so many bytes on to that mark.
    fn until(&mut self, skip: usize, mark: &[u8]) -> Result<Range<usize>, Trouble> {
        let start = self.window.at + skip;
        let end = self.window.find(start, mark.len(), |bytes| memmem::find(bytes, mark))?;
        Ok(start..end.ok_or(Trouble::Cut)?)
    }

    /// What a `<` begins; none if it is no part of the content.
    fn markup(&mut self) -> Result<Option<Event>, Trouble> {
        if !self.window.have(2)? {
            return Err(Trouble::Cut);
        }
        let second = self.window.rest()[1];
        match second {
            b'/' => self.end().map(Some),
            b'?' => self.instruction().map(|()| None),
            b'!' if self.window.follows(b"<!--")? => self.comment().map(|()| None),
            b'!' if self.window.follows(b"<![CDATA[")? => self.literal().map(Some),
            b'!' if self.window.follows(b"<!DOCTYPE")? => Err(Trouble::Refused(
                "XML with a document type (DOCTYPE), which is never read: it can name other files and unfold without end",
                "export it without a DOCTYPE",
            )),
            b'!' => Err(wrong("this is no markup as XML writes it")),
            _ => self.start().map(Some),
        }
    }

    /// The text of a tag, from after its `<` to before its `>`; quotes may hold one.
    fn tag(&mut self) -> Result<Range<usize>, Trouble> {
        let start = self.window.at + 1;
        let mut from = start;
        loop {
            let found = self.window.find(from, 1, |bytes| memchr3(b'>', b'"', b'\'', bytes))?.ok_or(Trouble::Cut)?;
            let quote = self.window.text(found..found + 1).as_bytes()[0];
            if quote == b'>' {
                return Ok(start..found);
            }
            from = self.window.find(found + 1, 1, |bytes| memchr(quote, bytes))?.ok_or(Trouble::Cut)? + 1;
        }
    }

    fn start(&mut self) -> Result<Event, Trouble> {
        let range = self.tag()?;
        let text = self.window.text(range.clone());
        if let Err((at, detail)) = self.tag.read(text) {
            self.window.at = range.start + at;
            return Err(wrong(detail));
        }
        if self.ends.is_empty() && self.has_root {
            return Err(wrong("a second element follows the outermost one"));
        }
        if self.ends.len() == DEPTH_MAX {
            return Err(Trouble::Limit("its elements are nested deeper than 64"));
        }
        self.spaces.enter(self.ends.len(), text, &self.tag).map_err(wrong)?;
        self.open.push_str(&text[..self.tag.name]);
        self.ends.push(self.open.len());
        (self.base, self.has_root, self.closes) = (range.start, true, self.tag.is_empty);
        self.window.at = range.end + 1;
        Ok(Event::Start)
    }

    fn end(&mut self) -> Result<Event, Trouble> {
        let range = self.tag()?;
        let name = self.window.text(range.start + 1..range.end).trim_end_matches([' ', '\t', '\r', '\n']);
        let start = self.ends.len().checked_sub(2).map_or(0, |outer| self.ends[outer]);
        if self.ends.is_empty() || self.open[start..] != *name {
            return Err(wrong("this end tag does not close the element that is open"));
        }
        self.window.at = range.end + 1;
        Ok(self.close())
    }

    fn close(&mut self) -> Event {
        self.ends.pop();
        self.open.truncate(self.ends.last().copied().unwrap_or(0));
        self.spaces.leave(self.ends.len());
        Event::End
    }

    fn comment(&mut self) -> Result<(), Trouble> {
        let found = self.until(4, b"--")?;
        self.check(found.clone())?;
        self.window.at = found.end;
        if !self.window.follows(b"-->")? {
            return Err(wrong("two hyphens stand inside a comment"));
        }
        self.window.at += 3;
        Ok(())
    }

    fn instruction(&mut self) -> Result<(), Trouble> {
        let found = self.until(2, b"?>")?;
        let text = self.window.text(found.clone());
        let target = &text[..text.find([' ', '\t', '\r', '\n']).unwrap_or(text.len())];
        if !is_plain_name(target) {
            return Err(wrong("a processing instruction has no name"));
        }
        if target.eq_ignore_ascii_case("xml") {
            return Err(wrong("an XML declaration stands anywhere but at the very beginning"));
        }
        self.check(found.clone())?;
        self.window.at = found.end + 2;
        Ok(())
    }

    /// Looks at characters that are no content.
    fn check(&mut self, range: Range<usize>) -> Result<(), Trouble> {
        self.take(range, Mode::Literal)
    }

    fn literal(&mut self) -> Result<Event, Trouble> {
        if self.ends.is_empty() {
            return Err(wrong("text stands outside the outermost element"));
        }
        let found = self.until(9, b"]]>")?;
        self.take(found.clone(), Mode::Literal)?;
        self.window.at = found.end + 3;
        Ok(Event::Text)
    }

    fn characters(&mut self) -> Result<Event, Trouble> {
        let start = self.window.at;
        let end = self.window.find(start, 1, |bytes| memchr(b'<', bytes))?;
        let range = start..end.unwrap_or(self.window.end());
        self.take(range.clone(), Mode::Text)?;
        self.window.at = range.end;
        Ok(Event::Text)
    }

    fn take(&mut self, range: Range<usize>, mode: Mode) -> Result<(), Trouble> {
        self.text.clear();
        resolve(self.window.text(range.clone()), &mut self.text, mode).map_err(|(at, detail)| {
            self.window.at = range.start + at;
            wrong(detail)
        })
    }
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}
