//! Which records are one entity: union-find that refuses a union which would give an entity two values of an exclusive property, or bring
//! together what is to stay apart.
//! Who should be joined, and in which order, is decided by those who call.

use crate::column::{NONE, narrow};
use hashbrown::HashMap;

/// The clusters of all rows.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    nodes: Vec<Node>,
    /// How many exclusive properties there are, and for each after the first the value of each root's cluster, as [`Node::held`].
    exclusive: usize,
    further: Vec<Vec<u32>>,
    /// For each root the rows that no member of its cluster may be joined to.
    apart: HashMap<u32, Vec<u32>>,
    is_joined: bool,
}

/// What is known of one row: in one place, since rows that are joined lie far apart.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// A row nearer to its root, or itself.
    parent: u32,
    /// Of a root, how many members its cluster has.
    size: u32,
    /// The next member of the same cluster, in a ring.
    next: u32,
    /// Of a root, its cluster's value of the first exclusive property; [`NONE`] while no member has one.
    held: u32,
}

impl Clusters {
    /// Every row alone; `exclusive` are the value numbers of the exclusive properties.
    pub(crate) fn new(rows: usize, exclusive: Vec<Vec<u32>>) -> Clusters {
        let (count, mut exclusive) = (exclusive.len(), exclusive.into_iter());
        let first = exclusive.next();
        let held = |row: u32| first.as_ref().map_or(NONE, |first| first[row as usize]);
        let nodes = (0..narrow(rows)).map(|row| Node { parent: row, size: 1, next: row, held: held(row) }).collect();
        Clusters { nodes, exclusive: count, further: exclusive.collect(), apart: HashMap::new(), is_joined: false }
    }

    /// The row that stands for the cluster of `row`.
    pub(crate) fn root(&self, mut row: u32) -> u32 {
        while self.nodes[row as usize].parent != row {
            row = self.nodes[row as usize].parent;
        }
        row
    }

    /// Number of members of the cluster of `row`.
    pub(crate) fn size(&self, row: u32) -> u32 {
        self.nodes[self.root(row) as usize].size
    }

    /// The value of the `which`-th exclusive property in the cluster of `row`.
    pub(crate) fn held(&self, which: usize, row: u32) -> u32 {
        let root = self.root(row) as usize;
        which.checked_sub(1).map_or(self.nodes[root].held, |further| self.further[further][root])
    }

    /// Number of exclusive properties.
    pub(crate) fn exclusive(&self) -> usize {
        self.exclusive
    }

    /// Whether any two rows are one.
    pub(crate) fn is_joined(&self) -> bool {
        self.is_joined
    }

    /// Whether the cluster of a row is kept apart from another.
    pub(crate) fn is_kept_apart(&self, row: u32) -> bool {
        !self.apart.is_empty() && self.apart.contains_key(&self.root(row))
    }

    /// Pairs that are not to be joined, from now on. What is joined already stays so.
    pub(crate) fn part(&mut self, pairs: &[(u32, u32)]) {
        for &(left, right) in pairs {
            let (of_left, of_right) = (self.root(left), self.root(right));
            self.apart.entry(of_left).or_default().push(right);
            self.apart.entry(of_right).or_default().push(left);
        }
    }

    /// Whether one entity of both would have two values of an exclusive property, or hold what is to stay apart.
    pub(crate) fn exclude(&self, left: u32, right: u32) -> bool {
        let (left, right) = (self.root(left), self.root(right));
        let (l, r) = (left as usize, right as usize);
        let are_two = |left: u32, right: u32| left != NONE && right != NONE && left != right;
        let is_two = are_two(self.nodes[l].held, self.nodes[r].held) || self.further.iter().any(|held| are_two(held[l], held[r]));
        // What is apart is so on both sides: the shorter list tells.
        is_two
            || matches!((self.apart.get(&left), self.apart.get(&right)), (Some(of_left), Some(of_right))
            if if of_left.len() <= of_right.len() { self.leads(of_left, right) } else { self.leads(of_right, left) })
    }

    fn leads(&self, rows: &[u32], root: u32) -> bool {
        rows.iter().any(|row| self.root(*row) == root)
    }

    /// The members of the cluster of `row`.
    pub(crate) fn members(&self, row: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(row);
        std::iter::from_fn(move || {
            let here = at?;
            at = Some(self.nodes[here as usize].next).filter(|&next| next != row);
            Some(here)
        })
    }

