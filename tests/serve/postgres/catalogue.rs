//! The catalogue as clients read it: what psql 15 sends for `\dt`, word by word, and what others look up. The clients themselves are asked by
//! `tests/bench/postgres_clients.py`.

use super::{client::Client, connected, ruled, started};
use crate::support::COUNTY;

/// What psql sends for `\dt`.
const TABLES: &str = "SELECT n.nspname as \"Schema\", c.relname as \"Name\", \
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' \
    WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' \
    WHEN 'I' THEN 'partitioned index' END as \"Type\", pg_catalog.pg_get_userbyid(c.relowner) as \"Owner\" \
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE c.relkind IN ('r','p','') AND n.nspname <> 'pg_catalog' \
    AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2;";

/// Every place where a name could show.
const EVERYWHERE: [&str; 10] = [
    TABLES,
    "SELECT relname FROM pg_class",
    "SELECT nspname FROM pg_namespace",
    "SELECT attname, attrelid FROM pg_attribute",
    "SELECT description FROM pg_description",
    "SELECT schemaname, tablename FROM pg_tables",
    "SELECT schemaname, viewname FROM pg_views",
    "SELECT table_schema, table_name FROM information_schema.tables",
    "SELECT table_name, column_name FROM information_schema.columns",
    "SELECT schema_name FROM information_schema.schemata",
];

fn texts(client: &mut Client, question: &str) -> Vec<Vec<String>> {
    let answer = client.ask(question);
    assert!(answer.error.is_none(), "{question}: {:?}", answer.error);
    answer.texts().into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
}

#[test]
fn clients_find_tables_columns_and_their_comments() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "低保核对");
    let tables = texts(&mut client, TABLES);
    assert!(tables.contains(&["record", "person", "table", "wuwei"].map(str::to_owned).to_vec()), "{tables:?}");
    let oid = texts(&mut client, "SELECT 'record.person'::regclass::oid AS oid")[0][0].clone();
    let columns = client.ask_with(
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_catalog.col_description(a.attrelid, a.attnum) \
         FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        &[Some(&oid)],
        0,
    );
    let columns = columns.texts();
    let of =
        |name: &str| columns.iter().find(|row| row[0].as_deref() == Some(name)).unwrap_or_else(|| panic!("{name} in {columns:?}")).clone();
    assert_eq!(of("name")[1].as_deref(), Some("text"));
    assert_eq!(of("record_id")[1].as_deref(), Some("bigint"));
    assert!(of("name")[3].as_deref().unwrap().contains('姓'), "{:?}", of("name"));
    let comment = texts(&mut client, &format!("SELECT obj_description({oid}, 'pg_class') AS zh"));
    assert!(comment[0][0].contains("来源记录"), "{comment:?}");
    let views =
        texts(&mut client, "SELECT table_name FROM information_schema.tables WHERE table_type = 'VIEW' AND table_schema = 'indicator'");
    assert!(views.len() >= 7, "{views:?}");
    // What the catalogue says of a type is what the wire says of it.
    let answer = client.ask("SELECT * FROM record.person LIMIT 1");
    let told: Vec<String> = answer.columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
    let kept = texts(&mut client, &format!("SELECT attname, atttypid::int8 FROM pg_attribute WHERE attrelid = {oid} ORDER BY attnum"));
    assert_eq!(kept.iter().map(|row| row.join(" ")).collect::<Vec<_>>(), told);
    assert!(hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'catalogue'") > 0, "a look at names is in the audit");
}

/// An engineer by the policies that the program carries does not see who is restricted, nor the audit.
#[test]
fn what_is_not_seen_leaves_no_trace() {
    let hub = COUNTY.0.copy();
    let (server, address) = ruled(&hub);
    let mut client = connected(&server, &address, "数据治理");
    let all = hub.json(&["sql", "SELECT namespace, table_name FROM contract.table_comment", "--format", "json"]);
    let seen = client.ask("SELECT namespace, table_name FROM contract.table_comment").texts();
    let seen: Vec<String> = seen.into_iter().map(|row| row.into_iter().flatten().collect::<Vec<_>>().join(".")).collect();
    let name = |row: &serde_json::Value| format!("{}.{}", row["namespace"].as_str().unwrap(), row["table_name"].as_str().unwrap());
    let hidden: Vec<String> = all.as_array().unwrap().iter().map(name).filter(|table| !seen.contains(table)).collect();
    assert!(hidden.contains(&"contract.restricted".to_owned()), "{hidden:?}");
    let mut shown = String::new();
    for question in EVERYWHERE {
        shown.push_str(&texts(&mut client, question).into_iter().map(|row| row.join("|") + "\n").collect::<String>());
    }
    for table in &hidden {
        let bare = table.split_once('.').unwrap().1;
        // Another namespace may have a table of the same name that is seen.
        if !seen.iter().any(|known| known.ends_with(&format!(".{bare}"))) {
            assert!(!shown.lines().any(|line| line.split('|').any(|cell| cell == bare)), "{table} shows");
        }
        let sought = texts(&mut client, &format!("SELECT '{table}'::regclass::oid AS oid"));
        assert!(sought.iter().flatten().all(String::is_empty), "{table} is found: {sought:?}");
    }
    let count = texts(&mut client, "SELECT count(*) AS n FROM pg_class WHERE relnamespace <> 11")[0][0].clone();
    assert_eq!(count, seen.len().to_string());
}
