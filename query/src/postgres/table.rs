//! The tables of PostgreSQL's catalogue that tell of the hub: `pg_class`, `pg_attribute` and what else clients read, and the part of the
//! standard's information schema that they use. Numbers of objects follow from their names alone, so they stay, and tell nothing of
//! what is not seen. Columns: PostgreSQL 15, "System Catalogs" and "The Information Schema".

use super::{DATABASE, sheet::Sheet};
use crate::{Error, Listed, Session};
use arrow_schema::{DataType, Field};
use datafusion::{catalog::TableProvider, common::ScalarValue};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Numbers that PostgreSQL gave: of the owner, of `pg_class`, of the namespace `pg_catalog`.
const OWNER: i32 = 10;
const CLASS: i32 = 1259;
const PG_CATALOG: i32 = 11;
/// From where on numbers of `pg_catalog`'s other tables are counted.
const OWN: i32 = 12_000;
/// The first number that is not PostgreSQL's own.
const FIRST: u32 = 16_384;

/// What is seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) namespaces: BTreeMap<String, i32>,
    pub(super) tables: Vec<Table>,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) oid: i32,
    pub(super) namespace: String,
    pub(super) name: String,
    is_view: bool,
    pub(super) comment: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Debug)]
pub(super) struct Column {
    name: String,
    is_nullable: bool,
    kind: Kind,
    pub(super) comment: String,
}

/// A type as PostgreSQL knows it: number, name, the name's words, bytes (-1 when they vary).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind(i32, &'static str, &'static str, i16);

/// What a session sees of the hub's catalogue.
pub(super) fn seen(session: &Session) -> Result<Seen, Error> {
    let (mut seen, mut taken) = (Seen::default(), BTreeSet::new());
    for Listed { namespace, name, is_view, zh, schema } in session.tables_listed()? {
        if !seen.namespaces.contains_key(&namespace) {
            seen.namespaces.insert(namespace.clone(), number(&namespace, &mut taken));
        }
        let columns = schema.fields().iter().map(|field| Column::of(field)).collect();
        let oid = number(&format!("{namespace}.{name}"), &mut taken);
        seen.tables.push(Table { oid, namespace, name, is_view, comment: zh, columns });
    }
    Ok(seen)
}

impl Column {
    fn of(field: &Field) -> Column {
        let comment = field.metadata().get("comment_zh").cloned().unwrap_or_default();
        Column { name: field.name().clone(), is_nullable: field.is_nullable(), kind: kind(field.data_type()), comment }
    }
}

impl Seen {
    fn namespace(&self, table: &Table) -> i32 {
        self.namespaces.get(&table.namespace).copied().unwrap_or(0)
    }

    /// Each column with its table, and its place, from 1 on.
    fn columns(&self) -> Vec<(&Table, i16, &Column)> {
        let of = |table| columns_of(table).map(move |(place, column)| (table, place, column));
        self.tables.iter().flat_map(of).collect()
    }
}

/// Columns with their places, from 1 on.
pub(super) fn columns_of(table: &Table) -> impl Iterator<Item = (i16, &Column)> {
    (1..).zip(&table.columns)
}

/// The number of an object, from its name; the next one when another has it.
fn number(name: &str, taken: &mut BTreeSet<i32>) -> i32 {
    let digest = Sha256::digest(name);
    let word = digest.iter().take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    let mut number = FIRST + word % (i32::MAX.unsigned_abs() - FIRST - 1_000);
    loop {
        let oid = i32::try_from(number).unwrap_or(i32::MAX);
        if taken.insert(oid) {
            return oid;
        }
        number += 1;
    }
}

