//! A model as rows of `graph.model`, `graph.model_level` and `graph.frequency`, and back to the last bit.

use super::{Comparison, MatchModel, Muted};
use crate::{
    Error,
    batch::{Texts, integers, numbers, optional},
    frequency::{Carried, Frequency},
    resolve::Experiment,
    weigh::{Learned, odds},
};
use arrow_array::{
    Array as _, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray,
    types::{Float64Type, Int64Type},
};
use arrow_schema::ArrowError;
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use wuwei_schema::learned;

/// Rows of one batch of frequencies.
const ROWS: usize = 1 << 19;

/// What a term frequency is of, in `graph.frequency`.
const VALUE: &str = "value";
const SOUND: &str = "sound";
const MUTED: &str = "muted";

impl MatchModel {
    /// Its rows, each batch with the name of its table.
    ///
    /// # Errors
    /// The columns do not fit together: us.
    pub fn rows(&self) -> Result<Vec<(&'static str, RecordBatch)>, Error> {
        let mut batches = vec![(learned::MODEL, self.model_row()?), (learned::LEVEL, self.level_rows()?)];
        let counted = self.comparisons.iter().filter_map(|known| Some((known.property.as_str(), known.frequency.as_ref()?)));
        for (property, frequency) in counted {
            for (what, carried) in [(VALUE, &frequency.values), (SOUND, &frequency.sounds)] {
                let rows: Vec<(&str, u32)> = carried.iter().collect();
                batches.extend(self.frequency_rows(property, what, &rows)?);
            }
        }
        for (property, values) in &self.muted {
            let rows: Vec<(&str, u32)> = values.iter().map(|value| (value.as_str(), 0)).collect();
            batches.extend(self.frequency_rows(property, MUTED, &rows)?);
        }
        Ok(batches)
    }

    /// The models in batches of `graph.model`, `graph.model_level` and `graph.frequency`, by entity type. Frequencies of values that are not
    /// looked up may be left out.
    ///
    /// # Errors
    /// When a column is missing, levels are not in their places, or the source fails.
    pub fn read(
        model: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        level: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        frequency: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<BTreeMap<String, MatchModel>, Error> {
        let mut levels = read_levels(level)?;
        let mut counts = read_counts(frequency)?;
        let mut models = BTreeMap::new();
        for batch in model {
            let batch = batch?;
            let entities = Texts::of(&batch, "entity")?;
            let (priors, thresholds) = (numbers(&batch, "prior")?, numbers(&batch, "threshold")?);
            for row in 0..batch.num_rows() {
                let entity = entities.owned(row);
                let comparisons = comparisons(&entity, levels.remove(&entity).unwrap_or_default(), &mut counts)?;
                let muted = muted(&entity, &mut counts);
                let model = MatchModel {
                    prior_bits: priors.value(row),
                    threshold: thresholds.value(row),
                    experiment: experiment(&batch, row)?,
                    comparisons,
                    muted,
                    entity: entity.clone(),
                };
                models.insert(entity, model);
            }
        }
        Ok(models)
    }

    fn model_row(&self) -> Result<RecordBatch, Error> {
        let of = |value: fn(&Experiment) -> u64| self.experiment.as_ref().map(|found| i64::try_from(value(found)).unwrap_or(i64::MAX));
        let share = |value: fn(&Experiment) -> f64| Float64Array::from(vec![self.experiment.as_ref().map(value)]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(vec![self.entity.as_str()])),
            Arc::new(Float64Array::from(vec![self.prior_bits])),
            Arc::new(Float64Array::from(vec![self.threshold])),
            Arc::new(Float64Array::from(vec![odds(self.threshold)])),
            Arc::new(Int64Array::from(vec![of(|found| found.matches)])),
            Arc::new(Int64Array::from(vec![of(|found| found.others)])),
            Arc::new(share(|found| found.precision)),
            Arc::new(share(|found| found.recall)),
        ];
        Ok(RecordBatch::try_new(learned::model(), columns)?)
    }

