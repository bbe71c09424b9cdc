//! What stands in a nested text beside its records and is not read: headers, counts, an answer's code. It is looked at all the same for
//! records of the same kind, wherever they begin, since nobody would miss them. Where the records are was settled before; how they are
//! written (JSON, XML) is not known here.

use super::{
    Row,
    flat::{Flat, ROOT},
    window::Trouble,
};

/// The objects beside the records that are open, each with those of the extract's names that it has; none once it was told of.
#[derive(Debug, Default)]
pub(super) struct Beside {
    open: Vec<Option<Vec<usize>>>,
}

impl Beside {
    /// An object begins.
    pub(super) fn begin(&mut self) {
        self.open.push(Some(Vec::new()));
    }

    /// The innermost object ends.
    pub(super) fn end(&mut self) {
        self.open.pop();
    }

    /// A member of the innermost object is called so. Whether that makes the object a record: it then has so many of the names that a record
    /// has. Of one object that is said once.
    pub(super) fn is_record(&mut self, flat: &mut Flat, name: &str, needed: usize) -> bool {
        let (Some(Some(met)), Some(child)) = (self.open.last_mut(), flat.child(ROOT, name)) else { return false };
        if !met.contains(&child) {
            met.push(child);
        }
        let is_record = met.len() >= needed;
        if is_record {
            self.open.pop();
            self.open.push(None);
        }
        is_record
    }
}

/// How many of its names make a record where nothing else does.
pub(super) fn half(flat: &Flat) -> usize {
    flat.width().div_ceil(2).max(2)
}

/// What becomes of a record that stands elsewhere. Where the department states which place is read, it is a row and refused; else nobody
/// can say which of the two places is meant.
///
/// # Errors
/// [`Trouble::Beside`].
pub(super) fn refuse(row: &mut Row, is_stated: bool) -> Result<(), Trouble> {
    if !is_stated {
        return Err(Trouble::Beside);
    }
    row.refuse("record_place", || "该记录不在约定的位置，未读入，请放到约定的位置，或单独成文件再导入".to_owned());
    Ok(())
}
