//! Departments as their files state them: which extracts each delivers, in what shape, and what every column means. A department is a
//! file (`departments/<code>.toml`), never code; how a file is read and how a row is mapped is told elsewhere.

mod check;
mod check_source;
mod file;
mod place;
mod require;
mod source;

pub(crate) use check::is_own;
pub use require::{Bound, Requirement};
pub use source::{Exclusion, Of, Source, When, Written};

use crate::{Datum, Error};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use wuwei_schema::{Label, Model, SourceFile};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// What stands between the pieces of a cell into which JSON or XML put several: the unit separator, which no text of theirs may have.
pub const BETWEEN: char = '\u{1f}';

/// Every department the hub reads.
#[derive(Debug, Clone, Default)]
pub struct Departments {
    /// In the order of their files.
    pub list: Vec<Department>,
}

impl Departments {
    /// The departments the program carries.
    ///
    /// # Errors
    /// See [`Departments::parse`].
    pub fn embedded(model: &Model) -> Result<Departments, Error> {
        let file = |&(name, text): &(&str, &str)| SourceFile { name: name.to_owned(), text: text.to_owned() };
        Departments::parse(&DEPARTMENTS.iter().map(file).collect::<Vec<_>>(), model)
    }

    /// The departments of these files, each checked against the model: every column is mapped or ignored with a reason, and every name
    /// (property, entity type, relation, column, role, code list) is one that exists.
    ///
    /// # Errors
    /// [`Error::Department`], with file, line, caret and the nearest known name.
    pub fn parse(files: &[SourceFile], model: &Model) -> Result<Departments, Error> {
        Ok(Departments { list: check::departments(files, model, Vec::new())? })
    }

    /// Adds what these files define: departments, or extracts of those that are known. None takes away or changes what is known.
    ///
    /// # Errors
    /// As [`Departments::parse`]; or an extract of theirs has a name that is given, or a department another label. Nothing is added then.
    pub fn add(&mut self, files: &[SourceFile], model: &Model) -> Result<(), Error> {
        self.list = check::departments(files, model, self.list.clone())?;
        Ok(())
    }

    /// What a file says that it defines: the department's code and the names of its extracts. Nothing else of it is checked.
    ///
    /// # Errors
    /// [`Error::Department`] where it is no department file, or something in it is left open.
    pub fn stated(file: &SourceFile) -> Result<(String, Vec<String>), Error> {
        let stated = file::parse(file)?;
        let names = stated.extract.into_iter().map(|extract| extract.name.into_inner()).collect();
        Ok((stated.department.into_inner(), names))
    }

    /// The department of that code.
    pub fn department(&self, code: &str) -> Option<&Department> {
        self.list.iter().find(|department| department.code == code)
    }

    /// Every extract with its department.
    pub fn extracts(&self) -> impl Iterator<Item = (&Department, &Extract)> {
        self.list.iter().flat_map(|department| department.extracts.iter().map(move |extract| (department, extract)))
    }

    /// The extract of that name.
    pub fn extract(&self, name: &str) -> Option<&Extract> {
        self.extracts().map(|(_, extract)| extract).find(|extract| extract.name == name)
    }
}

/// One department and what it delivers.
#[derive(Debug, Clone)]
pub struct Department {
    /// The code in files and tables, e.g. `ga`.
    pub code: String,
    /// How people call it.
    pub label: Label,
    /// Its extracts, in the file's order.
    pub extracts: Vec<Extract>,
}

