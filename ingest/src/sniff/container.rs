//! What a file is by its bytes, whatever its name says: text, a workbook, or something that is refused with the way out.

use super::stated::opening;
use crate::{
    Error,
    archive::{self, Document},
    decode::{PIECE, read_some},
    reader::{dbf::is_table, xls},
};
use memchr::{memchr, memmem, memrchr};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};
use zip::{ZipArchive, read::ZipFile};

/// Bytes that a workbook's sheets may unpack to, and of memory that its other parts may need: they are held whole.
const UNPACKED_MAX: u64 = 1 << 30;

/// Bytes of memory that a shared string needs beside its text, which may need twice its own.
const STRING_BYTES: u64 = 64;

/// Bytes of XML between two marks: a cell of a megabyte, written as numbers of characters. Readers hold it whole, more than once.
const UNMARKED_MAX: u64 = 8 << 20;

/// Times its packed size that a part may unpack to, once it is this large: rows that are all alike come near a hundred.
const RATIO_MAX: u64 = 200;
const RATIO_EXEMPT: u64 = 32 << 20;

/// Parts a workbook may have.
const PARTS_MAX: usize = 10_000;

/// What the content is, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Text,
    Workbook,
    Xls,
    Dbf,
    Parquet,
    Json,
    Xml,
}

/// First bytes of what is not read: what it is, what to do.
const REFUSED: [(&[u8], &str, &str); 8] = [
    (b"%PDF", "a PDF", "ask for the table itself, as CSV or XLSX"),
    (b"Rar!", "a RAR archive", "unpack it and name the file inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and name the file inside"),
    (b"\x1f\x8b", "a gzip archive", "unpack it and name the file inside"),
    (b"SQLite format 3", "an SQLite database", "export its table as CSV"),
    (b"\x89PNG", "a picture", "ask for the table itself, as CSV or XLSX"),
    (b"\xff\xd8\xff", "a picture", "ask for the table itself, as CSV or XLSX"),
    (b"{\\rtf", "a text document", "ask for the table itself, as CSV or XLSX"),
];

/// What the file is. A workbook is unpacked once, to nowhere, so that a damaged or a monstrous one is refused before it is read.
pub(super) fn container(path: &Path, head: &[u8]) -> Result<Container, Error> {
    let refused =
        |found: &str, hint: &str| Err(Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() });
    if archive::is_packed(head) {
        return archive(path, UNPACKED_MAX);
    }
    if head.starts_with(xls::MAGIC) {
        return compound(path);
    }
    if let [9, 0 | 2 | 4 | 8, 4..=16, 0, ..] = head {
        return refused("a workbook of before 1997", "open it in a spreadsheet program and save it as XLSX");
    }
    if is_table(head) {
        return Ok(Container::Dbf);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Container::Parquet);
    }
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = &start[start.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(start.len())..];
    match REFUSED.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, found, hint)) => refused(found, hint),
        None => match nested(&opening(head)) {
            Ok(container) => Ok(container),
            Err((found, hint)) => refused(found, hint),
        },
    }
}

/// How tables begin that somebody saved as a page.
const PAGES: [&str; 8] = ["<!doctype html", "<html", "<head", "<meta", "<table", "<style", "<div", "<script"];

/// JSON or XML by how a text begins; else text. A list of JSON is one of objects: `[id],[name]` is how some databases write headings.
fn nested(opening: &str) -> Result<Container, (&'static str, &'static str)> {
    const SAVE: &str = "open it in a spreadsheet program and save it as XLSX";
    let text = opening.trim_start();
    let lower = text.to_ascii_lowercase();
    if PAGES.iter().any(|page| lower.starts_with(page) || lower.starts_with("<?xml") && lower.contains(page)) {
        return Err(("HTML, whatever its name says", SAVE));
    }
    if lower.contains("urn:schemas-microsoft-com:office:spreadsheet") && text.starts_with('<') {
        return Err(("a workbook saved as XML (Excel 2003)", SAVE));
    }
    Ok(match text.as_bytes() {
        [b'<', ..] => Container::Xml,
        [b'{', ..] => Container::Json,
        [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), None | Some(b'{' | b'[' | b']')) => Container::Json,
        _ => Container::Text,
    })
}

/// An OLE compound file: a workbook of before 2007, or a newer one behind a password, or no workbook. The names of its streams tell.
fn compound(path: &Path) -> Result<Container, Error> {
    let refused =
        |found: &str, hint: &str| Err(Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() });
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Error::Damaged {
            path: path.display().to_string(),
            place: "its structure".to_owned(),
            detail: "it is that of no workbook, or cut off".to_owned(),
        },
        _ => Error::file(path, &error),
    };
    match xls::kind(path).map_err(failed)? {
        xls::Kind::Workbook if File::open(path).and_then(|file| file.metadata()).map_err(failed)?.len() > xls::FILE_MAX => {
            Err(limit(path, format!("a workbook of before 2007 has more than {} bytes", xls::FILE_MAX)))
        }
        xls::Kind::Workbook => Ok(Container::Xls),
        xls::Kind::Locked => refused("a workbook behind a password", "open it, take the password off and save it again"),
        xls::Kind::Old => refused("a workbook of before 1997", "open it in a spreadsheet program and save it as XLSX"),
        xls::Kind::Other => refused("a document that is no workbook", "ask for the table itself, as CSV or XLSX"),
    }
}

