//! The entrance over HTTP, as its clients meet it: the program is started on a free port over a small hub and spoken to over a socket.

pub(crate) mod accounts;
pub(crate) mod client;
mod figures;
#[cfg(feature = "flight")]
pub(crate) mod flight;
mod limits;
mod masked;
mod operations;
pub(crate) mod postgres;
mod review;
pub(crate) mod second_factor;
pub(crate) mod upload;
mod users;

use crate::support::{COUNTY, Hub};
use client::{Answer, Server, problem};
use serde_json::{Value, json};

/// A question whose answer has 18-digit ids.
pub(super) const IDS: &str = "SELECT id_no, name FROM entity.person WHERE id_no IS NOT NULL ORDER BY entity_id LIMIT 50";

fn ids(hub: &Hub) -> Vec<String> {
    let rows: Value = serde_json::from_str(&hub.says(&["sql", IDS, "--format", "json"])).unwrap();
    let ids: Vec<String> = rows.as_array().unwrap().iter().map(|row| row["id_no"].as_str().unwrap().to_owned()).collect();
    assert!(ids.len() == 50 && ids.iter().all(|id| id.len() == 18 && id.starts_with('9')), "{ids:?}");
    ids
}

#[test]
fn every_form_opens_and_keeps_18_digits() {
    let hub = COUNTY.0.copy();
    let (server, ids) = (Server::start(&hub), ids(&hub));
    let of = |media: &str| {
        let answer = server.ask(IDS, &[("Accept", media)]);
        assert_eq!((answer.status, answer.header("content-type").unwrap()), (200, media), "{}", answer.text());
        assert_eq!(answer.header("wuwei-rows"), Some("50"));
        answer
    };
    let json = of("application/json").json();
    assert_eq!(json["schema"][0]["name"], "id_no");
    assert_eq!(json["row_count"], 50);
    let rows = json["rows"].as_array().unwrap();
    assert!(rows.iter().zip(&ids).all(|(row, id)| row[0] == json!(id)), "{rows:?}");

    let csv = of("text/csv");
    assert!(csv.header("content-disposition").unwrap().contains(".csv"));
    let csv = csv.text();
    assert!(csv.starts_with("\u{feff}id_no,name\r\n"));
    assert!(csv.lines().skip(1).zip(&ids).all(|(line, id)| line.split(',').next() == Some(id)));

    let stream = of("application/vnd.apache.arrow.stream").body;
    let batches: Vec<_> = arrow_ipc::reader::StreamReader::try_new(stream.as_slice(), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(texts(&batches), ids);

    let parquet = of("application/vnd.apache.parquet").body;
    let path = hub.path("answer.parquet");
    std::fs::write(&path, parquet).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    assert_eq!(texts(&reader.build().unwrap().map(Result::unwrap).collect::<Vec<_>>()), ids);

    let sheet = of("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").body;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(sheet)).unwrap();
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut xml).unwrap();
    assert!(ids.iter().all(|id| xml.contains(&format!("<t>{id}</t>"))), "ids are text cells");
}

fn texts(batches: &[arrow_array::RecordBatch]) -> Vec<String> {
    let column = |batch: &arrow_array::RecordBatch| arrow_cast::cast(batch.column(0), &arrow_schema::DataType::Utf8).unwrap();
    let all = |column: arrow_array::ArrayRef| {
        let texts = arrow_array::cast::AsArray::as_string::<i32>(&column).clone();
        texts.iter().map(|text| text.unwrap().to_owned()).collect::<Vec<_>>()
    };
    batches.iter().map(column).flat_map(all).collect()
}

