//! What agreement is worth (Fellegi and Sunter 1969): each level of each property adds log2(m/u) bits, m being its share among pairs of
//! one entity and u among pairs of two; prior and bits make the weight, and the weight the probability. The rarer the value that
//! agrees, the more it is worth.

use crate::{
    compare::{Measure, SILENT, level},
    frequency::Frequency,
    rarity::{Rarity, is_shared_at},
};
use serde::Serialize;

/// The learned worth of every level, and the prior.
#[derive(Debug)]
pub(crate) struct Weights<'a> {
    /// Log-odds, in bits, that two records of the open pairs are one.
    pub(crate) prior: f64,
    pub(crate) terms: Vec<Term<'a>>,
}

/// The worth of one measure.
#[derive(Debug)]
pub(crate) struct Term<'a> {
    pub(crate) measure: Measure<'a>,
    /// The property, or both.
    pub(crate) name: String,
    pub(crate) learned: Learned,
    /// Share of each level among pairs of one entity, and of two.
    pub(crate) m: Vec<f64>,
    pub(crate) u: Vec<f64>,
    /// Bits of each level on average.
    bits: Vec<f64>,
    /// The logarithm of the share of each level among pairs of one entity, which is asked for at every pair; that of exact agreement with near
    /// agreement where this tells as much.
    logs: Vec<f64>,
    rarity: Option<Rarity<'a>>,
}

/// Where the shares of a property among pairs of one entity come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    /// Pairs that an identifier joins.
    Identifiers,
    /// Expectation maximisation on the compared pairs.
    Estimated,
    /// Too few pairs: the shares it starts from.
    Assumed,
}

impl Learned {
    const ALL: [Learned; 3] = [Learned::Identifiers, Learned::Estimated, Learned::Assumed];

    /// Its word in `graph.model_level`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Learned::Identifiers => "identifiers",
            Learned::Estimated => "estimated",
            Learned::Assumed => "assumed",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Learned> {
        Learned::ALL.into_iter().find(|learned| learned.word() == word)
    }
}

impl Term<'_> {
    /// The most that each level can be worth: of a value, or a sound, that two carry.
    fn most(&self) -> [f64; 8] {
        let mut most = [0.0; 8];
        for ((at, &log), most) in self.logs.iter().enumerate().zip(&mut most) {
            let rarest = |log: f64| self.rarity.as_ref().map(|rarity| log - rarity.share(2));
            let exact = self.logs.last().and_then(|log| rarest(*log));
            let is_shared =
                self.rarity.as_ref().is_some_and(|rarity| u8::try_from(at).is_ok_and(|level| is_shared_at(&rarity.column.kind, level)));
            let sound = is_shared.then(|| rarest(log)).flatten();
            *most = match exact {
                Some(exact) if at + 1 == self.m.len() => exact,
                Some(exact) if at > 0 => self.bits[at].max(sound.unwrap_or(f64::NEG_INFINITY)).min(exact),
                _ => self.bits[at],
            };
        }
        most
    }
}

impl<'a> Term<'a> {
    /// Nothing is learned yet but u; `carriers` are how many carry each value of the property.
    pub(crate) fn new(measure: Measure<'a>, name: String, carriers: Vec<u32>, u: Vec<f64>) -> Term<'a> {
        let rarity = measure.column().and_then(|column| Rarity::new(column, carriers));
        let m = initial(measure.max_level());
        let mut term = Term { measure, name, learned: Learned::Assumed, m: Vec::new(), u, bits: Vec::new(), logs: Vec::new(), rarity };
        term.learn(m, Learned::Assumed);
        term
    }

    /// As it was learned before: `m` and `u` from level 0, and what was counted of the values.
    pub(crate) fn learned(
        measure: Measure<'a>,
        name: String,
        (learned, m, u): (Learned, Vec<f64>, Vec<f64>),
        frequency: Option<&Frequency>,
    ) -> Term<'a> {
        let rarity = measure.column().zip(frequency).and_then(|(column, frequency)| Rarity::counted(column, frequency));
        let mut term = Term { measure, name, learned, m: Vec::new(), u, bits: Vec::new(), logs: Vec::new(), rarity };
        term.learn(m, learned);
        term
    }

    /// How many carry the values of the property, where their rarity counts.
    pub(crate) fn frequency(&self) -> Option<Frequency> {
        self.rarity.as_ref().map(Rarity::frequency)
    }

