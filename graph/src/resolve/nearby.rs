//! What came since the resolution before is resolved with all that it reaches, and with nothing else: whatever hangs together with none of it is
//! of whom it was. The outcome is that of resolving everything by the same model, to the last bit.

use super::{
    Before, Earlier, Resolution,
    carried::{self, Carried, Told},
    kept::Kept,
    links::Links,
    near::{Bonds, Near, near},
    past::Past,
    resolve_on, since,
};
use crate::{
    Decisions, Error,
    change::{Stood, are_among},
    column::narrow,
    key, parallel,
    sign::Signs,
    weigh::odds,
};
use arrow_array::{Int64Array, RecordBatch};
use arrow_schema::ArrowError;
use wuwei_schema::{EntityType, Matching};

/// Batches of a table.
pub(super) type Batches<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, ArrowError>>;

/// Resolves records of which most were resolved before.
pub(super) fn resolve(
    (entity, matching): (&EntityType, &Matching),
    records: Batches<'_>,
    decisions: &Decisions,
    before: Before<'_, Batches<'_>, Batches<'_>, Batches<'_>>,
) -> Result<Resolution, Error> {
    let model = before.model;
    let signs = Signs::read(entity, matching, model, records)?;
    let gone: Vec<RecordBatch> = before.gone.collect::<Result<_, _>>()?;
    let gone = (Signs::read(entity, matching, model, gone.iter().cloned().map(Ok))?, gone);
    let keys: Vec<String> = matching.block.iter().map(|key| key::name(key)).collect();
    let rows = carried::Rows::of(&signs.records);
    let told = Told { entity: &entity.name, records: &rows, model, keys: &keys, enough: odds(model.threshold) };
    let carried = carried::read(before.pairs, told)?;
    let past = Past::read(before.link, &entity.name, &signs.records)?;
    let stood = Stood { records: before.records, decided: before.decided, reached: &[] };
    let mut known = Known { signs, gone, past, stood };
    let Some((near, mut carried)) = carried.and_then(|carried| known.near(told.enough, carried)) else {
        let all = known.signs.batches(0..narrow(known.signs.records.len()));
        return resolve_on(parallel::available(), entity, all, decisions, Some(model), None);
    };
    let ours = taken_out(&near, &mut carried.pairs, known.signs.records.len());
    let again = known.again(entity, decisions, (before.model, &near), &ours)?;
    known.merged(entity, again, &near, (carried.pairs, carried.spelled))
}

/// Takes out the pairs of rows that are resolved again.
fn taken_out(near: &Near, pairs: &mut Vec<Kept>, rows: usize) -> Vec<Kept> {
    let mut is_near = vec![false; rows];
    near.rows.iter().for_each(|&row| is_near[row as usize] = true);
    let mut taken = Vec::new();
    pairs.retain(|pair| {
        let is_taken = is_near[pair.left as usize] && is_near[pair.right as usize];
        taken.extend(is_taken.then_some(*pair));
        !is_taken
    });
    taken
}

/// What there is, and what there was.
struct Known<'a> {
    signs: Signs,
    gone: (Signs, Vec<RecordBatch>),
    past: Past,
    stood: Stood<'a>,
}

impl Known<'_> {
    /// The rows that the change reaches; nothing where not all that is gone is told, what was is not known of all others, or they are too far.
    fn near(&self, enough: f64, carried: Carried) -> Option<(Near, Carried)> {
        let (records, decided) = (&self.signs.records, self.stood.decided);
        let is_old = are_among(records, self.stood.records);
        if is_old.iter().filter(|old| **old).count() + self.gone.0.records.len() != self.stood.records.len() {
            return None;
        }
        let mut fresh: Vec<u32> = (0u32..).zip(&is_old).filter(|(_, old)| !**old).map(|(row, _)| row).collect();
        fresh.extend(decided.iter().filter_map(|record| records.binary_search(record).ok()).map(narrow));
        let heavy = carried.pairs.iter().filter(|pair| pair.weight >= enough);
        let bonds = Bonds {
            entity: &self.past.entity,
            gone: &self.past.gone,
            pairs: heavy.map(|pair| (pair.left, pair.right)).collect(),
            bereft: &carried.bereft,
        };
        let near = near(&self.signs, &self.gone.0, &fresh, &bonds)?;
        let mut again = near.rows.iter().peekable();
        let is_known = |(row, entity): (u32, &u32)| again.next_if_eq(&&row).is_some() || *entity != 0;
        (0u32..).zip(&self.past.entity).all(is_known).then_some((near, carried))
    }

    /// Resolves these rows, whose pairs of before are told.
    fn again(
        &mut self,
        entity: &EntityType,
        decisions: &Decisions,
        (model, near): (&crate::MatchModel, &Near),
        pairs: &[Kept],
    ) -> Result<Resolution, Error> {
        let records = |rows: &[u32]| -> Vec<i64> { rows.iter().map(|&row| self.signs.records[row as usize]).collect() };
        let (again, reached) = (records(&near.rows), records(&near.reached));
        let old = are_among(&again, self.stood.records);
        let mut stood: Vec<i64> = again.into_iter().zip(old).filter(|(_, old)| *old).map(|(record, _)| record).collect();
        stood.extend(&self.gone.0.records);
        stood.sort_unstable();
        let record = |row: u32| self.signs.records[row as usize];
        let pairs: Vec<since::Pair> = pairs.iter().map(|&pair| (record(pair.left), record(pair.right), pair)).collect();
        let mut gone = std::mem::take(&mut self.gone.1).into_iter().map(Ok);
        let stood = Stood { records: &stood, decided: self.stood.decided, reached: &reached };
        let earlier = Earlier { stood, pairs: &pairs, gone: &mut gone };
        let rows = self.signs.turned_into(&near.rows)?.into_iter().map(Ok);
        resolve_on(parallel::available(), entity, rows, decisions, Some(model), Some(earlier))
    }

    /// What was found of some rows, and what is known of the others.
    fn merged(
        self,
        entity: &EntityType,
        again: Resolution,
        near: &Near,
        (others, spelled): (Vec<Kept>, std::collections::BTreeMap<u64, String>),
    ) -> Result<Resolution, Error> {
        let (records, mut report) = (&self.signs.records, again.report);
        let found = &again.link;
        let mut first = vec![0; self.past.entities];
        let (mut at, mut tiers) = (0, self.past.tier);
        let mut place = |row: usize| {
            if near.rows.get(at).is_some_and(|near| *near as usize == row) {
                tiers[row] = found.tiers()[at];
                at += 1;
                return found.entities().value(at - 1);
            }
            let first = &mut first[self.past.entity[row] as usize];
            if *first == 0 {
                *first = narrow(row) + 1;
            }
            records[*first as usize - 1]
        };
        let entities: Vec<i64> = (0..records.len()).map(&mut place).collect();
        report.records = records.len() as u64;
        report.entities = records.iter().zip(&entities).filter(|(record, entity)| record == entity).count() as u64;
        report.carried += others.len() as u64;
        let records = Int64Array::from(self.signs.records);
        let pair = again.pair.among(records.clone(), &near.rows, others, spelled);
        report.kept = pair.count() as u64;
        let link = Links::new(&entity.name, records, entities, tiers);
        Ok(Resolution { link, verified: self.signs.verified, pair, report, ..again })
    }
}
