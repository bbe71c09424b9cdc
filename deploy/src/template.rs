//! An empty file of an extract, for whoever fills it in: its headings as its department's file states them, and what each column is for. It
//! is made of definitions alone; nothing of any table is in it.

use crate::{Error, console::words::Language, upload::mapping};
use arrow_array::{RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use rust_xlsxwriter::{Format, Note, Workbook};
use serde::Serialize;
use std::sync::Arc;
use wuwei_ingest::{Extract, Source};
use wuwei_schema::{Kind, Model, Notice};

/// Values of a code list that are named; of longer ones the first.
const NAMED: usize = 12;

/// A column, for whoever fills it in.
#[derive(Debug, Serialize)]
pub(crate) struct Column {
    /// Its heading.
    pub(crate) heading: String,
    /// What it becomes, in the language of whoever asks; nothing where it is not used.
    pub(crate) meaning: String,
    /// How it is to be filled in, one sentence each.
    pub(crate) advice: Vec<String>,
}

/// Every column of the extract, in its order.
pub(crate) fn columns(extract: &Extract, model: &Model, language: Language) -> Vec<Column> {
    let of = |mapped: mapping::Mapped| {
        let meaning: Vec<String> = mapped.meanings(language).collect();
        Column {
            meaning: meaning.join(language.word("sign.and")),
            advice: advice(extract, model, &mapped, language),
            heading: mapped.column,
        }
    };
    mapping::mapping(extract, model).into_iter().map(of).collect()
}

fn advice(extract: &Extract, model: &Model, mapped: &mapping::Mapped, language: Language) -> Vec<String> {
    let heading = mapped.column.as_str();
    let sources = extract.roles.iter().flat_map(|role| role.properties.iter().map(move |(property, source)| (role, property, source)));
    let own = sources.filter(|(_, _, source)| source.columns.iter().any(|column| column == heading));
    let mut all: Vec<String> = Vec::new();
    let mut say = |notice: Notice| {
        let sentence = notice.within(&language.known("template", &notice.code));
        if !all.contains(&sentence) {
            all.push(sentence);
        }
    };
    if mapped.is_key {
        say(Notice::new("key"));
    }
    for (role, property, source) in own {
        let known = model.entity(&role.entity).and_then(|entity| entity.property(property));
        let is_required =
            extract.require.iter().any(|asked| asked.role == role.role && asked.property == *property && asked.at_most.is_none());
        if is_required {
            say(Notice::new("required"));
        }
        if let Some(kind) = known.map(|known| &known.kind) {
            of_kind(kind, source, model).into_iter().for_each(&mut say);
        }
    }
    if extract.observed.as_ref().is_some_and(|source| source.columns.iter().any(|column| column == heading)) {
        say(Notice::new("observed"));
    }
    for (why, code) in [(&mapped.ignored, "ignored"), (&mapped.dropped, "dropped")] {
        why.iter().for_each(|why| say(Notice::new(code).with("why", why)));
    }
    all
}

/// How values of a kind are written.
fn of_kind(kind: &Kind, source: &Source, model: &Model) -> Option<Notice> {
    if !source.map.is_empty() {
        let words: Vec<&str> = source.map.iter().map(|(word, _)| word.as_str()).filter(|word| !word.is_empty()).collect();
        let named: Vec<String> = words.iter().take(NAMED).map(|word| (*word).to_owned()).collect();
        return Some(one_of(&named, words.len()));
    }
    match kind {
        Kind::Code(list) => {
            let list = model.codes.list(source.codes.as_deref().unwrap_or(list))?;
            let named: Vec<String> = list.entries.iter().take(NAMED).map(|(code, name)| format!("{code} {name}")).collect();
            Some(one_of(&named, list.entries.len()).with("list", &list.title))
        }
        Kind::Date => {
            Some(Notice::new("date").with("example", source.dates.first().map_or_else(|| "2026-11-28".to_owned(), |form| dated(form))))
        }
        Kind::CitizenId | Kind::StudentNo | Kind::LicenceNo | Kind::CreditCode | Kind::RealtyUnitNo | Kind::PermitNo | Kind::Phone => {
            Some(Notice::new("as-text"))
        }
        _ => None,
    }
}

fn one_of(words: &[String], all: usize) -> Notice {
    let code = match (words.len() < all, words.iter().any(|word| word.contains(' '))) {
        (true, _) => "first-of-list",
        (false, true) => "of-list",
        (false, false) => "one-of",
    };
    Notice::new(code).with("values", words.join("、")).with("count", all)
}

/// 28 November 2026, written in that form.
fn dated(form: &str) -> String {
    let pairs =
        [("%Y", "2026"), ("%m", "11"), ("%-m", "11"), ("%d", "28"), ("%-d", "28"), ("%H", "08"), ("%M", "30"), ("%S", "00"), ("%y", "26")];
    match form {
        "excel_serial" => "2026-11-28".to_owned(),
        form => pairs.into_iter().fold(form.to_owned(), |text, (sign, digits)| text.replace(sign, digits)),
    }
}

/// The workbook: one sheet with the headings, each with its meaning as a note. All its cells are text, so that 18 digits stay 18 digits.
pub(crate) fn workbook(extract: &Extract, model: &Model, language: Language) -> Result<Vec<u8>, Error> {
    let failed = |error: rust_xlsxwriter::XlsxError| Error::Output(error.to_string());
    let (text, bold) = (Format::new().set_num_format("@"), Format::new().set_bold().set_num_format("@"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    for (at, column) in (0u16..).zip(columns(extract, model, language)) {
        sheet.set_column_format(at, &text).and_then(|sheet| sheet.set_column_width(at, 18)).map_err(failed)?;
        sheet.write_string_with_format(0, at, &column.heading, &bold).map_err(failed)?;
        let lines: Vec<String> = Some(column.meaning).filter(|meaning| !meaning.is_empty()).into_iter().chain(column.advice).collect();
        if !lines.is_empty() {
            let note = Note::new(lines.join("\n")).add_author_prefix(false).set_width(280).set_height(120);
            sheet.insert_note(0, at, &note).map_err(failed)?;
        }
    }
    book.save_to_buffer().map_err(failed)
}

/// The headings over no row, for the forms that are tables.
pub(crate) fn rows(extract: &Extract) -> Result<RecordBatch, Error> {
    let fields: Vec<Field> = extract.columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let none = fields.iter().map(|_| Arc::new(StringArray::from(Vec::<&str>::new())) as _).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), none).map_err(|_| Error::defect("headings have no form as rows"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{definitions::Definitions, export::Form};
    use wuwei_ingest::Hint;

    /// The template is what its extract is recognised by, in either form.
    #[test]
    fn every_template_is_recognised_as_its_extract() {
        let Definitions { model, departments, .. } = Definitions::carried().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut tried = 0;
        for (_, extract) in departments.extracts() {
            let mut csv = Vec::new();
            let rows = rows(extract).unwrap();
            let mut writing = Form::Csv.begin(&rows.schema(), &mut csv, None).unwrap();
            writing.batch(&rows).unwrap();
            writing.finish().unwrap();
            for (ending, bytes) in [("xlsx", workbook(extract, &model, Language::Chinese).unwrap()), ("csv", csv)] {
                let path = folder.path().join(format!("模板.{ending}"));
                std::fs::write(&path, bytes).unwrap();
                let opened = wuwei_ingest::open(&path, &departments, &Hint::default());
                let opened = opened.unwrap_or_else(|error| panic!("{} as {ending}: {error}", extract.name));
                assert_eq!(opened.extract.name, extract.name, "{ending}");
                tried += 1;
            }
        }
        assert!(tried > 80, "{tried}");
    }

    #[test]
    fn a_column_is_told_by_what_it_becomes_and_how_it_is_written() {
        let Definitions { model, departments, .. } = Definitions::carried().unwrap();
        let extract = departments.extract("mz_hydj").unwrap();
        for (language, id, text) in
            [(Language::Chinese, "公民身份号码", "按文本填写"), (Language::English, "citizen id", "Type it as text")]
        {
            let all = columns(extract, &model, language);
            assert_eq!(all.iter().map(|column| column.heading.as_str()).collect::<Vec<_>>(), extract.columns);
            let one = all.iter().find(|column| column.meaning.to_lowercase().contains(id)).unwrap_or_else(|| panic!("{all:?}"));
            assert!(one.advice.iter().any(|advice| advice.starts_with(text)), "{one:?}");
            assert!(all.iter().all(|column| !column.advice.iter().any(|advice| advice.contains('{') || advice.starts_with("template."))));
        }
        assert_eq!(dated("%Y年%-m月%-d日"), "2026年11月28日");
    }
}
