//! One file after another of the same extract: what stands after a full delivery and after a delta, what a late file may not undo, and what
//! a file that was cut short must not delete.

mod parts;
mod refused;

use crate::support::Hub;
use std::fmt::Write as _;

const DEPARTMENT: &str = r#"department = "xx"
label = { zh = "某局", en = "Bureau" }
[[extract]]
name = "xx_full"
label = { zh = "名册", en = "Roll" }
format = "csv"
encoding = "utf-8"
parts = true
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
[[extract]]
name = "xx_case"
label = { zh = "来信", en = "Letters" }
format = "csv"
encoding = "utf-8"
contract = "delta"
cycle_days = 1
share_class = 2
obliged = true
columns = ["信号", "来信人", "类别"]
key = ["信号"]
[[extract.exclude]]
when = { column = "类别", contains = ["检举"] }
reason = "信访工作条例：检举控告不予采集"
[extract.ignore]
"信号" = "原系统的行号"
[extract.record.person]
entity = "person"
name = "来信人"
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
        outcome(&self.json(&["ingest", name]))
    }

    /// The same with an option.
    fn hand_in_with(&self, option: &str, name: &str, text: &str) -> (String, u64, u64) {
        std::fs::write(self.0.path(name), text).unwrap();
        outcome(&self.json(&["ingest", name, option]))
    }

    /// What is complained of a file.
    fn refuses(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.path(name), text).unwrap();
        self.0.complains(&["ingest", name, "--departments", "departments"])
    }

    /// What a question is answered with, as JSON.
    fn asked(&self, question: &str) -> String {
        self.0.says(&["sql", question, "--format", "json", "--departments", "departments"]).trim().to_owned()
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

fn outcome(loaded: &serde_json::Value) -> (String, u64, u64) {
    let job = &loaded["jobs"][0];
    (job["outcome"].as_str().unwrap().to_owned(), job["new"].as_u64().unwrap(), job["retired"].as_u64().unwrap())
}

fn late() -> (String, u64, u64) {
    ("late".to_owned(), 0, 0)
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
    assert_eq!(bureau.hand_in("january-again.csv", &late), self::late());
    assert_eq!(bureau.names("record.person"), "王一 王二 王四", "an older stock undoes nothing");
    assert_eq!(bureau.hand_in("january-once-more.csv", &late), self::late());
    assert_eq!(bureau.count("contract.delivery WHERE outcome = 'late'"), 1, "it was delivered, late");
    let receipt = bureau.0.says(&["jobs", "4"]);
    assert!(receipt.contains("未入库") && receipt.contains("--late") && !receipt.contains("补正"), "{receipt}");
    assert_eq!(bureau.hand_in_with("--late", "january-after-all.csv", &late), published(2, 2));
    assert_eq!(bureau.names("record.person"), "王一 王三 王二");
}

#[test]
fn an_undated_stock_that_comes_again_after_another_is_what_stands() {
    let bureau = Bureau::new();
    let heading = "证号,姓名,信仰\n";
    let (a, b) = (
        format!("{heading}990101198503070017,王一,\n990101199003070023,王二,\n"),
        format!("{heading}990101198503070017,王壹,\n990101199003070023,王二,\n"),
    );
    assert_eq!(bureau.hand_in("a.csv", &a), published(2, 0));
    assert_eq!(bureau.hand_in("a-again.csv", &a).0, "unchanged");
    assert_eq!(bureau.hand_in("b.csv", &b), published(1, 1));
    assert_eq!(bureau.hand_in("a-once-more.csv", &a), published(1, 1));
    assert_eq!(bureau.names("record.person"), "王一 王二");
    assert_eq!(bureau.hand_in("a-at-last.csv", &a).0, "unchanged");
}

#[test]
fn a_day_to_come_makes_nothing_late_and_nothing_fresh() {
    let bureau = Bureau::new();
    let roll = |name: &str, date: &str| format!("编号,姓名,住址,更新\n1,{name},东街1号,{date}\n2,王二,东街2号,2026-01-02\n");
    assert_eq!(bureau.hand_in("1.csv", &roll("王一", "2099-01-01")), published(2, 0));
    let said = bureau.asked("SELECT max(watermark_ts) < TIMESTAMP '2026-01-03' AS known FROM contract.delivery");
    assert_eq!(said, r#"[{"known":true}]"#);
    assert_eq!(bureau.hand_in("2.csv", &roll("王壹", "2026-02-01")), published(1, 1));
    let heading = "号,姓名,日期,标志\n";
    bureau.hand_in("3.csv", &format!("{heading}7,王七,2099-01-01,\n"));
    assert_eq!(bureau.hand_in("4.csv", &format!("{heading}7,王柒,2026-01-01,\n")), published(1, 1));
    assert_eq!(bureau.count("raw.reject WHERE rule = 'cell:date_future'"), 2, "and it is told");
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
    assert_eq!(bureau.hand_in("dead.csv", &format!("{heading}2,王二,2026-01-20,\n1,王壹,2026-01-20,D\n")), published(0, 0));
    assert_eq!(bureau.names("record.person"), "王三 王五 王壹 王肆", "nor does it bring back what was deleted, nor delete what is later");
    assert_eq!(bureau.hand_in("back.csv", &format!("{heading}2,王二,2026-03-01,\n")), published(1, 0));
    assert_eq!(bureau.names("record.person"), "王三 王二 王五 王壹 王肆");
}

#[test]
fn a_delta_may_say_more_than_one_thing_of_a_key() {
    let bureau = Bureau::new();
    let heading = "号,姓名,日期,标志\n";
    bureau.hand_in("1.csv", &format!("{heading}1,王一,2026-01-01,\n2,王二,2026-01-01,\n3,王三,2026-01-01,\n"));
    let second = [
        "1,王一,2026-01-02,D\n1,王一,2026-01-01,\n1,王一,2026-01-02,\n",
        "2,王二,2026-01-01,\n2,王贰,2026-01-02,\n",
        "3,王叁,2026-01-02,\n3,王叁,2026-01-02,D\n",
        "4,王四,2026-01-02,D\n4,王四,2026-01-02,\n",
    ];
    bureau.hand_in("2.csv", &format!("{heading}{}", second.concat()));
    assert_eq!(bureau.names("record.person"), "王一 王四 王贰");
}

#[test]
fn what_turns_out_to_be_an_accusation_is_shown_nowhere() {
    let bureau = Bureau::new();
    let heading = "信号,来信人,类别\n";
    bureau.hand_in("1.csv", &format!("{heading}1,王一,求决\n2,王二,求决\n"));
    bureau.hand_in("2.csv", &format!("{heading}1,王一,建议\n"));
    assert_eq!(bureau.hand_in("3.csv", &format!("{heading}1,王一,检举\n")), published(0, 1));
    assert_eq!((bureau.names("record.person").as_str(), bureau.count("raw.xx_case")), ("王二", 1), "nor is what it was before");
}

#[test]
fn a_file_without_a_row_is_no_delivery_until_somebody_says_so() {
    let bureau = Bureau::new();
    let state = "SELECT mounted, fresh FROM contract.resource_state WHERE rid = 'xx_delta'";
    let (heading, empty) = ("号,姓名,日期,标志\n", ("empty".to_owned(), 0, 0));
    assert_eq!(bureau.hand_in("nothing.csv", heading), empty);
    assert_eq!(bureau.hand_in_with("--shrunk", "nothing.csv", heading), empty, "nothing was ever delivered");
    assert_eq!(bureau.asked(state), r#"[{"mounted":false,"fresh":false}]"#);
    assert_eq!(bureau.hand_in("1.csv", &format!("{heading}1,王一,2026-01-01,\n")), published(1, 0));
    assert_eq!(bureau.asked(state), r#"[{"mounted":true,"fresh":false}]"#);
    assert_eq!(bureau.hand_in("nothing.csv", heading), empty);
    assert_eq!(bureau.asked(state), r#"[{"mounted":true,"fresh":false}]"#);
    for _ in 0..2 {
        assert_eq!(bureau.hand_in_with("--shrunk", "nothing.csv", heading), published(0, 0));
    }
    assert_eq!(bureau.asked(state), r#"[{"mounted":true,"fresh":true}]"#);
    assert_eq!(bureau.count("contract.delivery WHERE outcome = 'accepted' AND rows_total = 0"), 2);

    let heading = "证号,姓名,信仰\n";
    bureau.hand_in("2.csv", &format!("{heading}990101198503070017,王一,\n"));
    let said = bureau.refuses("none.csv", heading);
    assert!(said.contains("lacks 1 of the 1 rows that are held"), "a stock of nobody is asked back however short the list: {said}");
    assert_eq!(bureau.hand_in_with("--shrunk", "none.csv", heading), published(0, 1));
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

/// A workbook as its owner hands it in: the sheets of the one that was written, these rows in it.
fn mended(bureau: &Bureau, name: &str, origin: &str, rows: &[[&str; 3]]) -> serde_json::Value {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("补正数据").unwrap();
    for (row, cells) in (0..).zip([["证号", "姓名", "信仰"]].iter().chain(rows)) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    let why = book.add_worksheet().set_name("补正说明").unwrap();
    why.write_string(0, 0, "本表行号").unwrap().write_string(0, 6, "原批次").unwrap().write_string(1, 6, origin).unwrap();
    book.save(bureau.0.path(name)).unwrap();
    let output = bureau.0.run(&["ingest", name, "--departments", "departments", "--json"]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn refused_rows_are_mended_in_a_workbook_and_handed_in_alone() {
    let bureau = Bureau::new();
    let heading = "证号,姓名,信仰\n";
    let (outcome, new, _) = bureau.hand_in("1.csv", &format!("{heading}990101198503070017,王一,佛\n990101198503070018,王二,道\n"));
    assert_eq!((outcome.as_str(), new), ("published", 1));
    let receipt = bureau.0.says(&["jobs", "1"]);
    assert!(receipt.contains("读取 2 行 = 接收 1 行 + 退回 1 行") && receipt.contains("wuwei rejects 1 --out"), "{receipt}");
    bureau.0.says(&["rejects", "1", "--out", "mend.xlsx", "--departments", "departments"]);
    let loaded = bureau.0.run(&["ingest", "mend.xlsx", "--departments", "departments", "--json"]);
    let loaded: serde_json::Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert_eq!(loaded["jobs"][0]["rejected"].as_u64(), Some(1), "a row that nobody mended is refused again: {loaded}");
    assert_eq!(bureau.names("record.person"), "王一", "and nothing is retired for not being in it");

    let origin = bureau.json(&["jobs", "1"])["batch"].as_str().unwrap().to_owned();
    let loaded = mended(&bureau, "mended.xlsx", &origin, &[["990101199003070023", "王二", ""]]);
    assert_eq!(self::outcome(&loaded), published(1, 0), "{loaded}");
    assert_eq!(bureau.names("record.person"), "王一 王二");
    let kept = bureau.asked("SELECT cells FROM raw.reject");
    assert!(kept.contains("王二") && !kept.contains('道'), "what is dropped is not kept among rejects either: {kept}");

    bureau.hand_in("2.csv", &format!("{heading}990101198503070017,王一,\n990101199003070023,王贰,\n"));
    let loaded = mended(&bureau, "too-late.xlsx", &origin, &[["990101199003070023", "王二", "x"]]);
    assert_eq!(self::outcome(&loaded), late(), "a whole delivery came meanwhile: {loaded}");
    assert_eq!(bureau.names("record.person"), "王一 王贰");
    for (origin, complaint) in [("0123456789abcdef", "this hub has none"), ("", "no longer says")] {
        let loaded = mended(&bureau, "whose.xlsx", origin, &[["990101199003070023", "王二", ""]]);
        assert!(loaded["jobs"][0]["reason"].as_str().unwrap().contains(complaint), "{loaded}");
    }
}

#[test]
fn a_stock_of_which_nothing_can_be_read_retires_nobody_and_is_there_once_it_is_mended() {
    let bureau = Bureau::new();
    let heading = "证号,姓名,信仰\n";
    let wrong = |name: &str| format!("{heading}990101198503070018,{name},道\n");
    let mounted = "SELECT mounted FROM contract.resource_state WHERE rid = 'xx_id'";
    assert_eq!(bureau.hand_in("1.csv", &wrong("王一")), published(0, 0));
    assert_eq!(bureau.asked(mounted), r#"[{"mounted":false}]"#);
    let origin = bureau.json(&["jobs", "1"])["batch"].as_str().unwrap().to_owned();
    assert_eq!(outcome(&mended(&bureau, "mended.xlsx", &origin, &[["990101198503070017", "王一", ""]])), published(1, 0));
    assert_eq!(bureau.asked(mounted), r#"[{"mounted":true}]"#);

    assert_eq!(bureau.hand_in("2.csv", &wrong("王二")), published(0, 0));
    let mixed = format!("{}990101199003070023,王三,\n", wrong("王一"));
    assert_eq!(bureau.hand_in("3.csv", &mixed), published(1, 0), "the wrong number may be his");
    assert_eq!(bureau.names("record.person"), "王一 王三");
    assert!(bureau.0.says(&["jobs", "4"]).contains("原有数据中 1 行本次未报"));
    assert_eq!(bureau.hand_in("4.csv", &format!("{heading}990101199003070023,王三,\n")).0, "published");
    assert_eq!(bureau.names("record.person"), "王三");
}

#[test]
fn a_row_whose_cells_are_shifted_shows_none_of_what_may_not_be_kept() {
    let bureau = Bureau::new();
    let shifted = "证号,姓名,信仰\n990101198503070017,王一,佛\n990101199003070023,道,,王二\n";
    bureau.hand_in("1.csv", shifted);
    let kept = bureau.asked("SELECT * FROM raw.reject");
    assert!(kept.contains("cell") && !kept.contains('道') && !kept.contains("王二"), "{kept}");
}

#[test]
fn what_is_dropped_since_is_not_shown_of_rows_refused_before() {
    let bureau = Bureau::new();
    // Before somebody saw that it must not be kept.
    let lax = DEPARTMENT.replacen("[extract.drop]", "[extract.ignore]", 1);
    std::fs::write(bureau.0.path("departments/xx.toml"), lax).unwrap();
    bureau.hand_in("1.csv", "证号,姓名,信仰\n990101198503070018,王一,道\n");
    let shown = || bureau.asked("SELECT cells, value FROM raw.reject WHERE cells LIKE '%王一%'");
    assert!(shown().contains('道') && shown().contains("990101198503070018"));
    std::fs::write(bureau.0.path("departments/xx.toml"), DEPARTMENT).unwrap();
    assert!(!shown().contains('道') && shown().contains("990101198503070018"), "{}", shown());
    assert_eq!(bureau.count("raw.reject WHERE cells LIKE '%道%'"), 0, "nor can it be asked for");
    bureau.0.says(&["rejects", "1", "--out", "mend.xlsx", "--departments", "departments"]);
}
