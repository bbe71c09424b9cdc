//! Rows a second of reading alone, on one core: bytes of a file to rows of an extract, nothing mapped and nothing built of them. Rows have
//! ten columns like those of a residents' register; the file is invented, written once a run and read in memory of the page cache.
//! `cargo bench -p wuwei-ingest --bench read [ROWS]` prints a JSON line a case, the median of five.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures and may stop")]

use std::{io::Write, path::Path, time::Instant};
use wuwei_ingest::{Hint, TableRow, table};

const COLUMNS: [&str; 10] = ["证件号码", "姓名", "性别", "民族", "出生日期", "住址", "手机", "户号", "迁入日期", "备注"];

fn main() {
    let rows = std::env::args().filter_map(|argument| argument.parse().ok()).next_back().unwrap_or(400_000);
    let folder = tempfile::tempdir().unwrap();
    for (name, encoding, quoted) in [
        ("gb18030", encoding_rs::GB18030, false),
        ("gb18030 quoted", encoding_rs::GB18030, true),
        ("utf-8", encoding_rs::UTF_8, false),
        ("utf-8 quoted", encoding_rs::UTF_8, true),
    ] {
        let path = folder.path().join("rows.csv");
        let bytes = write(&path, encoding, quoted, rows);
        let mut seconds: Vec<f64> = (0..5).map(|_| read(&path, rows)).collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[2];
        let figures = (f64::from(rows) / median, bytes as f64 / median / 1e6);
        println!(
            "{{\"case\": \"{name}\", \"rows\": {rows}, \"bytes\": {bytes}, \"rows_per_second\": {:.0}, \"megabytes_per_second\": {:.0}}}",
            figures.0, figures.1
        );
    }
}

fn write(path: &Path, encoding: &'static encoding_rs::Encoding, quoted: bool, rows: u32) -> u64 {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut line = |cells: [&str; 10]| {
        let text = if quoted { format!("\"{}\"\r\n", cells.join("\",\"")) } else { format!("{}\r\n", cells.join(",")) };
        file.write_all(&encoding.encode(&text).0).unwrap();
    };
    line(COLUMNS);
    for row in 0..rows {
        let (id, phone) = (format!("990101198503{:06}", row % 1_000_000), format!("120{row:08}"));
        let (house, place) = (format!("{:09}", row / 3), format!("云溪县城关镇人民路{}号{}室", row % 300, row % 40));
        line([&id, ["王小明", "李四", "欧阳建国"][row as usize % 3], "男", "汉族", "19850307", &place, &phone, &house, "20010203", ""]);
    }
    file.flush().unwrap();
    std::fs::metadata(path).unwrap().len()
}

/// Seconds for all rows, without looking at the file first.
fn read(path: &Path, rows: u32) -> f64 {
    let mut reading = table(path, &Hint::default()).unwrap();
    let mut row = TableRow::default();
    let start = Instant::now();
    let mut count = 0;
    while reading.next_row(&mut row).unwrap() {
        count += u32::from(row.fault.is_none());
    }
    assert_eq!(count, rows);
    start.elapsed().as_secs_f64()
}
