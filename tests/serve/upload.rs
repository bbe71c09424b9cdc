//! Files that are handed in over HTTP, as their department's liaison does it and as nobody should: broken off, resumed, too large, at the
//! wrong place, somebody else's; looked at, published, mended, and a program that ends in the middle.

use super::client::{Answer, Server, problem};
use crate::support::{COUNTY, Hub, delivered};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    time::{Duration, Instant},
};

pub(crate) const PURPOSE: &str = "数据报送与核对";

/// A table of marriages as a department sends it: GBK, two rows of title above the headings, and ids of which three are mistyped, each with
/// what it should be.
pub(crate) fn marriages(hub: &Hub) -> (Vec<u8>, Vec<(String, String)>) {
    let file = std::fs::read(delivered(&hub.path("data").join("county"), "mz/mz_hydj.csv")).unwrap();
    let mut lines = file.split(|byte| *byte == b'\n').take(13).map(<[u8]>::to_vec);
    let (heading, mut rows, mut wrong) = (lines.next().unwrap(), lines.collect::<Vec<_>>(), Vec::new());
    for (at, row) in rows.iter_mut().enumerate() {
        // Other marriages than those that are held.
        row[1..7].copy_from_slice(b"990199");
        let from = 1 + row.iter().enumerate().filter(|(_, byte)| **byte == b',').nth(3).unwrap().0;
        if at < 3 {
            let right = String::from_utf8(row[from..from + 18].to_vec()).unwrap();
            row[from + 17] = if row[from + 17] == b'1' { b'2' } else { b'1' };
            wrong.push((String::from_utf8(row[from..from + 18].to_vec()).unwrap(), right));
        }
    }
    // 云溪县婚姻登记月报, and 填报单位：云溪县民政局.
    let title = b"\xd4\xc6\xcf\xaa\xcf\xd8\xbb\xe9\xd2\xf6\xb5\xc7\xbc\xc7\xd4\xc2\xb1\xa8";
    let whose = b"\xcc\xee\xb1\xa8\xb5\xa5\xce\xbb\xa3\xba\xd4\xc6\xcf\xaa\xcf\xd8\xc3\xf1\xd5\xfe\xbe\xd6";
    let all = [vec![title.to_vec(), whose.to_vec(), heading], rows].concat();
    (all.join(&b'\n'), wrong)
}

