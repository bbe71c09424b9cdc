//! What JSON becomes: records on lines, in lists and deep in documents, and what refuses a row or a file.

use super::super::{
    sample::{Folder, nested, rows_of, shown, told_nested},
    window::Window,
};
use super::*;
use crate::{BETWEEN, Hint, decode::encode, open};
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use proptest::prelude::*;

/// The row that each of the shapes below holds.
const RECORD: &str =
    r#"{"name":"王小明","@no":1.10,"guardian":[{"name":"李建国","phone":"12012340001"},{"name":"㛃𬭎"},{}],"area":[[1,2.50],[3]]}"#;
const ROW: &str = "1.10|王小明|李建国+㛃𬭎+|12012340001++|[1,2.50]+[3]";

fn told(text: &str) -> Result<Vec<String>, String> {
    let folder = Folder::new();
    told_nested(&folder.write("a.json", text))
}

/// The row of a record that comes after all that a file is known by.
fn row(record: &str) -> String {
    let far = " ".repeat(1 << 20);
    told(&format!("[{RECORD},{far}{record}]")).unwrap().pop().unwrap().split_off(3)
}

#[test]
fn records_are_found_on_lines_in_a_list_and_deep_in_a_document() {
    for text in [
        format!("{RECORD}\n{RECORD}"),
        format!("[{RECORD},\n{RECORD}]\n"),
        format!("{{\"code\":0,\"data\":{{\"total\":2,\"record\":[{RECORD},{RECORD}]}},\"message\":null}}"),
    ] {
        assert_eq!(told(&text).unwrap(), [format!("1: {ROW}"), format!("2: {ROW}")], "{text}");
    }
    assert_eq!(told(&format!("{{\"data\":{RECORD}}}")).unwrap(), [format!("1: {ROW}")], "one record, and no list around it");
}

#[test]
fn a_record_is_the_same_in_every_encoding() {
    let folder = Folder::new();
    for encoding in [GB18030, UTF_8, UTF_16LE, UTF_16BE] {
        for text in [format!("{RECORD}\r\n{RECORD}\r\n"), format!("\u{feff}[{RECORD},{RECORD}]")] {
            let path = folder.write("a.json", encode(&text, encoding));
            assert_eq!(told_nested(&path).unwrap(), [format!("1: {ROW}"), format!("2: {ROW}")], "{}", encoding.name());
        }
    }
}

