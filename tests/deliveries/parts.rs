//! A full delivery that takes several files. Other matters of deliveries are a room above.

use super::Bureau;

/// Hands in the parts of a delivery, in a folder of their own, and tells what became of each: outcome, new rows, rows that stand no more.
fn hand_in(bureau: &Bureau, folder: &str, parts: &[(&str, &[&str])]) -> Vec<(String, u64, u64)> {
    write(bureau, folder, parts);
    let loaded = bureau.json(&["ingest", folder]);
    let told = |job: &serde_json::Value| {
        (job["outcome"].as_str().unwrap().to_owned(), job["new"].as_u64().unwrap(), job["retired"].as_u64().unwrap())
    };
    loaded["jobs"].as_array().unwrap().iter().map(told).collect()
}

fn write(bureau: &Bureau, folder: &str, parts: &[(&str, &[&str])]) {
    std::fs::create_dir(bureau.0.path(folder)).unwrap();
    for (name, rows) in parts {
        let text = rows.iter().fold("编号,姓名,住址,更新\n".to_owned(), |text, row| text + row + "\n");
        std::fs::write(bureau.0.path(folder).join(name), text).unwrap();
    }
}

fn published(new: u64, retired: u64) -> (String, u64, u64) {
    ("published".to_owned(), new, retired)
}

const ROWS: [&str; 5] = [
    "1,王一,东街1号,2026-01-01",
    "2,王二,东街2号,2026-01-01",
    "3,张三,东街3号,2026-01-01",
    "4,李四,东街4号,2026-01-01",
    "5,周五,东街5号,2026-01-01",
];

#[test]
fn nobody_is_gone_who_is_in_another_part() {
    let bureau = Bureau::new();
    let [one, two, three, four, five] = ROWS;
    let first = [("roll-2.csv", &[three, four][..]), ("roll.csv", &[one, two])];
    assert_eq!(hand_in(&bureau, "jan", &first), [published(2, 0), published(2, 0)]);
    // Two rows change places, one is gone, one comes; and there is one part more.
    let second = [("roll-2.csv", &[one, four][..]), ("roll-3.csv", &[five]), ("roll.csv", &[three])];
    assert_eq!(hand_in(&bureau, "feb", &second), [published(0, 0), published(1, 0), published(0, 1)]);
    assert_eq!(bureau.names("record.person"), "周五 张三 李四 王一");
    assert_eq!(bureau.count("contract.delivery WHERE outcome = 'accepted'"), 5);
    let again = bureau.json(&["ingest", "feb"]);
    assert!(again["jobs"].as_array().unwrap().iter().all(|job| job["outcome"] == "unchanged"), "{again}");
    assert_eq!(bureau.count("contract.delivery"), 5);
    // The stock of January is loaded again, since it was replaced.
    assert_eq!(bureau.json(&["ingest", "jan", "--shrunk"])["ingest"]["retired"].as_u64(), Some(1));
    assert_eq!(bureau.names("record.person"), "张三 李四 王一 王二");
}

#[test]
fn a_part_that_is_refused_takes_the_others_along() {
    let bureau = Bureau::new();
    let [one, two, three, four, _] = ROWS;
    hand_in(&bureau, "jan", &[("roll.csv", &[one, two, three, four])]);
    for (folder, broken) in [("feb", "roll-2.csv"), ("mar", "roll.csv")] {
        let parts = [("roll-2.csv", &[three, four][..]), ("roll-3.csv", &[]), ("roll.csv", &[one, two])];
        write(&bureau, folder, &parts);
        std::fs::write(bureau.0.path(folder).join(broken), "什么,都,不是\n1,2,3\n").unwrap();
        let said = bureau.0.complains(&["ingest", folder, "--departments", "departments"]);
        assert!(said.contains("put that right, and hand in all parts together") && said.contains("3 of 3 files"), "{said}");
    }
    assert_eq!(bureau.names("record.person"), "张三 李四 王一 王二");
    // A row that cannot be read may be anybody's, in whichever part it stands.
    let parts = [("roll-2.csv", &[three, "9,\u{fffd},x,2026-02-01"][..]), ("roll.csv", &[one])];
    assert_eq!(hand_in(&bureau, "apr", &parts), [published(0, 0), published(0, 0)]);
}

#[test]
fn parts_whose_last_has_no_rows_are_told_so() {
    let bureau = Bureau::new();
    write(&bureau, "jan", &[("roll-2.csv", &ROWS[..2])]);
    let mut empty = b"PK\x05\x06".to_vec();
    empty.resize(22, 0);
    std::fs::write(bureau.0.path("jan").join("roll.csv"), empty).unwrap();
    let said = bureau.0.complains(&["ingest", "jan", "--departments", "departments"]);
    assert!(said.contains("files"), "{said}");
    let jobs: serde_json::Value = serde_json::from_str(&bureau.0.says(&["jobs", "--json", "--departments", "departments"])).unwrap();
    assert!(jobs.to_string().contains("roll-2.csv") && jobs.to_string().contains("hand in all parts together"), "{jobs}");
}
