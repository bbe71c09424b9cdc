//! What tier 0 says of each row, and how many pairs of a block it leaves open.

use crate::{
    cluster::Clusters,
    column::{NONE, Table},
};

/// What tier 0 says of each row, laid out for the loop over pairs: what is asked together stands together, since rows of a block lie far apart.
#[derive(Debug)]
pub(super) struct Standing {
    rows: Vec<Stands>,
    /// Whether there is an exclusive property at all, and values of those after the first.
    is_exclusive: bool,
    further: Vec<Vec<u32>>,
}

/// What it says of one: the row that stands for its cluster, and the cluster's value of the first exclusive property.
#[derive(Debug, Clone, Copy)]
struct Stands {
    root: u32,
    held: u32,
}

impl Standing {
    pub(super) fn of(table: &Table, clusters: &Clusters) -> Standing {
        let is_exclusive = clusters.exclusive() > 0;
        let stands = |row: u32| {
            let root = clusters.root(row);
            Stands { root, held: if is_exclusive { clusters.held(0, root) } else { NONE } }
        };
        let further = (1..clusters.exclusive()).map(|which| table.rows().map(|row| clusters.held(which, row)).collect()).collect();
        Standing { rows: table.rows().map(stands).collect(), is_exclusive, further }
    }

    /// Brings rows without an exclusive value first, then those with one, equal values together: pairs of two values need no visit. Gives the number
    /// of pairs that are not already parted by an exclusive value or joined by tier 0.
    pub(super) fn arrange(&self, rows: &mut [u32]) -> u64 {
        if !self.is_exclusive {
            return pairs_of(rows.len());
        }
        let mut stood: Vec<(u32, u32, u32)> = rows.iter().map(|&row| (self.held(row), row, self.rows[row as usize].root)).collect();
        stood.sort_unstable();
        rows.iter_mut().zip(&stood).for_each(|(row, stood)| *row = stood.1);
        let free = stood.partition_point(|stood| stood.0 == NONE);
        let mut cost = free_pairs(free, rows.len());
        for run in stood[free..].chunk_by_mut(|left, right| left.0 == right.0).filter(|run| run.len() > 1) {
            run.sort_unstable_by_key(|stood| stood.2);
            let joined: u64 = run.chunk_by(|left, right| left.2 == right.2).map(|same| pairs_of(same.len())).sum();
            cost += pairs_of(run.len()) - joined;
        }
        cost
    }

    /// Number of such pairs of all rows, which are too many to be arranged: those of one cluster hold one value.
    pub(super) fn cost_of_all(&self) -> u64 {
        if !self.is_exclusive {
            return pairs_of(self.rows.len());
        }
        let values = self.rows.iter().map(|stands| stands.held as usize + 1).max().unwrap_or(1);
        let (mut of_value, mut of_root) = (vec![0_u32; values], vec![0_u32; self.rows.len()]);
        for stands in &self.rows {
            of_value[stands.held as usize] += 1;
            of_root[stands.root as usize] += u32::from(stands.held != NONE);
        }
        let pairs = |counts: &[u32]| counts.iter().map(|&count| pairs_of(count as usize)).sum::<u64>();
        free_pairs(of_value[NONE as usize] as usize, self.rows.len()) + pairs(&of_value[1..]) - pairs(&of_root)
    }

    /// What is known of the rows of a block: the roots, and each exclusive property's values.
    pub(super) fn gather(&self, rows: &[u32], roots: &mut Vec<u32>, held: &mut Vec<Vec<u32>>) {
        roots.clear();
        held.resize(usize::from(self.is_exclusive) + self.further.len(), Vec::new());
        held.iter_mut().for_each(Vec::clear);
        let Some((first, further)) = held.split_first_mut() else {
            return roots.extend(rows.iter().map(|&row| self.rows[row as usize].root));
        };
        for stands in rows.iter().map(|&row| self.rows[row as usize]) {
            roots.push(stands.root);
            first.push(stands.held);
        }
        further.iter_mut().zip(&self.further).for_each(|(into, from)| into.extend(rows.iter().map(|&row| from[row as usize])));
    }

    /// How many of arranged rows have no exclusive value.
    pub(super) fn open(&self, rows: &[u32]) -> usize {
        if self.is_exclusive { rows.partition_point(|&row| self.held(row) == NONE) } else { rows.len() }
    }

    pub(super) fn same_held(&self, left: u32, right: u32) -> bool {
        self.held(left) == self.held(right)
    }

    pub(super) fn are_one(&self, left: u32, right: u32) -> bool {
        self.rows[left as usize].root == self.rows[right as usize].root
    }

    /// Whether they are one, or never one.
    pub(super) fn settled(&self, left: u32, right: u32) -> bool {
        let apart = |left: u32, right: u32| left != NONE && right != NONE && left != right;
        let are_apart = |of: &Vec<u32>| apart(of[left as usize], of[right as usize]);
        self.are_one(left, right) || apart(self.held(left), self.held(right)) || self.further.iter().any(are_apart)
    }

    fn held(&self, row: u32) -> u32 {
        self.rows[row as usize].held
    }
}

pub(super) fn pairs_of(rows: usize) -> u64 {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    rows * rows.saturating_sub(1) / 2
}

/// Pairs with a row that is free to be anybody, among so many.
fn free_pairs(free: usize, all: usize) -> u64 {
    pairs_of(all) - pairs_of(all - free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_rows_are_counted_as_they_would_be_arranged(
            roots in proptest::collection::vec(0u32..8, 0..40), values in proptest::collection::vec(NONE..4, 8), is_exclusive in any::<bool>(),
        ) {
            // Those of one cluster hold one value.
            let stands = |&root: &u32| Stands { root, held: if is_exclusive { values[root as usize] } else { NONE } };
            let root_of = |at: u32| roots.iter().position(|root| *root == at).map_or(0, crate::column::narrow);
            let rows = roots.iter().map(|root| Stands { root: root_of(*root), ..stands(root) }).collect();
            let standing = Standing { rows, is_exclusive, further: Vec::new() };
            let mut all: Vec<u32> = (0..crate::column::narrow(roots.len())).collect();
            prop_assert_eq!(standing.cost_of_all(), standing.arrange(&mut all));
        }
    }
}
