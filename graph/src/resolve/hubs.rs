//! A clerk's number stands on everyone's records: where many names carry a phone, it neither blocks nor weighs. A model that was learned
//! before says which these are; else they are counted.

use crate::{
    column::{Column, NONE, Table, narrow},
    key::forms,
    model::{MatchModel, Muted},
};
use wuwei_schema::{Form, Kind, Matching};

/// A phone that more different names than this carry belongs to no household.
const NAMES: usize = 8;

/// Takes such values out of the table, and tells which they were, by property.
pub(crate) fn mute_hubs(table: &mut Table, matching: &Matching, known: Option<&MatchModel>) -> Muted {
    let mut muted = Muted::new();
    let is_name = |name: &&String| table.position(name).is_some_and(|at| table.columns[at].kind == Kind::Name);
    let Some(names) = matching.guard.iter().chain(&matching.compare).find(is_name).and_then(|name| table.position(name)) else {
        return muted;
    };
    // By a model nobody asks who carries them.
    let sounds = known.map_or_else(|| forms(&table.columns[names], Form::Pinyin), |_| Vec::new());
    let carriers: Vec<u64> = table.columns[names].ids.iter().filter_map(|&id| sounds.get(id as usize).copied()).collect();
    let is_asked = |column: &Column| column.kind == Kind::Phone && !matching.exclusive.contains(&column.name);
    let hubs = |column: &Column| known.map_or_else(|| hubs(column, &carriers), |known| known.mutes(column));
    let hubs: Vec<Vec<bool>> = table.columns.iter().map(|column| if is_asked(column) { hubs(column) } else { Vec::new() }).collect();
    table.let_go(|at, value| hubs[at].get(value as usize).is_some_and(|hub| *hub));
    for (column, hubs) in table.columns.iter_mut().zip(hubs).filter(|(column, _)| is_asked(column)) {
        column.ids.iter_mut().filter(|id| hubs[**id as usize]).for_each(|id| *id = NONE);
        let found = hubs.iter().enumerate().filter(|(_, hub)| **hub);
        let mut values: Vec<String> = found.map(|(id, _)| column.values.get(narrow(id)).to_owned()).collect();
        values.sort_unstable();
        muted.insert(column.name.clone(), values);
    }
    muted
}

/// For each value whether too many names carry it.
fn hubs(column: &Column, carriers: &[u64]) -> Vec<bool> {
    // What few rows carry, few names do: most values are not looked into.
    let mut rows = vec![0; column.values.len()];
    column.ids.iter().for_each(|&id| rows[id as usize] += 1);
    let stated = column.ids.iter().zip(carriers).filter(|&(&id, &name)| id != NONE && name != 0 && rows[id as usize] > NAMES);
    let mut pairs: Vec<(u32, u64)> = stated.map(|(&id, &name)| (id, name)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut hubs = vec![false; column.values.len()];
    for same in pairs.chunk_by(|left, right| left.0 == right.0) {
        hubs[same[0].0 as usize] = same.len() > NAMES;
    }
    hubs
}
