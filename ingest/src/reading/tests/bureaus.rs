//! What the extracts of health, labour, education, petitions and markets make of rows: what is kept out by law, numbers of two kinds in
//! one column, masked numbers, nested people.

use super::*;
use crate::{block::Cells, held::HeldRow};

#[test]
fn an_accusation_leaves_nothing_behind_but_a_count() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("xf_xfj").unwrap();
    let item = |kind: &str| row(extract, &[("XFJBH", "X1"), ("XFRXM", "王小明"), ("ZJHM", "990101198503070018"), ("NRFL", kind)]);
    let rows = vec![item("检举控告"), item("纪检监察/检 举"), item(""), item("不详"), None];
    let mut reading = reading(extract, &model, rows);
    let chunks: Vec<Chunk> = reading.by_ref().map(Result::unwrap).collect();
    assert!(chunks.iter().all(|chunk| chunk.raw.num_rows() == 0 && chunk.records.is_empty()));
    let rejects: Vec<String> = chunks.iter().flat_map(|chunk| &chunk.rejects).flat_map(|batch| lines(batch, &["rule", "value"])).collect();
    assert_eq!(rejects, ["row_width ∅"], "not even the broken number of an accusation is a reject");
    let Report { read, skipped, rejected, excluded, .. } = reading.report();
    assert_eq!((*read, *skipped, *rejected), (5, 4, 1));
    assert_eq!(excluded.values().copied().collect::<Vec<_>>(), [2, 2]);
    assert!(excluded.keys().all(|reason| reason.contains("信访工作条例")), "{excluded:?}");
}

#[test]
fn what_is_found_to_be_an_accusation_later_is_held_no_longer() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("xf_xfj").unwrap();
    let item = |kind: &str| row(extract, &[("XFJBH", "X1"), ("XFRXM", "王小明"), ("NRFL", kind)]).unwrap();
    let (key, hash) = RowHash::new(extract).of(Cells::Alone(&item("求决")));
    let held = Held::of(vec![HeldRow { key, hash, first: 7, last: 9, observed: 20_260_102 }]);
    let rows = Box::new(Rows { rows: vec![Some(item("控告"))].into_iter(), number: 1 });
    let delivery = Delivery::new(Terms::of(extract.contract, false), held);
    let mut reading = Reading::new(rows, extract, &model, "0123456789abcdef".to_owned(), "a.xml".to_owned(), 100, delivery);
    let retired: usize = reading.by_ref().map(|chunk| chunk.unwrap().retired.map_or(0, |batch| batch.num_rows())).sum();
    assert!(retired > 0);
    assert_eq!(reading.report().retired.get("excluded"), Some(&1));
}

#[test]
fn a_report_of_an_offence_stays_out_and_a_complaint_comes_in() {
    let item = |content| {
        vec![
            ("regNo", "T1"),
            ("complainant/name", "王小明"),
            ("complainant/tel", "12012345678"),
            ("respondent/uscc", "91990101MA0WUWE14C"),
            ("content", content),
            ("regTime", "1714953600000"),
        ]
    };
    let read = take("sc_12315", &[&item("举报：某店销售过期食品"), &item("买到的鞋开胶，要求退货")]);
    assert_eq!(read.records("complaint", &["row", "complaint_no", "registered_on"]), ["3 T1 2024-05-06"]);
    assert_eq!(read.relations(&["relation", "qualifier"]), ["party_to 投诉人", "party_to 被投诉单位"]);
    assert_eq!((read.report.skipped, read.chunk.raw.num_rows(), read.report.watermark.as_deref()), (1, 1, Some("2024-05-06")));
}

#[test]
fn a_joint_petition_names_many_and_its_number_is_nobody_s() {
    let item = |names| vec![("XFJBH", "X1"), ("NRFL", "求决"), ("XFRXM", names), ("ZJHM", "990101198503070017"), ("LXDH", "12012345678")];
    let read = take("xf_xfj", &[&item("王小明、李建国"), &item("王小明")]);
    assert_eq!(
        read.records("person", &["row", "role", "name", "id_no", "phone"]),
        ["2 petitioner 王小明 ∅ ∅", "2 petitioner#2 李建国 ∅ ∅", "3 petitioner 王小明 990101198503070017 12012345678"]
    );
    assert_eq!(read.relations(&["row", "relation"]), ["2 party_to", "2 party_to", "3 party_to"]);
}

#[test]
fn a_masked_number_is_kept_as_what_it_is_and_a_broken_one_still_refuses() {
    let officer = |number| {
        vec![("UNISCID", "91990101MA0WUWE14C"), ("NAME", "王小明"), ("CERTYPE", "居民身份证"), ("CERNO", number), ("POSITION", "监事")]
    };
    let digest = "0f".repeat(32);
    let read = take(
        "sc_gg",
        &[
            &officer("990101********0017"),
            &officer("990101198503070017"),
            &officer(&digest),
            &officer("99*"),
            &officer("990101198503070018"),
        ],
    );
    assert_eq!(
        read.records("person", &["row", "id_no", "id_no_masked"]),
        ["2 ∅ 990101********0017", "3 990101198503070017 ∅", &format!("4 ∅ {digest}")]
    );
    assert_eq!(read.rejects(), ["5 CERNO masked 99*", "6 CERNO id_check_digit 990101198503070018"]);
}

