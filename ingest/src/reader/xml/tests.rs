//! What XML becomes: elements and attributes laid flat, and what refuses a row or a file.

use super::super::{
    sample::{Folder, nested, rows_of, shown, told_nested},
    window::Window,
};
use super::*;
use crate::{Hint, decode::encode, open};
use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use proptest::prelude::*;

const RECORD: &str = "<r no=\"1\"><name>王小明</name><guardian>\n <name>李建国</name><phone>12012340001</phone></guardian>\
    <guardian><name><![CDATA[㛃]]>&#x2CB4E;</name></guardian><guardian/><area> a </area><area/></r>";
const ROW: &str = "1|王小明|李建国+㛃𬭎+|12012340001++| a +";

fn told(text: &str) -> Result<Vec<String>, String> {
    let folder = Folder::new();
    told_nested(&folder.write("a.xml", text))
}

/// The row of a record that comes after all that a file is known by.
fn row(record: &str) -> String {
    let far = " ".repeat(1 << 20);
    told(&format!("<d>{RECORD}{far}<r>{record}</r></d>")).unwrap().pop().unwrap().split_off(3)
}

#[test]
fn records_are_found_wherever_they_repeat() {
    for text in [
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x -->\n<d>\n {RECORD}\n {RECORD}\n</d>\n"),
        format!("<d day='1'><page>{RECORD}</page><page>{RECORD}</page><total>2</total></d>"),
    ] {
        assert_eq!(told(&text).unwrap(), [format!("1: {ROW}"), format!("2: {ROW}")], "{text}");
    }
    let prefixed = "<x:d xmlns:x='urn:x'><x:r x:no='1'><x:name>a</x:name><area>b</area></x:r></x:d>";
    assert_eq!(told(prefixed).unwrap(), ["1: 1|a|||b"]);
    assert_eq!(told(RECORD).unwrap(), [format!("1: {ROW}")], "one record, which is the whole document");
}

#[test]
fn a_record_is_the_same_in_every_encoding() {
    let folder = Folder::new();
    for (encoding, names) in
        [(GB18030, ["GBK", "gb18030"]), (UTF_8, ["utf-8", "UTF-8"]), (UTF_16LE, ["UTF-16", "utf-16le"]), (UTF_16BE, ["UTF-16", "UTF-16BE"])]
    {
        for name in names {
            let path = folder.write("a.xml", encode(&format!("<?xml version='1.0' encoding='{name}'?><d>{RECORD}</d>"), encoding));
            assert_eq!(told_nested(&path).unwrap(), [format!("1: {ROW}")], "{name}");
        }
    }
}

#[test]
fn what_does_not_fit_refuses_its_row() {
    for (record, rule) in [
        ("<name>a</name><nick/>", "member_unknown"),
        ("<name id='1'>a</name>", "member_unknown"),
        ("<name>a</name><name>b</name>", "member_repeated"),
        ("<guardian>a</guardian>", "member_group"),
        ("<guardian>a<name>b</name></guardian>", "member_group"),
        ("text", "member_group"),
        ("<guardian><name>a</name></guardian><guardian><name>b</name><name>c</name></guardian>", "list_in_list"),
        ("<guardian><name>a</name><name>b</name></guardian><guardian/>", "list_in_list"),
        ("<name>a\u{fffd}</name>", "undecodable"),
        ("<name>a&#127;</name>", "control_character"),
    ] {
        assert!(row(record).ends_with(&format!(" ! {rule}")), "{record}: {}", row(record));
    }
}

#[test]
fn what_schemas_say_in_a_document_is_none_of_its_values() {
    let record = "<name xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true' xml:space='preserve'/><area>1</area>";
    assert_eq!(row(record), "||||1");
    assert_eq!(row(" <name>a&amp;b\r\nc</name> <?x y?><!-- z --> "), "|a&b\nc|||");
}

#[test]
fn a_record_under_another_name_does_not_go_unmentioned() {
    let text = format!("<d><head><time>1</time></head>{RECORD}<R><name>a</name><area>1</area></R>{RECORD}</d>");
    assert_eq!(told(&text).unwrap(), [format!("1: {ROW}"), "2: |||| ! record_name".to_owned(), format!("3: {ROW}")]);
}