/// The type of a column's values on the wire; what PostgreSQL has no type for is text there.
fn kind(of: &DataType) -> Kind {
    let list = |of: &DataType| match kind(of) {
        Kind(16, ..) => Kind(1000, "_bool", "boolean[]", -1),
        Kind(21, ..) => Kind(1005, "_int2", "smallint[]", -1),
        Kind(23, ..) => Kind(1007, "_int4", "integer[]", -1),
        Kind(20, ..) => Kind(1016, "_int8", "bigint[]", -1),
        Kind(700, ..) => Kind(1021, "_float4", "real[]", -1),
        Kind(701, ..) => Kind(1022, "_float8", "double precision[]", -1),
        Kind(1082, ..) => Kind(1182, "_date", "date[]", -1),
        _ => Kind(1009, "_text", "text[]", -1),
    };
    match of {
        DataType::Boolean => Kind(16, "bool", "boolean", 1),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => Kind(21, "int2", "smallint", 2),
        DataType::Int32 | DataType::UInt16 => Kind(23, "int4", "integer", 4),
        DataType::Int64 | DataType::UInt32 => Kind(20, "int8", "bigint", 8),
        DataType::UInt64 | DataType::Decimal128(..) => Kind(1700, "numeric", "numeric", -1),
        DataType::Float16 | DataType::Float32 => Kind(700, "float4", "real", 4),
        DataType::Float64 => Kind(701, "float8", "double precision", 8),
        DataType::Date32 | DataType::Date64 => Kind(1082, "date", "date", 4),
        DataType::Time32(_) | DataType::Time64(_) => Kind(1083, "time", "time without time zone", 8),
        DataType::Timestamp(_, None) => Kind(1114, "timestamp", "timestamp without time zone", 8),
        DataType::Timestamp(_, Some(_)) => Kind(1184, "timestamptz", "timestamp with time zone", 8),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Kind(17, "bytea", "bytea", -1),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => list(item.data_type()),
        DataType::Dictionary(_, value) => kind(value),
        _ => Kind(25, "text", "text", -1),
    }
}

type Tables = BTreeMap<&'static str, Arc<dyn TableProvider>>;

/// The tables of `pg_catalog` that tell of the hub.
pub(super) fn of_catalogue(seen: &Seen, account: &str, settings: &BTreeMap<String, String>, own: &[String]) -> Result<Tables, Error> {
    Ok(Tables::from([
        ("pg_namespace", namespaces(seen)?),
        ("pg_class", classes(seen, own)?),
        ("pg_settings", set(settings)?),
        ("pg_attribute", attributes(seen)?),
        ("pg_description", descriptions(seen)?),
        ("pg_database", databases()?),
        ("pg_roles", roles(account)?),
        ("pg_tables", listed(seen, false)?),
        ("pg_views", listed(seen, true)?),
    ]))
}

fn namespaces(seen: &Seen) -> Result<Arc<dyn TableProvider>, Error> {
    let fixed = [("pg_catalog", PG_CATALOG), ("public", 2200), ("information_schema", 13_000)];
    let all: Vec<(&str, i32)> = seen.namespaces.iter().map(|(name, oid)| (name.as_str(), *oid)).chain(fixed).collect();
    let sheet = Sheet::of(all.len()).oid("oid", "oid", all.iter().map(|(_, oid)| *oid)).text("nspname", all.iter().map(|(name, _)| *name));
    sheet.same(&["nspowner"], OWNER).same(&["nspacl", "options"], no_list()).table()
}

/// The tables that are seen, and those of `pg_catalog` itself, which clients name when they ask for comments.
fn classes(seen: &Seen, own: &[String]) -> Result<Arc<dyn TableProvider>, Error> {
    let places = |table: &Table| columns_of(table).last().map_or(0, |(place, _)| place);
    let of_hub = seen.tables.iter().map(|table| (table.oid, &table.name, seen.namespace(table), table.is_view, places(table)));
    let of_own = (OWN..).zip(own).map(|(oid, name)| (number_of(name).unwrap_or(oid), name, PG_CATALOG, false, 0));
    let all: Vec<(i32, &String, i32, bool, i16)> = of_hub.chain(of_own).collect();
    Sheet::of(all.len())
        .oid("oid", "oid", all.iter().map(|(oid, ..)| *oid))
        .text("relname", all.iter().map(|(_, name, ..)| name.as_str()))
        .oid("relnamespace", "regnamespace", all.iter().map(|(_, _, namespace, ..)| *namespace))
        .oids("regtype", &["reltype", "reloftype"], 0)
        .same(&["relowner"], OWNER)
        .same(&["relam", "relfilenode", "reltablespace", "relpages"], 0)
        .same(&["reltuples"], -1.0_f64)
        .same(&["relallvisible"], 0)
        .oids("regclass", &["reltoastrelid", "relrewrite"], 0)
        .same(&["relhasindex", "relisshared"], false)
        .same(&["relpersistence"], "p")
        .text("relkind", all.iter().map(|(.., is_view, _)| if *is_view { "v" } else { "r" }))
        .short("relnatts", all.iter().map(|(.., places)| *places))
        .same(&["relchecks"], 0_i16)
        .same(&["relhasrules", "relhastriggers", "relhassubclass", "relrowsecurity", "relforcerowsecurity", "relispartition"], false)
        .same(&["relispopulated"], true)
        .same(&["relreplident"], "n")
        .same(&["relfrozenxid", "relminmxid"], 0)
        .same(&["relacl", "reloptions"], no_list())
        .none(&["relpartbound"])
        .table()
}

