//! Power cuts: the program is killed at random moments of loading, again and again, and then let finish. No row may be lost, none may be
//! there twice, and the numbers of records must be the very same as without a kill.

use crate::support::{Hub, delivered};
use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Kills that the test must have made.
const KILLS: usize = 50;

/// Files that together bring every kind of thing that [`STATE`] counts: households, dwellings, refused rows, workbooks.
const FILES: [&str; 4] = ["ga/ga_hjrk.csv", "wg/wg_rk.xlsx", "mz/mz_hydj.csv", "jy/jy_xj.xlsx"];

/// Everything that loading leaves behind, in one line.
const STATE: &str = "SELECT (SELECT count(*) FROM raw.ga_hjrk) AS hjrk, (SELECT count(*) FROM raw.wg_rk) AS rk, \
    (SELECT count(*) FROM record.person) AS people, (SELECT count(DISTINCT record_id) FROM record.person) AS numbers, \
    (SELECT sum(record_id) FROM record.person) AS sum, (SELECT max(record_id) FROM record.person) AS last, \
    (SELECT count(*) FROM record.relation) AS relations, (SELECT count(*) FROM record.dwelling) AS dwellings, \
    (SELECT count(*) FROM raw.reject) AS rejects, (SELECT count(*) FROM contract.delivery) AS deliveries, \
    (SELECT sum(rows_ok) FROM contract.delivery) AS accepted, (SELECT count(*) FROM contract.resource) AS resources";

fn state(hub: &Hub) -> String {
    hub.says(&["sql", STATE, "--format", "json"])
}

#[test]
fn a_kill_at_any_moment_of_ingest_loses_nothing_and_doubles_nothing() {
    let quiet = Hub::new();
    let county = quiet.path("county");
    quiet.says(&["synth", "--people", "150", "--out", county.to_str().unwrap()]);
    let files = FILES.map(|file| delivered(&county, file));
    let began = Instant::now();
    assert!(ingest(&quiet, &files).output().unwrap().status.success());
    let whole = began.elapsed();
    let expected = state(&quiet);
    let mut dice = Dice(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos().into());
    let (mut kills, mut delays) = (0, Vec::new());
    while kills < KILLS {
        let hub = Hub::new();
        loop {
            let delay = whole.mul_f64(dice.next() * 0.4);
            delays.push(delay);
            if finished_before(&hub, &files, delay) {
                break;
            }
            kills += 1;
        }
        assert_eq!(state(&hub), expected, "after kills at {delays:?}");
        assert!(ingest(&hub, &files).output().unwrap().status.success());
        assert_eq!(state(&hub), expected, "handing in the same files again changes nothing; kills at {delays:?}");
        hub.says(&["doctor"]);
    }
}

/// Starts loading and kills it after the delay, unless it is done by then. After ten kills it is let go to the end.
fn finished_before(hub: &Hub, files: &[PathBuf], delay: Duration) -> bool {
    let tries = std::fs::read(hub.path("tries")).map_or(0, |bytes| bytes.len());
    std::fs::write(hub.path("tries"), vec![b'.'; tries + 1]).unwrap();
    let mut command = ingest(hub, files);
    if tries >= 10 {
        return command.output().unwrap().status.success();
    }
    let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(delay);
    match child.try_wait().unwrap() {
        Some(status) => {
            assert!(status.success(), "ingest after a kill failed");
            true
        }
        None => {
            child.kill().unwrap();
            child.wait().unwrap();
            false
        }
    }
}

fn ingest(hub: &Hub, files: &[PathBuf]) -> Command {
    let mut command = hub.command(&["ingest"]);
    command.args(files);
    command
}

/// Numbers from 0 to 1 (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}
