//! Files of no department, for suites of bad input: whether the grammar of their format holds, and what in them would refuse a row. Rows
//! are not mapped here, and nothing of a file is kept.

use crate::{Error, reader, sniff};
use std::path::Path;

/// A file whose grammar holds.
#[derive(Debug, Default)]
pub struct Judged {
    /// What it is made of: values, elements or rows.
    pub count: u64,
    /// What would refuse the row it stands in, in words, each once.
    pub faults: Vec<&'static str>,
}

impl Judged {
    pub(crate) fn fault(&mut self, fault: &'static str) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// Any JSON text, whatever it holds.
///
/// # Errors
/// One sentence with the place where the grammar of RFC 8259 is broken.
pub fn json(path: &Path) -> Result<Judged, Error> {
    reader::judge_json(path, sniff::json_encoding(path)?)
}

/// Any XML document.
///
/// # Errors
/// One sentence with the place where it is not well formed, or the refusal of its document type.
pub fn xml(path: &Path) -> Result<Judged, Error> {
    reader::judge_xml(path, sniff::xml_encoding(path)?)
}
