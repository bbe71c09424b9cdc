//! What extracts make of rows, given in memory instead of files: what becomes a record, a relation, a reject, or nothing.

mod bureaus;
mod columns;
mod headings;
mod refused;
mod required;

use super::*;
use crate::{Departments, reader::Row};
use arrow_array::{
    Array, RecordBatch,
    cast::AsArray,
    types::{Float64Type, Int64Type},
};
use std::sync::Arc;
use wuwei_schema::Fault;

/// Rows given cell by cell; `None` is a row that could not be read.
struct Rows {
    rows: std::vec::IntoIter<Option<Vec<String>>>,
    number: u64,
}

impl Reader for Rows {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let Some(cells) = self.rows.next() else { return Ok(false) };
        self.number += 1;
        row.number = self.number;
        row.sheet = Some(Arc::from("表1"));
        row.fault = match cells {
            Some(_) => None,
            None => Some(Fault { rule: "row_width", reason: "列数不符".to_owned(), proposal: None }),
        };
        row.cells = cells.unwrap_or_default();
        Ok(true)
    }
}

/// A reading of these rows, the first of which stands in row 2.
fn reading<'a>(extract: &'a Extract, model: &'a Model, rows: Vec<Option<Vec<String>>>) -> Reading<'a> {
    let rows = Box::new(Rows { rows: rows.into_iter(), number: 1 });
    Reading::new(
        rows,
        extract,
        model,
        "0123456789abcdef".to_owned(),
        "a.csv".to_owned(),
        100,
        Delivery::new(Terms::of(extract.contract, false), Held::none()),
    )
}

/// A row of the extract in which these columns hold these texts.
fn row(extract: &Extract, cells: &[(&str, &str)]) -> Option<Vec<String>> {
    assert!(cells.iter().all(|(column, _)| extract.columns.iter().any(|known| known == column)), "{cells:?}");
    let text = |column: &String| cells.iter().find(|(known, _)| known == column).map_or("", |(_, text)| *text).to_owned();
    Some(extract.columns.iter().map(text).collect())
}

struct Read {
    chunk: Chunk,
    report: Report,
}

/// What an extract makes of these rows, in one chunk.
fn take(extract: &str, rows: &[&[(&str, &str)]]) -> Read {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract(extract).unwrap();
    let mut reading = reading(extract, &model, rows.iter().map(|cells| row(extract, cells)).collect());
    let chunk = reading.next().unwrap().unwrap();
    assert!(reading.next().is_none());
    Read { chunk, report: reading.report().clone() }
}

fn column(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap();
    let text = |at| match column.data_type() {
        arrow_schema::DataType::Int64 => column.as_primitive::<Int64Type>().value(at).to_string(),
        arrow_schema::DataType::Float64 => column.as_primitive::<Float64Type>().value(at).to_string(),
        _ => column.as_string::<i32>().value(at).to_owned(),
    };
    (0..batch.num_rows()).map(|at| if column.is_null(at) { "∅".to_owned() } else { text(at) }).collect()
}

impl Read {
    fn records(&self, entity: &str, columns: &[&str]) -> Vec<String> {
        let found = self.chunk.records.iter().find(|(name, _)| name == entity);
        found.map_or_else(Vec::new, |(_, batch)| lines(batch, columns))
    }

    fn relations(&self, columns: &[&str]) -> Vec<String> {
        self.chunk.relations.as_ref().map_or_else(Vec::new, |batch| lines(batch, columns))
    }

    fn rejects(&self) -> Vec<String> {
        self.chunk.rejects.as_ref().map_or_else(Vec::new, |batch| lines(batch, &["row", "column", "rule", "value"]))
    }
}

