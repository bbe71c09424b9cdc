//! Parameters of a question, `$1`, `$2` …: their values come apart from its text, so that no value has to be written into SQL. A value is an
//! Arrow array of one row, which passes between rooms and processes alike.

use crate::{Error, error};
use arrow_array::{Array as _, ArrayRef};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{DataType, SchemaRef};
use datafusion::{
    common::{ParamValues, ScalarValue},
    logical_expr::LogicalPlan,
};
use std::collections::BTreeMap;

/// Parameters that one question may have.
const MOST: usize = 1_000;

/// What is known of a question's parameters.
#[derive(Debug, Clone)]
pub(crate) enum Parameters {
    /// Their values, in order, each an array of one row.
    Given(Vec<ArrayRef>),
    /// Their types, as far as whoever asks tells them: the question is not to be run.
    Typed(Vec<Option<DataType>>),
}

impl Parameters {
    /// None.
    pub(crate) fn none() -> Parameters {
        Parameters::Given(Vec::new())
    }

    /// The plan with values in their places, and the types of all of them, in order. A parameter of which neither whoever asks nor the plan
    /// knows a type is text.
    pub(crate) fn put(&self, plan: LogicalPlan) -> Result<(LogicalPlan, Vec<DataType>), Error> {
        let named = plan.get_parameter_types().map_err(|error| error::planning(&error))?;
        let mut inferred = BTreeMap::new();
        for (name, kind) in named {
            let number =
                name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()).filter(|number| (1..=MOST).contains(number));
            let hint = || format!("number them $1, $2 and so on, {MOST} at most");
            inferred.insert(number.ok_or_else(|| wrong("a parameter has a name", hint()))?, kind);
        }
        let count = inferred.keys().next_back().copied().unwrap_or(0).max(self.len());
        if count == 0 {
            return Ok((plan, Vec::new()));
        }
        let mut values = Vec::with_capacity(count);
        for number in 1..=count {
            values.push(self.value(number, inferred.remove(&number).flatten())?);
        }
        let kinds = values.iter().map(ScalarValue::data_type).collect();
        let values = ParamValues::List(values.into_iter().map(Into::into).collect());
        Ok((plan.with_param_values(values).map_err(|error| error::planning(&error))?, kinds))
    }

    fn len(&self) -> usize {
        match self {
            Parameters::Given(values) => values.len(),
            Parameters::Typed(kinds) => kinds.len(),
        }
    }

    /// The value at a place, of the type that the plan wants there. Before there are values it is NULL of its type.
    fn value(&self, number: usize, wanted: Option<DataType>) -> Result<ScalarValue, Error> {
        match self {
            Parameters::Given(values) => {
                let Some(value) = values.get(number - 1).filter(|value| value.len() == 1) else {
                    return Err(wrong(&format!("the parameter ${number} has no value"), "give a value for each".to_owned()));
                };
                let kind = wanted.unwrap_or_else(|| value.data_type().clone());
                // A value that is none of the type is an error, not NULL.
                let strict = CastOptions { safe: false, ..CastOptions::default() };
                let value = cast_with_options(value, &kind, &strict).map_err(|_| Error::Value)?;
                ScalarValue::try_from_array(&value, 0).map_err(|_| Error::Value)
            }
            Parameters::Typed(kinds) => {
                let told = kinds.get(number - 1).cloned().flatten();
                let kind = told.or(wanted).unwrap_or(DataType::Utf8);
                ScalarValue::try_from(&kind).map_err(|error| error::planning(&error))
            }
        }
    }
}

fn wrong(detail: &str, hint: String) -> Error {
    Error::Refused { rule: "parameters", detail: detail.to_owned(), hint }
}

/// What an answer will be, known before it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The answer's columns.
    pub schema: SchemaRef,
    /// The types of the question's parameters, `$1` first.
    pub parameters: Vec<DataType>,
}
