//! Term frequencies that outlive a run: how many carry a value or a sound. A value that hardly anybody carries is not kept, since it weighs as
//! one that nobody is known to carry; so what singles a person out never enters here.

use crate::column::{hash, low, narrow, spread};
use hashbrown::HashTable;

/// From so many carriers on a count is kept: two others and fewer weigh the same.
pub(crate) const FEWEST: u32 = 3;

/// What was counted of one property.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frequency {
    /// Carriers of any value.
    pub(crate) stated: f64,
    pub(crate) values: Carried,
    /// Of names, by their pinyin.
    pub(crate) sounds: Carried,
}

/// Texts, each with how many carry it, in the texts' order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    text: String,
    ends: Vec<usize>,
    carriers: Vec<u32>,
}

impl Carried {
    /// Of texts in any order, each once.
    pub(crate) fn of<T: AsRef<str>>(counts: impl Iterator<Item = (T, u32)>) -> Carried {
        let mut counts: Vec<(T, u32)> = counts.filter(|(_, carriers)| *carriers >= FEWEST).collect();
        counts.sort_unstable_by(|left, right| left.0.as_ref().cmp(right.0.as_ref()));
        let mut carried = Carried::default();
        for (text, carriers) in counts {
            carried.text.push_str(text.as_ref());
            carried.ends.push(carried.text.len());
            carried.carriers.push(carriers);
        }
        carried
    }

    /// To look up many texts.
    pub(crate) fn index(&self) -> Index<'_> {
        let mut known = HashTable::with_capacity(self.ends.len());
        for at in 0..self.ends.len() {
            let half = low(hash(self.get(at)));
            known.insert_unique(spread(half), (half, narrow(at)), |&(half, _)| spread(half));
        }
        Index { carried: self, known }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        (0..self.ends.len()).map(|at| (self.get(at), self.carriers[at]))
    }

    fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }
}

/// Texts by their hash: looking for one among millions in their order takes a microsecond.
pub(crate) struct Index<'a> {
    carried: &'a Carried,
    /// Half of the hash of each text beside its place.
    known: HashTable<(u32, u32)>,
}

impl Index<'_> {
    /// How many carry a text; 1 where it is not known.
    pub(crate) fn of_value(&self, text: &str) -> u32 {
        let half = low(hash(text));
        let found = self.known.find(spread(half), |&(other, at)| other == half && self.carried.get(at as usize) == text);
        found.map_or(1, |&(_, at)| self.carried.carriers[at as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn what_few_carry_is_not_kept_and_all_else_is_found(counts in proptest::collection::btree_map("[王李a-c]{0,3}", 0u32..9, 0..40)) {
            let carried = Carried::of(counts.iter().map(|(text, count)| (text.as_str(), *count)));
            for (text, &count) in &counts {
                prop_assert_eq!(carried.index().of_value(text), if count < FEWEST { 1 } else { count });
            }
            prop_assert_eq!(carried.index().of_value("nobody"), 1);
            let kept: BTreeMap<String, u32> = carried.iter().map(|(text, count)| (text.to_owned(), count)).collect();
            prop_assert_eq!(kept, counts.into_iter().filter(|(_, count)| *count >= FEWEST).collect::<BTreeMap<_, _>>());
        }
    }
}
