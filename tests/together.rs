//! Several at once: who loads or computes while somebody else publishes waits for its turn. A load on a failing disk is in `faults`.

use crate::support::{Hub, delivered};
use std::{collections::BTreeMap, fs, process::Stdio};

#[test]
fn two_that_load_at_once_take_turns_and_load_each_file_once() {
    let hub = Hub::new();
    let county = hub.path("county");
    hub.says(&["synth", "--people", "60", "--out", county.to_str().unwrap()]);
    let files = ["ga/ga_hjrk.csv", "mz/mz_hydj.csv", "wg/wg_rk.xlsx"].map(|file| delivered(&county, file));
    let start = || {
        let mut command = hub.command(&["ingest", "--json"]);
        command.args(&files).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut published: BTreeMap<String, usize> = BTreeMap::new();
    for loading in [start(), start(), start()] {
        let output = loading.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let loaded: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for job in loaded["jobs"].as_array().unwrap() {
            *published.entry(job["file"].to_string()).or_default() += usize::from(job["outcome"] == "published");
        }
    }
    assert_eq!(published.values().collect::<Vec<_>>(), [&1; 3], "{published:?}");
    assert_eq!(hub.count("SELECT count(*) FROM contract.delivery"), 3);
    assert_eq!(hub.count("SELECT count(*) - count(DISTINCT record_id) FROM record.person"), 0);
    let numbers: Vec<u64> = hub.json(&["jobs"])["jobs"].as_array().unwrap().iter().map(|job| job["job"].as_u64().unwrap()).collect();
    assert_eq!(numbers.len(), 9, "each of them has told of each file");
    assert!(numbers.windows(2).all(|pair| pair[0] != pair[1]), "no job's number is given twice: {numbers:?}");
}

#[test]
fn a_stage_waits_for_a_load_and_sees_what_it_brought() {
    let hub = Hub::new();
    let county = hub.path("county");
    hub.says(&["synth", "--people", "60", "--out", county.to_str().unwrap()]);
    let file = delivered(&county, "ga/ga_hjrk.csv");
    let lock = hub.path("data").join("publisher.lock");
    fs::create_dir_all(hub.path("data")).unwrap();
    let held = fs::File::create(&lock).unwrap();
    held.lock().unwrap();
    let mut loading = hub.command(&["ingest"]);
    let mut loading = loading.arg(&file).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(loading.try_wait().unwrap().is_none(), "it waits while another one publishes");
    drop(held);
    assert!(loading.wait().unwrap().success());
    hub.says(&["refresh"]);
    assert!(hub.count("SELECT count(*) FROM entity.person") > 0);
}
