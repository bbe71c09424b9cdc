//! The way through a JSON document to its records. What stands beside the way is looked at for its grammar, and for records that would go
//! unread, and is not kept; a document with the way in it twice is refused, since the first half would go unread too.

use super::{
    super::{
        beside::{Beside, half},
        flat::Flat,
        window::Trouble,
    },
    pull::{Event, Pull},
};
use std::io::Read;

const TWICE: Trouble = Trouble::Wrong("the member that leads to the records stands twice", "");
const OTHER: Trouble = Trouble::Wrong("here should be the records, or what leads to them, and is another value", "");
const NOWHERE: Trouble = Trouble::Wrong("the document ends and the records are nowhere", "");

/// Where in the document one stands.
#[derive(Debug)]
pub(super) struct Walk {
    path: Vec<String>,
    /// Which names of the path were met.
    met: Vec<bool>,
    /// Objects of the way that are open.
    open: usize,
    has_begun: bool,
    is_inside: bool,
    /// A value beside the way that is passed over: how many objects and arrays are open outside of it, and what was met in it.
    passing: Option<u32>,
    beside: Beside,
}

/// What comes next in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A record begins, with this event.
    Record(Event),
    /// One stands where none is read.
    Elsewhere,
}

impl Walk {
    pub(super) fn new(path: Vec<String>) -> Walk {
        let met = vec![false; path.len()];
        Walk { met, path, open: 0, has_begun: false, is_inside: false, passing: None, beside: Beside::default() }
    }

    /// The next record; none when the document has ended as it should.
    pub(super) fn next(&mut self, pull: &mut Pull<impl Read>, flat: &mut Flat) -> Result<Option<Found>, Trouble> {
        if let Some(first) = self.element(pull)? {
            return Ok(Some(Found::Record(first)));
        }
        if !std::mem::replace(&mut self.has_begun, true) {
            let event = pull.must()?;
            if let Some(first) = self.enter(event, pull)? {
                return Ok(Some(Found::Record(first)));
            }
        }
        while self.open > 0 {
            pull.window.release();
            if let Some(outside) = self.passing {
                if self.pass(outside, pull, flat)? {
                    return Ok(Some(Found::Elsewhere));
                }
            } else if let Some(first) = self.step(pull)? {
                return Ok(Some(Found::Record(first)));
            }
        }
        pull.next()?;
        if self.met.first() == Some(&false) { Err(NOWHERE) } else { Ok(None) }
    }

    /// The next element of the list of records, if that is where one stands.
    fn element(&mut self, pull: &mut Pull<impl Read>) -> Result<Option<Event>, Trouble> {
        if !self.is_inside {
            return Ok(None);
        }
        let event = pull.must()?;
        self.is_inside = event != Event::ArrayEnd;
        Ok(Some(event).filter(|_| self.is_inside))
    }

    /// One member of the innermost object of the way, or its end.
    fn step(&mut self, pull: &mut Pull<impl Read>) -> Result<Option<Event>, Trouble> {
        if pull.must()? == Event::ObjectEnd {
            self.open -= 1;
            return Ok(None);
        }
        let at = self.open - 1;
        let leads = pull.text() == self.path[at];
        let event = pull.must()?;
        if !leads {
            if event == Event::ObjectStart {
                self.beside.begin();
            }
            self.passing = event.begins().then(|| pull.depth() - 1);
            return Ok(None);
        }
        if std::mem::replace(&mut self.met[at], true) {
            return Err(TWICE);
        }
        self.enter(event, pull)
    }

    /// Passes over a value beside the way, however much it is; true where a record turns up in it, and there is more.
    fn pass(&mut self, outside: u32, pull: &mut Pull<impl Read>, flat: &mut Flat) -> Result<bool, Trouble> {
        let half = half(flat);
        while pull.depth() > outside {
            pull.window.release();
            match pull.must()? {
                Event::ObjectStart => self.beside.begin(),
                Event::ObjectEnd => self.beside.end(),
                Event::Name if self.beside.is_record(flat, pull.text(), half) => return Ok(true),
                _ => {}
            }
        }
        self.passing = None;
        Ok(false)
    }

    /// Takes the value that a name of the way leads to: the records, or an object on the way to them.
    fn enter(&mut self, event: Event, pull: &mut Pull<impl Read>) -> Result<Option<Event>, Trouble> {
        let is_there = self.open == self.path.len();
        match event {
            Event::Null => Ok(None),
            Event::ObjectStart if is_there => Ok(Some(event)),
            Event::ArrayStart if is_there => {
                self.is_inside = true;
                self.element(pull)
            }
            Event::ObjectStart => {
                self.open += 1;
                Ok(None)
            }
            _ => Err(OTHER),
        }
    }
}