#[test]
fn records_beside_those_that_are_read_are_noticed_however_late_they_begin() {
    let far = RECORD.repeat(8000);
    for late in [format!("<more><page>{RECORD}</page></more>"), "<p><q><R no='1'><name>a</name></R></q></p>".to_owned()] {
        let text = format!("<d><head><time>1</time></head>{far}\n{late}</d>");
        let error = told(&text).unwrap_err();
        assert!(
            error.contains("records begin at line 8002 column ") && error.contains("too, beside the place whose records are read; hint: "),
            "{error}"
        );
        let folder = Folder::new();
        let rows = rows_of(&folder.write("a.xml", &text), &nested("rows = \"d/r\"")).unwrap();
        assert_eq!((rows.len(), rows.iter().filter(|row| row.fault.is_some()).count()), (8000 + 1, 1));
        assert!(
            shown(rows.last().unwrap()).ends_with(" ! record_place"),
            "where a place is stated, what stands elsewhere is a row that is refused"
        );
    }
    let other = format!("<d>{far}<end><by><name>a</name><on>1</on></by><by><area>1</area></by></end></d>");
    assert_eq!(told(&other).unwrap().len(), 8000, "what is no record is none");
}

#[test]
fn what_is_not_well_formed_refuses_the_file_with_its_place() {
    for (text, place) in [
        ("<d><a></d>", "line 1 column 7: this end tag does not close"),
        ("<d>\n<a", "line 2 column 1: it ends in the midst"),
        ("<d><a>x", "line 1 column 8: it ends in the midst"),
        ("<d/><d/>", "line 1 column 5: a second element"),
        ("<d/>x", "line 1 column 5: text stands outside"),
        ("<d a='1' a='2'/>", "line 1 column 10: an attribute stands twice"),
        ("<d xmlns:a='u' xmlns:b='u' a:x='' b:x=''/>", "line 1 column 1: an attribute stands twice"),
        ("<a:d/>", "a prefix stands for no namespace"),
        ("<d>\u{1}</d>", "line 1 column 4: a character stands here"),
        ("<d>&lol;</d>", "line 1 column 4: an entity is named that nothing declares"),
        ("<d>&#0;</d>", "a character is named by a number"),
        ("<d><!-- a -- b --></d>", "two hyphens stand inside a comment"),
        ("<d>]]></d>", "`]]>` stands in a text"),
        (" <?xml version='1.0'?><d/>", "line 1 column 2: an XML declaration stands anywhere but"),
        ("<?xml encoding='utf-8'?><d/>", "the XML declaration is not as XML writes it"),
        ("<!-- -->", "there is no element"),
    ] {
        let error = told(text).unwrap_err();
        assert!(error.contains("FILE` is damaged at ") && error.contains(place), "{text}: {error}");
    }
    let late = format!("<d>{}<r>", RECORD.repeat(10_000));
    assert!(told(&late).unwrap_err().contains("it ends in the midst"), "what is wrong far behind the head");
}

#[test]
fn a_document_type_of_any_kind_is_refused_in_a_sentence() {
    for text in ["<!DOCTYPE d><d/>", "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>", "<!DOCTYPE d SYSTEM 'file:///x'><d/>"]
    {
        let error = told(text).unwrap_err();
        assert!(error.starts_with("file `FILE` is XML with a document type (DOCTYPE), which is never read"), "{error}");
    }
}

#[test]
fn depth_is_limited() {
    let error = told(&"<a>".repeat(100)).unwrap_err();
    assert!(error.contains("exceeds a limit at line 1 column 193: its elements are nested deeper than 64"), "{error}");
}

#[test]
fn the_place_that_the_department_states_is_preferred_and_another_one_is_told() {
    let folder = Folder::new();
    let path = folder.write("a.xml", format!("<d>{RECORD}</d>"));
    let departments = nested("rows = \"data/record\"");
    let evidence = open(&path, &departments, &Hint::default()).unwrap().understood.codes();
    assert!(evidence.contains("place=d/r") && evidence.contains("records-expected-at place=data/record"), "{evidence}");
    assert_eq!(rows_of(&path, &departments).unwrap().len(), 1);
}

/// Whether a text is well formed.
fn holds(bytes: &[u8]) -> bool {
    let mut pull = Pull::new(Window::new(bytes, UTF_8));
    loop {
        match pull.next() {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[<>/a!?&;#x\"'= \\[\\]\\-:CDAT王\u{0}]{0,40}") {
        prop_assert!(!holds(text.as_bytes()) || text.starts_with('<'));
        holds(format!("<a>{text}</a>").as_bytes());
    }

    #[test]
    fn text_of_any_kind_survives_between_tags(text in "([a-z<>&\"'\\]]|[㛃𬭎王]){0,20}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let document = format!("<a b=\"{escaped}\">{escaped}</a>");
        let mut pull = Pull::new(Window::new(document.as_bytes(), UTF_8));
        prop_assert_eq!(pull.next().unwrap(), Some(Event::Start));
        prop_assert_eq!(pull.attributes().next(), Some(("b", text.as_str())));
        if !text.is_empty() {
            prop_assert_eq!(pull.next().unwrap(), Some(Event::Text));
            prop_assert_eq!(pull.text(), text);
        }
    }
}
