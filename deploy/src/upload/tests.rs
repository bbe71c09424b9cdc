//! The promises of uploads: what is sent in pieces, wherever they break, is the file; an account knows only its own; a restart loses nothing.

use super::{Appending, New, Uploads, named, record::State, work::Live};
use crate::Error;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::{path::Path, sync::Arc};

const MOST: u64 = 1 << 20;

fn new(name: &str, bytes: u64) -> New {
    New { name: name.to_owned(), bytes, sha256: None, modified: None }
}

/// Sends bytes from where the upload stands.
fn send(uploads: &Uploads, id: &str, bytes: &[u8]) -> Result<bool, Error> {
    let upload = uploads.find("li", id).unwrap().unwrap();
    Appending::at(&upload, upload.received())?.write(bytes)?.finish()
}

fn opened(root: &Path) -> Uploads {
    Uploads::open(root, MOST).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Breaks come anywhere, with a restart of the program at some of them.
    #[test]
    fn a_file_sent_in_pieces_is_the_file(
        bytes in prop::collection::vec(any::<u8>(), 1..4000),
        breaks in prop::collection::vec((0..4000_usize, any::<bool>()), 0..6),
    ) {
        let root = tempfile::tempdir().unwrap();
        let mut uploads = opened(root.path());
        let sha256 = Some(crate::account::token::hexadecimal(&Sha256::digest(&bytes)));
        let id = uploads.make("li", &New { sha256, ..new("a.csv", bytes.len() as u64) }).unwrap().id();
        let mut ends: Vec<(usize, bool)> = breaks.into_iter().map(|(at, restarts)| (at.min(bytes.len()), restarts)).collect();
        ends.sort_unstable();
        let mut at = 0;
        for (end, restarts) in ends.into_iter().chain([(bytes.len(), false)]) {
            prop_assert_eq!(uploads.find("li", &id).unwrap().unwrap().received(), at as u64);
            let is_whole = send(&uploads, &id, &bytes[at..end]).unwrap();
            prop_assert_eq!(is_whole, end == bytes.len());
            at = end;
            if restarts {
                drop(uploads);
                uploads = opened(root.path());
            }
        }
        let upload = uploads.find("li", &id).unwrap().unwrap();
        prop_assert_eq!(std::fs::read(upload.data()).unwrap(), bytes);
    }
}

#[test]
fn an_offset_that_does_not_fit_and_bytes_too_many_are_refused_and_change_nothing() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    let upload = uploads.make("li", &new("a.csv", 4)).unwrap();
    assert!(Appending::at(&upload, 1).unwrap_err().to_string().contains("0 bytes of it have come"));
    let one = Appending::at(&upload, 0).unwrap();
    assert!(Appending::at(&upload, 0).unwrap_err().to_string().contains("coming already"), "one at a time");
    assert!(one.fits(5).is_err() && one.fits(u64::MAX).is_err() && one.fits(4).is_ok());
    assert!(one.write(b"12345").is_err());
    assert_eq!(upload.received(), 0);
    assert!(send(&uploads, &upload.id(), b"1234").unwrap());
    let beyond = Appending::at(&upload, 4).unwrap();
    assert!(beyond.fits(1).is_err());
}

#[test]
fn what_is_not_what_was_meant_is_sent_again_from_the_first_byte() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    let upload = uploads.make("li", &New { sha256: Some("0".repeat(64)), ..new("a.csv", 3) }).unwrap();
    assert!(send(&uploads, &upload.id(), b"abc").unwrap_err().to_string().contains("SHA-256"));
    assert_eq!(upload.received(), 0);
    for wrong in ["x", &"g".repeat(64)] {
        assert!(uploads.make("li", &New { sha256: Some(wrong.to_owned()), ..new("a.csv", 3) }).is_err());
    }
}

