//! Which slots of a node are in a view, relation by relation. Where a walk goes does not enter, nor whether the file has them or changes do.

use super::{
    Graph,
    adjacency::{Adjacency, Slot, department, is_incoming, kind, relation},
    view::{Direction, Edge, View},
};

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
                let first = rest.first_relation()?;
                let (run, after) = rest.cut(|kind| kind >> 8 <= first);
                // Of slots that are not in their order, which is damage, none may be cut off.
                if after.file.slots.len() == rest.file.slots.len() && after.more.slots.len() == rest.more.slots.len() {
                    return None;
                }
                rest = after;
                let relation = u8::try_from(first).unwrap_or_default();
                if view.relations.has(relation) {
                    return Some(Run { relation, tied: run.towards(view.direction) });
                }
            }
        })
    }

    /// The run of one relation.
    pub(super) fn run<'a>(&self, graph: &'a Graph, node: u32, relation: u8) -> Run<'a> {
        let (_, rest) = graph.adjacency(node).cut(|kind| kind >> 8 < u32::from(relation));
        let (run, _) = rest.cut(|kind| kind >> 8 == u32::from(relation));
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

impl<'a> Run<'a> {
    /// The slots in view, with their places.
    pub(super) fn visible<'v>(self, view: &'v View<'_>) -> impl Iterator<Item = (usize, Slot)> + use<'a, 'v> {
        self.tied.slots().filter(move |(_, slot)| view.holds(slot) && (view.sees)(slot[0]))
    }

    /// The neighbours in view, each once for each direction.
    pub(super) fn degree(self, view: &View<'_>) -> u32 {
        let mut last = None;
        let mut count = 0;
        for (_, slot) in self.tied.slots().filter(|(_, slot)| view.holds(slot)) {
            let neighbour = Some((kind(slot), slot[0]));
            if neighbour != last && (view.sees)(slot[0]) {
                last = neighbour;
                count += 1;
            }
        }
        count
    }

    /// How many neighbours are in view, where they are more than that.
    pub(super) fn hub(self, view: &View<'_>, degree: u32) -> Option<u32> {
        (self.tied.len() > degree as usize).then(|| self.degree(view)).filter(|found| *found > degree)
    }

    /// The edge of the slot at that place.
    pub(super) fn edge(self, owner: u32, at: usize) -> Option<Edge> {
        let (slot, [evidence, row]) = self.tied.at(at)?;
        let (source, target) = if is_incoming(&slot) { (slot[0], owner) } else { (owner, slot[0]) };
        let day = |bits: u32| u16::try_from(bits & 0xffff).unwrap_or_default();
        let department = u8::try_from(department(slot)).unwrap_or_default();
        let (since, until) = (day(slot[2] >> 16), day(slot[2]));
        Some(Edge { source, target, relation: self.relation, department, since, until, evidence, row })
    }
}
