//! From heavy pairs to clusters: agglomeration, the heaviest pair first, that looks at the members of both sides before it makes them one. One
//! heavy pair is not enough where everybody else of the two sides speaks against it: so are families and namesakes merged by connected
//! components.

use super::{ResolutionReport, pairs::Edge};
use crate::{
    cluster::{Clusters, Joined},
    column::{Table, narrow},
    compare::{Comparisons, Measure},
    guard::Guard,
    parallel::parallel,
    weigh::{Weights, float},
};
use hashbrown::{HashMap, HashSet};

/// Records that say different things, of which a join by weight may make one entity, and pairs across two clusters that the guard looks at
/// before it does. Nobody is known in so many ways: beyond it both are frozen as they are, which leaves their pairs to people.
const LARGEST: usize = 500;
const CROSS: usize = 10_000;

/// Names that sound different of one entity, at the most.
const NAMES: usize = 8;

/// Members of each side that are weighed against each other, evenly from all.
const WEIGHED: usize = 24;

/// Heavy pairs that one thread takes at once, in whole components.
const UNIT: usize = 4_096;

/// By what clusters are joined.
pub(super) struct Linkage<'a, G> {
    pub(super) table: &'a Table,
    pub(super) guard: G,
    pub(super) measures: &'a [Measure<'a>],
    pub(super) weights: &'a Weights<'a>,
    pub(super) threads: usize,
}

impl<'a, G: Fn() -> Guard<'a> + Sync> Linkage<'a, G> {
    /// Joins the heaviest first; ties by what the records say, and where they say the same by number. A join is prevented when any two members it would bring together contradict, and
    /// when the members of both sides do not speak for it on average. What hangs together by no pair cannot tell in which order the others
    /// are joined, so each component is by itself.
    pub(super) fn join(&self, edges: &[&Edge], clusters: &mut Clusters, report: &mut ResolutionReport) {
        let components = Components::of(edges, clusters);
        let units = components.units();
        let state = || {
            let (guard, comparisons) = ((self.guard)(), Comparisons::new(self.measures));
            Joiner { table: self.table, guard, comparisons, weights: self.weights, contents: HashMap::new() }
        };
        let made = parallel(self.threads, units.len(), state, |joiner: &mut Joiner<'_>, at| {
            let mut made = Made::default();
            for at in units[at].clone() {
                joiner.component(edges, components.edges(at), clusters, &mut made);
            }
            made
        });
        for made in made {
            report.prevented += made.prevented;
            report.frozen += made.frozen;
            report.joined += made.joined.len() as u64;
            for (left, right) in made.joined {
                clusters.join(left, right);
            }
        }
    }
}

/// What a thread makes of its components.
#[derive(Default)]
struct Made {
    /// In the order in which they are to be joined.
    joined: Vec<(u32, u32)>,
    prevented: u64,
    frozen: u64,
}

/// Edges by what hangs together, be it by an edge or a cluster.
struct Components {
    /// Places of edges, component by component.
    edges: Vec<u32>,
    ends: Vec<u32>,
}

impl Components {
    fn of(edges: &[&Edge], clusters: &Clusters) -> Components {
        let mut parent: Vec<u32> = clusters.roots();
        for edge in edges {
            let (left, right) = (find(&mut parent, edge.left), find(&mut parent, edge.right));
            parent[left.max(right) as usize] = left.min(right);
        }
        // Counted, then put in their places.
        let of: Vec<u32> = edges.iter().map(|edge| find(&mut parent, edge.left)).collect();
        let mut starts = vec![0; parent.len() + 1];
        of.iter().for_each(|&root| starts[root as usize + 1] += 1);
        let mut sum = 0;
        starts.iter_mut().for_each(|start| {
            sum += *start;
            *start = sum;
        });
        let mut placed = vec![0; edges.len()];
        for (edge, &root) in (0u32..).zip(&of) {
            let start = &mut starts[root as usize];
            placed[*start as usize] = edge;
            *start += 1;
        }
        // Each start now is where its component ends.
        starts.dedup();
        starts.retain(|&end| end > 0);
        Components { edges: placed, ends: starts }
    }

    fn edges(&self, at: usize) -> &[u32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.edges[start as usize..self.ends[at] as usize]
    }

