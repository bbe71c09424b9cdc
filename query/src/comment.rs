//! What every table and column means, in both languages, as two tables that SQL can read. The words are the schemas' own; whoever asks finds
//! the tables that they see, and no others, with the rows that they see of them and what of these is clear.

use crate::{
    Error,
    catalogue::{Source, Table},
    guard::Names as _,
    rights::Visible,
};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_schema::{contract, learned, table::comment};

/// The two tables; their rows are made when they are asked for.
pub(crate) fn tables() -> [(String, Table); 2] {
    let table = |name: &str, zh: &str, en: &str, schema, source| {
        (format!("contract.{name}"), Table { schema, zh: zh.to_owned(), en: en.to_owned(), source })
    };
    [
        table("table_comment", "表的说明", "What every table holds", of_tables(), Source::TableComments),
        table("column_comment", "列的说明", "What every column means", of_columns(), Source::ColumnComments),
    ]
}

/// A row a table.
pub(crate) fn table_rows(visible: Visible<'_>) -> Result<RecordBatch, Error> {
    batch(&of_tables(), &seen_tables(visible)?)
}

/// Namespace, name, both meanings, rows and classes in clear of each table that is seen.
pub(crate) fn seen_tables(visible: Visible<'_>) -> Result<Vec<[String; 6]>, Error> {
    let mut rows = Vec::new();
    for name in visible.names()? {
        let (Some((namespace, bare)), Some(table)) = (name.split_once('.'), visible.catalogue.tables.get(&name)) else { continue };
        let [seen, clear] = visible.told(&name, &table.schema)?;
        rows.push([namespace.to_owned(), bare.to_owned(), table.zh.clone(), table.en.clone(), seen, clear]);
    }
    Ok(rows)
}

/// A row a column.
pub(crate) fn column_rows(visible: Visible<'_>) -> Result<RecordBatch, Error> {
    let mut rows = Vec::new();
    for name in visible.names()? {
        let (Some((namespace, bare)), Some(schema)) = (name.split_once('.'), visible.schema(&name)?) else { continue };
        for field in schema.fields() {
            let said = |key: &str| field.metadata().get(key).unwrap_or(field.name()).clone();
            let kind = kind(field.data_type()).to_owned();
            rows.push([namespace.to_owned(), bare.to_owned(), field.name().clone(), said("comment_zh"), said("comment_en"), kind]);
        }
    }
    batch(&of_columns(), &rows)
}

fn batch<const N: usize>(schema: &SchemaRef, rows: &[[String; N]]) -> Result<RecordBatch, Error> {
    let column = |at: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|row| &row[at]))) as ArrayRef;
    RecordBatch::try_new(Arc::clone(schema), (0..N).map(column).collect()).map_err(|_| Error::Engine { detail: "comments do not fit" })
}

fn of_tables() -> SchemaRef {
    let seen = [
        ("rows", "可见行", "Rows that whoever asks sees: all, those of departments, or only cells of at least ten"),
        ("clear", "明文", "Classes that they see in clear, minor being persons under 14; of cells the columns"),
    ];
    let fields = schema(&[("namespace", "命名空间", "Namespace"), ("table_name", "表", "Table")]);
    let fields = fields
        .fields()
        .iter()
        .map(Arc::clone)
        .chain(seen.map(|(name, zh, en)| Arc::new(comment(Field::new(name, DataType::Utf8, false), zh, en))));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn of_columns() -> SchemaRef {
    let fields = schema(&[("namespace", "命名空间", "Namespace"), ("table_name", "表", "Table"), ("column_name", "列", "Column")]);
    let kind = "Type: text, integer, number, boolean, date, time, list or other";
    let kind = comment(Field::new("data_type", DataType::Utf8, false), "类型", kind);
    Arc::new(Schema::new(fields.fields().iter().map(Arc::clone).chain([Arc::new(kind)]).collect::<Vec<_>>()))
}

/// The type of a column in a word, for those who ask rather than those who store.
fn kind(of: &DataType) -> &'static str {
    match of {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Dictionary(_, values) => kind(values),
        DataType::Boolean => "boolean",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "time",
        DataType::List(_) | DataType::LargeList(_) => "list",
        DataType::Decimal128(..) => "number",
        other if other.is_floating() => "number",
        other if other.is_integer() => "integer",
        _ => "other",
    }
}

fn schema(keys: &[(&str, &str, &str)]) -> SchemaRef {
    let words = [("zh", "中文说明", "In Chinese"), ("en", "英文说明", "In English")];
    let fields = keys.iter().copied().chain(words).map(|(name, zh, en)| comment(Field::new(name, DataType::Utf8, false), zh, en));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// What the tables of what departments owe each other are called.
pub(crate) fn owed(name: &str) -> (&'static str, &'static str) {
    match name {
        "contract.department" => ("部门", "Departments"),
        "contract.resource" => ("数据资源目录", "Data resources of the share catalogue"),
        "contract.item" => ("信息项", "Data items of the resources"),
        "contract.need" => ("需求清单", "Who needs which resource"),
        "contract.share_grant" => ("共享授权", "Who may use which resource"),
        "contract.request" => ("共享申请", "Who asked for which resource, and when it was answered"),
        "contract.workday" => ("工作日历", "The official calendar of working days"),
        "contract.delivery" => ("交付记录", "Files accepted"),
        contract::RESTRICTED => ("限制处理", "Persons whose processing was stopped, and when it was lifted"),
        contract::CORRECTION => ("更正申请", "What departments are asked to put right"),
        contract::HISTORY => ("指标历史", "Figures as they stood when they were kept"),
        contract::RATING => ("星级评定依据", "What the rule of stars gave to areas, and why"),
        _ => ("共享责任", "What departments owe each other"),
    }
}

/// What the tables of what resolving learned are called.
pub(crate) fn taught(name: &str) -> (&'static str, &'static str) {
    match name {
        learned::MODEL => ("归并模型", "By what pairs of each type are weighed"),
        learned::LEVEL => ("比较等级权重", "What each level of each comparison is worth"),
        learned::FREQUENCY => ("值频", "How many carry a value or a sound"),
        learned::BLOCK => ("分块键统计", "What each blocking key brought"),
        _ => ("权重分布", "How many pairs have which weight"),
    }
}
