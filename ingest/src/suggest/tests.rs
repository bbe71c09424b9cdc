//! What a suggestion promises for files that nobody described, each layout written here by hand.

use super::*;
use crate::reader::sample::Folder;

/// The departments that the program carries.
fn carried() -> (Departments, Model) {
    let model = Model::embedded().unwrap();
    (Departments::embedded(&model).unwrap(), model)
}

fn suggestion(text: &str) -> Suggestion {
    let (folder, (departments, model)) = (Folder::new(), carried());
    suggest(&folder.write("表.csv", text), &departments, &model, &Hint::default()).unwrap()
}

/// A file with these headings and thirty rows of these cells, `#` numbered.
fn file(headings: &str, cells: &str) -> String {
    let row = |at: usize| cells.replace("##", &format!("{at:02}"));
    headings.to_owned() + "\n" + &(10..40).map(|at| row(at) + "\n").collect::<String>()
}

/// What is proposed, one column a line.
fn told(suggestion: &Suggestion) -> Vec<String> {
    let target = |target: &Target| format!("{}: {}.{}", target.role, target.entity, target.property);
    suggestion.columns.iter().map(|column| column.target.as_ref().map_or_else(String::new, target)).collect()
}

#[test]
fn a_layout_that_nobody_saw_before_is_read_by_its_words_and_initials() {
    let provident_fund = file(
        "个人账号,姓名,证件号码,手机号码,单位名称,统一社会信用代码,月缴存额,开户日期",
        "G0000##,王小明,990101198503070017,120123456##,云溪县机械厂,91990101MA0WUWE14C,88.5,2020-01-##",
    );
    assert_eq!(
        told(&suggestion(&provident_fund)),
        [
            "",
            "person: person.name",
            "person: person.id_no",
            "person: person.phone",
            "unit: organization.name",
            "unit: organization.credit_code",
            "",
            ""
        ]
    );
    let initials = file("SQRXM,SQRSFZH,SQRLXDH,XB,ZJXY", "李建国,990101198503070017,120123456##,女,佛");
    let suggestion = suggestion(&initials);
    let of_applicant = ["name", "id_no", "phone", "sex"].map(|property| format!("applicant: person.{property}"));
    assert_eq!(told(&suggestion)[..4], of_applicant);
    assert!(suggestion.columns[4].is_protected);
    assert!(suggestion.columns[0].reasons[0].contains("“申请人姓名”的拼音首字母"), "{:?}", suggestion.columns[0].reasons);
}

#[test]
fn letters_that_mean_two_people_mean_neither() {
    let suggestion = suggestion(&file("CZRXM,CZRSFZH", "李建国,990101198503070017"));
    assert_eq!(told(&suggestion), ["", ""]);
    assert!(suggestion.columns[0].reasons[0].contains("也可指另一人"), "{:?}", suggestion.columns[0].reasons);
}

#[test]
fn a_heading_is_not_believed_against_its_values() {
    let lies = file("姓名,身份证号,出生日期", "云溪县机械厂,王小明,不详的某天##");
    assert_eq!(told(&suggestion(&lies)), ["", "", ""]);
    // In the register of marriages MAN is the groom's ethnicity.
    let marriages = suggestion(&file("MNAME,MSFZJHM,MAN", "王小明,990101198503070017,汉族"));
    assert_eq!(told(&marriages), ["groom: person.name", "groom: person.id_no", "groom: person.ethnicity"]);
}

#[test]
fn nothing_is_applied_before_a_person_has_decided_and_then_the_file_loads() {
    let text = file("姓名,身份证号,经度,纬度,备\"注\\", "王小明,990101198503070017,105.25,30.5,##");
    let (folder, (_, model)) = (Folder::new(), carried());
    let path = folder.write("表.csv", &text);
    let proposed = suggest(&path, &Departments::default(), &model, &Hint::default()).unwrap().department_file("xx");
    assert!(!["王小明", "990101198503070017", "105.25"].iter().any(|value| proposed.contains(value)), "{proposed}");
    let parse = |text: &str| Departments::parse(&[SourceFile { name: "xx.toml".to_owned(), text: text.to_owned() }], &model);
    let error = parse(&proposed).unwrap_err().to_string();
    assert!(error.contains("something is left open") && error.contains("TODO") && error.ends_with('^'), "{error}");
    let departments = parse(&proposed.replace("TODO：gcj02、bd09、cgcs2000 或 wgs84", "gcj02").replace("TODO：", "已核：")).unwrap();
    let opened = open(&path, &departments, &Hint::default()).unwrap();
    let mut reading = crate::read(opened, &model, 0, crate::Held::none()).unwrap();
    reading.by_ref().for_each(|chunk| drop(chunk.unwrap()));
    assert_eq!((reading.report().accepted, reading.report().records["person"]), (30, 30));
}

#[test]
fn a_file_without_headings_or_with_values_for_headings_is_refused() {
    let (folder, (departments, model)) = (Folder::new(), carried());
    let error = |text: &str| suggest(&folder.write("表.csv", text), &departments, &model, &Hint::default()).unwrap_err().to_string();
    for text in ["王小明,990101198503070017\n李建国,990101198503070025\n", "姓名,姓名\n王小明,李建国\n", "王小明\n李建国\n"]
    {
        let error = error(text);
        assert!(error.contains("hint: ") && !error.contains("王小明") && !error.contains("9901"), "{error}");
    }
}
