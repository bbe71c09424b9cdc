//! How SQL calls a function over values: its types, its NULLs, its rows. Whatever encoding of text a column has, the function sees `&str`.

use super::{Described, Gives, Takes};
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray, StructArray, cast::AsArray as _,
    types::TimestampMillisecondType,
};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, FieldRef, TimeUnit};
use datafusion::{
    common::{Result, plan_err},
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};
use wuwei_schema::Codes;

/// Beijing is eight hours ahead.
const BEIJING_MS: i64 = 8 * 3_600_000;

/// The function of SQL that a description is of.
pub(super) fn function(described: &'static Described, codes: &Arc<Codes>) -> Arc<ScalarUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(ScalarUDF::from(Function { described, signature, codes: Arc::clone(codes) }))
}

#[derive(Debug)]
struct Function {
    described: &'static Described,
    signature: Signature,
    codes: Arc<Codes>,
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.described.name == other.described.name && Arc::ptr_eq(&self.codes, &other.codes)
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.described.name.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.described.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Numbers are not taken for texts: their leading zeros are gone.
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let Described { name, arguments, .. } = self.described;
        if given.len() != arguments.len() {
            let names = arguments.iter().map(|argument| argument.name).collect::<Vec<_>>().join(" ");
            return plan_err!("{name} takes {} arguments ({names})", arguments.len());
        }
        let taken = arguments.iter().zip(given).map(|(argument, given)| match (argument.takes, given) {
            (_, DataType::Null) => Ok(DataType::Utf8),
            (_, text) if is_text(text) => Ok(DataType::Utf8),
            (Takes::Day, DataType::Date32 | DataType::Date64) => Ok(DataType::Date32),
            (Takes::Day, DataType::Timestamp(..)) => Ok(DataType::Timestamp(TimeUnit::Millisecond, None)),
            (Takes::Day, _) => plan_err!("{name} takes a date or a text as ({})", argument.name),
            _ => plan_err!("{name} takes a text as ({})", argument.name),
        });
        taken.collect()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.described.gives.data_type())
    }

    fn return_field_from_args(&self, given: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        for (argument, literal) in self.described.arguments.iter().zip(given.scalar_arguments) {
            if let (Takes::Word(is_known), Some(Some(word))) = (argument.takes, literal.map(|literal| literal.try_as_str().flatten()))
                && !is_known(word, &self.codes)
            {
                return plan_err!("{} knows no such ({})", self.described.name, argument.name);
            }
        }
        Ok(Arc::new(Field::new(self.described.name, self.described.gives.data_type(), true)))
    }

    fn invoke_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = given.args.iter().map(|argument| texts(&argument.to_array(given.number_rows)?)).collect::<Result<Vec<_>>>()?;
        Ok(ColumnarValue::Array(computed(self.described.gives, &columns, given.number_rows, &self.codes)?))
    }
}

fn is_text(given: &DataType) -> bool {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// The texts of an argument; of dates those of ISO 8601.
fn texts(column: &ArrayRef) -> Result<StringArray> {
    let column = match column.as_primitive_opt::<TimestampMillisecondType>() {
        Some(times) => {
            let day = |ms: i64| i32::try_from((ms.saturating_add(BEIJING_MS)).div_euclid(86_400_000)).ok();
            Arc::new(times.iter().map(|ms| ms.and_then(day)).collect::<Date32Array>()) as ArrayRef
        }
        None => Arc::clone(column),
    };
    Ok(cast(&column, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn computed(gives: Gives, columns: &[StringArray], rows: usize, codes: &Codes) -> Result<ArrayRef> {
    let mut row = Vec::with_capacity(columns.len());
    // The texts of a row, if none of them is NULL.
    let mut whole = |at: usize| {
        row.clear();
        row.extend(columns.iter().filter(|column| column.is_valid(at)).map(|column| column.value(at)));
        (row.len() == columns.len()).then(|| row.clone())
    };
    Ok(match gives {
        Gives::Text(of) => Arc::new((0..rows).map(|at| whole(at).and_then(|row| of(&row, codes))).collect::<StringArray>()),
        Gives::Flag(of) => Arc::new((0..rows).map(|at| whole(at).and_then(|row| of(&row, codes))).collect::<BooleanArray>()),
        Gives::Count(of) => Arc::new((0..rows).map(|at| whole(at).and_then(|row| of(&row, codes))).collect::<Int64Array>()),
        Gives::Texts(names, of) => {
            let found: Vec<Option<Vec<Option<String>>>> = (0..rows).map(|at| whole(at).map(|row| of(&row, codes))).collect();
            let text = |place: usize| -> StringArray {
                found.iter().map(|texts| texts.as_ref().and_then(|texts| texts.get(place)?.as_deref())).collect()
            };
            let fields: Vec<FieldRef> = names().into_iter().map(|name| Arc::new(Field::new(name, DataType::Utf8, true))).collect();
            let texts = (0..fields.len()).map(|place| Arc::new(text(place)) as ArrayRef).collect();
            let valid = found.iter().map(Option::is_some).collect::<Vec<_>>();
            Arc::new(StructArray::try_new(fields.into(), texts, Some(valid.into()))?)
        }
    })
}