/// A workbook with texts in it put right.
pub(crate) fn mended(workbook: &[u8], wrong: &[(String, String)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let (name, mut text) = (part.name().unwrap().into_owned(), String::new());
        part.read_to_string(&mut text).unwrap();
        wrong.iter().for_each(|(wrong, right)| text = text.replace(wrong, right));
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// The texts of all parts of a workbook.
fn parts(workbook: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook)).unwrap();
    let mut all = String::new();
    for at in 0..archive.len() {
        archive.by_index(at).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

/// An account with a token.
fn account(hub: &Hub, name: &str, role: &str, department: Option<&str>) -> String {
    let mut arguments = vec!["user", "add", name, "--role", role];
    arguments.extend(department.into_iter().flat_map(|code| ["--department", code]));
    hub.says(&arguments);
    hub.json(&["user", "token", name, "--label", "uploads"])["token"].as_str().unwrap().to_owned()
}

/// Somebody who hands in.
struct Sender<'a> {
    server: &'a Server,
    bearer: String,
    purpose: &'static str,
}

impl Sender<'_> {
    fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let headers = [("Authorization", self.bearer.as_str()), ("Wuwei-Purpose", self.purpose), ("Content-Type", "application/json")];
        self.server.send(method, &format!("/api/v1/uploads{path}"), &headers, body)
    }

    fn make(&self, name: &str, bytes: usize) -> String {
        let made = self.send("POST", "", json!({"name": name, "bytes": bytes}).to_string().as_bytes());
        assert_eq!(made.status, 200, "{}", made.text());
        made.json()["upload"].as_str().unwrap().to_owned()
    }

    fn hand_in(&self, name: &str, bytes: &[u8]) -> String {
        let id = self.make(name, bytes.len());
        let sent = self.send("PATCH", &format!("/{id}?offset=0"), bytes);
        assert_eq!((sent.status, sent.json()["received"].as_u64()), (200, Some(bytes.len() as u64)), "{}", sent.text());
        id
    }

    /// Begins something with it, and waits until it is over.
    fn does(&self, id: &str, what: &str, body: &Value) -> Value {
        let begun = self.send("POST", &format!("/{id}/{what}"), body.to_string().as_bytes());
        assert_eq!(begun.status, 200, "{}", begun.text());
        let since = Instant::now();
        loop {
            let told = self.send("GET", &format!("/{id}"), b"").json();
            if !["waiting", "running"].contains(&told["work"]["state"].as_str().unwrap()) {
                return told;
            }
            assert!(since.elapsed() < Duration::from_secs(120), "{told}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn liaison<'a>(server: &'a Server, token: &str) -> Sender<'a> {
    Sender { server, bearer: format!("Bearer {token}"), purpose: PURPOSE }
}

#[test]
fn a_liaison_gets_from_three_wrong_ids_to_all_accepted() {
    let hub = COUNTY.0.copy();
    let token = account(&hub, "qian", "liaison", Some("mz"));
    let server = Server::of(&hub, token.clone(), &[]);
    let qian = liaison(&server, &token);
    let (file, wrong) = marriages(&hub);
    let id = qian.hand_in("婚姻登记.csv", &file);
    assert_eq!(problem(&qian.send("GET", &format!("/{id}/check"), b"")), (422, "not-possible".to_owned()), "nobody has looked");
    let told = qian.does(&id, "check", &json!({}));
    assert_eq!(told["work"]["state"], "done", "{told}");
    let found = qian.send("GET", &format!("/{id}/check"), b"").json();
    let of = &found["files"][0];
    assert_eq!(
        (&of["extract"], &of["understood"]["heading_row"], &of["understood"]["encoding"]),
        (&json!("mz_hydj"), &json!(3), &json!("GB18030"))
    );
    assert_eq!([&of["read"], &of["accepted"], &of["rejected"]], [12, 9, 3].map(|count| json!(count)).each_ref(), "{found}");
    assert!(of["rejects"][0]["reason"].as_str().unwrap().contains("校验位"), "{found}");
    assert_eq!(of["first"]["rows"].as_array().unwrap().len(), 9, "whoever would see the rows sees the first of them");
    assert!(!of["rejects"].to_string().contains(&wrong[0].0), "a reject has no value");
    let of_title = |found: &Value| {
        found["files"][0]["understood"]["evidence"].as_array().unwrap().iter().find(|told| told["code"] == "title-above").cloned()
    };
    assert_eq!(of_title(&found).unwrap()["said"], "第3行以上视为标题，未读取");
    let headers = [("Authorization", qian.bearer.as_str()), ("Wuwei-Purpose", PURPOSE), ("Accept-Language", "de, en;q=0.8, zh;q=0.2")];
    let english = server.send("GET", &format!("/api/v1/uploads/{id}/check"), &headers, b"").json();
    assert_eq!(english["files"][0]["rejects"][0]["reason"], "check digit of the id differs", "{english}");
    assert_eq!(of_title(&english).unwrap()["said"], "What stands above row 3 is taken for a title and is not read");
    let groom = of["mapping"].as_array().unwrap().iter().find(|mapped| mapped["column"] == "MSFZJHM").unwrap();
    assert_eq!((&groom["becomes"][0]["role"], &groom["becomes"][0]["property"]["zh"]), (&json!("groom"), &json!("公民身份号码")));

    let before = hub.count("SELECT count(*) FROM raw.mz_hydj");
    let told = qian.does(&id, "publish", &json!({}));
    assert_eq!((&told["work"]["state"], &told["loaded"]), (&json!("done"), &json!(true)), "{told}");
    assert_eq!(hub.count("SELECT count(*) FROM raw.mz_hydj"), before + 9);
    let left = crate::support::every_file(&hub.path("data").join("uploads"));
    assert!(left.iter().all(|path| !path.ends_with("data") && !path.ends_with("checked.json")), "its bytes are gone: {left:?}");
    let job = told["work"]["jobs"][0].as_u64().unwrap();
    let receipt = server.send("GET", &format!("/api/v1/jobs/{job}"), &headers, b"").json();
    assert_eq!([&receipt["accepted"], &receipt["rejected"]], [9, 3].map(|count| json!(count)).each_ref(), "{receipt}");
    // The workbook in English is known again as well as the one in Chinese.
    let workbook = server.send("GET", &format!("/api/v1/jobs/{job}/rejects"), &headers, b"").body;
    let texts = parts(&workbook);
    assert!(texts.contains("Why sent back") && texts.contains("check digit of the id differs") && !texts.contains("校验位"), "{texts}");
    let chinese = parts(&server.send("GET", &format!("/api/v1/jobs/{job}/rejects"), &headers[..2], b"").body);
    assert!(chinese.contains("补正说明") && chinese.contains("证件号码校验位不符"), "{chinese}");

    let again = qian.hand_in("补正.xlsx", &mended(&workbook, &wrong));
    assert_eq!(qian.does(&again, "check", &json!({}))["work"]["state"], "done");
    let of = &qian.send("GET", &format!("/{again}/check"), b"").json()["files"][0];
    assert_eq!([&of["accepted"], &of["rejected"]], [3, 0].map(|count| json!(count)).each_ref(), "{of}");
    assert!(of["understood"]["repairs"].is_string());
    assert_eq!(qian.does(&again, "publish", &json!({}))["loaded"], true);
    assert_eq!(hub.count("SELECT count(*) FROM raw.mz_hydj"), before + 12);
    let kinds = hub.json(&["sql", "SELECT DISTINCT kind FROM audit.entry WHERE principal = 'qian'", "--format", "json"]).to_string();
    assert!(["upload", "check", "ingest"].iter().all(|kind| kinds.contains(&format!("\"{kind}\""))), "{kinds}");
}

#[test]
fn what_breaks_off_goes_on_where_it_stands_and_what_does_not_fit_changes_nothing() {
    let hub = COUNTY.0.copy();
    let token = account(&hub, "qian", "liaison", Some("mz"));
    let server = Server::of(&hub, token.clone(), &[]);
    let qian = liaison(&server, &token);
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at * 31 % 251) as u8).collect();
    let id = qian.make("大.csv", bytes.len());
    // A body that says that it has all bytes, and goes away in the middle.
    let headers = [("Authorization", qian.bearer.as_str()), ("Wuwei-Purpose", PURPOSE), ("Content-Type", "application/octet-stream")];
    let request = server.request("PATCH", &format!("/api/v1/uploads/{id}?offset=0"), &headers, &bytes);
    let mut stream = server.connect();
    stream.write_all(&request[..request.len() - 500_000]).unwrap();
    drop(stream);
    let stands = || usize::try_from(qian.send("GET", &format!("/{id}"), b"").json()["received"].as_u64().unwrap()).unwrap();
    super::limits::until("what came is on disk", || stands() >= 2 << 20);
    super::limits::until("nobody writes any more", || qian.send("PATCH", &format!("/{id}?offset={}", stands()), b"").status == 200);
    let at = stands();
    assert!(at < bytes.len(), "{at}");
    for offset in [0, at - 1, at + 1, usize::MAX] {
        let refused = qian.send("PATCH", &format!("/{id}?offset={offset}"), b"x");
        assert_eq!(problem(&refused), (422, "not-possible".to_owned()), "{offset}");
    }
    assert_eq!(problem(&qian.send("PATCH", &format!("/{id}?offset=-1"), b"x")).0, 400);
    let more = [&bytes[at..], b"x"].concat();
    assert_eq!(problem(&qian.send("PATCH", &format!("/{id}?offset={at}"), &more)), (413, "too-large".to_owned()));
    assert_eq!(stands(), at);
    assert_eq!(problem(&qian.send("POST", &format!("/{id}/check"), b"{}")), (422, "not-possible".to_owned()), "it is not whole");
    assert_eq!(qian.send("PATCH", &format!("/{id}?offset={at}"), &bytes[at..]).json()["received"], bytes.len());
    assert!(std::fs::read(hub.path("data").join("uploads").join(&id).join("data")).unwrap() == bytes);
    let large = qian.send("POST", "", json!({"name": "a", "bytes": 1_u64 << 40}).to_string().as_bytes());
    assert_eq!(problem(&large), (413, "too-large".to_owned()));
    for wrong in [json!({}), json!({"name": "a"}), json!({"name": "a", "bytes": -1}), json!({"name": "a", "bytes": 1, "path": "/x"})] {
        assert_eq!(qian.send("POST", "", wrong.to_string().as_bytes()).status, 400, "{wrong}");
    }
    let hostile = qian.make("../../accounts/accounts.json\u{7}", 1);
    assert_eq!(qian.send("GET", &format!("/{hostile}"), b"").json()["name"], "accounts.json\u{fffd}");
    assert_eq!(qian.send("DELETE", &format!("/{id}"), b"").status, 204);
    assert_eq!(qian.send("GET", &format!("/{id}"), b"").status, 404);
    assert!(!hub.path("data").join("uploads").join(&id).exists());
}

