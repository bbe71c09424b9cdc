//! Rows with the hashes by which they are known again, counted where the rows are read and not where they are mapped, which takes longer.
//! What a hash is of is told in `held`.

use super::{Reader, Row};
use crate::{Error, Extract, held::RowHash};

/// The rows of another reader, hashed.
pub(super) struct Hashed {
    reader: Box<dyn Reader>,
    hash: RowHash,
}

impl Hashed {
    pub(super) fn new(reader: Box<dyn Reader>, extract: &Extract) -> Hashed {
        Hashed { reader, hash: RowHash::new(extract) }
    }
}

impl Reader for Hashed {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let is_row = self.reader.next(row)?;
        if is_row {
            row.known = self.hash.of(&row.cells);
        }
        Ok(is_row)
    }
}
