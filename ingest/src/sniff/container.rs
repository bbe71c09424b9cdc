//! What a file is by its bytes, whatever its name says: text, a workbook, or something that is refused with the way out.

use crate::{
    Error,
    decode::{PIECE, read_some},
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};
use zip::ZipArchive;

/// Bytes a workbook may unpack to, all its parts together. The parts that are held in memory (shared strings) are among them.
const UNPACKED_MAX: u64 = 1 << 30;

/// Parts a workbook may have.
const PARTS_MAX: usize = 10_000;

/// What the content is, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Text,
    Workbook,
}

/// First bytes of what is not read: what it is, what to do.
const REFUSED: [(&[u8], &str, &str); 11] = [
    (b"%PDF", "a PDF", "ask for the table itself, as CSV or XLSX"),
    (b"Rar!", "a RAR archive", "unpack it and name the file inside"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and name the file inside"),
    (b"\x1f\x8b", "a gzip archive", "unpack it and name the file inside"),
    (b"PAR1", "a Parquet file", "export it as CSV or XLSX"),
    (b"SQLite format 3", "an SQLite database", "export its table as CSV"),
    (b"\x89PNG", "a picture", "ask for the table itself, as CSV or XLSX"),
    (b"\xff\xd8\xff", "a picture", "ask for the table itself, as CSV or XLSX"),
    (b"{\\rtf", "a text document", "ask for the table itself, as CSV or XLSX"),
    (b"<", "HTML or XML, whatever its name says", "open it in a spreadsheet program and save it as XLSX"),
    (b"{", "JSON", "export it as CSV or XLSX"),
];

/// What the file is. A workbook is unpacked once, to nowhere, so that a damaged or a monstrous one is refused before it is read.
pub(super) fn container(path: &Path, head: &[u8]) -> Result<Container, Error> {
    let refused =
        |found: &str, hint: &str| Err(Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() });
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archive(path, UNPACKED_MAX);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let (found, hint) = compound(path).map_err(|error| Error::file(path, &error))?;
        return refused(found, hint);
    }
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let start = &start[start.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(start.len())..];
    match REFUSED.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, found, hint)) => refused(found, hint),
        None => Ok(Container::Text),
    }
}

/// An OLE compound file: the workbook of before 2007, or a newer one behind a password. The names of its streams tell.
fn compound(path: &Path) -> io::Result<(&'static str, &'static str)> {
    let wanted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut file = File::open(path)?;
    let mut window = Vec::new();
    loop {
        let count = file.by_ref().take(1 << 16).read_to_end(&mut window)?;
        if window.windows(wanted.len()).any(|piece| piece == wanted) {
            return Ok(("a workbook behind a password", "open it, take the password off and save it again"));
        }
        if count == 0 {
            return Ok(("a workbook of before 2007 (.xls)", "open it in a spreadsheet program and save it as XLSX"));
        }
        window.drain(..window.len().saturating_sub(wanted.len()));
    }
}

/// A ZIP archive: an XLSX workbook that unpacks to no more than `most` bytes, or a refusal.
fn archive(path: &Path, most: u64) -> Result<Container, Error> {
    let damaged =
        |place: &str, detail: &str| Error::Damaged { path: path.display().to_string(), place: place.to_owned(), detail: detail.to_owned() };
    let file = File::open(path).map_err(|error| Error::file(path, &error))?;
    let mut zip = ZipArchive::new(io::BufReader::new(file))
        .map_err(|_| damaged("its end", "the list of its parts is missing, as if it were cut off"))?;
    let has = |start: &str| zip.file_names_raw().any(|name| name.starts_with(start.as_bytes()));
    let other = match () {
        () if has("xl/workbook.bin") => Some(("a binary workbook (.xlsb)", "save it as XLSX")),
        () if has("word/") => Some(("a text document (.docx)", "ask for the table itself, as CSV or XLSX")),
        () if has("content.xml") => Some(("an OpenDocument file", "save it as XLSX")),
        () if !has("xl/") => Some(("a ZIP archive", "unpack it and name the file inside")),
        () => None,
    };
    if let Some((found, hint)) = other {
        return Err(Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() });
    }
    let limit = |limit: String| Error::Limit {
        path: path.display().to_string(),
        place: "the workbook".to_owned(),
        limit,
        hint: "split it, or export it as CSV",
    };
    if zip.len() > PARTS_MAX {
        return Err(limit(format!("it has more than {PARTS_MAX} parts")));
    }
    let mut left = most;
    for at in 0..zip.len() {
        let mut part = zip.by_index(at).map_err(|_| damaged(&format!("part {}", at + 1), "it cannot be unpacked"))?;
        let name = part.name().map_or_else(|_| format!("part {}", at + 1), |name| format!("part `{name}`"));
        let size = weigh(&mut part, left).map_err(|_| damaged(&name, "it cannot be unpacked, or states more strings than it has"))?;
        left = left.checked_sub(size).ok_or_else(|| limit(format!("it unpacks to more than {most} bytes")))?;
    }
    Ok(Container::Workbook)
}

/// What a part really unpacks to; counting ends above `most`. The archive checks its sum on the way. A string table that states more
/// strings than its bytes can hold is an error: readers reserve memory for the number stated.
fn weigh(part: &mut impl Read, most: u64) -> io::Result<u64> {
    let mut piece = vec![0; PIECE];
    let (mut size, mut strings) = (0, 0);
    loop {
        let count = read_some(part, &mut piece)?;
        strings = strings.max(stated_strings(&piece[..count]));
        size += count as u64;
        if size > most {
            return Ok(size);
        }
        if count == 0 {
            return if strings * (b"<si/>".len() as u64) > size { Err(io::ErrorKind::InvalidData.into()) } else { Ok(size) };
        }
    }
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
}
