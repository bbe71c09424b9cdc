//! What a record is, and what becomes of the rows around one that went astray.

use super::*;
use encoding_rs::UTF_8;
use proptest::prelude::*;

fn records(text: &str, dialect: &Dialect, width: usize) -> Vec<Record> {
    let mut records = Records::new(text.as_bytes(), UTF_8, dialect, Path::new("a.csv"));
    records.width = Some(width).filter(|width| *width > 0);
    let (mut all, mut record) = (Vec::new(), Record::default());
    while records.next(&mut record).unwrap() {
        all.push(record.clone());
    }
    all
}

fn comma() -> Dialect {
    Dialect::of(b',')
}

fn cells_of(text: &str, dialect: &Dialect) -> Vec<Vec<String>> {
    records(text, dialect, 0).iter().map(|record| record.cells().map(str::to_owned).collect()).collect()
}

fn cells(text: &str) -> Vec<Vec<String>> {
    cells_of(text, &comma())
}

/// Rows of a table of that width: their cells, or `!` with the lines they take.
fn rows(text: &str, width: usize) -> Vec<String> {
    let shown = |record: &Record| match record.broken {
        Some(broken) => format!("{broken:?} {}+{}", record.line, record.lines),
        None if record.len() != width => format!("Width {}+{}", record.line, record.lines),
        None => record.cells().collect::<Vec<_>>().join("|"),
    };
    records(text, &comma(), width).iter().map(shown).collect()
}

#[test]
fn cells_are_what_stands_between_delimiters() {
    assert_eq!(cells("a,b\n1,\n"), [["a", "b"], ["1", ""]]);
    assert_eq!(cells("a,b\r\n1,2"), [["a", "b"], ["1", "2"]]);
    assert_eq!(cells("a,b\r1,2\r"), [["a", "b"], ["1", "2"]]);
    assert_eq!(cells("\"a,\"\"x\"\"\",\"b\nc\"\n"), [["a,\"x\"", "b\nc"]]);
    assert_eq!(cells("\"\",\n"), [["", ""]]);
    assert_eq!(cells("\"a\" ,b\n"), [["a", "b"]]);
    assert_eq!(cells(""), Vec::<Vec<String>>::new());
    assert_eq!(cells("a,37.8\"N 12.9\"W\n"), [["a", "37.8\"N 12.9\"W"]]);
}

