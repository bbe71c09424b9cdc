//! What a department file may say, slip by slip.

use super::*;
use crate::Departments;

/// A file in which all is in order.
const TEXT: &str = r#"department = "xx"
label = { zh = "某局", en = "Bureau" }
[[extract]]
name = "xx_ry"
label = { zh = "人员", en = "People" }
format = "csv"
encoding = "utf-8"
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["号码", "姓名", "出生", "学历", "住址", "备考"]
needed_by = [{ consumer = "xx", task = "核对", granted = "2026-01-01" }]
[extract.ignore]
"备考" = "无业务需要"
[extract.record.person]
entity = "person"
id_no = "号码"
name = "姓名"
birth_date = { from = "出生", date = "%Y%m%d" }
education = { from = "学历", codes = "gbt4658_1984" }
[extract.record.dwelling]
entity = "dwelling"
address = "住址"
[[extract.relation]]
type = "lives_at"
source = "person"
target = "dwelling"
"#;

/// A department file that holds, with one line of it replaced.
pub(in crate::department) fn parse_with(line: &str, by: &str) -> Result<Departments, Error> {
    assert!(line.is_empty() || TEXT.contains(line), "no line {line}");
    let file = SourceFile { name: "xx.toml".to_owned(), text: TEXT.replacen(line, by, 1) };
    Departments::parse(&[file], &Model::embedded().unwrap())
}

pub(in crate::department) fn says(line: &str, by: &str, what: &str, hint: &str) {
    let error = parse_with(line, by).unwrap_err().to_string();
    assert!(error.contains(what) && error.contains(hint), "{error}");
    assert!(error.contains("`xx.toml` line ") && error.contains(" | ") && error.ends_with('^'), "no place in: {error}");
}

#[test]
fn a_file_is_taken_as_it_is_written() {
    let departments = parse_with("", "").unwrap();
    let extract = departments.extract("xx_ry").unwrap();
    let person = extract.role("person").unwrap();
    let names: Vec<&str> = person.properties.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id_no", "name", "birth_date", "education"]);
    assert_eq!((extract.delimiter, extract.title_rows, extract.relations.len()), (b',', 0, 1));
    assert_eq!(extract.needed_by[0].granted.as_deref(), Some("2026-01-01"));
    assert_eq!(departments.department("xx").unwrap().label.en, "Bureau");
}

#[test]
fn a_name_that_is_not_known_is_answered_with_the_nearest() {
    says("birth_date =", "birth_data =", "unknown property of `person` `birth_data`", "did you mean `birth_date`?");
    says("entity = \"dwelling\"", "entity = \"dweling\"", "unknown entity type `dweling`", "did you mean `dwelling`?");
    says("type = \"lives_at\"", "type = \"live_at\"", "unknown relation type `live_at`", "did you mean `lives_at`?");
    says("target = \"dwelling\"", "target = \"dwellings\"", "unknown role `dwellings`", "did you mean `dwelling`?");
    says("name = \"姓名\"", "name = \"姓各\"", "unknown column `姓各`", "did you mean `姓名`?");
    says("\"备考\" =", "\"备孝\" =", "unknown column `备孝`", "did you mean `备考`?");
    says("consumer = \"xx\"", "consumer = \"yy\"", "unknown department `yy`", "xx");
    says("cycle_days", "cycle_day", "unknown key `cycle_day`", "did you mean `cycle_days`?");
}

#[test]
fn every_column_is_accounted_for_once() {
    says("name = \"姓名\"", "", "column `姓名` is neither mapped nor ignored", "ignore");
    says("address = \"住址\"", "address = \"备考\"", "column `备考` is mapped and ignored", "keep one");
    says("\"住址\", ", "\"住址\", \"住址\", ", "column `住址` is blank or named twice", "keep one");
    says("\"备考\" = \"无业务需要\"", "\"备考\" = \" \"", "ignored without a reason", "say why");
    let dropped = "[extract.drop]\n\"姓名\" = \"不需要\"\n[extract.ignore]";
    says("[extract.ignore]", dropped, "column `姓名` is dropped and used", "keep one");
    says("\"号码\", ", "\"Row\", ", "`row` is a column that every raw table has", "keep one");
}

/// What a second file adds to `xx`, or why it does not.
fn added(from: &str, by: &str) -> Result<Vec<String>, String> {
    let model = Model::embedded().unwrap();
    let text = TEXT.replace("name = \"xx_ry\"", "name = \"xx_two\"").replace(from, by);
    let mut departments = parse_with("", "").unwrap();
    departments.add(&[SourceFile { name: "xx.xx_two.toml".to_owned(), text }], &model).map_err(|error| error.to_string())?;
    assert_eq!(departments.list.len(), 1);
    Ok(departments.extracts().map(|(_, extract)| extract.name.clone()).collect())
}

#[test]
fn a_file_adds_to_a_department_that_is_known_and_takes_no_name_away() {
    assert_eq!(added("", "").unwrap(), ["xx_ry", "xx_two"]);
    assert!(added("xx_two", "xx_ry").unwrap_err().contains("extract `xx_ry` is defined twice"));
    assert!(added("Bureau", "Office").unwrap_err().contains("(Bureau) already"));
}

#[test]
fn what_contradicts_itself_or_the_model_is_refused() {
    says("target = \"dwelling\"", "target = \"person\"", "`lives_at` cannot have a `person` at this end", "it takes dwelling");
    let since = "target = \"dwelling\"\nsince = \"号码\"";
    says("target = \"dwelling\"", since, "a relation tells column `号码`, which `person.id_no` protects more", "leave it out");
    says("format = \"csv\"", "format = \"fixed\"", "0 widths are stated for 6 columns", "give each column");
    says("contract = \"full\"", "contract = \"delta\"", "without a key", "make a row the same row");
    says("share_class = 2", "share_class = 4", "no such share class", "1 unconditional");
    says("department = \"xx\"", "department = \"yy\"", "the file defines `yy` but is called `xx.toml`", "keep one");
    says("granted = \"2026-01-01\"", "granted = \"2026-1-1\"", "the grant has no date", "2026-01-01");
    says("name = \"xx_ry\"", "name = \"XX-ry\"", "a name is small letters", "ga_hjrk");
    says("entity = \"dwelling\"", "entity = \"dwelling\"\nwhen = { column = \"住址\", is = [] }", "never holds", "list the values");
    let rows = "[[extract.exclude]]\nwhen = { column = \"备考\", is = [\"检举控告\"] }\nreason = \" \"\n[extract.ignore]";
    says("[extract.ignore]", rows, "excluded without a reason", "which law");
}
