//! What the test of a failing disk tries, with more points and for every stage: `cargo bench --profile dev --bench faults -- 500` tries 500
//! points (all there are, if fewer), and prints a line of JSON for each command that was disturbed. It ends with the first thing that does not hold.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench of promises fails by panicking")]

#[path = "../faults/disk.rs"]
mod disk;
#[path = "../folder.rs"]
mod folder;
#[path = "../faults/scenario.rs"]
#[expect(dead_code, reason = "what a server is disturbed by stands on the test's own client")]
mod scenario;
#[path = "../faults/scenarios.rs"]
#[expect(dead_code, reason = "what a server is disturbed by stands on the test's own client")]
mod scenarios;

use disk::{Disk, Kind};
use std::{io::Write as _, time::Instant};

/// All kinds; the last is of no use where no file of others is read.
const KINDS: [Kind; 8] = [Kind::Kill, Kind::Torn, Kind::Full, Kind::Broken, Kind::Sealed, Kind::Power, Kind::Hollow, Kind::Reader];

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(500_usize);
    let (disk, files) = (Disk::new(), scenarios::Files::new());
    let commands = [
        ("first load", files.first_load(&disk), &KINDS[..]),
        ("second delivery", files.second_delivery(&disk), &KINDS[..]),
        ("refresh", files.refresh(&disk), &KINDS[..7]),
        ("a watched folder", files.watched(&disk), &KINDS[..7]),
        ("a decision", files.decided(&disk), &KINDS[..7]),
    ];
    for (command, scenario, kinds) in &commands {
        let began = Instant::now();
        let points = scenario.try_points(kinds, count.div_ceil(commands.len()));
        scenario.try_end_and_clock().unwrap();
        let by_kind =
            kinds.iter().map(|kind| (format!("{kind:?}").to_lowercase(), points.iter().filter(|point| point.kind == *kind).count()));
        let told = serde_json::json!({
            "command": command,
            "calls": scenario.calls.len(),
            "points": points.len(),
            "by_kind": by_kind.collect::<std::collections::BTreeMap<_, _>>(),
            "seconds": began.elapsed().as_secs(),
        });
        writeln!(std::io::stdout().lock(), "{told}").unwrap();
    }
}
