//! The audit: who looked at what, when and what for. One JSON line an entry, each bound to all before it by SHA-256, on disk before the
//! first row of an answer is read. It holds names of tables and columns and a fingerprint of the question, never the question's text,
//! which may name a person. (A fingerprint of a short number can be found by trying all numbers: the file is the auditor's, not anybody's.)
//!
//! A line is `{"hash":"<64 hexadecimal digits>","entry":{…}}`, the hash being SHA-256 over the hash of the line before (64 zeros for the
//! first) and the bytes of the entry. It shows every edit, removal and exchange of lines; that the file's owner wrote it anew or cut its
//! end is shown only by a count or a last hash kept elsewhere.

use crate::{
    Error, Principal, Purpose,
    journal::{Durability, Journal, Tail},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use wuwei_schema::contract;

/// One entry. An answered question has two: `asked` before its first row, and one that closes it and names the first in `of`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who asked.
    pub principal: String,
    /// For which department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// What for.
    pub purpose: String,
    /// `sql`, `describe`, `catalogue`, `read`, `indicators`, `repair`, or what else was looked at.
    pub kind: String,
    /// SHA-256 of the question's text, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Tables that the plan reads.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tables: BTreeSet<String>,
    /// Columns that the plan reads, each with its table.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub columns: BTreeSet<String>,
    /// `asked`, `answered`, `refused: <rule>` or `failed: <reason>`.
    pub outcome: String,
    /// The entry that this one closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// Rows of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

impl Entry {
    /// An entry of a question that is about to be answered.
    pub(crate) fn asked(kind: &str, principal: &Principal, purpose: &Purpose, at: i64) -> Entry {
        Entry {
            at,
            principal: principal.name().to_owned(),
            department: principal.department().map(str::to_owned),
            purpose: purpose.as_str().to_owned(),
            kind: kind.to_owned(),
            outcome: "asked".to_owned(),
            ..Entry::default()
        }
    }
}

/// What a proven audit holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last one; keep it elsewhere to prove later that nothing was cut off.
    pub head: String,
}

/// The file of entries.
#[derive(Debug)]
pub struct Audit {
    journal: Journal,
    /// The greatest number seen in this process; a file that ends before it has been cut.
    seen: AtomicU64,
}

