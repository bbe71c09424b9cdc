//! Searching gives what reading every line gives, whatever becomes of the indexes.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const NAMES: [&str; 3] = ["li", "wu", "zhao"];
const KINDS: [&str; 3] = ["sql", "person", "people"];
const TABLES: [&str; 3] = ["record.person", "entity.person", "graph.edge"];

/// One entry out of a few numbers.
fn drawn(seed: u32, at: i64) -> Entry {
    let pick = |shift: u32, of: [&str; 3]| of[(seed >> shift) as usize % 3].to_owned();
    let numbers = |shift: u32| (0..i64::from(seed >> shift & 3)).map(|nth| i64::from(seed >> (shift + 2) & 7) + nth * 5).collect();
    Entry {
        at,
        principal: pick(0, NAMES),
        kind: pick(2, KINDS),
        purpose: pick(4, NAMES),
        tables: [pick(6, TABLES)].into(),
        outcome: ["asked", "answered", "refused: policy"][(seed >> 8) as usize % 3].to_owned(),
        persons: numbers(10),
        records: numbers(16),
        more: (seed >> 24 & 15 == 0).then_some(9),
        ..Entry::default()
    }
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let some = |names: [&'static str; 3]| prop::option::weighted(0.3, prop::sample::select(names.to_vec()).prop_map(str::to_owned));
    let numbers = || prop::collection::btree_set(0_i64..20, 0..3);
    let names = (some(NAMES), some(KINDS), some(NAMES), some(TABLES));
    let outcome = prop::option::weighted(0.3, prop::sample::select(vec!["refused".to_owned(), "answered".to_owned(), "a".to_owned()]));
    let spans = (prop::option::weighted(0.3, 0_i64..200), prop::option::weighted(0.3, 0_i64..200), prop::option::weighted(0.3, 0_u64..200));
    (numbers(), numbers(), names, outcome, spans, prop::sample::select(vec![0, 1, 5, 1_000])).prop_map(
        |(persons, records, (principal, kind, purpose, table), outcome, (since, until, before), limit)| Wanted {
            persons,
            records,
            principal,
            table,
            kind,
            purpose,
            outcome,
            since,
            until,
            before,
            limit,
        },
    )
}

/// Every line read, and asked one question after the other.
fn read(folder: &Path, wanted: &Wanted) -> (Vec<u64>, bool) {
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    let mut found = BTreeSet::new();
    for line in names.iter().flat_map(|path| fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()) {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let entry = &value["entry"];
        let is = |key: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| entry[key] == wanted.as_str());
        let has = |key: &str, wanted: &BTreeSet<i64>| {
            entry[key].as_array().is_some_and(|numbers| numbers.iter().any(|number| wanted.contains(&number.as_i64().unwrap())))
        };
        let anybody = wanted.persons.is_empty() && wanted.records.is_empty();
        let at = entry["at"].as_i64().unwrap();
        let seq = entry["seq"].as_u64().unwrap();
        let holds = [
            is("principal", &wanted.principal),
            is("kind", &wanted.kind),
            is("purpose", &wanted.purpose),
            wanted
                .table
                .as_ref()
                .is_none_or(|table| entry["tables"].as_array().is_some_and(|all| all.iter().any(|one| one == table.as_str()))),
            wanted.outcome.as_ref().is_none_or(|outcome| entry["outcome"].as_str().unwrap().starts_with(outcome)),
            anybody || has("persons", &wanted.persons) || has("records", &wanted.records) || !entry["more"].is_null(),
            wanted.since.is_none_or(|since| at >= since),
            wanted.until.is_none_or(|until| at < until),
            wanted.before.is_none_or(|before| seq < before),
        ];
        if holds.into_iter().all(|holds| holds) {
            found.insert(seq);
        }
    }
    (found.iter().rev().copied().take(wanted.limit).collect(), found.len() > wanted.limit)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_reading_finds(seeds in prop::collection::vec((any::<u32>(), 0_i64..200), 1..90),
                                         asked in prop::collection::vec(wanted(), 12)) {
        let folder = tempfile::tempdir().unwrap();
        let audit = small(folder.path());
        seeds.into_iter().for_each(|(seed, at)| assert_ne!(audit.append(drawn(seed, at)).unwrap(), 0));
        for (at, wanted) in asked.iter().enumerate() {
            let index = folder.path().join("segment-000001.index");
            match at {
                4 if index.exists() => fs::remove_file(&index).unwrap(),
                8 if index.exists() => fs::write(&index, fs::read(&index).unwrap().iter().rev().copied().collect::<Vec<_>>()).unwrap(),
                _ => {}
            }
            let hits = audit.search(wanted).unwrap();
            let numbers: Vec<u64> = hits.hits.iter().map(|hit| hit.entry.seq).collect();
            prop_assert_eq!((numbers, hits.more), read(folder.path(), wanted), "{:?}", wanted);
        }
        // What was damaged above may not have been looked into since, and the proof tells of it.
        drop(fs::remove_file(folder.path().join("segment-000001.index")));
        prop_assert!(audit.verify().is_ok(), "{:?}", audit.verify());
    }
}

#[test]
fn many_of_one_number_over_many_blocks_are_all_found() {
    let folder = tempfile::tempdir().unwrap();
    let audit = Audit::bounded(folder.path(), Bounds { entries: 1_500, ..SMALL }).unwrap();
    for at in 0..1_600 {
        audit.append(Entry { persons: [5, 1_000 + at].into(), ..entry(at) }).unwrap();
    }
    let of = |person: i64| audit.search(&Wanted { persons: [person].into(), limit: 10_000, ..Wanted::default() }).unwrap().hits;
    assert_eq!((of(5).len(), of(1_000).len(), of(2_599).len(), of(7).len()), (1_600, 1, 1, 0));
    assert_eq!(of(1_000)[0].in_segment, Some(1));
    let index = folder.path().join("segment-000001.index");
    let mut bytes = fs::read(&index).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    fs::write(&index, bytes).unwrap();
    assert_eq!(place_of(audit.verify().unwrap_err()), "segment-000001.index");
    assert_eq!(of(2_499).len(), 1, "a block that is not what was written is derived anew");
    assert!(audit.verify().is_ok());
}
