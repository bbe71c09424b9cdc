//! What a walk is asked and what it answers. How it goes does not enter, nor who asks: rights come as sets and as a predicate.

use serde::Serialize;
use wuwei_schema::calendar;

/// Days since 1899-12-31, so that 1 is 1900-01-01; 0 is before all days and [`FOREVER`] after them.
pub type Day = u16;

/// The end of what has none: 2079-06-06.
pub const FOREVER: Day = Day::MAX;

/// From 1899-12-31 to 1970-01-01.
const TO_1970: i32 = 25_568;

/// The first and last day of a date of ISO 8601, which may be known to the month or year only. None where it is no date; days before 1900 are
/// 1900-01-01, and those after 2079-06-05 that day.
pub fn days(date: &str) -> Option<(Day, Day)> {
    let bytes = date.as_bytes();
    let number = |from: usize, to: usize| bytes.get(from..to)?.iter().try_fold(0, |sum, byte| digit(*byte).map(|digit| sum * 10 + digit));
    let dash = |at: usize| bytes.get(at) == Some(&b'-');
    let day = |year, month, day| (calendar::days_from_civil(year, month, day) + TO_1970).clamp(1, i32::from(FOREVER) - 1);
    let (first, last) = match bytes.len() {
        10 if dash(4) && dash(7) => {
            let day = day(number(0, 4)?, number(5, 7)?, number(8, 10)?);
            (day, day)
        }
        7 if dash(4) => {
            let (year, month) = (number(0, 4)?, number(5, 7)?);
            (day(year, month, 1), day(year + month / 12, month % 12 + 1, 0))
        }
        4 => (day(number(0, 4)?, 1, 1), day(number(0, 4)?, 12, 31)),
        _ => return None,
    };
    Some((Day::try_from(first).ok()?, Day::try_from(last).ok()?))
}

fn digit(byte: u8) -> Option<i32> {
    byte.is_ascii_digit().then(|| i32::from(byte - b'0'))
}

/// Which of at most 256 numbered things, departments or relations, are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set([u64; 4]);

impl Set {
    /// All of them, those too that have no number yet.
    pub const ALL: Set = Set([u64::MAX; 4]);
    /// None.
    pub const NONE: Set = Set([0; 4]);

    /// Those with these numbers.
    pub fn of(numbers: impl IntoIterator<Item = u8>) -> Set {
        numbers.into_iter().fold(Set::NONE, |Set(mut words), number| {
            words[usize::from(number >> 6)] |= 1 << (number & 63);
            Set(words)
        })
    }

    /// Whether that one is meant.
    #[inline]
    pub fn has(&self, number: u8) -> bool {
        self.0[usize::from(number >> 6)] >> (number & 63) & 1 == 1
    }
}

/// Along an edge, against it, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From source to target.
    Out,
    /// From target to source.
    In,
    /// Both.
    #[default]
    Both,
}

/// What there is for who asks, and what of it is asked for. An edge or node that is not in the view does not exist: not for counts, not for
/// what a hub is, not for paths and components.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Departments whose edges there are.
    pub departments: Set,
    /// Relations to follow.
    pub relations: Set,
    /// Which way. Paths lead from the first to the second that way.
    pub direction: Direction,
    /// Edges that hold on one of these days, both ends included; all where it is `None`. The same day twice is "as of".
    pub during: Option<(Day, Day)>,
    /// Departments whose dates are known to who asks; edges of others hold always.
    pub dated: Set,
    /// Whether a node is there. It has to say the same each time.
    pub sees: &'a (dyn Fn(u32) -> bool + Sync),
}

impl View<'static> {
    /// Everything, for who may see it.
    pub fn whole() -> View<'static> {
        View { departments: Set::ALL, relations: Set::ALL, direction: Direction::Both, during: None, dated: Set::ALL, sees: &|_| true }
    }
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let View { departments, relations, direction, during, dated, sees: _ } = self;
        formatter.debug_tuple("View").field(departments).field(relations).field(direction).field(during).field(dated).finish()
    }
}

/// How far a walk goes before it stops and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Edges from the start, or of a path.
    pub hops: u8,
    /// Neighbours by one relation above which a node is a hub by it: it is counted and not walked through by that relation. Where a walk
    /// starts or shall end nothing is a hub.
    pub degree: u32,
    /// Edges looked at.
    pub visited: usize,
    /// Nodes or paths in the answer.
    pub results: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { hops: 4, degree: 5_000, visited: 2_000_000, results: 5_000 }
    }
}

