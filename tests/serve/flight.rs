//! The entrance over Flight SQL, as its clients meet it: who comes in, what is answered and refused, what tickets are good for, and what the
//! audit says of it. The client is that of `arrow-flight`; ADBC's own driver is tried by `tests/bench/flight_clients.py`.

use super::{IDS, accounts::basic, client::Server, ids, limits::until, texts};
use crate::support::{COUNTY, Hub};
use arrow_array::{Int64Array, RecordBatch, StringArray, cast::AsArray as _};
use arrow_flight::{
    FlightInfo,
    error::FlightError,
    sql::{CommandGetDbSchemas, CommandGetPrimaryKeys, CommandGetTables, SqlInfo, client::FlightSqlServiceClient},
};
use arrow_schema::DataType;
use futures::{StreamExt as _, TryStreamExt as _};
use std::{future::Future, sync::Arc};
use tonic::{
    Code,
    transport::{Channel, Endpoint},
};

pub(crate) type Client = FlightSqlServiceClient<Channel>;

/// 低保核对, 数据治理 and 看看 as a header of gRPC carries them.
const LOW: &str = "%E4%BD%8E%E4%BF%9D%E6%A0%B8%E5%AF%B9";
const GOVERNANCE: &str = "%E6%95%B0%E6%8D%AE%E6%B2%BB%E7%90%86";
const LOOKING: &str = "%E7%9C%8B%E7%9C%8B";

/// A question that takes longer than others wait for a place, and hardly any memory.
const LONG: &str = "SELECT count(*) AS n FROM record.person a CROSS JOIN record.person b CROSS JOIN record.person c \
                    WHERE a.record_id + b.record_id + c.record_id < 0";

fn started(hub: &Hub, options: &[&str]) -> Server {
    Server::with(hub, &[&["--flight", "127.0.0.1:0"], options].concat())
}

fn waited<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap().block_on(future)
}

async fn unknown(server: &Server) -> Client {
    let address = format!("http://{}", server.flight.as_ref().expect("it says where it listens"));
    FlightSqlServiceClient::new(Endpoint::from_shared(address).unwrap().connect().await.unwrap())
}

pub(crate) async fn connected(server: &Server, token: &str, purpose: &str) -> Client {
    let mut client = unknown(server).await;
    client.set_token(token.to_owned());
    client.set_header("wuwei-purpose", purpose);
    client
}

/// The rows behind the one ticket.
async fn fetched(client: &mut Client, info: FlightInfo) -> Result<Vec<RecordBatch>, FlightError> {
    let told = info.clone().try_decode_schema().unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let mut rows = client.do_get(ticket).await?;
    let batches: Vec<RecordBatch> = rows.by_ref().try_collect().await?;
    assert_eq!(rows.schema().unwrap().fields().len(), told.fields().len(), "columns come first");
    Ok(batches)
}

pub(crate) async fn asked(client: &mut Client, question: &str) -> Result<Vec<RecordBatch>, FlightError> {
    let info = client.execute(question.to_owned(), None).await?;
    fetched(client, info).await
}

/// Code and message of what was refused.
pub(crate) fn refused<T>(answer: Result<T, FlightError>) -> (Code, String) {
    match answer.err().expect("it is refused") {
        FlightError::Tonic(status) => (status.code(), status.message().to_owned()),
        FlightError::Arrow(arrow_schema::ArrowError::IpcError(text)) => (Code::Unknown, text),
        other => panic!("{other}"),
    }
}

fn count(rows: &[RecordBatch]) -> usize {
    rows.iter().map(RecordBatch::num_rows).sum()
}

