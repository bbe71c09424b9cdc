//! By what a row is known again: a hash of its key, and one of what else is kept of it. The same cells give the same numbers in every version
//! of this program.

use super::DELETED;
use crate::{
    Extract,
    block::{Block, Cells},
};
use arrow_array::StringArray;
use twox_hash::XxHash3_64;
use wuwei_schema::kind::tidy;

/// Hashes the rows of an extract.
#[derive(Debug)]
pub(crate) struct RowHash {
    /// Places of the key's columns; none where the whole row is the key.
    key: Vec<usize>,
    /// Places of the columns that are kept.
    kept: Vec<usize>,
    /// Places of those that are not the key's.
    rest: Vec<usize>,
    buffer: Vec<u8>,
}

impl RowHash {
    pub(crate) fn new(extract: &Extract) -> RowHash {
        let place = |name: &String| extract.columns.iter().position(|column| column == name);
        let kept: Vec<usize> = extract.kept().map(|(place, _)| place).collect();
        let key: Vec<usize> = extract.key.iter().filter_map(place).collect();
        let rest = kept.iter().copied().filter(|place| !key.contains(place)).collect();
        RowHash { key, kept, rest, buffer: Vec::new() }
    }

    /// Whether something stands in the columns of its key. A row whose key is blank has none: strangers without a number would otherwise
    /// replace each other.
    pub(crate) fn has_key(&self, cells: Cells<'_>) -> bool {
        Self::is_any(&self.key, cells)
    }

    fn is_any(places: &[usize], cells: Cells<'_>) -> bool {
        places.iter().any(|place| !cells.get(*place).trim().is_empty())
    }

    /// The same of every row of a block. Where all is as it is typed, as nearly everywhere, cells are put together from their columns.
    pub(crate) fn all(&mut self, block: &mut Block) {
        let Block { columns, rows } = block;
        for (at, row) in rows.iter_mut().enumerate() {
            row.known = match self.usual(columns, at) {
                Some(known) => known,
                None => self.of(Cells::Beside(columns, at)),
            };
        }
    }

    /// The hashes of a row whose cells have no white space at their ends and whose key, of which something is there, needs no folding.
    fn usual(&mut self, columns: &[StringArray], row: usize) -> Option<(i64, i64)> {
        let buffer = &mut self.buffer;
        let rest = together(buffer, columns, &self.rest, row).then(|| hashed(buffer, 1))?;
        let is_usual = together(buffer, columns, &self.key, row) && buffer.len() > self.key.len();
        let is_folded = buffer.iter().fold(true, |all, byte| all & (byte.is_ascii_digit() | byte.is_ascii_uppercase() | (*byte == END)));
        (is_usual && is_folded).then(|| (hashed(buffer, 2), if rest == DELETED { 1 } else { rest }))
    }

    /// Of the key and of what else is kept. A row without a key is its own. The second leaves out a key that is typed as numbers are, so
    /// that a row is known by it whose number has become wrong; one typed otherwise is part of what is kept.
    pub(crate) fn of(&mut self, cells: Cells<'_>) -> (i64, i64) {
        let buffer = &mut self.buffer;
        let rest = Self::over(buffer, &self.rest, cells, 1, push);
        let has_key = Self::is_any(&self.key, cells);
        let key_as_typed = Self::over(buffer, if has_key { &self.key } else { &self.kept }, cells, 2, push);
        let is_folded = |place: &usize| is_folded(cells.get(*place));
        let key = match has_key && !self.key.iter().all(is_folded) {
            true => Self::over(buffer, &self.key, cells, 2, push_folded),
            false => key_as_typed,
        };
        let hash = if key == key_as_typed { rest } else { rest.wrapping_add(key_as_typed) };
        // One number is taken; that a row has it by chance is as likely as that two rows have the same.
        (key, if hash == DELETED { 1 } else { hash })
    }

    fn over(buffer: &mut Vec<u8>, places: &[usize], cells: Cells<'_>, seed: u64, push: fn(&mut Vec<u8>, &str)) -> i64 {
        buffer.clear();
        for place in places {
            push(buffer, cells.get(*place));
            buffer.push(END);
        }
        hashed(buffer, seed)
    }
}

/// What stands behind each cell.
const END: u8 = 0x1e;

fn hashed(buffer: &[u8], seed: u64) -> i64 {
    XxHash3_64::oneshot_with_seed(seed, buffer).cast_signed()
}

/// Bytes that are copied at once, whether they are all of the cell or not: most cells are shorter, and what is too much is taken off.
const PIECE: usize = 32;

