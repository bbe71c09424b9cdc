//! Segments: sealed at a bound, continued after a stop between any two steps, removed when they are old.

use super::*;
use crate::audit::seal::{STEPS, Sealing};

const DAY: i64 = 86_400_000;

#[test]
fn a_file_is_sealed_at_its_bound_and_the_next_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let audit = filled(folder.path(), 40);
    let chain = audit.verify().unwrap();
    assert_eq!((chain.entries, chain.segments), (42, 2), "two entries tell of seals");
    let (first, hash) = segment::seal(folder.path(), 1).unwrap();
    let (second, _) = segment::seal(folder.path(), 2).unwrap();
    assert_eq!((first.first, first.last, second.first, second.last), (1, 16, 17, 32));
    assert_eq!((&second.begins, &second.before), (&first.head, &hash));
    assert_eq!((first.from, first.until), (1, 16));
    let path = folder.path().join("segment-000001.jsonl");
    assert_eq!((segment::sha256(&path).unwrap(), fs::metadata(path).unwrap().len()), (first.sha256.clone(), first.bytes));
    let open = fs::read_to_string(folder.path().join(OPEN)).unwrap();
    assert!(open.lines().next().unwrap().contains("\"kind\":\"seal\""), "{open}");
}

#[test]
fn a_file_is_sealed_when_it_is_large_or_old() {
    for bounds in
        [Bounds { entries: u64::MAX, bytes: 1_000, span_ms: i64::MAX }, Bounds { entries: u64::MAX, bytes: u64::MAX, span_ms: DAY }]
    {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::bounded(folder.path(), bounds).unwrap();
        (1..=10).for_each(|at| assert_ne!(audit.append(entry(at * DAY / 4)).unwrap(), 0));
        assert!(audit.verify().unwrap().segments >= 2, "{bounds:?}");
        assert_ne!(audit.append(entry(1)).unwrap(), 0);
        assert_eq!(audit.verify().unwrap().checkpoint().entries, audit.entries().unwrap(), "a clock set back is no break");
    }
}

#[test]
fn a_stop_between_any_two_steps_of_sealing_is_continued() {
    for stop in 0..=STEPS.len() {
        let folder = tempfile::tempdir().unwrap();
        let audit = filled(folder.path(), 16);
        let kept = audit.verify().unwrap().checkpoint();
        let mut held = audit.journal.hold().unwrap();
        let mut sealing = Sealing::of(folder.path(), &mut held, 17).unwrap();
        STEPS[..stop].iter().for_each(|step| step(&mut sealing).unwrap());
        drop((sealing, held));
        drop(audit);
        let fresh = small(folder.path());
        assert!(fresh.verify_since(&kept).is_ok(), "stopped after {stop}: {:?}", fresh.verify());
        (18..=60).for_each(|at| assert_ne!(fresh.append(entry(at)).unwrap(), 0));
        let chain = fresh.verify_since(&kept).unwrap_or_else(|error| panic!("stopped after {stop}: {error}"));
        assert_eq!(chain.entries, 59 + chain.segments, "stopped after {stop}");
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert!(!names.into_iter().any(|name| name == "audit.next"), "stopped after {stop}");
    }
}

#[test]
fn a_torn_line_is_told_in_the_next_file_when_the_one_is_full() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 16));
    let mut open = fs::OpenOptions::new().append(true).open(folder.path().join(OPEN)).unwrap();
    open.write_all(b"{\"hash\":\"12").unwrap();
    let audit = small(folder.path());
    assert_eq!(audit.append(entry(17)).unwrap(), 19, "seal and repair come before it");
    assert_eq!(audit.verify().unwrap().entries, 19);
    assert!(fs::read_to_string(folder.path().join(OPEN)).unwrap().contains("11 bytes of an unacknowledged line were dropped"));
}

#[test]
fn an_open_file_that_was_taken_away_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let audit = filled(folder.path(), 40);
    fs::rename(folder.path().join(OPEN), folder.path().join("away")).unwrap();
    assert!(matches!(audit.append(entry(41)), Err(Error::Account { .. })));
    let fresh = small(folder.path());
    assert!(matches!(fresh.append(entry(41)), Err(Error::Chain { .. })), "a fresh one does not begin anew over the seals");
    assert!(fresh.verify().is_err());
    fs::rename(folder.path().join("segment-000001.jsonl"), folder.path().join(OPEN)).unwrap();
    assert_eq!(place_of(small(folder.path()).verify().unwrap_err()), OPEN, "an older file that was put back");
}

#[test]
fn what_is_old_is_removed_and_the_chain_still_proven() {
    let folder = tempfile::tempdir().unwrap();
    let audit = small(folder.path());
    (1..=60).for_each(|day| assert_ne!(audit.append(entry(day * DAY)).unwrap(), 0));
    let (kept, now) = (audit.verify().unwrap().checkpoint(), 400 * DAY);
    let young = audit.prune(now - (RETENTION_FLOOR_DAYS - 1) * DAY, entry(now)).unwrap_err();
    assert!(matches!(young, Error::Retention { .. }), "{young}");
    assert_eq!(audit.prune(10 * DAY, entry(now)).unwrap(), Pruned::default(), "no segment is wholly older");
    let before = audit.entries().unwrap();
    let pruned = audit.prune(40 * DAY, entry(now)).unwrap();
    assert_eq!((pruned.segments, pruned.entries, audit.entries().unwrap()), (2, 32, before + 1), "and an entry says so");
    let chain = audit.verify_since(&kept).unwrap();
    assert_eq!((chain.segments, chain.removed), (3, 2));
    let left = small(folder.path()).search(&Wanted { limit: 1_000, ..Wanted::default() }).unwrap().hits;
    assert!(left.iter().all(|hit| hit.entry.seq > 32) && left.iter().any(|hit| hit.entry.kind == "prune"));
    let (seal, _) = segment::seal(folder.path(), 2).unwrap();
    assert!(audit.verify_since(&Checkpoint { entries: seal.last, head: seal.head }).is_ok(), "a seal stands for what it sealed");
    assert!(audit.verify_since(&Checkpoint { entries: seal.last, head: START.to_owned() }).is_err());
    let inside = audit.verify_since(&Checkpoint { entries: seal.last - 1, head: START.to_owned() }).unwrap_err();
    assert!(inside.to_string().contains("removed since"), "{inside}");
    fs::remove_file(folder.path().join("segment-000003.jsonl")).unwrap();
    assert_eq!(place_of(audit.verify().unwrap_err()), "segment-000003.jsonl", "no entry says that this was removed");
}