#[test]
fn a_shareholder_is_a_person_an_organisation_or_somebody_with_a_passport() {
    let holder = |name, document, number| {
        let share = [("UNISCID", "91990101MA0WUWE14C"), ("NAME", name), ("CERTYPE", document), ("CERNO", number), ("POSITION", "股东")];
        [&share[..], &[("SUBCONAM", "50.00")]].concat()
    };
    let read = take(
        "sc_gg",
        &[
            &holder("王小明", "居民身份证", "990101198503070017"),
            &holder("云溪投资公司", "营业执照", "92990102MA0YX2H872"),
            &holder("云溪老厂", "组织机构代码证", "MA0WUWE1-4"),
            &holder("JOHN SMITH", "护照", "E12345678"),
        ],
    );
    assert_eq!(read.records("person", &["row", "name", "id_no"]), ["2 王小明 990101198503070017", "5 JOHN SMITH ∅"]);
    assert_eq!(
        read.records("organization", &["row", "role", "credit_code", "organization_code"])[2..4],
        ["3 shareholder 92990102MA0YX2H872 ∅", "4 organization 91990101MA0WUWE14C ∅"]
    );
    assert_eq!(read.relations(&["row", "relation", "qualifier"]), [2, 3, 4, 5].map(|row| format!("{row} invests_in 50.00")));
    assert!(read.rejects().is_empty());
}

#[test]
fn a_citizen_id_in_the_column_of_credit_codes_is_the_trader_s_own() {
    let licence = |number| vec![("许可证编号", "JY19901010000001"), ("法定代表人（负责人）", "王小明"), ("统一社会信用代码", number)];
    let read = take("sc_spxk", &[&licence("990101198503070017"), &licence("92990102MA0YX2H872"), &licence("92990102MA0YX2H873")]);
    assert_eq!(read.records("person", &["row", "id_no"]), ["2 990101198503070017", "3 ∅"]);
    assert_eq!(read.records("organization", &["row", "credit_code"]), ["3 92990102MA0YX2H872"]);
    assert_eq!(read.rejects(), ["4 统一社会信用代码 credit_code_check 92990102MA0YX2H873"]);
}

#[test]
fn guardians_nested_in_a_child_are_each_their_own_and_the_permit_is_the_first_s() {
    let read = take(
        "jy_rx",
        &[&[
            ("childName", "王小明"),
            ("childIdNo", "990101201503070011"),
            ("guardians/name", "王大明\u{1f}李梅"),
            ("guardians/idNo", "990101198503070017\u{1f}"),
            ("guardians/mobile", "\u{1f}12012345678"),
            ("residencePermitNo", "J99012026001"),
            ("appliedAt", "2026-05-31T16:30:00Z"),
        ]],
    );
    assert_eq!(
        read.records("person", &["role", "name", "id_no", "phone", "permit_no"])[1..],
        ["guardian 王大明 990101198503070017 ∅ J99012026001", "guardian#2 李梅 ∅ 12012345678 ∅"]
    );
    assert_eq!(read.records("school_application", &["applied_on"]), ["2026-06-01"]);
    assert_eq!(read.relations(&["relation"]), ["guardian", "guardian", "party_to"]);
}

#[test]
fn a_contract_s_period_is_two_dates_and_may_have_no_end() {
    let job = |period, code| vec![("姓名", "王小明"), ("就业单位名称", "云溪机械厂"), ("统一社会信用代码", code), ("合同起止日期", period)];
    let read = take(
        "rs_jy",
        &[&job("2021-05-06至2027-05-05", "91990101MA0WUWE14C"), &job("2021-05-06至长期", "MA0WUWE14"), &job("无固定期限", "")],
    );
    assert_eq!(
        read.relations(&["row", "relation", "since", "until"]).iter().filter(|line| line.contains("works_for")).collect::<Vec<_>>(),
        ["2 works_for 2021-05-06 2027-05-05", "3 works_for 2021-05-06 ∅", "4 works_for ∅ ∅"]
    );
    let units = read.records("organization", &["credit_code", "organization_code"]);
    assert_eq!(units, ["91990101MA0WUWE14C ∅", "∅ MA0WUWE14", "∅ ∅"]);
    assert!(read.rejects().is_empty());
}

#[test]
fn what_is_dropped_is_nowhere() {
    let read =
        take("wj_sw", &[&[("CertNo", "S1"), ("Name", "王大明"), ("IdType", "居民身份证"), ("DeathDate", "2026-01-02"), ("Cause", "某病")]]);
    assert!(read.chunk.raw.column_by_name("Cause").is_none());
    assert_eq!(read.records("person", &["name", "death_date"]), ["王大明 2026-01-02"]);
    assert_eq!(read.records("death", &["certificate_no", "date", "observed"]), ["S1 2026-01-02 2026-01-02"]);
}
