//! Which number a node of the file has once edges came and went, and what a number means then. Nodes that stand are in stretches, which lie side by
//! side before and after; between them are entities that came. Edges do not enter.

use super::format::BLOCK;

/// Nodes that stand: the number of the first now, its number in the file, how many they are, and how many that came have smaller numbers. The first
/// stretch begins at 0, though it be empty.
pub(super) type Stretch = [u32; 4];

/// What a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    /// A node of the file.
    Node(u32),
    /// An entity that came, by its place among them.
    Came(u32),
}

/// Stretches in their order, with the last of each block of nodes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretches<'a> {
    pub(super) all: &'a [Stretch],
    /// By nodes of the file.
    pub(super) by_file: &'a [u32],
    /// By nodes now; what else stands there is not of here.
    pub(super) by_node: &'a [[u32; 2]],
}

impl<'a> Stretches<'a> {
    /// The number of a node of the file; none where it has no edge any more.
    #[inline]
    pub(super) fn now(&self, node: u32) -> Option<u32> {
        let block = (node / BLOCK) as usize;
        let [from, to] = [*self.by_file.get(block)?, *self.by_file.get(block + 1)?];
        let [now, first, count, _] = *self.last(from, to, |stretch| stretch[1] <= node)?;
        let within = node.checked_sub(first).filter(|within| *within < count)?;
        now.checked_add(within)
    }

    /// What a number means.
    #[inline]
    pub(super) fn was(&self, node: u32) -> Option<Was> {
        let block = (node / BLOCK) as usize;
        let [[from, _], [to, _]] = [*self.by_node.get(block)?, *self.by_node.get(block + 1)?];
        let [now, first, count, came] = *self.last(from, to, |stretch| stretch[0] <= node)?;
        let within = node.checked_sub(now)?;
        match within.checked_sub(count) {
            None => first.checked_add(within).map(Was::Node),
            Some(beyond) => came.checked_add(beyond).map(Was::Came),
        }
    }

    /// The number of an entity that came.
    pub(super) fn came(&self, place: u32) -> Option<u32> {
        let at = self.all.partition_point(|stretch| stretch[3] <= place).checked_sub(1)?;
        let [now, _, count, came] = *self.all.get(at)?;
        now.checked_add(count)?.checked_add(place.checked_sub(came)?)
    }

    /// How many that came have smaller numbers.
    pub(super) fn came_before(&self, node: u32) -> Option<u32> {
        let at = self.all.partition_point(|stretch| stretch[0] <= node).checked_sub(1)?;
        let [now, _, count, came] = *self.all.get(at)?;
        came.checked_add(node.checked_sub(now)?.saturating_sub(count))
    }

    /// The last of a few stretches that a node is not before.
    #[inline]
    fn last(&self, from: u32, to: u32, begins: impl Fn(&Stretch) -> bool) -> Option<&'a Stretch> {
        let some = self.all.get(from as usize..=to as usize)?;
        // Mostly there is one.
        some.get(if some.len() == 1 { 0 } else { some.partition_point(begins).checked_sub(1)? })
    }
}

/// Puts stretches down while nodes of the file and entities that came are gone through in their new order.
#[derive(Debug, Default)]
pub(super) struct Sweep {
    all: Vec<Stretch>,
    /// The next number.
    pub(super) node: u32,
    came: u32,
}

impl Sweep {
    /// Nodes of the file that stand.
    pub(super) fn stands(&mut self, nodes: std::ops::Range<u32>) {
        let count = nodes.end.saturating_sub(nodes.start);
        if count == 0 {
            return;
        }
        match self.all.last_mut() {
            Some([now, first, before, _]) if *first + *before == nodes.start && *now + *before == self.node => *before += count,
            _ => {
                if self.all.is_empty() && self.node > 0 {
                    self.all.push([0; 4]);
                }
                self.all.push([self.node, nodes.start, count, self.came]);
            }
        }
        self.node += count;
    }

    /// An entity that came.
    pub(super) fn comes(&mut self) {
        self.came += 1;
        self.node += 1;
    }

    /// All stretches; with the first empty where none begins at 0.
    pub(super) fn end(mut self) -> Vec<Stretch> {
        if self.all.is_empty() {
            self.all.push([0; 4]);
        }
        self.all
    }
}

/// Of each block of so many nodes, and of one more, the last stretch that does not begin behind where the block does.
pub(super) fn blocks(all: &[Stretch], begin: fn(&Stretch) -> u32, nodes: u32) -> Vec<u32> {
    let mut at = 0;
    let starts = (0..=nodes.div_ceil(BLOCK)).map(|block| u64::from(block) * u64::from(BLOCK));
    let last = |start: u64| {
        while all.get(at + 1).is_some_and(|next| u64::from(begin(next)) <= start) {
            at += 1;
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    };
    starts.map(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_shift_and_never_pass_each_other() {
        // Of a thousand nodes every seventh goes and before every fifth one comes, but nothing happens to 300..700.
        let (mut sweep, mut expected) = (Sweep::default(), Vec::new());
        let mut came = 0;
        for node in 0..1_000 {
            let is_quiet = (300..700).contains(&node);
            if node % 5 == 0 && !is_quiet {
                sweep.comes();
                expected.push(Was::Came(came));
                came += 1;
            }
            if node % 7 != 0 || is_quiet {
                sweep.stands(node..node + 1);
                expected.push(Was::Node(node));
            }
        }
        let nodes = sweep.node;
        let all = sweep.end();
        let by_file = blocks(&all, |stretch| stretch[1], 1_000);
        let by_node: Vec<[u32; 2]> = blocks(&all, |stretch| stretch[0], nodes).into_iter().map(|last| [last, 0]).collect();
        let stretches = Stretches { all: &all, by_file: &by_file, by_node: &by_node };
        assert_eq!((0..nodes).map(|node| stretches.was(node).unwrap()).collect::<Vec<_>>(), expected);
        let now = |was: &Was| match *was {
            Was::Node(node) => stretches.now(node),
            Was::Came(place) => stretches.came(place),
        };
        assert_eq!(expected.iter().map(|was| now(was).unwrap()).collect::<Vec<_>>(), (0..nodes).collect::<Vec<_>>());
        assert!((0..1_000).all(|node| stretches.now(node).is_none() != expected.contains(&Was::Node(node))));
        assert_eq!((stretches.came_before(0), stretches.came_before(nodes)), (Some(0), Some(came)));
    }
}
