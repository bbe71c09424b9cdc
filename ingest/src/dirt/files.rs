//! Files with the dirt that no cell can show: how text is encoded and parted, what a workbook has beside its cells, widths in bytes.

use crate::Extract;
use encoding_rs::GB18030;
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use std::path::Path;

type Maker = fn(&Path, &Extract);

/// What makes the file of that kind, if rows of text do not.
pub(super) fn maker(kind: &str) -> Option<Maker> {
    let known: [(&str, Maker); 9] = [
        ("file_bom", |path, extract| write(path, format!("\u{feff}{}", text(extract, &[&[("案件编号", "1")]])))),
        ("file_mixedenc", mixed),
        ("file_unquoted", unquoted),
        ("file_merged", merged),
        ("file_hidden", hidden),
        ("file_rowlimit", |path, extract| workbook(path, extract, |sheet| sheet_cell(sheet, extract, 65_535, "受援人姓名", "李梅"))),
        ("file_width", |path, extract| fixed(path, extract, &gb("欧阳雪"))),
        // 14 characters of two bytes and the first half of one of four.
        ("name_truncated", |path, extract| fixed(path, extract, &gb("阿卜杜拉买买提吐尔逊艾合买提𬭎")[..30])),
        ("file_dbf", dbase),
    ];
    known.into_iter().find(|(name, _)| *name == kind).map(|(_, maker)| maker)
}

/// A text with commas in UTF-8, under the extract's headings.
pub(super) fn delimited(path: &Path, extract: &Extract, rows: &[Vec<(String, String)>]) {
    let borrowed: Vec<Vec<(&str, &str)>> =
        rows.iter().map(|row| row.iter().map(|(column, text)| (column.as_str(), text.as_str())).collect()).collect();
    write(path, text(extract, &borrowed.iter().map(Vec::as_slice).collect::<Vec<_>>()));
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::write(path, bytes).unwrap();
}

fn text(extract: &Extract, rows: &[&[(&str, &str)]]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&extract.columns).unwrap();
    for row in rows {
        assert!(row.iter().all(|(column, _)| extract.columns.iter().any(|known| known == column)), "{row:?}");
        let cell = |column: &String| row.iter().find(|(known, _)| known == column).map_or("", |(_, text)| *text);
        writer.write_record(extract.columns.iter().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// Thirty rows in UTF-8, and one of another system in GB18030.
fn mixed(path: &Path, extract: &Extract) {
    let row = [("案件编号", "1"), ("案件大类", "街面秩序"), ("地址描述", "云溪县城关镇人民路12号")];
    let (rows, other) = (text(extract, &[&row[..]; 30]), text(extract, &[&row[..]]));
    write(path, [rows.into_bytes(), gb(other.lines().nth(1).unwrap()), b"\n".to_vec()].concat());
}

fn unquoted(path: &Path, extract: &Extract) {
    let row = |address| text(extract, &[&[("JHDJH", "1"), ("MNAME", "王小明"), ("WNAME", "李梅"), ("MXJZDDZ", address)]]);
    let torn = row("云溪县,人民路").replace('"', "");
    write(path, row("云溪县人民路") + torn.lines().nth(1).unwrap() + "\n");
}

fn workbook(path: &Path, extract: &Extract, more: impl Fn(&mut Worksheet)) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0..).zip(&extract.columns) {
        sheet.write(0, column, name).unwrap();
    }
    sheet_cell(sheet, extract, 1, "受援人姓名", "王小明");
    more(sheet);
    book.save(path).unwrap();
}

fn sheet_cell(sheet: &mut Worksheet, extract: &Extract, row: u32, column: &str, text: &str) {
    let place = extract.columns.iter().position(|known| known == column).unwrap();
    sheet.write(row, u16::try_from(place).unwrap(), text).unwrap();
}

fn hidden(path: &Path, extract: &Extract) {
    workbook(path, extract, |sheet| {
        sheet_cell(sheet, extract, 2, "受援人姓名", "李梅");
        sheet.set_row_hidden(2).unwrap().set_column_hidden(1).unwrap();
    });
}

/// Groups merged above their columns, other headings merged over both rows.
fn merged(path: &Path, extract: &Extract) {
    let (mut book, plain) = (Workbook::new(), Format::new());
    let sheet = book.add_worksheet();
    let group = |name: &String| name.split_once('/').map(|(group, _)| group.to_owned());
    for (at, name) in extract.columns.iter().enumerate() {
        let column = u16::try_from(at).unwrap();
        let Some((above, below)) = name.split_once('/') else {
            sheet.merge_range(0, column, 1, column, name, &plain).unwrap();
            continue;
        };
        sheet.write(1, column, below).unwrap();
        if at == 0 || group(&extract.columns[at - 1]).as_deref() != Some(above) {
            let width = extract.columns[at..].iter().take_while(|other| group(other).as_deref() == Some(above)).count();
            sheet.merge_range(0, column, 0, column + u16::try_from(width).unwrap() - 1, above, &plain).unwrap();
        }
    }
    for (column, cell) in [("案件编号", "1"), ("申请人/姓名", "王小明"), ("被申请人/姓名", "李梅")] {
        sheet_cell(sheet, extract, 2, column, cell);
    }
    book.save(path).unwrap();
}

/// Five records of the extract's widths, in bytes.
fn fixed(path: &Path, extract: &Extract, name: &[u8]) {
    let unit = gb("云溪机械厂");
    let cell = |column: &str| -> &[u8] {
        match column {
            "AAC001" => b"000000000001",
            "AAC002" => b"990101198503070025",
            "AAC003" => name,
            "AAC004" => b"2",
            "AAB004" => &unit,
            _ => b"",
        }
    };
    let pad =
        |(column, width): (&String, &usize)| cell(column).iter().copied().chain(std::iter::repeat(b' ')).take(*width).collect::<Vec<_>>();
    let record: Vec<u8> = extract.columns.iter().zip(&extract.widths).flat_map(pad).chain(*b"\r\n").collect();
    write(path, record.repeat(5));
}

/// A dBASE III table whose language byte says nothing: one record marked as deleted, one not.
fn dbase(path: &Path, extract: &Extract) {
    const WIDTH: u8 = 40;
    let columns = u16::try_from(extract.columns.len()).unwrap();
    let mut bytes = vec![3, 126, 1, 2, 2, 0, 0, 0];
    bytes.extend((32 * columns + 33).to_le_bytes());
    bytes.extend((u16::from(WIDTH) * columns + 1).to_le_bytes());
    bytes.resize(32, 0);
    for name in &extract.columns {
        let start = bytes.len();
        bytes.extend(name.as_bytes());
        bytes.resize(start + 11, 0);
        bytes.extend([b'C', 0, 0, 0, 0, WIDTH]);
        bytes.resize(start + 32, 0);
    }
    bytes.push(0x0d);
    for (mark, name) in [(b'*', "李梅"), (b' ', "王小明")] {
        bytes.push(mark);
        for column in &extract.columns {
            let cell = if column == "CAC002" { gb(name) } else { Vec::new() };
            bytes.extend(cell.into_iter().chain(std::iter::repeat(b' ')).take(usize::from(WIDTH)));
        }
    }
    bytes.push(0x1a);
    write(path, bytes);
}