    /// Makes two clusters one, unless they exclude each other.
    pub(crate) fn join(&mut self, left: u32, right: u32) -> Joined {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return Joined::Already;
        }
        if self.exclude(left, right) {
            return Joined::Refused;
        }
        self.is_joined = true;
        let (mut one, mut two) = (self.nodes[left as usize], self.nodes[right as usize]);
        let (root, other) = if one.size >= two.size { (left, right) } else { (right, left) };
        let (size, held) = (one.size + two.size, one.held.max(two.held));
        std::mem::swap(&mut one.next, &mut two.next);
        self.nodes[left as usize] = Node { parent: root, size, held, ..one };
        self.nodes[right as usize] = Node { parent: root, size, held, ..two };
        for held in &mut self.further {
            held[root as usize] = held[root as usize].max(held[other as usize]);
        }
        if let Some(moved) = self.apart.remove(&other) {
            self.apart.entry(root).or_default().extend(moved);
        }
        Joined::Now
    }

    /// The clusters of these rows alone, which are called by their places: ascending rows, with every member of each cluster.
    pub(crate) fn among(&self, rows: &[u32]) -> Clusters {
        let place = |row: &u32| rows.binary_search(row).ok().map(narrow);
        let placed = |row: u32| place(&row).unwrap_or_default();
        let node = |row: &u32| {
            let Node { parent, size, next, held } = self.nodes[*row as usize];
            Node { parent: placed(parent), size, next: placed(next), held }
        };
        let taken = |of: &Vec<u32>| rows.iter().map(|&row| of[row as usize]).collect();
        let near = |(at, row): (u32, &u32)| Some((at, self.apart.get(row)?.iter().filter_map(place).collect()));
        let apart = if self.apart.is_empty() { HashMap::new() } else { (0u32..).zip(rows).filter_map(near).collect() };
        let further = self.further.iter().map(taken).collect();
        Clusters { nodes: rows.iter().map(node).collect(), exclusive: self.exclusive, further, apart, is_joined: self.is_joined }
    }

    /// For each row the one that stands for its cluster.
    pub(crate) fn roots(&self) -> Vec<u32> {
        (0..narrow(self.nodes.len())).map(|row| self.root(row)).collect()
    }

    /// For each row the smallest row of its cluster.
    pub(crate) fn smallest(&self) -> Vec<u32> {
        let mut smallest = vec![u32::MAX; self.nodes.len()];
        let roots = self.roots();
        for (row, &root) in (0u32..).zip(&roots) {
            smallest[root as usize] = smallest[root as usize].min(row);
        }
        roots.iter().map(|&root| smallest[root as usize]).collect()
    }
}

/// What became of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joined {
    Now,
    Already,
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_apart_is_never_joined_whatever_the_order(
            apart in proptest::collection::vec((0u32..9, 0u32..9), 0..6), joins in proptest::collection::vec((0u32..9, 0u32..9), 0..30),
        ) {
            let apart: Vec<(u32, u32)> = apart.into_iter().filter(|(left, right)| left != right).collect();
            let mut clusters = Clusters::new(9, Vec::new());
            clusters.part(&apart);
            for (left, right) in joins {
                let would = |pair: &(u32, u32)| [(left, right), (right, left)].iter().any(|&(l, r)| clusters.root(pair.0) == clusters.root(l) && clusters.root(pair.1) == clusters.root(r));
                let refused = clusters.root(left) != clusters.root(right) && apart.iter().any(would);
                prop_assert_eq!(clusters.join(left, right) == Joined::Refused, refused);
            }
            prop_assert!(apart.iter().all(|&(left, right)| clusters.root(left) != clusters.root(right)));
        }

        #[test]
        fn some_clusters_alone_join_as_they_do_among_all(
            ids in proptest::collection::vec(0u32..4, 12), apart in proptest::collection::vec((0u32..12, 0u32..12), 0..6),
            before in proptest::collection::vec((0u32..6, 0u32..6), 0..6), joins in proptest::collection::vec((0u32..6, 0u32..6), 0..20),
        ) {
            let apart: Vec<(u32, u32)> = apart.into_iter().filter(|(left, right)| left != right).collect();
            let mut all = Clusters::new(12, vec![ids]);
            all.part(&apart);
            // The odd rows and the even ones have nothing to do with each other.
            for (left, right) in before {
                all.join(2 * left, 2 * right);
                all.join(2 * left + 1, 2 * right + 1);
            }
            let odd: Vec<u32> = (0..6).map(|at| 2 * at + 1).collect();
            let mut alone = all.among(&odd);
            for (left, right) in joins {
                prop_assert_eq!(alone.join(left, right), all.join(2 * left + 1, 2 * right + 1));
            }
            for place in 0..6 {
                let members: Vec<u32> = alone.members(place).map(|place| odd[place as usize]).collect();
                prop_assert_eq!(members, all.members(odd[place as usize]).collect::<Vec<_>>());
            }
        }

        #[test]
        fn no_cluster_ever_holds_two_exclusive_values(ids in proptest::collection::vec(0u32..4, 12), joins in proptest::collection::vec((0u32..12, 0u32..12), 0..40)) {
            let mut clusters = Clusters::new(12, vec![ids.clone()]);
            for (left, right) in joins {
                let apart = clusters.root(left) != clusters.root(right);
                let excluded = clusters.exclude(left, right);
                let joined = clusters.join(left, right);
                prop_assert_eq!(joined == Joined::Refused, apart && excluded);
            }
            for row in 0..12 {
                let members: Vec<u32> = clusters.members(row).collect();
                prop_assert_eq!(members.len(), clusters.size(row) as usize);
                let mut held: Vec<u32> = members.iter().map(|&member| ids[member as usize]).filter(|&id| id != NONE).collect();
                held.sort_unstable();
                held.dedup();
                prop_assert!(held.len() <= 1);
                prop_assert_eq!(clusters.held(0, row), held.first().copied().unwrap_or(NONE));
                prop_assert_eq!(clusters.smallest()[row as usize], members.into_iter().min().unwrap());
            }
        }
    }
}