#[test]
fn answers_are_plain_arrow_with_parameters_and_large_ones_come_whole() {
    let hub = COUNTY.0.copy();
    let (server, ids) = (started(&hub, &[]), ids(&hub));
    let all = hub.count("SELECT count(*) FROM record.person");
    waited(async {
        let mut client = connected(&server, &server.token, LOW).await;
        let rows = asked(&mut client, IDS).await.unwrap();
        assert_eq!(texts(&rows), ids);
        assert_eq!(*rows[0].schema().field(0).data_type(), DataType::Utf8, "no view");
        let question = "SELECT p.*, c.name AS again FROM record.person p JOIN record.person c USING (record_id)";
        assert_eq!(count(&asked(&mut client, question).await.unwrap()) as i64, all);

        let mut prepared =
            client.prepare("SELECT name FROM entity.person WHERE id_no = $1 AND entity_id > $2".to_owned(), None).await.unwrap();
        assert_eq!(prepared.parameter_schema().unwrap().fields().len(), 2);
        let unbound = refused(prepared.execute().await);
        assert!(unbound.1.contains("have no values"), "{unbound:?}");
        for id in &ids[..2] {
            let values = [("0", Arc::new(StringArray::from(vec![id.as_str()])) as _), ("1", Arc::new(Int64Array::from(vec![0])) as _)];
            prepared.set_parameters(RecordBatch::try_from_iter(values).unwrap()).unwrap();
            let info = prepared.execute().await.unwrap();
            assert_eq!(count(&fetched(&mut client, info).await.unwrap()), 1);
        }
        prepared.close().await.unwrap();
    });
}

