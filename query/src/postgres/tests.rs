//! What clients see of the catalogue, by the statements that they send.

use super::*;
use crate::testing::words::{changed, changes, soup};
use proptest::prelude::*;

#[test]
fn questions_for_the_catalogue_are_told_from_those_for_data() {
    for yes in [
        "SELECT version()",
        "select pg_catalog.version()",
        "SELECT c.relname FROM pg_class c",
        "SELECT 1 FROM a.b, pg_type",
        "SELECT current_user",
        "SELECT * FROM information_schema.tables",
        "SELECT pg_backend_pid()",
        "SELECT obj_description(1, 'pg_class')",
        "SELECT 'record.person'::regclass",
        "SELECT CAST($1 AS REGCLASS)",
    ] {
        assert!(Directory::is_asked(yes), "{yes}");
    }
    for no in [
        "SELECT 1",
        "SELECT name FROM record.person WHERE name = 'pg_class'",
        "SELECT pg_name FROM record.person",
        "SELECT p.version FROM graph.model p",
        "SELECT '",
        "DROP TABLE record.person",
    ] {
        assert!(!Directory::is_asked(no), "{no}");
    }
}

/// A directory of a session of the tests' world, as that principal.
fn directory(folder: &std::path::Path, principal: &str) -> Directory {
    let audit = Arc::new(crate::Audit::open(folder).unwrap());
    let (principal, purpose) = (crate::Principal::parse(principal).unwrap(), crate::Purpose::parse("低保核对").unwrap());
    let catalogue = Arc::new(crate::testing::catalogue(&crate::testing::Rows::new()));
    let policies = crate::testing::policies();
    let session = Session::open(catalogue, &policies, audit, principal, purpose, Limits::default(), crate::testing::NOW).unwrap();
    Directory::of(Some(&session), "li", BTreeMap::from([("server_version".to_owned(), "15.0".to_owned())])).unwrap()
}

async fn shown(directory: &Directory, question: &str) -> String {
    let answer = directory.answer(question, Vec::new()).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    arrow_cast::pretty::pretty_format_batches(&answer.batches).unwrap().to_string()
}

#[tokio::test]
async fn tables_columns_and_comments_are_those_of_the_session() {
    let folder = tempfile::tempdir().unwrap();
    let directory = directory(folder.path(), "operator:li");
    let question = "SELECT n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class') AS zh FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(person)$' \
         COLLATE pg_catalog.default AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1";
    let text = shown(&directory, question).await;
    assert!(text.contains("entity") && text.contains("record") && text.contains("来源记录"), "{text}");
    let question = "SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind, col_description(a.attrelid, a.attnum) AS zh \
         FROM pg_attribute a WHERE a.attrelid = 'record.person'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    let text = shown(&directory, question).await;
    assert!(text.contains("| name") && text.contains("text") && text.contains("姓名") && text.contains("bigint"), "{text}");
    let text = shown(&directory, "SELECT version() AS v, current_user AS me, current_setting('server_version') AS at").await;
    assert!(text.contains("PostgreSQL 15.0") && text.contains("li") && text.contains("15.0"), "{text}");
    let question =
        "SELECT table_name, data_type FROM information_schema.columns WHERE table_schema = 'record' AND column_name = 'record_id'";
    assert!(shown(&directory, question).await.contains("bigint"));
}

#[tokio::test]
async fn without_a_session_the_database_is_empty_and_no_table_of_the_hub_is_reached() {
    let empty = Directory::of(None, "li", BTreeMap::new()).unwrap();
    assert!(
        shown(&empty, "SELECT count(*) AS n FROM pg_class WHERE relnamespace <> 11").await.contains("| 0"),
        "nothing is told of tables"
    );
    assert!(shown(&empty, "SELECT typname FROM pg_type WHERE oid = 25").await.contains("text"));
    for refused in [
        "SELECT * FROM record.person, pg_class",
        "SELECT repeat('x', 2000000000), version()",
        "COPY pg_class TO '/tmp/x'",
        "SELECT version(); SELECT version()",
        "SELECT * FROM pg_read_file('/etc/passwd')",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_class, '/etc/passwd'",
    ] {
        assert!(empty.answer(refused, Vec::new()).await.is_err(), "{refused}");
    }
}