    /// Components that are worked on together.
    fn units(&self) -> Vec<std::ops::Range<usize>> {
        let (mut units, mut from, mut start) = (Vec::new(), 0, 0);
        for (at, end) in self.ends.iter().map(|&end| end as usize).enumerate() {
            if end - start >= UNIT || at + 1 == self.ends.len() {
                units.push(from..at + 1);
                (from, start) = (at + 1, end);
            }
        }
        units
    }
}

fn find(parent: &mut [u32], mut row: u32) -> u32 {
    while parent[row as usize] != row {
        let above = parent[parent[row as usize] as usize];
        parent[row as usize] = above;
        row = above;
    }
    row
}

/// Joins the clusters of one component.
struct Joiner<'a> {
    table: &'a Table,
    guard: Guard<'a>,
    comparisons: Comparisons<'a>,
    weights: &'a Weights<'a>,
    /// What rows of the component say, as far as it was asked.
    contents: HashMap<u32, u64>,
}

impl Joiner<'_> {
    fn component(&mut self, edges: &[&Edge], component: &[u32], clusters: &Clusters, made: &mut Made) {
        if let [only] = component
            && let edge = edges[*only as usize]
            && clusters.size(edge.left) == 1
            && clusters.size(edge.right) == 1
        {
            let fits = !self.guard.parts(edge.left, edge.right) && !clusters.exclude(edge.left, edge.right);
            made.joined.extend(fits.then_some((edge.left, edge.right)));
            made.prevented += u64::from(!fits);
            return;
        }
        let mut order: Vec<&Edge> = component.iter().map(|&at| edges[at as usize]).collect();
        self.contents.clear();
        self.arrange(&mut order);
        let rows = rows(&order, clusters);
        let mut clusters = clusters.among(&rows);
        let place = |row: u32| rows.binary_search(&row).map_or(0, narrow);
        let mut frozen: HashSet<u32> = HashSet::new();
        for edge in order {
            let (left, right) = (place(edge.left), place(edge.right));
            let roots = [left, right].map(|row| clusters.root(row));
            if roots[0] == roots[1] {
                continue;
            }
            let sides = [left, right].map(|row| members(&clusters, row, &rows));
            if self.is_too_much(&sides) {
                frozen.extend(roots);
            }
            let is_frozen = roots.iter().any(|root| frozen.contains(root));
            if !is_frozen && self.fits(&sides) && clusters.join(left, right) == Joined::Now {
                made.joined.push((edge.left, edge.right));
            } else {
                made.prevented += 1;
            }
        }
        made.frozen += frozen.len() as u64;
    }

    /// Whether two sides together would be more than one entity can be.
    fn is_too_much(&self, [left, right]: &[Vec<u32>; 2]) -> bool {
        let size = left.len() + right.len();
        size > LARGEST || left.len() * right.len() > CROSS || (size > NAMES && self.guard.names(left.iter().chain(right)) > NAMES)
    }

    /// The heaviest first.
    fn arrange(&mut self, order: &mut [&Edge]) {
        order.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
        for equal in order.chunk_by_mut(|a, b| a.weight.to_bits() == b.weight.to_bits()).filter(|equal| equal.len() > 1) {
            equal.sort_by_cached_key(|edge| {
                let [left, right] = [edge.left, edge.right].map(|row| self.content(row));
                (left.min(right), left.max(right))
            });
        }
    }

    fn fits(&mut self, [left, right]: &[Vec<u32>; 2]) -> bool {
        if left.len() == 1 && right.len() == 1 {
            return !self.guard.parts(left[0], right[0]);
        }
        left.iter().all(|&left| right.iter().all(|&right| !self.guard.parts(left, right)))
            && self.average(left, right) >= self.weights.prior / 2.0
    }

    /// The average weight, in bits, between members of two sides. It need not reach what a single pair has to, since many members say
    /// little: half of the prior is midway between a pair of the whole town and one of which nothing is known.
    fn average(&mut self, left: &[u32], right: &[u32]) -> f64 {
        let [left, right] = [left, right].map(|side| self.evenly(side));
        let mut weights = Vec::with_capacity(left.len() * right.len());
        for &left in &left {
            weights.extend(right.iter().map(|&right| self.weights.weight(self.comparisons.pattern(left, right), left, right)));
        }
        // A sum depends on the order of what is added, in its last bits.
        weights.sort_unstable_by(f64::total_cmp);
        weights.iter().sum::<f64>() / float(weights.len()).max(1.0)
    }

    fn content(&mut self, row: u32) -> u64 {
        *self.contents.entry(row).or_insert_with(|| self.table.content(row))
    }

    /// Not too many of the members, evenly from all as their content has them.
    fn evenly(&mut self, members: &[u32]) -> Vec<u32> {
        if members.len() <= WEIGHED {
            return members.to_vec();
        }
        let mut members = members.to_vec();
        members.sort_by_cached_key(|&row| (self.content(row), row));
        let stride = members.len().div_ceil(WEIGHED);
        members.into_iter().step_by(stride).collect()
    }
}

