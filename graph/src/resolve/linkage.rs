//! From heavy pairs to clusters: agglomeration, the heaviest pair first, that looks at the members of both sides before it makes them one. One
//! heavy pair is not enough where everybody else of the two sides speaks against it: so are families and namesakes merged by connected
//! components.

use super::{ResolutionReport, pairs::Edge};
use crate::{
    cluster::{Clusters, Joined},
    compare::Comparisons,
    guard::Guard,
    weigh::{Weights, float},
};

/// Pairs across two clusters that the guard looks at before they are joined: beyond it they are left apart.
const CROSS: usize = 10_000;

/// Members of each side that are weighed against each other, evenly from all.
const WEIGHED: usize = 24;

/// Joins clusters under constraints.
#[derive(Debug)]
pub(super) struct Linkage<'a> {
    guard: Guard<'a>,
    comparisons: Comparisons<'a>,
    weights: &'a Weights<'a>,
}

impl<'a> Linkage<'a> {
    pub(super) fn new(guard: Guard<'a>, comparisons: Comparisons<'a>, weights: &'a Weights<'a>) -> Linkage<'a> {
        Linkage { guard, comparisons, weights }
    }

    /// Joins the heaviest first; ties by record number. A join is prevented when any two members it would bring together contradict, and
    /// when the members of both sides do not speak for it on average.
    pub(super) fn join(&mut self, edges: &[Edge], clusters: &mut Clusters, enough: f64, report: &mut ResolutionReport) {
        let mut order: Vec<&Edge> = edges.iter().filter(|edge| edge.weight >= enough).collect();
        order.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
        for edge in order {
            if clusters.root(edge.left) == clusters.root(edge.right) {
                continue;
            }
            let sides = [edge.left, edge.right].map(|row| members(clusters, row));
            if self.fits(&sides) && clusters.join(edge.left, edge.right) == Joined::Now {
                report.joined += 1;
            } else {
                report.prevented += 1;
            }
        }
    }

    fn fits(&mut self, [left, right]: &[Vec<u32>; 2]) -> bool {
        if left.len() == 1 && right.len() == 1 {
            return !self.guard.parts(left[0], right[0]);
        }
        left.len() * right.len() <= CROSS
            && left.iter().all(|&left| right.iter().all(|&right| !self.guard.parts(left, right)))
            && self.average(left, right) >= self.weights.prior / 2.0
    }

    /// The average weight, in bits, between members of two sides. It need not reach what a single pair has to, since many members say
    /// little: half of the prior is midway between a pair of the whole town and one of which nothing is known.
    fn average(&mut self, left: &[u32], right: &[u32]) -> f64 {
        let (mut sum, mut pairs) = (0.0, 0);
        for &left in evenly(left) {
            for &right in evenly(right) {
                let (first, second) = (left.min(right), left.max(right));
                sum += self.weights.weight(self.comparisons.pattern(first, second), first, second);
                pairs += 1;
            }
        }
        sum / float(pairs).max(1.0)
    }
}

fn members(clusters: &Clusters, row: u32) -> Vec<u32> {
    let mut members: Vec<u32> = clusters.members(row).collect();
    members.sort_unstable();
    members
}

fn evenly(members: &[u32]) -> impl Iterator<Item = &u32> {
    members.iter().step_by(members.len().div_ceil(WEIGHED).max(1))
}
