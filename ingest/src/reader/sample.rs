//! For tests: two small departments and files of theirs, written in every way a file can be.

use super::{Row, reader};
use crate::{BETWEEN, Departments, Error, Hint, open};
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;
use wuwei_schema::{Model, SourceFile};

/// Read once: it takes longer than most tests.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());

const GA: &str = r#"
department = "ga"
label = { zh = "公安局", en = "Police" }
[[extract]]
name = "ga_people"
label = { zh = "人口", en = "People" }
format = "csv"
encoding = "gb18030"
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["证件号码", "姓名", "住址"]
[extract.record.person]
entity = "person"
id_no = "证件号码"
name = "姓名"
live_address = "住址"
"#;

/// The departments `ga` with `ga_people` (CSV, GB18030) and `mz` with `mz_people` (XLSX), which calls its first column otherwise.
pub(crate) fn departments() -> Departments {
    let mz =
        GA.replace("\"ga\"", "\"mz\"").replace("ga_people", "mz_people").replace("\"csv\"", "\"xlsx\"").replace("证件号码", "身份证号");
    let file = |name: &str, text: String| SourceFile { name: name.to_owned(), text };
    Departments::parse(&[file("ga.toml", GA.to_owned()), file("mz.toml", mz)], &MODEL).unwrap()
}

/// Only the department of that code, with `<code>_people`, in which these lines stand for the format.
pub(crate) fn departments_of(code: &str, format: &str) -> Departments {
    let text = GA.replace("\"ga\"", &format!("{code:?}")).replace("ga_people", &format!("{code}_people"));
    let file = SourceFile { name: format!("{code}.toml"), text: text.replace("format = \"csv\"", format) };
    Departments::parse(&[file], &MODEL).unwrap()
}

const NESTED: &str = r#"
department = "jy"
label = { zh = "教育局", en = "Education" }
[[extract]]
name = "jy_nested"
label = { zh = "报名", en = "Enrolment" }
format = "json"
encoding = "utf-8"
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["@no", "name", "guardian/name", "guardian/phone", "area"]
[extract.record.student]
entity = "person"
name = "name"
[extract.record.guardian]
entity = "person"
name = { from = "guardian/name", list = "\u001f" }
phone = { from = "guardian/phone", list = "\u001f" }
[extract.ignore]
"@no" = "为流水号"
area = "无业务需要"
"#;

/// The department `jy` with `jy_nested`: a pupil, several guardians, a list that nothing reads; with what else its extract states.
pub(crate) fn nested(stated: &str) -> Departments {
    let text = NESTED.replace("contract =", &format!("{stated}\ncontract ="));
    Departments::parse(&[SourceFile { name: "jy.toml".to_owned(), text }], &Model::embedded().unwrap()).unwrap()
}

/// The departments of one file `xx.toml` with one extract `xx_sheet`: these lines of it, and a role for each of these columns.
pub(crate) fn extract_of(lines: &str, columns: &[&str]) -> Departments {
    let head = GA.replace("\"ga\"", "\"xx\"").replace("ga_people", "xx_sheet").split("columns =").next().unwrap().to_owned();
    let roles: String =
        (0..).zip(columns).map(|(at, column)| format!("[extract.record.r{at}]\nentity = \"dwelling\"\naddress = \"{column}\"\n")).collect();
    let text = format!("{head}columns = {columns:?}\n{lines}\n{roles}");
    Departments::parse(&[SourceFile { name: "xx.toml".to_owned(), text }], &MODEL).unwrap()
}

/// A folder that vanishes with the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// All rows of a file, opened without a hint.
pub(crate) fn rows(path: &Path) -> Result<Vec<Row>, Error> {
    rows_of(path, &departments())
}

/// All rows of a file of one of these departments.
pub(crate) fn rows_of(path: &Path, departments: &Departments) -> Result<Vec<Row>, Error> {
    let opened = open(path, departments, &Hint::default())?;
    let mut reader = reader(&opened)?;
    let (mut all, mut row) = (Vec::new(), Row::default());
    while reader.next(&mut row)? {
        all.push(row.clone());
    }
    Ok(all)
}

/// A row in a line: number, sheet, cells, rule of its fault.
pub(crate) fn shown(row: &Row) -> String {
    let sheet = row.sheet.as_deref().map(|sheet| format!("{sheet} ")).unwrap_or_default();
    let fault = row.fault.as_ref().map(|fault| format!(" ! {}", fault.rule)).unwrap_or_default();
    format!("{sheet}{}: {}{fault}", row.number, row.cells.join("|"))
}

/// The rows of a file of `jy_nested` in lines, or its error.
pub(crate) fn told_nested(path: &Path) -> Result<Vec<String>, String> {
    let rows = rows_of(path, &nested(""));
    rows.map(|rows| rows.iter().map(|row| shown(row).replace(BETWEEN, "+")).collect())
        .map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
}

/// The rows of a file in lines, or its error.
pub(crate) fn told(path: &Path) -> Result<Vec<String>, String> {
    told_of(path, &departments())
}

/// The same of a file of one of these departments.
pub(crate) fn told_of(path: &Path, departments: &Departments) -> Result<Vec<String>, String> {
    let rows = rows_of(path, departments);
    rows.map(|rows| rows.iter().map(shown).collect()).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
}