#[test]
fn who_comes_in_is_known_and_says_what_for() {
    let hub = COUNTY.0.copy();
    let server = started(&hub, &[]);
    let once =
        hub.json(&["user", "add", "li", "--role", "liaison", "--department", "mz"])["one_time_password"].as_str().unwrap().to_owned();
    waited(async {
        let mut client = unknown(&server).await;
        client.set_header("wuwei-purpose", "test");
        assert_eq!(refused(asked(&mut client, "SELECT 1 AS one").await).0, Code::Unauthenticated);
        assert!(client.handshake("li", "wrong").await.unwrap_err().to_string().contains("nobody is known"));
        assert!(client.handshake("li", &once).await.unwrap_err().to_string().contains("given out by the program"));
        let authorization = basic("li", &once);
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
        let set = server.send("PUT", "/api/v1/account/password", &headers, br#"{"password": "four words of mine"}"#);
        assert_eq!(set.status, 204, "{}", set.text());
        client.handshake("li", "four words of mine").await.unwrap();
        assert_eq!(
            count(&asked(&mut client, "SELECT 1 AS one").await.unwrap()),
            1,
            "the word of the handshake stands for name and password"
        );
        hub.says(&["user", "disable", "li"]);
        assert_eq!(refused(asked(&mut client, "SELECT 1 AS one").await).0, Code::Unauthenticated, "until the account is closed");
        for token in ["wuwei_0000000000000000_x", "x", &"0".repeat(64)] {
            let mut wrong = connected(&server, token, LOW).await;
            assert_eq!(refused(asked(&mut wrong, "SELECT 1 AS one").await).0, Code::Unauthenticated);
        }
        let mut idle = unknown(&server).await;
        idle.set_token(server.token.clone());
        let (code, told) = refused(asked(&mut idle, "SELECT 1 AS one").await);
        assert!(code == Code::InvalidArgument && told.contains("Wuwei-Purpose") && told.contains("hint: "), "{told}");
        let mut foreign = connected(&server, &server.token, LOOKING).await;
        let (code, told) = refused(asked(&mut foreign, "SELECT 1 AS one").await);
        assert!(code == Code::PermissionDenied && told.contains("hint: "), "{code:?}: {told}");
    });
}

#[test]
fn a_second_factor_wants_a_token() {
    let hub = COUNTY.0.copy();
    let server = started(&hub, &["--second-factor", "case_worker"]);
    let once =
        hub.json(&["user", "add", "li", "--role", "case_worker", "--department", "mz"])["one_time_password"].as_str().unwrap().to_owned();
    let authorization = basic("li", &once);
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    assert_eq!(server.send("PUT", "/api/v1/account/password", &headers, br#"{"password": "four words of mine"}"#).status, 204);
    let token = hub.json(&["user", "token", "li"])["token"].as_str().unwrap().to_owned();
    waited(async {
        let mut client = unknown(&server).await;
        let told = client.handshake("li", "four words of mine").await.unwrap_err().to_string();
        assert!(told.contains("second factor") && told.contains("/api/v1/account/tokens"), "{told}");
        let mut client = connected(&server, &token, "test").await;
        assert_eq!(count(&asked(&mut client, "SELECT 1 AS one").await.unwrap()), 1);
    });
}

#[test]
fn what_is_no_question_is_refused_without_a_value() {
    let hub = COUNTY.0.copy();
    let server = started(&hub, &["--rows", "100"]);
    waited(async {
        let mut client = connected(&server, &server.token, LOW).await;
        for (question, code) in [
            ("DROP TABLE record.person", Code::InvalidArgument),
            ("SELECT 1; SELECT 2", Code::InvalidArgument),
            ("SELECT * FROM record.nobody", Code::NotFound),
            ("SELECT nothing FROM record.person", Code::NotFound),
            ("SELECT CAST(name AS BIGINT) AS n FROM record.person", Code::InvalidArgument),
            ("SELECT name FROM record.person WHERE name = $1", Code::InvalidArgument),
            ("SELECT record_id FROM record.person", Code::FailedPrecondition),
        ] {
            let (told, text) = refused(asked(&mut client, question).await);
            assert_eq!(told, code, "{question}: {text}");
            assert!(text.contains("hint: ") && !text.contains("99010"), "{text}");
        }
        assert_eq!(refused(client.execute_update("DELETE FROM record.person".to_owned(), None).await).0, Code::Unimplemented);
        assert_eq!(refused(client.begin_transaction().await).0, Code::Unimplemented);
    });
}

#[test]
fn a_ticket_is_good_once_and_only_for_whoever_asked() {
    let hub = COUNTY.0.copy();
    let server = started(&hub, &[]);
    hub.says(&["user", "add", "wu", "--role", "engineer"]);
    let other = hub.json(&["user", "token", "wu"])["token"].as_str().unwrap().to_owned();
    waited(async {
        let mut client = connected(&server, &server.token, LOW).await;
        let info = client.execute(IDS.to_owned(), None).await.unwrap();
        for (token, purpose) in [(&other, LOW), (&server.token, "test")] {
            let mut another = connected(&server, token, purpose).await;
            let ticket = info.endpoint[0].ticket.clone().unwrap();
            assert_eq!(refused(another.do_get(ticket).await).0, Code::NotFound);
        }
        let ticket = info.endpoint[0].ticket.clone().unwrap();
        assert_eq!(count(&fetched(&mut client, info).await.unwrap()), 50);
        let (code, told) = refused(client.do_get(ticket).await);
        assert!(code == Code::NotFound && told.contains("good once"), "{told}");
    });
}

#[test]
fn the_catalogue_has_what_is_seen_and_nothing_else() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &["--flight", "127.0.0.1:0"]);
    waited(async {
        let mut client = connected(&server, &server.token, GOVERNANCE).await;
        let info = client.get_catalogs().await.unwrap();
        assert_eq!(texts(&fetched(&mut client, info).await.unwrap()), ["wuwei"]);
        let info = client.get_db_schemas(CommandGetDbSchemas::default()).await.unwrap();
        let schemas = fetched(&mut client, info).await.unwrap();
        assert!(schemas[0].column(1).as_string::<i32>().iter().any(|name| name == Some("record")));
        let info = client.get_tables(CommandGetTables { include_schema: true, ..CommandGetTables::default() }).await.unwrap();
        let tables = fetched(&mut client, info).await.unwrap();
        let names: Vec<String> = tables
            .iter()
            .flat_map(|rows| {
                let (schemas, names) = (rows.column(1).as_string::<i32>(), rows.column(2).as_string::<i32>());
                (0..rows.num_rows()).map(|at| format!("{}.{}", schemas.value(at), names.value(at))).collect::<Vec<_>>()
            })
            .collect();
        assert!(names.contains(&"record.person".to_owned()) && !names.contains(&"contract.restricted".to_owned()), "{names:?}");
        assert_eq!(tables[0].num_columns(), 5);
        let info = client.get_primary_keys(CommandGetPrimaryKeys { table: "person".to_owned(), ..Default::default() }).await.unwrap();
        assert_eq!(count(&fetched(&mut client, info).await.unwrap()), 0);
        let mut idle = unknown(&server).await;
        idle.set_token(server.token.clone());
        let info = idle.get_sql_info(vec![SqlInfo::FlightSqlServerName]).await.unwrap();
        assert_eq!(count(&fetched(&mut idle, info).await.unwrap()), 1, "what the server is, it tells without a purpose");
        assert_eq!(refused(idle.get_tables(CommandGetTables::default()).await).0, Code::InvalidArgument);
    });
    let looks = hub.count("SELECT count(*) FROM audit.entry WHERE principal = 'tester' AND kind = 'catalogue'");
    assert_eq!(looks, 2, "each look at what is seen is in the audit");
}

#[test]
fn masked_stays_masked_and_the_audit_says_who_asked() {
    let hub = COUNTY.0.copy();
    let (before, ids) = (hub.count("SELECT max(seq) FROM audit.entry"), ids(&hub));
    let server = Server::ruled(&hub, &["--flight", "127.0.0.1:0"]);
    waited(async {
        let mut client = connected(&server, &server.token, GOVERNANCE).await;
        let rows = asked(&mut client, IDS).await.unwrap();
        let shown = texts(&rows);
        assert!(shown.len() == 50 && shown.iter().all(|id| id.contains('*') && !ids.contains(id)), "{shown:?}");
        assert_eq!(refused(asked(&mut client, "SELECT * FROM contract.restricted").await).0, Code::NotFound);
    });
    drop(server);
    let question = format!("SELECT kind, outcome, rows, purpose FROM audit.entry WHERE principal = 'tester' AND seq > {before}");
    let entries = hub.json(&["sql", &question, "--format", "json"]);
    for (kind, outcome) in [("describe", "described"), ("sql", "asked"), ("sql", "answered"), ("describe", "refused: unknown name")] {
        let has = entries
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["kind"] == kind && entry["outcome"] == outcome && entry["purpose"] == "数据治理");
        assert!(has, "{kind} {outcome} is not in {entries}");
    }
    assert!(hub.says(&["doctor"]).contains("chain whole"));
}