    /// Takes over what was learned of m. Where near agreement is of more weight than exact agreement, because departments write with other
    /// separators or all that is the same was thrown out before, neither can be told from the other: both weigh what they do together (the
    /// isotonic estimate).
    pub(crate) fn learn(&mut self, m: Vec<f64>, learned: Learned) {
        let mut bits: Vec<f64> = m.iter().zip(&self.u).map(|(m, u)| (m / u).log2()).collect();
        let exact = m.len() - 1;
        let (mut agreeing, mut by_chance) = (m[exact], self.u[exact]);
        let mut pooled = vec![false; m.len()];
        while let Some(more) = (1..exact).rev().find(|&at| !pooled[at] && bits[at] > (agreeing / by_chance).log2()) {
            pooled[more] = true;
            agreeing += m[more];
            by_chance += self.u[more];
        }
        pooled[exact] = true;
        bits.iter_mut().zip(pooled).filter(|(_, pooled)| *pooled).for_each(|(bits, _)| *bits = (agreeing / by_chance).log2());
        let mut logs: Vec<f64> = m.iter().map(|m| m.log2()).collect();
        logs[exact] = agreeing.log2();
        (self.m, self.learned, self.bits, self.logs) = (m, learned, bits, logs);
    }

    /// Bits of a level on average; that of exact agreement is the greatest.
    pub(crate) fn bits(&self, level: u8) -> f64 {
        self.bits[usize::from(level)]
    }

    /// Bits of a level between two rows. Exact agreement is worth the rarity of the value instead of the average, agreement by sound that of
    /// the sound, and near agreement never more than exact agreement on the commoner of the two.
    pub(crate) fn worth(&self, level: u8, left: u32, right: u32) -> f64 {
        if level == SILENT {
            return 0.0;
        }
        let (Some(rarity), true) = (&self.rarity, level > 0) else { return self.bits(level) };
        let (left, right) = (rarity.column.ids[left as usize], rarity.column.ids[right as usize]);
        let exact = |carriers: u32| self.logs[self.logs.len() - 1] - rarity.share(carriers);
        if usize::from(level) == self.logs.len() - 1 {
            // The value is in both; where two properties stand in each other's place, it is the other property's of one of them. A surname is
            // commoner among surnames than the first name beside it, so the commoner of the two values is the one in its own place.
            return exact(rarity.carriers[left as usize].max(rarity.carriers[right as usize]));
        }
        let exact = exact(rarity.carriers[left as usize].max(rarity.carriers[right as usize]));
        match rarity.sound(left, right) {
            Some(sounding) if is_shared_at(&rarity.column.kind, level) => {
                (self.logs[usize::from(level)] - rarity.share(sounding)).min(exact)
            }
            _ => self.bits(level).min(exact),
        }
    }
}

/// The most that each level of each measure can be worth, whatever the values, and the prior.
#[derive(Debug)]
pub(crate) struct Most {
    prior: f64,
    bits: Vec<[f64; 8]>,
}

impl Most {
    /// The most that a pair of this pattern can weigh: sums of no smaller terms, in the same order, are no smaller.
    pub(crate) fn weight(&self, pattern: u64) -> f64 {
        self.bits.iter().enumerate().fold(self.prior, |sum, (at, bits)| sum + bits[usize::from(level(pattern, at))])
    }
}

impl Weights<'_> {
    /// What bounds the weight of each pattern.
    pub(crate) fn most(&self) -> Most {
        Most { prior: self.prior, bits: self.terms.iter().map(Term::most).collect() }
    }

    /// The weight of a pair in bits: the prior and one term a measure, added in the measures' order.
    pub(crate) fn weight(&self, pattern: u64, left: u32, right: u32) -> f64 {
        let terms = self.terms.iter().enumerate().map(|(at, term)| term.worth(level(pattern, at), left, right));
        terms.fold(self.prior, |sum, bits| sum + bits)
    }

    /// The average weight of a pattern, without rarity.
    pub(crate) fn average(&self, pattern: u64) -> f64 {
        let levels = self.terms.iter().enumerate().map(|(at, term)| (term, level(pattern, at)));
        levels.fold(self.prior, |sum, (term, level)| if level == SILENT { sum } else { sum + term.bits(level) })
    }

    /// The levels of a pattern as people read them: `name=6 birth_date=4`; what one of the two does not say is left out.
    pub(crate) fn spell(&self, pattern: u64) -> String {
        let levels = self.terms.iter().enumerate().map(|(at, term)| (term, level(pattern, at)));
        let said = levels.filter(|(_, level)| *level != SILENT).map(|(term, level)| format!("{}={level}", term.name));
        said.collect::<Vec<_>>().join(" ")
    }
}

