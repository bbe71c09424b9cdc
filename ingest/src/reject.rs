//! What was refused, where and why, in words for the owner of the file. The value stands here and nowhere else: no log and no error has it.

use crate::chunk::{Place, repeat};
use arrow_array::{
    RecordBatch,
    builder::{Int64Builder, StringBuilder},
};
use arrow_schema::ArrowError;
use std::{borrow::Cow, sync::Arc};
use wuwei_schema::{Fault, table};

/// One fault of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject<'a> {
    /// The heading; none when the row as a whole is at fault.
    pub(crate) column: Option<&'a str>,
    pub(crate) fault: Fault,
    pub(crate) value: Option<String>,
    /// Whether it refuses the row; else it empties the cell, or tells what is odd in a cell that is kept.
    pub(crate) refuses: bool,
}

impl Reject<'_> {
    /// The rule as the table shows it: `cell:` marks what is wrong with one cell of a row that was accepted.
    pub(crate) fn rule(&self) -> Cow<'static, str> {
        if self.refuses { Cow::Borrowed(self.fault.rule) } else { Cow::Owned(format!("cell:{}", self.fault.rule)) }
    }
}

/// What a rule of a report means, in words for the owner of a file: `id_check_digit` or `cell:code_unknown`; the rule itself if it is none.
pub fn rule_words(rule: &str) -> &str {
    of_rule(rule).map_or(bare(rule), |[words, _]| words)
}

/// The same in English.
pub fn rule_words_english(rule: &str) -> &str {
    of_rule(rule).map_or(bare(rule), |[_, english]| english)
}

fn bare(rule: &str) -> &str {
    rule.strip_prefix("cell:").unwrap_or(rule)
}

fn of_rule(rule: &str) -> Option<[&'static str; 2]> {
    known().find(|(name, _)| *name == bare(rule)).map(|(_, words)| words)
}

/// Every rule, with its words in both languages.
fn known() -> impl Iterator<Item = (&'static str, [&'static str; 2])> {
    let row = |line: &'static str| {
        let (rule, words) = line.split_once(',')?;
        Some((rule, words.split_once(',').map(|(words, english)| [words, english])?))
    };
    include_str!("reject/rules.csv").lines().skip(1).filter_map(row)
}

/// Rejects on their way into a batch of [`table::reject_schema`].
#[derive(Debug, Default)]
pub(crate) struct RejectBuilder {
    sheet: StringBuilder,
    row: Int64Builder,
    column: StringBuilder,
    rule: StringBuilder,
    reason: StringBuilder,
    proposal: StringBuilder,
    value: StringBuilder,
    cells: StringBuilder,
    count: usize,
}

impl RejectBuilder {
    /// `cells` are those of a refused row, with its first reason, so that its owner can mend the row and hand it in again.
    pub(crate) fn push(&mut self, place: Place<'_>, reject: &Reject<'_>, cells: Option<String>) {
        debug_assert!(known().any(|(rule, _)| rule == reject.fault.rule), "`{}` has no words in rules.csv", reject.fault.rule);
        self.sheet.append_option(place.sheet);
        self.row.append_value(place.row);
        self.column.append_option(reject.column);
        self.rule.append_value(reject.rule());
        self.reason.append_value(&reject.fault.reason);
        self.proposal.append_option(reject.fault.proposal.as_deref());
        self.value.append_option(reject.value.as_deref());
        self.cells.append_option(cells);
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The batch so far, if there is anything in it; `same` are the columns that all rows of a file share, in the schema's order.
    pub(crate) fn finish(&mut self, same: [&str; 4]) -> Result<Option<RecordBatch>, ArrowError> {
        if self.count == 0 {
            return Ok(None);
        }
        let count = std::mem::take(&mut self.count);
        let mut columns = same.map(|value| repeat(value, count)).to_vec();
        columns.push(Arc::new(self.sheet.finish()));
        columns.push(Arc::new(self.row.finish()));
        for text in [&mut self.column, &mut self.rule, &mut self.reason, &mut self.proposal, &mut self.value, &mut self.cells] {
            columns.push(Arc::new(text.finish()));
        }
        RecordBatch::try_new(table::reject_schema(), columns).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::{code, quoted};
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_told_in_words_that_need_no_manual() {
        let rules: Vec<&str> = known().map(|(rule, _)| rule).collect();
        assert!(rules.is_sorted() && rules.len() > 60, "sorted, each once");
        assert_eq!(rules.len(), include_str!("reject/rules.csv").lines().count() - 1, "each has words in both languages");
        for (rule, [words, english]) in known() {
            assert!(words.chars().count() >= 4 && !words.contains(|character: char| character.is_ascii_alphabetic()), "{rule}");
            assert!(english.len() > 8 && english.is_ascii() && !english.contains('_'), "{rule}");
        }
    }

    #[test]
    fn each_rule_is_broken_somewhere_and_no_other_can_be() {
        let (code, places) = (code(), ["Fault::new(", "refuse(", "fault(", "refused(", "rule:", "Wrong(", "told(&plans[place],", "=> ("]);
        let is_name = |text: &str| text.contains('_') && text.chars().all(|mark| matches!(mark, 'a'..='z' | '0'..='9' | '_'));
        // Where a rule is paired with its reason, that follows, in Chinese.
        let reason = |rest: &str| {
            let rest = rest.trim_start_matches([',', ' ', '\n', '|', '{', '&']).trim_start_matches("format!(");
            rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).is_some_and(|text| text.contains(|mark| mark > '\u{3000}'))
        };
        let in_place = |before: &str| places.iter().any(|place| before.ends_with(place));
        let ingest = code.iter().filter(|text| !text.contains("DataType::"));
        let quoted_here: Vec<_> = ingest.flat_map(|text| quoted(text)).collect();
        let named = quoted_here.iter().filter(|(before, name, rest)| is_name(name) && (in_place(before) || reason(rest)));
        let broken: BTreeSet<&str> = named.map(|(_, name, _)| *name).collect();
        let listed: BTreeSet<&str> = known().map(|(rule, _)| rule).collect();
        assert_eq!(broken.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new(), "without words");
        let said: BTreeSet<&str> = code.iter().flat_map(|text| quoted(text)).map(|(_, name, _)| name).collect();
        assert_eq!(listed.difference(&said).collect::<Vec<_>>(), Vec::<&&str>::new(), "of no rule");
    }

    #[test]
    fn a_rule_is_told_in_either_language() {
        assert_eq!(rule_words("cell:id_sex"), "性别与证件号码不符");
        assert_eq!((rule_words_english("id_sex"), rule_words_english("cell:none")), ("sex differs from the id", "none"));
    }
}
