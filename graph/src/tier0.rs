//! Tier 0: records that share an identifier are one entity, if the guard does not object. An identifier that several people carry (a
//! clerk's own, 111111…) proves nothing for any of them and is switched off.

mod carriers;

use crate::{
    cluster::{Clusters, Joined},
    column::{Column, NONE, Table, groups, hash, mix, narrow},
    guard::Guard,
    parallel::{available, parallel},
};
use carriers::List;
use hashbrown::HashMap;
use serde::Serialize;
use std::borrow::Cow;
use wuwei_schema::{Kind, Matching, kind::citizen_id};

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
    let list = List::of(table, matching, names);
    let values = table.combination(&list.columns);
    let mut proves: Vec<bool> = values.iter().map(|&value| value != NONE).collect();
    let mut groups = groups(&values);
    in_turn(&mut groups, table, &list.columns, clusters);
    for (group, carriers) in groups.iter().zip(list.all_carriers(&groups)) {
        report.shared += 1;
        let together = carriers.together(group, || is_contested(group, clusters));
        report.hubs += u64::from(carriers.is_hub());
        report.contradicted += u64::from(together.len() > 1);
        report.contested += u64::from(together.is_empty() && !carriers.is_hub());
        if together.iter().map(Vec::len).sum::<usize>() < group.len() {
            group.iter().for_each(|&row| proves[row as usize] = false);
        }
        if carriers.is_doubted() {
            group.iter().for_each(|&row| found.doubted[row as usize] = true);
        }
        for carrier in together {
            let is_joined = join(carrier, table, clusters, &mut report);
            carrier.iter().for_each(|&row| proves[row as usize] = is_joined);
        }
    }
    found.proven.iter_mut().zip(proves).for_each(|(proven, proves)| *proven |= proves);
    report
}

/// Brings groups in the order in which they are joined. Where something joined their rows already one may stand in another's way, so the values
/// say which comes first: how records are numbered must not.
fn in_turn(groups: &mut [Vec<u32>], table: &Table, columns: &[usize], clusters: &Clusters) {
    if !clusters.is_joined() {
        return;
    }
    let value = |row: u32| columns.iter().fold(1, |value, &column| mix(value, hash(table.columns[column].text(row))));
    groups.sort_by_cached_key(|group| {
        let is_entangled = group.iter().any(|&row| clusters.size(row) > 1);
        (if is_entangled { value(group[0]) } else { 0 }, group[0])
    });
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

/// Rows that one thread takes at once.
const ROWS: u32 = 1 << 16;

/// What a value that two rows share in the properties of a list says of them, among all rows of the table that carry it; nothing where they
/// share none.
pub(crate) fn shared(table: &Table, matching: &Matching, names: &[String], clusters: &Clusters, pair: [u32; 2]) -> Option<Shared> {
    let list = List::of(table, matching, names);
    let values = table.combination(&list.columns);
    let group = groups(&values).into_iter().find(|group| pair.iter().all(|row| group.contains(row)))?;
    let carriers = list.carriers_of(&group);
    let together = carriers.together(&group, || is_contested(&group, clusters));
    let together = together.iter().find(|carrier| pair.iter().all(|row| carrier.contains(row)));
    Some(match together {
        None if carriers.is_hub() => Shared::Hub,
        None => Shared::Contradicted,
        Some(carrier) if is_contested(carrier, clusters) => Shared::Contested,
        Some(_) => Shared::Joined,
    })
}

/// The rows of a table that are joined because they share a value in the properties of a list: each time all with all.
pub(crate) fn carriers_of(table: &Table, matching: &Matching, names: &[String], clusters: &Clusters) -> Vec<Vec<u32>> {
    let list = List::of(table, matching, names);
    let mut found = Vec::new();
    for group in groups(&table.combination(&list.columns)) {
        found.extend(list.carriers_of(&group).together(&group, || is_contested(&group, clusters)).iter().cloned());
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

/// The birth date inside a value of a column.
fn birth_in(column: &Column, value: u32) -> Option<String> {
    let text = || column.values.get(value);
    match column.kind {
        Kind::CitizenId => citizen_id::birth_date(text()),
        Kind::StudentNo => text().strip_prefix('G').and_then(citizen_id::birth_date),
        _ => None,
    }
}

/// Joins the rows of one carrier. Where they hold two values of an exclusive property, nobody knows whose the rest are.
fn join(rows: &[u32], table: &Table, clusters: &mut Clusters, report: &mut IdentifyReport) -> bool {
    if is_contested(rows, clusters) {
        report.contested += 1;
        return false;
    }
    // One is enough, but where people keep rows of one value apart: then it matters who comes first.
    let mut rows = Cow::Borrowed(rows);
    if rows.iter().any(|&row| clusters.is_kept_apart(row)) {
        table.by_content(rows.to_mut());
    }
    let mut heads: Vec<u32> = Vec::new();
    for &row in &*rows {
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
