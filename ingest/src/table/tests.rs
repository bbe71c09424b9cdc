//! What becomes of files that nobody described: the table a careful person would see, and a reason for every row that is none of it.

use super::*;
use crate::reader::sample::Folder;

/// The headings and rows of a file; `!` before a row that is refused, with the rule.
fn seen(bytes: impl AsRef<[u8]>, hint: &Hint) -> (Vec<String>, Vec<String>) {
    let folder = Folder::new();
    let mut reading = table(&folder.write("a.csv", bytes), hint).unwrap();
    let shown = |row: TableRow| match row.fault {
        Some(fault) => format!("! {} {}", row.number, fault.rule),
        None => row.cells.join("|"),
    };
    let rows = reading.by_ref().map(|row| shown(row.unwrap())).collect();
    let count = reading.account();
    assert_eq!(count.read, count.accepted + count.rejected + count.skipped);
    (reading.understood.headings, rows)
}

fn found(bytes: impl AsRef<[u8]>) -> (String, Vec<String>) {
    let (headings, rows) = seen(bytes, &Hint::default());
    (headings.join("|"), rows)
}

const ROWS: &str = "编号,姓名,日期\n1,王小明,2026-01-02\n2,李四,2026-01-03\n3,张三,2026-01-04\n";

#[test]
fn headings_are_the_first_row_that_looks_like_names() {
    let rows = ["1|王小明|2026-01-02", "2|李四|2026-01-03", "3|张三|2026-01-04"].map(str::to_owned).to_vec();
    assert_eq!(found(ROWS), ("编号|姓名|日期".to_owned(), rows.clone()));
    assert_eq!(found(format!("2026年人口,,\n,,\n{ROWS}")), ("编号|姓名|日期".to_owned(), rows.clone()));
    assert_eq!(found(format!("制表：公安局\n{ROWS}")), ("编号|姓名|日期".to_owned(), rows.clone()));
    assert_eq!(found(ROWS.split_once('\n').unwrap().1), (String::new(), rows.clone()));
    assert_eq!(found(format!("编号,姓名,日期\n{ROWS}")).0, "编号/编号|姓名/姓名|日期/日期");
    assert_eq!(found("编号,金额,\n,甲,乙\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n").0, "编号|金额/甲|金额/乙");
    assert_eq!(found("县,2021,2022,2023\n东,1.5,2.5,3.5\n西,4.5,5.5,6.5\n").0, "县|2021|2022|2023");
    assert_eq!(found("a,b,c").0, "a|b|c");
}

#[test]
fn titles_units_and_lower_names_are_told_from_rows() {
    let values = "甲,1.5,2.5,东\n乙,3.5,4.5,西\n丙,5.5,6.5,南\n丁,7.5,8.5,北\n戊,9.5,0.5,中\n";
    let rows: Vec<String> = values.lines().map(|line| line.replace(',', "|")).collect();
    let names = |above: &str| {
        let (names, found) = found(format!("{above}{values}"));
        assert_eq!(found, rows, "{above}");
        names
    };
    assert_eq!(names("人口,2026年1月,县城,公安局,制表\n村,男,女,区\n"), "村|男|女|区");
    assert_eq!(names("村,金额,面积,区\n,元,平方米,\n"), "村|金额/元|面积/平方米|区");
    assert_eq!(names("村,金额,面积,区\n,,平方米,\n"), "村|金额|面积/平方米|区");
    let travel = "日期,地点,费用,,,备注\n,,,,,\n,,车,船,房,\n1日,东街,,1.5,,x\n2日,西街,,,2.5,y\n";
    assert_eq!(found(travel).0, "日期|地点|费用/车|费用/船|费用/房|备注");
    assert_eq!(found(travel).1.len(), 2);
}

#[test]
fn headings_that_stand_again_over_another_part_are_headings() {
    let part = "姓名,日期,事项,,\n王小明,1月,甲,,\n李四,2月,乙,,\n";
    let (names, rows) = found(format!("会见,,,,\n{part},,,,\n出行,,,,\n{part},,,,\n接待,,,,\n姓名,日期,事由,,\n王小明,3月,甲,,\n"));
    assert_eq!(names, "姓名|日期|事项||");
    assert_eq!(rows[..2], ["王小明|1月|甲||", "李四|2月|乙||"]);
    assert!(rows[2..].iter().all(|row| row.starts_with("! ")), "{rows:?}");
}

