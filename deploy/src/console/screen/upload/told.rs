//! What the API says of uploads, as far as pages show it.

use crate::{
    clock,
    console::{
        page::{Page, grouped},
        words::Named,
    },
    upload::{Counts, ReadAs},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use wuwei_schema::Notice;

#[derive(Debug, Deserialize)]
pub(super) struct All {
    pub(super) uploads: Vec<Upload>,
    pub(super) most_bytes: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Upload {
    pub(super) upload: String,
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) received: u64,
    pub(super) modified: Option<i64>,
    made: String,
    pub(super) reading: ReadAs,
    pub(super) work: Option<Work>,
    pub(super) loaded: bool,
    #[serde(default)]
    pub(super) mapping: Option<Mapping>,
}

/// What somebody would have it mapped by, and how far that is.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Mapping {
    pub(super) code: String,
    pub(super) extract: String,
    pub(super) author: String,
    pub(super) made: String,
    pub(super) digest: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) read: Option<Counts>,
    #[serde(default)]
    pub(super) by: Option<String>,
    #[serde(default)]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Work {
    pub(super) what: String,
    pub(super) state: String,
    #[serde(default)]
    pub(super) step: Option<String>,
    #[serde(default)]
    pub(super) rows: Option<u64>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) jobs: Vec<u64>,
}

/// What was found in an upload.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    pub(super) files: Vec<File>,
    pub(super) more: u64,
    pub(super) left_out: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) file: String,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(flatten)]
    pub(super) known: Option<Known>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) extract: String,
    pub(super) department_label: Named,
    pub(super) extract_label: Named,
    pub(super) is_off: bool,
    pub(super) understood: Understood,
    pub(super) read: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) skipped: u64,
    rejects_by_rule: BTreeMap<String, u64>,
    pub(super) rejects: Vec<Reject>,
    #[serde(default)]
    pub(super) first: Option<First>,
    pub(super) mapping: Vec<Mapped>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Understood {
    pub(super) format: String,
    pub(super) encoding: Option<String>,
    pub(super) delimiter: Option<String>,
    pub(super) sheets: Vec<String>,
    pub(super) repairs: Option<String>,
    pub(super) heading_row: u64,
    pub(super) evidence: Vec<Notice>,
    pub(super) remarks: Vec<Notice>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reject {
    pub(super) sheet: Option<String>,
    pub(super) row: i64,
    pub(super) column: Option<String>,
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct First {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<(i64, Vec<Option<String>>)>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mapped {
    pub(super) column: String,
    pub(super) becomes: Vec<Becomes>,
    #[serde(default)]
    pub(super) ignored: Option<String>,
    #[serde(default)]
    pub(super) dropped: Option<String>,
    pub(super) is_key: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Becomes {
    pub(super) role: String,
    pub(super) entity: Named,
    pub(super) property: Named,
}

/// A column of a file that nobody described, and what is proposed for it.
#[derive(Debug, Deserialize)]
pub(super) struct Column {
    pub(super) heading: String,
    pub(super) target: Option<Target>,
    pub(super) reasons: Vec<String>,
    pub(super) filled: u8,
    pub(super) is_protected: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Target {
    pub(super) role: String,
    pub(super) entity: String,
    pub(super) property: String,
    pub(super) label: String,
    pub(super) confidence: u8,
}

impl Column {
    /// What is proposed, as it is typed: `person.name`, or with the part that somebody plays `groom:person.name`.
    pub(super) fn field(&self) -> String {
        match &self.target {
            None => String::new(),
            Some(Target { role, entity, property, .. }) if role == entity => format!("{entity}.{property}"),
            Some(Target { role, entity, property, .. }) => format!("{role}:{entity}.{property}"),
        }
    }
}

/// A receipt, in one line.
#[derive(Debug, Deserialize)]
pub(super) struct Receipt {
    pub(super) job: u64,
    pub(super) file: String,
    pub(super) outcome: String,
    pub(super) read: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) skipped: u64,
    pub(super) reason: Option<String>,
    /// Whether its refused rows come as a workbook to mend.
    pub(super) mends: bool,
    pub(super) kind: Option<String>,
}

impl Work {
    /// Whether a proposed mapping may help: the file was read, and its headings fit no extract.
    pub(super) fn suggests(&self) -> bool {
        self.what == "check" && self.kind.as_deref().is_none_or(|kind| kind == "unmapped")
    }
}

impl Upload {
    pub(super) fn is_whole(&self) -> bool {
        self.received == self.bytes
    }

    /// Where it stands: not all has come, or all, or what is or was done with it and how that went.
    pub(super) fn said(&self, page: &Page) -> String {
        let phase = match &self.work {
            _ if !self.is_whole() => "sending".to_owned(),
            None => "whole".to_owned(),
            Some(Work { what, state, .. }) => format!("{what}_{state}"),
        };
        page.of_key("phase", &phase)
    }

    /// Whether its mapping waits for somebody.
    pub(super) fn waits(&self) -> bool {
        self.mapping.as_ref().is_some_and(|mapping| ["open", "proposed"].contains(&mapping.state.as_str()))
    }

    /// Whether something is being done with it.
    pub(super) fn is_live(&self) -> bool {
        self.work.as_ref().is_some_and(|work| ["waiting", "running"].contains(&work.state.as_str()))
    }

    /// Percent that have come.
    pub(super) fn percent(&self) -> u64 {
        u64::try_from(u128::from(self.received) * 100 / u128::from(self.bytes.max(1))).unwrap_or(100)
    }

    /// Its size in words.
    pub(super) fn size(&self) -> String {
        size(self.bytes)
    }

    /// What of it has come, in words.
    pub(super) fn come(&self) -> String {
        size(self.received)
    }

    /// When it was begun, where the program runs.
    pub(super) fn time(&self) -> String {
        clock::local(&self.made)
    }
}

impl Known {
    /// What was refused, by rule: whether only a cell is, the words of the rule, its name, how many.
    pub(super) fn rules(&self, page: &Page) -> Vec<(bool, String, String, u64)> {
        let rule = |(rule, rows): (&String, &u64)| {
            let (name, is_cell) = rule.strip_prefix("cell:").map_or((rule.as_str(), false), |rule| (rule, true));
            let words = page.language.rule(rule).to_owned();
            (is_cell, words, name.to_owned(), *rows)
        };
        self.rejects_by_rule.iter().map(rule).collect()
    }

    /// Percent of the rows with data that are accepted, where there are any; all of them only where none is refused.
    pub(super) fn percent(&self) -> Option<u64> {
        (self.accepted * 100).checked_div(self.accepted + self.rejected)
    }
}

/// Bytes as people say them.
pub(super) fn size(bytes: u64) -> String {
    let of = |unit: u64| bytes / unit;
    let tenth = |unit: u64| bytes % unit * 10 / unit;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x0010_0000 => format!("{} KiB", of(1 << 10)),
        0x0010_0000..0x4000_0000 => format!("{}.{} MiB", of(1 << 20), tenth(1 << 20)),
        _ => format!("{}.{} GiB", grouped(of(1 << 30)), tenth(1 << 30)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_its_own_unit() {
        let told = [1, 2048, 1_572_864, 1_181_116_006].map(size);
        assert_eq!(told, ["1 B", "2 KiB", "1.5 MiB", "1.0 GiB"]);
    }
}
