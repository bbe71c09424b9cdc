//! What the first part of a JSON file shows: whether every line is a text of its own, and where records may stand.

use super::{
    super::{
        shape::{HEAD_BYTES, Head, Shape},
        window::{Trouble, Window},
    },
    pull::{Event, Pull},
};
use crate::Error;
use encoding_rs::Encoding;
use std::{io::Read, path::Path};

/// Looks at the first megabyte.
///
/// # Errors
/// [`Error::Damaged`] with the place where the grammar of JSON is broken, in a document; lines that are broken are for the reader.
pub(crate) fn head(path: &Path, encoding: &'static Encoding) -> Result<Head, Error> {
    let mut pull = Pull::new(Window::open(path, encoding)?);
    let mut shape = Shape::new();
    let trouble = match document(&mut pull, &mut shape) {
        Ok(true) => return Ok(Head { is_lines: false, places: shape.places(), empty: shape.empty() }),
        // Where the first megabyte ends in the midst of it, it may be the first line of several.
        Ok(false) if !has_lines(path, encoding) => return Ok(Head { is_lines: false, places: shape.places(), empty: Vec::new() }),
        Ok(false) => Trouble::Cut,
        Err(trouble) => trouble,
    };
    let place = pull.window.place();
    let mut window = Window::open(path, encoding)?;
    let begins = window.space().map_err(|trouble| trouble.error(path, place))?;
    if begins == Some(b'{')
        && matches!(trouble, Trouble::Wrong(..) | Trouble::Cut | Trouble::Limit(_))
        && let Some(shape) = lines(path, encoding)?
    {
        let places = shape.places().into_iter().filter(|place| place.path.is_empty()).collect();
        return Ok(Head { is_lines: true, places, empty: Vec::new() });
    }
    Err(trouble.error(path, place))
}

/// One text, as far as it is looked at; whether that is all of it.
fn document(pull: &mut Pull<impl Read>, shape: &mut Shape) -> Result<bool, Trouble> {
    let first = pull.must()?;
    let is_whole = value(pull, shape, 0, first)?;
    if is_whole {
        pull.next()?;
    }
    Ok(is_whole)
}

/// Whether the first line is an object and another line follows, which no document has.
fn has_lines(path: &Path, encoding: &'static Encoding) -> bool {
    let Ok(window) = Window::open(path, encoding) else { return false };
    let mut pull = Pull::new(window);
    // A line that is longer than any record is none.
    matches!(filled_line(&mut pull), Ok(true)) && is_object(&mut pull) && matches!(filled_line(&mut pull), Ok(true))
}

/// Turns to the next line that is not blank; false at the end.
fn filled_line(pull: &mut Pull<impl Read>) -> Result<bool, Trouble> {
    while pull.window.line()? {
        if pull.window.space()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The lines, if the first of them is an object or more than half are.
fn lines(path: &Path, encoding: &'static Encoding) -> Result<Option<Shape>, Error> {
    let mut pull = Pull::new(Window::open(path, encoding)?);
    let (mut shape, mut whole, mut all, mut bytes, mut is_first_whole) = (Shape::new(), 0, 0, 0, false);
    let mut next = || -> Result<bool, Trouble> {
        if bytes > HEAD_BYTES || !pull.window.line()? {
            return Ok(false);
        }
        let start = pull.window.at;
        bytes += pull.window.end() - start + 1;
        if pull.window.space()?.is_some() {
            all += 1;
            if is_object(&mut pull) {
                whole += 1;
                is_first_whole |= all == 1;
                pull.window.at = start;
                pull.reset();
                let first = pull.must()?;
                value(&mut pull, &mut shape, 0, first)?;
            }
        }
        Ok(true)
    };
    loop {
        match next() {
            Ok(true) => {}
            Ok(false) => return Ok(Some(shape).filter(|_| is_first_whole || whole * 2 > all)),
            Err(trouble) => return Err(trouble.error(path, pull.window.place())),
        }
    }
}

fn is_object(pull: &mut Pull<impl Read>) -> bool {
    pull.reset();
    let first = pull.must();
    matches!(first, Ok(Event::ObjectStart)) && pull.skip(Event::ObjectStart).is_ok() && pull.next().is_ok()
}

/// Notes the names below a value that has begun; false when enough was seen. The elements of a list are all the same to it.
fn value(pull: &mut Pull<impl Read>, shape: &mut Shape, node: usize, event: Event) -> Result<bool, Trouble> {
    if pull.window.at > HEAD_BYTES {
        return Ok(false);
    }
    match event {
        Event::ObjectStart => {
            while pull.must()? == Event::Name {
                let child = shape.child(node, pull.text())?;
                let event = pull.must()?;
                if !value(pull, shape, child, event)? {
                    return Ok(false);
                }
            }
        }
        Event::ArrayStart => {
            shape.list(node, 0);
            loop {
                let event = pull.must()?;
                if event == Event::ArrayEnd {
                    break;
                }
                shape.list(node, 1);
                if !value(pull, shape, node, event)? {
                    return Ok(false);
                }
            }
        }
        Event::Text | Event::Number | Event::Word if !pull.text().is_empty() => shape.text(node),
        _ => {}
    }
    Ok(true)
}
