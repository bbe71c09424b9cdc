//! What an XML file says of its own encoding, held against what its bytes are. Where the two contradict each other nobody guesses.

use super::encoding::Verdict;
use crate::{decode::label, reader::declaration};
use encoding_rs::{EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The encoding that the XML declaration names; whoever says GBK or GB2312 gets all of GB18030.
///
/// # Errors
/// The name, if no encoding is called so.
pub(super) fn stated(head: &[u8]) -> Result<Option<&'static Encoding>, String> {
    let text = opening(head);
    let Some(inside) = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(inside, _)| inside) else { return Ok(None) };
    // One that is not as XML writes it is for the reader to refuse, with its place.
    let Ok(Some(name)) = declaration(inside) else { return Ok(None) };
    match Encoding::for_label(name.as_bytes()) {
        Some(encoding) => Ok(Some(if encoding == GBK { GB18030 } else { encoding })),
        None => Err(name.to_owned()),
    }
}

/// The first characters as far as they are ASCII: without byte order marks, and without the zero bytes of UTF-16.
pub(super) fn opening(head: &[u8]) -> String {
    let marks: [&[u8]; 4] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x84\x31\x95\x33"];
    let mut rest = head;
    while let Some(after) = marks.iter().find_map(|mark| rest.strip_prefix(*mark)) {
        rest = after;
    }
    rest.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
}

/// What to make of a statement when the bytes lead to that verdict.
pub(super) enum Agreement {
    /// The verdict holds.
    Holds,
    /// The bytes leave it open: the statement decides, if the text decodes so.
    Decides,
    /// They cannot both be.
    Contradicts { detail: String },
}

/// `is_western` tells whether the bytes look like text with accents.
pub(super) fn agreement(verdict: &Verdict, stated: &'static Encoding, is_western: bool) -> Agreement {
    let is_wide = |encoding| encoding == UTF_16LE || encoding == UTF_16BE;
    match verdict {
        // Also where it names what was the likelier one: what stays open is read as the standard's UTF-8 otherwise.
        Verdict::Is { either: true, .. } if !is_wide(stated) => Agreement::Decides,
        Verdict::Is { encoding, .. } if *encoding == stated || is_wide(*encoding) && is_wide(stated) => Agreement::Holds,
        // Nobody writes by mistake that it is Japanese or Korean, as many do of Latin.
        Verdict::Is { encoding, .. } if *encoding == GB18030 && [EUC_JP, EUC_KR, SHIFT_JIS].contains(&stated) => Agreement::Decides,
        // Latin is what many programs say of whatever they write.
        Verdict::Unsure { .. } if stated == WINDOWS_1252 && !is_western => Agreement::Holds,
        Verdict::Unsure { .. } if stated != UTF_8 && stated != GB18030 && !is_wide(stated) => Agreement::Decides,
        Verdict::Unsure { .. } => Agreement::Holds,
        Verdict::Is { encoding, .. } => {
            Agreement::Contradicts { detail: format!("its XML declaration says {}, and its bytes are {}", label(stated), label(encoding)) }
        }
    }
}