#[test]
fn a_large_answer_comes_whole_and_leaves_nothing_behind() {
    let hub = COUNTY.0.copy();
    let count = hub.count("SELECT count(*) FROM record.person");
    let server = Server::start(&hub);
    let question = "SELECT p.*, c.name AS again FROM record.person p JOIN record.person c USING (record_id)";
    let answer = server.ask(question, &[("Accept", "text/csv")]);
    assert_eq!(answer.header("wuwei-rows").unwrap().parse(), Ok(count));
    assert!(answer.body.len() > 300_000, "{}", answer.body.len());
    assert!(answer.text().lines().count() > usize::try_from(count).unwrap());
    let left: Vec<_> =
        crate::support::every_file(&hub.path("data").join("spill")).into_iter().filter(|path| path.extension().is_none()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn who_is_not_known_or_says_no_purpose_gets_nothing() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let body = json!({"sql": "SELECT 1 AS one"}).to_string();
    let plain = [("Content-Type", "application/json")];
    let nobody = server.send("POST", "/api/v1/sql", &plain, body.as_bytes());
    assert_eq!(problem(&nobody), (401, "unauthorized".to_owned()));
    assert!(nobody.header("www-authenticate").unwrap().starts_with("Bearer"));
    let wrong = format!("Bearer wuwei_{}_{}", "0".repeat(16), "0".repeat(64));
    let (start, last) = server.token.split_at(server.token.len() - 1);
    let changed = format!("Bearer {start}{}", if last == "0" { '1' } else { '0' });
    for authorization in [wrong.as_str(), changed.as_str(), "Bearer x", "Basic bGk6bGk=", "Digest x", "Bearer"] {
        let answer = server.send("POST", "/api/v1/sql", &[plain[0], ("Authorization", authorization)], body.as_bytes());
        assert_eq!(problem(&answer), (401, "unauthorized".to_owned()), "{authorization}");
        assert_eq!(server.without_number(&answer), server.without_number(&nobody), "all are told the same");
    }
    let bearer = server.bearer();
    let no_purpose = server.send("POST", "/api/v1/sql", &[plain[0], ("Authorization", &bearer)], body.as_bytes());
    assert_eq!(problem(&no_purpose), (400, "purpose-missing".to_owned()));
    let told =
        hub.json(&["sql", "SELECT count(*) AS n FROM audit.entry WHERE kind = 'login' AND outcome LIKE 'failed%'", "--format", "json"]);
    assert!(told[0]["n"].as_i64().unwrap() >= 4, "failed log-ins are accounted for: {told}");
}

#[test]
fn refused_questions_say_why_and_never_a_value() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    for (question, code) in [
        ("DROP TABLE record.person", "refused"),
        ("SELECT * FROM record.nobody", "unknown-name"),
        ("SELECT nothing FROM record.person", "unknown-name"),
        ("SELECT sum(name) FROM record.person", "not-planned"),
        ("SELECT CAST(name AS BIGINT) FROM record.person", "value"),
        ("SELECT '", "refused"),
    ] {
        let answer = server.ask(question, &[]);
        assert_eq!(problem(&answer), (422, code.to_owned()), "{question}");
        assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
        assert!(!answer.text().contains("99010"), "{}", answer.text());
    }
    let accept = server.ask("SELECT 1 AS one", &[("Accept", "text/html")]);
    assert_eq!(problem(&accept), (406, "not-acceptable".to_owned()));
    let typed = server.send_known("POST", "/api/v1/sql", &[("Content-Type", "text/xml")], b"<sql/>");
    assert_eq!(problem(&typed), (415, "unsupported-media-type".to_owned()));
    let text = server.send_known("POST", "/api/v1/sql", &[("Content-Type", "text/plain; charset=utf-8")], b"SELECT 1 AS one");
    assert_eq!((text.status, &text.json()["rows"]), (200, &json!([[1]])));
}

#[test]
fn every_answer_is_in_the_audit_with_who_and_what_for() {
    let hub = COUNTY.0.copy();
    let before = hub.count("SELECT max(seq) FROM audit.entry");
    let server = Server::start(&hub);
    let person = hub.count("SELECT min(entity_id) FROM entity.person");
    assert_eq!(server.ask(IDS, &[]).status, 200);
    assert_eq!(server.get(&format!("/api/v1/people/{person}")).status, 200);
    assert_eq!(server.get("/api/v1/people?q=%E7%8E%8B").status, 200);
    assert_eq!(server.get("/api/v1/indicators").status, 200);
    assert_eq!(server.get("/api/v1/jobs").status, 200);
    drop(server);
    let question = format!("SELECT kind, outcome, rows, purpose FROM audit.entry WHERE principal = 'tester' AND seq > {before}");
    let entries = hub.json(&["sql", &question, "--format", "json"]);
    let has =
        |kind: &str, outcome: &str| entries.as_array().unwrap().iter().any(|entry| entry["kind"] == kind && entry["outcome"] == outcome);
    for (kind, outcome) in
        [("sql", "asked"), ("sql", "answered"), ("person", "asked"), ("people", "asked"), ("indicators", "answered"), ("jobs", "asked")]
    {
        assert!(has(kind, outcome), "{kind} {outcome} is not in {entries}");
    }
    assert!(entries.as_array().unwrap().iter().all(|entry| entry["purpose"] == "低保核对"), "{entries}");
    assert!(entries.as_array().unwrap().iter().any(|entry| entry["outcome"] == "answered" && entry["rows"] == 50), "{entries}");
    assert!(hub.says(&["doctor"]).contains("chain whole"));
}

