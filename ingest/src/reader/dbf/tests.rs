//! Tables as departments send them, and as nobody should.

use crate::{
    Hint, open,
    reader::sample::{Folder, departments, told},
};
use encoding_rs::GB18030;
use proptest::prelude::*;

/// A table of dBASE III with the columns of `mz_people`: 18, 10 and 20 bytes.
fn table(language: u8, rows: &[(u8, [&[u8]; 3])]) -> Vec<u8> {
    named(["身份证号", "姓名", "住址"], language, rows)
}

fn named(names: [&str; 3], language: u8, rows: &[(u8, [&[u8]; 3])]) -> Vec<u8> {
    let mut bytes = vec![3, 126, 1, 2];
    bytes.extend(u32::try_from(rows.len()).unwrap().to_le_bytes());
    bytes.extend([129, 0, 49, 0]);
    bytes.resize(29, 0);
    bytes.extend([language, 0, 0]);
    for (name, width) in names.into_iter().zip([18, 10, 20]) {
        let start = bytes.len();
        bytes.extend(&*GB18030.encode(name).0);
        bytes.resize(start + 11, 0);
        bytes.extend([b'C', 0, 0, 0, 0, width]);
        bytes.resize(start + 32, 0);
    }
    bytes.push(0x0d);
    for (mark, cells) in rows {
        bytes.push(*mark);
        for (cell, width) in cells.iter().zip([18, 10, 20]) {
            bytes.extend(cell.iter().chain(std::iter::repeat(&b' ')).take(width));
        }
    }
    bytes.push(0x1a);
    bytes
}

