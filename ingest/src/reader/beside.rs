//! What stands in a nested text beside its records and is not read: headers, counts, an answer's code. It is looked at all the same for
//! records of the same kind, wherever they begin, since nobody would miss them. Where the records are was settled before; how they are
//! written (JSON, XML) is not known here.

use super::{
    flat::{Flat, ROOT},
    window::Trouble,
};

/// The objects beside the records that are open, each with those of the extract's names that it has.
#[derive(Debug, Default)]
pub(super) struct Beside {
    open: Vec<Vec<usize>>,
}

impl Beside {
    /// An object begins.
    pub(super) fn begin(&mut self) {
        self.open.push(Vec::new());
    }

    /// The innermost object ends.
    pub(super) fn end(&mut self) {
        self.open.pop();
    }

    /// A member of the innermost object is called so.
    ///
    /// # Errors
    /// [`Trouble::Beside`] when the object has half of what a record has, as far as a record has more than one: then it is one.
    pub(super) fn name(&mut self, flat: &mut Flat, name: &str) -> Result<(), Trouble> {
        let (Some(met), Some(child)) = (self.open.last_mut(), flat.child(ROOT, name)) else { return Ok(()) };
        if !met.contains(&child) {
            met.push(child);
        }
        if met.len() * 2 >= flat.width() && met.len() > 1 { Err(Trouble::Beside) } else { Ok(()) }
    }
}
