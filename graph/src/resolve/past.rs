//! What entity each record was of, as `graph.link` tells it: of whatever nothing has changed this is what it is of still.

use super::output::TIERS;
use crate::{
    Error,
    batch::{Texts, integers},
    column::narrow,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use hashbrown::HashMap;

/// Of the rows of a table what they were.
#[derive(Debug)]
pub(super) struct Past {
    /// A number of the entity; 0 where it was of none.
    pub(super) entity: Vec<u32>,
    /// Which of [`TIERS`] brought it there.
    pub(super) tier: Vec<u8>,
    /// Numbers of the entities of which a record is gone.
    pub(super) gone: Vec<u32>,
    /// There is none from here on.
    pub(super) entities: usize,
}

/// No entity's number.
const NOBODY: i64 = i64::MIN;

/// Numbers that there may be for each row, before they are given anew.
const SPARSE: usize = 4;

impl Past {
    /// What batches of `graph.link` say of the records of a type, which ascend.
    pub(super) fn read(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>, entity: &str, now: &[i64]) -> Result<Past, Error> {
        let (mut of, mut tier) = (vec![NOBODY; now.len()], vec![0; now.len()]);
        let (mut gone, mut next) = (Vec::new(), 0);
        for batch in batches {
            let batch = batch?;
            let (types, tiers) = (Texts::of(&batch, "entity")?, Texts::of(&batch, "tier")?);
            let (records, entities) = (integers(&batch, "record_id")?.values(), integers(&batch, "entity_id")?.values());
            for at in (0..batch.num_rows()).filter(|at| types.get(*at).as_deref() == Some(entity)) {
                // They mostly come in their order.
                while now.get(next).is_some_and(|record| *record < records[at]) {
                    next += 1;
                }
                let row = if now.get(next) == Some(&records[at]) { Some(next) } else { now.binary_search(&records[at]).ok() };
                let Some(row) = row else {
                    gone.push(entities[at]);
                    continue;
                };
                of[row] = entities[at];
                let word = tiers.get(at).unwrap_or_default();
                tier[row] = TIERS.iter().zip(0..).find(|(known, _)| **known == word).map_or(0, |(_, tier)| tier);
            }
        }
        Ok(Past::numbered(&of, tier, &gone))
    }

    fn numbered(of: &[i64], tier: Vec<u8>, gone: &[i64]) -> Past {
        let all = || of.iter().chain(gone).copied().filter(|entity| *entity != NOBODY);
        let (first, last) = (all().min().unwrap_or_default(), all().max().unwrap_or_default());
        let span = usize::try_from(last.saturating_sub(first)).unwrap_or(usize::MAX);
        if span / SPARSE <= of.len() {
            let number = |entity: i64| usize::try_from(entity - first).map_or(0, narrow) + 1;
            let entity = of.iter().map(|&entity| if entity == NOBODY { 0 } else { number(entity) }).collect();
            return Past { entity, tier, gone: gone.iter().copied().map(number).collect(), entities: span + 2 };
        }
        let mut known: HashMap<i64, u32> = HashMap::new();
        let mut number = |entity: i64| {
            let next = narrow(known.len() + 1);
            *known.entry(entity).or_insert(next)
        };
        let entity = of.iter().map(|&entity| if entity == NOBODY { 0 } else { number(entity) }).collect();
        let gone = gone.iter().copied().map(&mut number).collect();
        Past { entity, tier, gone, entities: known.len() + 1 }
    }
}
