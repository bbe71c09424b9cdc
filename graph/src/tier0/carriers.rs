//! Who carries a value: of the records that share an identifier those that can be one, together. What becomes of them is decided elsewhere.

use super::birth_in;
use crate::{
    column::{NONE, Table},
    guard::Guard,
    parallel::{available, parallel},
};
use std::cmp::Reverse;
use wuwei_schema::Matching;

/// More pairwise incompatible names than this on one value, and it is a hub.
const CARRIERS: usize = 2;

/// More ways of writing name and date than this on one value, and it is a hub without comparing them all.
const WRITINGS: usize = 60;

/// Groups of rows that one thread takes at once.
const GROUPS: usize = 1 << 12;

/// A list of properties that together identify, in a table.
pub(super) struct List<'a> {
    table: &'a Table,
    matching: &'a Matching,
    pub(super) columns: Vec<usize>,
    /// Where the list identifies only those whom another property does not part, that property.
    unless: Option<usize>,
}

/// What the guard makes of the rows of one value.
pub(super) enum Carriers {
    /// They write the guard properties alike.
    One,
    /// Those that can be one, together.
    Parted(Vec<Vec<u32>>),
    /// The same where the value identifies only unless another property contradicts; rows that say nothing of it are in no part.
    Placed(Vec<Vec<u32>>),
    /// Too many that cannot.
    Hub,
}

impl Carriers {
    pub(super) fn is_hub(&self) -> bool {
        matches!(self, Carriers::Hub)
    }

    /// Whom the value joins, of the rows that carry it. Where these have several exclusive values, a value of the weaker kind is nobody's: then,
    /// and where they are at several places, it joins only those at one place.
    pub(super) fn together<'c>(&'c self, group: &'c Vec<u32>, is_contested: impl Fn() -> bool) -> &'c [Vec<u32>] {
        match self {
            Carriers::Parted(parts) => parts,
            Carriers::Placed(parts) if parts.len() > 1 || is_contested() => parts,
            Carriers::One | Carriers::Placed(_) => std::slice::from_ref(group),
            Carriers::Hub => &[],
        }
    }

    /// Whether the value may be somebody else's: what identifies weakly says nothing against what does so better.
    pub(super) fn is_doubted(&self) -> bool {
        match self {
            Carriers::Parted(parts) => parts.len() > 1,
            Carriers::Hub => true,
            Carriers::One | Carriers::Placed(_) => false,
        }
    }
}

impl<'a> List<'a> {
    pub(super) fn of(table: &'a Table, matching: &'a Matching, names: &[String]) -> List<'a> {
        let columns = names.iter().filter_map(|name| table.position(name)).collect();
        let unless = matching.unless.iter().find(|[identifying, _]| *names == [identifying.as_str()]);
        let unless = unless.and_then(|[_, contradicting]| table.position(contradicting));
        List { table, matching, columns, unless }
    }

    /// The carriers of each group, which are a function of the group alone.
    pub(super) fn all_carriers(&self, groups: &[Vec<u32>]) -> Vec<Carriers> {
        let judge = |guard: &mut Guard<'_>, at: usize| -> Vec<Carriers> {
            groups.iter().skip(at * GROUPS).take(GROUPS).map(|group| self.carriers(group, guard)).collect()
        };
        parallel(available(), groups.len().div_ceil(GROUPS), || self.guard(), judge).into_iter().flatten().collect()
    }

    /// The carriers of one group.
    pub(super) fn carriers_of(&self, group: &[u32]) -> Carriers {
        self.carriers(group, &mut self.guard())
    }

    fn guard(&self) -> Guard<'a> {
        match self.unless {
            Some(column) => Guard::against(&self.table.columns[column]),
            None => Guard::new(self.table, self.matching),
        }
    }

    fn carriers(&self, group: &[u32], guard: &mut Guard<'_>) -> Carriers {
        if let Some(column) = self.unless {
            let ids = &self.table.columns[column].ids;
            let placed: Vec<u32> = group.iter().copied().filter(|&row| ids[row as usize] != NONE).collect();
            return parts(&placed, guard, None).map_or(Carriers::Hub, Carriers::Placed);
        }
        if group.iter().all(|&row| guard.alike(group[0], row)) {
            return Carriers::One;
        }
        let parts = parts(group, guard, self.inside(group[0]).as_deref()).filter(|parts| parts.len() <= CARRIERS);
        parts.map_or(Carriers::Hub, Carriers::Parted)
    }

    /// The birth date inside the identifier, where it is a citizen's.
    fn inside(&self, row: u32) -> Option<String> {
        let [column] = self.columns.as_slice() else { return None };
        let column = &self.table.columns[*column];
        birth_in(column, column.ids[row as usize])
    }
}

/// The rows of one value, parted into those that can be one; `None` where they write too many things to be compared.
fn parts(group: &[u32], guard: &mut Guard<'_>, inside: Option<&str>) -> Option<Vec<Vec<u32>>> {
    let mut writings = writings(group, guard);
    if writings.len() > WRITINGS {
        return None;
    }
    // Of two that are as likely the way in which they are written says which is joined first.
    writings.sort_by_cached_key(|rows| guard.writing(rows[0]));
    let mut pairs = Vec::new();
    for (at, left) in writings.iter().enumerate() {
        for (beyond, right) in writings[at + 1..].iter().enumerate() {
            let likeness = guard.likeness(left[0], right[0]);
            pairs.push((Reverse((likeness, left.len() + right.len())), at, at + 1 + beyond));
        }
    }
    pairs.sort_unstable();
    let mut belongs: Vec<usize> = (0..writings.len()).collect();
    for (_, left, right) in pairs {
        let (from, to) = (belongs[right].max(belongs[left]), belongs[right].min(belongs[left]));
        if from != to && all_allowed(&writings, &belongs, from, to, guard, inside) {
            belongs.iter_mut().filter(|cluster| **cluster == from).for_each(|cluster| *cluster = to);
        }
    }
    for at in (0..writings.len()).rev().filter(|&at| belongs[at] != at).collect::<Vec<_>>() {
        let rows = std::mem::take(&mut writings[at]);
        writings[belongs[at]].extend(rows);
    }
    writings.retain(|rows| !rows.is_empty());
    Some(writings)
}

/// Rows that write the guard properties alike, together.
fn writings(group: &[u32], guard: &Guard<'_>) -> Vec<Vec<u32>> {
    let mut writings: Vec<Vec<u32>> = Vec::new();
    for &row in group {
        if let Some(rows) = writings.iter_mut().find(|rows| guard.alike(rows[0], row)) {
            rows.push(row);
        } else if writings.len() <= WRITINGS {
            writings.push(vec![row]);
        } else {
            break;
        }
    }
    writings
}

fn all_allowed(writings: &[Vec<u32>], belongs: &[usize], from: usize, to: usize, guard: &mut Guard<'_>, inside: Option<&str>) -> bool {
    let of = |wanted: usize| writings.iter().zip(belongs).filter(move |(_, cluster)| **cluster == wanted).map(|(rows, _)| rows[0]);
    of(from).all(|left| of(to).all(|right| guard.allows(left, right, inside)))
}
