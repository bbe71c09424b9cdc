//! Any text as a statement with a pattern of the graph: it is refused with a sentence, or read.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for statement in [text.to_owned(), format!("SELECT * FROM GRAPH_TABLE ({text}"), format!("SELECT * FROM GRAPH_TABLE (graph MATCH {text}")] {
        if let Err(error) = wuwei_query::patterns(&statement) {
            assert!(error.to_string().contains("hint: "));
        }
    }
});
