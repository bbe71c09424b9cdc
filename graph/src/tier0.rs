//! Tier 0: records that share an identifier are one entity, if the guard does not object. An identifier that several people carry (a
//! clerk's own, 111111…) proves nothing for any of them and is switched off.

use crate::{
    cluster::{Clusters, Joined},
    column::{Column, NONE, Table, groups, narrow},
    guard::Guard,
    parallel::{available, parallel},
};
use hashbrown::HashMap;
use serde::Serialize;
use std::cmp::Reverse;
use wuwei_schema::{Kind, Matching, kind::citizen_id};

/// More pairwise incompatible names than this on one value, and it is a hub.
const CARRIERS: usize = 2;

/// More ways of writing name and date than this on one value, and it is a hub without comparing them all.
const WRITINGS: usize = 60;

/// What one list of identifying properties brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IdentifyReport {
    /// The properties, e.g. `id_no`.
    pub identify: String,
    /// Values that more than one record carries.
    pub shared: u64,
    /// Joins by them of what is not said twice: copies of a record are joined without being counted.
    pub joined: u64,
    /// Values carried by records that the guard keeps apart.
    pub contradicted: u64,
    /// Values switched off: more than two incompatible names carry them.
    pub hubs: u64,
    /// Values that would join two values of an exclusive property.
    pub contested: u64,
}

/// What tier 0 says of rows beside joining them.
#[derive(Debug)]
pub(crate) struct Identified {
    /// List by list.
    pub(crate) reports: Vec<IdentifyReport>,
    /// Whether an identifier of the row stands for one entity, so that its copies are it.
    pub(crate) proven: Vec<bool>,
    /// Whether an identifier of the row may be somebody else's, since others carry it.
    pub(crate) doubted: Vec<bool>,
}

/// Joins what shares an identifier, list by list.
pub(crate) fn identify(table: &Table, matching: &Matching, clusters: &mut Clusters) -> Identified {
    let mut found = Identified { reports: Vec::new(), proven: vec![false; table.len()], doubted: vec![false; table.len()] };
    for names in &matching.identify {
        let report = identify_by(table, names, matching, clusters, &mut found);
        found.reports.push(report);
    }
    found
}

fn identify_by(table: &Table, names: &[String], matching: &Matching, clusters: &mut Clusters, found: &mut Identified) -> IdentifyReport {
    let mut report = IdentifyReport { identify: names.join("+"), ..IdentifyReport::default() };
    let columns: Vec<usize> = names.iter().filter_map(|name| table.position(name)).collect();
    let values = table.combination(&columns);
    let mut proves: Vec<bool> = values.iter().map(|&value| value != NONE).collect();
    let groups = groups(&values);
    for (group, carriers) in groups.iter().zip(all_carriers(table, &columns, &groups, matching)) {
        report.shared += 1;
        let carriers: Option<&[Vec<u32>]> = match &carriers {
            Carriers::One => Some(std::slice::from_ref(group)),
            Carriers::Parted(parts) => Some(parts),
            Carriers::Hub => None,
        };
        report.hubs += u64::from(carriers.is_none());
        report.contradicted += u64::from(carriers.is_some_and(|carriers| carriers.len() > 1));
        for carrier in carriers.iter().copied().flatten() {
            if !join(carrier, clusters, &mut report) {
                carrier.iter().for_each(|&row| proves[row as usize] = false);
            }
        }
        if carriers.is_none() {
            group.iter().for_each(|&row| proves[row as usize] = false);
        }
        if carriers.is_none_or(|carriers| carriers.len() > 1) {
            group.iter().for_each(|&row| found.doubted[row as usize] = true);
        }
    }
    found.proven.iter_mut().zip(proves).for_each(|(proven, proves)| *proven |= proves);
    report
}