#[tokio::test]
async fn parameters_have_types_and_values() {
    let empty = Directory::of(None, "li", BTreeMap::new()).unwrap();
    let question = "SELECT typname FROM pg_type WHERE oid = $1";
    let described = empty.describe(question, vec![None]).await.unwrap();
    assert_eq!(described.parameters, [DataType::Int32]);
    let value: ArrayRef = Arc::new(arrow_array::StringArray::from(vec!["25"]));
    assert_eq!(empty.answer(question, vec![value]).await.unwrap().rows(), 1);
    let wrong: ArrayRef = Arc::new(arrow_array::StringArray::from(vec!["text"]));
    assert!(matches!(empty.answer(question, vec![wrong]).await, Err(Error::Value)), "it is no number");
    assert!(empty.answer(question, Vec::new()).await.is_err(), "a value is missing");
}

/// As psql 15, pgJDBC 42.5 and SQLAlchemy 2.1 put them, shortened.
#[tokio::test]
async fn what_the_planner_does_not_know_is_put_in_other_words() {
    let folder = tempfile::tempdir().unwrap();
    let directory = directory(folder.path(), "operator:li");
    for (question, expected) in [
        ("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg/_' || '%' ESCAPE '/' ORDER BY 1", "record"),
        (
            "SELECT typname FROM pg_type t WHERE t.oid = 20 AND (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_class c WHERE c.oid = t.typrelid))",
            "int8",
        ),
        (
            "SELECT array_to_string(c.reloptions || array(SELECT 'toast.' || x FROM unnest(c.reloptions) x), ', ') AS o, c.relname FROM pg_class c",
            "person",
        ),
        (
            "SELECT attname, (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid) AS d FROM pg_attribute a",
            "record_id",
        ),
        (
            "SELECT d.description FROM pg_class c JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass",
            "来源记录",
        ),
        (
            "SELECT typinput='pg_catalog.array_in'::regproc as is_array, typname FROM pg_catalog.pg_type LEFT JOIN (select ns.oid as nspoid, \
             ns.nspname, r.r from pg_namespace as ns join ( select s.r, (current_schemas(false))[s.r] as nspname from generate_series(1, \
             array_upper(current_schemas(false), 1)) as s(r) ) as r using ( nspname ) ) as sp ON sp.nspoid = typnamespace \
             WHERE pg_type.oid = 20 ORDER BY sp.r, pg_type.oid DESC",
            "int8",
        ),
        ("SELECT setting FROM pg_settings WHERE name = 'server_version'", "15.0"),
        ("SELECT to_regclass('record.person') IS NOT NULL AS there", "true"),
    ] {
        let text = shown(&directory, question).await;
        assert!(text.contains(expected), "{question}: {text}");
    }
    let keys = "SELECT attr.conrelid, array_agg(attr.attname) AS cols, attr.conname FROM (SELECT conrelid, conname, unnest(indkey) AS attnum, \
         generate_subscripts(indkey, $1) AS ord FROM pg_constraint, pg_index WHERE contype = $2) AS attr GROUP BY attr.conrelid, attr.conname";
    let described = directory.describe(keys, vec![None, None]).await.unwrap();
    let names: Vec<&str> = described.schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!((names.as_slice(), described.parameters.len()), (&["conrelid", "cols", "conname"][..], 2));
}

const ASKED: [&str; 3] = [
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname LIKE 'pg/_' || '%' ESCAPE '/' ORDER BY 1, 2",
    "SELECT a.attname, (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid) AS d FROM pg_attribute a WHERE a.attrelid = $1::regclass",
    "SELECT typname, array_to_string(array(SELECT 'x' || y FROM unnest(t.typacl) y), ', ') AS o FROM pg_type t WHERE t.typinput = 'array_in'::regproc",
];

proptest! {
    #[test]
    fn whatever_a_client_sends_is_a_statement_that_is_judged_or_refused(words in soup(), asked in prop::sample::select(ASKED.as_slice()), changes in changes()) {
        for text in [words.clone(), format!("SELECT {words} FROM pg_class"), changed(asked, &changes)] {
            let _: bool = Directory::is_asked(&text);
            match statement::parsed(&text) {
                Err(error) => prop_assert!(error.to_string().contains("; hint: "), "{}: {}", text, error),
                Ok(statement) => drop(guard::judge(&statement, &Known(vec!["pg_catalog.pg_class".to_owned()]), &[])),
            }
        }
    }
}
