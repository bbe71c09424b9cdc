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
    pub(super) fn join<'e>(
        &mut self,
        edges: impl Iterator<Item = &'e Edge>,
        clusters: &mut Clusters,
        enough: f64,
        report: &mut ResolutionReport,
    ) {
        let mut order: Vec<&Edge> = edges.filter(|edge| edge.weight >= enough).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        column::Table,
        compare::Measure,
        county::{person, records},
        weigh::Term,
    };

    #[test]
    fn one_heavy_pair_does_not_join_two_sides_that_disagree() {
        let (ours, theirs) = ([("name", "欧阳海"), ("phone", "12000000001")], [("name", "王小明"), ("phone", "12000000002")]);
        let rows: Vec<(i64, &[(&str, &str)])> = (1..7).map(|id| (id, if id < 4 { ours.as_slice() } else { theirs.as_slice() })).collect();
        let table = Table::read(&person(), &["name", "phone"], std::iter::once(Ok(records(&rows)))).unwrap();
        let measures: Vec<Measure<'_>> = table.columns.iter().map(Measure::Value).collect();
        let term = |measure: &Measure<'_>| vec![1.0 / f64::from(measure.max_level() + 1); usize::from(measure.max_level()) + 1];
        let terms =
            measures.iter().zip(&table.columns).map(|(measure, column)| Term::new(*measure, String::new(), column.counts(), term(measure)));
        let weights = Weights { prior: -1.0, terms: terms.collect() };
        let mut matching = person().matching.unwrap();
        matching.guard.clear();
        let edge = |left, right, weight| Edge { left, right, key: 0, levels: 0, weight };
        let joined = |edges: &[Edge]| {
            let (mut clusters, mut report) = (Clusters::new(6, Vec::new()), ResolutionReport::default());
            let mut linkage = Linkage::new(Guard::new(&table, &matching), Comparisons::new(&measures), &weights);
            linkage.join(edges.iter(), &mut clusters, 1.0, &mut report);
            (report.joined, report.prevented)
        };
        assert_eq!(joined(&[edge(0, 1, 20.0), edge(1, 2, 20.0), edge(3, 4, 20.0), edge(2, 3, 15.0)]), (3, 1));
        assert_eq!(joined(&[edge(2, 3, 15.0)]), (1, 0), "alone, the pair is all that is known");
    }
}
