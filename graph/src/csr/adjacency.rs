//! The slots of a node, as its file has them and as changes leave them, in one order. Who may see which does not enter.

use super::{changes::Changes, view::Direction};

/// An end of an edge: the neighbour; relation, direction and department (8, 8 and 16 bits, from the highest); first and last day.
pub(super) type Slot = [u32; 3];

/// Words of a slot.
pub(super) fn slot(neighbour: u32, relation: u8, incoming: u8, department: u8, since: u16, until: u16) -> Slot {
    let kind = u32::from(relation) << 24 | u32::from(incoming) << 16 | u32::from(department);
    [neighbour, kind, u32::from(since) << 16 | u32::from(until)]
}

/// Relation and direction: slots of a node are in the order of this, then of the neighbour.
#[inline]
pub(super) fn kind(slot: Slot) -> u32 {
    slot[1] >> 16
}

/// The order of a node's slots: what a walk looks for, then all else, so that no two that differ are in the order they came.
pub(super) fn order(slot: Slot, [evidence, row]: [u32; 2]) -> [u32; 6] {
    [kind(slot), slot[0], slot[2], slot[1], evidence, row]
}

#[inline]
pub(super) fn relation(slot: Slot) -> usize {
    (slot[1] >> 24) as usize
}

#[inline]
pub(super) fn department(slot: Slot) -> usize {
    (slot[1] & 0xffff) as usize
}

#[inline]
pub(super) fn is_incoming(slot: &Slot) -> bool {
    slot[1] >> 16 & 0xff != 0
}

/// Slots side by side, with the evidence of each.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ends<'a> {
    pub(super) slots: &'a [Slot],
    pub(super) evidence: &'a [[u32; 2]],
}

impl<'a> Ends<'a> {
    fn split(self, at: usize) -> (Ends<'a>, Ends<'a>) {
        let at = at.min(self.slots.len()).min(self.evidence.len());
        let ((slots, after), (evidence, evidence_after)) = (self.slots.split_at(at), self.evidence.split_at(at));
        (Ends { slots, evidence }, Ends { slots: after, evidence: evidence_after })
    }
}

/// The slots of one node: those of the file, but for what is gone, and those that came. Nothing is put together before it is walked over.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Adjacency<'a> {
    /// In the numbers of the file.
    pub(super) file: Ends<'a>,
    /// The place of the first of them among those of the node.
    pub(super) first: u32,
    /// Places among those of the node that are gone, rising.
    pub(super) gone: &'a [u32],
    /// In the numbers of the whole.
    pub(super) more: Ends<'a>,
    /// What makes the ones of the others.
    pub(super) changes: Option<&'a Changes>,
}

impl<'a> Adjacency<'a> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        (self.file.slots.len() + self.more.slots.len()).saturating_sub(self.gone.len())
    }

    /// The slots in their order, with their places.
    #[inline]
    pub(super) fn slots(self) -> Merged<'a> {
        Merged { of: self, file: 0, gone: 0, more: 0 }
    }

    fn kind(&self, slot: &Slot) -> u32 {
        self.changes.map_or(kind(*slot), |changes| kind(changes.kinds(*slot)))
    }

    /// The first slots, as far as that is so of their relation and direction, and the rest.
    pub(super) fn cut(self, passes: impl Fn(u32) -> bool) -> (Adjacency<'a>, Adjacency<'a>) {
        let at = self.file.slots.partition_point(|slot| passes(self.kind(slot)));
        let (file, after) = self.file.split(at);
        let (more, more_after) = self.more.split(self.more.slots.partition_point(|slot| passes(kind(*slot))));
        let middle = self.first.saturating_add(u32::try_from(file.slots.len()).unwrap_or(u32::MAX));
        let (gone, gone_after) = self.gone.split_at(self.gone.partition_point(|place| *place < middle));
        let rest = Adjacency { file: after, first: middle, gone: gone_after, more: more_after, ..self };
        (Adjacency { file, gone, more, ..self }, rest)
    }

    /// The relation of the first slot.
    pub(super) fn first_relation(&self) -> Option<u32> {
        let file = self.file.slots.first().map(|slot| self.kind(slot));
        let more = self.more.slots.first().map(|slot| kind(*slot));
        file.into_iter().chain(more).min().map(|kind| kind >> 8)
    }

    /// Of slots of one relation those of the direction.
    pub(super) fn towards(self, direction: Direction) -> Adjacency<'a> {
        let parts = || self.cut(|kind| kind & 0xff == 0);
        match direction {
            Direction::Both => self,
            Direction::Out => parts().0,
            Direction::In => parts().1,
        }
    }

    /// The slot and the evidence at a place that [`Adjacency::slots`] gave.
    pub(super) fn at(&self, place: usize) -> Option<(Slot, [u32; 2])> {
        match place.checked_sub(self.file.slots.len()) {
            Some(place) => Some((*self.more.slots.get(place)?, *self.more.evidence.get(place)?)),
            None => {
                let (slot, evidence) = (*self.file.slots.get(place)?, *self.file.evidence.get(place)?);
                Some(self.changes.map_or((slot, evidence), |changes| (changes.slot(slot), changes.evidence(evidence))))
            }
        }
    }
}

/// The slots of a node in their order. A place counts those of the file, then those that came.
#[derive(Debug, Clone)]
pub(super) struct Merged<'a> {
    of: Adjacency<'a>,
    file: usize,
    gone: usize,
    more: usize,
}

impl Merged<'_> {
    /// Whether the slot that came next is before one of the file.
    fn is_before(&self, held: Slot) -> bool {
        let Some(added) = self.of.more.slots.get(self.more) else { return false };
        let by_neighbour = [kind(*added), added[0]].cmp(&[kind(held), held[0]]);
        by_neighbour.is_lt() || by_neighbour.is_eq() && self.said(self.of.file.slots.len() + self.more) < self.said(self.file)
    }

    fn said(&self, place: usize) -> Option<[u32; 6]> {
        self.of.at(place).map(|(slot, evidence)| order(slot, evidence))
    }

    /// Past what is gone; places that do not rise are damage, and are passed too.
    fn skip(&mut self) {
        while let Some(place) = self.of.gone.get(self.gone).map(|place| place.saturating_sub(self.of.first) as usize)
            && place <= self.file
        {
            self.file += usize::from(place == self.file);
            self.gone += 1;
        }
    }
}

impl Iterator for Merged<'_> {
    type Item = (usize, Slot);

    #[inline]
    fn next(&mut self) -> Option<(usize, Slot)> {
        let Some(changes) = self.of.changes else {
            let slot = *self.of.file.slots.get(self.file)?;
            self.file += 1;
            return Some((self.file - 1, slot));
        };
        self.skip();
        let held = self.of.file.slots.get(self.file).map(|slot| changes.slot(*slot));
        match held.filter(|held| !self.is_before(*held)) {
            Some(held) => {
                self.file += 1;
                Some((self.file - 1, held))
            }
            None => {
                let added = *self.of.more.slots.get(self.more)?;
                self.more += 1;
                Some((self.of.file.slots.len() + self.more - 1, added))
            }
        }
    }
}
