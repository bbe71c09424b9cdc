//! Parameters of a question, `$1`, `$2` …: their values come apart from its text, so that no value has to be written into SQL. A value is an
//! Arrow array of one row, which passes between rooms and processes alike.

use crate::{Error, error};
use arrow_array::{Array as _, ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use datafusion::{
    arrow::ipc::{reader::StreamReader, writer::StreamWriter},
    common::{ParamValues, ScalarValue},
    logical_expr::LogicalPlan,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// Parameters that one question may have.
const MOST: usize = 1_000;

/// What is known of a question's parameters.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Sent", into = "Sent")]
pub enum Parameters {
    /// Their values, in order, each an array of one row.
    Given(Vec<ArrayRef>),
    /// Their types, as far as whoever asks tells them: the question is not to be run.
    Typed(Vec<Option<DataType>>),
}

impl Parameters {
    /// None.
    pub fn none() -> Parameters {
        Parameters::Given(Vec::new())
    }

    /// Whether there are values, by which the question can be run.
    pub fn are_given(&self) -> bool {
        matches!(self, Parameters::Given(_))
    }

    /// The plan with values in their places, and the types of all of them, in order. A parameter of which neither whoever asks nor the plan
    /// knows a type is text.
    /// `more` are types of parameters that stand outside the plan.
    pub(crate) fn put(&self, plan: LogicalPlan, more: BTreeMap<usize, DataType>) -> Result<(LogicalPlan, Vec<DataType>), Error> {
        let named = plan.get_parameter_types().map_err(|error| error::planning(&error))?;
        let mut inferred = BTreeMap::new();
        for (name, kind) in named {
            let number =
                name.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()).filter(|number| (1..=MOST).contains(number));
            let hint = || format!("number them $1, $2 and so on, {MOST} at most");
            inferred.insert(number.ok_or_else(|| wrong("a parameter has a name", hint()))?, kind);
        }
        for (number, kind) in more {
            inferred.entry(number).or_insert(Some(kind));
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

    /// The value at a place as one of that type; NULL before there are values.
    pub(crate) fn as_kind(&self, number: usize, kind: &DataType) -> Result<ArrayRef, Error> {
        match self {
            Parameters::Given(_) => self.value(number, Some(kind.clone()))?.to_array().map_err(|_| Error::Value),
            Parameters::Typed(_) => Ok(new_null_array(kind, 1)),
        }
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

/// As they pass between processes: an Arrow IPC stream, of one row where there are values, and else of none; then a column of nothing is a
/// parameter of which nobody tells a type.
#[derive(Serialize, Deserialize)]
struct Sent(Vec<u8>);

impl From<Parameters> for Sent {
    fn from(parameters: Parameters) -> Sent {
        let (columns, rows) = match &parameters {
            Parameters::Given(values) => (columns(values.iter().map(|value| value.data_type().clone())), Some(values.clone())),
            Parameters::Typed(kinds) => (columns(kinds.iter().map(|kind| kind.clone().unwrap_or(DataType::Null))), None),
        };
        // What cannot be written is nothing, which nobody reads as parameters: the question fails.
        Sent(sent(&columns, rows).unwrap_or_default())
    }
}

fn sent(columns: &SchemaRef, values: Option<Vec<ArrayRef>>) -> Result<Vec<u8>, ArrowError> {
    let mut stream = StreamWriter::try_new(Vec::new(), columns)?;
    if let Some(values) = values {
        let one = RecordBatchOptions::new().with_row_count(Some(1));
        stream.write(&RecordBatch::try_new_with_options(Arc::clone(columns), values, &one)?)?;
    }
    stream.into_inner()
}

impl TryFrom<Sent> for Parameters {
    type Error = ArrowError;

    fn try_from(Sent(bytes): Sent) -> Result<Parameters, ArrowError> {
        let mut stream = StreamReader::try_new(&bytes[..], None)?;
        let kind = |field: &Arc<Field>| Some(field.data_type().clone()).filter(|kind| kind != &DataType::Null);
        let kinds = stream.schema().fields().iter().map(kind).collect();
        Ok(match stream.next().transpose()? {
            Some(row) => Parameters::Given(row.columns().to_vec()),
            None => Parameters::Typed(kinds),
        })
    }
}

/// Types of parameters as columns, in order.
pub fn columns(kinds: impl Iterator<Item = DataType>) -> SchemaRef {
    let field = |(place, kind)| Field::new(format!("${}", place + 1), kind, true);
    Arc::new(Schema::new(kinds.enumerate().map(field).collect::<Vec<_>>()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Date32Array, Int64Array, NullArray, StringArray};

    #[test]
    fn parameters_are_the_same_in_another_process() {
        let values: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec!["低保'; --"])),
            Arc::new(Int64Array::from(vec![None])),
            Arc::new(Date32Array::from(vec![20_000])),
            Arc::new(NullArray::new(1)),
        ];
        let passed = |parameters: Parameters| {
            let text = serde_json::to_string(&parameters).unwrap();
            serde_json::from_str::<Parameters>(&text).unwrap()
        };
        for values in [Vec::new(), values] {
            let Parameters::Given(there) = passed(Parameters::Given(values.clone())) else { panic!("they were values") };
            assert_eq!(there, values);
        }
        for kinds in [vec![Some(DataType::Date32), None, Some(DataType::Utf8)], vec![None]] {
            let Parameters::Typed(there) = passed(Parameters::Typed(kinds.clone())) else { panic!("they were types") };
            assert_eq!(there, kinds);
        }
        assert!(serde_json::from_str::<Parameters>("[1,2,3]").is_err());
        assert!(serde_json::from_str::<Parameters>("[]").is_err(), "what could not be written is no question without parameters");
    }
}
