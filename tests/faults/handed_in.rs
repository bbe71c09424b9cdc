//! A file that is handed in over HTTP while the server may end at any moment: its sender asks how far it is, goes on there, and lets it be
//! loaded; after a start of the server it does so again.

use super::{
    disk::{Disk, Point, Run, calls},
    scenario::{Act, Scenario},
    scenarios::{Files, LOADED},
};
use crate::{serve::client, support::root};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// What is waited for at most.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn scenario<'a>(disk: &'a Disk, files: &'a Files) -> Scenario<'a> {
    let prepare = |hub: &Path| {
        files.held(disk, hub, &[&["user", "add", "tester", "--role", "engineer"]]);
        let made: Value = serde_json::from_str(&disk.says(hub, &["user", "token", "tester", "--json"]).unwrap()).unwrap();
        std::fs::write(hub.join("tester.token"), made["token"].as_str().unwrap()).unwrap();
    };
    let hand_in = || -> Act<'a> { Box::new(|hub, point, hours| handed_in(disk, hub, &files.february(), point, hours)) };
    Scenario::new(disk, prepare, &[hand_in()], hand_in(), LOADED).unsteady()
}

/// Serves, and hands the file in, as far as that goes.
fn handed_in(disk: &Disk, hub: &Path, file: &[u8], point: Option<Point>, hours: i64) -> Run {
    served(disk, hub, "tester", point, hours, |sender| sender.hands_in(file).filter(|told| told["loaded"] == true))
}

/// Serves, and does something over HTTP with the token of that name, as far as that goes; then the server is stopped, if it still answers. What
/// was not done is nothing.
pub(super) fn served(disk: &Disk, hub: &Path, who: &str, point: Option<Point>, hours: i64, act: impl Fn(&Sender) -> Option<Value>) -> Run {
    let beside = tempfile::tempdir().unwrap();
    let (log, policies) = (beside.path().join("calls"), root().join("tests/serve/policies"));
    let arguments = ["serve", "--http", "127.0.0.1:0", "--policies", policies.to_str().unwrap()];
    let mut command = disk.command(hub, &arguments, point, hours, &log);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.split(' ').find_map(|word| word.trim().strip_prefix("http://")).map(str::to_owned);
    let token = std::fs::read_to_string(hub.join(format!("{who}.token"))).unwrap();
    let told = address.and_then(|address| act(&Sender { address, token }));
    let was_killed = stopped(&mut child);
    let succeeded = !was_killed && told.is_some();
    let complaint = told.map_or_else(|| "the server did not answer, or otherwise than was meant".to_owned(), |told| told.to_string());
    Run { succeeded, was_killed, said: String::new(), complaint, calls: calls(&log) }
}

/// Whether it was killed before it was told to stop.
fn stopped(child: &mut Child) -> bool {
    Command::new("kill").args(["-TERM", &child.id().to_string()]).stderr(Stdio::null()).status().unwrap();
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert_ne!(status.signal(), Some(15), "it listens before it says where it answers");
            return status.signal() == Some(9);
        }
        assert!(since.elapsed() < PATIENCE, "the server does not stop");
        sleep(Duration::from_millis(20));
    }
}

pub(super) struct Sender {
    address: String,
    token: String,
}

impl Sender {
    /// What it is told of its file at the end; nothing where the server ends before.
    fn hands_in(&self, file: &[u8]) -> Option<Value> {
        let known = self.send("GET", "/uploads", b"")?["uploads"][0].clone();
        let made = || self.send("POST", "/uploads", json!({"name": "名册.csv", "bytes": file.len()}).to_string().as_bytes());
        let mut told = if known.is_null() { made()? } else { known };
        let upload = format!("/uploads/{}", told["upload"].as_str()?);
        let received = usize::try_from(told["received"].as_u64()?).unwrap();
        if received < file.len() {
            told = self.send("PATCH", &format!("{upload}?offset={received}"), &file[received..])?;
        }
        if told["loaded"] == false {
            told = self.send("POST", &format!("{upload}/publish"), b"{}")?;
        }
        if told["loaded"] == true { Some(told) } else { self.settled(&upload) }
    }

    /// What is told of an upload once nothing is done with it any more.
    pub(super) fn settled(&self, upload: &str) -> Option<Value> {
        let (since, mut told) = (Instant::now(), self.send("GET", upload, b"")?);
        while ["waiting", "running"].contains(&told["work"]["state"].as_str()?) {
            assert!(since.elapsed() < PATIENCE, "{told}");
            sleep(Duration::from_millis(20));
            told = self.send("GET", upload, b"")?;
        }
        Some(told)
    }

    pub(super) fn send(&self, method: &str, path: &str, body: &[u8]) -> Option<Value> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {}\r\nWuwei-Purpose: test\r\n\r\n",
            self.address,
            body.len(),
            self.token.trim()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
        let answer = client::read_as_it_comes(stream).filter(client::Answer::is_whole)?;
        (answer.status == 200).then(|| answer.json())
    }
}
