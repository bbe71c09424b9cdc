//! Any bytes as JSON: they are refused with a sentence, or their grammar holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wuwei_ingest::judge;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fuzz.json");
    std::fs::write(&path, bytes).unwrap();
    if let Err(error) = judge::json(&path) {
        assert!(error.to_string().contains("hint:"));
    }
});
