//! The parts of a workbook as marks and texts, with limits on what they may nest. What the marks mean is told by who reads the part.

use super::utf8::Utf8;
use crate::Error;
use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};
use std::{
    io::{BufReader, Read},
    path::Path,
};

/// Marks inside each other; a workbook needs a dozen.
const DEPTH_MAX: usize = 64;

/// Why a part cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// What is wrong with it.
    Damaged(&'static str),
    /// Which limit it exceeds.
    Limit(String),
}

impl Broken {
    /// The error, with the place in the file.
    pub(super) fn at(self, path: &Path, place: &str) -> Error {
        let (path, place) = (path.display().to_string(), place.to_owned());
        match self {
            Broken::Damaged(detail) => Error::Damaged { path, place, detail: detail.to_owned() },
            Broken::Limit(limit) => Error::Limit { path, place, limit, hint: "open it in a spreadsheet program and save it again" },
        }
    }
}

impl From<quick_xml::Error> for Broken {
    fn from(error: quick_xml::Error) -> Broken {
        Broken::Damaged(match error {
            quick_xml::Error::Io(_) => "a part of it cannot be unpacked",
            _ => ILL_FORMED,
        })
    }
}

pub(super) const ILL_FORMED: &str = "its XML ends early or is not well formed";

/// What is no workbook's structure.
pub(super) const STRANGE: Broken = Broken::Damaged("its structure is not that of a workbook");

/// A part being read.
pub(super) struct Xml<R> {
    reader: Reader<BufReader<Utf8<R>>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: Read> Xml<R> {
    pub(super) fn new(part: R) -> Xml<R> {
        let mut reader = Reader::from_reader(BufReader::with_capacity(1 << 16, Utf8::New(part)));
        reader.config_mut().expand_empty_elements = true;
        Xml { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next mark or text; an element without content begins and ends. The end of the part is an error while anything is open.
    pub(super) fn next(&mut self) -> Result<Event<'_>, Broken> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer)?;
        match event {
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(Broken::Damaged(ILL_FORMED)),
            Event::DocType(_) => return Err(Broken::Damaged("it defines entities of its own")),
            _ => {}
        }
        if self.depth > DEPTH_MAX { Err(Broken::Limit(format!("its marks nest deeper than {DEPTH_MAX}"))) } else { Ok(event) }
    }

    /// How many marks are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }
}

/// The attribute of that name under whatever prefix, with its references resolved.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = tag.attributes();
    let found = all.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}

/// Whether an attribute says yes.
pub(super) fn is_on(tag: &BytesStart<'_>, name: &str) -> bool {
    matches!(attribute(tag, name).as_deref(), Some("1" | "true" | "on"))
}

/// Appends the character that a reference stands for; a part has no other entities than XML's own five.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), Broken> {
    let character = match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    text.push(character.ok_or(Broken::Damaged(ILL_FORMED))?);
    Ok(())
}
