//! What a table function takes: literals and parameters, by place or by name. A column cannot be one, since a function is called once, before
//! any row is there.

use super::{Opening, SeenGraph};
use crate::{Error, Parameters};
use arrow_array::{Array as _, cast::AsArray as _, types::Int64Type};
use arrow_schema::DataType;
use std::{collections::BTreeMap, sync::Arc};

/// An argument.
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) otherwise: Otherwise,
}

/// What is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// The number of an entity.
    Entity,
    /// A whole number from 1 to this.
    Count(i64),
    /// Names of relations with commas between.
    Relations,
    /// A date, ISO 8601, as exact as one likes, of the years that the graph tells apart.
    Day,
    /// Whatever somebody types.
    Words,
    /// An entity type.
    Type,
}

/// What stands for an argument that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// It must not be left out.
    Wanted,
    Number(i64),
    Null,
    /// The day of the question, in Beijing.
    Today,
}

/// What was written for an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Nothing,
    Null,
    Number(i64),
    Text(String),
    /// `$1` is 1.
    Parameter(usize),
}

/// The values of a call's arguments, in order; none is NULL. With them comes what it may walk over.
#[derive(Clone)]
pub(super) struct Arguments {
    values: Vec<Option<Value>>,
    graph: Arc<Opening>,
}

#[derive(Debug, Clone)]
enum Value {
    Number(i64),
    Text(String),
}

impl Arguments {
    /// The graph as whoever calls sees it.
    pub(super) async fn graph(&self) -> Result<SeenGraph, Error> {
        (self.graph)().await
    }

    pub(super) fn number(&self, at: usize) -> Option<i64> {
        if let Some(Some(Value::Number(number))) = self.values.get(at) { Some(*number) } else { None }
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        if let Some(Some(Value::Text(text))) = self.values.get(at) { Some(text) } else { None }
    }

    /// The names in a list.
    pub(super) fn names(&self, at: usize) -> Vec<String> {
        let names = self.text(at).unwrap_or_default().split(',').map(str::trim);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }
}

/// What of a question decides what its calls are given.
pub(crate) struct Given<'a> {
    pub(crate) parameters: &'a Parameters,
    /// The day, ISO 8601.
    pub(crate) today: &'a str,
    /// The relations that whoever asks sees.
    pub(crate) relations: &'a [String],
    /// The entity types that they see.
    pub(crate) types: &'a [String],
    /// Opens the graph as they see it.
    pub(crate) graph: &'a Arc<Opening>,
}

impl Argument {
    pub(super) fn told(&self) -> String {
        let kind = if matches!(self.takes, Takes::Entity | Takes::Count(_)) { "bigint" } else { "text" };
        match self.otherwise {
            Otherwise::Wanted => format!("{} {kind}", self.name),
            Otherwise::Number(number) => format!("{} {kind} DEFAULT {number}", self.name),
            Otherwise::Null => format!("{} {kind} DEFAULT NULL", self.name),
            Otherwise::Today => format!("{} {kind} DEFAULT today", self.name),
        }
    }

    /// The type of a parameter in its place.
    pub(super) fn kind(&self) -> DataType {
        if matches!(self.takes, Takes::Entity | Takes::Count(_)) { DataType::Int64 } else { DataType::Utf8 }
    }

    fn value(&self, written: &Written, given: &Given<'_>) -> Result<Option<Value>, Error> {
        let value = match written {
            Written::Nothing => match self.otherwise {
                Otherwise::Number(number) => Some(Value::Number(number)),
                Otherwise::Today => Some(Value::Text(given.today.to_owned())),
                Otherwise::Wanted | Otherwise::Null => None,
            },
            Written::Null => None,
            Written::Number(number) => Some(Value::Number(*number)),
            Written::Text(text) => Some(Value::Text(text.clone())),
            Written::Parameter(number) => self.parameter(*number, given.parameters)?,
        };
        match (&value, self.takes) {
            (Some(Value::Number(_)), Takes::Entity) | (None, _) => {}
            (Some(Value::Number(number)), Takes::Count(most)) if (1..=most).contains(number) => {}
            (_, Takes::Count(most)) => return self.refused(&format!("is a whole number from 1 to {most}")),
            (Some(Value::Text(day)), Takes::Day) if is_day(day) => {}
            (_, Takes::Day) => return self.refused("is a date such as '2026-11-29', from 1901 to 2078"),
            (Some(Value::Text(names)), Takes::Relations) => {
                for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    if !given.relations.iter().any(|known| known == name) {
                        return Err(Error::unknown("relation", name, given.relations.iter().map(String::as_str)));
                    }
                }
            }
            (Some(Value::Text(_)), Takes::Words) => {}
            (_, Takes::Words) => return self.refused("is a text"),
            (Some(Value::Text(name)), Takes::Type) if given.types.contains(name) => {}
            (Some(Value::Text(name)), Takes::Type) => {
                return Err(Error::unknown("entity type", name, given.types.iter().map(String::as_str)));
            }
            (_, Takes::Type) => return self.refused("is the name of an entity type, e.g. 'person'"),
            (_, Takes::Entity) => return self.refused("is the number of an entity"),
            (_, Takes::Relations) => return self.refused("is a text of relations with commas between, e.g. 'parent,spouse'"),
        }
        Ok(value)
    }

    fn parameter(&self, number: usize, parameters: &Parameters) -> Result<Option<Value>, Error> {
        let value = parameters.as_kind(number, &self.kind())?;
        Ok(match value.data_type() {
            _ if value.is_null(0) => None,
            DataType::Int64 => Some(Value::Number(value.as_primitive::<Int64Type>().value(0))),
            _ => Some(Value::Text(value.as_string::<i32>().value(0).to_owned())),
        })
    }

    fn refused<T>(&self, detail: &str) -> Result<T, Error> {
        let detail = format!("the argument `{}` {detail}", self.name);
        Err(Error::Refused { rule: "function", detail, hint: "contract.function says what each function takes".to_owned() })
    }
}

/// The values of all arguments.
pub(super) fn values(arguments: &[Argument], written: &[Written], given: &Given<'_>) -> Result<Arguments, Error> {
    let values = arguments.iter().zip(written).map(|(argument, written)| argument.value(written, given)).collect::<Result<_, _>>()?;
    Ok(Arguments { values, graph: Arc::clone(given.graph) })
}

/// The types of the parameters among them, by number.
pub(super) fn parameters(arguments: &[Argument], written: &[Written]) -> BTreeMap<usize, DataType> {
    let number = |(argument, written): (&Argument, &Written)| match written {
        Written::Parameter(number) => Some((*number, argument.kind())),
        _ => None,
    };
    arguments.iter().zip(written).filter_map(number).collect()
}

/// Years of which the graph's file knows whether a day is before or after: those of [`wuwei_graph::csr::Day`], but the first and last.
const YEARS: std::ops::RangeInclusive<&str> = "1901"..="2078";

/// A year, a month of one, or a day of one.
pub(super) fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_known = matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2]);
    is_known && YEARS.contains(&parts[0]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}
