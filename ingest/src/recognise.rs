//! Which extract of which department a file is: by its headings, wherever they stand in the first rows and in whatever order. Exactly its
//! columns, or none: a file with a column too few, too many or misspelt is refused with what is missing and what is unknown.

mod again;
mod choice;
mod fixed;
mod headings;
mod nested;
mod notices;
mod rows;
mod sheets;
mod table;
mod text;

use crate::{
    Department, Departments, Error, Extract, Format,
    reader::{self, DbfLayout, FixedLayout, Ranges, csv::dialect::Dialect},
    sniff::{Content, Declared, Stamp, sniff},
};
pub(crate) use again::{Again, Names};
use choice::{check_hint, choose};
use encoding_rs::Encoding;
use headings::Fit;
pub(crate) use headings::{Covered, Cut, HEAD_ROWS, Line, fold};
use nested::nested;
pub use notices::NOTICES;
pub(crate) use rows::joined;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use wuwei_schema::Notice;

/// What somebody knows of a file beforehand. It narrows what is looked for and is checked against the file all the same.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Hint {
    /// The department's code.
    pub department: Option<String>,
    /// The extract's name.
    pub extract: Option<String>,
    /// How the text is encoded, e.g. `gb18030`; overrides what is detected.
    pub encoding: Option<String>,
    /// Extracts that are off by default and were switched on for this once.
    pub with: Vec<String>,
    /// Whether a full delivery is meant to lack much of what is held, or a file to have no row.
    pub shrunk: bool,
    /// Whether a full delivery is to be loaded although what is held is of a later date.
    pub late: bool,
    /// The last day that a file can speak of, ISO 8601: a later one is no day on which anybody knew anything.
    pub until: Option<String>,
    /// What stands between cells: `,`, `\t`, `||`, `\x01`; overrides what is found, as the rest does.
    pub delimiter: Option<String>,
    /// What encloses cells: `"`, `'`, `none`.
    pub quote: Option<String>,
    /// How a quote is written inside quotes: `double`, or the character before it.
    pub escape: Option<String>,
    /// The row of the headings, the first one where they take several; of the first values where there are none.
    pub heading_row: Option<u64>,
    /// The only sheet of a workbook that is read.
    pub sheet: Option<String>,
    /// How many rows the headings take; 0 where there are none. For a file of no department: a department states it.
    pub heading_rows: Option<u64>,
    /// What the file is, one of [`crate::FORMATS`], where its first bytes say something else.
    pub format: Option<String>,
}

impl Hint {
    /// The format that was said.
    ///
    /// # Errors
    /// There is none of that name.
    pub(crate) fn declared(&self) -> Result<Option<Declared>, Error> {
        self.format.as_deref().map(Declared::named).transpose()
    }

    /// Whether the extract, found at that path, may be loaded: special groups are, only when somebody who answers for it says so.
    ///
    /// # Errors
    /// [`Error::Off`] when it is off by default and not switched on here.
    pub fn switches_on(&self, extract: &Extract, path: &Path) -> Result<(), Error> {
        if extract.load || self.with.contains(&extract.name) {
            return Ok(());
        }
        Err(Error::Off { path: path.display().to_string(), extract: extract.name.clone() })
    }
}

impl Hint {
    /// What of it says nothing of a file of that format.
    fn unused(&self, format: Format) -> Option<Notice> {
        let is_text = matches!(format, Format::Csv);
        let has_rows = matches!(format, Format::Csv | Format::Xlsx | Format::Xls);
        let said = [
            (self.delimiter.is_some() && !is_text, "--delimiter"),
            (self.quote.is_some() && !is_text, "--quote"),
            (self.escape.is_some() && !is_text, "--escape"),
            (self.heading_row.is_some() && !has_rows, "--heading-row"),
            (self.sheet.is_some() && !matches!(format, Format::Xlsx | Format::Xls), "--sheet"),
        ];
        let unused: Vec<&str> = said.into_iter().filter(|(is_unused, _)| *is_unused).map(|(_, option)| option).collect();
        (!unused.is_empty()).then(|| Notice::new("options-unused").with("options", unused.join(", ")).with("format", format.name()))
    }
}