/// A ZIP archive: an XLSX workbook that unpacks to no more than `most` bytes, or a refusal.
fn archive(path: &Path, most: u64) -> Result<Container, Error> {
    let damaged =
        |place: &str, detail: &str| Error::Damaged { path: path.display().to_string(), place: place.to_owned(), detail: detail.to_owned() };
    let mut file = File::open(path).map_err(|error| Error::file(path, &error))?;
    let stated = archive::count(&mut file).map_err(|error| Error::file(path, &error))?;
    if stated > u64::from(u16::MAX) {
        return Err(limit(path, format!("it has more than {PARTS_MAX} parts")));
    }
    let mut zip = ZipArchive::new(io::BufReader::new(file))
        .map_err(|_| damaged("its end", "the list of its parts is missing, as if it were cut off"))?;
    let other = match archive::document(|part| zip.file_names_raw().any(|name| part.is(name))) {
        Some(Document::Workbook) => None,
        Some(Document::Other(found, hint)) => Some((found, hint)),
        None => Some(("a ZIP archive", "unpack it and name the file inside")),
    };
    if let Some((found, hint)) = other {
        return Err(Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() });
    }
    if zip.len() > PARTS_MAX {
        return Err(limit(path, format!("it has more than {PARTS_MAX} parts")));
    }
    if zip.has_duplicate_names() {
        return Err(damaged("the list of its parts", "it names one of them twice"));
    }
    let (mut sheets, mut held) = (most, most);
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).map_err(|_| damaged(&format!("part {}", at + 1), "it cannot be unpacked"))?;
        if part.size() == 0 && part.compressed_size() == 0 {
            // Not even the mark of an end, which whoever unpacks would miss.
            continue;
        }
        let name = part.name().map_or_else(|_| format!("part {}", at + 1), |name| format!("part `{name}`"));
        let weight = weigh(&mut part, most).map_err(|_| damaged(&name, "it cannot be unpacked, or states more strings than it has"))?;
        let (left, needs, what) = match name.replace('\\', "/").contains("xl/worksheets/") {
            true => (&mut sheets, weight.size, "unpacks to"),
            false => (&mut held, 2 * weight.size + STRING_BYTES * weight.strings, "needs memory of"),
        };
        *left = left.checked_sub(needs).ok_or_else(|| limit(path, format!("it {what} more than {most} bytes")))?;
        if weight.unmarked > UNMARKED_MAX && name.ends_with(".xml`") {
            return Err(limit(path, format!("{name} has a cell of more than {UNMARKED_MAX} bytes")));
        }
        if weight.is_bomb(part.compressed_size()) {
            return Err(limit(path, format!("{name} unpacks to more than {RATIO_MAX} times its size")));
        }
    }
    Ok(Container::Workbook)
}

fn limit(path: &Path, limit: String) -> Error {
    let hint = "split it, or export it as CSV";
    Error::Limit { path: path.display().to_string(), place: "the workbook".to_owned(), limit, hint }
}

/// What a part really unpacks to.
#[derive(Default)]
struct Weight {
    size: u64,
    strings: u64,
    /// Bytes of the longest piece that no mark begins in.
    unmarked: u64,
}

impl Weight {
    fn is_bomb(&self, packed: u64) -> bool {
        self.size > RATIO_EXEMPT && self.size > RATIO_MAX.saturating_mul(packed)
    }
}

/// Unpacks a part; counting ends above `most`, and where a part unpacks beyond all measure. The archive checks its sum on the way. A string table that states more strings than its
/// bytes can hold is an error: readers reserve memory for the number stated.
fn weigh(part: &mut ZipFile<'_, impl Read>, most: u64) -> io::Result<Weight> {
    let packed = part.compressed_size();
    let mut buffer = vec![0; PIECE];
    let (mut weight, mut stated, mut since_mark) = (Weight::default(), 0, 0);
    loop {
        let count = read_some(part, &mut buffer)?;
        let piece = &buffer[..count];
        stated = stated.max(stated_strings(piece));
        weight.size += count as u64;
        weight.strings += strings(piece);
        weight.unmarked = weight.unmarked.max(since_mark + memchr(b'<', piece).unwrap_or(count) as u64);
        since_mark = memrchr(b'<', piece).map_or(since_mark + count as u64, |last| (count - last) as u64);
        if weight.size > most || weight.is_bomb(packed) {
            return Ok(weight);
        }
        if count == 0 {
            let can_be = stated * (b"<si/>".len() as u64) <= weight.size;
            return if can_be { Ok(weight) } else { Err(io::ErrorKind::InvalidData.into()) };
        }
    }
}