/// As the policies that the program carries have it: an engineer works for governance, masked, and opens nobody's file.
#[test]
fn an_account_sees_what_its_role_and_purpose_let_it_see() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let bearer = server.bearer();
    let asked = |purpose: &str, method: &str, path: &str, body: &[u8]| {
        let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", purpose), ("Content-Type", "text/plain")];
        server.send(method, path, &headers, body)
    };
    let governed = asked("数据治理", "POST", "/api/v1/sql", IDS.as_bytes());
    assert_eq!(governed.status, 200, "{}", governed.text());
    let rows = governed.json();
    let masked = |row: &Value| row[0].as_str().is_some_and(|id| id.contains('*')) && row[1].as_str().is_some_and(|name| name.contains('*'));
    assert!(rows["rows"].as_array().unwrap().iter().all(masked), "{rows}");
    assert!(ids(&hub).iter().all(|id| !governed.text().contains(id)));
    for path in
        ["/api/v1/people?q=%E7%8E%8B", "/api/v1/people/1", "/api/v1/households/1", "/api/v1/entities/1/graph", "/api/v1/explain/1/2"]
    {
        assert_eq!(problem(&asked("数据治理", "GET", path, b"")), (403, "forbidden".to_owned()), "{path}");
    }
    let foreign = asked("低保核对", "POST", "/api/v1/sql", b"SELECT 1 AS one");
    assert_eq!(problem(&foreign), (403, "forbidden".to_owned()), "it is registered for others");
    let hidden = asked("数据治理", "POST", "/api/v1/sql", b"SELECT * FROM contract.restricted");
    assert_eq!(problem(&hidden), (422, "unknown-name".to_owned()));
}

#[test]
fn a_search_that_shows_nothing_says_why() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    for query in ["q=", "q=%20", "q=%E7%8E%8B&offset=10001"] {
        assert_eq!(problem(&server.get(&format!("/api/v1/people?{query}"))), (400, "bad-request".to_owned()), "{query}");
    }
    let some = server.get("/api/v1/people?q=%E7%8E%8B").json();
    assert!(some["note"].is_null() && some["total"].as_i64().unwrap() > 0, "{some}");
    let behind = server.get("/api/v1/people?q=%E7%8E%8B&offset=9999").json();
    assert_eq!((&behind["hits"], &behind["total"]), (&Value::Array(vec![]), &some["total"]));
    assert!(behind["note"].as_str().unwrap().contains("none of them so far behind"), "{behind}");
    let nobody = server.get("/api/v1/people?q=dept%3Ax").json();
    assert!(nobody["note"].as_str().unwrap().contains("not known"), "{nobody}");
}

