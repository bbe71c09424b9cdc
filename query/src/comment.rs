//! What every table and column means, in both languages, as two tables that SQL can read. The words are the schemas' own.

use crate::{
    Error,
    catalogue::{Source, Table, Tables},
    error,
};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::MemTable;
use std::sync::Arc;
use wuwei_schema::table::comment;

const TABLES: &str = "contract.table_comment";
const COLUMNS: &str = "contract.column_comment";

/// Adds the two tables of comments, which comment themselves too.
pub(crate) fn add(tables: &mut Tables) -> Result<(), Error> {
    let of_tables = schema(&[("namespace", "命名空间", "Namespace"), ("table_name", "表", "Table")]);
    let of_columns = schema(&[("namespace", "命名空间", "Namespace"), ("table_name", "表", "Table"), ("column_name", "列", "Column")]);
    let empty = |schema: &SchemaRef| RecordBatch::new_empty(Arc::clone(schema));
    tables.insert(TABLES.to_owned(), table("表的说明", "What every table holds", empty(&of_tables))?);
    tables.insert(COLUMNS.to_owned(), table("列的说明", "What every column means", empty(&of_columns))?);

    let rows = table_rows(tables, &of_tables)?;
    let more = column_rows(tables, &of_columns)?;
    tables.insert(TABLES.to_owned(), table("表的说明", "What every table holds", rows)?);
    tables.insert(COLUMNS.to_owned(), table("列的说明", "What every column means", more)?);
    Ok(())
}

fn table_rows(tables: &Tables, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let rows = tables.iter().map(|(name, table)| {
        let (namespace, bare) = name.split_once('.').unwrap_or(("", name));
        [namespace, bare, &table.zh, &table.en]
    });
    batch(schema, rows)
}

fn column_rows(tables: &Tables, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let rows = tables.iter().flat_map(|(name, table)| {
        let (namespace, bare) = name.split_once('.').unwrap_or(("", name));
        table.schema.fields().iter().map(move |field| {
            let said = |key: &str| field.metadata().get(key).map_or(field.name().as_str(), String::as_str);
            [namespace, bare, field.name(), said("comment_zh"), said("comment_en")]
        })
    });
    batch(schema, rows)
}

fn batch<'a, const N: usize>(schema: &SchemaRef, rows: impl Iterator<Item = [&'a str; N]>) -> Result<RecordBatch, Error> {
    let rows: Vec<[&str; N]> = rows.collect();
    let column = |at: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row[at]))) as ArrayRef;
    RecordBatch::try_new(Arc::clone(schema), (0..N).map(column).collect()).map_err(|_| Error::Engine { detail: "comments do not fit" })
}

fn table(zh: &str, en: &str, rows: RecordBatch) -> Result<Table, Error> {
    let schema = rows.schema();
    let provider = MemTable::try_new(Arc::clone(&schema), vec![vec![rows]]).map_err(|error| error::planning(&error))?;
    Ok(Table { schema, zh: zh.to_owned(), en: en.to_owned(), source: Source::Provider(Arc::new(provider)) })
}

fn schema(keys: &[(&str, &str, &str)]) -> SchemaRef {
    let words = [("zh", "中文说明", "In Chinese"), ("en", "英文说明", "In English")];
    let fields = keys.iter().copied().chain(words).map(|(name, zh, en)| comment(Field::new(name, DataType::Utf8, false), zh, en));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}