fn attributes(seen: &Seen) -> Result<Arc<dyn TableProvider>, Error> {
    let all = seen.columns();
    Sheet::of(all.len())
        .oid("attrelid", "regclass", all.iter().map(|(table, ..)| table.oid))
        .text("attname", all.iter().map(|(.., column)| column.name.as_str()))
        .oid("atttypid", "regtype", all.iter().map(|(.., column)| column.kind.0))
        .same(&["attstattarget", "attcacheoff", "atttypmod"], -1)
        .short("attlen", all.iter().map(|(.., column)| column.kind.3))
        .short("attnum", all.iter().map(|(_, place, _)| *place))
        .whole("attndims", all.iter().map(|(.., column)| i32::from(column.kind.1.starts_with('_'))))
        .truth("attbyval", all.iter().map(|(.., column)| column.kind.3 > 0))
        .same(&["attalign"], "i")
        .same(&["attstorage"], "p")
        .same(&["attcompression", "attidentity", "attgenerated"], "")
        .truth("attnotnull", all.iter().map(|(.., column)| !column.is_nullable))
        .same(&["atthasdef", "atthasmissing", "attisdropped"], false)
        .same(&["attislocal"], true)
        .same(&["attinhcount", "attcollation"], 0)
        .same(&["attacl", "attoptions", "attfdwoptions"], no_list())
        .none(&["attmissingval"])
        .table()
}

fn descriptions(seen: &Seen) -> Result<Arc<dyn TableProvider>, Error> {
    let of = |table: &'_ Table| std::iter::once((table.oid, 0, table.comment.clone()));
    let of_columns = |table: &Table| -> Vec<_> {
        columns_of(table).map(|(place, column)| (table.oid, i32::from(place), column.comment.clone())).collect()
    };
    let all: Vec<(i32, i32, String)> = seen.tables.iter().flat_map(|table| of(table).chain(of_columns(table))).collect();
    Sheet::of(all.len())
        .oid("objoid", "oid", all.iter().map(|(oid, ..)| *oid))
        .oids("oid", &["classoid"], CLASS)
        .whole("objsubid", all.iter().map(|(_, place, _)| *place))
        .text("description", all.iter().map(|(.., comment)| comment.as_str()))
        .table()
}

fn databases() -> Result<Arc<dyn TableProvider>, Error> {
    Sheet::of(1)
        .oids("oid", &["oid"], 16_384)
        .same(&["datname"], DATABASE)
        .same(&["datdba"], OWNER)
        .same(&["encoding"], 6)
        .same(&["datlocprovider"], "c")
        .same(&["datcollate", "datctype"], "C.UTF-8")
        .same(&["datistemplate"], false)
        .same(&["datallowconn"], true)
        .same(&["datconnlimit"], -1)
        .same(&["datlastsysoid", "datfrozenxid", "datminmxid"], 0)
        .same(&["dattablespace"], 1663)
        .none(&["daticulocale", "daticurules", "datcollversion"])
        .same(&["datacl"], no_list())
        .table()
}

fn roles(account: &str) -> Result<Arc<dyn TableProvider>, Error> {
    let names = [DATABASE, account];
    Sheet::of(2)
        .text("rolname", names.into_iter())
        .same(&["rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls"], false)
        .same(&["rolinherit"], true)
        .truth("rolcanlogin", [false, true].into_iter())
        .same(&["rolconnlimit"], -1)
        .none(&["rolpassword", "rolvaliduntil"])
        .same(&["rolconfig"], no_list())
        .oid("oid", "oid", [OWNER, OWNER + 1].into_iter())
        .table()
}

/// The settings, as rows.
fn set(settings: &BTreeMap<String, String>) -> Result<Arc<dyn TableProvider>, Error> {
    Sheet::of(settings.len())
        .text("name", settings.keys().map(String::as_str))
        .text("setting", settings.values().map(String::as_str))
        .none(&["unit", "category", "short_desc", "extra_desc", "min_val", "max_val", "enumvals", "sourcefile", "boot_val"])
        .same(&["context"], "user")
        .same(&["vartype"], "string")
        .same(&["source"], "session")
        .text("reset_val", settings.values().map(String::as_str))
        .same(&["sourceline"], ScalarValue::Int32(None))
        .same(&["pending_restart"], false)
        .table()
}

/// No privileges, no options.
fn no_list() -> ScalarValue {
    ScalarValue::new_null_list(DataType::Utf8, true, 1)
}

