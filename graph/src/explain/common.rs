//! Which identifiers both sides of an explanation carry: only of these does it matter who else carries them, and so only these are looked up.

use crate::{
    Error,
    column::{NONE, Table},
    resolve::names,
};
use arrow_array::RecordBatch;
use std::collections::BTreeSet;
use wuwei_schema::{EntityType, Matching};

/// A way in which a record may carry what is in common: properties, each with the values of which it must have one.
pub type Carrying = Vec<(String, Vec<String>)>;

/// In which ways others may carry an identifier that a record of the `left` and one of the `right` carry; `records` are the batches of both.
///
/// # Errors
/// When a column of [`columns_needed`](super::columns_needed) is missing, or the type has no matching.
pub fn in_common(
    entity: &EntityType,
    records: &[RecordBatch],
    (left, right): (&BTreeSet<i64>, &BTreeSet<i64>),
) -> Result<Vec<Carrying>, Error> {
    let matching = entity.matching.as_ref().ok_or_else(|| Error::Unfit { entity: entity.name.clone() })?;
    let table = Table::read(entity, &names(matching), records.iter().cloned().map(Ok))?;
    let mut ways = Vec::new();
    for list in &matching.identify {
        let columns: Vec<usize> = list.iter().filter_map(|name| table.position(name)).collect();
        let values = table.combination(&columns);
        let of = |side: &BTreeSet<i64>| -> BTreeSet<u32> {
            let rows = table.rows().filter(|&row| side.contains(&table.records[row as usize]));
            rows.map(|row| values[row as usize]).filter(|&value| value != NONE).collect()
        };
        let (left, right) = (of(left), of(right));
        let rows: Vec<u32> = table.rows().filter(|&row| [&left, &right].iter().all(|side| side.contains(&values[row as usize]))).collect();
        if !rows.is_empty() {
            let texts = |at: &usize| rows.iter().map(|&row| table.columns[*at].text(row).to_owned()).collect::<BTreeSet<_>>();
            ways.extend(said(matching, list.iter().cloned().zip(columns.iter().map(texts))));
        }
    }
    Ok(ways)
}

/// Each property by itself, or by another that contains it after a letter.
fn said(matching: &Matching, parts: impl Iterator<Item = (String, BTreeSet<String>)>) -> Vec<Carrying> {
    let mut ways: Vec<Carrying> = vec![Vec::new()];
    for (property, values) in parts {
        let inside: Vec<String> = values.iter().flat_map(|value| ('A'..='Z').map(move |letter| format!("{letter}{value}"))).collect();
        let containers = matching.contains.iter().filter(|[_, inner]| *inner == property).map(|[container, _]| container);
        let mut each: Carrying = containers.map(|container| (container.clone(), inside.clone())).collect();
        each.insert(0, (property, values.into_iter().collect()));
        ways = ways.iter().flat_map(|way| each.iter().map(|part| way.iter().chain([part]).cloned().collect())).collect();
    }
    ways
}
