//! Rows that are refused month after month, and who is gone all the same. Other matters of deliveries are a room above.

use super::{Bureau, published};

#[test]
fn a_number_that_is_wrong_each_month_keeps_nobody_who_is_gone_and_one_that_is_wrong_now_may_be_somebody() {
    let bureau = Bureau::new();
    let [one, two, wrong] = ["990101198503070017,王一,\n", "990101199003070023,王二,\n", "990101198503070018,张三,\n"];
    let month = |rows: &[&str]| format!("证号,姓名,信仰\n{}", rows.concat());
    assert_eq!(bureau.hand_in("1.csv", &month(&[one, two, wrong])), published(2, 0));
    assert_eq!(bureau.hand_in("2.csv", &month(&[one, wrong])), published(0, 1), "whoever is refused is somebody else than who is gone");
    assert_eq!(bureau.names("record.person"), "王一");
    assert_eq!(bureau.hand_in("3.csv", &month(&[two, wrong, "990101198503070019,王一,\n"])), published(1, 0));
    assert_eq!(bureau.names("record.person"), "王一 王二", "the number that is wrong now may be the one that is not there");
    let receipt = bureau.0.says(&["jobs", "3"]);
    assert!(receipt.contains("原有数据中 1 行本次未报"), "{receipt}");
    // What a kill between publishing and writing the job leaves.
    std::fs::remove_file(bureau.0.path("data").join("jobs.jsonl")).unwrap();
    let again = bureau.json(&["ingest", "3.csv"]);
    assert_eq!((again["jobs"][0]["outcome"].as_str(), again["jobs"][0]["spared"].as_u64()), (Some("unchanged"), Some(1)), "{again}");
    assert_eq!(bureau.hand_in("4.csv", &month(&[two, wrong, "990101198503070019,王一,\n"])).2, 0, "and so a month later");
}