/// Puts the cells of a row together; false where one of them is not to be taken as it stands.
fn together(buffer: &mut Vec<u8>, columns: &[StringArray], places: &[usize], row: usize) -> bool {
    buffer.clear();
    for place in places {
        let Some(column) = columns.get(*place) else { return false };
        let (bytes, ends) = (column.value_data(), column.value_offsets());
        let [start, end] = [row, row + 1].map(|at| ends.get(at).and_then(|end| usize::try_from(*end).ok()).unwrap_or_default());
        let Some(cell) = bytes.get(start..end).filter(|cell| is_bare(cell)) else { return false };
        match bytes.get(start..start + PIECE).filter(|_| cell.len() <= PIECE) {
            Some(piece) => {
                buffer.extend_from_slice(piece);
                buffer.truncate(buffer.len() - PIECE + cell.len());
            }
            None => buffer.extend_from_slice(cell),
        }
        buffer.push(END);
    }
    true
}

/// Whether a cell is empty or has no white space at its ends, which is seen on bytes: E4 to E9 begin hanzi, of three bytes each.
fn is_bare(cell: &[u8]) -> bool {
    let is_ink = |byte: u8| matches!(byte, 0x21..=0x7e);
    let is_han = |byte: u8| matches!(byte, 0xe4..=0xe9);
    match cell {
        [] => true,
        [first, ..] if !is_ink(*first) && !is_han(*first) => false,
        [.., last] if is_ink(*last) => true,
        [.., lead, _, _] => is_han(*lead),
        _ => false,
    }
}

fn push(buffer: &mut Vec<u8>, cell: &str) {
    buffer.extend_from_slice(trimmed(cell).as_bytes());
}

/// Without white space at its ends. Most cells have none.
fn trimmed(cell: &str) -> &str {
    if is_bare(cell.as_bytes()) { cell } else { cell.trim() }
}

/// Whether folding a cell changes nothing: nearly every number is digits and capitals.
fn is_folded(cell: &str) -> bool {
    cell.bytes().fold(true, |all, byte| all & (byte.is_ascii_digit() | byte.is_ascii_uppercase()))
}

/// A number is the same number in full width, with a small x, or with a space behind it.
fn push_folded(buffer: &mut Vec<u8>, cell: &str) {
    let mut bytes = [0; 4];
    for character in tidy(cell).chars() {
        buffer.extend_from_slice(character.to_ascii_uppercase().encode_utf8(&mut bytes).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static DEPARTMENTS: LazyLock<crate::Departments> = LazyLock::new(|| {
        let model = wuwei_schema::Model::embedded().unwrap();
        crate::Departments::embedded(&model).unwrap()
    });

    /// The hashes of cases of `cg_aj`, known by their number: of key and of row.
    fn hashes(rows: &[(&str, &str)]) -> Vec<(i64, i64)> {
        let extract = DEPARTMENTS.extract("cg_aj").unwrap();
        let mut hash = RowHash::new(extract);
        let row = |(number, kind): &(&str, &str)| {
            let text = |column: &String| match column.as_str() {
                "案件编号" => (*number).to_owned(),
                "案件大类" => (*kind).to_owned(),
                _ => String::new(),
            };
            hash.of(Cells::Alone(&extract.columns.iter().map(text).collect::<Vec<_>>()))
        };
        rows.iter().map(row).collect()
    }

    proptest! {
        #[test]
        fn what_is_seen_on_bytes_is_what_characters_say(cell in "[ \u{3000}\u{a0}aZ9王\u{e4}é]{0,5}") {
            prop_assert_eq!(trimmed(&cell), cell.trim());
            let mut folded = Vec::new();
            push_folded(&mut folded, &cell);
            prop_assert!(!is_folded(&cell) || folded == cell.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn rows_of_a_block_are_hashed_as_each_by_itself(rows in prop::collection::vec(prop::collection::vec("[0-9A-Zx]{0,9}|[ 王a９]{0,3}|王{0,40}", 30), 0..9)) {
            for name in ["cg_aj", "ga_hjrk"] {
                let extract = DEPARTMENTS.extract(name).unwrap();
                let mut block = Block::beside(&rows, extract.columns.len());
                let mut hash = RowHash::new(extract);
                hash.all(&mut block);
                for (row, cells) in block.rows.iter().zip(&rows) {
                    prop_assert_eq!(row.known, hash.of(Cells::Alone(&cells[..extract.columns.len().min(30)])));
                }
            }
        }
    }

    #[test]
    fn rows_with_a_blank_key_are_strangers() {
        let found = hashes(&[("1", "街面秩序"), ("1", "市容环境"), (" ", "街面秩序"), ("", "市容环境"), ("", "街面秩序")]);
        assert_eq!(found[0].0, found[1].0, "one case, told anew");
        assert_ne!(found[2].0, found[3].0, "two cases without a number");
        assert_eq!(found[2].0, found[4].0, "the same row is not kept twice");
    }

    #[test]
    fn a_number_is_the_same_key_however_it_is_typed() {
        let found =
            hashes(&[("99010A7x", "街面秩序"), ("９９０１０Ａ７Ｘ", "街面秩序"), ("'99010a7X ", "街面秩序"), ("99010A7X1", "街面秩序")]);
        assert_eq!([found[1].0, found[2].0], [found[0].0; 2]);
        assert_ne!(found[3].0, found[0].0);
        assert_ne!(found[1].1, found[0].1, "what is kept of it differs");
    }
}
