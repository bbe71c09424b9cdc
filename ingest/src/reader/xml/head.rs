//! What the first part of an XML file shows: where records may stand, and the names of their elements and attributes.

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
/// [`Error::Damaged`] with the place where it is not well formed, [`Error::Format`] if it has a document type.
pub(crate) fn head(path: &Path, encoding: &'static Encoding) -> Result<Head, Error> {
    let mut pull = Pull::new(Window::open(path, encoding)?);
    let (shape, is_whole) = shape(&mut pull).map_err(|trouble| trouble.error(path, pull.window.place()))?;
    // The document itself is no record of it.
    let places = shape.places().into_iter().filter(|place| !place.path.is_empty()).collect();
    Ok(Head { is_lines: false, places, empty: if is_whole { shape.empty() } else { Vec::new() } })
}

/// The names, and whether they are those of the whole document.
fn shape(pull: &mut Pull<impl Read>) -> Result<(Shape, bool), Trouble> {
    let (mut shape, mut open, mut name) = (Shape::new(), vec![0], String::new());
    while let Some(event) = pull.next()? {
        let node = open.last().copied().unwrap_or(0);
        match event {
            Event::Start => {
                let node = shape.child(node, pull.name())?;
                open.push(node);
                for (attribute, value) in pull.attributes() {
                    name.clear();
                    name.extend(["@", attribute]);
                    let child = shape.child(node, &name)?;
                    if !value.is_empty() {
                        shape.text(child);
                    }
                }
            }
            Event::Text if !pull.text().trim().is_empty() => shape.text(node),
            Event::Text => {}
            Event::End => drop(open.pop()),
        }
        if pull.window.at > HEAD_BYTES {
            return Ok((shape, false));
        }
    }
    Ok((shape, true))
}
