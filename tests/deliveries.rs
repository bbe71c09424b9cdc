//! One file after another of the same extract: what stands after a full delivery and after a delta, what a late file may not undo, and what
//! a file that was cut short must not delete.

use crate::support::Hub;
use std::fmt::Write as _;

const DEPARTMENT: &str = r#"department = "xx"
label = { zh = "某局", en = "Bureau" }
[[extract]]
name = "xx_full"
label = { zh = "名册", en = "Roll" }
format = "csv"
encoding = "utf-8"
contract = "full"
cycle_days = 30
share_class = 2
obliged = true
columns = ["编号", "姓名", "住址", "更新"]
key = ["编号"]
observed = { from = "更新", date = "%Y-%m-%d" }
[extract.ignore]
"编号" = "原系统的行号"
[extract.record.person]
entity = "person"
name = "姓名"
live_address = "住址"
[extract.record.dwelling]
entity = "dwelling"
address = "住址"
[[extract.relation]]
type = "lives_at"
source = "person"
target = "dwelling"
[[extract]]
name = "xx_delta"
label = { zh = "变更", en = "Changes" }
format = "csv"
encoding = "utf-8"
contract = "delta"
cycle_days = 1
share_class = 2
obliged = true
columns = ["号", "姓名", "日期", "标志"]
key = ["号"]
deleted = { column = "标志", is = ["D"] }
observed = { from = "日期", date = "%Y-%m-%d" }
[extract.ignore]
"号" = "原系统的行号"
[extract.record.person]
entity = "person"
name = "姓名"
[[extract]]
name = "xx_id"
label = { zh = "证件", en = "Ids" }
format = "csv"
encoding = "utf-8"
contract = "full"
cycle_days = 30
share_class = 2
obliged = true
columns = ["证号", "姓名", "信仰"]
key = ["证号"]
[extract.drop]
"信仰" = "个人信息保护法第二十八条"
[extract.record.person]
entity = "person"
id_no = "证号"
name = "姓名"
"#;

/// A hub of that department.
struct Bureau(Hub);

impl Bureau {
    fn new() -> Bureau {
        let hub = Hub::new();
        std::fs::create_dir(hub.path("departments")).unwrap();
        std::fs::write(hub.path("departments/xx.toml"), DEPARTMENT).unwrap();
        Bureau(hub)
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        self.0.json(&[arguments, &["--departments", "departments"]].concat())
    }

    /// Hands in a file and tells what became of it: outcome, new rows, rows that stand no more.
    fn hand_in(&self, name: &str, text: &str) -> (String, u64, u64) {
        std::fs::write(self.0.path(name), text).unwrap();
        let loaded = self.json(&["ingest", name]);
        let job = &loaded["jobs"][0];
        (job["outcome"].as_str().unwrap().to_owned(), job["new"].as_u64().unwrap(), job["retired"].as_u64().unwrap())
    }

    fn names(&self, table: &str) -> String {
        let question = format!("SELECT string_agg(name, ' ' ORDER BY name) AS names FROM {table}");
        let answer = self.0.says(&["sql", &question, "--format", "json", "--departments", "departments"]);
        serde_json::from_str::<serde_json::Value>(&answer).unwrap()[0]["names"].as_str().unwrap_or_default().to_owned()
    }

    fn count(&self, table: &str) -> i64 {
        let question = format!("SELECT count(*) AS n FROM {table}");
        let answer = self.0.says(&["sql", &question, "--format", "json", "--departments", "departments"]);
        serde_json::from_str::<serde_json::Value>(&answer).unwrap()[0]["n"].as_i64().unwrap()
    }
}

fn published(new: u64, retired: u64) -> (String, u64, u64) {
    ("published".to_owned(), new, retired)
}

#[test]
fn a_full_delivery_is_the_whole_stock_and_keeps_what_did_not_change() {
    let bureau = Bureau::new();
    let heading = "编号,姓名,住址,更新\n";
    let first = format!("{heading}1,王一,东街1号,2026-01-01\n2,王二,东街2号,2026-01-02\n3,王三,东街3号,2026-01-03\n");
    assert_eq!(bureau.hand_in("january.csv", &first), published(3, 0));
    let second =
        format!("{heading}1,王一,东街1号,2026-01-01\n2,王二,西街2号,2026-02-02\n4,王四,东街4号,2026-02-03\n4,王四,东街4号,2026-02-03\n");
    assert_eq!(bureau.hand_in("february.csv", &second), published(3, 2));
    assert_eq!(bureau.names("record.person"), "王一 王二 王四", "each stands once");
    assert_eq!(bureau.count("record.relation"), 3, "relations stand and fall with their rows");
    assert_eq!(bureau.count("raw.xx_full"), 6, "what was handed in is kept for proof");
    bureau.0.says(&["refresh", "--departments", "departments"]);
    assert_eq!(bureau.names("entity.person"), "王一 王二 王四");

    let late = first.replace("东街3号", "南街3号");
    assert_eq!(bureau.hand_in("january-again.csv", &late), ("late".to_owned(), 0, 0));
    assert_eq!(bureau.names("record.person"), "王一 王二 王四", "an older stock undoes nothing");
    let (outcome, ..) = bureau.hand_in("january-once-more.csv", &late);
    assert_eq!(outcome, "unchanged");
    assert_eq!(bureau.count("contract.delivery WHERE outcome = 'late'"), 1, "it was delivered, late");
}