impl Audit {
    /// Opens `audit.jsonl` in a folder, making both when they are not there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(folder: &Path) -> Result<Audit, Error> {
        let audit = Audit { journal: Journal::open(folder.join("audit.jsonl"), Durability::Forced)?, seen: AtomicU64::new(0) };
        // A last line that is no entry is for `verify` to show; `append` refuses it.
        audit.seen.store(audit.entries().unwrap_or(0), Ordering::Relaxed);
        Ok(audit)
    }

    /// The folder it is in.
    pub(crate) fn folder(&self) -> &Path {
        self.journal.path().parent().unwrap_or(Path::new("."))
    }

    /// Number of entries, by the last one.
    ///
    /// # Errors
    /// The file cannot be read, or its last line is no entry.
    pub fn entries(&self) -> Result<u64, Error> {
        Ok(self.journal.last()?.map(|line| entry_of(&line)).transpose()?.map_or(0, |entry| entry.seq))
    }

    /// Every entry as a row of `audit.entry`. That they stand as they were written is for [`Audit::verify`].
    pub(crate) fn rows(&self) -> Result<RecordBatch, Error> {
        let mut entries = Vec::new();
        for line in self.journal.lines()? {
            entries.push(entry_of(&line?)?);
        }
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let text = |of: fn(&Entry) -> Option<&str>| Arc::new(entries.iter().map(of).collect::<StringArray>()) as ArrayRef;
        let list = |of: fn(&Entry) -> &BTreeSet<String>| {
            Arc::new(StringArray::from_iter_values(entries.iter().map(|entry| of(entry).iter().cloned().collect::<Vec<_>>().join(","))))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(entries.iter().map(|entry| whole(entry.seq)))),
            Arc::new(TimestampMillisecondArray::from_iter_values(entries.iter().map(|entry| entry.at))),
            text(|entry| Some(&entry.principal)),
            text(|entry| entry.department.as_deref()),
            text(|entry| Some(&entry.purpose)),
            text(|entry| Some(&entry.kind)),
            text(|entry| entry.statement.as_deref()),
            list(|entry| &entry.tables),
            list(|entry| &entry.columns),
            text(|entry| Some(&entry.outcome)),
            Arc::new(entries.iter().map(|entry| entry.of.map(whole)).collect::<Int64Array>()),
            Arc::new(entries.iter().map(|entry| entry.rows.map(whole)).collect::<Int64Array>()),
        ];
        RecordBatch::try_new(contract::audit_entry(), columns).map_err(|_| Error::Engine { detail: "entries do not fit" })
    }

    /// Whether it can be written, as far as that can be seen without writing.
    ///
    /// # Errors
    /// It cannot be opened to be written, its last line is no entry, or entries are missing.
    pub fn check(&self) -> Result<(), Error> {
        self.journal.check()?;
        match self.entries()? < self.seen.load(Ordering::Relaxed) {
            true => Err(missing(self.entries()?)),
            false => Ok(()),
        }
    }

    /// Proves that every entry stands as it was written, from the first to the last.
    ///
    /// # Errors
    /// The first line that does not, or the file cannot be read.
    pub fn verify(&self) -> Result<Chain, Error> {
        let mut chain = Chain { entries: 0, head: "0".repeat(64) };
        for line in self.journal.lines()? {
            let number = chain.entries + 1;
            let broken = |detail| Error::Chain { place: format!("line {number}"), detail };
            let line = line?;
            let (hash, text) = parts(&line).ok_or(broken("it is no line of an audit"))?;
            if hash != bound(&chain.head, text) {
                return Err(broken("it was changed, or a line before it changed, is missing or was added"));
            }
            let entry: Entry = serde_json::from_str(text).map_err(|_| broken("its entry cannot be read"))?;
            if entry.seq != number {
                return Err(broken("its number is not the next"));
            }
            chain = Chain { entries: number, head: hash.to_owned() };
        }
        match chain.entries < self.seen.load(Ordering::Relaxed) {
            true => Err(missing(chain.entries)),
            false => Ok(chain),
        }
    }

    /// Accounts for what is no look at data: a log-in that failed, a token that was made. Neither text may hold what somebody typed.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be done.
    pub fn event(&self, kind: &str, principal: &Principal, purpose: &Purpose, outcome: &str, at_ms: i64) -> Result<(), Error> {
        self.append(Entry { outcome: outcome.to_owned(), ..Entry::asked(kind, principal, purpose, at_ms) }).map(drop)
    }

    /// Appends an entry and gives it its number. It is on disk when this returns.
    pub(crate) fn append(&self, mut entry: Entry) -> Result<u64, Error> {
        let mut given = 0;
        self.journal.append(|tail| {
            let (mut seq, mut head) = self.end(&tail)?;
            let mut lines = String::new();
            for entry in repaired(&tail, &entry).iter_mut().chain([&mut entry]) {
                seq += 1;
                entry.seq = seq;
                let text = serde_json::to_string(entry).map_err(|_| Error::Engine { detail: "an entry cannot be written" })?;
                head = bound(&head, &text);
                lines.push_str(&format!("{{\"hash\":\"{head}\",\"entry\":{text}}}\n"));
            }
            given = seq;
            Ok(lines)
        })?;
        self.seen.fetch_max(given, Ordering::Relaxed);
        Ok(given)
    }

    /// Number and hash of the entry to continue from.
    fn end(&self, tail: &Tail) -> Result<(u64, String), Error> {
        let (seq, head) = match &tail.last {
            None => (0, "0".repeat(64)),
            Some(line) => (entry_of(line)?.seq, parts(line).map(|(hash, _)| hash.to_owned()).unwrap_or_default()),
        };
        match seq < self.seen.load(Ordering::Relaxed) {
            true => Err(missing(seq)),
            false => Ok((seq, head)),
        }
    }
}

/// SHA-256 in hexadecimal digits: what the audit keeps of a text that may name a person.
pub(crate) fn fingerprint(text: &str) -> String {
    hexadecimal(Sha256::new().chain_update(text))
}

