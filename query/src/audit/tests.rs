//! What an audit promises: that it is continued whatever stops it, that every change to it is found, and that whoever looks finds what is there.

mod alarms;
mod found;
mod mutated;
mod sealed;

use super::*;
use std::{fs, io::Write as _, path::PathBuf};

/// Sealed often.
const SMALL: Bounds = Bounds { entries: 16, bytes: 1 << 20, span_ms: i64::MAX };

fn entry(at: i64) -> Entry {
    let principal = Principal::parse("case_worker:li@mz").unwrap().at("command line");
    Entry::asked("sql", &principal, &Purpose::parse("低保核对").unwrap(), at)
}

fn small(folder: &Path) -> Audit {
    Audit::bounded(folder, SMALL).unwrap()
}

/// An audit of so many entries, sealed often.
fn filled(folder: &Path, count: i64) -> Audit {
    let audit = small(folder);
    (1..=count).for_each(|at| assert_ne!(audit.append(entry(at)).unwrap(), 0));
    audit
}

#[test]
fn a_writer_that_stops_in_the_middle_leaves_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let audit = filled(folder.path(), 3);
    let lost = Arc::new(OnceLock::new());
    locked(&audit.queue).is_writing = true;
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| audit.append(entry(4)));
        drop(Turn { audit: &audit, given: vec![Arc::clone(&lost)] });
        assert_eq!(waits.join().unwrap().unwrap(), 4, "who came meanwhile writes");
    });
    assert!(lost.get().unwrap().is_err(), "what was not written is told so");
    assert_eq!(audit.verify().unwrap().entries, 4);
}

/// An audit of five entries, and its file.
fn five(folder: &tempfile::TempDir) -> (Audit, PathBuf) {
    let audit = Audit::open(folder.path()).unwrap();
    (1..=5).for_each(|at| assert_eq!(audit.append(entry(at)).unwrap(), u64::try_from(at).unwrap()));
    (audit, folder.path().join("audit.jsonl"))
}

/// What a fresh reader says of the file after its lines were changed.
fn after(change: impl FnOnce(&mut Vec<String>)) -> Result<Chain, Error> {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = five(&folder);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    Audit::open(folder.path()).unwrap().verify()
}

fn place_of(error: Error) -> String {
    match error {
        Error::Chain { place, .. } => place,
        other => panic!("{other}"),
    }
}

#[test]
fn an_audit_as_written_is_proven() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, path) = five(&folder);
    let chain = audit.verify().unwrap();
    assert_eq!((chain.entries, audit.entries().unwrap()), (5, 5));
    assert!(fs::read_to_string(path).unwrap().contains(&chain.head));
    assert_eq!(Audit::open(folder.path()).unwrap().append(entry(6)).unwrap(), 6, "another process continues it");
    assert_eq!(audit.append(entry(7)).unwrap(), 7, "and this one after it");
    assert_eq!(audit.verify().unwrap().entries, 7);
    let kept: Checkpoint = chain.checkpoint().to_string().parse().unwrap();
    assert_eq!(audit.verify_since(&kept).unwrap().entries, 7, "it goes on from what was kept");
    for wrong in ["", "5", "x:y", "5:12", &format!("5:{}", "G".repeat(64))] {
        assert!(wrong.parse::<Checkpoint>().is_err(), "{wrong}");
    }
}

#[test]
fn edit_removal_exchange_and_addition_are_found_where_they_are() {
    let of = |entry: u64| format!("entry {entry} in audit.jsonl");
    assert_eq!(place_of(after(|lines| lines[2] = lines[2].replace("\"li\"", "\"wu\"")).unwrap_err()), of(3));
    assert_eq!(place_of(after(|lines| drop(lines.remove(1))).unwrap_err()), of(2));
    assert_eq!(place_of(after(|lines| lines.swap(1, 2)).unwrap_err()), of(2));
    assert_eq!(place_of(after(|lines| lines.insert(3, lines[2].clone())).unwrap_err()), of(4));
    assert_eq!(place_of(after(|lines| lines[0].insert(0, ' ')).unwrap_err()), of(1));
    assert_eq!(after(|_| ()).unwrap().entries, 5);
}

#[test]
fn a_cut_end_is_found_by_whoever_knows_the_count() {
    assert_eq!(after(|lines| lines.truncate(3)).unwrap().entries, 3, "five were known");
    let folder = tempfile::tempdir().unwrap();
    let (audit, path) = five(&folder);
    let kept = audit.verify().unwrap().checkpoint();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.lines().take(3).fold(String::new(), |kept, line| kept + line + "\n")).unwrap();
    assert_eq!(place_of(audit.verify().unwrap_err()), "entry 4 in audit.jsonl");
    assert_eq!(place_of(audit.append(entry(6)).unwrap_err()), "entry 4 in audit.jsonl", "nothing is written over the gap");
    let fresh = Audit::open(folder.path()).unwrap();
    assert_eq!(fresh.verify().unwrap().entries, 3, "who knows nothing sees nothing");
    assert_eq!(place_of(fresh.verify_since(&kept).unwrap_err()), "entry 4");
}

#[test]
fn a_line_torn_by_a_crash_is_dropped_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = five(&folder);
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"hash\":\"12").unwrap();
    let audit = Audit::open(folder.path()).unwrap();
    assert_eq!(audit.verify().unwrap().entries, 5);
    assert_eq!(audit.append(entry(6)).unwrap(), 7);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.lines().nth(5).unwrap().contains("\"kind\":\"repair\""), "{text}");
    assert_eq!(audit.verify().unwrap().entries, 7);
}

/// As they were written before there were roles, origins, persons and segments.
#[test]
fn an_audit_of_an_older_version_is_proven_and_continued() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        r#"{"seq":1,"at":7,"principal":"li","department":"mz","purpose":"低保核对","kind":"sql","tables":["record.person"],"outcome":"asked"}"#,
        r#"{"seq":2,"at":7,"principal":"li","department":"mz","purpose":"低保核对","kind":"sql","outcome":"answered","of":1,"rows":3}"#,
    ];
    let (mut head, mut lines) = (START.to_owned(), String::new());
    for text in texts {
        head = bound(&head, text.as_bytes());
        lines.push_str(&line(&head, text));
    }
    fs::write(folder.path().join("audit.jsonl"), lines).unwrap();
    let audit = small(folder.path());
    assert_eq!(audit.verify().unwrap().checkpoint(), Checkpoint { entries: 2, head });
    (3..40).for_each(|at| assert_ne!(audit.append(entry(at)).unwrap(), 0));
    let chain = audit.verify().unwrap();
    assert_eq!((chain.segments, chain.removed), (2, 0));
}

#[test]
fn those_that_wait_are_written_together_in_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let several: Vec<Audit> = (0..3).map(|_| small(folder.path())).collect();
    let given = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        // Each audit is as another process has it; several threads share one.
        for audit in several.iter().flat_map(|audit| [audit; 4]) {
            let given = &given;
            threads.spawn(move || (1..=25).for_each(|at| locked(given).push(audit.append(entry(at)).unwrap())));
        }
    });
    let mut given = given.into_inner().unwrap();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 300, "each entry has its own number");
    let chain = small(folder.path()).verify().unwrap();
    assert_eq!(chain.entries, 300 + chain.segments, "and nothing else is there but the seals");
    assert!(chain.segments >= 15, "{chain:?}");
}