/// The numbers of `pg_catalog`'s own tables that clients know by heart.
fn number_of(name: &str) -> Option<i32> {
    Some(match name {
        "pg_class" => CLASS,
        "pg_namespace" => 2615,
        "pg_type" => 1247,
        "pg_proc" => 1255,
        "pg_attribute" => 1249,
        "pg_constraint" => 2606,
        "pg_database" => 1262,
        "pg_description" => 2609,
        _ => return None,
    })
}

fn listed(seen: &Seen, views: bool) -> Result<Arc<dyn TableProvider>, Error> {
    let all: Vec<&Table> = seen.tables.iter().filter(|table| table.is_view == views).collect();
    let sheet = Sheet::of(all.len()).text("schemaname", all.iter().map(|table| table.namespace.as_str()));
    let names = all.iter().map(|table| table.name.as_str());
    match views {
        true => sheet.text("viewname", names).same(&["viewowner"], DATABASE).none(&["definition"]).table(),
        false => {
            let sheet = sheet.text("tablename", names).same(&["tableowner"], DATABASE).none(&["tablespace"]);
            sheet.same(&["hasindexes", "hasrules", "hastriggers", "rowsecurity"], false).table()
        }
    }
}

/// The tables of `information_schema` (ISO/IEC 9075-11).
pub(super) fn of_standard(seen: &Seen) -> Result<Tables, Error> {
    let (tables, columns) = (&seen.tables, seen.columns());
    let namespaces = Sheet::of(seen.namespaces.len()).same(&["catalog_name"], DATABASE);
    let namespaces = namespaces.text("schema_name", seen.namespaces.keys().map(String::as_str)).same(&["schema_owner"], DATABASE);
    let of = |tables: &[&Table]| {
        let sheet = Sheet::of(tables.len()).same(&["table_catalog"], DATABASE);
        let sheet = sheet.text("table_schema", tables.iter().map(|table| table.namespace.as_str()));
        sheet.text("table_name", tables.iter().map(|table| table.name.as_str()))
    };
    let (all, of_columns): (Vec<&Table>, Vec<&Table>) = (tables.iter().collect(), columns.iter().map(|(table, ..)| *table).collect());
    let views: Vec<&Table> = tables.iter().filter(|table| table.is_view).collect();
    let word = |yes| if yes { "YES" } else { "NO" };
    let empty = |names: &[&str]| Sheet::of(0).none(names).table();
    let keys = ["constraint_catalog", "constraint_schema", "constraint_name", "table_catalog", "table_schema", "table_name"];
    Ok(Tables::from([
        ("schemata", namespaces.table()?),
        (
            "tables",
            of(&all)
                .text("table_type", all.iter().map(|table| if table.is_view { "VIEW" } else { "BASE TABLE" }))
                .same(&["is_insertable_into", "is_typed"], "NO")
                .table()?,
        ),
        ("views", of(&views).none(&["view_definition"]).same(&["check_option"], "NONE").same(&["is_updatable"], "NO").table()?),
        (
            "columns",
            of(&of_columns)
                .text("column_name", columns.iter().map(|(.., column)| column.name.as_str()))
                .whole("ordinal_position", columns.iter().map(|(_, place, _)| i32::from(*place)))
                .none(&["column_default", "domain_name", "collation_name"])
                .text("is_nullable", columns.iter().map(|(.., column)| word(column.is_nullable)))
                .text("data_type", columns.iter().map(|(.., column)| if column.kind.1.starts_with('_') { "ARRAY" } else { column.kind.2 }))
                .same(
                    &["character_maximum_length", "character_octet_length", "numeric_precision", "numeric_scale", "datetime_precision"],
                    ScalarValue::Int32(None),
                )
                .same(&["udt_catalog"], DATABASE)
                .same(&["udt_schema"], "pg_catalog")
                .text("udt_name", columns.iter().map(|(.., column)| column.kind.1))
                .same(&["is_identity", "is_updatable"], "NO")
                .same(&["is_generated"], "NEVER")
                .table()?,
        ),
        ("table_constraints", empty(&[&keys[..], &["constraint_type"]].concat())?),
        ("key_column_usage", empty(&[&keys[..], &["column_name", "ordinal_position", "position_in_unique_constraint"]].concat())?),
        ("referential_constraints", empty(&[&keys[..3], &["unique_constraint_name", "update_rule", "delete_rule"]].concat())?),
        ("routines", empty(&["specific_schema", "specific_name", "routine_schema", "routine_name", "routine_type", "data_type"])?),
    ]))
}
