//! An invented city: who is there and what ties them, each edge drawn by its number alone. What is measured of it does not enter.

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::sync::Arc;

/// Rows of a batch.
const ROWS: u64 = 8_192;

/// Persons first, then places, things and organisations; edges start from persons, in their order, as those of `graph.edge` do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct City {
    pub(crate) nodes: u64,
    pub(crate) edges: u64,
    /// Edges of a thousand to which something happened since: half lead to another place, a quarter are no more, and beside a quarter one came.
    pub(crate) changed: u64,
}

/// An edge by its number, as it was or as what it became or came beside it, which is as good as any other.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    at: u64,
    is_new: bool,
}

impl Drawn {
    fn dice(self) -> u64 {
        mix(self.at ^ if self.is_new { 1 << 60 } else { 0 })
    }
}

impl City {
    pub(crate) fn persons(&self) -> u64 {
        self.nodes * 6 / 10
    }

    /// Entity numbers are of one sequence with those that are no more.
    pub(crate) fn entity(&self, node: u64) -> i64 {
        i64::try_from(node * 3 + 1).unwrap()
    }

    /// What became of an edge.
    fn drawn(&self, at: u64) -> impl Iterator<Item = Drawn> {
        let fate = mix(at ^ 1 << 61);
        let (stands, comes) = if fate % 1_000 >= self.changed {
            (true, false)
        } else {
            [(false, true), (false, true), (false, false), (true, true)][(fate >> 32) as usize % 4]
        };
        let some = |is_there: bool, is_new| is_there.then_some(Drawn { at, is_new });
        some(stands, false).into_iter().chain(some(comes, true))
    }

    /// The entity at which an edge starts; one in ten that came is of somebody new.
    fn from(&self, edge: Drawn, node: u64) -> i64 {
        self.entity(node) + i64::from(edge.is_new && edge.dice() >> 40 & 15 < 2)
    }

    /// Source, target and relation of an edge.
    fn edge(&self, edge: Drawn) -> (u64, u64, usize) {
        let (persons, places, things) = (self.persons(), self.nodes * 3 / 10, self.nodes * 9 / 100);
        let organizations = self.nodes - persons - places - things;
        let (person, dice) = ((u128::from(edge.at) * u128::from(persons) / u128::from(self.edges)) as u64, edge.dice());
        let part = |bits: u32, of: u64| ((u128::from(mix(dice ^ u64::from(bits))) * u128::from(of)) >> 64) as u64;
        match dice % 100 {
            0..40 => (person, persons + person / 3 % places, 0),
            40..47 => (person, persons + part(1, places), 1),
            47..67 => (person, (person + 1 + part(2, 6)).min(persons - 1), 2),
            67..80 => (person, persons + places + part(3, things), 3),
            80..95 => {
                // Few have most: the place in their order is the fourth power of chance.
                let chance = (mix(dice ^ 4) >> 11) as f64 / (1u64 << 53) as f64;
                (person, persons + places + things + (organizations as f64 * chance.powi(4)) as u64, 4)
            }
            _ => (person, part(5, persons), 5),
        }
    }

    pub(crate) fn ends(&self, at: u64) -> [u64; 2] {
        let (source, target, _) = self.edge(Drawn { at, is_new: false });
        [source, target]
    }

    fn type_of(&self, node: u64) -> &'static str {
        let share = node * 100 / self.nodes;
        ["person", "place", "thing", "organization"][usize::from(share >= 60) + usize::from(share >= 90) + usize::from(share >= 99)]
    }

    pub(crate) fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        (0..self.edges.div_ceil(ROWS)).map(|at| Ok(self.batch(at * ROWS..((at + 1) * ROWS).min(self.edges))))
    }

    fn batch(&self, rows: std::ops::Range<u64>) -> RecordBatch {
        const RELATIONS: [&str; 6] = ["lives_at", "lived_at", "kin", "owns", "employed_by", "calls"];
        const DEPARTMENTS: [&str; 12] = ["d00", "d01", "d02", "d03", "d04", "d05", "d06", "d07", "d08", "d09", "d10", "d11"];
        let drawn: Vec<Drawn> = rows.flat_map(|at| self.drawn(at)).collect();
        let edges: Vec<(u64, u64, usize)> = drawn.iter().map(|edge| self.edge(*edge)).collect();
        let dice: Vec<usize> = drawn.iter().map(|edge| usize::try_from(mix(edge.dice() ^ 0x77) >> 40).unwrap()).collect();
        let text = |of: &dyn Fn(usize) -> Option<&'static str>| -> ArrayRef { Arc::new((0..edges.len()).map(of).collect::<StringArray>()) };
        let numbers = |of: &dyn Fn(usize) -> i64| -> ArrayRef { Arc::new((0..edges.len()).map(|at| Some(of(at))).collect::<Int64Array>()) };
        let month = |number: usize| ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"][number % 12];
        let batches: ArrayRef = Arc::new(
            dice.iter()
                .zip(&drawn)
                .map(|(dice, edge)| Some(format!("90000000000000{}{}", month(dice / 12), u8::from(edge.is_new))))
                .collect::<StringArray>(),
        );
        let dates = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef { Arc::new((0..edges.len()).map(of).collect::<StringArray>()) };
        let date = |year: usize, dice: usize| format!("{}-{}-1{}", year + dice % 8, month(dice / 8), dice % 10);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("relation", text(&|at| Some(RELATIONS[edges[at].2]))),
            ("source", numbers(&|at| self.from(drawn[at], edges[at].0))),
            ("source_type", text(&|at| Some(self.type_of(edges[at].0)))),
            ("target", numbers(&|at| self.entity(edges[at].1))),
            ("target_type", text(&|at| Some(self.type_of(edges[at].1)))),
            ("since", dates(&|at| (dice[at] % 4 < 3).then(|| date(2015, dice[at])))),
            ("until", dates(&|at| (edges[at].2 == 1).then(|| date(2023, dice[at])))),
            ("department", text(&|at| Some(DEPARTMENTS[dice[at] % 12]))),
            ("extract", text(&|at| Some(RELATIONS[dice[at] % 12 / 2]))),
            ("batch", batches),
            ("sheet", text(&|_| None)),
            ("row", numbers(&|at| i64::try_from(dice[at] % 1_000_000).unwrap())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

pub(crate) fn mix(mut hash: u64) -> u64 {
    hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}
