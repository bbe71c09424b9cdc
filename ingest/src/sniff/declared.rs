//! What somebody says that a file is, held against its bytes. Of a text that begins as another kind of file does it decides; what is packed,
//! or has the bytes of something else, is never read as what it is not, and is weighed whatever it is called.

use super::{Content, container::Container};
use crate::{Error, Format, archive::is_packed, reader::xls};
use std::{fs::File, io::Read as _, path::Path};
use wuwei_schema::{Notice, nearest};

/// A format, as `--format` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declared {
    Csv,
    Tsv,
    Fixed,
    Json,
    Ndjson,
    Xml,
    Xlsx,
    Xls,
    Dbf,
    Parquet,
}

/// Every name that a format has, in the order of [`Declared`].
pub const FORMATS: [&str; 10] = ["csv", "tsv", "fixed", "json", "ndjson", "xml", "xlsx", "xls", "dbf", "parquet"];

/// What to do where something else was said than is there.
const HINT: &str = "name no format, and its content decides";

impl Declared {
    /// The format of that name.
    pub(crate) fn named(name: &str) -> Result<Declared, Error> {
        Ok(match name.trim().to_ascii_lowercase().as_str() {
            "csv" => Declared::Csv,
            "tsv" => Declared::Tsv,
            "fixed" => Declared::Fixed,
            "json" => Declared::Json,
            "ndjson" => Declared::Ndjson,
            "xml" => Declared::Xml,
            "xlsx" => Declared::Xlsx,
            "xls" => Declared::Xls,
            "dbf" => Declared::Dbf,
            "parquet" => Declared::Parquet,
            _ => return Err(Error::Unknown { what: "format", name: name.to_owned(), hint: nearest(name, FORMATS.into_iter()) }),
        })
    }

    fn name(self) -> &'static str {
        FORMATS[self as usize]
    }

    fn words(self) -> &'static str {
        match self {
            Declared::Csv => Format::Csv.words(),
            Declared::Tsv => "text with tabs",
            Declared::Fixed => Format::Fixed.words(),
            Declared::Json => Format::Json.words(),
            Declared::Ndjson => "JSON of one record a line",
            Declared::Xml => Format::Xml.words(),
            Declared::Xlsx => Format::Xlsx.words(),
            Declared::Xls => Format::Xls.words(),
            Declared::Dbf => Format::Dbf.words(),
            Declared::Parquet => Format::Parquet.words(),
        }
    }

    fn container(self) -> Container {
        match self {
            Declared::Csv | Declared::Tsv | Declared::Fixed => Container::Text,
            Declared::Json | Declared::Ndjson => Container::Json,
            Declared::Xml => Container::Xml,
            Declared::Xlsx => Container::Workbook,
            Declared::Xls => Container::Xls,
            Declared::Dbf => Container::Dbf,
            Declared::Parquet => Container::Parquet,
        }
    }

    /// What the file is taken for, by what it was found to be and by its first bytes.
    pub(super) fn taken(self, path: &Path, head: &[u8], found: Result<Container, Error>) -> Result<Container, Error> {
        let wanted = self.container();
        // No text has a zero but one in UTF-16, which begins as nothing else does.
        let may_be_text = !is_packed(head) && !head.starts_with(xls::MAGIC) && !head.contains(&0);
        match found {
            Ok(found) if found == wanted => Ok(wanted),
            Ok(Container::Text | Container::Json | Container::Xml) if wanted.is_text() => Ok(wanted),
            Ok(_) | Err(Error::Format { .. }) if wanted.is_text() && may_be_text => Ok(wanted),
            Ok(found) => Err(self.against(path, found.words())),
            Err(error) => Err(error),
        }
    }

    /// That the file is something else.
    pub(crate) fn against(self, path: &Path, found: &str) -> Error {
        let found = format!("{found} by its content, and was said to be {}", self.words());
        Error::Format { path: path.display().to_string(), found, hint: HINT.to_owned() }
    }

    /// Whether JSON that was read is what was said: a record a line, of which one may be all.
    pub(crate) fn suits_json(self, path: &Path, is_lines: bool) -> Result<(), Error> {
        if self == Declared::Ndjson && !is_lines && !is_one_line(path).map_err(|error| Error::file(path, &error))? {
            return Err(self.against(path, "one JSON document over several lines"));
        }
        Ok(())
    }
}

/// Whether a text is one record on one line.
fn is_one_line(path: &Path) -> std::io::Result<bool> {
    let mut first = Vec::new();
    File::open(path)?.take(1 << 20).read_to_end(&mut first)?;
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&first).trim_ascii();
    Ok(text.starts_with(b"{") && !text.contains(&b'\n'))
}

impl Container {
    fn is_text(self) -> bool {
        matches!(self, Container::Text | Container::Json | Container::Xml)
    }

    fn words(self) -> &'static str {
        match self {
            Container::Text => "text",
            Container::Workbook => Format::Xlsx.words(),
            Container::Xls => Format::Xls.words(),
            Container::Dbf => Format::Dbf.words(),
            Container::Parquet => Format::Parquet.words(),
            Container::Json => Format::Json.words(),
            Container::Xml => Format::Xml.words(),
        }
    }
}

