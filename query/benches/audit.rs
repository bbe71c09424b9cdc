//! The audit's figures: how fast entries are appended and forced to disk, by one and by many at a time; how fast a long audit is proven; how
//! fast it is said who saw a person. The long audit is written here, by the form that `audit` documents and not by its code.
//!
//! `cargo bench -p wuwei-query --bench audit -- [--entries N] [--threads N] [--folder DIR]`; one JSON line a figure.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails by panicking and prints its figures")]

use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    sync::{Arc, Mutex},
    time::Instant,
};
use wuwei_query::{Audit, Catalogue, Indicators, Lake, Limits, Policies, Principal, Purpose, Session, Wanted};
use wuwei_schema::Model;

const SEGMENT: u64 = 65_536;
/// Different persons of the long audit.
const PERSONS: u64 = 200_000;
const DAY: u64 = 86_400_000;

fn option(name: &str, otherwise: u64) -> u64 {
    let given = std::env::args().skip_while(|argument| argument != name).nth(1);
    given.map_or(otherwise, |given| given.parse().unwrap())
}

#[tokio::main]
async fn main() {
    let (entries, threads) = (option("--entries", 1_000_000), option("--threads", 50));
    let folder = std::env::args().skip_while(|argument| argument != "--folder").nth(1);
    let scratch = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in).unwrap();
    for threads in [1, threads] {
        append(&scratch.path().join(format!("append-{threads}")), threads);
    }
    let long = scratch.path().join("long/audit");
    std::fs::create_dir_all(&long).unwrap();
    write(&long, entries);
    let (began, processor) = (Instant::now(), processor_seconds());
    let audit = Audit::open(&long).unwrap();
    let chain = audit.verify().unwrap();
    let (seconds, processor) = (began.elapsed().as_secs_f64(), processor_seconds() - processor);
    println!(
        "{}",
        json!({"stage": "verify", "entries": chain.entries, "seconds": seconds, "processor_seconds": processor,
            "per_second": chain.entries as f64 / seconds})
    );
    search(&scratch.path().join("long"), audit).await;
}

/// Time of the processor that this process took, by Linux in hundredths of a second: what counts beside other programs.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

fn append(folder: &Path, threads: u64) {
    let audit = Audit::open(folder).unwrap();
    let (principal, purpose) = (Principal::parse("case_worker:li@mz").unwrap(), Purpose::parse("低保核对").unwrap());
    let each = (10_000 / threads).clamp(100, 2_000);
    let times = Mutex::new(Vec::new());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Vec::new();
                for at in 0..each {
                    let began = Instant::now();
                    audit.event("bench", &principal, &purpose, "asked", at.cast_signed()).unwrap();
                    own.push(began.elapsed().as_secs_f64() * 1_000.0);
                }
                times.lock().unwrap().extend(own);
            });
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut times = times.into_inner().unwrap();
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[times.len() * part / 1_000];
    let figure = json!({"stage": "append", "threads": threads, "entries": times.len(), "per_second": times.len() as f64 / seconds,
        "p50_ms": at(500), "p99_ms": at(990)});
    println!("{figure}");
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Entries of half a year, in pairs as questions leave them.
fn write(folder: &Path, entries: u64) {
    let (mut head, mut seal) = ("0".repeat(64), "0".repeat(64));
    let (mut seq, mut number) = (0, 0);
    while seq < entries {
        let open = folder.join("audit.jsonl");
        let mut file = BufWriter::new(File::create(&open).unwrap());
        let (mut hash, mut bytes, begins, first) = (Sha256::new(), 0, head.clone(), seq + 1);
        while seq < entries && seq + 1 - first < SEGMENT {
            seq += 1;
            let at = 1_700_000_000_000 + seq * (180 * DAY) / entries;
            let text = if seq == first && number > 0 {
                format!(
                    r#"{{"seq":{seq},"at":{at},"principal":"wuwei","purpose":"sealing a segment","kind":"seal","statement":"{seal}","outcome":"segment {number} is sealed","segment":{number}}}"#
                )
            } else if seq % 2 == 1 {
                format!(
                    r#"{{"seq":{seq},"at":{at},"principal":"li","role":"case_worker","department":"mz","origin":"http 127.0.0.1","purpose":"低保核对","kind":"sql","statement":"{head}","tables":["entity.person","record.person"],"columns":["entity.person.entity_id","entity.person.id_no","entity.person.name","record.person.phone"],"outcome":"asked"}}"#
                )
            } else {
                let person = (seq / 2 * 7_919) % PERSONS;
                let of = seq - 1;
                format!(
                    r#"{{"seq":{seq},"at":{at},"principal":"li","role":"case_worker","department":"mz","origin":"http 127.0.0.1","purpose":"低保核对","kind":"sql","outcome":"answered","of":{of},"rows":3,"persons":[{person},{}]}}"#,
                    person + 1
                )
            };
            head = hexadecimal(Sha256::new().chain_update(&head).chain_update(&text));
            let line = format!("{{\"hash\":\"{head}\",\"entry\":{text}}}\n");
            hash.update(&line);
            bytes += line.len();
            file.write_all(line.as_bytes()).unwrap();
        }
        file.flush().unwrap();
        if seq < entries {
            number += 1;
            let (sha256, from, until) = (
                hexadecimal(hash),
                1_700_000_000_000 + (first - 1) * (180 * DAY) / entries,
                1_700_000_000_000 + seq * (180 * DAY) / entries,
            );
            let text = format!(
                r#"{{"segment":{number},"first":{first},"last":{seq},"bytes":{bytes},"sha256":"{sha256}","begins":"{begins}","head":"{head}","from":{from},"until":{until},"before":"{seal}","at":{until}}}"#
            ) + "\n";
            seal = hexadecimal(Sha256::new().chain_update(&text));
            std::fs::rename(&open, folder.join(format!("segment-{number:06}.jsonl"))).unwrap();
            std::fs::write(folder.join(format!("segment-{number:06}.seal")), text).unwrap();
        }
    }
}

async fn search(root: &Path, audit: Audit) {
    let model = Model::embedded().unwrap();
    let lake = Lake::open(root).await.unwrap();
    let catalogue = Arc::new(Catalogue::new(&lake, &model, Vec::new(), Indicators::embedded().unwrap()).unwrap());
    let policies = Arc::new(Policies::embedded().unwrap());
    let (principal, purpose) = (Principal::parse("auditor:wu").unwrap(), Purpose::parse("审计").unwrap());
    let session = Session::open(catalogue, &policies, Arc::new(audit), principal, purpose, Limits::default(), 0).unwrap();
    for (what, person) in [("search, indexes made", 5), ("search", 5), ("search", 77_777), ("search", 199_999)] {
        let wanted = Wanted { persons: [person].into(), limit: 1_000, ..Wanted::default() };
        let (began, processor) = (Instant::now(), processor_seconds());
        let hits = session.audit_search(wanted, 1_800_000_000_000).await.unwrap();
        let (seconds, processor) = (began.elapsed().as_secs_f64(), processor_seconds() - processor);
        println!(
            "{}",
            json!({"stage": what, "person": person, "hits": hits.hits.len(), "seconds": seconds, "processor_seconds": processor})
        );
    }
}
