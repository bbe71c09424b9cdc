//! Functions that clients of PostgreSQL call and that depend on who is connected, or that `datafusion-pg-catalog` does not have.

use super::{
    DATABASE,
    table::{Seen, columns_of},
};
use arrow_array::{Array as _, ArrayRef, Int32Array, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::{
    common::{Result, ScalarValue},
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility},
};
use std::{
    collections::BTreeMap,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// The version that is told: the protocol and the catalogue are those of this one.
const VERSION: &str = concat!("PostgreSQL 15.0 (wuwei ", env!("CARGO_PKG_VERSION"), ")");

/// All of them, for whoever is connected.
pub(super) fn all(seen: &Seen, account: &str, settings: BTreeMap<String, String>) -> Vec<ScalarUDF> {
    let mut comments = BTreeMap::new();
    for table in &seen.tables {
        comments.insert((i64::from(table.oid), 0), table.comment.clone());
        comments.extend(columns_of(table).map(|(place, column)| ((i64::from(table.oid), i64::from(place)), column.comment.clone())));
    }
    let comments = Arc::new(comments);
    let classes: BTreeMap<String, i32> =
        seen.tables.iter().map(|table| (format!("{}.{}", table.namespace, table.name), table.oid)).collect();
    let of_columns = Arc::clone(&comments);
    let mut all = vec![
        function("obj_description", move |args| texts(args, |row| comments.get(&(row.whole(0)?, 0)).cloned())),
        function("col_description", move |args| texts(args, |row| of_columns.get(&(row.whole(0)?, row.whole(1)?)).cloned())),
        function("to_regclass", move |args| wholes(args, |row| classes.get(&row.text(0)?).copied())),
        function("current_setting", move |args| texts(args, |row| settings.get(&row.text(0)?.to_ascii_lowercase()).cloned())),
    ];
    let text = |text: &str| ScalarValue::from(text);
    let nothing = ScalarValue::Utf8(None);
    for (name, value) in [
        ("version", text(VERSION)),
        ("session_user", text(account)),
        ("current_user", text(account)),
        ("current_role", text(account)),
        ("current_catalog", text(DATABASE)),
        ("pg_get_userbyid", text(DATABASE)),
        ("pg_is_in_recovery", ScalarValue::from(false)),
        ("pg_type_is_visible", ScalarValue::from(true)),
        ("pg_function_is_visible", ScalarValue::from(true)),
        ("pg_is_other_temp_schema", ScalarValue::from(false)),
        ("pg_my_temp_schema", ScalarValue::from(0)),
        ("txid_current", ScalarValue::from(0_i64)),
        ("inet_server_port", ScalarValue::Int32(None)),
        ("to_regtype", ScalarValue::Int32(None)),
        ("pg_table_size", ScalarValue::Int64(None)),
        ("pg_indexes_size", ScalarValue::Int64(None)),
        ("pg_collation_is_visible", ScalarValue::from(true)),
        ("pg_size_pretty", nothing.clone()),
        ("json_build_object", nothing.clone()),
        ("pg_get_ruledef", nothing.clone()),
        ("pg_get_triggerdef", nothing.clone()),
        ("inet_server_addr", nothing.clone()),
        ("shobj_description", nothing.clone()),
        ("pg_get_viewdef", nothing.clone()),
        ("pg_get_indexdef", nothing.clone()),
        ("pg_get_serial_sequence", nothing.clone()),
        ("pg_get_function_result", nothing.clone()),
        ("pg_get_function_arguments", nothing.clone()),
        ("pg_get_function_identity_arguments", nothing.clone()),
        ("pg_tablespace_location", nothing),
    ] {
        let value = ColumnarValue::Scalar(value);
        all.push(Given { name, kind: value.data_type(), compute: Arc::new(move |_| Ok(value.clone())) }.into());
    }
    all
}

/// One that computes: text, or the number of an object.
fn function(name: &'static str, compute: impl Fn(&ScalarFunctionArgs) -> Result<ColumnarValue> + Send + Sync + 'static) -> ScalarUDF {
    let kind = if name == "to_regclass" { DataType::Int32 } else { DataType::Utf8 };
    Given { name, kind, compute: Arc::new(compute) }.into()
}

/// One row of arguments.
struct Row<'a>(&'a [ArrayRef], usize);

impl Row<'_> {
    fn whole(&self, at: usize) -> Option<i64> {
        let array = cast(self.0.get(at)?, &DataType::Int64).ok()?;
        let array = array.as_primitive::<Int64Type>();
        array.is_valid(self.1).then(|| array.value(self.1))
    }

    fn text(&self, at: usize) -> Option<String> {
        let array = cast(self.0.get(at)?, &DataType::Utf8).ok()?;
        let array = array.as_string::<i32>();
        array.is_valid(self.1).then(|| array.value(self.1).to_owned())
    }
}

fn wholes(args: &ScalarFunctionArgs, of: impl Fn(&Row<'_>) -> Option<i32>) -> Result<ColumnarValue> {
    let columns: Vec<ArrayRef> = args.args.iter().map(|value| value.clone().into_array(args.number_rows)).collect::<Result<_>>()?;
    let found: Int32Array = (0..args.number_rows).map(|at| of(&Row(&columns, at))).collect();
    Ok(ColumnarValue::Array(Arc::new(found)))
}

fn texts(args: &ScalarFunctionArgs, of: impl Fn(&Row<'_>) -> Option<String>) -> Result<ColumnarValue> {
    let columns: Vec<ArrayRef> = args.args.iter().map(|value| value.clone().into_array(args.number_rows)).collect::<Result<_>>()?;
    let found: StringArray = (0..args.number_rows).map(|at| of(&Row(&columns, at)).filter(|text| !text.is_empty())).collect();
    Ok(ColumnarValue::Array(Arc::new(found)))
}

/// What a function computes.
type Compute = dyn Fn(&ScalarFunctionArgs) -> Result<ColumnarValue> + Send + Sync;

/// A function of any arguments.
struct Given {
    name: &'static str,
    kind: DataType,
    compute: Arc<Compute>,
}

static ANY: std::sync::LazyLock<Signature> = std::sync::LazyLock::new(|| {
    Signature::new(TypeSignature::OneOf(vec![TypeSignature::Nullary, TypeSignature::VariadicAny]), Volatility::Stable)
});

impl ScalarUDFImpl for Given {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &ANY
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.kind.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        (self.compute)(&args)
    }
}

impl PartialEq for Given {
    fn eq(&self, other: &Given) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.compute, &other.compute)
    }
}

impl Eq for Given {}

impl Hash for Given {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("name", &self.name).finish_non_exhaustive()
    }
}
