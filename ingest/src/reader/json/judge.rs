//! A JSON text of any shape: whether its grammar holds, and what in it would refuse a row.

use super::{
    super::window::{Trouble, Window},
    pull::{Event, Pull},
};
use crate::{Error, judge::Judged};
use encoding_rs::Encoding;
use std::{collections::HashSet, io::Read, path::Path};

/// Reads the whole.
pub(crate) fn judge(path: &Path, encoding: &'static Encoding) -> Result<Judged, Error> {
    let mut pull = Pull::new(Window::open(path, encoding)?);
    whole(&mut pull).map_err(|trouble| trouble.error(path, pull.window.place()))
}

fn whole(pull: &mut Pull<impl Read>) -> Result<Judged, Trouble> {
    let (mut judged, mut open) = (Judged::default(), Vec::new());
    while let Some(event) = pull.next()? {
        judged.count += 1;
        match event {
            Event::ObjectStart => open.push(HashSet::new()),
            Event::ObjectEnd => drop(open.pop()),
            Event::Name if !open.last_mut().is_none_or(|names: &mut HashSet<String>| names.insert(pull.text().to_owned())) => {
                judged.fault("a name stands twice in one object");
            }
            _ => {}
        }
        if matches!(event, Event::Name | Event::Text) {
            if pull.has_half {
                judged.fault("half a surrogate pair stands for no character");
            } else if pull.text().contains(char::REPLACEMENT_CHARACTER) {
                judged.fault("bytes do not decode");
            } else if super::super::flat::has_control(pull.text()) {
                judged.fault("a control character stands in a text");
            }
        }
        pull.window.release();
    }
    Ok(judged)
}