/// What stands beside the reasons where a file was said to be what it does not look like.
pub(super) fn evidence(declared: Option<Declared>, found: Option<Container>, content: &Content) -> Option<Notice> {
    let (declared, is_text) = (declared?, matches!(content, Content::Text { .. } | Content::Json { .. } | Content::Xml { .. }));
    (is_text && found != Some(declared.container())).then(|| Notice::new("said-format").with("format", declared.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Hint, open,
        reader::{
            Row, reader,
            sample::{Folder, departments, shown},
        },
    };
    use std::{io::Write as _, path::PathBuf};

    const TEXT: &str = "证件号码,姓名,住址\n1,2,3\n";

    fn said(format: &str) -> Hint {
        Hint { format: Some(format.to_owned()), ..Hint::default() }
    }

    fn refusal(path: &Path, format: &str) -> String {
        let error = open(path, &departments(), &said(format)).unwrap_err().to_string();
        assert!(error.contains("; hint: "), "{error}");
        error.replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn every_name_is_a_format_and_others_are_answered_with_the_nearest() {
        assert!(FORMATS.iter().all(|name| Declared::named(name).unwrap().name() == *name));
        assert_eq!(Declared::named("parqet").unwrap_err().to_string(), "there is no format `parqet`; hint: did you mean `parquet`?");
    }

    #[test]
    fn a_text_that_begins_as_something_else_is_read_as_what_it_is_said_to_be() {
        let folder = Folder::new();
        for before in ["{报表}", "[{", "<table>", "%PDF", "Rar!", "PAR1"] {
            let path = folder.write("a.csv", format!("{before}\n{TEXT}"));
            assert!(open(&path, &departments(), &Hint::default()).is_err(), "{before}");
            let departments = departments();
            let opened = open(&path, &departments, &said("csv")).unwrap_or_else(|error| panic!("{before}: {error}"));
            let said = Notice::new("said-format").with("format", "csv");
            assert!(opened.understood.evidence.contains(&said), "{:?}", opened.understood.evidence);
            let (mut rows, mut row) = (reader(&opened).unwrap(), Row::default());
            assert!(rows.next(&mut row).unwrap() && shown(&row) == "3: 1|2|3", "{before}: {}", shown(&row));
        }
        let path = folder.write("b.csv", TEXT);
        assert!(!open(&path, &departments(), &said("csv")).unwrap().understood.codes().contains("said-format"));
    }

    #[test]
    fn a_wrong_word_is_one_refusal_whatever_the_file_is() {
        let folder = Folder::new();
        let workbook = folder.path("a.xlsx");
        let mut zip = zip::ZipWriter::new(File::create(&workbook).unwrap());
        zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<workbook/>").unwrap();
        zip.finish().unwrap();
        assert!(
            refusal(&workbook, "csv").starts_with("file `FILE` is a workbook by its content, and was said to be text with delimiters;")
        );
        let files: Vec<(PathBuf, &str)> = vec![
            (folder.write("a.csv", TEXT), "csv tsv"),
            (folder.write("a.json", "[\n{\"姓名\": 1}]"), "json"),
            (folder.write("a.ndjson", "{\"姓名\": 1}\n{\"姓名\": 2}\n"), "json ndjson"),
            (folder.write("a.xml", "<a><b><姓名>1</姓名></b></a>"), "xml"),
            (folder.write("a.parquet", b"PAR1\0\0\0\0PAR1"), "parquet"),
            (folder.write("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"), "xls"),
            (folder.write("a.zip", b"PK\x03\x04\0\0"), ""),
            (folder.write("a.png", b"\x89PNG\r\n\x1a\n\0"), ""),
            (folder.write("a.bin", (0..=255).collect::<Vec<u8>>()), ""),
            (workbook, "xlsx"),
        ];
        for (path, fitting) in &files {
            for format in FORMATS {
                let departments = departments();
                let told = open(path, &departments, &said(format));
                let is_fitting = fitting.split(' ').any(|known| known == format);
                match told {
                    Ok(opened) => assert!(is_fitting && opened.extract.name == "ga_people", "{} as {format}", path.display()),
                    Err(error) => assert_eq!(error.to_string().matches("hint: ").count(), 1, "{} as {format}: {error}", path.display()),
                }
            }
        }
        assert!(refusal(&files[0].0, "parquet").contains("is text by its content"));
        assert!(refusal(&files[1].0, "ndjson").contains("one JSON document over several lines"));
        assert!(refusal(&files[0].0, "fixed").contains("fixed width"));
        let tab = Hint { delimiter: Some(";".to_owned()), ..said("tsv") };
        assert!(open(&files[0].0, &departments(), &tab).unwrap_err().to_string().contains("tab"));
        let tabs = folder.write("t.txt", TEXT.replace(',', "\t"));
        assert_eq!(open(&tabs, &departments(), &said("tsv")).unwrap().understood.delimiter.as_deref(), Some("\t"));
    }
}
