//! What a resolution learned, as a value that survives the run: prior, threshold, the worth of every level, term frequencies, and the values
//! that say nothing because too many carry them. It weighs two records of any table to the last bit as the run did that learned it. Where
//! its tables lie is not known here.

mod tables;

use crate::{
    Error,
    column::Column,
    compare::{BITS, Measure, SILENT},
    frequency::Frequency,
    parallel::{available, parallel},
    resolve::Experiment,
    weigh::{Learned, Term, Weights},
};
use std::collections::BTreeMap;

/// What pairs of one entity type are weighed by.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchModel {
    /// The entity type.
    pub entity: String,
    /// Log-odds, in bits, that two records which tier 0 left open are one.
    pub prior_bits: f64,
    /// Posterior probability from which a pair is joined.
    pub threshold: f64,
    /// What hiding identifiers said of the threshold.
    pub experiment: Option<Experiment>,
    comparisons: Vec<Comparison>,
    muted: Muted,
}

/// What was learned of one comparison.
#[derive(Debug, Clone, PartialEq)]
struct Comparison {
    property: String,
    learned: Learned,
    m: Vec<f64>,
    u: Vec<f64>,
    bits: Vec<f64>,
    frequency: Option<Frequency>,
}

/// Values that neither block nor weigh, by property, each in order; properties of which there are none may stand here too.
pub(crate) type Muted = BTreeMap<String, Vec<String>>;

impl MatchModel {
    /// What weights and threshold leave behind.
    pub(crate) fn of(entity: &str, weights: &Weights<'_>, threshold: f64, experiment: Option<Experiment>) -> MatchModel {
        let comparison = |(): &mut (), at: usize| {
            let term: &Term<'_> = &weights.terms[at];
            Comparison {
                property: term.name.clone(),
                learned: term.learned,
                m: term.m.clone(),
                u: term.u.clone(),
                bits: (0..=term.measure.max_level()).map(|level| term.bits(level)).collect(),
                frequency: term.frequency(),
            }
        };
        let comparisons = parallel(available(), weights.terms.len(), || (), comparison);
        MatchModel { entity: entity.to_owned(), prior_bits: weights.prior, threshold, experiment, comparisons, muted: Muted::new() }
    }

    /// With the values that say nothing.
    pub(crate) fn muting(self, muted: Muted) -> MatchModel {
        MatchModel { muted, ..self }
    }

    /// The weights of these measures, as they were learned.
    ///
    /// # Errors
    /// It was learned of other measures: the model files have changed since.
    pub(crate) fn weights<'a>(&self, measures: &[Measure<'a>]) -> Result<Weights<'a>, Error> {
        let fits = |(known, measure): (&Comparison, &Measure<'_>)| {
            let levels = usize::from(measure.max_level()) + 1;
            known.property == measure.name(measures) && [known.m.len(), known.u.len()] == [levels; 2]
        };
        if self.comparisons.len() != measures.len() || !self.comparisons.iter().zip(measures).all(fits) {
            return Err(Error::Unfit { entity: self.entity.clone() });
        }
        let term = |(): &mut (), at: usize| {
            let (known, measure) = (&self.comparisons[at], measures[at]);
            let learned = (known.learned, known.m.clone(), known.u.clone());
            Term::learned(measure, known.property.clone(), learned, known.frequency.as_ref())
        };
        Ok(Weights { prior: self.prior_bits, terms: parallel(available(), measures.len(), || (), term) })
    }

    /// The values of a property that say nothing, in order.
    pub(crate) fn muted(&self, property: &str) -> &[String] {
        self.muted.get(property).map(Vec::as_slice).unwrap_or_default()
    }

    /// The pattern that [`Weights::spell`] spelled; nothing where it is none of these comparisons, or they do not differ by their names.
    pub(crate) fn unspell(&self, spelled: &str) -> Option<u64> {
        let mut pattern = (0..self.comparisons.len()).fold(0, |pattern, at| pattern | u64::from(SILENT) << (at * BITS));
        for said in spelled.split_whitespace() {
            let (name, level) = said.rsplit_once('=')?;
            let mut named = self.comparisons.iter().enumerate().filter(|(_, known)| known.property == name);
            let ((at, known), level) = (named.next()?, level.parse::<u64>().ok()?);
            if named.next().is_some() || level >= known.m.len() as u64 {
                return None;
            }
            pattern = pattern & !(u64::from(SILENT) << (at * BITS)) | level << (at * BITS);
        }
        Some(pattern)
    }

    /// For each value of a column whether it says nothing.
    pub(crate) fn mutes(&self, column: &Column) -> Vec<bool> {
        let muted = self.muted(&column.name);
        let is_muted = |text: &str| muted.binary_search_by(|known| known.as_str().cmp(text)).is_ok();
        (0u32..).take(column.values.len()).map(|id| is_muted(column.values.get(id))).collect()
    }
}

#[cfg(test)]
mod tests;
