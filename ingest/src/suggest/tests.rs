//! What a suggestion promises for files that nobody described, each layout written here by hand.

use super::*;
use crate::reader::sample::Folder;
use proptest::{collection, prelude::*};
use std::sync::LazyLock;

/// The departments that the program carries.
fn carried() -> &'static (Departments, Model) {
    static CARRIED: LazyLock<(Departments, Model)> = LazyLock::new(|| {
        let model = Model::embedded().unwrap();
        (Departments::embedded(&model).unwrap(), model)
    });
    &CARRIED
}

fn named(code: &str) -> Naming {
    Naming { code: code.to_owned(), ..Naming::default() }
}

fn suggestion(text: &str) -> Suggestion {
    let (folder, (departments, model)) = (Folder::new(), carried());
    suggest(&folder.write("表.csv", text), departments, model, &Hint::default(), &Settled::default()).unwrap()
}

/// A file with these headings and thirty rows of these cells, `#` numbered.
fn file(headings: &str, cells: &str) -> String {
    let row = |at: usize| cells.replace("##", &format!("{at:02}"));
    headings.to_owned() + "\n" + &(10..40).map(|at| row(at) + "\n").collect::<String>()
}

/// What a person does with it: each open place gets an answer.
fn completed(text: &str) -> String {
    text.replace("TODO：gcj02、bd09、cgcs2000 或 wgs84", "gcj02").replace("TODO：", "已核：")
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
fn words_that_fit_everything_say_nothing_alone() {
    assert_eq!(told(&suggestion(&file("code,编码", "9901##,A##"))), ["", ""]);
    assert_eq!(told(&suggestion(&file("gridCode,gridName", "990101001001##,一网格##"))), ["grid: grid.code", "grid: grid.name"]);
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
    let proposed =
        suggest(&path, &Departments::default(), model, &Hint::default(), &Settled::default()).unwrap().department_file(&named("xx"));
    assert!(!["王小明", "990101198503070017", "105.25"].iter().any(|value| proposed.contains(value)), "{proposed}");
    let parse = |text: &str| Departments::parse(&[SourceFile { name: "xx.toml".to_owned(), text: text.to_owned() }], model);
    let error = parse(&proposed).unwrap_err().to_string();
    assert!(error.contains("something is left open") && error.contains("TODO") && error.ends_with('^'), "{error}");
    let departments = parse(&completed(&proposed)).unwrap();
    let opened = open(&path, &departments, &Hint::default()).unwrap();
    let mut reading = crate::read(opened, model, 0, crate::Held::none()).unwrap();
    reading.by_ref().for_each(|chunk| drop(chunk.unwrap()));
    assert_eq!((reading.report().accepted, reading.report().records["person"]), (30, 30));
}

#[test]
fn what_is_said_of_the_form_is_followed_in_finding_and_in_reading() {
    let (folder, (departments, model)) = (Folder::new(), carried());
    let text = file("姓名~~身份证号", "王小明~~990101198503070017");
    let said = Hint { delimiter: Some("~~".to_owned()), ..Hint::default() };
    let suggestion = suggest(&folder.write("表.txt", text), departments, model, &said, &Settled::default()).unwrap();
    assert_eq!((suggestion.rows, told(&suggestion)), (30, vec!["person: person.name".to_owned(), "person: person.id_no".to_owned()]));
    let big5 = encoding_rs::BIG5.encode(&file("姓名,性別,住址", "王小明,男,雲溪縣城關鎮人民路##號")).0.into_owned();
    let said = Hint { encoding: Some("big5".to_owned()), ..Hint::default() };
    let of_big5 = suggest(&folder.write("表.csv", big5), departments, model, &said, &Settled::default()).unwrap();
    let gbk = encoding_rs::GBK.encode(&file("姓名,性别,住址", "王小明,男,云溪县城关镇人民路##号")).0.into_owned();
    let of_gbk = suggest(&folder.write("国标.csv", gbk), departments, model, &Hint::default(), &Settled::default()).unwrap();
    for (suggestion, encoding) in [(of_big5, "big5"), (of_gbk, "gb18030")] {
        assert_eq!(suggestion.rows, 30);
        let proposed = suggestion.department_file(&named("xx"));
        assert!(proposed.contains(&format!("encoding = \"{encoding}\"")), "{proposed}");
    }
}

#[test]
fn one_column_is_a_table_where_its_heading_is_a_word_that_is_known() {
    for (heading, value) in [("姓名", "王小明"), ("身份证号", "990101198503070017"), ("手机号", "12012345678")] {
        let suggestion = suggestion(&file(heading, value));
        assert_eq!((suggestion.rows, suggestion.form.columns), (30, vec![heading.to_owned()]));
    }
    let (folder, (departments, model)) = (Folder::new(), carried());
    for text in ["王小明\n李芳\n", "王小明  01  19850307\n李芳    02  19860307\n"] {
        let error =
            suggest(&folder.write("表.txt", text), departments, model, &Hint::default(), &Settled::default()).unwrap_err().to_string();
        assert!(error.contains("no headings that could be mapped") && !error.contains("王小明"), "{error}");
    }
}

#[test]
fn what_may_tie_roles_together_is_proposed_as_a_comment() {
    let suggestion = suggestion(&file("房屋地址,房主姓名,承租人姓名,租期", "云溪县城关镇人民路##号,王小明,李建国,2024.1.1-2025.12.31"));
    let tie = |relation: &str, source: &str| {
        suggestion.ties.iter().any(|tie| tie.relation == relation && tie.source == source && tie.target == "dwelling")
    };
    assert!(tie("owns", "landlord") && tie("rents", "tenant"), "{:?}", suggestion.ties);
    assert!(suggestion.columns[3].reasons[0].contains("起止两个日期"), "{:?}", suggestion.columns[3]);
    let text = suggestion.department_file(&named("xx"));
    assert!(text.contains("# [[extract.relation]]\n# type = \"owns\"\n# source = \"landlord\""), "{text}");
    // Taken as relations they hold too.
    let marks = |line: &str| ["# [[", "# type", "# source", "# target"].iter().any(|mark| line.starts_with(mark));
    let stated: String = text.lines().map(|line| format!("{}\n", if marks(line) { &line[2..] } else { line })).collect();
    let stated = SourceFile { name: "xx.toml".to_owned(), text: completed(&stated) };
    assert_eq!(Departments::parse(&[stated], &carried().1).unwrap().list[0].extracts[0].relations.len(), suggestion.ties.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever stands in headings and cells, what is written is a department file, and of that very file.
    #[test]
    fn every_file_written_is_one_that_loads_its_file_once_completed(
        headings in collection::hash_set("[姓名身份证号码日期A-Z\"\\\\#=\\[\\]{}'\u{1f}\u{85}（）/ 0-9]{1,8}", 2..7),
        cells in collection::vec("[王小明0-9年月日、#\\\\A-Z]{0,9}", 60),
    ) {
        let (folder, (departments, model)) = (Folder::new(), carried());
        let width = headings.len();
        let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: &[String]| cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n";
        let headings: Vec<String> = headings.into_iter().collect();
        let text = line(&headings) + &cells.chunks_exact(width).map(line).collect::<String>();
        let path = folder.write("表.csv", text);
        let hint = Hint { heading_row: Some(1), heading_rows: Some(1), ..Hint::default() };
        let suggestion = suggest(&path, departments, model, &hint, &Settled::default());
        prop_assume!(suggestion.is_ok());
        let suggestion = suggestion.unwrap();
        let file = SourceFile { name: "xx.toml".to_owned(), text: completed(&suggestion.department_file(&named("xx"))) };
        let own = Departments::parse(std::slice::from_ref(&file), model).unwrap_or_else(|error| panic!("{error}\n{}", file.text));
        prop_assert_eq!(&own.list[0].extracts[0].columns, &suggestion.form.columns);
        prop_assert!(open(&path, &own, &Hint::default()).is_ok());
    }
}

#[test]
fn a_file_without_headings_or_with_values_for_headings_is_refused() {
    let (folder, (departments, model)) = (Folder::new(), carried());
    let error = |text: &str| {
        suggest(&folder.write("表.csv", text), departments, model, &Hint::default(), &Settled::default()).unwrap_err().to_string()
    };
    for text in ["王小明,990101198503070017\n李建国,990101198503070025\n", "姓名,姓名\n王小明,李建国\n", "王小明\n李建国\n"]
    {
        let error = error(text);
        assert!(error.contains("hint: ") && !error.contains("王小明") && !error.contains("9901"), "{error}");
    }
}

#[test]
fn what_somebody_settled_stands_in_the_place_of_what_would_be_proposed() {
    let (folder, (departments, model)) = (Folder::new(), carried());
    let path = folder.write("表.csv", file("个人账号,甲,开户", "G0000##,王小明,2020-01-##"));
    let settle = |column: &str, text: &str| (column.to_owned(), Meant::parse(text));
    let look = |settled: &[(String, Option<Meant>)]| {
        suggest(&path, departments, model, &Hint::default(), &Settled(settled.iter().cloned().collect())).map_err(|error| error.to_string())
    };
    assert_eq!(told(&look(&[]).unwrap()), ["", "", ""]);
    let suggestion = look(&[settle("甲", "owner:person.name"), settle("开户", "person.birth_date"), settle("个人账号", "")]).unwrap();
    assert_eq!(told(&suggestion), ["", "owner: person.name", "person: person.birth_date"]);
    assert_eq!(suggestion.columns[2].target.as_ref().unwrap().dates, ["%Y-%m-%d"], "how days are written is found out");
    assert!(suggestion.columns[1].reasons[1].contains("100 % 的值像姓名"), "{:?}", suggestion.columns[1].reasons);
    assert!(look(&[settle("甲", "person.nam")]).unwrap_err().contains("did you mean `name`?"));
    assert!(look(&[settle("甲", "persn.name")]).unwrap_err().contains("there is no entity type `persn`"));

    let label = |zh: &str| Some(wuwei_schema::Label { zh: zh.to_owned(), en: "Fund".to_owned() });
    let reasons = [("个人账号".to_owned(), "业务系统内部编号".to_owned())].into();
    let naming =
        Naming {
            label: label("公积金中心"), extract: Some("gjj_zh".to_owned()), extract_label: label("账户"), reasons, ..named("gjj")
        };
    let text = suggestion.department_file(&naming);
    let stated = SourceFile { name: "gjj.gjj_zh.toml".to_owned(), text: text.clone() };
    let own = Departments::parse(&[stated], model).unwrap_or_else(|error| panic!("nothing is left open: {error}\n{text}"));
    assert_eq!(own.extract("gjj_zh").unwrap().ignore["个人账号"], "业务系统内部编号");
    assert_eq!(crate::conform::complaints(own.extract("gjj_zh").unwrap(), model), Vec::<String>::new());
}