    fn level_rows(&self) -> Result<RecordBatch, Error> {
        let places = self.comparisons.iter().zip(0i64..);
        let levels: Vec<(&Comparison, i64, usize)> =
            places.flat_map(|(known, at)| (0..known.m.len()).map(move |level| (known, at, level))).collect();
        let levels = || levels.iter().copied();
        let number = |of: fn(&Comparison) -> &Vec<f64>| Float64Array::from_iter_values(levels().map(|(known, _, level)| of(known)[level]));
        let text = |of: fn(&Comparison) -> &str| StringArray::from_iter_values(levels().map(|(known, ..)| of(known)));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(levels().map(|_| &self.entity))),
            Arc::new(Int64Array::from_iter_values(levels().map(|(_, at, _)| at))),
            Arc::new(text(|known| &known.property)),
            Arc::new(Int64Array::from_iter_values(levels().map(|(.., level)| i64::try_from(level).unwrap_or(i64::MAX)))),
            Arc::new(number(|known| &known.m)),
            Arc::new(number(|known| &known.u)),
            Arc::new(number(|known| &known.bits)),
            Arc::new(text(|known| known.learned.word())),
            Arc::new(levels().map(|(known, ..)| known.frequency.as_ref().map(|frequency| whole(frequency.stated))).collect::<Int64Array>()),
        ];
        Ok(RecordBatch::try_new(learned::level(), columns)?)
    }

    fn frequency_rows(&self, property: &str, what: &str, rows: &[(&str, u32)]) -> Result<Vec<(&'static str, RecordBatch)>, Error> {
        let batch = |rows: &[(&str, u32)]| {
            let word = |word: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, rows.len()))) as ArrayRef;
            let values = StringArray::from_iter_values(rows.iter().map(|(value, _)| value));
            let carriers = Int64Array::from_iter_values(rows.iter().map(|(_, carriers)| i64::from(*carriers)));
            let columns = vec![word(&self.entity), word(property), word(what), Arc::new(values), Arc::new(carriers)];
            Ok((learned::FREQUENCY, RecordBatch::try_new(learned::frequency(), columns)?))
        };
        rows.chunks(ROWS).map(batch).collect()
    }
}

/// What was read of one level: comparison, level, and the comparison with that level alone.
type Level = (i64, i64, Comparison);

