//! Where in a department file something stands, and how that is shown to its author: the line, and a caret under the place.

use crate::Error;
use std::ops::Range;
use wuwei_schema::SourceFile;

/// The error for what stands at `span` of the file.
pub(super) fn error(file: &SourceFile, span: &Range<usize>, what: String, hint: String) -> Error {
    let start = span.start.min(file.text.len());
    let before = file.text.get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    let rest = file.text.get(line_start..).unwrap_or_default();
    let text = rest.lines().next().unwrap_or_default();
    let marked = text.get(start - line_start..).map_or("", |tail| tail.get(..span.len().min(tail.len())).unwrap_or(tail));
    let margin = " ".repeat(line.to_string().len());
    let caret = format!("{margin} |\n{line} | {text}\n{margin} | {}{}", repeat(' ', before.get(line_start..)), repeat('^', Some(marked)));
    Error::Department { file: file.name.clone(), line, what, hint, caret }
}

/// The sign once for each column that the text takes up in a terminal, so that carets stand under Chinese headings too.
fn repeat(sign: char, text: Option<&str>) -> String {
    let columns: usize = text.unwrap_or_default().chars().map(|character| if u32::from(character) >= 0x2e80 { 2 } else { 1 }).sum();
    sign.to_string().repeat(if sign == '^' { columns.max(1) } else { columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place_also_after_chinese() {
        let file = SourceFile { name: "xx.toml".to_owned(), text: "a = 1\nname = [\"姓名\", \"年龄\"]\n".to_owned() };
        let start = file.text.find("\"年龄\"").unwrap();
        let Error::Department { line, caret, .. } = error(&file, &(start..start + 8), "w".to_owned(), "h".to_owned()) else { panic!() };
        assert_eq!(line, 2);
        assert_eq!(caret, "  |\n2 | name = [\"姓名\", \"年龄\"]\n  |                 ^^^^^^");
    }
}
