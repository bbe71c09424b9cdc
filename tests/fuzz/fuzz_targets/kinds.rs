//! Any text through every kind: cleaning ends, cleaning twice is cleaning once, masks and levels are defined.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wuwei_schema::Model;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());

fuzz_target!(|text: &str| {
    for property in MODEL.entities.values().flat_map(|entity| &entity.properties) {
        if let Ok(clean) = property.kind.clean(text, &MODEL.codes) {
            assert_eq!(property.kind.clean(&clean, &MODEL.codes).as_deref(), Ok(&*clean));
            property.kind.mask(&clean);
            if !clean.is_empty() {
                assert_eq!(property.kind.agreement(&clean, &clean), property.kind.max_level());
            }
        }
    }
});
