//! A mapping proposed for a file of no known department: its form, and for each column at most one property with the reasons, from
//! headings, values and what known departments call things. It is written as a department file that does not hold until a person has
//! decided what is left open; nothing here applies it, and no value of the file is in it.

mod decide;
mod fit;
mod form;
mod relation;
mod settled;
mod words;
mod write;

pub use form::Form;
pub use relation::Tie;
pub use settled::{Meant, Settled};
pub use write::Naming;

use crate::{
    Departments, Error, Hint,
    conform::is_protected,
    open,
    reader::{Row, reader},
};
use decide::{Choice, Column, decide};
use serde::{Deserialize, Serialize};
use std::path::Path;
use words::Words;
use wuwei_schema::{Category, Kind, Model, SourceFile};

/// Rows that are looked at, from the first one on.
const ROWS: usize = 500;

/// Bytes of their cells that are held at most.
const BYTES: usize = 16 << 20;

/// A form, and what its columns are likely to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// How the file is laid out.
    pub form: Form,
    /// The extract that the file is, where it is one that is known already.
    pub known: Option<String>,
    /// Rows that were looked at.
    pub rows: u64,
    /// Its columns, in the file's order.
    pub columns: Vec<Suggested>,
    /// What may tie their roles together.
    pub ties: Vec<Tie>,
}

/// A column and what is proposed for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggested {
    /// The heading.
    pub heading: String,
    /// What it is likely to be; none where a person has to say.
    pub target: Option<Target>,
    /// Why, in Chinese, one sentence each; no value of the file.
    pub reasons: Vec<String>,
    /// Percent of rows in which it says something.
    pub filled: u8,
    /// Whether its heading speaks of what may not be kept (PIPL article 28).
    pub is_protected: bool,
}

/// A property of one of the things that a row speaks of, and how its values are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The thing, by the part it plays in the row.
    pub role: String,
    /// Its entity type.
    pub entity: String,
    /// The property.
    pub property: String,
    /// What people call it.
    pub label: String,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// How days are written.
    pub dates: Vec<String>,
    /// The code list of the file, where it is not the property's own.
    pub codes: Option<String>,
    /// What stands between several in one cell.
    pub list: Option<String>,
    /// The shape that a cell needs to be meant, where the column mixes kinds.
    pub like: Option<String>,
    /// The shape that a cell must not have.
    pub unlike: Option<String>,
    /// Whether its datum has to be said.
    pub is_coordinate: bool,
}

/// Looks at a file as far as its first rows and proposes what its columns are, but for those that somebody settled.
///
/// # Errors
/// [`Error`] when the file cannot be read, or has no headings: text of fixed width, rows that begin at once; or what was settled is nothing
/// that the model has.
pub fn suggest(path: &Path, departments: &Departments, model: &Model, hint: &Hint, settled: &Settled) -> Result<Suggestion, Error> {
    settled.check(model)?;
    let known = open(path, departments, hint).ok().map(|opened| opened.extract.name.clone());
    let words = Words::of(model, departments).map_err(|detail| Error::Unknown {
        what: "vocabulary",
        name: "words.toml".to_owned(),
        hint: detail,
    })?;
    let form = form::form(path, hint, &|heading| !words.meanings(heading).is_empty())?;
    let (values, rows) = sample(path, &form, model, hint)?;
    let columns: Vec<Column<'_>> = form.columns.iter().zip(&values).map(|(heading, values)| Column { heading, values }).collect();
    let title = path.file_stem().unwrap_or_default().to_string_lossy();
    let decided = settled.over(&columns, decide(&columns, &title, &words, model), model);
    let columns: Vec<Suggested> =
        columns.iter().zip(decided).map(|(column, decided)| suggested(column, decided, rows, &words, model)).collect();
    let ties = relation::ties(&columns, departments, model);
    Ok(Suggestion { form, known, rows: rows as u64, columns, ties })
}

/// The cells that are not empty, by column, of the first rows that can be read, and how many rows these are.
fn sample(path: &Path, form: &Form, model: &Model, hint: &Hint) -> Result<(Vec<Vec<String>>, usize), Error> {
    let file = SourceFile { name: format!("{}.toml", write::UNKNOWN), text: write::unmapped(form) };
    let departments = Departments::parse(&[file], model)?;
    let opened = open(path, &departments, &divided(hint)).map_err(|error| unclear(path, error))?;
    let (mut rows, mut row) = (reader(&opened)?, Row::default());
    let (mut values, mut count, mut bytes) = (vec![Vec::new(); form.columns.len()], 0, 0);
    while count < ROWS && bytes < BYTES && rows.next(&mut row)? {
        if row.fault.is_some()
            || row.cells.iter().all(|cell| cell.trim().is_empty())
            || crate::remark::is_remark(crate::block::Cells::Alone(&row.cells))
        {
            continue;
        }
        count += 1;
        for (values, cell) in values.iter_mut().zip(&row.cells) {
            bytes += cell.len();
            if Kind::Text.clean(cell, &model.codes).is_ok_and(|clean| !clean.is_empty()) {
                values.push(cell.clone());
            }
        }
    }
    Ok((values, count))
}