/// How a file was understood, to be shown before anything is loaded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Understood {
    /// What the content is.
    pub format: Format,
    /// How characters are written; none for a workbook.
    pub encoding: Option<String>,
    /// What stands between cells; none for a workbook.
    pub delimiter: Option<String>,
    /// What encloses cells, if anything does.
    pub quote: Option<String>,
    /// The character before a quote inside quotes; none where it is written twice.
    pub escape: Option<String>,
    /// The sheets that are read.
    pub sheets: Vec<String>,
    /// Of rows refused before and mended, in a workbook that `wuwei rejects --out` wrote, the batch that they were refused in. They are
    /// added, and nothing is retired for not being among them.
    pub repairs: Option<String>,
    /// The row of the headings (of the first sheet read), as a spreadsheet numbers it; 0 when they stand in no row.
    pub heading_row: u64,
    /// The headings as they stand there, in the file's order.
    pub headings: Vec<String>,
    /// Why it was understood so, each one of [`NOTICES`].
    pub evidence: Vec<Notice>,
    /// What the owner of the file should know of it, of the same: it stands in the file and shows in none of its rows.
    #[serde(default)]
    pub remarks: Vec<Notice>,
}

impl Understood {
    /// All that is told of the file, by its codes, a line each.
    pub fn codes(&self) -> String {
        self.evidence.iter().chain(&self.remarks).map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

/// A file that is known: whose it is, and how to read it.
#[derive(Debug)]
pub struct Opened<'a> {
    /// Whose it is.
    pub department: &'a Department,
    /// What it is.
    pub extract: &'a Extract,
    /// How that was found.
    pub understood: Understood,
    /// First 16 hexadecimal digits of the file's SHA-256: the same file is the same batch, wherever it lies.
    pub batch: String,
    /// Its size.
    pub bytes: u64,
    /// What its rows say that the file is called: its name without folders, unless who opened it calls it otherwise.
    pub name: String,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
    pub(crate) layout: Layout,
    /// The last day that it can speak of.
    pub(crate) until: Option<String>,
}

/// Where the cells of the extract's columns are.
#[derive(Debug, Clone)]
pub(crate) enum Layout {
    Text(TextLayout),
    Workbook(Vec<SheetLayout>),
    Fixed(FixedLayout),
    Dbf(DbfLayout),
    /// Of each column of the file, the one of the extract.
    Parquet(Vec<Option<usize>>),
    Json(NestedLayout),
    Xml(NestedLayout),
}

/// Where the records of a nested text are.
#[derive(Debug, Clone)]
pub(crate) struct NestedLayout {
    pub(crate) encoding: &'static Encoding,
    /// The names on the way to them.
    pub(crate) rows: Vec<String>,
    /// The department's file states that way.
    pub(crate) is_stated: bool,
    /// Each line is one (JSON).
    pub(crate) is_lines: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct TextLayout {
    pub(crate) encoding: &'static Encoding,
    pub(crate) dialect: Dialect,
    pub(crate) heading_row: u64,
    /// Cells of the heading row, nameless ones at its end too.
    pub(crate) width: usize,
    pub(crate) places: Vec<Option<usize>>,
}

/// A sheet; without places it is none of the extract's and its rows are only counted.
#[derive(Debug, Clone)]
pub(crate) struct SheetLayout {
    pub(crate) name: String,
    /// The last row of the heading.
    pub(crate) heading_row: u64,
    pub(crate) places: Option<Vec<Option<usize>>>,
    /// Rows that are the heading once more, from the top.
    pub(crate) headings: Vec<u64>,
    pub(crate) merged: Ranges,
}

/// The sheet that says of a workbook that its rows were refused before, and why each was, with the heading on it under which the batch stands
/// that they were refused in: in Chinese and in English.
pub const REPAIR_SHEETS: [(&str, &str); 2] = [("补正说明", "原批次"), ("Why sent back", "Batch")];

/// Looks at a whole file and tells what it is.
///
/// A workbook is read sheet by sheet; every sheet with the extract's headings is part of it. A sheet with half of them or more is refused
/// as a mistake; any other sheet that is not empty is named in the evidence, and its rows count as skipped.
///
/// # Errors
/// One sentence with the file, the place and what to do: the file is missing, a directory, empty, damaged, of another format, encrypted,
/// too large, of unsure encoding, or its headings are of no extract, of several, or of another one than the hint says.
pub fn open<'a>(path: &Path, departments: &'a Departments, hint: &Hint) -> Result<Opened<'a>, Error> {
    check_hint(departments, hint)?;
    let sniffed = match sniff(path, hint) {
        Err(unsure @ Error::Encoding { .. }) if hint.encoding.is_none() => return big5(path, departments, hint).ok_or(unsure),
        other => other?,
    };
    let (fit, mut understood, layout) = match sniffed.content {
        Content::Text { encoding, either } => text::text(path, encoding, either, departments, hint)?,
        Content::Workbook(format) => sheets::workbook(path, format, departments, hint)?,
        Content::Dbf => table::dbf(path, departments, hint)?,
        Content::Parquet => table::parquet(path, departments, hint)?,
        Content::Json { encoding } => nested(path, &reader::json_head(path, encoding)?, encoding, Format::Json, departments, hint)?,
        Content::Xml { encoding } => nested(path, &reader::xml_head(path, encoding)?, encoding, Format::Xml, departments, hint)?,
    };
    understood.evidence.splice(0..0, sniffed.evidence);
    understood.evidence.extend(hint.unused(understood.format));
    if !fit.extract.load {
        understood.evidence.push(Notice::new("off-by-default").with("extract", &fit.extract.name));
    }
    let (department, extract, bytes) = (fit.department, fit.extract, sniffed.stamp.bytes);
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let (path, until) = (path.to_owned(), hint.until.clone());
    Ok(Opened { department, extract, understood, batch: sniffed.batch, bytes, name, path, stamp: sniffed.stamp, layout, until })
}