/// Which limit ended a walk before it was through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Edges looked at.
    Visited,
    /// Nodes or paths in the answer.
    Results,
    /// Edges from the start: farther there is more that was not looked for. Only paths and components say so.
    Hops,
}

/// An edge of the graph, as the row of `graph.edge` that asserts it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// Where it starts.
    pub source: u32,
    /// Where it leads.
    pub target: u32,
    /// Its relation, a number of [`Graph::relations`](super::Graph::relations).
    pub relation: u8,
    /// The department, a number of [`Graph::departments`](super::Graph::departments).
    pub department: u8,
    /// First day; 0 where it has none.
    pub since: Day,
    /// Last day; [`FOREVER`] where it has none.
    pub until: Day,
    /// Which sheet of which file of which extract, a number of [`Graph::source`](super::Graph::source).
    pub evidence: u32,
    /// The row there.
    pub row: u32,
}

/// A node that a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The node.
    pub node: u32,
    /// Fewest edges from the start.
    pub hops: u8,
    /// The edge by which it was first come to; its other end is one hop nearer.
    pub by: Edge,
}

/// A hub that was counted and not walked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hub {
    /// The node.
    pub node: u32,
    /// The relation.
    pub relation: u8,
    /// Its neighbours by it, each once for each direction.
    pub degree: u32,
}

/// The nodes around one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbourhood {
    /// By hops, then as they were come to, which does not depend on chance. The start is not among them.
    pub nodes: Vec<Reached>,
    /// Hubs nearer than the last hop, by node and relation.
    pub hubs: Vec<Hub>,
    /// Edges that were looked at, so that who walks from many places can hold all of it to one limit.
    pub visited: usize,
    /// The limit that ended it.
    pub hit: Option<Budget>,
}

/// A way from one node to another. Between each two nodes there may be more edges; this one is the first of the nearest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// First, inner and last node.
    pub nodes: Vec<u32>,
    /// One fewer than nodes.
    pub edges: Vec<Edge>,
}

/// Ways from one node to another, all of the fewest edges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths {
    /// By their nodes. One edge stands for those that lead between the same two nodes.
    pub paths: Vec<Path>,
    /// The limit that ended it; with `None` and no path there is none.
    pub hit: Option<Budget>,
}

/// A node next to two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// The node.
    pub node: u32,
    /// The first edge to the one.
    pub left: Edge,
    /// The first edge to the other.
    pub right: Edge,
    /// Its neighbours in this view, each once for each relation and direction: a tie that few share says more.
    pub degree: u32,
}

/// Nodes next to two others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commons {
    /// By number.
    pub nodes: Vec<Common>,
    /// The limit that ended it.
    pub hit: Option<Budget>,
}

/// The nodes that hang together with one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// By number, the start among them.
    pub nodes: Vec<u32>,
    /// The limit that ended it.
    pub hit: Option<Budget>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_as_far_as_they_are_known() {
        assert_eq!(days("1900-01-01"), Some((1, 1)));
        assert_eq!(days("1970-01-01"), Some((25_568, 25_568)));
        assert_eq!(days("2000-02"), Some((36_556, 36_584)), "29 days");
        assert_eq!(days("2023-12"), days("2023-12-01").zip(days("2023-12-31")).map(|(first, last)| (first.0, last.0)));
        assert_eq!(days("2023"), days("2023-01-01").zip(days("2023-12-31")).map(|(first, last)| (first.0, last.0)));
        assert_eq!((days("1850-01-01"), days("2150-01-01")), (Some((1, 1)), Some((FOREVER - 1, FOREVER - 1))), "not without end");
        assert_eq!((days(""), days("20230101"), days("2023-1-01"), days("二零二三")), (None, None, None, None));
    }

    #[test]
    fn a_set_has_what_it_was_given() {
        let set = Set::of([0, 63, 64, 255]);
        assert_eq!((0..=255).filter(|number| set.has(*number)).collect::<Vec<u8>>(), [0, 63, 64, 255]);
        assert!((0..=255).all(|number| Set::ALL.has(number) && !Set::NONE.has(number)));
    }
}