fn bound(head: &str, text: &str) -> String {
    hexadecimal(Sha256::new().chain_update(head).chain_update(text))
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hash and entry of a line, as the bytes that they are.
fn parts(line: &str) -> Option<(&str, &str)> {
    let (hash, rest) = line.strip_prefix("{\"hash\":\"")?.split_at_checked(64)?;
    Some((hash, rest.strip_prefix("\",\"entry\":")?.strip_suffix('}')?))
}

fn entry_of(line: &str) -> Result<Entry, Error> {
    let entry = parts(line).and_then(|(_, text)| serde_json::from_str(text).ok());
    entry.ok_or(Error::Chain { place: "its last line".to_owned(), detail: "it is no entry" })
}

fn missing(after: u64) -> Error {
    Error::Chain { place: format!("line {}", after + 1), detail: "entries that stood here are missing" }
}

/// A crash's half line was dropped: that, too, is told.
fn repaired(tail: &Tail, asked: &Entry) -> Option<Entry> {
    (tail.torn > 0).then(|| Entry {
        at: asked.at,
        principal: "wuwei".to_owned(),
        purpose: "repair after a crash".to_owned(),
        kind: "repair".to_owned(),
        outcome: format!("{} bytes of an unacknowledged line were dropped", tail.torn),
        ..Entry::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn entry(at: i64) -> Entry {
        let principal = Principal::parse("case_worker:li@mz").unwrap();
        Entry::asked("sql", &principal, &Purpose::parse("低保核对").unwrap(), at)
    }

    /// An audit of five entries, and its file.
    fn five(folder: &tempfile::TempDir) -> (Audit, std::path::PathBuf) {
        let audit = Audit::open(folder.path()).unwrap();
        (1..=5).for_each(|at| assert_eq!(audit.append(entry(at)).unwrap(), u64::try_from(at).unwrap()));
        (audit, folder.path().join("audit.jsonl"))
    }

    /// What a fresh reader says of the file after its lines were changed.
    fn after(change: impl FnOnce(&mut Vec<String>)) -> Result<Chain, Error> {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = five(&folder);
        let mut lines: Vec<String> = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
        change(&mut lines);
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        Audit::open(folder.path()).unwrap().verify()
    }

    fn place_of(error: Error) -> String {
        match error {
            Error::Chain { place, .. } => place,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn an_audit_as_written_is_proven() {
        let folder = tempfile::tempdir().unwrap();
        let (audit, path) = five(&folder);
        let chain = audit.verify().unwrap();
        assert_eq!((chain.entries, audit.entries().unwrap()), (5, 5));
        assert!(std::fs::read_to_string(path).unwrap().contains(&chain.head));
        assert_eq!(Audit::open(folder.path()).unwrap().append(entry(6)).unwrap(), 6, "another process continues it");
        assert_eq!(audit.append(entry(7)).unwrap(), 7, "and this one after it");
        assert_eq!(audit.verify().unwrap().entries, 7);
    }

    #[test]
    fn edit_removal_exchange_and_addition_are_found_where_they_are() {
        assert_eq!(place_of(after(|lines| lines[2] = lines[2].replace("\"li\"", "\"wu\"")).unwrap_err()), "line 3");
        assert_eq!(place_of(after(|lines| drop(lines.remove(1))).unwrap_err()), "line 2");
        assert_eq!(place_of(after(|lines| lines.swap(1, 2)).unwrap_err()), "line 2");
        assert_eq!(place_of(after(|lines| lines.insert(3, lines[2].clone())).unwrap_err()), "line 4");
        assert_eq!(place_of(after(|lines| lines[0].insert(0, ' ')).unwrap_err()), "line 1");
        assert_eq!(after(|_| ()).unwrap().entries, 5);
    }

    #[test]
    fn a_cut_end_is_found_by_whoever_knows_the_count() {
        assert_eq!(after(|lines| lines.truncate(3)).unwrap().entries, 3, "five were known");
        let folder = tempfile::tempdir().unwrap();
        let (audit, path) = five(&folder);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.lines().take(3).fold(String::new(), |kept, line| kept + line + "\n")).unwrap();
        assert_eq!(place_of(audit.verify().unwrap_err()), "line 4");
        assert_eq!(place_of(audit.append(entry(6)).unwrap_err()), "line 4", "nothing is written over the gap");
    }

    #[test]
    fn a_line_torn_by_a_crash_is_dropped_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let (_, path) = five(&folder);
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"hash\":\"12").unwrap();
        let audit = Audit::open(folder.path()).unwrap();
        assert_eq!(audit.verify().unwrap().entries, 5);
        assert_eq!(audit.append(entry(6)).unwrap(), 7);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().nth(5).unwrap().contains("\"kind\":\"repair\""), "{text}");
        assert_eq!(audit.verify().unwrap().entries, 7);
    }
}