#[test]
fn what_is_too_large_too_much_or_empty_is_not_begun() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    for wrong in [new("a", MOST + 1), new("a", u64::MAX), new("a", 0), new("", 1), new("..", 1), new("a/", 1), new(&"x".repeat(201), 1)] {
        assert!(uploads.make("li", &wrong).unwrap_err().to_string().contains("hint: "), "{wrong:?}");
    }
    for _ in 0..super::ALL_TIMES {
        uploads.make("li", &new("a", MOST)).unwrap();
    }
    assert!(uploads.make("wu", &new("a", 1)).unwrap_err().to_string().contains("no room"));
    let first = uploads.of("li").unwrap()[0].upload.clone();
    uploads.abandon(&uploads.find("li", &first).unwrap().unwrap()).unwrap();
    for _ in 0..super::OF_ONE {
        uploads.make("wu", &new("a", 1)).unwrap();
    }
    assert!(uploads.make("wu", &new("a", 1)).unwrap_err().to_string().contains("too many"));
}

#[test]
fn a_name_is_a_text_and_never_a_path() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    let told: Vec<Option<String>> =
        ["../../etc/passwd", "C:\\甲\\乙.xlsx", "a\u{1b}[31m\n.csv", "\u{202e}vsc.a", " 人口.csv "].into_iter().map(named).collect();
    let meant = ["passwd", "乙.xlsx", "a\u{fffd}[31m\u{fffd}.csv", "vsc.a", "人口.csv"];
    assert_eq!(told, meant.map(|name| Some(name.to_owned())));
    let upload = uploads.make("li", &new("../../x", 1)).unwrap();
    assert!(upload.data().starts_with(root.path().join("uploads")) && upload.data().ends_with("data"));
    let lie: Vec<_> = std::fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(lie, ["uploads"], "nothing lies elsewhere");
}

#[test]
fn each_account_knows_only_its_own() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    let id = uploads.make("li", &new("a.csv", 1)).unwrap().id();
    assert!(uploads.find("wu", &id).unwrap().is_none() && uploads.of("wu").unwrap().is_empty());
    for wrong in ["", "..", "../li", &id[1..]] {
        assert!(uploads.find("li", wrong).unwrap().is_none());
    }
    assert!(uploads.find("li", &id).unwrap().is_some());
}

#[test]
fn a_restart_finds_all_and_tells_what_was_interrupted_and_removes_what_nobody_touched() {
    let root = tempfile::tempdir().unwrap();
    let uploads = opened(root.path());
    let upload = uploads.make("li", &new("a.csv", 1)).unwrap();
    send(&uploads, &upload.id(), b"x").unwrap();
    let live: Arc<Live> = upload.occupy().unwrap();
    assert!(upload.occupy().is_err() && uploads.abandon(&upload).is_err());
    let work = serde_json::json!({"what": "publish", "state": "running", "begun": "2026-01-01T00:00:00Z"});
    upload.change(|record| record.work = serde_json::from_value(work).unwrap()).unwrap();
    live.interrupt();
    std::fs::create_dir(root.path().join("uploads/half")).unwrap();
    assert!(Uploads::open(root.path(), MOST).unwrap().make("li", &new("b", 1)).is_err(), "one process takes them");
    drop(uploads);
    let uploads = opened(root.path());
    let again = uploads.find("li", &upload.id()).unwrap().unwrap();
    assert!(again.with(|record| record.work.as_ref().unwrap().state) == State::Interrupted && again.check_whole().is_ok());
    assert!(!root.path().join("uploads/half").exists(), "of one that was made by half nobody was told");
    uploads.clear(again.touched() + super::DAYS * super::DAY_MS + 1);
    assert!(uploads.of("li").unwrap().is_empty() && !again.data().exists());
}

#[test]
fn a_file_of_another_department_is_not_taken() {
    let of = |text: &str| serde_json::from_str::<super::ReadAs>(text).unwrap();
    assert!(of(r#"{"department": "ga"}"#).hint(Some("mz")).unwrap_err().to_string().contains("not yours"));
    assert_eq!(of(r#"{"department": "mz"}"#).hint(Some("mz")).unwrap().department.as_deref(), Some("mz"));
    assert_eq!(of("{}").hint(Some("mz")).unwrap().department.as_deref(), Some("mz"), "what acts for one is of it");
    assert_eq!(of("{}").hint(None).unwrap().department, None);
}
