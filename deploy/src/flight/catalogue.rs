//! What there is to be asked, as clients of Flight SQL want to know it: one catalogue with the tables that whoever asks sees, no keys, and what
//! this server can do. Columns of the answers: Arrow 22, `FlightSql.proto`.

use arrow_array::RecordBatch;
use arrow_flight::{
    error::Result,
    sql::{
        Command, CommandGetTableTypes, SqlInfo, SqlSupportedTransaction,
        metadata::{GetCatalogsBuilder, SqlInfoDataBuilder, XdbcTypeInfoDataBuilder},
    },
};
use arrow_schema::{DataType, Field, Schema};
use std::sync::Arc;
use wuwei_query::Listed;

/// The one catalogue, called as the database is over PostgreSQL's wire.
const CATALOGUE: &str = "wuwei";
/// Kinds of tables.
const TABLE: &str = "TABLE";
const VIEW: &str = "VIEW";
/// The version of the format of Arrow.
const FORMAT: &str = "1.5.0";

/// Whether a command asks for what somebody sees; all others have the same answer for everybody.
pub(super) fn is_of_tables(command: &Command) -> bool {
    matches!(command, Command::CommandGetDbSchemas(_) | Command::CommandGetTables(_))
}

/// The answer to a command about the catalogue, of these tables; none when it is another.
///
/// # Errors
/// It has no form in Arrow.
pub(super) fn rows(command: &Command, tables: &[Listed]) -> Result<Option<RecordBatch>> {
    Ok(Some(match command.clone() {
        Command::CommandGetCatalogs(_) => {
            let mut catalogues = GetCatalogsBuilder::new();
            catalogues.append(CATALOGUE);
            catalogues.build()?
        }
        Command::CommandGetDbSchemas(wanted) => {
            let mut schemas = wanted.into_builder();
            let mut names: Vec<&str> = tables.iter().map(|table| table.namespace.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            names.iter().for_each(|name| schemas.append(CATALOGUE, name));
            schemas.build()?
        }
        Command::CommandGetTables(wanted) => {
            let mut found = wanted.into_builder();
            for table in tables {
                let kind = if table.is_view { VIEW } else { TABLE };
                found.append(CATALOGUE, &table.namespace, &table.name, kind, &table.schema)?;
            }
            found.build()?
        }
        Command::CommandGetTableTypes(_) => {
            let mut kinds = CommandGetTableTypes {}.into_builder();
            [TABLE, VIEW].iter().for_each(|kind| kinds.append(kind));
            kinds.build()?
        }
        Command::CommandGetSqlInfo(wanted) => wanted.into_builder(&about().build()?).build()?,
        Command::CommandGetXdbcTypeInfo(wanted) => XdbcTypeInfoDataBuilder::new().build()?.record_batch(wanted.data_type)?,
        Command::CommandGetPrimaryKeys(_) => RecordBatch::new_empty(Arc::new(primary_keys())),
        Command::CommandGetExportedKeys(_) | Command::CommandGetImportedKeys(_) | Command::CommandGetCrossReference(_) => {
            RecordBatch::new_empty(Arc::new(foreign_keys()))
        }
        _ => return Ok(None),
    }))
}

/// What this server says of itself.
fn about() -> SqlInfoDataBuilder {
    let mut about = SqlInfoDataBuilder::new();
    about.append(SqlInfo::FlightSqlServerName, "wuwei");
    about.append(SqlInfo::FlightSqlServerVersion, env!("CARGO_PKG_VERSION"));
    about.append(SqlInfo::FlightSqlServerArrowVersion, FORMAT);
    about.append(SqlInfo::FlightSqlServerReadOnly, true);
    about.append(SqlInfo::FlightSqlServerSql, true);
    about.append(SqlInfo::FlightSqlServerSubstrait, false);
    about.append(SqlInfo::FlightSqlServerTransaction, SqlSupportedTransaction::None as i32);
    about.append(SqlInfo::FlightSqlServerCancel, false);
    about.append(SqlInfo::FlightSqlServerBulkIngestion, false);
    about.append(SqlInfo::SqlDdlCatalog, false);
    about.append(SqlInfo::SqlDdlSchema, false);
    about.append(SqlInfo::SqlDdlTable, false);
    about.append(SqlInfo::SqlIdentifierQuoteChar, "\"");
    about.append(SqlInfo::SqlTransactionsSupported, false);
    about
}

fn primary_keys() -> Schema {
    Schema::new(vec![
        Field::new("catalog_name", DataType::Utf8, true),
        Field::new("db_schema_name", DataType::Utf8, true),
        Field::new("table_name", DataType::Utf8, false),
        Field::new("column_name", DataType::Utf8, false),
        Field::new("key_name", DataType::Utf8, true),
        Field::new("key_sequence", DataType::Int32, false),
    ])
}

fn foreign_keys() -> Schema {
    let side = |side: &str| {
        [("catalog_name", true), ("db_schema_name", true), ("table_name", false), ("column_name", false)]
            .map(|(name, nullable)| Field::new(format!("{side}_{name}"), DataType::Utf8, nullable))
    };
    let rest = [
        Field::new("key_sequence", DataType::Int32, false),
        Field::new("fk_key_name", DataType::Utf8, true),
        Field::new("pk_key_name", DataType::Utf8, true),
        Field::new("update_rule", DataType::UInt8, false),
        Field::new("delete_rule", DataType::UInt8, false),
    ];
    Schema::new(side("pk").into_iter().chain(side("fk")).chain(rest).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray as _;
    use arrow_flight::{
        IpcMessage,
        sql::{
            CommandGetCrossReference, CommandGetDbSchemas, CommandGetPrimaryKeys, CommandGetSqlInfo, CommandGetTables,
            CommandGetXdbcTypeInfo,
        },
    };

    fn listed() -> Vec<Listed> {
        [("record", "person", false), ("record", "event", false), ("indicator", "timeliness", true)]
            .map(|(namespace, name, is_view)| Listed {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                is_view,
                zh: String::new(),
                schema: Arc::new(Schema::new(vec![Field::new("name", DataType::Utf8, true)])),
            })
            .to_vec()
    }

    fn texts(rows: &RecordBatch, column: usize) -> Vec<String> {
        rows.column(column).as_string::<i32>().iter().map(|text| text.unwrap_or("NULL").to_owned()).collect()
    }

    #[test]
    fn tables_are_those_that_are_seen_narrowed_as_asked_with_their_columns() {
        let of = |wanted: CommandGetTables| rows(&Command::CommandGetTables(wanted), &listed()).unwrap().unwrap();
        let all = of(CommandGetTables::default());
        assert_eq!(texts(&all, 2), ["timeliness", "event", "person"]);
        let some = CommandGetTables {
            db_schema_filter_pattern: Some("rec%".to_owned()),
            table_name_filter_pattern: Some("p_rson".to_owned()),
            table_types: vec![TABLE.to_owned()],
            include_schema: true,
            ..CommandGetTables::default()
        };
        let some = of(some);
        assert_eq!([0, 1, 2, 3].map(|column| texts(&some, column).concat()), ["wuwei", "record", "person", "TABLE"]);
        let columns = Schema::try_from(IpcMessage(some.column(4).as_binary::<i32>().value(0).to_vec().into())).unwrap();
        assert_eq!(columns.field(0).name(), "name");
        let schemas = rows(&Command::CommandGetDbSchemas(CommandGetDbSchemas::default()), &listed()).unwrap().unwrap();
        assert_eq!(texts(&schemas, 1), ["indicator", "record"]);
    }

    #[test]
    fn what_clients_ask_besides_has_an_answer_even_if_it_is_empty() {
        for (command, count) in [
            (Command::CommandGetTableTypes(CommandGetTableTypes {}), 2),
            (Command::CommandGetSqlInfo(CommandGetSqlInfo { info: vec![SqlInfo::FlightSqlServerReadOnly as u32] }), 1),
            (Command::CommandGetPrimaryKeys(CommandGetPrimaryKeys::default()), 0),
            (Command::CommandGetCrossReference(CommandGetCrossReference::default()), 0),
            (Command::CommandGetXdbcTypeInfo(CommandGetXdbcTypeInfo { data_type: None }), 0),
        ] {
            assert!(!is_of_tables(&command), "{command:?} is the same for everybody");
            assert_eq!(rows(&command, &[]).unwrap().unwrap().num_rows(), count, "{command:?}");
        }
        assert!(rows(&Command::CommandStatementQuery(Default::default()), &[]).unwrap().is_none());
    }
}