#[test]
fn a_dialect_is_followed_to_the_letter() {
    let dialect = |delimiter: &str, quote: Option<u8>, escape: Option<u8>| Dialect { delimiter: delimiter.to_owned(), quote, escape };
    assert_eq!(cells_of("\"a|b\n", &dialect("|", None, None)), [["\"a", "b"]]);
    assert_eq!(cells_of("a||\"b||c\"||\n", &dialect("||", Some(b'"'), None)), [["a", "b||c", ""]]);
    assert_eq!(cells_of("a, \"b, c\", \n", &dialect(", ", Some(b'"'), None)), [["a", "b, c", ""]]);
    let backslash = dialect(",", Some(b'"'), Some(b'\\'));
    assert_eq!(cells_of("\"8\\'9\\\" x\\\\\",b\\,c\\\\\n", &backslash), [["8\\'9\" x\\", "b,c\\"]]);
    assert_eq!(cells_of("a\\\nb,c\nd,e\n", &backslash), [["a\nb", "c"], ["d", "e"]]);
    let apostrophe = dialect(",", Some(b'\''), Some(b'"'));
    assert_eq!(cells_of("Men's,'won't, 5\"\"','x'\n", &apostrophe), [["Men's", "won't, 5\"", "x"]]);
    assert!(records("Men's,'won't','x'\n", &apostrophe, 3)[0].broken.is_none());
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_does_it() {
    let numbers = |text: &str| records(text, &comma(), 0).iter().map(|record| (record.number, record.is_blank())).collect::<Vec<_>>();
    assert_eq!(numbers("a\n\n\"b\nc\"\n\r\nd"), [(1, false), (2, true), (3, false), (4, true), (5, false)]);
    assert_eq!(numbers("a\n\u{1a}"), [(1, false), (2, true)]);
    let lines: Vec<u64> = records("a\n\"b\nc\"\nd", &comma(), 0).iter().map(|record| record.line).collect();
    assert_eq!(lines, [1, 2, 4]);
}

#[test]
fn a_quote_where_none_may_stand_refuses_its_row() {
    assert_eq!(rows("\"老\"王,b\n\"c\",d\n老\"屏,b\n5\",b\n", 2), ["Torn 1+1", "c|d", "Torn 3+1", "Torn 4+1"]);
    assert!(records("5\"|b\n", &Dialect { quote: None, ..Dialect::of(b'|') }, 2)[0].broken.is_none());
}

#[test]
fn a_quote_too_many_takes_no_other_row_along() {
    assert_eq!(rows("1,2,3\n4,\"5,6\n7,8,9\n", 3), ["1|2|3", "Unclosed 2+1", "7|8|9"]);
    assert_eq!(rows("4,5,\"\n7,\"8\",9\n1,2,3\n", 3), ["Torn 1+1", "7|8|9", "1|2|3"]);
    // The quote of one row is closed by that of another, far below.
    assert_eq!(rows("4,\"5,6\n1,2,3\n4,5,6\n7,\"8,9\n", 3), ["Torn 1+1", "1|2|3", "4|5|6", "Unclosed 4+1"]);
    // Among few columns that may as well be one row, so the row between is refused with them; among many it is believed.
    assert_eq!(rows("4,\"5,6\n1,2,3\n7,8,9\"\n", 3), ["Torn 1+1", "Torn 2+1", "Torn 3+1"]);
    assert_eq!(rows("\"1,2,3,4,5,6\n1,2,3,4,5,6\n1,2,3,4,5,6\"\n", 6)[1], "1|2|3|4|5|6");
    assert_eq!(rows("a,\"b\n", 2), ["Unclosed 1+1"]);
}

#[test]
fn a_row_of_several_lines_stays_one_row() {
    assert_eq!(rows("1,\"2\nx\",3\n4,5,6\n", 3), ["1|2\nx|3", "4|5|6"]);
    assert_eq!(rows("1,\"2\nx\"\n4,5,6\n", 3), ["Width 1+2", "4|5|6"]);
    assert_eq!(rows("1,\"a \"b\" c\nx\",3\n4,5,6\n", 3), ["Torn 1+2", "4|5|6"]);
}

#[test]
fn where_two_readings_hold_neither_is_believed() {
    assert_eq!(rows("4,\"5,6\n7,8\",9\n1,2,3\n", 3), ["Twofold 1+1", "Twofold 2+1", "1|2|3"]);
}

#[test]
fn a_cell_that_ends_in_a_line_break_is_a_cell() {
    assert_eq!(rows("1,\"x\n\"\n3,4\n", 2), ["1|x\n", "3|4"]);
    assert_eq!(rows("1,\"x\n\"\n", 2), ["1|x\n"]);
    assert_eq!(rows("\"x\n\",1,2\n3,4,5\n", 3), ["x\n|1|2", "3|4|5"]);
    assert_eq!(rows("1,2,\"x\n\n\"\n\n3,4,\"5\"\n", 3), ["1|2|x\n\n", "Width 4+1", "3|4|5"]);
    assert_eq!(rows("1,\"x,\"\n3,4\n", 2), ["1|x,", "3|4"]);
    // The quote that closes is one that opens, and the row after it shows it.
    assert_eq!(rows("1,2,\"3\n4,5,\"\nx\",6\n7,8,9\n", 3)[..2], ["Twofold 1+1", "Twofold 2+1"]);
}

#[test]
fn the_rest_of_the_table_tells_prose_from_rows() {
    let table: String = (1..6).map(|at| format!("{at},x{at}\n")).collect();
    assert_eq!(rows(&format!("{table}6,\"so\nas said, indeed\"\n"), 2)[5], "6|so\nas said, indeed");
    assert_eq!(rows(&format!("6,\"so\nas said, indeed\"\n{table}"), 2)[0], "6|so\nas said, indeed");
    // A line that may be a row of this table may be one.
    assert_eq!(rows(&format!("{table}6,\"so\n7, indeed\"\n"), 2)[5..], ["Twofold 6+1", "Twofold 7+1"]);
    assert_eq!(rows("a,\"so\nas said, indeed\"\nb,x\n", 2)[..2], ["Twofold 1+1", "Twofold 2+1"]);
    // Line breaks that end no row here were typed into a cell.
    assert_eq!(rows("a,\"so\nas said, indeed\"\r\nb,x\r\n", 2)[0], "Twofold 1+1");
    assert_eq!(rows("b,x\r\na,\"so\nas said, indeed\"\r\n", 2)[1], "a|so\nas said, indeed");
}

#[test]
fn a_sentence_that_has_the_width_by_chance_becomes_no_row() {
    let text = "1,\"he said \"no\", and\nwent, came, saw\nand left\"\n4,5,6\n7,8,9\n1,2,3\n";
    assert_eq!(rows(text, 3), ["Torn 1+1", "Torn 2+2", "4|5|6", "7|8|9", "1|2|3"]);
}

#[test]
fn an_unclosed_quote_is_given_up_at_the_limit_of_a_cell() {
    let text = format!("1,2\n3,\"4\n{}", "5,6\n".repeat(CELL_MAX / 2));
    let all = rows(&text, 2);
    assert_eq!((all[1].as_str(), all.len()), ("Unclosed 2+1", CELL_MAX / 2 + 2));
    assert!(all[2..].iter().all(|row| row == "5|6"));
}

#[test]
fn nothing_grows_without_end() {
    let failure = |text: String| {
        let mut records = Records::new(text.as_bytes(), UTF_8, &comma(), Path::new("a.csv"));
        records.next(&mut Record::default()).unwrap_err().to_string()
    };
    assert!(failure("x".repeat(CELL_MAX + 1)).contains("a cell has more than"));
    assert!(failure(",".repeat(COLUMNS_MAX + 10)).contains("cells"));
    // A row that is torn and never ends is refused like any other, and not the file with it.
    let all = rows(&"a\"b,\"c\n".repeat(COLUMNS_MAX * 2), 2);
    assert!(all.len() > 1 && all.iter().all(|row| row.starts_with("Torn") || row.starts_with("Unclosed")));
}

proptest! {
    #[test]
    fn what_a_csv_writer_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec("[a\",;\r\n 王㛃]{0,6}", 2..5), 1..6)) {
        for style in [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always] {
            let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(style).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(&cells(&text), &rows);
            prop_assert!(records(&text, &comma(), 0).iter().all(|record| record.broken.is_none()));
        }
    }
}
