//! Documents of the office programs, which are ZIP archives too: known by the parts that each of them has to have, in one place for whoever
//! unpacks archives and whoever reads workbooks. How a document is read is not told here.

/// A document that is a ZIP archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    /// An XLSX workbook.
    Workbook,
    /// One that is not read: what it is, and what to do.
    Other(&'static str, &'static str),
}

/// What names a part of a document, in small letters.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// It has this name.
    Named(&'static [u8]),
    /// It stands in this folder.
    In(&'static [u8]),
    /// It has this name, in whatever folder.
    Somewhere(&'static [u8]),
}

impl Part {
    /// Whether that is its name. Some writers turn the slashes, begin with one or change the case.
    pub(crate) fn is(self, name: &[u8]) -> bool {
        let name = if let [b'/' | b'\\', rest @ ..] = name { rest } else { name };
        let begins = |part: &[u8]| name.len() >= part.len() && name.iter().zip(part).all(|(byte, wanted)| plain(*byte) == *wanted);
        match self {
            Part::Named(part) => name.len() == part.len() && begins(part),
            Part::In(folder) => begins(folder),
            Part::Somewhere(part) => name.rsplit(|byte| plain(*byte) == b'/').next().is_some_and(|file| file.eq_ignore_ascii_case(part)),
        }
    }
}

fn plain(byte: u8) -> u8 {
    if byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() }
}

const TABLE: &str = "ask for the table itself, as CSV or XLSX";

/// The document, by what says whether it has such a part; none when it is a mere archive. A folder that happens to be called `word` makes
/// none: each kind has a part whose name nobody would give to an extract.
pub(crate) fn document(has: impl Fn(Part) -> bool) -> Option<Document> {
    let is_open_packaging = has(Part::Named(b"[content_types].xml"));
    Some(match () {
        () if has(Part::Named(b"xl/workbook.bin")) => Document::Other("a binary workbook (.xlsb)", "save it as XLSX"),
        () if has(Part::Named(b"xl/workbook.xml")) || is_open_packaging && has(Part::In(b"xl/")) => Document::Workbook,
        () if has(Part::Named(b"meta-inf/manifest.xml")) && has(Part::Named(b"content.xml")) => {
            Document::Other("an OpenDocument file", "save it as XLSX")
        }
        () if !is_open_packaging => return None,
        () if has(Part::In(b"word/")) => Document::Other("a text document (.docx)", TABLE),
        () if has(Part::In(b"ppt/")) => Document::Other("a presentation (.pptx)", TABLE),
        // Where the workbook is, only a relation says; every program but a few puts it into `xl`.
        () if has(Part::Somewhere(b"workbook.xml")) => Document::Workbook,
        () => Document::Other("a document that is no workbook", TABLE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> String {
        match document(|part| names.iter().any(|name| part.is(name.as_bytes()))) {
            None => "an archive".to_owned(),
            Some(Document::Workbook) => "a workbook".to_owned(),
            Some(Document::Other(found, _)) => found.to_owned(),
        }
    }

    #[test]
    fn a_document_is_known_by_the_parts_that_it_has_to_have() {
        let types = "[Content_Types].xml";
        assert_eq!(told(&[types, "xl/workbook.xml"]), "a workbook");
        assert_eq!(told(&[types, "xl/book2.xml"]), "a workbook");
        assert_eq!(told(&["[content_types].xml", "XL\\Workbook.xml"]), "a workbook", "as some programs write names");
        assert_eq!(told(&[types, "/xl/book2.xml"]), "a workbook");
        assert_eq!(told(&[types, "book/workbook.xml"]), "a workbook");
        assert_eq!(told(&["a/workbook.xml"]), "an archive");
        assert_eq!(told(&[types, "xl/workbook.bin"]), "a binary workbook (.xlsb)");
        assert_eq!(told(&[types, "word/document.xml"]), "a text document (.docx)");
        assert_eq!(told(&[types, "ppt/presentation.xml"]), "a presentation (.pptx)");
        assert_eq!(told(&[types, "visio/document.xml"]), "a document that is no workbook");
        assert_eq!(told(&["mimetype", "content.xml", "META-INF/manifest.xml"]), "an OpenDocument file");
        assert_eq!(told(&["word/a.csv", "xl/b.csv", "content.xml"]), "an archive", "folders that are only called so");
    }
}
