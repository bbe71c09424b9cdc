//! Rows of a text with delimiters. Every row has as many cells as the heading, neither more nor less: where a separator is lost or doubled,
//! nobody can say which cell is which.

use super::{
    Columns, Reader, Row,
    records::{Record, Records},
};
use crate::{
    Error,
    recognise::{HEAD_ROWS, Line, TextLayout},
    sniff::Stamp,
};
use encoding_rs::Encoding;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The first rows, divided at that delimiter; fewer where they cannot be divided so.
pub(crate) fn head(path: &Path, encoding: &'static Encoding, delimiter: u8) -> Result<Vec<Line>, Error> {
    let mut records = Records::open(path, encoding, delimiter, true)?;
    let (mut record, mut lines) = (Record::default(), Vec::new());
    for _ in 0..HEAD_ROWS {
        match records.next(&mut record) {
            Ok(true) => lines.push(line(&record)),
            Ok(false) => break,
            Err(error) if lines.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    Ok(lines)
}

fn line(record: &Record) -> Line {
    let cells = record.cells().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
    Line {
        number: record.number,
        cells: cells.map(|(place, cell)| (place, cell.to_owned())).collect(),
        width: record.len(),
        is_quoted: record.is_quoted,
        cut: None,
    }
}

/// The reader.
pub(super) struct Csv {
    records: Records<File>,
    record: Record,
    columns: Columns,
    width: usize,
    heading_row: u64,
    path: PathBuf,
    stamp: Stamp,
}

impl Csv {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &TextLayout, names: Arc<[String]>) -> Result<Csv, Error> {
        let records = Records::open(path, layout.encoding, layout.delimiter, layout.quotes)?;
        let columns = Columns { places: layout.places.clone(), names };
        let (width, heading_row) = (layout.width, layout.heading_row);
        Ok(Csv { records, record: Record::default(), columns, width, heading_row, path: path.to_owned(), stamp: stamp.clone() })
    }

    fn fill(&self, row: &mut Row) {
        let record = &self.record;
        row.reset(record.number, self.columns.names.len());
        if record.is_blank() {
            return;
        }
        if record.is_torn {
            row.refuse("row_quote", || torn(record.breaks()));
        }
        if record.len() != self.width {
            let reason = || format!("该行有{}个单元格，表头有{}个，请检查多出或缺少的分隔符", record.len(), self.width);
            row.refuse("row_width", reason);
        }
        record.cells().enumerate().for_each(|(place, cell)| row.put(place, cell, &self.columns));
    }
}

/// Why a row with a quote out of place is refused; it may have swallowed the lines after it, and they are not to go unmentioned.
fn torn(lines: usize) -> String {
    let swallowed = if lines == 0 { String::new() } else { format!("，其后{lines}行可能被并入该行") };
    format!("引号的位置不合规则，无法确定单元格从哪里结束{swallowed}，请检查该行的引号")
}

impl Reader for Csv {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        while self.records.next(&mut self.record)? {
            if self.record.number > self.heading_row {
                self.fill(row);
                return Ok(true);
            }
        }
        self.stamp.check(&self.path)?;
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Folder, told};
    use crate::decode::encode;
    use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};

    const TEXT: &str = "证件号码,姓名,住址\n990101198503070017,㛃𬭎,\"东街,1号\"\n,王小明,\n";
    const ROWS: [&str; 2] = ["2: 990101198503070017|㛃𬭎|东街,1号", "3: |王小明|"];

    #[test]
    fn a_row_is_the_same_in_every_encoding() {
        let folder = Folder::new();
        for encoding in [GB18030, UTF_8, UTF_16LE, UTF_16BE] {
            for text in [TEXT.to_owned(), format!("\u{feff}{TEXT}"), TEXT.replace('\n', "\r\n")] {
                let path = folder.write("a.csv", encode(&text, encoding));
                assert_eq!(told(&path).unwrap(), ROWS, "{}", encoding.name());
            }
        }
    }

    #[test]
    fn delimiters_and_order_are_the_files_own_and_titles_are_passed_over() {
        let folder = Folder::new();
        let path = folder
            .write("a.txt", "2026年人口,,\n制表：公安局\n住址|姓 名|证件号码（\n".replace('（', "") + "东街|王小明|990101198503070017\n");
        assert_eq!(told(&path).unwrap(), ["4: 990101198503070017|王小明|东街"]);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_handed_out_with_its_fault() {
        let folder = Folder::new();
        let mut bytes = "证件号码,姓名,住址\n1,2\n1,2,3,4\n\n\"a\"b,c,d\n, ,\n".as_bytes().to_vec();
        bytes.extend(b"9,\xff\xfe,x\n7,8,9\n");
        let path = folder.write("a.csv", bytes);
        let rows = [
            "2: 1|2| ! row_width",
            "3: 1|2|3 ! row_width",
            "4: ||",
            "5: ab|c|d ! row_quote",
            "6: ||",
            "7: 9|\u{fffd}\u{fffd}|x ! undecodable",
            "8: 7|8|9",
        ];
        assert_eq!(told(&path).unwrap(), rows);
    }

    #[test]
    fn an_unclosed_quote_ends_the_reading_at_its_row() {
        let folder = Folder::new();
        let path = folder.write("a.csv", "证件号码,姓名,住址\n1,2,3\n4,\"5,6\n7,8,9\n");
        assert!(told(&path).unwrap_err().starts_with("file `FILE` row 3 opens a quote that nothing closes"));
    }

    #[test]
    fn a_reason_names_the_column_and_never_the_value() {
        let folder = Folder::new();
        let path = folder.write("a.csv", [b"\xef\xbb\xbf", "证件号码,姓名,住址\n1,王".as_bytes(), b"\xff,x\n"].concat());
        let rows = super::super::sample::rows(&path).unwrap();
        assert_eq!(rows[0].fault.as_ref().unwrap().reason, "第2列「姓名」含有无法解码或已损坏的字符，请从原系统重新导出");
    }

    #[test]
    fn utf_8_that_was_taken_for_latin_text_is_not_let_in() {
        let folder = Folder::new();
        let latin: String = "王小明".bytes().map(char::from).collect();
        let path = folder.write("a.csv", format!("证件号码,姓名,住址\n1,{latin},x\n2,Ürümqi·Ā,x\n"));
        assert_eq!(told(&path).unwrap(), [format!("2: 1|{latin}|x ! undecodable"), "3: 2|Ürümqi·Ā|x".to_owned()]);
    }

    #[test]
    fn a_row_that_swallowed_the_next_says_so() {
        let folder = Folder::new();
        let path = folder.write("a.csv", "\"证件号码\",\"姓名\",\"住址\"\n\"1\",\"2\",\"3\"\"\n\"4\",\"5\",\"6\"\n\"7\",\"8\",\"9\"\n");
        let rows = super::super::sample::rows(&path).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].fault.as_ref().unwrap().reason.contains("其后1行可能被并入该行"), "{rows:?}");
    }
}
