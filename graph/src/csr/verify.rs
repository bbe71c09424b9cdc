//! Whether a file of a graph, and what lies over it, are as they were written, and hang together: all of it is read.

use super::{
    Graph,
    adjacency::{self, Slot, order},
    changes::Changes,
    laid::by_node,
    stretch::{Stretch, blocks},
};
use crate::Error;

impl Graph {
    /// Reads all of the file, and of what lies over it: every checksum, and that what its numbers point at is there.
    ///
    /// # Errors
    /// When a byte is not as it was written, or what was written does not hang together.
    pub fn verify(&self) -> Result<(), Error> {
        self.verify_file()?;
        self.changes.as_ref().map_or(Ok(()), |changes| self.verify_changes(changes))
    }

    /// The same of the file alone.
    pub(super) fn verify_file(&self) -> Result<(), Error> {
        self.header.verify(&self.file)?;
        let damaged = |what| Err(Error::Damaged { what });
        let rising = self.offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        if !rising || self.offsets.first() != Some(&0) || self.offsets.last() != Some(&self.slots) {
            return damaged("its offsets do not rise to its edges");
        }
        let mut types = self.names.types.iter().map(|kind| self.entities_of(kind));
        if !types.all(|numbers| numbers.is_some_and(|numbers| numbers.is_sorted_by(|left, right| left < right))) {
            return damaged("its entities are not in their order");
        }
        let mut slots = self.ends.as_chunks().0.iter().zip(self.evidence.as_chunks().0);
        let known = |(slot, evidence): (&Slot, &[u32; 2])| {
            let names = &self.names;
            slot[0] < self.nodes && is_named([names.relations.len(), names.departments.len(), names.sources.len()], slot, evidence)
        };
        if slots.all(known) { Ok(()) } else { damaged("its edges lead to what is not there") }
    }

    fn verify_changes(&self, changes: &Changes) -> Result<(), Error> {
        changes.header.verify(&changes.file)?;
        let damaged = |what| Err(Error::Damaged { what });
        if !self.hang_together(changes) {
            return damaged("its stretches are not in their order");
        }
        let touched = changes.touched();
        let rising = touched.windows(2).all(|pair| pair[0][0] < pair[1][0] && pair[0][1] <= pair[1][1] && pair[0][2] <= pair[1][2]);
        let ends = [changes.gone().len(), changes.more().slots.len()].map(|length| u32::try_from(length).unwrap_or(u32::MAX));
        let whole = touched.first().is_some_and(|first| first[1..] == [0, 0]) && touched.last().is_some_and(|last| last[1..] == ends);
        if !rising || !whole {
            return damaged("what it touches is not in its order");
        }
        let of_types =
            |first: u32, end: u32| (first..end).map(|node| self.entity(node)).is_sorted_by(|left, right| left < right && left.is_some());
        if !self.types().iter().all(|kind| of_types(kind.first, kind.end)) {
            return damaged("its entities are not in their order");
        }
        self.verify_adjacency(changes)
    }

    /// Stretches tile the numbers, entities that came fill what is between, and blocks say where stretches are.
    fn hang_together(&self, changes: &Changes) -> bool {
        let stretches = changes.stretches();
        let mut next: Stretch = [0; 4];
        for [now, first, count, came] in stretches.all {
            let between = now.checked_sub(next[0]);
            if *first < next[1] || between.and_then(|between| next[3].checked_add(between)) != Some(*came) {
                return false;
            }
            let ends = [now.checked_add(*count), first.checked_add(*count)];
            let [Some(now), Some(first)] = ends else { return false };
            next = [now, first, 0, *came];
        }
        let came = changes.nodes.checked_sub(next[0]).and_then(|after| next[3].checked_add(after));
        let is_whole = next[1] <= self.nodes && came.map(|came| came as usize) == Some(changes.came().len());
        let by_file = blocks(stretches.all, |stretch| stretch[1], self.nodes);
        is_whole && by_file == stretches.by_file && by_node(stretches.all, changes.touched(), changes.nodes) == stretches.by_node
    }

    /// What is left and what came leads to what is there, and is in its order.
    fn verify_adjacency(&self, changes: &Changes) -> Result<(), Error> {
        let names = [self.relations().len(), self.departments().len(), changes.names.sources.len()];
        let mut slots = 0;
        for node in 0..self.nodes() {
            let adjacency = self.adjacency(node);
            let held = adjacency.file.slots.len();
            let is_gone = |pair: &[u32]| pair[0] < pair[1];
            let gone = adjacency.gone.windows(2).all(is_gone) && adjacency.gone.last().is_none_or(|last| (*last as usize) < held);
            let mut said = adjacency.slots().map(|(place, _)| adjacency.at(place));
            let sorted = said.clone().is_sorted_by_key(|said| said.map(|(slot, evidence)| order(slot, evidence)));
            let known = said.all(|said| said.is_some_and(|(slot, evidence)| slot[0] < self.nodes() && is_named(names, &slot, &evidence)));
            if !gone || !sorted || !known || adjacency.len() == 0 {
                return Err(Error::Damaged { what: "its edges lead to what is not there" });
            }
            slots += adjacency.len();
        }
        if slots == changes.slots as usize { Ok(()) } else { Err(Error::Damaged { what: "its edges are not as many as it says" }) }
    }
}

/// Whether relation, department and sheet have names, which are so many.
fn is_named([relations, departments, sources]: [usize; 3], slot: &Slot, evidence: &[u32; 2]) -> bool {
    adjacency::relation(*slot) < relations && adjacency::department(*slot) < departments && (evidence[0] as usize) < sources
}
