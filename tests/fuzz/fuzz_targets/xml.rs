//! Any bytes as XML: they are refused with a sentence, or well formed, and no document type is ever let in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wuwei_ingest::judge;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fuzz.xml");
    std::fs::write(&path, bytes).unwrap();
    if let Err(error) = judge::xml(&path) {
        assert!(error.to_string().contains("hint:"));
    }
});
