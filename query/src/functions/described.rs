//! What a function says of itself, in both languages, and the table that shows it: the words here are the documentation, and each example is
//! run by a test. Nothing is computed here.

use crate::{
    Error,
    catalogue::{Source, Table},
    graph_table, linkage, table_function,
};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_schema::{Codes, table::comment};

/// A function over values.
#[derive(Debug)]
pub(crate) struct Described {
    pub(super) name: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) arguments: &'static [Argument],
    pub(super) gives: Gives,
    /// A call, and what it shows.
    pub(super) example: (&'static str, &'static str),
}

/// An argument. Where one is NULL the answer is NULL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
}

/// What is taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// A text of whatever encoding of columns.
    Text,
    /// A date: a text as the kind takes it, a DATE, or a TIMESTAMP, which counts by its day in Beijing.
    Day,
    /// A text that is one of some words; a literal that is none is refused before anything is read.
    Word(fn(&str, &Codes) -> bool),
}

/// What is given for arguments of which none is NULL; dates are texts, ISO 8601.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    Text(fn(&[&str], &Codes) -> Option<String>),
    Flag(fn(&[&str], &Codes) -> Option<bool>),
    Count(fn(&[&str], &Codes) -> Option<i64>),
    /// Texts side by side, under these names.
    Texts(fn() -> Vec<&'static str>, fn(&[&str], &Codes) -> Vec<Option<String>>),
}

impl Gives {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Gives::Text(_) => DataType::Utf8,
            Gives::Flag(_) => DataType::Boolean,
            Gives::Count(_) => DataType::Int64,
            Gives::Texts(names, _) => {
                DataType::Struct(names().into_iter().map(|name| Field::new(name, DataType::Utf8, true)).collect::<Fields>())
            }
        }
    }

    fn word(self) -> String {
        match self {
            Gives::Text(_) => "text".to_owned(),
            Gives::Flag(_) => "boolean".to_owned(),
            Gives::Count(_) => "bigint".to_owned(),
            Gives::Texts(names, _) => format!("struct({})", names().join(", ")),
        }
    }
}

/// A line of the documentation.
#[derive(Debug, Clone)]
pub(crate) struct Documented {
    pub(crate) name: &'static str,
    pub(crate) arguments: String,
    pub(crate) returns: String,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    /// A call, or a question where it needs rows.
    pub(crate) example: &'static str,
    /// What a call shows; none of a question.
    pub(crate) shows: Option<&'static str>,
}

impl Described {
    fn documented(&self) -> Documented {
        let word = |argument: &Argument| match argument.takes {
            Takes::Text | Takes::Word(_) => format!("{} text", argument.name),
            Takes::Day => format!("{} date", argument.name),
        };
        Documented {
            name: self.name,
            arguments: self.arguments.iter().map(word).collect::<Vec<_>>().join(", "),
            returns: self.gives.word(),
            zh: self.zh,
            en: self.en,
            example: self.example.0,
            shows: Some(self.example.1),
        }
    }
}

/// All functions of ours, those of record linkage too.
pub(super) fn documented() -> Vec<Documented> {
    let ours = super::ALL.into_iter().map(Described::documented);
    ours.chain([super::explain_link::documented()])
        .chain(linkage::documented())
        .chain(table_function::documented())
        .chain([graph_table::documented()])
        .collect()
}

/// The table of functions; its rows are made when they are asked for.
pub(crate) fn table() -> (String, Table) {
    let (zh, en) = ("函数说明".to_owned(), "Functions of SQL that this hub adds to the engine's".to_owned());
    ("contract.function".to_owned(), Table { schema: schema(), zh, en, source: Source::Functions })
}

/// A row a function.
pub(crate) fn rows() -> Result<RecordBatch, Error> {
    let all = documented();
    let text = |of: &dyn Fn(&Documented) -> Option<String>| Arc::new(all.iter().map(of).collect::<StringArray>()) as ArrayRef;
    let columns = vec![
        text(&|function| Some(function.name.to_owned())),
        text(&|function| Some(function.arguments.clone())),
        text(&|function| Some(function.returns.clone())),
        text(&|function| Some(function.zh.to_owned())),
        text(&|function| Some(function.en.to_owned())),
        text(&|function| Some(function.example.to_owned())),
        text(&|function| function.shows.map(str::to_owned)),
    ];
    RecordBatch::try_new(schema(), columns).map_err(|_| Error::Engine { detail: "functions do not fit their table" })
}

fn schema() -> SchemaRef {
    let text = |name: &str, zh: &str, en: &str| comment(Field::new(name, DataType::Utf8, false), zh, en);
    let shows = Field::new("shows", DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("name", "函数名", "Name"),
        text("arguments", "参数", "What it takes, by name and type; where one is NULL the answer is NULL"),
        text("returns", "返回类型", "What it gives"),
        text("zh", "中文说明", "What it says, in Chinese"),
        text("en", "英文说明", "What it says"),
        text("example", "示例", "A call, or a question where it needs rows"),
        comment(shows, "示例结果", "What the call shows; empty of a question"),
    ]))
}