#[test]
fn a_row_that_cannot_be_relied_on_is_refused_and_no_other() {
    let (_, rows) =
        found("编号,姓名,日期\n1,王,2026-01-02\n2,李,四,2026-01-03\n3\n4,\"张,2026-01-04\n5,赵,2026-01-05\n6,钱\0,2026-01-06\n");
    let expected = ["1|王|2026-01-02", "! 3 row_width", "! 4 row_width", "! 5 row_quote", "5|赵|2026-01-05", "! 7 undecodable"];
    assert_eq!(rows, expected);
    let (_, rows) = found([ROWS.as_bytes(), b"4,\xff,2026-01-05\n"].concat());
    assert_eq!(rows[3], "! 5 undecodable");
}

#[test]
fn damaged_headings_harm_no_row() {
    let rows = "1,王,2026-01-02\n2,李,2026-01-03\n3,张,2026-01-04\n4,赵,2026-01-05\n5,钱,2026-01-06\n";
    for (heading, names) in [
        ("编号姓名,日期", "编号姓名|日期"),
        ("编号,,姓名,日期", "编号|姓名|日期"),
        ("编号,\"姓名,日期", "编号|\"姓名|日期"),
        ("编号 姓名 日期", "编号|姓名|日期"),
    ] {
        let (headings, rows) = found(format!("{heading}\n{rows}"));
        assert_eq!((headings.as_str(), rows.len()), (names, 5), "{heading}");
        assert_eq!(rows[0], "1|王|2026-01-02");
    }
}

#[test]
fn rows_that_agree_among_themselves_are_believed() {
    let (headings, rows) = found("a,b\n1,2,\n3,4,\n5,6,\n7,8,\n9,0,\n");
    assert_eq!((headings.as_str(), rows.len(), rows[0].as_str()), ("a|b", 5, "1|2|"));
    assert_eq!(found("a,b\n1,2,3\n").1, ["! 2 row_width"]);
    assert_eq!(found("\"a\",\"b\"\n\"1\",\"2\",\n").1, ["1|2|"]);
}

#[test]
fn a_second_table_is_not_taken_for_rows_of_the_first() {
    let (_, rows) = found(format!("{ROWS}{ROWS}"));
    assert_eq!(rows[3..], ["! 6 table_next", "! 7 table_next", "! 8 table_next"]);
    let more: String = (4..30).map(|day| format!("{day},王,2026-01-{day:02}\n")).collect();
    let (_, rows) = found(format!("{ROWS}{more}\n其他,,\n金额,名称,单价\n1,甲,2026-01-02\n"));
    assert_eq!(rows[28..], ["29|王|2026-01-29", "! 32 row_title", "! 33 table_next", "! 34 table_next"]);
}

#[test]
fn one_column_is_a_table_too_and_its_blank_rows_are_rows() {
    assert_eq!(found("foo\n\n"), ("foo".to_owned(), vec![String::new()]));
    assert_eq!(found("\n\n"), (String::new(), vec![String::new(), String::new()]));
    assert_eq!(found("foo\n1\n2\n"), ("foo".to_owned(), vec!["1".to_owned(), "2".to_owned()]));
}

#[test]
fn what_is_said_is_followed() {
    let hint = |delimiter: &str, quote: &str, row: Option<u64>, rows: Option<u64>| Hint {
        delimiter: Some(delimiter.to_owned()),
        quote: Some(quote.to_owned()),
        heading_row: row,
        heading_rows: rows,
        ..Hint::default()
    };
    let (headings, rows) = seen("x;\"y\n1;2\n", &hint(";", "none", None, Some(0)));
    assert_eq!((headings.len(), &rows[..]), (0, &["x|\"y".to_owned(), "1|2".to_owned()][..]));
    let (headings, rows) = seen("t\na||b\nc||d\n1||2\n", &hint("||", "'", Some(2), Some(2)));
    assert_eq!((headings, rows), (vec!["a/c".to_owned(), "b/d".to_owned()], vec!["1|2".to_owned()]));
    let folder = Folder::new();
    let wrong = table(&folder.write("a.csv", "a"), &hint("", "'", None, None)).unwrap_err().to_string();
    assert!(wrong.starts_with("there is no delimiter ``; hint: "), "{wrong}");
}
