//! An XML document of any shape: whether it is well formed, and what in it would refuse a row.

use super::{
    super::window::{Trouble, Window},
    pull::{Event, Pull},
};
use crate::{Error, judge::Judged};
use encoding_rs::Encoding;
use std::{io::Read, path::Path};

/// Reads the whole.
pub(crate) fn judge(path: &Path, encoding: &'static Encoding) -> Result<Judged, Error> {
    let mut pull = Pull::new(Window::open(path, encoding)?);
    whole(&mut pull).map_err(|trouble| trouble.error(path, pull.window.place()))
}

fn whole(pull: &mut Pull<impl Read>) -> Result<Judged, Trouble> {
    let mut judged = Judged::default();
    while let Some(event) = pull.next()? {
        judged.count += u64::from(event == Event::Start);
        let is_damaged = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        if event == Event::Text && is_damaged(pull.text()) || event == Event::Start && pull.attributes().any(|(_, value)| is_damaged(value))
        {
            judged.fault("bytes do not decode");
        }
        pull.window.release();
    }
    Ok(judged)
}