/// The probability that a weight in bits stands for.
pub(crate) fn posterior(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

/// A probability as log-odds in bits.
pub(crate) fn odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

/// What is assumed before anything is learned: each level is a third as frequent as the next.
fn initial(max: u8) -> Vec<f64> {
    let raw: Vec<f64> = (0..=max).map(|level| 3f64.powi(i32::from(level))).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|share| share / sum).collect()
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

/// A count of pairs as a float.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^52 pairs a rounded count is as good")]
pub(crate) fn float64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        column::Table,
        compare::Comparisons,
        county::{person, records},
    };
    use proptest::prelude::*;

    /// Eight records of 张伟, one each of others: a common and some rare names.
    fn table() -> Table {
        let names = ["张伟", "张伟", "张伟", "张伟", "张玮", "欧阳海", "欧阳海", "王小明"];
        let rows: Vec<(i64, Vec<(&str, &str)>)> = (1..).zip(names).map(|(id, name)| (id, vec![("name", name), ("sex", "1")])).collect();
        let rows: Vec<(i64, &[(&str, &str)])> = rows.iter().map(|(id, cells)| (*id, cells.as_slice())).collect();
        Table::read(&person(), &["name", "sex", "phone"], std::iter::once(Ok(records(&rows)))).unwrap()
    }

    fn measures(table: &Table) -> Vec<Measure<'_>> {
        table.columns.iter().map(Measure::Value).collect()
    }

    fn weights(table: &Table) -> Weights<'_> {
        let term = |column| {
            let measure = Measure::Value(column);
            Term::new(measure, measure.name(&[]), column.counts(), vec![0.25; usize::from(measure.max_level()) + 1])
        };
        Weights { prior: -3.5, terms: table.columns.iter().map(term).collect() }
    }

    #[test]
    fn a_rare_name_is_worth_more_and_a_near_one_never_more_than_the_commoner() {
        let table = table();
        let weights = weights(&table);
        let measures = measures(&table);
        let mut comparisons = Comparisons::new(&measures);
        let mut weigh = |left: u32, right: u32| weights.weight(comparisons.pattern(left, right), left, right);
        let (common, rare, near, other) = (weigh(0, 1), weigh(5, 6), weigh(0, 4), weigh(0, 7));
        assert!(rare > common && common >= near && near > other, "{rare} {common} {near} {other}");
    }

    #[test]
    fn what_every_department_writes_with_other_separators_weighs_as_the_same_does() {
        let table = table();
        let mut term =
            Term::new(measures(&table)[0], String::new(), table.columns[0].counts(), vec![0.9, 0.06, 0.01, 0.01, 0.009, 0.001, 0.01]);
        let levels = |exact: f64, near: f64| vec![0.05, 0.01, 0.01, 0.01, near, 0.01, exact];
        term.learn(levels(0.82, 0.09), Learned::Estimated);
        assert!(term.bits(6) > term.bits(4), "exact agreement tells more");
        term.learn(levels(0.01, 0.90), Learned::Estimated);
        assert!(term.bits(4) > 5.0 && term.bits(4).to_bits() == term.bits(6).to_bits(), "{} {}", term.bits(4), term.bits(6));
        assert!(term.worth(6, 5, 6) > 1.5, "of two that carry a value, whatever is usual: {}", term.worth(6, 5, 6));
        assert!((0..7).all(|level| term.bits(level) <= term.bits(6)), "nothing weighs more than exact agreement");
    }

    proptest! {
        #[test]
        fn a_weight_is_the_prior_and_its_terms_to_the_last_bit(left in 0u32..8, right in 0u32..8) {
            let table = table();
            let weights = weights(&table);
            let measures = measures(&table);
            let pattern = Comparisons::new(&measures).pattern(left, right);
            let mut sum = weights.prior;
            for (at, term) in weights.terms.iter().enumerate() {
                sum += term.worth(level(pattern, at), left, right);
            }
            prop_assert_eq!(weights.weight(pattern, left, right).to_bits(), sum.to_bits());
            prop_assert!(weights.most().weight(pattern) >= sum, "no pair weighs more than its pattern can");
            prop_assert_eq!(level(pattern, 2), SILENT, "nobody has a phone");
            prop_assert!((odds(posterior(sum)) - sum).abs() < 1e-9);
        }
    }
}
