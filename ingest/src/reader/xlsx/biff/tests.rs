//! Workbooks of before 2007, written record by record, as programs do and as nobody should.

use crate::{
    Hint, open,
    reader::sample::{Folder, departments, told},
};
use proptest::prelude::*;

fn record(id: u16, data: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &u16::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn text(text: &str) -> Vec<u8> {
    [&u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes()[..], &[1], &wide(text)].concat()
}

/// A compound file of one stream of less than 65,000 bytes.
fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let mut stream = stream.to_vec();
    stream.resize(stream.len().max(4096).next_multiple_of(512), 0);
    let sectors = u32::try_from(stream.len() / 512).unwrap();
    let mut head = [super::MAGIC, &[0; 16], &shorts(&[0x3e, 3, 0xfffe, 9, 6])].concat();
    head.resize(44, 0);
    for number in [1, sectors, 0, 4096, 0xffff_fffe, 0, 0xffff_fffe, 0, sectors + 1] {
        head.extend(u32::to_le_bytes(number));
    }
    head.resize(512, 0xff);
    let entry = |name: &str, kind: u8, size: u32| {
        let mut entry = wide(name);
        entry.resize(66, 0);
        entry.extend([kind, 1]);
        entry.resize(120, 0xff);
        entry[116..].fill(0);
        entry.extend(u64::from(size).to_le_bytes());
        entry
    };
    let mut directory = [entry("Root Entry", 5, 0), entry(name, 2, sectors * 512)].concat();
    directory[116..120].fill(0xfe);
    directory.resize(512, 0);
    let chain = (1..sectors).chain([0xffff_fffe, 0xffff_fffe, 0xffff_fffd]);
    let mut table: Vec<u8> = chain.flat_map(u32::to_le_bytes).collect();
    table.resize(512, 0xff);
    [head, stream, directory, table].concat()
}

/// A workbook of one sheet `表` with these records, and these among those before it.
fn workbook(globals: &[u8], sheet: &[u8]) -> Vec<u8> {
    let begins = |what: u16| record(0x0809, &shorts(&[0x0600, what, 0, 0, 0, 0, 0, 0]));
    let bound = |start: u32| record(0x85, &[&start.to_le_bytes()[..], &[0, 0, 1, 1], &wide("表")].concat());
    let start = begins(5).len() + globals.len() + bound(0).len() + 4;
    let end = record(0x0a, &[]);
    let bound = bound(u32::try_from(start).unwrap());
    compound("Workbook", &[begins(5), globals.to_vec(), bound, end.clone(), begins(0x10), sheet.to_vec(), end].concat())
}

fn label(row: u16, column: u16, said: &str) -> Vec<u8> {
    record(0x204, &[shorts(&[row, column, 0]), text(said)].concat())
}

fn heading() -> Vec<u8> {
    [label(0, 0, "身份证号"), label(0, 1, "姓名"), label(0, 2, "住址")].concat()
}

fn packed(number: i32) -> [u8; 4] {
    (number << 2 | 2).to_le_bytes()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    told(&Folder::new().write("a.xls", bytes)).unwrap()
}

#[test]
fn numbers_dates_codes_and_results_are_as_in_a_newer_workbook() {
    let format = |id: u16, code: &str| record(0x41e, &[shorts(&[id]), text(code)].concat());
    let style = |format: u16| record(0xe0, &shorts(&[0, format, 0, 0, 0, 0, 0, 0, 0, 0]));
    let globals = [format(164, "yyyy-mm-dd"), format(165, "000000"), style(0), style(164), style(165)].concat();
    let float = |row, column, style, number: f64| record(0x203, &[shorts(&[row, column, style]), number.to_le_bytes().to_vec()].concat());
    let formula = |row, column, result: [u8; 8]| record(0x06, &[shorts(&[row, column, 0]), result.to_vec(), vec![0; 8]].concat());
    let sheet = [
        heading(),
        float(1, 0, 0, 990_101_198_503_070_017.0),
        float(1, 1, 1, 45_943.0),
        float(1, 2, 2, 1_017.0),
        record(0x27e, &[&shorts(&[2, 0, 0])[..], &packed(-7)].concat()),
        record(0xbd, &[&shorts(&[3, 0, 0])[..], &packed(1), &shorts(&[0]), &packed(2), &shorts(&[0]), &packed(3), &shorts(&[2])].concat()),
        formula(4, 0, 88.5_f64.to_le_bytes()),
        formula(4, 1, [0, 0, 0, 0, 0, 0, 0xff, 0xff]),
        record(0x207, &text("王小明")),
        formula(4, 2, [1, 0, 1, 0, 0, 0, 0xff, 0xff]),
        record(0x205, &[&shorts(&[5, 0, 0])[..], &[0x17, 1]].concat()),
    ];
    let rows = ["表 2: 9.90101E+17|2025-10-13|001017", "表 3: -7||", "表 4: 1|2|3", "表 5: 88.5|王小明|TRUE", "表 6: || ! cell_error"];
    assert_eq!(lines(&workbook(&globals, &sheet.concat())), rows);
    let since_1904 = [record(0x22, &[1, 0]), globals].concat();
    let sheet = [heading(), float(1, 1, 1, 44_481.0)].concat();
    assert_eq!(lines(&workbook(&since_1904, &sheet)), ["表 2: |2025-10-13|"]);
}

