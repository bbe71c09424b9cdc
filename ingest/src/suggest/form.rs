//! How a file of no known department is laid out: its format, where its headings stand and what they are. What they mean is not asked here.

use crate::{
    Encoding, Error, Format, Hint,
    department::is_own,
    reader::{self, Head, Place, Sheet, dbf, parquet},
    recognise::{HEAD_ROWS, Line, fold, joined},
    sniff::{Content, Declared, sniff},
    table::{heading_rows, table},
};
use serde::{Deserialize, Serialize};
use std::path::Path;
use wuwei_schema::Kind;

/// The form of a file, as a department file states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What the content is.
    pub format: Format,
    /// How characters are written.
    pub encoding: Encoding,
    /// What stands between cells of a text.
    pub delimiter: Option<char>,
    /// Rows above the headings.
    pub title_rows: u64,
    /// Rows of the headings.
    pub heading_rows: u64,
    /// Where the records of JSON or XML are.
    pub rows: Option<String>,
    /// The headings; several rows are joined with `/`.
    pub columns: Vec<String>,
}

/// Finds the form of a file; a heading that stands alone has to be a word that is known.
pub(super) fn form(path: &Path, hint: &Hint, is_known: &dyn Fn(&str) -> bool) -> Result<Form, Error> {
    let sniffed = sniff(path, hint)?;
    let said = hint.declared()?;
    let form = match sniffed.content {
        Content::Text { encoding, .. } if said == Some(Declared::Fixed) => named(Format::Fixed, stated(encoding), Vec::new()),
        Content::Text { encoding, .. } => text(path, encoding, hint, is_known)?,
        Content::Workbook(format) => workbook(path, format)?,
        Content::Dbf => dbf(path)?,
        Content::Parquet => named(Format::Parquet, Encoding::Utf8, names(&parquet::heading(path)?)),
        Content::Json { encoding } => {
            let head = reader::json_head(path, encoding)?;
            said.map_or(Ok(()), |said| said.suits_json(path, head.is_lines))?;
            nested(path, &head, encoding, Format::Json)?
        }
        Content::Xml { encoding } => nested(path, &reader::xml_head(path, encoding)?, encoding, Format::Xml)?,
    };
    check(path, &form)?;
    Ok(form)
}

/// Headings are names, each once: what a value of somebody could be is not repeated in a department file.
fn check(path: &Path, form: &Form) -> Result<(), Error> {
    let refuse = |detail: &str, hint: &str| {
        Err(Error::Unmapped { path: path.display().to_string(), detail: detail.to_owned(), hint: hint.to_owned() })
    };
    if form.columns.is_empty() {
        return refuse(
            "it has no headings that could be mapped",
            "put one row of headings above the data, or state its widths in a department file",
        );
    }
    if form.columns.iter().any(|heading| is_value(heading)) {
        return refuse("what should be its headings looks like values", "put one row of headings above the data");
    }
    if let Some(own) = form.columns.iter().find(|heading| is_own(heading)) {
        return refuse(&format!("`{}` is a heading that each table has of its own", own.to_lowercase()), "give the column another name");
    }
    let mut folded: Vec<String> = form.columns.iter().map(|heading| fold(heading)).collect();
    folded.sort_unstable();
    if folded.windows(2).any(|pair| pair[0] == pair[1]) {
        return refuse("two of its headings are the same", "give each column a name of its own");
    }
    Ok(())
}

fn is_value(heading: &str) -> bool {
    let codes = wuwei_schema::Codes::default();
    let is = |kind: Kind| kind.clean(heading, &codes).is_ok_and(|value| !value.is_empty());
    let has_letter = heading.chars().any(char::is_alphabetic);
    [Kind::CitizenId, Kind::CreditCode, Kind::StudentNo, Kind::MaskedId].into_iter().any(is) || !has_letter && is(Kind::Phone)
}

fn named(format: Format, encoding: Encoding, columns: Vec<String>) -> Form {
    Form { format, encoding, delimiter: None, title_rows: 0, heading_rows: 1, rows: None, columns }
}

