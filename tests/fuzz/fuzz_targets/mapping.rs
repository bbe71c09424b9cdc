//! Any text as a department file: it is read or refused with a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wuwei_ingest::Departments;
use wuwei_schema::{Model, SourceFile};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());

fuzz_target!(|text: &str| {
    let file = SourceFile { name: "fuzz.toml".to_owned(), text: text.to_owned() };
    if let Err(error) = Departments::parse(&[file], &MODEL) {
        assert!(error.to_string().contains("hint:"));
    }
});