/// Marks rows of which an identifier contains another birth date than they state. Only who learns asks for it.
pub(crate) fn doubt_births(table: &Table, matching: &Matching, doubted: &mut [bool]) {
    let threads = available();
    let column = |name: &String| table.position(name).map(|at| &table.columns[at]);
    let dates: Vec<&Column> = matching.guard.iter().filter_map(column).filter(|column| column.kind == Kind::Date).collect();
    let single = matching.identify.iter().filter_map(|names| if let [name] = names.as_slice() { column(name) } else { None });
    for ids in single.filter(|ids| matches!(ids.kind, Kind::CitizenId | Kind::StudentNo)) {
        let births: Vec<Vec<u32>> = dates.iter().map(|date| births(ids, date)).collect();
        let differs = |row: u32, (date, births): (&&Column, &Vec<u32>)| {
            let (stated, born) = (date.ids[row as usize], births[ids.ids[row as usize] as usize]);
            stated != NONE && born != NONE && stated != born
        };
        // Texts lie far apart in memory, and hardly any differ.
        let may_be = |row: u32| dates.iter().zip(&births).any(|date| differs(row, date));
        let is_other =
            |guard: &Guard<'_>, row: u32| birth_in(ids, ids.ids[row as usize]).is_some_and(|born| guard.is_other_birth(row, &born));
        let doubts = |guard: &mut Guard<'_>, at: usize| -> Vec<u32> {
            let from = narrow(at) * ROWS;
            let rows = from..table.rows().end.min(from.saturating_add(ROWS));
            rows.filter(|&row| may_be(row) && is_other(guard, row)).collect()
        };
        let units = table.rows().end.div_ceil(ROWS) as usize;
        parallel(threads, units, || Guard::new(table, matching), doubts).concat().into_iter().for_each(|row| doubted[row as usize] = true);
    }
}

/// Of each identifier the number that the birth date in it has among those of a column; one that no date has where it is not there, [`NONE`] where
/// there is no birth date in it.
fn births(ids: &Column, dates: &Column) -> Vec<u32> {
    let numbers: HashMap<&str, u32> = (0..narrow(dates.values.len())).map(|number| (dates.values.get(number), number)).collect();
    let known = narrow(ids.values.len());
    let some = |(): &mut (), at: usize| -> Vec<u32> {
        let from = narrow(at) * ROWS;
        let born = (from..known.min(from.saturating_add(ROWS))).map(|id| birth_in(ids, id));
        born.map(|born| born.map_or(NONE, |born| numbers.get(born.as_str()).copied().unwrap_or(u32::MAX))).collect()
    };
    parallel(available(), known.div_ceil(ROWS) as usize, || (), some).concat()
}

/// Rows, and groups of rows, that one thread takes at once.
const ROWS: u32 = 1 << 16;
const GROUPS: usize = 1 << 12;

/// What the guard makes of the rows of one value.
enum Carriers {
    /// They write the guard properties alike.
    One,
    /// Those that can be one, together.
    Parted(Vec<Vec<u32>>),
    /// Too many that cannot.
    Hub,
}

/// The carriers of each group, which are a function of the group alone.
fn all_carriers(table: &Table, columns: &[usize], groups: &[Vec<u32>], matching: &Matching) -> Vec<Carriers> {
    let judge = |guard: &mut Guard<'_>, at: usize| -> Vec<Carriers> {
        let mut carriers = |group: &Vec<u32>| {
            if group.iter().all(|&row| guard.alike(group[0], row)) {
                return Carriers::One;
            }
            carriers(group, guard, inside(table, columns, group[0]).as_deref()).map_or(Carriers::Hub, Carriers::Parted)
        };
        groups.iter().skip(at * GROUPS).take(GROUPS).map(&mut carriers).collect()
    };
    parallel(available(), groups.len().div_ceil(GROUPS), || Guard::new(table, matching), judge).into_iter().flatten().collect()
}