/// One data resource of a department: the files of one layout.
#[derive(Debug, Clone)]
pub struct Extract {
    /// The department's code.
    pub department: String,
    /// The name in files and tables, unique over all departments; the table is `raw.<name>`.
    pub name: String,
    /// How people call it.
    pub label: Label,
    /// The format its files have.
    pub format: Format,
    /// The encoding expected; what a file really has is detected.
    pub encoding: Encoding,
    /// Between the cells of a CSV file.
    pub delimiter: u8,
    /// How the department quotes cells of a CSV file; reading accepts every way.
    pub quote: Quote,
    /// Lines of title above the heading.
    pub title_rows: u32,
    /// Rows that make up the heading; a merged group and what stands below it are one name, joined with `/`: `申请人/姓名`.
    pub heading_rows: u32,
    /// Where the rows are in XML or JSON: the names on the way from the root to the element that repeats, e.g. `data/record`. In JSON an
    /// empty one says that the root is the list, none that each line is a row; reading finds out by itself, and refuses rows that stand elsewhere.
    pub rows: Option<String>,
    /// Bytes of each column of a fixed width file, in the order of the columns; else empty.
    pub widths: Vec<usize>,
    /// Columns in which an empty cell repeats the one above it.
    pub fill_down: Vec<String>,
    /// The columns that make a row the same row in the next delivery; else empty.
    pub key: Vec<String>,
    /// When the row says that it is no longer so.
    pub deleted: Option<When>,
    /// Whether it is loaded unless somebody says otherwise.
    pub load: bool,
    /// Rows that are never kept.
    pub exclude: Vec<Exclusion>,
    /// What a row has to say, or it is refused.
    pub require: Vec<Requirement>,
    /// Columns that are never kept, not even in `raw` or among rejects, each with its reason.
    pub drop: BTreeMap<String, String>,
    /// The column that has one sheet per value.
    pub sheet_by: Option<String>,
    /// Whether a full delivery may take several files, `<name>.<ending>`, `<name>-2.<ending>` and so on: together they are the whole stock.
    pub parts: bool,
    /// What a file stands for.
    pub contract: Contract,
    /// Days between deliveries.
    pub cycle_days: i64,
    /// 1 unconditional, 2 conditional, 3 not shared.
    pub share_class: i64,
    /// Whether the department is obliged to share it.
    pub obliged: bool,
    /// The headings, in the file's order.
    pub columns: Vec<String>,
    /// When the source knew what a row says.
    pub observed: Option<Source>,
    /// Columns that are not mapped, each with its reason.
    pub ignore: BTreeMap<String, String>,
    /// The view of an invented population that this extract is written from.
    pub synth: Option<String>,
    /// Who needs it, for which task.
    pub needed_by: Vec<Need>,
    /// The records a row yields, in the file's order.
    pub roles: Vec<Role>,
    /// The relations a row states between them.
    pub relations: Vec<RelationMapping>,
}

impl Extract {
    /// The role of that name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.role == name)
    }

    /// Whether that column is part of the key.
    pub(crate) fn is_of_key(&self, column: &str) -> bool {
        self.key.iter().any(|name| name == column)
    }

    /// The columns that are not dropped, each with its place among all.
    pub fn kept(&self) -> impl Iterator<Item = (usize, &String)> {
        self.columns.iter().enumerate().filter(|(_, column)| !self.drop.contains_key(*column))
    }

    /// Whether a cell of that column may hold several pieces with [`BETWEEN`] between them, as what repeats in XML and JSON does: whatever
    /// reads it takes it apart there, or nothing reads it.
    pub fn repeats(&self, column: &str) -> bool {
        let is_apart = |source: &Source| {
            let separators = source.list.iter().chain(source.split.iter().map(|(separator, _)| separator));
            separators.into_iter().any(|separator| *separator == BETWEEN.to_string())
        };
        let properties = self.roles.iter().flat_map(|role| &role.properties).map(|(_, source)| source);
        let sources = properties.chain(self.relations.iter().flat_map(RelationMapping::sources)).chain(&self.observed);
        let own = self.sheet_by.iter().chain(self.deleted.iter().map(|when| &when.column)).chain(&self.key);
        let mut reading = sources.filter(|source| source.columns.iter().any(|read| read == column));
        reading.all(is_apart) && !own.into_iter().any(|read| read == column)
    }

    /// Every column that a role, a relation or the extract itself reads.
    pub fn mapped(&self) -> HashSet<&str> {
        let roles = self.roles.iter().flat_map(Role::reads);
        let relations = self.relations.iter().flat_map(RelationMapping::reads);
        let own = self.observed.iter().flat_map(Source::reads).chain(self.sheet_by.as_deref());
        let own = own.chain(self.require.iter().flat_map(Requirement::reads));
        let whens = self.deleted.iter().chain(self.exclude.iter().map(|exclusion| &exclusion.when));
        let own = own.chain(whens.map(|when| when.column.as_str()));
        roles.chain(relations).chain(own).collect()
    }
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Text, one row a line, cells between delimiters.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// Workbook of before 2007 (BIFF8).
    Xls,
    /// dBASE or FoxPro table; widths are bytes, names are cut to ten of them.
    Dbf,
    /// XML in which one element repeats.
    Xml,
    /// JSON or NDJSON: an array of objects, or an object a line.
    Json,
    /// Text in columns of so many bytes.
    Fixed,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// As files and options name it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            Format::Xls => "xls",
            Format::Dbf => "dbf",
            Format::Xml => "xml",
            Format::Json => "json",
            Format::Fixed => "fixed",
            Format::Parquet => "parquet",
        }
    }

    /// What it is called in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Format::Csv => "text with delimiters",
            Format::Xlsx => "a workbook",
            Format::Xls => "a workbook of before 2007",
            Format::Dbf => "a dBASE table",
            Format::Xml => "XML",
            Format::Json => "JSON",
            Format::Fixed => "text of fixed width",
            Format::Parquet => "a Parquet file",
        }
    }
}