/// What was said of how the text is written and divided; whose it is nobody knows.
fn divided(hint: &Hint) -> Hint {
    let Hint { encoding, delimiter, quote, escape, format, .. } = hint.clone();
    Hint { encoding, delimiter, quote, escape, format, ..Hint::default() }
}

/// Headings that two ways of looking read differently are not for anybody to rely on.
fn unclear(path: &Path, error: Error) -> Error {
    if !matches!(error, Error::Unmapped { .. }) {
        return error;
    }
    let detail = "where its headings stand, or how they are joined, is not clear".to_owned();
    Error::Unmapped { path: path.display().to_string(), detail, hint: "put one row of headings above the data".to_owned() }
}

fn suggested(column: &Column<'_>, decided: Result<Choice, String>, rows: usize, words: &Words, model: &Model) -> Suggested {
    let filled = percent(column.values.len(), rows);
    let heading = column.heading.to_owned();
    if is_protected(column.heading) {
        let reasons = vec!["列名涉及敏感个人信息（个人信息保护法第28条），没有明确依据不得保存".to_owned()];
        return Suggested { heading, target: None, reasons, filled, is_protected: true };
    }
    match decided {
        Err(_) if fit::spans(column.values) => {
            let reasons = vec!["值像起止两个日期，请用 split 和 take 分别映射".to_owned()];
            Suggested { heading, target: None, reasons, filled, is_protected: false }
        }
        Err(why) => Suggested { heading, target: None, reasons: vec![why], filled, is_protected: false },
        Ok(choice) => {
            let reasons = vec![choice.meaning.why.clone(), by_values(&choice, column, model)];
            Suggested { heading, target: Some(target(choice, column, words, model)), reasons, filled, is_protected: false }
        }
    }
}

fn kind<'m>(choice: &Choice, model: &'m Model) -> Option<&'m Kind> {
    Some(&model.entity(&choice.meaning.entity)?.property(&choice.meaning.property)?.kind)
}

fn target(choice: Choice, column: &Column<'_>, words: &Words, model: &Model) -> Target {
    let kind = kind(&choice, model).cloned();
    let (like, unlike) = mixed(&choice, kind.as_ref(), column, model);
    let Choice { meaning, role, fit, score } = choice;
    Target {
        role,
        label: words.label(&meaning.entity, &meaning.property).to_owned(),
        is_coordinate: kind == Some(Kind::Number) && matches!(meaning.property.as_str(), "longitude" | "latitude"),
        entity: meaning.entity,
        property: meaning.property,
        confidence: hundredths(score),
        dates: fit.dates,
        codes: fit.codes,
        list: fit.list,
        like,
        unlike,
    }
}

/// What a column needs that holds numbers of people and of organisations, or names of both.
fn mixed(choice: &Choice, kind: Option<&Kind>, column: &Column<'_>, model: &Model) -> (Option<String>, Option<String>) {
    let others = |other: fit::Fit| other.fitting * 50 > other.all;
    let of = |kind: &Kind| others(fit::fit(column.values, kind, &model.codes));
    match kind {
        Some(own @ Kind::CitizenId) if choice.fit.list.is_none() && of(&Kind::CreditCode) => (Some(own.name()), None),
        Some(own @ Kind::CreditCode) if of(&Kind::CitizenId) || of(&Kind::OrganizationCode) || of(&Kind::BusinessNo) => {
            (Some(own.name()), None)
        }
        Some(Kind::Name) if others(fit::organizations(column.values)) => (None, Some("organization_name".to_owned())),
        _ => (None, None),
    }
}

/// What the values say of the choice, in counts.
fn by_values(choice: &Choice, column: &Column<'_>, model: &Model) -> String {
    let share = percent(choice.fit.fitting, choice.fit.all);
    let is_organization = model.entity(&choice.meaning.entity).is_some_and(|entity| entity.category == Category::Organization);
    match kind(choice, model) {
        _ if choice.fit.all == 0 => "样本中该列没有值".to_owned(),
        Some(Kind::Text) if is_organization && choice.meaning.property == "name" => format!("{share} % 的值像单位名称"),
        Some(Kind::Text) | None => format!("不同的值占 {} %", hundredths(fit::distinct(column.values))),
        Some(Kind::Name) => format!("{share} % 的值像姓名"),
        Some(Kind::Phone) => format!("{share} % 的值像电话号码"),
        Some(Kind::Address) => format!("{share} % 的值像地址"),
        Some(Kind::Date) => format!("{share} % 的值是日期"),
        Some(Kind::Code(list)) => {
            let list = choice.fit.codes.as_ref().unwrap_or(list);
            format!("{share} % 的值在代码表“{}”中", model.codes.list(list).map_or(list.as_str(), |list| list.title.as_str()))
        }
        Some(Kind::Number) => format!("{share} % 的值是数字"),
        Some(_) => format!("{share} % 的值通过该号码的校验"),
    }
}

fn percent(part: usize, all: usize) -> u8 {
    u8::try_from((part * 100).checked_div(all).unwrap_or(0)).unwrap_or(100)
}

/// A share of 0 to 1 in percent.
fn hundredths(share: f64) -> u8 {
    (0..=100).rev().find(|percent| f64::from(*percent) <= share * 100.0).unwrap_or(0)
}

#[cfg(test)]
mod tests;