fn read_levels(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<BTreeMap<String, Vec<Level>>, Error> {
    let mut levels: BTreeMap<String, Vec<Level>> = BTreeMap::new();
    for batch in batches {
        let batch = batch?;
        let (entities, properties, words) = (Texts::of(&batch, "entity")?, Texts::of(&batch, "property")?, Texts::of(&batch, "learned")?);
        let [comparison, level] = ["comparison", "level"].map(|name| integers(&batch, name));
        let [m, u, bits] = ["m_probability", "u_probability", "bits"].map(|name| numbers(&batch, name));
        let (comparison, level, m, u, bits) = (comparison?, level?, m?, u?, bits?);
        let stated = optional::<Int64Type>(&batch, "stated")?;
        for row in 0..batch.num_rows() {
            let empty = |stated| Frequency { stated, values: Carried::default(), sounds: Carried::default() };
            let known = Comparison {
                property: properties.owned(row),
                learned: Learned::of(&words.owned(row)).unwrap_or(Learned::Assumed),
                m: vec![m.value(row)],
                u: vec![u.value(row)],
                bits: vec![bits.value(row)],
                frequency: stated.is_valid(row).then(|| empty(float(stated.value(row)))),
            };
            levels.entry(entities.owned(row)).or_default().push((comparison.value(row), level.value(row), known));
        }
    }
    Ok(levels)
}

/// Frequencies by entity, property and what they are of.
type Counts = BTreeMap<(String, String, String), Vec<(String, u32)>>;

fn read_counts(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<Counts, Error> {
    let mut counts = Counts::new();
    for batch in batches {
        let batch = batch?;
        let [entities, properties, what, values] = ["entity", "property", "what", "value"].map(|name| Texts::of(&batch, name));
        let (entities, properties, what, values) = (entities?, properties?, what?, values?);
        let carriers = integers(&batch, "carriers")?;
        let (mut key, mut run) = (None, Vec::new());
        for row in 0..batch.num_rows() {
            // Rows of one property follow each other, millions of them.
            let of = (entities.get(row), properties.get(row), what.get(row));
            if key.as_ref() != Some(&of) {
                add(&mut counts, key.replace(of), &mut run);
            }
            run.push((values.owned(row), u32::try_from(carriers.value(row)).unwrap_or(u32::MAX)));
        }
        add(&mut counts, key, &mut run);
    }
    Ok(counts)
}

type Key<'a> = (Option<Cow<'a, str>>, Option<Cow<'a, str>>, Option<Cow<'a, str>>);

fn add(counts: &mut Counts, key: Option<Key<'_>>, run: &mut Vec<(String, u32)>) {
    let own = |text: Option<Cow<'_, str>>| text.unwrap_or_default().into_owned();
    if let Some((entity, property, what)) = key {
        counts.entry((own(entity), own(property), own(what))).or_default().append(run);
    }
}

/// The comparisons of a type in their places, whatever the order of rows.
fn comparisons(entity: &str, mut levels: Vec<Level>, counts: &mut Counts) -> Result<Vec<Comparison>, Error> {
    levels.sort_by_key(|(comparison, level, _)| (*comparison, *level));
    let mut comparisons: Vec<Comparison> = Vec::new();
    for same in levels.chunk_by(|left, right| left.0 == right.0) {
        let in_place = same.iter().zip(0..).all(|((comparison, level, _), at)| (*comparison, *level) == (whole_len(&comparisons), at));
        let Some(((.., first), others)) = same.split_first().filter(|_| in_place) else {
            return Err(Error::Unfit { entity: entity.to_owned() });
        };
        let mut known = first.clone();
        for (.., level) in others {
            known.m.extend(&level.m);
            known.u.extend(&level.u);
            known.bits.extend(&level.bits);
        }
        if let Some(frequency) = &mut known.frequency {
            let mut taken = |what: &str| {
                let found = counts.remove(&(entity.to_owned(), known.property.clone(), what.to_owned()));
                Carried::of(found.unwrap_or_default().into_iter())
            };
            (frequency.values, frequency.sounds) = (taken(VALUE), taken(SOUND));
        }
        comparisons.push(known);
    }
    Ok(comparisons)
}

fn muted(entity: &str, counts: &mut Counts) -> Muted {
    let mut muted = Muted::new();
    for ((of, property, what), values) in counts.iter() {
        if of == entity && what == MUTED {
            let mut values: Vec<String> = values.iter().map(|(value, _)| value.clone()).collect();
            values.sort_unstable();
            muted.insert(property.clone(), values);
        }
    }
    muted
}

fn experiment(batch: &RecordBatch, row: usize) -> Result<Option<Experiment>, Error> {
    let count = |name| Ok::<_, Error>(u64::try_from(optional::<Int64Type>(batch, name)?.value(row)).unwrap_or_default());
    let share = |name| Ok::<_, Error>(optional::<Float64Type>(batch, name)?.value(row));
    if optional::<Int64Type>(batch, "matches")?.is_null(row) {
        return Ok(None);
    }
    Ok(Some(Experiment { matches: count("matches")?, others: count("others")?, precision: share("precision")?, recall: share("recall")? }))
}

fn whole_len(comparisons: &[Comparison]) -> i64 {
    i64::try_from(comparisons.len()).unwrap_or(i64::MAX)
}

/// A count that was added up as a float.
#[expect(clippy::cast_possible_truncation, reason = "it is a sum of counts below 2^32, far below 2^53")]
fn whole(count: f64) -> i64 {
    count as i64
}

#[expect(clippy::cast_precision_loss, reason = "it was written by `whole`")]
fn float(count: i64) -> f64 {
    count as f64
}
