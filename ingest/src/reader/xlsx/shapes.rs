//! Shapes of sheets: headings of several rows, several tables, merged and hidden cells, codes whose zeros are a format, and sheets made to
//! hurt. Most are written as a spreadsheet program does; what such a program will not write is written as XML.

use crate::{
    Departments, Hint, open,
    reader::sample::{Folder, extract_of, told_of},
};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

const PARTIES: [&str; 6] = ["序号", "申请人/姓名", "申请人/电话", "被申请人/姓名", "被申请人/电话", "住址"];

fn parties() -> Departments {
    extract_of("heading_rows = 2", &PARTIES)
}

/// A workbook of one sheet `表`.
fn save(folder: &Folder, write: impl Fn(&mut Worksheet) -> Result<(), XlsxError>) -> PathBuf {
    let mut workbook = Workbook::new();
    write(workbook.add_worksheet().set_name("表").unwrap()).unwrap();
    let path = folder.path("a.xlsx");
    workbook.save(&path).unwrap();
    path
}

/// Cells of a row, from the left; empty ones are left out.
fn line(sheet: &mut Worksheet, row: u32, cells: &str) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells.split('|')).filter(|(_, cell)| !cell.is_empty()) {
        sheet.write(row, column, cell)?;
    }
    Ok(())
}

fn merge(sheet: &mut Worksheet, text: &str, [top, left, bottom, right]: [u16; 4]) -> Result<(), XlsxError> {
    sheet.merge_range(top.into(), left, bottom.into(), right, text, &Format::new()).map(|_| ())
}

/// The heading of two rows, its first in that row (from 0).
fn heading(sheet: &mut Worksheet, top: u16) -> Result<(), XlsxError> {
    merge(sheet, "序号", [top, 0, top + 1, 0])?;
    merge(sheet, "申请人", [top, 1, top, 2])?;
    merge(sheet, "被申请人", [top, 3, top, 4])?;
    merge(sheet, "住 址", [top, 5, top + 1, 5])?;
    line(sheet, (top + 1).into(), "|姓名|电话|姓名|电话|")
}

