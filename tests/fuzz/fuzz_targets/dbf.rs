//! Any bytes behind the header of a dBASE table, and any bytes in it: it is refused, or every record of it is accounted for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use wuwei_ingest::{Departments, Held, Hint, open, read};
use wuwei_schema::{Model, SourceFile};

/// A department of one extract, whose columns a table of dBASE III names in its header.
const DEPARTMENT: &str = r#"
department = "xx"
label = { zh = "测试", en = "Test" }
[[extract]]
name = "xx_people"
label = { zh = "测试", en = "Test" }
format = "dbf"
encoding = "gb18030"
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["ID", "NAME", "BORN"]
[extract.record.person]
entity = "person"
id_no = "ID"
name = "NAME"
birth_date = { from = "BORN", date = "%Y%m%d" }
"#;

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());
static DEPARTMENTS: LazyLock<Departments> = LazyLock::new(|| {
    let file = SourceFile { name: "xx.toml".to_owned(), text: DEPARTMENT.to_owned() };
    Departments::parse(&[file], &MODEL).unwrap()
});

/// The header of a table of so many records, its columns of the types and widths that the first bytes choose.
fn header(choice: &[u8], records: u32) -> Vec<u8> {
    let mut bytes = vec![[0x03, 0x30, 0x83, 0xf5][usize::from(choice[0] % 4)], 126, 1, 2];
    bytes.extend(records.to_le_bytes());
    let widths = [choice[1] % 40, choice[2] % 40, choice[3] % 40];
    bytes.extend(129_u16.to_le_bytes());
    bytes.extend((1 + widths.iter().map(|width| u16::from(*width)).sum::<u16>()).to_le_bytes());
    bytes.resize(29, 0);
    bytes.extend([choice[4], 0, 0]);
    for ((name, width), kind) in ["ID", "NAME", "BORN"].iter().zip(widths).zip(&choice[5..8]) {
        let start = bytes.len();
        bytes.extend(name.as_bytes());
        bytes.resize(start + 11, 0);
        bytes.extend([b"CNFDTLIBYMVQ"[usize::from(kind % 12)], 0, 0, 0, 0, width, 0, kind >> 4]);
        bytes.resize(start + 32, 0);
    }
    bytes.push(0x0d);
    bytes
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_at_checked(10) else { return };
    let mut table = if choice[9] % 4 == 0 { Vec::new() } else { header(choice, u32::from(choice[8])) };
    table.extend(rest);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fuzz.dbf");
    std::fs::write(&path, table).unwrap();
    std::fs::write(path.with_extension("fpt"), rest).unwrap();
    let Ok(opened) = open(&path, &DEPARTMENTS, &Hint::default()) else { return };
    let Ok(mut reading) = read(opened, &MODEL, 0, Held::none()) else { return };
    if reading.by_ref().all(|chunk| chunk.is_ok()) {
        let report = reading.report();
        assert_eq!(report.read, report.accepted + report.rejected + report.skipped);
    }
});
