//! What tier 0 says of each row, and how many pairs of a block it leaves open.

use crate::{
    cluster::Clusters,
    column::{NONE, Table},
};

/// What tier 0 says of each row, laid out for the loop over pairs.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) root: Vec<u32>,
    pub(super) held: Vec<Vec<u32>>,
}

impl Standing {
    pub(super) fn of(table: &Table, clusters: &Clusters) -> Standing {
        let held = (0..clusters.exclusive()).map(|which| table.rows().map(|row| clusters.held(which, row)).collect()).collect();
        Standing { root: table.rows().map(|row| clusters.root(row)).collect(), held }
    }

    /// Rows without an exclusive value first, then those with one, equal values together: pairs of two values need no visit.
    pub(super) fn arrange(&self, rows: &mut [u32]) {
        if let Some(held) = self.held.first() {
            rows.sort_unstable_by_key(|&row| (held[row as usize], row));
        }
    }

    /// Number of pairs in an arranged block that are not already parted by an exclusive value or joined by tier 0.
    pub(super) fn cost(&self, rows: &[u32]) -> u64 {
        let open = self.open(rows);
        let free = u64::try_from(open).unwrap_or(u64::MAX);
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let mut cost = free * free.saturating_sub(1) / 2 + free * (all - free);
        for run in rows[open..].chunk_by(|left, right| self.same_held(*left, *right)) {
            let mut roots: Vec<u32> = run.iter().map(|&row| self.root[row as usize]).collect();
            roots.sort_unstable();
            let joined: u64 = roots.chunk_by(|left, right| left == right).map(|same| pairs_of(same.len())).sum();
            cost += pairs_of(run.len()) - joined;
        }
        cost
    }

    pub(super) fn open(&self, rows: &[u32]) -> usize {
        self.held.first().map_or(rows.len(), |held| rows.partition_point(|&row| held[row as usize] == NONE))
    }

    pub(super) fn same_held(&self, left: u32, right: u32) -> bool {
        self.held.first().is_none_or(|held| held[left as usize] == held[right as usize])
    }
}

pub(super) fn pairs_of(rows: usize) -> u64 {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    rows * rows.saturating_sub(1) / 2
}
