//! Folders that departments put files into, and what has its time.

use crate::support::{COUNTY, Hub, delivered, every_file};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// A hub with a folder that is watched, in which one department has put a file an hour ago.
fn put(name: &str, bytes: &[u8]) -> (Hub, PathBuf) {
    let hub = Hub::new();
    let folder = hub.path("inbox/mz");
    fs::create_dir_all(&folder).unwrap();
    lay(&folder.join(name), bytes);
    (hub, folder)
}

fn lay(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

fn watched(hub: &Hub) -> Vec<serde_json::Value> {
    hub.json(&["watch", hub.path("inbox").to_str().unwrap(), "--once"]).as_array().unwrap().clone()
}

fn marriages() -> (String, Vec<u8>) {
    let county = COUNTY.0.path("data").join("county");
    let folder = delivered(&county, "mz");
    let file = every_file(&folder).into_iter().find(|path| path.to_string_lossy().contains("hydj")).unwrap();
    (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(file).unwrap())
}

#[test]
fn a_file_that_came_whole_is_loaded_once_and_lies_with_its_receipt() {
    let (name, bytes) = marriages();
    let (hub, folder) = put(&name, &bytes);
    lay(&folder.join("half.csv.part"), b"x");
    fs::write(folder.join("fresh.csv"), b"y").unwrap();
    let handed = watched(&hub);
    assert_eq!((handed.len(), &handed[0]["department"], &handed[0]["is_loaded"]), (1, &"mz".into(), &true.into()), "{handed:?}");
    let lies = hub.path("inbox").join(handed[0]["lies"].as_str().unwrap());
    assert_eq!(fs::read(&lies).unwrap(), bytes);
    let receipt = fs::read_to_string(lies.with_file_name(format!("{name}.receipt.txt"))).unwrap();
    assert!(receipt.contains("回执 1") && receipt.contains("已入库"), "{receipt}");
    let rows = hub.count("SELECT count(*) AS n FROM record.person");
    assert!(rows > 0);
    assert!(folder.join("half.csv.part").exists() && folder.join("fresh.csv").exists(), "what may still be coming is left");
    lay(&folder.join(&name), &bytes);
    let again = watched(&hub);
    assert!(again.iter().any(|one| one["lies"].as_str().unwrap().ends_with(&format!("2-{name}"))), "no file is written over: {again:?}");
    assert_eq!(hub.count("SELECT count(*) AS n FROM record.person"), rows, "loaded once");
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason_and_links_are_not_followed() {
    let (hub, folder) = put("notes.csv", "a,b\n1,2\n".as_bytes());
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", folder.join("link.csv")).unwrap();
    let handed = watched(&hub);
    assert_eq!((handed.len(), &handed[0]["is_loaded"]), (1, &false.into()), "{handed:?}");
    let lies = hub.path("inbox").join(handed[0]["lies"].as_str().unwrap());
    assert!(lies.starts_with(folder.join("refused")));
    assert!(fs::read_to_string(lies.with_file_name("notes.csv.receipt.txt")).unwrap().contains("整份退回"));
    assert!(folder.join("link.csv").symlink_metadata().is_ok());
    let jobs = hub.json(&["--as", "liaison:qian@mz", "--purpose", "数据报送与核对", "jobs"]);
    assert!(jobs.to_string().contains("notes.csv"), "its department sees what became of it: {jobs}");
    let empty = hub.path("empty");
    fs::create_dir(&empty).unwrap();
    assert!(hub.complains(&["watch", empty.to_str().unwrap(), "--once"]).contains("called by a department's code"));
}

#[test]
fn what_has_its_time_runs_and_a_restart_knows_what_came_of_it() {
    let (hub, _) = put("notes.part", b"");
    let file = hub.path("schedules.toml");
    fs::write(&file, "[[schedule]]\nname = \"night\"\ncron = \"30 2 * * *\"\nrun = \"verify_audit\"\n").unwrap();
    let (inbox, file) = (hub.path("inbox"), file.to_str().unwrap().to_owned());
    let round = || hub.says(&["watch", inbox.to_str().unwrap(), "--once", "--schedules", &file]);
    let night = || hub.json(&["schedules", &file])[0].clone();
    round();
    assert!(night()["last"].is_null() && night()["next"].is_string(), "it is not due before its time has come once");
    // As if the program had last known it two days ago, and been killed while it ran.
    let states = hub.path("data").join("schedules.json");
    let ago = "{\"night\":{\"since_ms\":0,\"last\":{\"begun\":\"2026-01-01T00:00:00Z\",\"state\":\"running\"}}}";
    fs::write(&states, ago).unwrap();
    assert_eq!(night()["last"]["state"], "running");
    round();
    let last = night()["last"].clone();
    assert_eq!(last["state"], "done", "a time that was missed is made up for");
    assert!(last["said"].as_str().unwrap().contains("the chain is whole"), "{last}");
    assert_eq!(last["results"][0]["code"], "audit-whole", "{last}");
    let listed = hub.says(&["schedules", &file]);
    assert!(listed.contains("The chain is whole: ") && listed.contains("Checkpoint "), "{listed}");
    round();
    assert_eq!(night()["last"], last, "once");
    assert!(hub.complains(&["schedules", inbox.to_str().unwrap()]).contains("reading"));
}
