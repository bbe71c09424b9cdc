//! Whether a row is the headings once more, as at the head of each page of a print. One comparison for every format, by names only; what
//! becomes of such a row is said where rows are walked.

use super::headings::fold;

/// The names of columns, made ready to be compared with many rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Of each column, the texts that may stand for its name, each with its first letter or digit; none where it has none.
    columns: Vec<Vec<(Option<char>, String)>>,
    named: usize,
    /// Some names consist of parts, which stand in rows of their own.
    has_parts: bool,
}

/// How a row compares with the headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It is no heading.
    No,
    /// All that stands in it is the name of its column.
    Whole,
    /// Most of it is, and something else is not: the headings of another table.
    Partly,
}

impl Names {
    /// Of headings in the order of the cells; `申请人/姓名` may be said in two rows.
    pub(crate) fn of(headings: impl Iterator<Item = impl AsRef<str>>) -> Names {
        let columns: Vec<Vec<_>> = headings.map(|heading| texts(heading.as_ref())).collect();
        let named = columns.iter().filter(|texts| !texts.is_empty()).count();
        let has_parts = columns.iter().any(|texts| texts.len() > 1);
        Names { columns, named, has_parts }
    }

    /// How that row compares. Nearly every row is told from the headings by its first cell.
    pub(crate) fn again(&self, cells: impl Iterator<Item = impl AsRef<str>>) -> Again {
        let (mut same, mut others) = (0, 0);
        for (at, cell) in cells.enumerate() {
            let cell = cell.as_ref().trim();
            if cell.is_empty() {
                continue;
            }
            if self.columns.get(at).is_some_and(|texts| is_any(texts, cell)) {
                same += 1;
            } else if same == 0 {
                return Again::No;
            } else {
                others += 1;
            }
        }
        let is_most = same * 2 > self.named;
        match others {
            0 if is_most || self.has_parts && same > 1 => Again::Whole,
            1.. if is_most && same > 1 => Again::Partly,
            _ => Again::No,
        }
    }
}

/// The whole name, and its parts.
fn texts(heading: &str) -> Vec<(Option<char>, String)> {
    let whole = fold(heading);
    let parts = whole.split('/').map(str::to_owned).filter(|part| *part != whole && !part.is_empty());
    let all: Vec<_> = parts.chain([whole.clone()]).map(|text| (first(&text), text)).collect();
    if whole.is_empty() { Vec::new() } else { all }
}

fn is_any(texts: &[(Option<char>, String)], cell: &str) -> bool {
    // What is written in full width begins otherwise until it is folded.
    let upper = |first: char| if first < '\u{ff00}' { first.to_uppercase().next() } else { None };
    let first = first(cell).and_then(upper);
    let may_be = |of_text: Option<char>| first.is_none() || of_text.is_none() || first == of_text;
    texts.iter().any(|(first, _)| may_be(*first)) && {
        let cell = fold(cell);
        texts.iter().any(|(_, text)| *text == cell)
    }
}

fn first(text: &str) -> Option<char> {
    text.chars().find(|character| character.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(headings: &str, row: &str) -> Again {
        Names::of(headings.split(',')).again(row.split(','))
    }

    #[test]
    fn headings_are_known_again_however_they_are_written() {
        for row in ["姓名,证件号码(ID),住址", "\u{feff}姓 名,证件号码（ｉｄ）,住　址", " 姓名,证件\n号码(Id),", "姓名,,住址,"]
        {
            assert_eq!(again("姓名,证件号码(ID),住址", row), Again::Whole, "{row:?}");
        }
        assert_eq!(again("序号,申请人/姓名,申请人/电话,住址", ",申请人,,"), Again::No);
        assert_eq!(again("序号,申请人/姓名,申请人/电话,住址", ",姓名,电话,"), Again::Whole);
        assert_eq!(again("序号,申请人/姓名,申请人/电话,住址", "序号,申请人,,住址"), Again::Whole);
    }

    #[test]
    fn data_is_not_taken_for_headings_nor_another_table_for_this_one() {
        for row in ["王小明,990101198503070017,姓名", "姓名,,", ",,", "", "住址,姓名,证件号码"] {
            assert_eq!(again("姓名,证件号码,住址", row), Again::No, "{row:?}");
        }
        assert_eq!(again("姓名,证件号码,住址", "姓名,证件号码,电话"), Again::Partly);
        assert_eq!(again("姓名,证件号码,住址", "姓名,证件号码,住址,电话"), Again::Partly);
    }
}