/// Big5 is never guessed, but the file may be of an extract that is declared to come in it.
fn big5<'a>(path: &Path, departments: &'a Departments, hint: &Hint) -> Option<Opened<'a>> {
    let is_declared = |extract: &Extract| extract.encoding == crate::Encoding::Big5;
    if !departments.extracts().any(|(_, extract)| is_declared(extract)) {
        return None;
    }
    let hint = Hint { encoding: Some(crate::Encoding::Big5.name().to_owned()), ..hint.clone() };
    open(path, departments, &hint).ok().filter(|opened| is_declared(opened.extract))
}

fn understood(fit: &Fit<'_>, format: Format) -> Understood {
    Understood {
        format,
        encoding: None,
        delimiter: None,
        quote: None,
        escape: None,
        sheets: Vec::new(),
        repairs: None,
        heading_row: fit.line.number,
        headings: fit.headings(),
        evidence: fit.evidence(format),
        remarks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::sample::{Folder, departments};

    const TEXT: &str = "证件号码,姓名,住址\n1,2,3\n";

    /// What a file is taken for, with what is said beforehand; or the error.
    fn taken(path: &Path, department: &str, extract: &str) -> Result<String, String> {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let hint = Hint { department: said(department), extract: said(extract), ..Hint::default() };
        let departments = departments();
        let opened = open(path, &departments, &hint).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))?;
        Ok(format!("{} of {}", opened.extract.name, opened.department.code))
    }

    #[test]
    fn a_file_is_known_by_its_headings_and_named_by_its_bytes() {
        let folder = Folder::new();
        let path = folder.write("whatever.dat", TEXT);
        let departments = departments();
        let opened = open(&path, &departments, &Hint::default()).unwrap();
        assert_eq!((opened.department.code.as_str(), opened.extract.name.as_str()), ("ga", "ga_people"));
        assert_eq!((opened.batch.len(), opened.bytes), (16, TEXT.len() as u64));
        let understood = opened.understood;
        assert_eq!(
            (understood.heading_row, understood.delimiter.as_deref(), understood.encoding.as_deref()),
            (1, Some(","), Some("UTF-8"))
        );
        assert_eq!(understood.headings, ["证件号码", "姓名", "住址"]);
        let other = Notice::new("encoding-unexpected").with("extract", "ga_people").with("expected", "GB18030").with("encoding", "UTF-8");
        assert!(understood.evidence.contains(&other), "{:?}", understood.evidence);
        let copy = folder.write("copy.csv", TEXT);
        assert_eq!(open(&copy, &departments, &Hint::default()).unwrap().batch, opened.batch);
    }

    #[test]
    fn big5_is_read_where_the_extract_is_declared_to_come_in_it() {
        let folder = Folder::new();
        let line = "1,王小明,雲溪縣城關鎮人民路的一號在東街之中有一間房屋\n".repeat(3);
        let bytes = encoding_rs::BIG5.encode(&format!("號碼,姓名,住址\n{line}")).0.into_owned();
        let path = folder.write("a.csv", bytes);
        let declared = |encoding: &str| {
            let mut departments = departments();
            let extract = &mut departments.list[0].extracts[0];
            extract.columns = ["號碼", "姓名", "住址"].map(str::to_owned).to_vec();
            extract.encoding = if encoding == "big5" { crate::Encoding::Big5 } else { crate::Encoding::Gb18030 };
            departments
        };
        let (big5, other) = (declared("big5"), declared("gb18030"));
        let opened = open(&path, &big5, &Hint::default()).unwrap();
        assert_eq!((opened.extract.name.as_str(), opened.understood.encoding.as_deref()), ("ga_people", Some("Big5")));
        assert!(open(&path, &other, &Hint::default()).unwrap_err().to_string().contains("read it with --encoding big5"));
        let hint = Hint { encoding: Some("big5".to_owned()), ..Hint::default() };
        assert_eq!(open(&path, &other, &hint).unwrap().understood.encoding.as_deref(), Some("Big5"));
    }

    #[test]
    fn wrong_headings_are_told_with_what_is_missing_and_what_was_meant() {
        let folder = Folder::new();
        let path = folder.write("a.csv", TEXT.replace("住址", "地址").replace('\n', ",备注\n"));
        let error = "file `FILE` is no extract that is known: row 1 comes nearest to `ga_people`: 2 of its 3 columns are there, missing are \
            `住址`, unknown are `地址`, `备注`; hint: `地址`: did you mean `住址`? correct the headings, or state the new layout in the \
            department's file";
        assert_eq!(taken(&path, "", "").unwrap_err(), error);
        let far = folder.write("d.csv", "证件号码,姓名,首次登记的日期\n");
        assert!(taken(&far, "", "").unwrap_err().contains("hint: `首次登记的日期`: known are 住址; correct the headings"));
        let twice = folder.write("b.csv", "证件号码,姓名,住址,姓名\n");
        assert!(taken(&twice, "", "").unwrap_err().contains("unknown are `姓名`"));
        let none = folder.write("c.csv", "王小明,990101198503070017\n");
        let error = taken(&none, "", "").unwrap_err();
        assert!(error.contains("no heading of any extract") && !error.contains("王小明"), "{error}");
    }

    #[test]
    fn what_is_said_beforehand_is_checked_against_the_file() {
        let folder = Folder::new();
        let path = folder.write("a.csv", TEXT);
        assert_eq!(taken(&path, "ga", "").unwrap(), "ga_people of ga");
        let elsewhere = "file `FILE` has the headings of `ga_people` of department `ga`, not of department `mz`; hint: ";
        assert!(taken(&path, "mz", "").unwrap_err().starts_with(elsewhere));
        assert!(taken(&path, "", "mz_people").unwrap_err().contains("of department `ga`, not of `mz_people`"));
        assert_eq!(taken(&path, "gaa", "").unwrap_err(), "there is no department `gaa`; hint: did you mean `ga`?");
        assert_eq!(taken(&path, "", "ga_person").unwrap_err(), "there is no extract `ga_person`; hint: did you mean `ga_people`?");
        assert!(taken(&path, "mz", "ga_people").unwrap_err().ends_with("it is one of department `ga`"));
    }

    #[test]
    fn an_extract_sent_in_another_format_is_still_that_extract() {
        let folder = Folder::new();
        let path = folder.write("a.csv", TEXT.replace("证件号码", "身份证号"));
        assert_eq!(taken(&path, "", "").unwrap(), "mz_people of mz");
    }

    #[test]
    fn what_is_off_by_default_is_read_and_told_but_loaded_only_when_switched_on() {
        let folder = Folder::new();
        let path = folder.write("a.csv", TEXT);
        let mut departments = departments();
        departments.list[0].extracts[0].load = false;
        let opened = open(&path, &departments, &Hint::default()).unwrap();
        assert!(opened.understood.codes().contains("off-by-default"), "{:?}", opened.understood.evidence);
        let error = Hint::default().switches_on(opened.extract, &path).unwrap_err().to_string();
        assert!(error.contains("`ga_people`") && error.ends_with("switches it on with --with ga_people"), "{error}");
        Hint { with: vec!["ga_people".to_owned()], ..Hint::default() }.switches_on(opened.extract, &path).unwrap();
        let unknown = Hint { with: vec!["ga_person".to_owned()], ..Hint::default() };
        assert!(open(&path, &departments, &unknown).unwrap_err().to_string().contains("there is no extract `ga_person`"));
    }

    #[test]
    fn of_two_extracts_with_the_same_headings_one_has_to_be_named() {
        let folder = Folder::new();
        let path = folder.write("a.csv", TEXT);
        let mut departments = departments();
        let mut twin = departments.list[0].extracts[0].clone();
        twin.name = "ga_twin".to_owned();
        departments.list[0].extracts.push(twin);
        let error = open(&path, &departments, &Hint::default()).unwrap_err().to_string();
        assert!(error.contains("may be any of `ga_people`, `ga_twin`"), "{error}");
        let hint = Hint { extract: Some("ga_twin".to_owned()), ..Hint::default() };
        assert_eq!(open(&path, &departments, &hint).unwrap().extract.name, "ga_twin");
    }
}