#[test]
fn a_shared_string_goes_on_in_the_next_record_in_another_width() {
    let whole = [&2_u16.to_le_bytes()[..], &[1], &wide("东街")].concat();
    let first = [&[0; 4][..], &3_u32.to_le_bytes(), &whole, &5_u16.to_le_bytes(), &[1], &wide("王小")].concat();
    let rich = [&2_u16.to_le_bytes()[..], &[9], &shorts(&[1]), &wide("号楼"), &[0; 4]].concat();
    let strings = [record(0xfc, &first), record(0x3c, &[&[0][..], b"abc", &rich].concat())].concat();
    let shared = |column, at: u32| record(0xfd, &[shorts(&[1, column, 0]), at.to_le_bytes().to_vec()].concat());
    let sheet = [heading(), shared(0, 1), shared(1, 0), shared(2, 2)].concat();
    assert_eq!(lines(&workbook(&strings, &sheet)), ["表 2: 王小abc|东街|号楼"]);
    let beyond = [heading(), shared(0, 3)].concat();
    assert!(told(&Folder::new().write("a.xls", workbook(&strings, &beyond))).unwrap_err().contains("is damaged at sheet `表`"));
}

#[test]
fn what_writers_other_than_excel_get_wrong_and_harms_no_cell_is_read() {
    let strings = |stated: u32| {
        let all = ["东街", "西街"].map(text).concat();
        record(0xfc, &[&[0; 4][..], &stated.to_le_bytes(), &all].concat())
    };
    let shared = |row, at: u32| record(0xfd, &[shorts(&[row, 2, 0]), at.to_le_bytes().to_vec()].concat());
    let empty = record(0x204, &shorts(&[1, 1, 0, 0]));
    let sheet = [heading(), shared(3, 1), shared(1, 0), empty, label(2, 0, "2"), label(1, 0, "1")].concat();
    for stated in [0, 2, 9] {
        assert_eq!(lines(&workbook(&strings(stated), &sheet)), ["表 2: 1||东街", "表 3: 2||", "表 4: ||西街"], "{stated} strings stated");
    }
}

#[test]
fn a_sheet_that_ends_in_the_last_row_may_have_been_cut_there() {
    let folder = Folder::new();
    let path = folder.write("a.xls", workbook(&[], &[heading(), label(1, 0, "1"), label(65_535, 0, "2")].concat()));
    assert_eq!(told(&path).unwrap(), ["表 2: 1||", "表 65536: 2||"]);
    let evidence = open(&path, &departments(), &Hint::default()).unwrap().understood.codes();
    assert!(evidence.contains("sheet-full row=65536"), "{evidence}");
}

#[test]
fn what_is_no_workbook_of_1997_is_refused_with_the_way_out() {
    let folder = Folder::new();
    let refused = |bytes: &[u8]| told(&folder.write("a.xls", bytes)).unwrap_err();
    assert!(refused(&compound("WordDocument", &[])).contains("no workbook"));
    assert!(refused(&compound("Book", &[])).contains("of before 1997"));
    assert!(refused(&compound("EncryptedPackage", &[])).contains("is a workbook behind a password; hint: open it"));
    assert!(refused(&workbook(&record(0x2f, &[0; 6]), &[])).contains("behind a password; hint: open it"));
    assert!(refused(&workbook(&[], &label(0, 0, "x"))[..2000]).contains("is damaged"));
}

proptest! {
    #[test]
    fn whatever_bytes_a_workbook_has_it_is_refused_or_read(changes in prop::collection::vec((0..6000_usize, any::<u8>()), 1..20)) {
        let shared = [&[0; 4][..], &1_u32.to_le_bytes(), &text("东街")].concat();
        let merged = record(0xe5, &shorts(&[1, 1, 2, 0, 0]));
        let sheet = [heading(), label(1, 0, "1"), record(0xfd, &[shorts(&[1, 1, 0]), vec![0; 4]].concat()), merged].concat();
        let mut bytes = workbook(&record(0xfc, &shared), &sheet);
        let length = bytes.len();
        changes.into_iter().for_each(|(at, byte)| bytes[at % length] = byte);
        if let Err(error) = told(&Folder::new().write("a.xls", bytes)) {
            prop_assert!(error.contains("; hint: "), "{}", error);
        }
    }
}
