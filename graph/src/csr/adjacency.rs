//! The slots of a node and which of them are in a view. Where a walk goes does not enter.

use super::{
    Graph,
    view::{Direction, Edge, View},
};

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

/// The slots of one node, with the evidence of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Adjacency<'a> {
    pub(super) slots: &'a [Slot],
    pub(super) evidence: &'a [[u32; 2]],
}

/// What of a node's slots is of one relation and of the direction asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) relation: u8,
    tied: Adjacency<'a>,
}

impl View<'_> {
    /// The runs of a node of the relations in view, by relation.
    pub(super) fn runs<'a>(&self, graph: &'a Graph, node: u32) -> impl Iterator<Item = Run<'a>> + use<'a> {
        let (view, mut rest) = (View { sees: &|_| true, ..*self }, graph.adjacency(node));
        std::iter::from_fn(move || {
            loop {
                let first = *rest.slots.first()?;
                let length = rest.slots.partition_point(|slot| slot[1] >> 24 <= first[1] >> 24);
                let (run, after) = rest.split(length.max(1));
                rest = after;
                let relation = u8::try_from(relation(first)).unwrap_or_default();
                if view.relations.has(relation) {
                    return Some(Run { relation, tied: run.towards(view.direction) });
                }
            }
        })
    }

    /// The run of one relation.
    pub(super) fn run<'a>(&self, graph: &'a Graph, node: u32, relation: u8) -> Run<'a> {
        let whole = graph.adjacency(node);
        let from = whole.slots.partition_point(|slot| slot[1] >> 24 < u32::from(relation));
        let (_, rest) = whole.split(from);
        let (run, _) = rest.split(rest.slots.partition_point(|slot| slot[1] >> 24 == u32::from(relation)));
        Run { relation, tied: run.towards(self.direction) }
    }

    /// Whether a slot's edge is there and holds; its neighbour is not asked for.
    #[inline]
    pub(super) fn holds(&self, slot: &Slot) -> bool {
        let Ok(department) = u8::try_from(department(*slot)) else { return false };
        let during = |(from, to)| slot[2] >> 16 <= u32::from(to) && slot[2] & 0xffff >= u32::from(from) || !self.dated.has(department);
        self.departments.has(department) && self.during.is_none_or(during)
    }

    /// As [`View::holds`], of a relation in view.
    #[inline]
    pub(super) fn follows(&self, slot: &Slot) -> bool {
        u8::try_from(relation(*slot)).is_ok_and(|number| self.relations.has(number)) && self.holds(slot)
    }

    /// The neighbours of a node in this view, each once for each relation and direction.
    pub(super) fn degree(&self, graph: &Graph, node: u32) -> u32 {
        self.runs(graph, node).map(|run| run.degree(self)).sum()
    }

    /// The other way round.
    pub(super) fn backwards(&self) -> Self {
        let direction = match self.direction {
            Direction::Out => Direction::In,
            Direction::In => Direction::Out,
            Direction::Both => Direction::Both,
        };
        View { direction, ..*self }
    }
}

impl<'a> Adjacency<'a> {
    fn split(self, at: usize) -> (Adjacency<'a>, Adjacency<'a>) {
        let at = at.min(self.slots.len()).min(self.evidence.len());
        let ((slots, after), (evidence, evidence_after)) = (self.slots.split_at(at), self.evidence.split_at(at));
        (Adjacency { slots, evidence }, Adjacency { slots: after, evidence: evidence_after })
    }

    /// Of slots of one relation those of the direction.
    fn towards(self, direction: Direction) -> Adjacency<'a> {
        let parts = || self.split(self.slots.partition_point(|slot| !is_incoming(slot)));
        match direction {
            Direction::Both => self,
            Direction::Out => parts().0,
            Direction::In => parts().1,
        }
    }
}

impl<'a> Run<'a> {
    /// The slots in view, with their places.
    pub(super) fn visible<'v>(self, view: &'v View<'_>) -> impl Iterator<Item = (usize, Slot)> + use<'a, 'v> {
        let slots = self.tied.slots.iter().enumerate();
        slots.filter(move |(_, slot)| view.holds(slot) && (view.sees)(slot[0])).map(|(at, slot)| (at, *slot))
    }

    /// The neighbours in view, each once for each direction.
    pub(super) fn degree(self, view: &View<'_>) -> u32 {
        let mut last = None;
        let mut count = 0;
        for slot in self.tied.slots.iter().filter(|slot| view.holds(slot)) {
            let neighbour = Some((kind(*slot), slot[0]));
            if neighbour != last && (view.sees)(slot[0]) {
                last = neighbour;
                count += 1;
            }
        }
        count
    }

    /// How many neighbours are in view, where they are more than that.
    pub(super) fn hub(self, view: &View<'_>, degree: u32) -> Option<u32> {
        (self.tied.slots.len() > degree as usize).then(|| self.degree(view)).filter(|found| *found > degree)
    }

    /// The edge of the slot at that place.
    pub(super) fn edge(self, owner: u32, at: usize) -> Option<Edge> {
        let (slot, [evidence, row]) = (self.tied.slots.get(at)?, *self.tied.evidence.get(at)?);
        let (source, target) = if is_incoming(slot) { (slot[0], owner) } else { (owner, slot[0]) };
        let day = |bits: u32| u16::try_from(bits & 0xffff).unwrap_or_default();
        let department = u8::try_from(department(*slot)).unwrap_or_default();
        let (since, until) = (day(slot[2] >> 16), day(slot[2]));
        Some(Edge { source, target, relation: self.relation, department, since, until, evidence, row })
    }
}
