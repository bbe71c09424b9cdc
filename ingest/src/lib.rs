//! How records arrive: a department's file as it is, in; canonical Arrow batches and an account of every row, out.
//!
//! Every row read becomes records, or a reject with its reason, or is skipped and counted; nothing is dropped in silence. Every column is
//! mapped or ignored with a reason; nothing is guessed. Synchronous, bounded memory, no query engine.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod archive;
mod batch;
mod block;
mod chunk;
pub mod conform;
mod decode;
mod department;
#[cfg(test)]
mod dirt;
mod error;
mod held;
#[doc(hidden)]
pub mod judge;
mod map;
mod reader;
mod reading;
mod recognise;
mod reject;
mod remark;
mod report;
mod sniff;
mod source;
mod suggest;
mod table;
mod texts;
#[cfg(test)]
mod written;

pub use archive::{ArchiveLimits, Unpack, unpack};
pub use batch::batch;
pub use chunk::{Chunk, day_number, raw_schema, raw_table, tables};
pub use department::{
    BETWEEN, Bound, Contract, Department, Departments, Encoding, Exclusion, Extract, Format, Need, Of, Quote, RelationMapping, Requirement,
    Role, Source, When, Written,
};
pub use error::{ERROR_KINDS, Error};
pub use held::{DELETED, Held, HeldRow, LATER};
pub use reader::memo_beside;
pub use reading::{Reading, read};
pub use recognise::{Hint, NOTICES, Opened, REPAIR_SHEETS, Understood, open};
pub use reject::{rule_words, rule_words_english};
pub use report::Report;
pub use sniff::FORMATS;
pub use source::Datum;
pub use suggest::{Form, Meant, Naming, Settled, Suggested, Suggestion, Target, Tie, suggest};
pub use table::{TableCount, TableReading, TableRow, table};

#[cfg(test)]
mod tests {
    use super::*;
    use wuwei_schema::Model;

    /// The promise of this room on a file as a department sends it.
    #[test]
    fn a_file_in_gb18030_becomes_records_relations_raw_rows_and_rejects() {
        let model = Model::embedded().unwrap();
        let departments = Departments::embedded(&model).unwrap();
        let extract = departments.extract("ga_hjrk").unwrap();
        let cell = |column: &str, id: &str| match column {
            "GMSFHM" => id.to_owned(),
            "XM" => "王㐱明".to_owned(),
            "HJXZ" | "XZXZ" => "云溪县城关镇人民路12号".to_owned(),
            "GXSJ" => "20260102093000".to_owned(),
            _ => String::new(),
        };
        let mut text = format!("\"{}\"\r\n", extract.columns.join("\",\""));
        for id in ["990101198503070017", "990101198503070018"] {
            let cells: Vec<String> = extract.columns.iter().map(|column| cell(column, id)).collect();
            text += &format!("\"{}\"\r\n", cells.join("\",\""));
        }
        text += &",".repeat(extract.columns.len() - 1);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("常住人口.csv");
        std::fs::write(&path, encoding_rs::GB18030.encode(&text).0).unwrap();

        let opened = open(&path, &departments, &Hint::default()).unwrap();
        assert_eq!((opened.extract.name.as_str(), opened.understood.heading_row), ("ga_hjrk", 1));
        let batch = opened.batch.clone();
        let mut reading = read(opened, &model, 1, Held::none()).unwrap();
        let chunks: Vec<Chunk> = reading.by_ref().map(Result::unwrap).collect();
        let report = reading.report();
        assert_eq!((report.read, report.accepted, report.rejected, report.skipped), (3, 1, 1, 1));
        assert_eq!((report.records["person"], report.relations, report.watermark.as_deref()), (1, 2, Some("2026-01-02")));
        assert_eq!(chunks.len(), 1);
        let raw = arrow_array::cast::AsArray::as_string::<i32>(chunks[0].raw.column_by_name("XM").unwrap());
        assert_eq!(raw.value(0), "王㐱明");
        let rejects = chunks[0].rejects.as_ref().unwrap();
        let text = |name| arrow_array::cast::AsArray::as_string::<i32>(rejects.column_by_name(name).unwrap()).value(0).to_owned();
        assert_eq!((text("batch"), text("file"), text("rule")), (batch, "常住人口.csv".to_owned(), "id_check_digit".to_owned()));
    }
}
