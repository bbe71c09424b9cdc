//! The whole of a file against the dialect that its first part led to. Rows that do not fit are refused one by one when they are read; here
//! it is found out beforehand whether they would fit another way, which is told and never followed: what the first part shows and what the
//! rest shows contradict each other, and somebody has to say which of them holds.

use crate::{
    Error,
    reader::csv::{
        dialect::Dialect,
        record::Record,
        records::{Records, cut_line},
    },
};
use std::{io::Read, path::Path};
use wuwei_schema::Notice;

/// Delimiters that are tried besides the one found.
const DELIMITERS: [&str; 4] = [",", "\t", ";", "|"];

/// What the whole of a file says.
#[derive(Debug, Default)]
struct Found {
    rows: u64,
    misfits: u64,
    /// Rows with cells in double quotes, where quotes are said to mean nothing.
    enclosed: u64,
    /// Of each other way, how many misfits it divides as they should be.
    others: Vec<(Dialect, u64)>,
}

/// What is odd about the rest of a file.
///
/// # Errors
/// [`Error::Dialect`] where most of the file, or its quotes, say otherwise than its first part.
pub(super) fn evidence(mut records: Records<impl Read>, dialect: &Dialect, width: usize, path: &Path) -> Result<Vec<Notice>, Error> {
    records.expect(width);
    let others = others(dialect).into_iter().map(|other| (other, 0)).collect();
    let mut found = Found { others, ..Found::default() };
    let (mut record, mut scratch) = (Record::default(), Record::default());
    while records.next(&mut record)? {
        if !record.is_blank() {
            found.count(&record, dialect, width, &mut scratch);
        }
    }
    let unsure = |detail: String| Err(Error::Dialect { path: path.display().to_string(), detail });
    let Found { rows, misfits, enclosed, others } = found;
    if enclosed > 0 {
        return unsure(format!("quotes mean nothing in its first part, and enclose cells in {enclosed} of its {rows} rows"));
    }
    let Some((other, count)) = others.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count > 0) else {
        return Ok(Vec::new());
    };
    if count * 2 > rows {
        let first = format!("{misfits} of its {rows} rows are not divided as its first part is");
        return unsure(format!("{first}; {count} of them would be by {}", other.words()));
    }
    let told = Notice::new("rows-divided-otherwise").with("misfits", misfits).with("rows", rows).with("count", count);
    Ok(vec![other.told(told)])
}

/// Other ways to divide a line: with other quotes, or at another delimiter.
fn others(dialect: &Dialect) -> Vec<Dialect> {
    // Of those that explain as much, the last is told.
    let ways = [(None, None), (Some(b'"'), None), (Some(b'\''), None), (Some(b'"'), Some(b'\\'))];
    let quotes = ways.into_iter().map(|(quote, escape)| Dialect { delimiter: dialect.delimiter.clone(), quote, escape });
    let delimiters = DELIMITERS.into_iter().map(|delimiter| Dialect { delimiter: delimiter.to_owned(), ..dialect.clone() });
    let mut all: Vec<Dialect> = delimiters.chain(quotes).collect();
    all.retain(|other| other != dialect);
    all
}

impl Found {
    fn count(&mut self, record: &Record, dialect: &Dialect, width: usize, scratch: &mut Record) {
        self.rows += 1;
        if record.broken.is_none() && record.len() == width {
            let is_enclosed = |cell: &str| cell.len() > 1 && cell.starts_with('"') && cell.ends_with('"');
            self.enclosed += u64::from(dialect.quote.is_none() && record.cells().any(is_enclosed));
            return;
        }
        self.misfits += 1;
        for (other, count) in &mut self.others {
            let fits = |line: &str, scratch: &mut Record| cut_line(other, line, scratch) && scratch.len() == width;
            *count += u64::from(width > 1 && record.each_line().all(|line| fits(line, scratch)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use crate::{Hint, reader::sample::Folder};

    /// What is told of a file whose first part is longer than what is looked at.
    fn told(first: &str, rest: &str) -> Result<String, String> {
        let folder = Folder::new();
        let text = format!("编号,名称,备注\n{}{rest}", first.repeat((1 << 20) / first.len() + 1));
        let path = folder.write("a.csv", text);
        let reading = table(&path, &Hint::default()).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))?;
        Ok(reading.understood.codes())
    }

    #[test]
    fn what_the_rest_of_a_file_says_is_told() {
        let first = "1,东街,无备注可言的一行\n";
        assert!(!told(first, first).unwrap().contains("rows-divided-otherwise"));
        assert!(
            told(first, "2,'西街, 北',x\n").unwrap().contains("rows-divided-otherwise count=1 delimiter=, inside='' misfits=1 quote='")
        );
        assert!(told(first, "2;西街;x\n3;西街;x\n").unwrap().contains("rows-divided-otherwise count=2 delimiter=;"));
        assert!(told(first, "2,\"8\\\" 管\",x\n").unwrap().contains("inside=\\\" misfits=1"));
    }

    #[test]
    fn where_the_rest_says_otherwise_nothing_is_guessed() {
        let inches = "1,8\"管 \"x,无备注可言的一行\n";
        assert!(told(inches, "").unwrap().contains("quote=– "));
        let refusal = told(inches, "2,\"西街\",x\n").unwrap_err();
        assert!(
            refusal.starts_with("how file `FILE` is divided is unsure: quotes mean nothing in its first part, and enclose cells in 1 of")
        );
        let most = told("1,东街,无备注可言的一行\n", &"2;西街;x\n".repeat(200_000)).unwrap_err();
        assert!(most.contains("200000 of them would be by \";\" between cells") && most.contains("; hint: "), "{most}");
    }
}
