//! Headings that stand among the rows: the table's own and those of another one.

use super::*;

#[test]
fn rows_under_the_headings_of_another_table_are_refused_until_its_own_stand_again() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("mz_czrk").unwrap();
    let person = || row(extract, &[("姓名", "王小明"), ("居住证号", "J99012026001")]);
    let mut others = extract.columns.clone();
    others.iter_mut().rev().take(2).for_each(|name| *name = format!("原{name}"));
    let own = Some(extract.columns.iter().map(|name| format!("\u{feff} {name} ")).collect());
    let mut reading = reading(extract, &model, vec![person(), Some(others), person(), own, person()]);
    reading.by_ref().for_each(|chunk| drop(chunk.unwrap()));
    let Report { accepted, rejected, skipped, rejects_by_rule, .. } = reading.report();
    assert_eq!((*accepted, *rejected, *skipped), (2, 2, 1));
    assert_eq!((rejects_by_rule.get("row_heading"), rejects_by_rule.get("table_next")), (Some(&1), Some(&1)));
}
