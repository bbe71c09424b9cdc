//! Which records are one entity: union-find that refuses a union which would give an entity two values of an exclusive property.
//! Who should be joined, and in which order, is decided by those who call.

use crate::column::{NONE, narrow};

/// The clusters of all rows.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    parent: Vec<u32>,
    size: Vec<u32>,
    /// The next member of the same cluster, in a ring.
    next: Vec<u32>,
    /// For each exclusive property the value of each root's cluster; [`NONE`] while no member has one.
    held: Vec<Vec<u32>>,
}

impl Clusters {
    /// Every row alone; `exclusive` are the value numbers of the exclusive properties.
    pub(crate) fn new(rows: usize, exclusive: Vec<Vec<u32>>) -> Clusters {
        let each: Vec<u32> = (0..narrow(rows)).collect();
        Clusters { parent: each.clone(), size: vec![1; rows], next: each, held: exclusive }
    }

    /// The row that stands for the cluster of `row`.
    pub(crate) fn root(&self, mut row: u32) -> u32 {
        while self.parent[row as usize] != row {
            row = self.parent[row as usize];
        }
        row
    }

    /// Number of members of the cluster of `row`.
    pub(crate) fn size(&self, row: u32) -> u32 {
        self.size[self.root(row) as usize]
    }

    /// The value of the `which`-th exclusive property in the cluster of `row`.
    pub(crate) fn held(&self, which: usize, row: u32) -> u32 {
        self.held[which][self.root(row) as usize]
    }

    /// Number of exclusive properties.
    pub(crate) fn exclusive(&self) -> usize {
        self.held.len()
    }

    /// Whether one entity of both would have two values of an exclusive property.
    pub(crate) fn exclude(&self, left: u32, right: u32) -> bool {
        let (left, right) = (self.root(left) as usize, self.root(right) as usize);
        self.held.iter().any(|held| held[left] != NONE && held[right] != NONE && held[left] != held[right])
    }

    /// The members of the cluster of `row`.
    pub(crate) fn members(&self, row: u32) -> impl Iterator<Item = u32> {
        let mut at = Some(row);
        std::iter::from_fn(move || {
            let here = at?;
            at = Some(self.next[here as usize]).filter(|&next| next != row);
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
        let bigger = self.size[left as usize] >= self.size[right as usize];
        let (root, other) = if bigger { (left, right) } else { (right, left) };
        self.parent[other as usize] = root;
        self.size[root as usize] += self.size[other as usize];
        self.next.swap(root as usize, other as usize);
        for held in &mut self.held {
            held[root as usize] = held[root as usize].max(held[other as usize]);
        }
        Joined::Now
    }

    /// For each row the smallest row of its cluster.
    pub(crate) fn smallest(&self) -> Vec<u32> {
        let mut smallest = vec![u32::MAX; self.parent.len()];
        let roots: Vec<u32> = (0..narrow(self.parent.len())).map(|row| self.root(row)).collect();
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