#[test]
fn a_delta_replaces_by_key_deletes_by_mark_and_does_not_go_back() {
    let bureau = Bureau::new();
    let heading = "号,姓名,日期,标志\n";
    assert_eq!(bureau.hand_in("1.csv", &format!("{heading}1,王一,2026-01-01,\n2,王二,2026-01-01,\n3,王三,2026-01-01,\n")), published(3, 0));
    let second = format!("{heading}1,王壹,2026-02-01,\n2,王二,2026-02-01,D\n4,王四,2026-02-01,\n4,王肆,2026-02-02,\n");
    assert_eq!(bureau.hand_in("2.csv", &second), published(3, 2));
    assert_eq!(bureau.names("record.person"), "王三 王壹 王肆");
    assert_eq!(bureau.hand_in("late.csv", &format!("{heading}1,王伊,2026-01-15,\n5,王五,2026-01-15,\n")), published(1, 0));
    assert_eq!(bureau.names("record.person"), "王三 王五 王壹 王肆", "a late row does not undo a later one");
}

#[test]
fn a_full_delivery_cut_short_deletes_nobody() {
    let bureau = Bureau::new();
    let roll = |count: u32| {
        (0..count).fold("编号,姓名,住址,更新\n".to_owned(), |mut text, number| {
            writeln!(text, "{number},王{number},东街{number}号,2026-01-01").unwrap();
            text
        })
    };
    assert_eq!(bureau.hand_in("whole.csv", &roll(300)), published(300, 0));
    std::fs::write(bureau.0.path("cut.csv"), roll(150)).unwrap();
    let said = bureau.0.complains(&["ingest", "cut.csv", "--departments", "departments"]);
    assert!(said.contains("lacks 150 of the 300 rows that are held"), "{said}");
    assert_eq!(bureau.count("record.person"), 300);
    bureau.0.says(&["ingest", "cut.csv", "--shrunk", "--departments", "departments"]);
    assert_eq!(bureau.count("record.person"), 150);
}

#[test]
fn a_row_that_is_refused_this_time_stands_as_it_was() {
    let bureau = Bureau::new();
    bureau.hand_in("1.csv", "编号,姓名,住址,更新\n1,王一,东街1号,2026-01-01\n2,王二,东街2号,2026-01-02\n");
    let (_, new, retired) = bureau.hand_in("2.csv", "编号,姓名,住址,更新\n1,王一\u{fffd},东街1号,2026-02-01\n2,王二,东街2号,2026-01-02\n");
    assert_eq!((new, retired), (0, 0), "the damaged row's key is not to be relied on, but neither is it gone");
}

#[test]
fn refused_rows_are_mended_in_a_workbook_and_handed_in_alone() {
    let bureau = Bureau::new();
    let (outcome, new, _) = bureau.hand_in("1.csv", "证号,姓名,信仰\n990101198503070017,王一,佛\n990101198503070018,王二,道\n");
    assert_eq!((outcome.as_str(), new), ("published", 1));
    let receipt = bureau.0.says(&["jobs", "1"]);
    assert!(receipt.contains("读取 2 行 = 接收 1 行 + 退回 1 行") && receipt.contains("wuwei rejects 1 --out"), "{receipt}");
    bureau.0.says(&["rejects", "1", "--out", "mend.xlsx", "--departments", "departments"]);
    let loaded = bureau.0.run(&["ingest", "mend.xlsx", "--departments", "departments", "--json"]);
    let loaded: serde_json::Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert_eq!(loaded["jobs"][0]["rejected"].as_u64(), Some(1), "a row that nobody mended is refused again: {loaded}");
    assert_eq!(bureau.names("record.person"), "王一", "and nothing is retired for not being in it");

    // As its owner hands it in: the same sheets, the number put right.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("补正数据").unwrap();
    for (row, cells) in (0..).zip([["证号", "姓名", "信仰"], ["990101199003070023", "王二", ""]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    book.add_worksheet().set_name("补正说明").unwrap().write_string(0, 0, "本表行号").unwrap();
    book.save(bureau.0.path("mended.xlsx")).unwrap();
    let loaded = bureau.json(&["ingest", "mended.xlsx"]);
    let counted = |name: &str| loaded["jobs"][0][name].as_u64();
    assert_eq!([counted("new"), counted("retired"), counted("rejected")], [Some(1), Some(0), Some(0)], "{loaded}");
    assert_eq!(bureau.names("record.person"), "王一 王二");
    let kept = bureau.0.says(&["sql", "SELECT cells FROM raw.reject", "--format", "json", "--departments", "departments"]);
    assert!(kept.contains("王二") && !kept.contains('道'), "what is dropped is not kept among rejects either: {kept}");
}