/// How a text file writes characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// GB 18030-2022, and with it GBK and GB 2312.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// UTF-8, with or without byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16 of either byte order.
    #[serde(rename = "utf-16")]
    Utf16,
    /// Big5, of systems from Taiwan, Hong Kong and Macao; never guessed.
    #[serde(rename = "big5")]
    Big5,
}

impl Encoding {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Gb18030 => "gb18030",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Big5 => "big5",
        }
    }
}

/// How a department quotes the cells of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quote {
    /// Never.
    None,
    /// Where it must.
    Minimal,
    /// Every cell.
    All,
}

/// What a file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// The whole stock: what is no longer in it is no longer so.
    Full,
    /// What changed.
    Delta,
}

/// Another department's need of an extract, and the grant if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The department that needs it.
    pub consumer: String,
    /// What for.
    pub task: String,
    /// When it asked, ISO 8601.
    pub asked: Option<String>,
    /// Since when it may use it, ISO 8601.
    pub granted: Option<String>,
}

/// One thing a row speaks of.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name in the extract, e.g. `landlord`.
    pub role: String,
    /// Its entity type.
    pub entity: String,
    /// In which rows it exists; in all when absent.
    pub when: Option<When>,
    /// What the row says of it, in the file's order.
    pub properties: Vec<(String, Source)>,
}

impl Role {
    /// Whether a row can name several of it, side by side in list cells.
    pub fn is_list(&self) -> bool {
        self.properties.iter().any(|(_, source)| source.list.is_some())
    }

    /// Where its coordinates are among the properties, longitude first, and their datum.
    pub(crate) fn coordinates(&self) -> Option<(usize, usize, Datum)> {
        let place = |name| self.properties.iter().position(|(property, source)| property == name && source.datum.is_some());
        let (longitude, latitude) = (place("longitude")?, place("latitude")?);
        Some((longitude, latitude, self.properties[longitude].1.datum?))
    }

    fn reads(&self) -> impl Iterator<Item = &str> {
        self.when.iter().map(|when| when.column.as_str()).chain(self.properties.iter().flat_map(|(_, source)| source.reads()))
    }
}

/// A relation that a row states between two of its records.
#[derive(Debug, Clone)]
pub struct RelationMapping {
    /// The relation type.
    pub relation: String,
    /// The role it starts from.
    pub source: String,
    /// The role it leads to.
    pub target: String,
    /// In which rows it holds; in all that have both when absent.
    pub when: Option<When>,
    /// From when.
    pub since: Option<Source>,
    /// Until when.
    pub until: Option<Source>,
    /// What kind exactly.
    pub qualifier: Option<Source>,
}

impl RelationMapping {
    fn sources(&self) -> impl Iterator<Item = &Source> {
        [&self.since, &self.until, &self.qualifier].into_iter().flatten()
    }

    fn reads(&self) -> impl Iterator<Item = &str> {
        self.when.iter().map(|when| when.column.as_str()).chain(self.sources().flat_map(Source::reads))
    }
}