fn text(path: &Path, encoding: &'static encoding_rs::Encoding, hint: &Hint, is_known: &dyn Fn(&str) -> bool) -> Result<Form, Error> {
    let table = table(path, hint)?;
    let columns: Vec<String> = table.headings.iter().map(|parts| parts.join("/")).filter(|name| !name.trim().is_empty()).collect();
    let above = u64::try_from(table.above.len()).unwrap_or(0);
    let mut delimiter = table.understood.delimiter.as_deref().unwrap_or_default().chars();
    Ok(Form {
        delimiter: delimiter.next().filter(|character| character.is_ascii() && delimiter.next().is_none()),
        title_rows: above,
        heading_rows: table.understood.heading_row.saturating_sub(above).max(1),
        // One column of text is more likely a text of fixed width, or has no heading: its first value may be that of somebody.
        columns: if columns.len() > 1 || columns.iter().all(|heading| is_known(heading)) { columns } else { Vec::new() },
        ..named(Format::Csv, stated(encoding), Vec::new())
    })
}

/// The first sheet that is shown and has headings.
fn workbook(path: &Path, format: Format) -> Result<Form, Error> {
    let (sheets, _) = reader::sheets(path, &|_| false)?;
    let mut shown = sheets.iter().filter(|sheet| !sheet.is_empty() && !sheet.is_hidden);
    let found = shown.find_map(|sheet| Some((sheet, rows_of(sheet)?)));
    let Some((sheet, (first, last))) = found else { return Ok(named(format, Encoding::Utf8, Vec::new())) };
    let line = joined(&sheet.head, first, last);
    let columns = line.map(|line| names(&line)).unwrap_or_default();
    Ok(Form { title_rows: first.saturating_sub(1), heading_rows: last - first + 1, ..named(format, Encoding::Utf8, columns) })
}

/// The first and last row of the headings in the first rows of a sheet. What is merged downwards ends with the headings, and what is merged
/// to the side is a group with names below it.
fn rows_of(sheet: &Sheet) -> Option<(u64, u64)> {
    let width = sheet.head.iter().map(|line| line.width).max()?;
    let texts = |line: &Line| {
        let mut cells = vec![String::new(); width];
        line.cells.iter().for_each(|(place, text)| cells[*place].clone_from(text));
        (line.number, cells)
    };
    let (first, mut last) = heading_rows(sheet.head.iter().map(texts), width)?;
    loop {
        let merged = sheet.merged.iter().map(|range| (u64::from(range.top), u64::from(range.bottom), range.columns().count()));
        let ends = merged.filter(|(top, ..)| (first..=last).contains(top));
        let end = ends.map(|(_, bottom, wide)| if bottom == last && wide > 1 { bottom + 1 } else { bottom }).max().unwrap_or(last);
        if end <= last || end > HEAD_ROWS {
            return Some((first, last));
        }
        last = end;
    }
}

fn dbf(path: &Path) -> Result<Form, Error> {
    let header = dbf::header(path)?;
    let memo = dbf::beside(path).filter(|_| header.has_memos());
    let survey = dbf::survey(path, &header, memo.as_deref())?;
    let unsure =
        |detail| Error::Encoding { path: path.display().to_string(), detail, hint: "state its code page in a department file".to_owned() };
    let (page, _) = survey.page(&header, None).map_err(unsure)?;
    let encoding = if page.label().eq_ignore_ascii_case("utf-8") { Encoding::Utf8 } else { Encoding::Gb18030 };
    Ok(named(Format::Dbf, encoding, names(&header.heading(page))))
}

fn nested(path: &Path, head: &Head, encoding: &'static encoding_rs::Encoding, format: Format) -> Result<Form, Error> {
    let Some(place) = records(&head.places) else {
        let detail = "no records stand in its first megabyte".to_owned();
        return Err(Error::Unmapped {
            path: path.display().to_string(),
            detail,
            hint: "look at the file, and at what writes it".to_owned(),
        });
    };
    let rows = (!head.is_lines).then(|| place.path.join("/"));
    Ok(Form { rows, ..named(format, stated(encoding), place.names.clone()) })
}

/// The outermost place where something stands again and again, or else the innermost.
fn records(places: &[Place]) -> Option<&Place> {
    places.iter().find(|place| place.count > 1).or(places.last())
}

fn names(line: &Line) -> Vec<String> {
    line.cells.iter().map(|(_, name)| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn stated(encoding: &'static encoding_rs::Encoding) -> Encoding {
    let is = |any: &[&'static encoding_rs::Encoding]| any.contains(&encoding);
    match () {
        () if is(&[encoding_rs::GB18030, encoding_rs::GBK]) => Encoding::Gb18030,
        () if is(&[encoding_rs::UTF_16LE, encoding_rs::UTF_16BE]) => Encoding::Utf16,
        () if is(&[encoding_rs::BIG5]) => Encoding::Big5,
        () => Encoding::Utf8,
    }
}