#[test]
fn a_question_is_given_up_when_its_client_goes_and_a_full_server_says_to_come_again() {
    let hub = COUNTY.0.copy();
    let server = started(&hub, &["--running", "1", "--seconds", "600"]);
    let outcomes =
        |outcome: &str| hub.count(&format!("SELECT count(*) FROM audit.entry WHERE principal = 'tester' AND outcome = '{outcome}'"));
    let given_up = outcomes("failed: given up");
    waited(async {
        let mut client = connected(&server, &server.token, "test").await;
        let info = client.execute(LONG.to_owned(), None).await.unwrap();
        let (before, ticket) = (outcomes("asked"), info.endpoint[0].ticket.clone().unwrap());
        let mut asks = connected(&server, &server.token, "test").await;
        let running = tokio::spawn(async move { asks.do_get(ticket).await.map(drop) });
        until("it is asked", || outcomes("asked") > before);
        let (code, told) = refused(asked(&mut client, "SELECT 1 AS one").await);
        assert!(code == Code::ResourceExhausted && told.contains("hint: "), "after its patience: {told}");
        running.abort();
        until("its place is free", || outcomes("failed: given up") > given_up);
        assert_eq!(count(&asked(&mut client, "SELECT 1 AS one").await.unwrap()), 1);
    });
}

#[test]
fn beyond_this_machine_it_wants_tls() {
    let hub = COUNTY.0.copy();
    let refused = hub.command(&["serve", "--http", "127.0.0.1:0", "--flight", "0.0.0.0:0"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && complaint.contains("Flight SQL does not listen") && complaint.contains("--tls-cert"),
        "{complaint}"
    );
}