fn lines(batch: &RecordBatch, columns: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> = columns.iter().map(|name| column(batch, name)).collect();
    (0..batch.num_rows()).map(|at| columns.iter().map(|column| column[at].as_str()).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_row_becomes_its_roles_and_what_ties_them() {
    let home = "云溪县城关镇人民路12号3栋2单元501室";
    let read = take(
        "ga_hjrk",
        &[&[
            ("GMSFHM", "99010220011112123x"),
            ("XM", "王 小明"),
            ("XB", "1"),
            ("MZ", "1"),
            ("CSRQ", "20011112"),
            ("HH", "H1"),
            ("YHZGX", "02"),
            ("HKLB_DM", "2"),
            ("WHCD", "11"),
            ("HJQH", "990102"),
            ("HJXZ", home),
            ("XZXZ", home),
            ("ZXBS", "0"),
            ("GXSJ", "20260102093000"),
        ]],
    );
    let person =
        read.records("person", &["record_id", "role", "row", "observed", "id_no", "name", "ethnicity", "education", "birth_date", "phone"]);
    assert_eq!(person, ["100 person 2 2026-01-02 99010220011112123X 王小明 01 21 2001-11-12 ∅"]);
    assert_eq!(read.records("household", &["record_id", "household_no", "issuer", "household_type"]), ["101 H1 ga 农业家庭户口"]);
    assert_eq!(read.records("dwelling", &["record_id", "role"]), ["102 registered_dwelling", "103 dwelling"]);
    assert_eq!(
        read.records("division", &["record_id", "code", "department", "extract", "batch", "sheet"]),
        ["104 990102 ga ga_hjrk 0123456789abcdef 表1"]
    );
    assert_eq!(
        read.relations(&["relation", "source", "target", "qualifier"]),
        ["registered_at 100 102 ∅", "lives_at 100 103 ∅", "located_in 102 104 ∅", "member_of 100 101 02", "head_of 100 101 ∅",]
    );
    assert_eq!((read.report.next_record, read.report.watermark.as_deref()), (105, Some("2026-01-02")));
    assert_eq!(read.report.records.get("dwelling"), Some(&2));
    assert_eq!(lines(&read.chunk.raw, &["row", "sheet", "XM", "MZ", "CYM"]), ["2 表1 王 小明 1 ∅"]);
}

#[test]
fn a_wrong_identifier_refuses_the_row_and_a_wrong_cell_only_itself() {
    let read = take(
        "ga_hjrk",
        &[
            &[("GMSFHM", "990101198503070018"), ("XM", "王小明"), ("MZ", "77")],
            &[("GMSFHM", "990101198503070017"), ("XM", "王小明"), ("MZ", "77"), ("CSRQ", "1985-13-01")],
        ],
    );
    assert_eq!(
        read.rejects(),
        ["2 GMSFHM id_check_digit 990101198503070018", "3 CSRQ cell:date_format 1985-13-01", "3 MZ cell:code_unknown 77",]
    );
    assert_eq!(read.records("person", &["record_id", "row", "ethnicity", "birth_date"]), ["100 3 ∅ ∅"]);
    assert_eq!((read.report.read, read.report.accepted, read.report.rejected), (2, 1, 1));
    assert_eq!(read.chunk.raw.num_rows(), 1, "raw keeps accepted rows only");
}

#[test]
fn tenants_in_one_cell_are_walked_in_step() {
    let tenants = |names, ids, phones| -> Vec<(&str, &str)> {
        vec![("房屋地址", "人民路1号"), ("出租用途", "02"), ("承租人姓名", names), ("承租人公民身份号码", ids), ("承租人联系方式", phones)]
    };
    let read = take(
        "ga_czf",
        &[
            &tenants("王小明、李建国", "、990101198503070017", ""),
            &tenants("王小明、李建国", "990101198503070017", ""),
            &tenants("", "", ""),
            &[
                ("房屋地址", "人民路2号"),
                ("出租用途", "商铺"),
                ("承租人姓名", "赵强"),
                ("房主姓名", "钱多"),
                ("证件代码", "414"),
                ("证件号码", "E12345678"),
            ],
        ],
    );
    assert_eq!(
        read.records("person", &["row", "role", "name", "id_no"]),
        ["2 tenant 王小明 ∅", "2 tenant#2 李建国 990101198503070017", "5 landlord 钱多 ∅", "5 tenant 赵强 ∅",]
    );
    assert_eq!(read.relations(&["row", "relation"]), ["2 rents", "2 rents", "2 lives_at", "2 lives_at", "5 owns", "5 rents"]);
    assert_eq!(read.rejects(), ["3 承租人公民身份号码 list_length ∅"]);
}

#[test]
fn an_owner_is_a_person_or_an_organisation_by_the_document_shown() {
    let read = take(
        "ga_jdc",
        &[
            &[
                ("HPHM", "云A10001"),
                ("HPZL", "02"),
                ("SYR", "王小明"),
                ("SFZMMC", "居民身份证"),
                ("SFZMHM", "990101198503070017"),
                ("ZT", "A"),
            ],
            &[("HPHM", "云A10002"), ("SYR", "云溪机械厂"), ("SFZMMC", "统一社会信用代码"), ("SFZMHM", "91990101MA0WUWE14C"), ("ZT", "AG")],
        ],
    );
    assert_eq!(read.records("person", &["name", "id_no"]), ["王小明 990101198503070017"]);
    assert_eq!(read.records("organization", &["name", "credit_code"]), ["云溪机械厂 91990101MA0WUWE14C"]);
    assert_eq!(read.records("vehicle", &["plate_no", "plate_type", "status"]), ["云A10001 02 正常", "云A10002 ∅ ∅"]);
    assert_eq!(read.relations(&["relation", "source", "target"]), ["owns 101 100", "owns 103 102"]);
    assert_eq!(read.rejects(), ["3 ZT cell:word_unknown AG"]);
}

#[test]
fn a_column_means_what_its_mapping_says_and_not_its_name() {
    let read = take(
        "mz_hydj",
        &[
            &[
                ("JHDJH", "J1"),
                ("JHDJRQ", "1999-05-06"),
                ("MNAME", "王小明"),
                ("MSFZJHM", "990101850307001"),
                ("MAN", "回族"),
                ("WNAME", "李梅"),
                ("WOMAN", "汉"),
            ],
            &[("JHDJH", "J2"), ("LHDJH", "L2"), ("JHDJRQ", "2001-05-06"), ("MNAME", "赵强"), ("WNAME", "钱多")],
        ],
    );
    assert_eq!(
        read.records("person", &["role", "name", "id_no", "sex", "ethnicity"]),
        ["groom 王小明 990101198503070017 1 03", "bride 李梅 ∅ 2 01", "groom 赵强 ∅ 1 ∅", "bride 钱多 ∅ 2 ∅",]
    );
    assert_eq!(
        read.relations(&["row", "relation", "since"]),
        ["2 spouse 1999-05-06", "2 party_to ∅", "2 party_to ∅", "3 party_to ∅", "3 party_to ∅",]
    );
}

#[test]
fn guardians_side_by_side_are_two_people_with_or_without_a_number() {
    let read = take(
        "jy_xj",
        &[&[
            ("全国学籍号", "L123456789012345678"),
            ("姓名", "王小明"),
            ("性别", "男"),
            ("出生日期", "20150307"),
            ("身份证件类型", "护照"),
            ("身份证件号", "E12345678"),
            ("学校标识码", "3399010001"),
            ("年级", "五年级"),
            ("入学年月", "202109"),
            ("现住址", "人民路1号"),
            ("家庭成员或监护人姓名1", "王大明"),
            ("关系1", "父亲"),
            ("身份证件号1", "990101198503070017"),
            ("家庭成员或监护人姓名2", "李梅"),
            ("关系2", "姑姑"),
        ]],
    );
    assert_eq!(
        read.records("person", &["role", "name", "id_no", "student_no", "sex"]),
        ["student 王小明 ∅ L123456789012345678 1", "guardian1 王大明 990101198503070017 ∅ ∅", "guardian2 李梅 ∅ ∅ ∅",]
    );
    assert_eq!(
        read.relations(&["relation", "source", "target", "since", "qualifier"]),
        ["studies_at 100 103 2021-09 ∅", "party_to 100 104 ∅ ∅", "guardian 101 100 ∅ 51", "guardian 102 100 ∅ ∅", "lives_at 100 105 ∅ ∅",]
    );
    assert_eq!(read.rejects(), ["2 关系2 cell:code_unknown 姑姑"]);
}

#[test]
fn a_row_typed_by_hand_is_read_as_it_is_meant() {
    let read = take(
        "wg_rk",
        &[&[
            ("网格编码", "990101001001"),
            ("公民身份号码", "９９０１０１１９８５０３０７００１７"),
            ("姓名", "王小明"),
            ("性别", "男"),
            ("出生日期", "1985.3.7"),
            ("民族", "汉"),
            ("婚姻状况", "已婚"),
            ("政治面貌", "群众"),
            ("户籍地", "云溪县"),
            ("户籍门（楼）详址", "城关镇人民路1号"),
            ("现住门（楼）详址", "城关镇人民路2号"),
            ("户号", "88"),
            ("户主姓名", "王大明"),
            ("与户主关系", "长子"),
            ("采集时间", "2026-01-02 09:30"),
        ]],
    );
    assert_eq!(
        read.records("person", &["role", "id_no", "name", "birth_date", "ethnicity", "marital", "observed"]),
        ["person 990101198503070017 王小明 1985-03-07 01 20 2026-01-02", "head ∅ 王大明 ∅ ∅ ∅ 2026-01-02",]
    );
    assert_eq!(read.records("dwelling", &["address"]), ["云溪县城关镇人民路1号", "城关镇人民路2号"]);
    assert_eq!(read.relations(&["relation", "qualifier"]), ["registered_at ∅", "lives_at ∅", "located_in ∅", "member_of 22", "head_of ∅"]);
}

#[test]
fn what_is_no_data_is_skipped_and_counted() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("mz_czrk").unwrap();
    let rows = vec![
        row(extract, &[("姓名", "王小明"), ("出生年月", "1985.1"), ("居住证号", "J99012026001")]),
        row(extract, &[("性别", " \u{3000}")]),
        Some(extract.columns.clone()),
        row(extract, &[("姓名", "合 计"), ("性别", "1")]),
        row(extract, &[("姓名", "填表人：李建国"), ("登记时间", "填表日期：2026年1月")]),
        None,
        Some(vec!["备注".to_owned()]),
    ];
    let mut reading = reading(extract, &model, rows);
    let chunk = reading.next().unwrap().unwrap();
    assert!(reading.next().is_none());
    let Report { read, accepted, rejected, skipped, rejects_by_rule, .. } = reading.report();
    assert_eq!((*read, *accepted, *rejected, *skipped), (7, 1, 1, 5));
    assert_eq!(rejects_by_rule.get("row_width"), Some(&1));
    assert_eq!(lines(&chunk.records[0].1, &["name", "birth_date"]), ["王小明 1985"]);
}

#[test]
fn chunks_are_bounded_and_numbers_go_on() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("jy_xx").unwrap();
    let rows = (0..20_000).map(|at: i32| row(extract, &[("学校标识码", at.to_string().as_str()), ("在校生数", "约300人")])).collect();
    let mut reading = reading(extract, &model, rows);
    let chunks: Vec<Chunk> = reading.by_ref().map(Result::unwrap).collect();
    assert_eq!(chunks.iter().map(|chunk| chunk.raw.num_rows()).collect::<Vec<_>>(), [8192, 8192, 3616]);
    let ids: Vec<i64> =
        chunks.iter().flat_map(|chunk| chunk.records[0].1.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert!(ids.iter().copied().eq(100..20_100));
    assert_eq!((reading.report().next_record, reading.report().rejects_by_rule["cell:number_format"]), (20_100, 20_000));
}

#[test]
fn coordinates_become_cgcs2000_exchanged_ones_are_put_right_and_local_ones_are_told() {
    let case = |number, x, y| [("案件编号", number), ("案件大类", "街面秩序"), ("X坐标", x), ("Y坐标", y)];
    let read =
        take("cg_aj", &[&case("1", "105.25", "30.5"), &case("2", "30.5", "105.25"), &case("3", "505123.4", "3570321"), &case("4", "", "")]);
    assert_eq!(read.records("incident", &["incident_no", "longitude", "latitude"]), ["1 105.25 30.5", "2 105.25 30.5", "3 ∅ ∅", "4 ∅ ∅"]);
    assert_eq!(
        read.rejects(),
        ["3 X坐标 cell:coordinates_swapped 30.5 105.25", "4 X坐标 cell:coordinates_range 505123.4 3570321"],
        "and the rows are kept"
    );
}

#[test]
fn what_a_cell_looks_like_tells_persons_from_organisations_and_codes_of_today_from_numbers_of_before() {
    let lease = |number, landlord, id| [("备案号", number), ("出租人", landlord), ("出租人证件号", id), ("租期", "2023.1.1-长期")];
    let read = take(
        "zj_zl",
        &[
            &lease("1", "王小明", "990101198503070017"),
            &lease("2", "云溪机械有限公司", "91990101MA0WUWE14C"),
            &lease("3", "云溪机械有限公司", "990101198503070017"),
        ],
    );
    assert_eq!(read.records("person", &["role", "name", "id_no"]), ["landlord 王小明 990101198503070017"]);
    assert_eq!(read.records("organization", &["role", "credit_code"]), ["landlord_organization 91990101MA0WUWE14C"]);
    assert_eq!(read.records("housing_contract", &["contract_no", "valid_from", "valid_to"]), ["1 2023-01-01 ∅", "2 2023-01-01 ∅"]);
    assert_eq!(read.rejects(), ["4 出租人证件号 credit_code_check 990101198503070017"]);
    let shop = |name, code| [("店铺名称", name), ("统一社会信用代码/注册号", code)];
    let read = take("cg_mqsb", &[&shop("甲店", "91990101MA0WUWE14C"), &shop("乙店", "990101000012343"), &shop("丙店", "990101000012344")]);
    assert_eq!(
        read.records("organization", &["name", "credit_code", "business_no"]),
        ["甲店 91990101MA0WUWE14C ∅", "乙店 ∅ 990101000012343"]
    );
    assert_eq!(read.rejects(), ["4 统一社会信用代码/注册号 credit_code_format 990101000012344"]);
}

#[test]
fn the_id_in_a_licence_number_is_the_holder_s() {
    let licence = |number| [("姓名", "王小明"), ("证号", number), ("有效期限", "2024-01-01至2030-01-01")];
    let read = take("yj_tzzy", &[&licence("t990101198503070017"), &licence("T990101198503070018"), &licence("990101198503070017")]);
    assert_eq!(read.records("person", &["name", "id_no"]), ["王小明 990101198503070017"]);
    assert_eq!(read.records("licence", &["licence_no", "valid_from", "valid_to"]), ["T990101198503070017 2024-01-01 2030-01-01"]);
    assert_eq!(read.rejects(), ["3 证号 id_check_digit T990101198503070018", "4 证号 prefix_missing 990101198503070017"]);
}
