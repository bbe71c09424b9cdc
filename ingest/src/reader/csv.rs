//! Rows of a text with delimiters. Every row has as many cells as the heading, neither more nor less: where a separator is lost or doubled,
//! nobody can say which cell is which.

pub(crate) mod class;
mod cut;
pub(crate) mod dialect;
pub(crate) mod lines;
mod looks;
pub(crate) mod record;
pub(crate) mod records;
mod recover;
mod twofold;

use super::{Columns, Reader, Row, is_damaged};
use crate::{
    Error,
    block::Filling,
    recognise::{HEAD_ROWS, Line, TextLayout},
    sniff::Stamp,
};
use dialect::Dialect;
use encoding_rs::Encoding;
use record::{Broken, Record};
use records::Records;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The first rows, divided in that dialect; fewer where they cannot be divided so.
pub(crate) fn head(path: &Path, encoding: &'static Encoding, dialect: &Dialect) -> Result<Vec<Line>, Error> {
    let mut records = Records::open(path, encoding, dialect)?;
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
        ..Line::default()
    }
}

/// The reader.
pub(super) struct Csv {
    records: Records<File>,
    record: Record,
    columns: Columns,
    /// Of each column of the extract the place of its cell, if any; none where not every cell has a column of its own.
    straight: Option<Vec<Option<usize>>>,
    width: usize,
    heading_row: u64,
    path: PathBuf,
    stamp: Stamp,
}

impl Csv {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &TextLayout, names: Arc<[String]>) -> Result<Csv, Error> {
        let mut records = Records::open(path, layout.encoding, &layout.dialect)?;
        let columns = Columns { places: layout.places.clone(), names };
        let (width, heading_row) = (layout.width, layout.heading_row);
        let mut record = Record::default();
        while record.number < heading_row && records.next(&mut record)? {}
        records.expect(width);
        let straight = columns.straight(width);
        Ok(Csv { records, record, columns, straight, width, heading_row, path: path.to_owned(), stamp: stamp.clone() })
    }

    fn fill(&self, row: &mut Row) {
        let record = &self.record;
        row.reset(record.number, self.columns.names.len());
        if record.is_blank() {
            return;
        }
        if let Some((rule, reason)) = fault(record, self.width) {
            row.refuse(rule, || reason);
        }
        if self.is_whole() {
            return self.take(row);
        }
        record.cells().enumerate().for_each(|(place, cell)| row.put(place, cell, &self.columns));
    }

    /// Every cell has its place, and nothing in the row is damaged.
    fn is_whole(&self) -> bool {
        self.record.len() == self.width && (self.record.is_usual || !is_damaged(self.record.text()))
    }

    fn take(&self, row: &mut Row) {
        for (place, text) in self.record.cells().enumerate() {
            match self.columns.places.get(place).copied().flatten().and_then(|column| row.cells.get_mut(column)) {
                Some(cell) if cell.is_empty() => cell.push_str(text),
                _ => row.put(place, text, &self.columns),
            }
        }
    }

    /// The next record below the headings; false at the end.
    fn record(&mut self) -> Result<bool, Error> {
        while self.records.next(&mut self.record)? {
            if self.record.number > self.heading_row {
                return Ok(true);
            }
        }
        self.stamp.check(&self.path)?;
        Ok(false)
    }
}

/// Why a record is no row of a table of that width, if it is none: the rule and the reason in words.
pub(crate) fn fault(record: &Record, width: usize) -> Option<(&'static str, String)> {
    let with_more = match record.lines {
        0 | 1 => String::new(),
        lines => format!("（连同其后{}行）", lines - 1),
    };
    let line = if record.line == record.number { String::new() } else { format!("（文件第{}行）", record.line) };
    Some(match record.broken {
        Some(Broken::Torn) => ("row_quote", format!("引号的位置不合规则，无法确定单元格从哪里结束{with_more}，请检查该行{line}的引号")),
        Some(Broken::Unclosed) => ("row_quote", format!("引号没有闭合{with_more}，请检查该行{line}的引号")),
        Some(Broken::Twofold) => ("row_quote", format!("引号跨行，既可读作一行，也可读作多行{with_more}，请检查该行{line}的引号")),
        None if record.len() != width => {
            let count = record.len();
            ("row_width", format!("该行{line}有{count}个单元格，应有{width}个{with_more}，请检查多出或缺少的分隔符"))
        }
        None => return None,
    })
}

impl Reader for Csv {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let is_row = self.record()?;
        if is_row {
            self.fill(row);
        }
        Ok(is_row)
    }

    fn add(&mut self, row: &mut Row, block: &mut Filling) -> Result<bool, Error> {
        if !self.record()? {
            return Ok(false);
        }
        match &self.straight {
            Some(places) if self.record.broken.is_none() && !self.record.is_blank() && self.is_whole() => {
                block.begin(self.record.number);
                for (column, place) in places.iter().enumerate() {
                    block.put(column, place.map_or("", |place| self.record.cell(place)));
                }
            }
            _ => {
                self.fill(row);
                block.push_row(row);
            }
        }
        Ok(true)
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
            "5: a\"b|c|d ! row_quote",
            "6: ||",
            "7: 9|\u{fffd}\u{fffd}|x ! undecodable",
            "8: 7|8|9",
        ];
        assert_eq!(told(&path).unwrap(), rows);
    }

    #[test]
    fn an_unclosed_quote_takes_no_other_row_along() {
        let folder = Folder::new();
        let path = folder.write("a.csv", "证件号码,姓名,住址\n1,2,3\n4,\"5,6\n7,8,9\n");
        assert_eq!(told(&path).unwrap(), ["2: 1|2|3", "3: 4|\"5|6 ! row_quote", "4: 7|8|9"]);
    }

    #[test]
    fn a_row_of_data_inside_a_remark_that_went_astray_is_refused_with_it() {
        let folder = Folder::new();
        let departments = super::super::sample::departments();
        let path = folder.write("a.csv", "证件号码,姓名,住址\n合计,\"5\n王小明\n,李四,西街\n");
        let opened = crate::open(&path, &departments, &crate::Hint::default()).unwrap();
        let model = wuwei_schema::Model::embedded().unwrap();
        let mut reading = crate::read(opened, &model, 1, crate::Held::none()).unwrap();
        reading.by_ref().for_each(|chunk| drop(chunk.unwrap()));
        let report = reading.report();
        assert_eq!((report.skipped, report.rejects_by_rule.get("row_quote")), (0, Some(&1)));
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
}