/// What a value that two rows share in the properties of a list says of them, among all rows of the table that carry it; nothing where they
/// share none.
pub(crate) fn shared(table: &Table, names: &[String], guard: &mut Guard<'_>, clusters: &Clusters, pair: [u32; 2]) -> Option<Shared> {
    let columns: Vec<usize> = names.iter().filter_map(|name| table.position(name)).collect();
    let values = table.combination(&columns);
    let group = groups(&values).into_iter().find(|group| pair.iter().all(|row| group.contains(row)))?;
    let Some(carriers) = carriers(&group, guard, inside(table, &columns, group[0]).as_deref()) else { return Some(Shared::Hub) };
    let together = carriers.iter().find(|carrier| pair.iter().all(|row| carrier.contains(row)));
    Some(match together {
        None => Shared::Contradicted,
        Some(carrier) if is_contested(carrier, clusters) => Shared::Contested,
        Some(_) => Shared::Joined,
    })
}

/// The rows of a table that are joined because they share a value in the properties of a list: each time all with all.
pub(crate) fn carriers_of(table: &Table, names: &[String], guard: &mut Guard<'_>, clusters: &Clusters) -> Vec<Vec<u32>> {
    let columns: Vec<usize> = names.iter().filter_map(|name| table.position(name)).collect();
    let mut found = Vec::new();
    for group in groups(&table.combination(&columns)) {
        found.extend(carriers(&group, guard, inside(table, &columns, group[0]).as_deref()).unwrap_or_default());
    }
    found.retain(|rows| rows.len() > 1 && !is_contested(rows, clusters));
    found
}

/// What a shared identifier says of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// They are one.
    Joined,
    /// The guard keeps them apart: they state different names or birth dates.
    Contradicted,
    /// Too many incompatible names carry it: it proves nothing for anybody.
    Hub,
    /// Those who carry it have two values of an exclusive property.
    Contested,
}

/// The birth date inside the identifier, where it is a citizen's.
fn inside(table: &Table, columns: &[usize], row: u32) -> Option<String> {
    let [column] = columns else { return None };
    let column = &table.columns[*column];
    birth_in(column, column.ids[row as usize])
}

/// The birth date inside a value of a column.
fn birth_in(column: &Column, value: u32) -> Option<String> {
    let text = || column.values.get(value);
    match column.kind {
        Kind::CitizenId => citizen_id::birth_date(text()),
        Kind::StudentNo => text().strip_prefix('G').and_then(citizen_id::birth_date),
        _ => None,
    }
}

/// The rows of one value, parted into those that can be one; `None` when it is a hub.
fn carriers(group: &[u32], guard: &mut Guard<'_>, inside: Option<&str>) -> Option<Vec<Vec<u32>>> {
    let mut writings = writings(group, guard);
    if writings.len() > WRITINGS {
        return None;
    }
    let mut pairs = Vec::new();
    for (at, left) in writings.iter().enumerate() {
        for (beyond, right) in writings[at + 1..].iter().enumerate() {
            let likeness = guard.likeness(left[0], right[0]);
            pairs.push((Reverse((likeness, left.len() + right.len())), left[0], right[0], at, at + 1 + beyond));
        }
    }
    pairs.sort_unstable();
    let mut belongs: Vec<usize> = (0..writings.len()).collect();
    for (_, _, _, left, right) in pairs {
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
    (writings.len() <= CARRIERS).then_some(writings)
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

/// Joins the rows of one carrier. Where they hold two values of an exclusive property, nobody knows whose the rest are.
fn join(rows: &[u32], clusters: &mut Clusters, report: &mut IdentifyReport) -> bool {
    if is_contested(rows, clusters) {
        report.contested += 1;
        return false;
    }
    // One is enough, but where people keep rows of one value apart.
    let mut heads: Vec<u32> = Vec::new();
    for &row in rows {
        match heads.iter().map(|&head| clusters.join(head, row)).find(|joined| *joined != Joined::Refused) {
            Some(joined) => report.joined += u64::from(joined == Joined::Now),
            None => heads.push(row),
        }
    }
    true
}

/// Whether rows hold two values of an exclusive property.
fn is_contested(rows: &[u32], clusters: &Clusters) -> bool {
    (0..clusters.exclusive()).any(|which| {
        let mut held = rows.iter().map(|&row| clusters.held(which, row)).filter(|&value| value != NONE);
        let first = held.next();
        held.any(|value| Some(value) != first)
    })
}