fn gb(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

fn evidence(bytes: &[u8]) -> String {
    let (folder, departments) = (Folder::new(), departments());
    open(&folder.write("a.dbf", bytes), &departments, &Hint::default()).unwrap().understood.codes()
}

#[test]
fn a_table_is_known_by_its_columns_and_widths_are_bytes() {
    let (folder, name, street) = (Folder::new(), gb("阿卜杜拉·买买提"), gb("云溪县城关镇东街"));
    let bytes = table(0, &[(b' ', [b"990101198503070017", &name, &street]), (b' ', [b"", &name[..9], b""])]);
    let path = folder.write("a.dbf", &bytes);
    assert_eq!(told(&path).unwrap(), ["1: 990101198503070017|阿卜杜拉·|云溪县城关镇东街", "2: |阿卜杜拉|"]);
    let words = evidence(&bytes);
    assert!(words.contains("half-characters count=1"), "{words}");
    assert!(words.contains("text-is-chinese encoding=GB18030\nlanguage-byte-unknown byte=0x00"), "{words}");
}

#[test]
fn deleted_records_are_counted_and_not_read() {
    let bytes = table(0x4d, &[(b' ', [b"1", b"", b""]), (b'*', [b"2", b"", b""]), (b'?', [b"3", b"", b""])]);
    assert_eq!(told(&Folder::new().write("a.dbf", &bytes)).unwrap(), ["1: 1||", "2: ||", "3: 3|| ! row_mark"]);
    assert!(evidence(&bytes).contains("records-deleted count=1"));
}

#[test]
fn a_table_cut_in_its_last_record_loses_that_one_and_one_cut_before_is_refused() {
    let folder = Folder::new();
    let bytes = table(0x4d, &[(b' ', [b"1", b"", b""]), (b' ', [b"2", b"", b""])]);
    let cut = folder.write("a.dbf", &bytes[..bytes.len() - 5]);
    assert_eq!(told(&cut).unwrap(), ["1: 1||", "2: || ! row_cut"]);
    let short = folder.write("b.dbf", &bytes[..129 + 40]);
    assert!(told(&short).unwrap_err().contains("its header counts 2 records, the file ends after 0"));
    let mut more = bytes.clone();
    more[4] = 1;
    assert!(told(&folder.write("c.dbf", more)).unwrap_err().contains("counts 1 records, and more follow them"));
}

#[test]
fn two_tables_that_were_joined_into_one_file_are_refused() {
    let folder = Folder::new();
    let (first, second) = (table(0x4d, &[(b' ', [b"1", b"", b""])]), table(0x4d, &[(b' ', [b"2", b"", b""])]));
    for between in [&b""[..], b"\x1a\x1a", &[0; 300]] {
        let error = told(&folder.write("a.dbf", [&first[..], between, &second].concat())).unwrap_err();
        assert!(
            error.contains("its header counts 1 records, and behind them another table begins, as if two files were joined"),
            "{error}"
        );
    }
    let unmarked = [&first[..first.len() - 1], &second].concat();
    assert!(told(&folder.write("a.dbf", unmarked)).unwrap_err().contains("another table begins"));
    assert_eq!(told(&folder.write("a.dbf", [&first[..], &[0; 500]].concat())).unwrap(), ["1: 1||"], "what fills a block is no table");
}

#[test]
fn a_language_byte_that_the_text_contradicts_is_not_believed() {
    let name = gb("王小明");
    for (language, why) in [
        (0x03, "language-byte byte=0x03 encoding=windows-1252"),
        (0x57, "language-byte-unknown byte=0x57"),
        (0x4d, "language-byte byte=0x4d encoding=GB18030"),
    ] {
        let words = evidence(&table(language, &[(b' ', [b"1", &name, b""])]));
        assert!(words.contains(" encoding=GB18030\n") && words.contains(why), "{words}");
    }
}

#[test]
fn text_that_is_neither_chinese_nor_named_is_read_as_ascii_and_no_more() {
    let (folder, western) = (Folder::new(), "Remy rue de l'Eglise".replace('e', "\u{e9}"));
    let western: Vec<u8> = western.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    for (language, label) in
        [(0, "ASCII"), (0x03, "windows-1252"), (0x02, "code page 850"), (0xc9, "windows-1251"), (0x08, "code page 865")]
    {
        let path = folder.write("a.dbf", named(["ID", "NAME", "STREET"], language, &[(b' ', [b"1", b"", &western])]));
        let header = super::header(&path).unwrap();
        let page = super::survey(&path, &header, None).unwrap().page(&header, None).unwrap().0;
        assert_eq!(page.label(), label);
    }
}

#[test]
fn names_that_are_the_same_once_cut_are_numbered() {
    let cut = crate::recognise::Cut { bytes: 10, encoding: GB18030 };
    let names = ["户籍地址代码", "户籍地址代", "HJDZ_CODE_1", "hjdz_code_", "A户籍地址代码"];
    assert_eq!(cut.names(names.into_iter()), ["户籍地址代", "户籍地址代_2", "HJDZ_CODE_", "hjdz_code__2", "A户籍地址"]);
}

#[test]
fn a_file_shorter_than_any_header_is_no_table() {
    let whole = table(0, &[]);
    for length in 0..70 {
        for version in [2, 3, 4, 0x30] {
            let head: Vec<u8> = std::iter::once(version).chain(whole[1..].iter().copied()).take(length).collect();
            assert!(!super::is_table(&head) || length > 20);
        }
    }
}

proptest! {
    #[test]
    fn whatever_bytes_a_table_has_it_is_refused_or_every_record_is_handed_out(
        changes in prop::collection::vec((0..300_usize, any::<u8>()), 0..12), length in 0..400_usize,
    ) {
        let name = gb("王小明");
        let rows = [(b' ', [&b"990101198503070017"[..], &name, b""]), (b'*', [b"2", b"", b""]), (b' ', [b"3", b"", &name])];
        let mut bytes = table(0, &rows);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        bytes.truncate(length.max(1));
        let records = u64::from(u32::from_le_bytes(bytes.get(4..8).map_or([0; 4], |four| four.try_into().unwrap())));
        if let Ok(rows) = told(&Folder::new().write("a.dbf", &bytes)) && bytes[0] == 3 {
            prop_assert_eq!(rows.len() as u64, records);
        }
    }
}
