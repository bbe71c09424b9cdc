//! A file that nobody described, from the first look to records: proposed, refused while something is left open, completed, loaded.

use crate::support::Hub;
use std::path::Path;

/// A provident fund's accounts: a layout that no department has.
fn accounts(path: &Path) {
    let mut text = "个人账号,姓名,证件号码,手机号码,月缴存额\n".to_owned();
    for person in 10..40 {
        text.push_str(&format!("G{person},王小明,990101198503070017,120123456{person},88.5\n"));
    }
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_file_of_no_department_is_proposed_completed_and_loaded() {
    let hub = Hub::new();
    let (file, folder) = (hub.path("公积金.csv"), hub.path("departments"));
    std::fs::create_dir(&folder).unwrap();
    accounts(&file);
    let (file, out) = (file.to_str().unwrap(), folder.join("gjj.toml"));
    let said = hub.says(&["suggest", file, "--out", out.to_str().unwrap()]);
    assert!(
        said.contains("3 of 5 columns have a proposal") && said.contains("person.id_no") && said.contains("nothing was applied"),
        "{said}"
    );
    let proposal = hub.json(&["suggest", file]);
    assert_eq!((proposal["columns"][2]["target"]["property"].as_str(), proposal["known"].as_str()), (Some("id_no"), None));

    let options = ["--departments", folder.to_str().unwrap()];
    let check = [&["check", file][..], &options].concat();
    let refused = hub.complains(&check);
    assert!(refused.contains("gjj.toml") && refused.contains("something is left open"), "{refused}");
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.contains("# 公民身份号码") && !text.contains("王小明") && !text.contains("9901"), "{text}");
    std::fs::write(&out, text.replace("TODO：", "已核对：")).unwrap();
    let loaded = hub.json(&[&["ingest", file][..], &options].concat());
    assert_eq!((loaded["ingest"]["accepted"].as_u64(), loaded["ingest"]["rejected"].as_u64()), (Some(30), Some(0)), "{loaded}");

    let again = hub.complains(&["suggest", file, "--out", out.to_str().unwrap()]);
    assert!(again.contains("writing a new file") && again.contains("hint: "), "what is completed is not written over: {again}");
    assert!(hub.complains(&["suggest", file, "--out", "公积金.toml"]).contains("no name of a department file"));
}

#[test]
fn what_a_file_is_said_to_be_is_followed_or_refused_in_one_sentence() {
    let hub = Hub::new();
    let file = hub.path("公积金.csv");
    accounts(&file);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{{2026年11月}}\n{text}")).unwrap();
    let file = file.to_str().unwrap();
    assert!(hub.complains(&["suggest", file]).contains("hint: "), "it begins as JSON does");
    assert_eq!(hub.json(&["suggest", file, "--format", "csv"])["columns"].as_array().unwrap().len(), 5);
    for (format, said) in
        [("xlsx", "was said to be a workbook"), ("parquet", "was said to be a Parquet file"), ("docx", "there is no format `docx`")]
    {
        let refused = hub.complains(&["check", file, "--format", format]);
        assert!(refused.contains(said) && refused.matches("hint: ").count() == 1, "{format}: {refused}");
    }
}
