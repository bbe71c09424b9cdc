//! Any bytes as a file of a department: it is refused, or every row of it is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wuwei_ingest::{Departments, Held, Hint, open, read};
use wuwei_schema::Model;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());
static DEPARTMENTS: LazyLock<Departments> = LazyLock::new(|| Departments::embedded(&MODEL).unwrap());

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fuzz.csv");
    std::fs::write(&path, bytes).unwrap();
    let Ok(opened) = open(&path, &DEPARTMENTS, &Hint::default()) else { return };
    let Ok(mut reading) = read(opened, &MODEL, 0, Held::none()) else { return };
    if reading.by_ref().all(|chunk| chunk.is_ok()) {
        let report = reading.report();
        assert_eq!(report.read, report.accepted + report.rejected + report.skipped);
    }
});
