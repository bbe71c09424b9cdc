//! What a purpose masks is in no answer, whatever is asked for and in whatever form it leaves: answers to two who see masks are searched for all
//! that is true of anybody.

use super::client::{Answer, Server, escaped};
use crate::support::{COUNTY, Hub, root};
use arrow_array::RecordBatch;
use std::io::Read as _;

/// Every column, of as many rows as are searched in a moment, of records that hold an address.
const ALL: &str = "SELECT * FROM record.person WHERE live_address IS NOT NULL ORDER BY record_id LIMIT 300";
/// A purpose of case workers who see names and addresses of everybody, and whatever identifies masked.
const PURPOSE: &str = "\n[[purpose]]\nname    = \"遮蔽核对\"\nbasis   = \"个人信息保护法第六条\"\nroles   = [\"case_worker\"]\ntypes   = [\"*\"]\nsources = [\"*\"]\nclasses = [\"public\", \"personal\", \"minor\"]\n";
const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Values of those columns of everybody's records.
fn truth(hub: &Hub, columns: &[&str]) -> Vec<String> {
    let each = columns.iter().map(|column| format!("SELECT {column} AS value FROM record.person WHERE length({column}) >= 3"));
    let rows = hub.json(&["sql", &each.collect::<Vec<_>>().join(" UNION "), "--format", "json"]);
    let values: Vec<String> = rows.as_array().unwrap().iter().map(|row| row["value"].as_str().unwrap().to_owned()).collect();
    assert!(values.len() > 2000, "{}", values.len());
    values
}

/// All text of an answer, also of one that is packed.
fn opened(hub: &Hub, answer: &Answer, form: &str) -> String {
    let printed = |batches: Vec<RecordBatch>| arrow_cast::pretty::pretty_format_batches(&batches).unwrap().to_string();
    match form {
        "application/vnd.apache.arrow.stream" => {
            printed(arrow_ipc::reader::StreamReader::try_new(answer.body.as_slice(), None).unwrap().map(Result::unwrap).collect())
        }
        "application/vnd.apache.parquet" => {
            let path = hub.path("masked.parquet");
            std::fs::write(&path, &answer.body).unwrap();
            let file = std::fs::File::open(path).unwrap();
            let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            printed(reader.build().unwrap().map(Result::unwrap).collect())
        }
        SHEET => {
            let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&answer.body)).unwrap();
            let mut all = String::new();
            for at in 0..archive.len() {
                archive.by_index(at).unwrap().read_to_string(&mut all).unwrap();
            }
            all
        }
        _ => answer.text(),
    }
}

fn holds_none(told: &str, truth: &[String], what: &str) {
    assert!(!truth.iter().any(|value| told.contains(value.as_str())), "{what} shows what is masked");
}

#[test]
fn an_engineer_gets_masks_in_every_form() {
    let hub = COUNTY.0.copy();
    let truth = truth(&hub, &["id_no", "phone", "name"]);
    let server = Server::ruled(&hub, &[]);
    let bearer = server.bearer();
    for form in ["application/json", "text/csv", "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", SHEET] {
        let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "数据治理"), ("Content-Type", "text/plain"), ("Accept", form)];
        let answer = server.send("POST", "/api/v1/sql", &headers, ALL.as_bytes());
        assert_eq!(answer.status, 200, "{form}: {}", answer.text());
        let told = opened(&hub, &answer, form);
        assert!(told.contains("**") && told.contains("云溪县"), "{form}: masked, and there");
        holds_none(&told, &truth, form);
    }
}

#[test]
fn a_case_worker_who_sees_no_numbers_finds_none_in_files_walks_searches_and_exports() {
    let hub = COUNTY.0.copy();
    let truth = truth(&hub, &["id_no", "phone"]);
    let policies = hub.path("policies");
    crate::folder::copy(&root().join("query/policies"), &policies);
    let purposes = std::fs::read_to_string(policies.join("purposes.toml")).unwrap() + PURPOSE;
    std::fs::write(policies.join("purposes.toml"), purposes).unwrap();
    hub.says(&["user", "add", "qian", "--role", "case_worker", "--department", "mz"]);
    let token = hub.json(&["user", "token", "qian", "--label", "masked"])["token"].as_str().unwrap().to_owned();
    let server = Server::ruled(&hub, &["--policies", policies.to_str().unwrap()]);
    let get = |path: &str, form: &str| {
        let bearer = format!("Bearer {token}");
        let purpose = escaped("遮蔽核对");
        let answer = server.send("GET", path, &[("Authorization", &bearer), ("Wuwei-Purpose", &purpose), ("Accept", form)], b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        opened(&hub, &answer, form)
    };
    let most = "SELECT e.entity_id FROM entity.person e JOIN graph.edge g ON g.source = e.entity_id WHERE g.relation = 'lives_at' AND
                e.id_no IS NOT NULL AND e.phone IS NOT NULL GROUP BY e.entity_id ORDER BY count(*) DESC, e.entity_id LIMIT 5";
    let people = hub.json(&["sql", most, "--format", "json"]);
    let people: Vec<i64> = people.as_array().unwrap().iter().map(|row| row["entity_id"].as_i64().unwrap()).collect();
    let mut asked = vec![("/api/v1/people?q=%E7%8E%8B&limit=100".to_owned(), "application/json")];
    for (at, one) in people.iter().enumerate() {
        let other = people[(at + 1) % people.len()];
        asked.extend(["", "/export"].map(|part| (format!("/api/v1/people/{one}{part}"), "application/json")));
        asked.extend([SHEET, "text/csv"].map(|form| (format!("/api/v1/people/{one}/export"), form)));
        asked.push((format!("/api/v1/entities/{one}/graph?as_of=any&hops=2"), "application/json"));
        asked.push((format!("/api/v1/entities/{one}/path/{other}?as_of=any"), "application/json"));
    }
    let homes = "SELECT DISTINCT source FROM graph.edge WHERE relation = 'member_of' AND target_type = 'household' ORDER BY source LIMIT 4";
    let homes = hub.json(&["sql", homes, "--format", "json"]);
    asked.extend(homes.as_array().unwrap().iter().map(|row| (format!("/api/v1/households/{}", row["source"]), "application/json")));
    assert!(asked.len() > 30, "{asked:?}");
    let told: Vec<String> = asked.iter().map(|(path, form)| get(path, form)).collect();
    for ((path, form), told) in asked.iter().zip(&told) {
        holds_none(told, &truth, &format!("{path} as {form}"));
    }
    assert!(told.iter().filter(|told| told.contains("**")).count() > 12, "masked, and there");
}
