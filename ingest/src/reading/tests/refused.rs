//! What is kept of a row that is refused, and of a date that cannot be.

use super::*;

/// Rows with whether they can be read: the cells of one that cannot stand in each other's columns.
struct Shifted {
    rows: std::vec::IntoIter<(Vec<String>, bool)>,
}

impl Reader for Shifted {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let Some((cells, is_readable)) = self.rows.next() else { return Ok(false) };
        row.number += 1;
        row.cells = cells;
        row.fault = (!is_readable).then(|| Fault { rule: "row_width", reason: "列数不符".to_owned(), proposal: None });
        Ok(true)
    }
}

/// What is refused of these rows of an extract, with the cells.
fn refused(extract: &str, rows: Vec<(Vec<String>, bool)>) -> Vec<String> {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract(extract).unwrap();
    let rows = Box::new(Shifted { rows: rows.into_iter() });
    let delivery = Delivery::new(Terms::of(extract.contract, false), Held::none());
    let mut reading = Reading::new(rows, extract, &model, "0123456789abcdef".to_owned(), "a.dbf".to_owned(), 1, delivery);
    let chunk = reading.next().unwrap().unwrap();
    lines(&chunk.rejects.unwrap(), &["rule", "cells"])
}

fn cells(extract: &str, cells: &[(&str, &str)]) -> Vec<String> {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    row(departments.extract(extract).unwrap(), cells).unwrap()
}

#[test]
fn cells_of_a_refused_row_are_named_and_those_of_an_unreadable_one_are_not_kept_where_any_may_not_be() {
    let readable = cells(
        "ga_jdc",
        &[("HPHM", "云A10001"), ("HPZL", "02"), ("SYR", "王小明"), ("SFZMMC", "居民身份证"), ("SFZMHM", "990101198503070018")],
    );
    let named = refused("ga_jdc", vec![(readable, true)]);
    assert_eq!(named.len(), 1);
    assert!(named[0].contains(r#""SYR":"王小明""#) && named[0].contains(r#""HPHM":"云A10001""#), "{named:?}");
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    for (_, extract) in departments.extracts() {
        let shifted = vec!["王小明".to_owned(); extract.columns.len()];
        let keeps_all = extract.drop.is_empty() && extract.exclude.is_empty();
        let kept = refused(&extract.name, vec![(shifted, false)]);
        assert_eq!(kept[0].contains("王小明"), keeps_all, "{}: {kept:?}", extract.name);
    }
}

#[test]
fn a_date_that_is_still_to_come_is_told_and_orders_nothing() {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("ga_hjrk").unwrap();
    let item = |id: &str, day: &str| row(extract, &[("GMSFHM", id), ("XM", "王小明"), ("GXSJ", day)]);
    let rows = vec![item("990101198503070017", "20260102093000"), item("990101199003070023", "20260103093000")];
    let mut reading = reading(extract, &model, rows);
    reading.mapping.until = Some("2026-01-02".to_owned());
    let chunk = reading.next().unwrap().unwrap();
    assert_eq!(lines(&chunk.rejects.unwrap(), &["row", "column", "rule", "value"]), ["3 GXSJ cell:date_future 2026-01-03"]);
    assert_eq!(lines(&chunk.raw, &["row", "observed"]), ["2 2026-01-02", "3 ∅"]);
    assert_eq!((reading.report.accepted, reading.report.watermark.as_deref()), (2, Some("2026-01-02")));
}
