//! Workbooks as people really send them, written in the test, and what comes out of them.

use crate::reader::sample::{Folder, departments, rows, told};
use crate::{Hint, open};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use std::path::PathBuf;
use wuwei_schema::Notice;

fn heading(sheet: &mut Worksheet, row: u32) {
    for (column, name) in (0..).zip(["身份证号", "姓名", "住址"]) {
        sheet.write(row, column, name).unwrap();
    }
}

fn save(folder: &Folder, write: impl Fn(&mut Worksheet) -> Result<(), XlsxError>, others: &[(&str, &[&str])]) -> PathBuf {
    let mut workbook = Workbook::new();
    write(workbook.add_worksheet().set_name("一区").unwrap()).unwrap();
    for (name, cells) in others {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        for (row, line) in (0..).zip(*cells) {
            (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty()).for_each(|(column, cell)| {
                sheet.write(row, column, cell).unwrap();
            });
        }
    }
    let path = folder.path("a.xlsx");
    workbook.save(&path).unwrap();
    path
}

#[test]
fn cells_are_text_dates_are_iso_and_lost_digits_are_seen_to_be_lost() {
    let folder = Folder::new();
    let path = save(
        &folder,
        |sheet| {
            sheet.write(0, 0, "人口登记表")?;
            heading(sheet, 1);
            sheet.write(2, 0, "990101198503070017")?.write(2, 1, "㛃𬭎")?.write(2, 2, 12.0)?;
            sheet.write(3, 0, 990_101_198_503_070_017_f64)?.write(3, 1, true)?.write(3, 2, 1.5)?;
            let date = Format::new().set_num_format("yyyy-mm-dd");
            sheet.write_with_format(5, 2, ExcelDateTime::from_ymd(2026, 3, 1)?, &date)?;
            Ok(())
        },
        &[],
    );
    let rows = ["一区 3: 990101198503070017|㛃𬭎|12", "一区 4: 9.90101E+17|TRUE|1.5", "一区 6: ||2026-03-01"];
    assert_eq!(told(&path).unwrap(), rows);
}

#[test]
fn the_row_of_the_headings_that_was_said_is_taken_or_told_to_be_wrong() {
    let folder = Folder::new();
    // A page that was printed before stands above the table, with the headings in it.
    let path = save(
        &folder,
        |sheet| {
            heading(sheet, 0);
            sheet.write(1, 0, "上年")?;
            heading(sheet, 3);
            sheet.write(4, 0, "1")?;
            Ok(())
        },
        &[],
    );
    let (said, departments) = (|row| Hint { heading_row: Some(row), ..Hint::default() }, departments());
    assert_eq!(open(&path, &departments, &said(4)).unwrap().understood.heading_row, 4);
    let error = open(&path, &departments, &said(3)).unwrap_err().to_string();
    assert!(error.contains("the headings of sheet `一区` are in row 4, not in row 3 as was said; hint: "), "{error}");
    let hint = Hint { delimiter: Some(";".to_owned()), ..said(4) };
    let evidence = open(&path, &departments, &hint).unwrap().understood.evidence;
    assert!(evidence.contains(&Notice::new("options-unused").with("options", "--delimiter").with("format", "xlsx")), "{evidence:?}");
}

#[test]
fn a_cell_at_the_end_of_the_sheet_is_a_fault_and_costs_nothing() {
    let folder = Folder::new();
    let path = save(
        &folder,
        |sheet| {
            heading(sheet, 0);
            sheet.write(1, 0, "1")?.write(1_048_575, 16_383, "x")?;
            Ok(())
        },
        &[],
    );
    assert_eq!(told(&path).unwrap(), ["一区 2: 1||", "一区 1048576: || ! cell_outside"]);
    assert!(rows(&path).unwrap()[1].fault.as_ref().unwrap().reason.starts_with("第16384列"));
}

#[test]
fn errors_of_formulas_are_faults_and_so_are_formulas_without_result() {
    let folder = Folder::new();
    let path = save(
        &folder,
        |sheet| {
            heading(sheet, 0);
            sheet.write(1, 0, Formula::new("=#REF!").set_result("#REF!"))?;
            sheet.write(2, 1, Formula::new("=B1").set_result("王小明"))?;
            Ok(())
        },
        &[],
    );
    assert_eq!(told(&path).unwrap(), ["一区 2: || ! cell_error", "一区 3: |王小明|"]);
}

#[test]
fn every_sheet_with_the_headings_is_read_and_no_other_passed_over_in_silence() {
    let folder = Folder::new();
    let second: &[&str] = &["姓名,住址,身份证号", "王小明,东街,2"];
    let notes: &[&str] = &["填表说明", ",每人一行"];
    let write = |sheet: &mut Worksheet| {
        heading(sheet, 0);
        sheet.write(1, 0, "1").map(|_| ())
    };
    let path = save(&folder, write, &[("二区", second), ("说明", notes), ("空", &[])]);
    assert_eq!(told(&path).unwrap(), ["一区 2: 1||", "二区 2: 2|王小明|东街", "说明 1: ||", "说明 2: ||"]);
    let departments = departments();
    let understood = open(&path, &departments, &Hint::default()).unwrap().understood;
    assert_eq!(understood.sheets, ["一区", "二区"]);
    assert!(understood.codes().contains("sheet-no-headings sheet=说明"), "{}", understood.codes());
    let misspelt = save(&folder, write, &[("二区", &["姓名,地址,身份证号", "王小明,东街,2"])]);
    let error = told(&misspelt).unwrap_err();
    assert!(error.contains("in sheet `二区` row 1") && error.contains("missing are `住址`, unknown are `地址`"), "{error}");
    let only = |name: &str| Hint { sheet: Some(name.to_owned()), ..Hint::default() };
    let understood = open(&misspelt, &departments, &only("一区")).unwrap().understood;
    assert_eq!(understood.sheets, ["一区"], "the sheet that was asked for, and no other");
    assert!(understood.codes().contains("sheet-not-asked sheet=二区"), "{}", understood.codes());
    let error = open(&misspelt, &departments, &only("三区")).unwrap_err().to_string();
    assert!(error.starts_with("there is no sheet with rows `三区`"), "{error}");
}

#[test]
fn a_workbook_cut_off_or_damaged_is_refused_whole() {
    let folder = Folder::new();
    let path = save(&folder, |sheet| (0..2000).try_for_each(|row| sheet.write(row, 0, f64::from(row)).map(|_| ())), &[]);
    let bytes = std::fs::read(&path).unwrap();
    let cut = folder.write("cut.xlsx", &bytes[..bytes.len() - 100]);
    assert!(told(&cut).unwrap_err().contains("is damaged at its end"), "{:?}", told(&cut));
    let mut flipped = bytes;
    let middle = flipped.windows(6).position(|name| name == b"sheet1").unwrap() + 200;
    flipped[middle] ^= 0xff;
    let flipped = folder.write("flipped.xlsx", flipped);
    assert!(told(&flipped).unwrap_err().contains("is damaged at part `xl/worksheets/sheet1.xml`"), "{:?}", told(&flipped));
}
