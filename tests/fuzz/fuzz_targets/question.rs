//! Any text as a question in SQL: it is refused with a sentence, or let through as a statement over tables that there are; and whether it is
//! one for the catalogue of PostgreSQL can always be said.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wuwei_query::{Directory, read_question};
use wuwei_schema::Model;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());

fuzz_target!(|text: &str| {
    for question in [text.to_owned(), format!("SELECT {text}"), format!("SELECT * FROM entity.person WHERE {text}")] {
        let _: bool = Directory::is_asked(&question);
        if let Err(error) = read_question(&question, &MODEL) {
            assert!(error.to_string().contains("hint: "));
        }
    }
});