/// Shared strings that begin in a piece, under whatever prefix; one that is cut by its end is not counted.
fn strings(piece: &[u8]) -> u64 {
    let begins = |at: &usize| {
        let (before, after) = (at.checked_sub(1).and_then(|at| piece.get(at)), piece.get(at + 2));
        matches!(before, Some(b'<' | b':')) && after.is_some_and(|after| matches!(after, b'>' | b'/') || after.is_ascii_whitespace())
    };
    memmem::find_iter(piece, b"si").filter(begins).count() as u64
}

/// The number in the first `uniqueCount="…"`, else 0.
fn stated_strings(piece: &[u8]) -> u64 {
    let name = b"uniqueCount=";
    let Some(at) = piece.windows(name.len()).take(4096).position(|window| window == name) else { return 0 };
    let digits = piece[at + name.len()..].iter().skip(1).map_while(|byte| byte.is_ascii_digit().then(|| u64::from(byte - b'0')));
    digits.fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(digit)).min(u64::MAX / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::sample::Folder;
    use std::io::Write;

    fn told(parts: &[(&str, &[u8])], most: u64) -> String {
        let folder = Folder::new();
        let path = folder.path("a.xlsx");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        archive(&path, most)
            .map_or_else(|error| error.to_string().replace(&path.display().to_string(), "FILE"), |found| format!("{found:?}"))
    }

    #[test]
    fn an_archive_is_a_workbook_by_its_parts() {
        assert_eq!(told(&[("xl/workbook.xml", b"<workbook/>")], 100), "Workbook");
        assert_eq!(told(&[("a.csv", b"a,b")], 100), "file `FILE` is a ZIP archive; hint: unpack it and name the file inside");
        assert!(told(&[("xl/workbook.bin", b"")], 100).contains("(.xlsb)"));
    }

    #[test]
    fn a_workbook_that_would_fill_the_memory_is_refused_before_it_is_read() {
        let book: (&str, &[u8]) = ("xl/workbook.xml", b"<workbook/>");
        let strings = b"<sst uniqueCount=\"4000000000\"><si><t>a</t></si></sst>";
        assert!(told(&[book, ("xl/sharedStrings.xml", strings)], 1000).contains("is damaged at part `xl/sharedStrings.xml`"));
        assert!(told(&[book, ("xl/worksheets/sheet1.xml", &[0; 100_000])], 50_000).contains("it unpacks to more than 50000 bytes"));
    }

    #[test]
    fn a_bomb_is_refused_before_it_has_gone_off() {
        let book: (&str, &[u8]) = ("xl/workbook.xml", b"<workbook/>");
        let size = usize::try_from(RATIO_EXEMPT).unwrap();
        let words = told(&[book, ("xl/worksheets/sheet1.xml", &b"<c/>".repeat(size / 4 + 100_000))], UNPACKED_MAX);
        assert!(words.contains("part `xl/worksheets/sheet1.xml` unpacks to more than 200 times its size"), "{words}");
        assert_eq!(told(&[book, ("xl/worksheets/sheet1.xml", &b"<c/>".repeat(size / 4 - 100))], UNPACKED_MAX), "Workbook");
    }

    #[test]
    fn shared_strings_are_weighed_by_the_memory_they_need() {
        let book: (&str, &[u8]) = ("xl/workbook.xml", b"<workbook/>");
        for (string, count) in [("<si/>", 1000), ("<x:si\n/>", 1000), ("<si><t>a</t></si>", 800)] {
            let strings = string.repeat(count);
            assert!(
                told(&[book, ("xl/sharedStrings.xml", strings.as_bytes())], 70_000).contains("it needs memory of more than 70000 bytes")
            );
            assert_eq!(told(&[book, ("xl/worksheets/sheet1.xml", strings.as_bytes())], 70_000), "Workbook");
        }
    }

    #[test]
    fn a_cell_that_would_fill_the_memory_is_refused_before_it_is_read() {
        let book: (&str, &[u8]) = ("xl/workbook.xml", b"<workbook/>");
        let cell = |bytes: u64| format!("<t>{}</t>", "a".repeat(usize::try_from(bytes).unwrap()));
        let (long, longer) = (cell(UNMARKED_MAX - 10), cell(UNMARKED_MAX));
        assert_eq!(told(&[book, ("xl/worksheets/sheet1.xml", long.as_bytes())], UNPACKED_MAX), "Workbook");
        let words = told(&[book, ("xl/worksheets/sheet1.xml", longer.as_bytes())], UNPACKED_MAX);
        assert!(words.contains("part `xl/worksheets/sheet1.xml` has a cell of more than 8388608 bytes"), "{words}");
        assert_eq!(told(&[book, ("xl/media/image1.bmp", longer.as_bytes())], UNPACKED_MAX), "Workbook");
    }
}