#[test]
fn nobody_sees_or_touches_what_others_hand_in() {
    let hub = COUNTY.0.copy();
    let (own, other) = (account(&hub, "qian", "liaison", Some("mz")), account(&hub, "sun", "liaison", Some("mz")));
    let worker = account(&hub, "li", "case_worker", Some("mz"));
    let server = Server::of(&hub, own.clone(), &[]);
    let (qian, sun) = (liaison(&server, &own), liaison(&server, &other));
    let id = qian.hand_in("a.csv", b"a,b\n1,2\n");
    for (method, rest) in [
        ("GET", ""),
        ("PATCH", "?offset=8"),
        ("DELETE", ""),
        ("POST", "/check"),
        ("GET", "/check"),
        ("GET", "/suggestion"),
        ("GET", "/department-file?code=xx"),
        ("POST", "/publish"),
        ("POST", "/cancel"),
    ] {
        assert_eq!(problem(&sun.send(method, &format!("/{id}{rest}"), b"{}")), (404, "not-found".to_owned()), "{method} {rest}");
    }
    assert_eq!(sun.send("GET", "", b"").json()["uploads"], json!([]));
    assert_eq!(qian.send("GET", "", b"").json()["uploads"][0]["upload"], id);
    let li = Sender { server: &server, bearer: format!("Bearer {worker}"), purpose: "低保核对" };
    assert_eq!(problem(&li.send("GET", "", b"")), (403, "forbidden".to_owned()), "who hands in nothing has no verb for it");
    let foreign = qian.send("POST", &format!("/{id}/check"), br#"{"department": "ga"}"#);
    assert_eq!(problem(&foreign), (422, "not-possible".to_owned()));
    let refreshed = qian.send("POST", &format!("/{id}/publish"), br#"{"refresh": true}"#);
    assert_eq!(problem(&refreshed), (403, "forbidden".to_owned()), "a liaison resolves nothing");
}

#[test]
fn a_file_of_no_department_is_told_so_and_gets_a_proposal_that_is_not_applied() {
    let hub = COUNTY.0.copy();
    let token = account(&hub, "zhao", "engineer", None);
    let server = Server::of(&hub, token.clone(), &[]);
    let zhao = Sender { server: &server, bearer: format!("Bearer {token}"), purpose: "数据治理" };
    let mut text = "个人账号,姓名,证件号码,手机号码,月缴存额\n".to_owned();
    (10..40).for_each(|person| text.push_str(&format!("G{person},王小明,990101198503070017,120123456{person},88.5\n")));
    let id = zhao.hand_in("公积金.csv", text.as_bytes());
    let told = zhao.does(&id, "check", &json!({}));
    let reason = told["work"]["reason"].as_str().unwrap();
    assert!(told["work"]["state"] == "refused" && reason.contains("公积金.csv") && !reason.contains("uploads"), "{told}");
    assert_eq!(zhao.send("GET", &format!("/{id}/check"), b"").status, 422, "nothing was found");
    let proposal = zhao.send("GET", &format!("/{id}/suggestion"), b"").json();
    assert_eq!(proposal["columns"][2]["target"]["property"], "id_no", "{proposal}");
    assert!(!proposal.to_string().contains("王小明"));
    let file = zhao.send("GET", &format!("/{id}/department-file?code=gjj"), b"");
    assert!(file.header("content-disposition").unwrap().contains("gjj.toml") && file.text().contains("TODO"), "{}", file.text());
    assert_eq!(problem(&zhao.send("GET", &format!("/{id}/department-file?code=..%2Fx"), b"")).0, 400);
    let published = zhao.does(&id, "publish", &json!({}));
    assert_eq!((&published["work"]["state"], &published["loaded"]), (&json!("refused"), &json!(false)), "{published}");
}

#[test]
fn who_may_not_see_the_rows_sees_no_value_of_them() {
    let hub = COUNTY.0.copy();
    let token = account(&hub, "zhao", "engineer", None);
    let server = Server::of(&hub, token.clone(), &[]);
    let zhao = Sender { server: &server, bearer: format!("Bearer {token}"), purpose: "数据治理" };
    let (file, wrong) = marriages(&hub);
    let id = zhao.hand_in("婚姻登记.csv", &file);
    assert_eq!(zhao.does(&id, "check", &json!({"department": "mz"}))["work"]["state"], "done");
    let found = zhao.send("GET", &format!("/{id}/check"), b"");
    let text = found.text();
    assert!(
        found.json()["files"][0]["first"].is_null() && !wrong.iter().any(|(wrong, right)| text.contains(wrong) || text.contains(right))
    );
    let told = zhao.does(&id, "publish", &json!({"refresh": true}));
    assert_eq!((&told["work"]["state"], &told["loaded"]), (&json!("done"), &json!(true)), "{told}");
    let unlinked = "SELECT count(*) FROM record.person p LEFT JOIN graph.link l USING (record_id) WHERE l.record_id IS NULL";
    assert_eq!(hub.count(unlinked), 0, "what follows is brought up to date");
}

#[test]
fn a_program_that_ends_in_the_middle_tells_so_and_loads_once() {
    let hub = COUNTY.0.copy();
    let token = account(&hub, "qian", "liaison", Some("mz"));
    let server = Server::of(&hub, token.clone(), &[]);
    let (file, _) = marriages(&hub);
    let (before, id) = (hub.count("SELECT count(*) FROM raw.mz_hydj"), {
        let qian = liaison(&server, &token);
        let half = file.len() / 2;
        let id = qian.make("婚姻登记.csv", file.len());
        assert_eq!(qian.send("PATCH", &format!("/{id}?offset=0"), &file[..half]).status, 200);
        id
    });
    drop(server);
    let server = Server::of(&hub, token.clone(), &[]);
    let qian = liaison(&server, &token);
    let half = usize::try_from(qian.send("GET", &format!("/{id}"), b"").json()["received"].as_u64().unwrap()).unwrap();
    assert_eq!(half, file.len() / 2);
    assert_eq!(qian.send("PATCH", &format!("/{id}?offset={half}"), &file[half..]).status, 200);
    assert_eq!(qian.send("POST", &format!("/{id}/publish"), b"{}").status, 200);
    // However far it has come by now.
    drop(server);
    let server = Server::of(&hub, token.clone(), &[]);
    let qian = liaison(&server, &token);
    let told = qian.send("GET", &format!("/{id}"), b"").json();
    let state = told["work"]["state"].as_str().unwrap().to_owned();
    assert!(["interrupted", "done"].contains(&state.as_str()), "{told}");
    let told = if state == "done" { told } else { qian.does(&id, "publish", &json!({})) };
    assert_eq!((&told["work"]["state"], &told["loaded"]), (&json!("done"), &json!(true)), "{told}");
    assert_eq!(hub.count("SELECT count(*) FROM raw.mz_hydj"), before + 9, "once");
    let again = qian.hand_in("再报.csv", &file);
    assert_eq!(qian.does(&again, "publish", &json!({}))["loaded"], true);
    assert_eq!(hub.count("SELECT count(*) FROM raw.mz_hydj"), before + 9, "the same file changes nothing");
}
