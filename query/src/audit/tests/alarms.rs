//! Alarms are raised with the entry that reaches them, once a span, whoever counts.

use super::*;
use crate::policy::{Alarm, Counts, Within};

const HOUR: i64 = 3_600_000;

fn alarm(counts: Counts, at: u64) -> Alarm {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Alarm {
        name: "多".to_owned(),
        counts,
        within: Within::Day,
        at,
        roles: names(&["case_worker"]),
        purposes: names(&[]),
        kinds: names(&[]),
    }
}

fn showed(at: i64, persons: std::ops::Range<i64>) -> Entry {
    Entry { outcome: "answered".to_owned(), of: Some(1), rows: Some(2), persons: persons.collect(), ..entry(at) }
}

fn raised(audit: &Audit, alarms: &[Alarm]) -> Vec<u64> {
    audit.watch(alarms, 9).unwrap().raised.into_iter().map(|raised| raised.of).collect()
}

#[test]
fn an_alarm_is_raised_with_the_person_that_reaches_it_and_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let (audit, alarms) = (small(folder.path()), [alarm(Counts::Persons, 20)]);
    (0..19).for_each(|person| assert_ne!(audit.append(showed(HOUR, person..person + 1)).unwrap(), 0));
    assert_ne!(audit.append(showed(HOUR, 0..19)).unwrap(), 0);
    assert_eq!(raised(&audit, &alarms), [0_u64; 0], "nineteen, however often");
    let last = audit.append(showed(2 * HOUR, 19..20)).unwrap();
    assert_ne!(audit.append(showed(2 * HOUR, 30..90)).unwrap(), 0);
    let twin = small(folder.path());
    assert_eq!((raised(&twin, &alarms), raised(&audit, &alarms)), (vec![last], vec![]), "by one of two that count");
    assert_eq!(audit.watch(&alarms, 9).unwrap().alarms, 1);
    fs::remove_file(folder.path().join("alarms.json")).unwrap();
    assert_eq!(raised(&audit, &alarms), [0_u64; 0], "counted again, it is not told again");
    let next = audit.append(showed(17 * HOUR, 0..20)).unwrap();
    assert_eq!(raised(&audit, &alarms), [next], "sixteen o'clock in Greenwich is the next day in Beijing");
    let told = audit.search(&Wanted { kind: Some("alarm".to_owned()), limit: 9, ..Wanted::default() }).unwrap().hits;
    assert_eq!((told.len(), told[0].entry.principal.as_str(), told[0].entry.of), (2, "li", Some(next)));
    assert!(audit.verify().is_ok());
}

#[test]
fn rows_questions_and_refusals_are_counted_of_whom_they_concern() {
    for (counts, expected) in [(Counts::Rows, 6), (Counts::Questions, 3), (Counts::Refusals, 9)] {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit::open(folder.path()).unwrap();
        for at in 0..3 {
            assert_ne!(audit.append(entry(at)).unwrap(), 0);
            assert_ne!(audit.append(showed(at, 0..1)).unwrap(), 0);
            assert_ne!(audit.append(Entry { part: Some(1), rows: Some(99), ..entry(at) }).unwrap(), 0);
        }
        (0..9).for_each(|at| assert_ne!(audit.append(Entry { outcome: "refused: policy".to_owned(), ..entry(at) }).unwrap(), 0));
        (0..9)
            .for_each(|at| assert_ne!(audit.append(Entry { role: Some("operator".to_owned()), rows: Some(99), ..entry(at) }).unwrap(), 0));
        let reached = |at: u64| !raised(&audit, &[alarm(counts, at)]).is_empty();
        let most = if counts == Counts::Questions { expected + 9 } else { expected };
        assert!(!reached(most + 1), "{counts:?}");
        assert!(reached(most), "{counts:?}");
    }
}

#[test]
fn the_alarms_that_are_carried_can_be_read() {
    assert!(crate::Policies::embedded().unwrap().alarms().len() >= 4);
}
