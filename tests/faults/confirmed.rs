//! A mapping that somebody confirms while the server may end at any moment: it becomes a department file of the hub or it does not, whole, and
//! whoever confirms it again after a start comes to the same end.

use super::{
    disk::{Disk, Point, Run},
    handed_in::{Sender, served},
    scenario::{Act, Scenario},
    scenarios::Files,
};
use serde_json::{Value, json};
use std::path::Path;

/// A file that no department describes.
const ACCOUNTS: &str = "accounts.csv";
/// What its columns are, as somebody wrote it.
const MAPPING: &str = r#"department = "xx"
label = { zh = "某局", en = "Bureau" }
[[extract]]
name = "xx_fund"
label = { zh = "账户", en = "Accounts" }
format = "csv"
encoding = "utf-8"
contract = "full"
cycle_days = 30
share_class = 2
obliged = false
columns = ["账号", "户名", "金额"]
[extract.ignore]
"账号" = "业务系统内部编号"
"金额" = "核对不需要"
[extract.record.person]
entity = "person"
name = "户名"
"#;

/// What is known of the file: that it is of that extract, or of none.
const KNOWN: &[&[&str]] = &[&["suggest", "{hub}/accounts.csv", "--json"]];

pub(super) fn scenario<'a>(disk: &'a Disk, files: &'a Files) -> Scenario<'a> {
    let prepare = |hub: &Path| {
        let account = |name: &str, role: &str| {
            disk.says(hub, &["user", "add", name, "--role", role]).unwrap();
            let made: Value = serde_json::from_str(&disk.says(hub, &["user", "token", name, "--json"]).unwrap()).unwrap();
            std::fs::write(hub.join(format!("{name}.token")), made["token"].as_str().unwrap()).unwrap();
        };
        files.held(disk, hub, &[]);
        account("author", "engineer");
        account("other", "admin");
        let rows: String = (0..40).map(|number| format!("G{number},王小明,{number}.5\n")).collect();
        std::fs::write(hub.join(ACCOUNTS), format!("账号,户名,金额\n{rows}")).unwrap();
        let run = served(disk, hub, "author", None, 0, |sender| proposed(sender, hub));
        assert!(run.succeeded, "{}", run.complaint);
    };
    let confirm = || -> Act<'a> { Box::new(|hub, point, hours| confirmed(disk, hub, point, hours)) };
    Scenario::new(disk, prepare, &[confirm()], confirm(), KNOWN).unsteady()
}

/// Hands the file in with its mapping, and waits until it was read by it.
fn proposed(sender: &Sender, hub: &Path) -> Option<Value> {
    let file = std::fs::read(hub.join(ACCOUNTS)).unwrap();
    let made = sender.send("POST", "/uploads", json!({"name": ACCOUNTS, "bytes": file.len()}).to_string().as_bytes())?;
    let upload = made["upload"].as_str()?;
    sender.send("PATCH", &format!("/uploads/{upload}?offset=0"), &file)?;
    sender.send("PUT", &format!("/mappings/{upload}"), json!({"text": MAPPING}).to_string().as_bytes())?;
    let told = sender.settled(&format!("/uploads/{upload}"))?;
    (told["mapping"]["read"]["accepted"] == 40).then_some(told)
}

/// Confirms what waits, as somebody else than its author; what was confirmed already is.
fn confirmed(disk: &Disk, hub: &Path, point: Option<Point>, hours: i64) -> Run {
    served(disk, hub, "other", point, hours, |sender| {
        let waiting = sender.send("GET", "/mappings", b"")?["mappings"].clone();
        let Some(one) = waiting.as_array()?.first() else { return Some(json!({"mapping": {"state": "confirmed"}})) };
        let (upload, digest) = (one["upload"].as_str()?, one["mapping"]["digest"].as_str()?);
        sender.send("POST", &format!("/mappings/{upload}/confirm"), json!({"digest": digest}).to_string().as_bytes())
    })
}