#[test]
fn a_picture_of_the_graph_is_what_walks_and_tables_say() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let most = "SELECT source FROM graph.edge WHERE relation = 'lives_at' GROUP BY source ORDER BY count(*) DESC, source LIMIT 1";
    let id = hub.count(most);
    let picture = |query: &str| server.get(&format!("/api/v1/entities/{id}/graph?{query}"));
    let whole = picture("hops=2&as_of=any&limit=2000&max_degree=1000").json();
    let nodes = whole["nodes"].as_array().unwrap();
    assert_eq!((&nodes[0]["entity_id"], &nodes[0]["hops"], &whole["hit"]), (&Value::from(id), &Value::from(0), &Value::Null));
    let near = hub.count(&format!("SELECT count(*) FROM neighbours({id}, 2, as_of => NULL, max_degree => 1000)"));
    assert_eq!(nodes.len() as i64, near + 1);
    let ids = nodes.iter().map(|node| node["entity_id"].to_string()).collect::<Vec<_>>().join(", ");
    let between = hub.count(&format!("SELECT count(*) FROM graph.edge WHERE source IN ({ids}) AND target IN ({ids})"));
    let edges = whole["edges"].as_array().unwrap();
    assert!(edges.len() as i64 == between && between > 2, "{whole}");
    assert!(edges.iter().all(|edge| edge["extract"].is_string() && edge["row"].is_i64() && edge["is_bridge"].is_boolean()), "{whole}");
    assert!(nodes.iter().filter(|node| node["entity"] == "person").all(|node| node["caption"].is_string()), "{whole}");
    let few = picture("hops=2&as_of=any&limit=1").json();
    assert_eq!((few["nodes"].as_array().unwrap().len(), &few["hit"]), (2, &Value::from("results")));
    let stubs = picture("hops=2&as_of=any&max_degree=1").json();
    let stub = |node: &Value| node["hubs"].as_array().unwrap().iter().map(|hub| hub["neighbours"].as_i64().unwrap()).max();
    assert!(stubs["nodes"].as_array().unwrap().iter().skip(1).filter_map(stub).any(|count| count > 1), "{stubs}");
    assert_eq!(
        picture("types=spouse&as_of=any").json()["edges"].as_array().unwrap().iter().filter(|edge| edge["relation"] != "spouse").count(),
        0
    );
    assert_eq!(problem(&picture("types=spous")), (422, "unknown-name".to_owned()));
    let nobody = server.get("/api/v1/entities/999999999/graph").json();
    assert_eq!((&nobody["nodes"], &nobody["edges"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let looked = hub.json(&["audit", "search", "--person", &id.to_string()]).to_string();
    assert!(looked.contains("\"graph\""), "{looked}");
}

#[test]
fn the_document_names_every_route_and_the_routes_are_as_it_says() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let document = server.get("/api/v1/openapi.json").json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 16, "{paths:?}");
    for (path, operations) in paths {
        let there = path
            .replace("{id}", "1")
            .replace("{job}", "1")
            .replace("{left}", "1")
            .replace("{right}", "2")
            .replace("{other}", "2")
            .replace("{table}", "a.b")
            .replace("{token}", "x")
            .replace("{upload}", "x")
            .replace("{name}", "x")
            .replace("{change}", "x");
        let there = if path == "/api/v1/people" { format!("{there}?q=x") } else { there };
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            let told = operations.get(method.to_lowercase());
            let answer = server.send_known(method, &there, &[("Content-Type", "application/json")], b"{}");
            assert_eq!(answer.status == 405, told.is_none(), "{method} {path}: {}", answer.status);
            let open = told.is_some_and(|told| told["security"].as_array().is_some_and(Vec::is_empty));
            if told.is_some() {
                assert_eq!(server.send(method, &there, &[], b"").status == 401, !open, "{method} {path}");
            }
        }
    }
    let readme = std::fs::read_to_string(crate::support::root().join("deploy/README.md")).unwrap();
    for path in paths.keys() {
        let named = path.strip_prefix("/api/v1/").unwrap_or(path);
        assert!(readme.contains(&format!("`{named}`")) || readme.contains(&format!("`{path}`")), "deploy/README.md does not name `{path}`");
    }
    assert_eq!(problem(&server.get("/api/v2/sql")), (404, "not-found".to_owned()));
    let codes = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].as_array().unwrap().len();
    assert!(codes >= 20, "{codes}");
}

/// Every answer forbids to keep, frame, guess at or run it.
#[test]
fn every_answer_is_strict() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let strict = |answer: &Answer| {
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
        assert!(answer.header("access-control-allow-origin").is_none());
    };
    for answer in [server.ask(IDS, &[]), server.get("/healthz"), server.get("/nowhere"), server.ask("no", &[])] {
        strict(&answer);
    }
    let foreign = server.ask("SELECT 1 AS one", &[("Origin", "https://elsewhere.example")]);
    assert_eq!(problem(&foreign), (403, "cross-site".to_owned()));
    strict(&foreign);
    assert_eq!(server.ask("SELECT 1 AS one", &[("Sec-Fetch-Site", "cross-site")]).status, 403);
}