/// All rows of the clusters that edges touch, ascending.
fn rows(edges: &[&Edge], clusters: &Clusters) -> Vec<u32> {
    let mut rows: Vec<u32> = edges.iter().flat_map(|edge| [edge.left, edge.right]).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.iter().any(|&row| clusters.size(row) > 1) {
        rows.iter_mut().for_each(|row| *row = clusters.root(*row));
        rows.sort_unstable();
        rows.dedup();
        rows = rows.into_iter().flat_map(|row| clusters.members(row)).collect();
        rows.sort_unstable();
    }
    rows
}

/// The members of the cluster of the row in that place, ascending.
fn members(clusters: &Clusters, place: u32, rows: &[u32]) -> Vec<u32> {
    let mut members: Vec<u32> = clusters.members(place).map(|place| rows[place as usize]).collect();
    members.sort_unstable();
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
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
            let linkage =
                Linkage { table: &table, guard: || Guard::new(&table, &matching), measures: &measures, weights: &weights, threads: 2 };
            linkage.join(&edges.iter().collect::<Vec<_>>(), &mut clusters, &mut report);
            (report.joined, report.prevented)
        };
        assert_eq!(joined(&[edge(0, 1, 20.0), edge(1, 2, 20.0), edge(3, 4, 20.0), edge(2, 3, 15.0)]), (3, 1));
        assert_eq!(joined(&[edge(2, 3, 15.0)]), (1, 0), "alone, the pair is all that is known");
    }

    #[test]
    fn what_grows_beyond_what_one_entity_can_be_is_frozen_and_counted() {
        let rows = LARGEST + 20;
        let joined = |name: &dyn Fn(usize) -> String, cells: usize| {
            let of = |at: usize| {
                let home = format!("东河路{at}号");
                [("name", name(at)), ("sex", "1".into()), ("birth_date", "1985-03-07".into()), ("live_address", home)]
            };
            let cells: Vec<_> = (0..cells).map(of).collect();
            let cells: Vec<Vec<(&str, &str)>> =
                cells.iter().map(|of| of.iter().map(|(name, value)| (*name, value.as_str())).collect()).collect();
            let rows: Vec<(i64, &[(&str, &str)])> = (1..).zip(cells.iter().map(Vec::as_slice)).collect();
            let table =
                Table::read(&person(), &["name", "sex", "birth_date", "live_address"], std::iter::once(Ok(records(&rows)))).unwrap();
            let measures = [Measure::Value(&table.columns[1])];
            let weights =
                Weights { prior: -1.0, terms: vec![Term::new(measures[0], String::new(), table.columns[1].counts(), vec![0.2; 2])] };
            let mut matching = person().matching.unwrap();
            matching.compare.clear();
            let (mut clusters, mut report) = (Clusters::new(table.len(), Vec::new()), ResolutionReport::default());
            // The nearer to the beginning, the heavier.
            let edges: Vec<Edge> = (1..narrow(rows.len()))
                .map(|right| Edge { left: right - 1, right, key: 0, levels: 0, weight: 9000.0 - f64::from(right) })
                .collect();
            let linkage =
                Linkage { table: &table, guard: || Guard::new(&table, &matching), measures: &measures, weights: &weights, threads: 2 };
            linkage.join(&edges.iter().collect::<Vec<_>>(), &mut clusters, &mut report);
            (clusters.size(0) as usize, report.frozen, usize::try_from(report.joined).unwrap())
        };
        let same = |_| "欧阳海".to_owned();
        assert_eq!(joined(&same, rows), (LARGEST, 2, LARGEST - 1 + 18), "a chain: it, and the record that would have been one more");
        // One slip apart, and born the same day.
        let names = ["王小明", "王小铃", "王小丽", "王小军", "王小强", "王小磊", "王小洋", "王小艳", "王小勇", "王小杰", "王小娟"];
        assert_eq!(joined(&|at| names[at % 11].to_owned(), 11).1, 2, "nobody has nine names");
    }
}
