//! What is told of a file, by its code: why it was understood so, and what its owner should know. The words are of whoever shows it; a test
//! there holds that each has some, and one here that the code says no other.

/// What may be told of a file.
pub const NOTICES: [&str; 74] = [
    "beside-not-read",
    "bytes-not-read",
    "bytes-undecodable",
    "cells-divided",
    "cells-merged",
    "columns-hidden",
    "columns-in-another-order",
    "columns-named",
    "days-of-1904",
    "delimiter-nowhere",
    "delimiter-unexpected",
    "encoding-ascii",
    "encoding-declared",
    "encoding-gb18030",
    "encoding-gb18030-likelier",
    "encoding-marked",
    "encoding-unexpected",
    "encoding-utf8",
    "encoding-utf8-unsaid",
    "encoding-zeros",
    "format-unexpected",
    "half-characters",
    "headings-again",
    "headings-divided-otherwise",
    "headings-in-first-line",
    "headings-in-row",
    "headings-in-rows",
    "headings-nameless",
    "headings-of-another-width",
    "headings-quote",
    "is-dbf",
    "is-json",
    "is-parquet",
    "is-xls",
    "is-xlsx",
    "is-xml",
    "language-byte",
    "language-byte-unknown",
    "lines-of-utf8",
    "lines-of-width",
    "members-not-met",
    "memos-beside",
    "memos-missing",
    "name-against",
    "no-headings",
    "no-record",
    "objects-not-read",
    "off-by-default",
    "one-cell-a-row",
    "options-unused",
    "record-cut",
    "record-width",
    "records-at",
    "records-at-root",
    "records-by-line",
    "records-deleted",
    "records-expected-at",
    "records-of-width",
    "rows-divided-otherwise",
    "rows-empty",
    "rows-hidden",
    "said-format",
    "sheet-full",
    "sheet-hidden",
    "sheet-no-headings",
    "sheet-not-asked",
    "sheet-skipped-is-hidden",
    "text-as-expected",
    "text-as-named",
    "text-decodes",
    "text-is-ascii-only",
    "text-is-chinese",
    "text-is-utf8",
    "title-above",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{code, quoted};
    use std::collections::BTreeSet;

    #[test]
    fn each_is_said_somewhere_and_nothing_else_is() {
        let code = code();
        let said = code.iter().flat_map(|text| quoted(text)).filter(|(before, ..)| before.ends_with("Notice::new("));
        assert_eq!(said.map(|(_, code, _)| code).collect::<BTreeSet<_>>(), NOTICES.into_iter().collect());
    }
}