/// A workbook as XML: what its sheet holds, its properties, its styles.
fn raw(folder: &Folder, sheet: &str, properties: &str, styles: &str) -> PathBuf {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relation = |id: &str, kind: &str, target: &str| format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>");
    let parts = [
        ("_rels/.rels", format!("<Relationships>{}</Relationships>", relation("a", "officeDocument", "xl/workbook.xml"))),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships>{}{}</Relationships>",
                relation("a", "worksheet", "worksheets/s.xml"),
                relation("b", "styles", "styles.xml")
            ),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook><workbookPr {properties}/><sheets><sheet name=\"表\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"),
        ),
        ("xl/worksheets/s.xml", format!("<worksheet>{sheet}</worksheet>")),
        ("xl/styles.xml", format!("<styleSheet>{styles}</styleSheet>")),
    ];
    let path = folder.path("raw.xlsx");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in parts {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// A row of XML with texts, and numbers where a style stands before them (`1=7`).
fn xml_row(number: u32, cells: &str) -> String {
    let cell = |cell: &str| match cell.split_once('=') {
        Some((style, number)) => format!("<c s=\"{style}\"><v>{number}</v></c>"),
        None => format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>"),
    };
    format!("<row r=\"{number}\">{}</row>", cells.split('|').map(cell).collect::<String>())
}

fn evidence(path: &Path, departments: &Departments) -> String {
    open(path, departments, &Hint::default()).unwrap().understood.codes()
}

#[test]
fn headings_of_two_rows_are_joined_as_they_are_merged_and_a_tall_one_counts_once() {
    let folder = Folder::new();
    let path = save(&folder, |sheet| {
        merge(sheet, "调解案件台账", [0, 0, 0, 5])?;
        heading(sheet, 1)?;
        line(sheet, 3, "1|王小明|120|李建国||东街")?;
        line(sheet, 4, "合计|1||||")?;
        line(sheet, 5, "填表人：王某")
    });
    assert_eq!(told_of(&path, &parties()).unwrap(), ["表 4: 1|王小明|120|李建国||东街", "表 5: 合计|1||||", "表 6: 填表人：王某|||||"]);
    assert!(evidence(&path, &parties()).contains("headings-in-rows count=6 extract=xx_sheet last=3 row=2"));
}

#[test]
fn headings_without_merged_cells_hold_to_the_right_in_a_workbook_and_in_text() {
    let folder = Folder::new();
    let rows = ["序号|申请人||被申请人||", "|姓名|电话|姓名|电话|住址", "1|王小明||李建国||东街"];
    let path = save(&folder, |sheet| (0..).zip(rows).try_for_each(|(row, cells)| line(sheet, row, cells)));
    assert_eq!(told_of(&path, &parties()).unwrap(), ["表 3: 1|王小明||李建国||东街"]);
    let text = folder.write("a.csv", rows.join("\n").replace('|', ","));
    assert_eq!(told_of(&text, &parties()).unwrap(), ["3: 1|王小明||李建国||东街"]);
    let flat = folder.write("b.csv", format!("{}\n1,王小明,,李建国,,东街\n", PARTIES.join(",")));
    assert_eq!(told_of(&flat, &parties()).unwrap(), ["2: 1|王小明||李建国||东街"]);
    let wrong = folder.write("c.csv", rows.join("\n").replace('|', ",").replacen("申请人", "原告", 1));
    let error = told_of(&wrong, &parties()).unwrap_err();
    assert!(error.contains("missing are `申请人/姓名`, `申请人/电话`, unknown are `原告/姓名`, `原告/电话`"), "{error}");
}

#[test]
fn headings_of_three_rows_have_groups_of_groups_titles_and_units() {
    let folder = Folder::new();
    let departments = extract_of("heading_rows = 3", &["企业名称", "从业人数（人）", "负责人/姓名", "负责人/手机"]);
    let path = save(&folder, |sheet| {
        merge(sheet, "基本信息", [0, 0, 0, 1])?;
        merge(sheet, "安全管理", [0, 2, 0, 3])?;
        merge(sheet, "企业名称", [1, 0, 2, 0])?;
        line(sheet, 1, "|从业人数")?;
        merge(sheet, "负责人", [1, 2, 1, 3])?;
        line(sheet, 2, "|（人）|姓名|手机")?;
        line(sheet, 3, "云溪粮油|12|王小明|120")
    });
    assert_eq!(told_of(&path, &departments).unwrap(), ["表 4: 云溪粮油|12|王小明|120"]);
}

#[test]
fn a_second_table_on_a_sheet_is_refused_with_its_row() {
    let folder = Folder::new();
    let below = save(&folder, |sheet| {
        heading(sheet, 0)?;
        line(sheet, 2, "1|王小明||李建国||东街")?;
        line(sheet, 40, "住址|序号|姓名|电话")
    });
    let error = told_of(&below, &parties()).unwrap_err();
    let says = "file `FILE` has more than one table on sheet `表`: row 41 has headings of another table; hint: put each table on a sheet of its own";
    assert_eq!(error, says);
    let beside = save(&folder, |sheet| line(sheet, 0, "序号|申请人/姓名|申请人/电话|被申请人/姓名|被申请人/电话|住址||单位|住址"));
    let error = told_of(&beside, &parties()).unwrap_err();
    assert!(
        error.contains("from column H on, a second table seems to stand beside it; hint: put each table on a sheet of its own"),
        "{error}"
    );
}

#[test]
fn the_heading_again_on_each_page_is_no_row_and_no_second_table() {
    let folder = Folder::new();
    let path = save(&folder, |sheet| {
        heading(sheet, 0)?;
        line(sheet, 2, "1|王小明||||")?;
        heading(sheet, 3)?;
        line(sheet, 5, "2|李建国||||")
    });
    let rows = ["表 3: 1|王小明||||", "表 4: |||||", "表 5: |||||", "表 6: 2|李建国||||"];
    assert_eq!(told_of(&path, &parties()).unwrap(), rows);
    assert!(evidence(&path, &parties()).contains("headings-again count=2"));
}

#[test]
fn a_merged_value_is_of_every_row_where_the_department_says_so_and_lost_nowhere_else() {
    let folder = Folder::new();
    let columns = ["街路", "店铺", "经营者", "门牌"];
    let departments = extract_of("fill_down = [\"街路\"]", &columns);
    let path = save(&folder, |sheet| {
        line(sheet, 0, &columns.join("|"))?;
        merge(sheet, "东街", [1, 0, 2, 0])?;
        line(sheet, 1, "|甲店|王小明|1号")?;
        line(sheet, 2, "|乙店|李建国|2号")?;
        line(sheet, 3, "|丙店|王小明|3号")?;
        merge(sheet, "西街片区", [4, 0, 4, 3])?;
        merge(sheet, "赵明", [5, 2, 6, 2])?;
        line(sheet, 5, "西街|丁店||1号")?;
        line(sheet, 6, "|戊店||2号")
    });
    let rows = [
        "表 2: 东街|甲店|王小明|1号",
        "表 3: 东街|乙店|李建国|2号",
        "表 4: 东街|丙店|王小明|3号",
        "表 5: |||",
        "表 6: 西街|丁店|赵明|1号",
        "表 7: 西街|戊店||2号 ! cell_merged",
    ];
    assert_eq!(told_of(&path, &departments).unwrap(), rows);
    assert!(evidence(&path, &departments).contains("cells-merged count=3"));
}

#[test]
fn what_is_hidden_is_read_and_told() {
    let folder = Folder::new();
    let departments = extract_of("", &["姓名", "住址"]);
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("空").unwrap();
    let sheet = workbook.add_worksheet().set_name("表").unwrap().set_hidden(true);
    line(sheet, 0, "姓名|住址").unwrap();
    line(sheet, 1, "王小明|东街").unwrap();
    sheet.set_row_hidden(1).unwrap().set_column_hidden(1).unwrap();
    let path = folder.path("a.xlsx");
    workbook.save(&path).unwrap();
    assert_eq!(told_of(&path, &departments).unwrap(), ["表 2: 王小明|东街"]);
    let evidence = evidence(&path, &departments);
    for what in ["sheet-hidden sheet=表", "rows-hidden count=1", "columns-hidden count=1 sheet=表 which=B"] {
        assert!(evidence.contains(what), "{evidence}");
    }
}

#[test]
fn codes_keep_the_zeros_that_their_format_shows_and_days_are_counted_as_the_workbook_does() {
    let folder = Folder::new();
    let departments = extract_of("", &["代码", "日期", "数"]);
    let styles = "<numFmts><numFmt numFmtId=\"176\" formatCode=\"000000;@\"/></numFmts>\
        <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"176\"/><xf numFmtId=\"14\"/></cellXfs>";
    let sheet = format!("<sheetData>{}{}</sheetData>", xml_row(1, "代码|日期|数"), xml_row(2, "1=1017|2=44481|0=1017"));
    let told = |properties| told_of(&raw(&folder, &sheet, properties, styles), &departments).unwrap();
    assert_eq!(told("date1904=\"1\""), ["表 2: 001017|2025-10-13|1017"]);
    assert_eq!(told(""), ["表 2: 001017|2021-10-12|1017"]);
}

#[test]
fn a_sheet_that_ends_in_the_last_row_may_have_been_cut_off() {
    let folder = Folder::new();
    let departments = extract_of("", &["姓名", "住址"]);
    let path = save(&folder, |sheet| {
        line(sheet, 0, "姓名|住址")?;
        line(sheet, 1_048_575, "王小明|东街")
    });
    assert!(evidence(&path, &departments).contains("sheet-full row=1048576"));
    assert_eq!(told_of(&path, &departments).unwrap(), ["表 1048576: 王小明|东街"]);
}

#[test]
fn sheets_made_to_hurt_are_refused_in_a_sentence() {
    let folder = Folder::new();
    let departments = extract_of("", &["姓名", "住址"]);
    let head = format!("<sheetData>{}</sheetData>", xml_row(1, "姓名|住址"));
    let merges =
        |count: u32| (0..count).map(|at| format!("<mergeCell ref=\"A{}:B{}\"/>", at % 1000 + 2, at % 1000 + 2)).collect::<String>();
    let cases = [
        (format!("{head}<mergeCells>{}</mergeCells>", merges(1_000_001)), "it has more than 1000000 merged ranges"),
        (format!("{head}{}", "<a>".repeat(100)), "its marks nest deeper than 64"),
        (head.replace("</sheetData>", "<row r=\"2\"/><row r=\"1\"/></sheetData>"), "its rows are out of order"),
        (format!("{head}<cols>{}</cols>", "<col min=\"1\" max=\"9\" hidden=\"1\"/>".repeat(20_000)), "more headings or hidden columns"),
    ];
    for (sheet, says) in cases {
        let error = told_of(&raw(&folder, &sheet, "", ""), &departments).unwrap_err();
        assert!(error.contains(says) && error.contains("sheet `表`") && error.contains("; hint: "), "{error}");
    }
}