#[test]
fn numbers_keep_their_digits_and_words_are_text() {
    assert_eq!(row(r#"{"@no":990101198503070017,"name":true,"area":1E+17}"#), "990101198503070017|true|||1E+17");
    assert_eq!(row(r#"{"@no":-0.10,"name":null,"area":[null,"a",null]}"#), "-0.10||||+a+");
    assert_eq!(row(r#"{"name":"\u738b\ud840\udc00\n\"\\\/","guardian":[],"area":{}}"#), "|王\u{20000}\n\"\\/|||");
}

#[test]
fn what_does_not_fit_refuses_its_row_and_nothing_wins() {
    for (record, rule) in [
        (r#"{"name":"a","name":"b"}"#, "member_twice"),
        (r#"{"name":"a","NAME":""}"#, "member_twice"),
        (r#"{"guardian":{"name":"a"},"guardian":{"phone":"b"}}"#, "member_twice"),
        (r#"{"name":"a","nick":null}"#, "member_unknown"),
        (r#"{"name":{"first":"a"}}"#, "member_unknown"),
        (r#"{"guardian":"a"}"#, "member_group"),
        (r#"{"guardian":[[{"name":"a"}]]}"#, "member_group"),
        (r#"{"name":["a","b"]}"#, "member_repeated"),
        (r#"{"name":[["a","b"]]}"#, "list_in_list"),
        (r#"{"guardian":{"phone":["1",["2","3"]]}}"#, "list_in_list"),
        (r#"{"name":"a\ud800b"}"#, "half_character"),
        (r#"{"name":"a\udc00\ud800"}"#, "half_character"),
        (r#"{"name":"a\u0000"}"#, "control_character"),
        (r#"{"guardian":{"name":"a\u001fb"}}"#, "control_character"),
        ("{\"name\":\"a\u{7f}\"}", "control_character"),
        (r#"{"name":"a\ufffd"}"#, "undecodable"),
        (r#"["a"]"#, "record_shape"),
        ("null", "record_shape"),
    ] {
        assert!(row(record).ends_with(&format!(" ! {rule}")), "{record}: {}", row(record));
    }
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat((1 << 20) + 1));
    assert!(row(&long).ends_with(" ! cell_length"));
}

#[test]
fn one_value_in_a_list_is_one_value() {
    assert_eq!(row(r#"{"name":["a"],"guardian":{"name":"b","phone":["1","2"]}}"#), "|a|b|1+2|");
    assert_eq!(row(r#"{"guardian":[{},{"phone":"2"},{"name":"c"}]}"#), "||++c|+2+|");
}

#[test]
fn a_broken_line_refuses_itself_and_reading_goes_on() {
    let text = format!("{RECORD}\n{{\"name\":\"a\n\n{{\"name\":01}}\n{{\"name\":\"b\"}} x\n{}\n{RECORD}\n", "[".repeat(500));
    let rows = told(&text).unwrap();
    let broken = |line: u64| format!("{line}: |||| ! json_syntax");
    assert_eq!(rows, [format!("1: {ROW}"), broken(2), broken(4), broken(5), broken(6), format!("7: {ROW}")]);
}

#[test]
fn a_broken_line_says_where() {
    let folder = Folder::new();
    let path = folder.write("a.json", format!("{RECORD}\n{RECORD}\n{{\"name\":\"王\",}}\n"));
    let rows = rows_of(&path, &nested("")).unwrap();
    assert_eq!(rows[2].fault.as_ref().unwrap().reason, "该行不是正确的JSON：第13个字符处，此处应为带引号的名称");
}

#[test]
fn the_first_line_may_be_the_broken_one() {
    assert_eq!(told(&format!("{{\"name\":\"a\"\n{RECORD}\n{RECORD}\n")).unwrap()[1], format!("2: {ROW}"));
}

#[test]
fn a_file_that_was_cut_off_is_refused_whole_with_the_place() {
    let half = &RECORD[..40];
    let error = told(&format!("{RECORD}\n{RECORD}\n{half}")).unwrap_err();
    let told_at = "file `FILE` is damaged at line 3 column ";
    assert!(error.starts_with(told_at) && error.ends_with("as if it were cut off; hint: export or copy it again"), "{error}");
    assert!(told(&format!("[{RECORD},\n\n{half}")).unwrap_err().starts_with(told_at));
    let error = told(&format!("[{RECORD},\n{{\"name\":tru}}]")).unwrap_err();
    assert_eq!(error, "file `FILE` is damaged at line 2 column 9: a value is expected here; hint: export or copy it again");
    let late = format!("[{}{RECORD}", format!("{RECORD},\n").repeat(10_000));
    assert!(told(&late).unwrap_err().starts_with("file `FILE` is damaged at line 10001 column "), "what is wrong far behind the head");
    assert!(told(&format!("[{RECORD}]\n[]")).unwrap_err().contains("something follows after the end"));
}

#[test]
fn depth_is_refused_without_a_stack_overflow() {
    let error = told(&format!("[{}", "[".repeat(100_000))).unwrap_err();
    assert!(error.contains("exceeds a limit at line 1 column 129: it is nested deeper than 128"), "{error}");
}

#[test]
fn a_document_that_leads_to_its_records_twice_is_refused() {
    let text = format!("{{\"data\":[{RECORD}],\"data\":[{RECORD}]}}");
    assert!(told(&text).unwrap_err().contains("the member that leads to the records stands twice"));
}

#[test]
fn of_two_lists_of_records_the_stated_one_is_read_and_without_that_none() {
    let folder = Folder::new();
    let path = folder.write("a.json", format!("{{\"added\":[{RECORD}],\"removed\":[{RECORD},{RECORD}]}}"));
    let error = told_nested(&path).unwrap_err();
    assert!(error.contains("records of `jy_nested` are at `added` and at `removed`, and only one of these is read; hint: "), "{error}");
    let departments = nested("rows = \"removed\"");
    let rows: Vec<String> = rows_of(&path, &departments).unwrap().iter().map(|row| shown(row).replace(BETWEEN, "+")).collect();
    assert_eq!(rows, ["1: |||| ! record_place".to_owned(), format!("2: {ROW}"), format!("3: {ROW}")]);
    let evidence = open(&path, &departments, &Hint::default()).unwrap().understood.codes();
    assert!(evidence.contains("place=removed") && evidence.contains("beside-not-read names=added/"), "{evidence}");
}

#[test]
fn records_beside_those_that_are_read_are_noticed_however_late_they_begin() {
    let far = format!("{RECORD},\n").repeat(10_000);
    for late in [format!("\"removed\":[{RECORD}]"), format!("\"more\":{{\"page\":[[{{\"records\":{RECORD}}}]]}}")] {
        let text = format!("{{\"code\":0,\"added\":[{far}{RECORD}],{late}}}");
        let error = told(&text).unwrap_err();
        assert!(
            error.contains("records begin at line 10001 column ") && error.contains("too, beside the place whose records are read; hint: "),
            "{error}"
        );
        let folder = Folder::new();
        let rows = rows_of(&folder.write("a.json", &text), &nested("rows = \"added\"")).unwrap();
        assert_eq!((rows.len(), rows.iter().filter(|row| row.fault.is_some()).count()), (10_001 + 1, 1));
        assert!(
            shown(rows.last().unwrap()).ends_with(" ! record_place"),
            "where a place is stated, what stands elsewhere is a row that is refused"
        );
    }
    let other = format!(
        "{{\"added\":[{far}{RECORD}],\"asked\":{{\"name\":\"a\",\"page\":{{\"area\":1}}}},\"list\":[{{\"name\":1}},{{\"area\":2}}]}}"
    );
    assert_eq!(told(&other).unwrap().len(), 10_001, "what is no record is none");
}

#[test]
fn records_are_known_by_the_names_of_all_of_them() {
    let evidence = |text: &str| {
        let folder = Folder::new();
        let path = folder.write("a.json", text);
        let opened = open(&path, &nested(""), &Hint::default()).map(|opened| opened.understood.codes());
        opened.map_err(|error| error.to_string())
    };
    let half = evidence("{\"@no\":1,\"name\":\"a\"}\n{\"area\":\"b\",\"guardian\":null}\n").unwrap();
    assert!(half.contains("members-not-met names=`guardian/name`, `guardian/phone`"), "{half}");
    assert!(evidence("[{\"name\":\"a\",\"@no\":1}]").unwrap_err().contains("its records come nearest to `jy_nested`: 2 of its 5 columns"));
    let unknown = evidence("[{\"name\":\"a\",\"@no\":1,\"area\":1,\"Area2\":1}]").unwrap_err();
    assert!(unknown.contains("unknown are `Area2`") && !unknown.contains("`a`"), "{unknown}");
}

#[test]
fn an_unknown_member_that_comes_late_refuses_its_row() {
    let folder = Folder::new();
    let late = "{\"name\":\"a\",\"nickname\":\"b\"}\n";
    let path = folder.write("a.json", format!("{}{late}", format!("{RECORD}\n").repeat(8000)));
    let rows = rows_of(&path, &nested("")).unwrap();
    assert_eq!((rows.len(), rows[7999].fault.is_some()), (8001, false));
    assert_eq!(rows[8000].fault.as_ref().unwrap().reason, "含有未约定的项「nickname」，请核对接口字段，或请管理员登记后再导入");
}

#[test]
fn a_first_line_that_is_longer_than_what_is_looked_at_is_one_of_several_all_the_same() {
    let long = format!("{{\"@no\":1,\"name\":\"a\",\"area\":\"{}\"}}", "x".repeat((1 << 20) - 100));
    let longer = format!("{{\"@no\":1,\"name\":\"a\",\"area\":[{}]}}", "\"x\",".repeat(250_000) + "\"y\"");
    for first in [long, longer] {
        let rows = told(&format!("\n{first}\n\n{RECORD}\n")).unwrap();
        assert_eq!((rows.len(), &rows[1]), (2, &format!("4: {ROW}")));
        assert_eq!(told(&format!("{first}\n")).unwrap().len(), 1, "a document of one record");
    }
    let document = format!("{{\"list\":[{}{RECORD}]}}\n", format!("{RECORD},").repeat(8000));
    assert_eq!(told(&document).unwrap().len(), 8001, "a document on one line");
}

#[test]
fn a_member_that_is_called_like_a_person_is_told_by_its_place() {
    let folder = Folder::new();
    let path = folder.write("a.json", format!("{}{{\"name\":\"a\",\"990101198503070017\":1}}\n", format!("{RECORD}\n").repeat(8000)));
    let rows = rows_of(&path, &nested("")).unwrap();
    assert_eq!(rows[8000].fault.as_ref().unwrap().reason, "含有未约定的项「$.*[2]」，请核对接口字段，或请管理员登记后再导入");
}

#[test]
fn a_value_that_stands_once_for_a_group_is_repeated_in_every_format() {
    let folder = Folder::new();
    let departments = nested("fill_down = [\"area\"]");
    let records = "{\"@no\":1,\"name\":\"a\",\"area\":\"东街\"}\n{\"@no\":2,\"name\":\"b\"}\n";
    let rows = rows_of(&folder.write("a.json", records), &departments).unwrap();
    assert_eq!(rows.iter().map(|row| row.cells[4].as_str()).collect::<Vec<_>>(), ["东街"; 2]);
}

/// The events of a text in one letter each, or how it fails.
fn events(text: &[u8]) -> Result<String, String> {
    let mut pull = Pull::new(Window::new(text, UTF_8));
    let mut told = String::new();
    loop {
        match pull.next() {
            Ok(Some(event)) => told.push_str(&format!("{event:?} ")),
            Ok(None) => return Ok(told),
            Err(trouble) => return Err(format!("{trouble:?}")),
        }
    }
}

#[test]
fn the_grammar_is_that_of_the_standard_and_no_more() {
    for good in ["1", " \"a\" ", "[]", "{}", "[1,-0,1.5e+9,0.1E1]", "{\"\":[{}],\"a\":null}", "\"\\u00e9\\ud834\\udd1e\"", "true"] {
        assert!(events(good.as_bytes()).is_ok(), "{good}");
    }
    for bad in [
        "",
        " ",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1,}",
        "[1 2]",
        "[1]]",
        "[}",
        "{]",
        "1 1",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "NaN",
        "nul",
        "True",
        "'a'",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u{1}\"",
        "[\u{a0}1]",
        "[1]/**/",
        "\"a",
        "[\"a",
        "{\"a\":\"",
        "\u{c}[]",
    ] {
        assert!(events(bad.as_bytes()).is_err(), "{bad}");
    }
}

proptest! {
    /// The library is the judge of what is JSON.
    #[test]
    fn any_text_is_judged_as_the_library_judges_it(text in r#"[\[\]{}:,"\\u019.eE+\-truefalsn /a]{0,12}"#) {
        let (ours, theirs) = (events(text.as_bytes()), serde_json::from_str::<serde::de::IgnoredAny>(&text));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}", ours);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        drop(events(&bytes));
    }
}
