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

    /// How many carry each of these texts, no two of which are alike; 1 where it is not known.
    pub(crate) fn of_values<T: AsRef<str>>(&self, texts: &[T]) -> Vec<u32> {
        let mut found = vec![1; texts.len()];
        // Of few texts those are looked for that are kept, of which there may be millions.
        if texts.len() < self.ends.len() {
            let index = Index::of(texts.len(), |at| texts[at].as_ref());
            for (text, carriers) in self.iter() {
                if let Some(at) = index.find(text) {
                    found[at] = carriers;
                }
            }
        } else {
            let index = Index::of(self.ends.len(), |at| self.get(at));
            for (text, found) in texts.iter().zip(&mut found) {
                *found = index.find(text.as_ref()).map_or(1, |at| self.carriers[at]);
            }
        }
        found
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
struct Index<F> {
    text: F,
    /// Half of the hash of each text beside its place.
    known: HashTable<(u32, u32)>,
}

impl<'a, F: Fn(usize) -> &'a str> Index<F> {
    fn of(count: usize, text: F) -> Index<F> {
        let mut known = HashTable::with_capacity(count);
        for at in 0..count {
            let half = low(hash(text(at)));
            known.insert_unique(spread(half), (half, narrow(at)), |&(half, _)| spread(half));
        }
        Index { text, known }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let half = low(hash(text));
        let found = self.known.find(spread(half), |&(other, at)| other == half && (self.text)(at as usize) == text);
        found.map(|&(_, at)| at as usize)
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
            let texts: Vec<&String> = counts.keys().collect();
            let expected: Vec<u32> = counts.values().map(|&count| if count < FEWEST { 1 } else { count }).collect();
            prop_assert_eq!(carried.of_values(&texts), &expected[..]);
            for (text, expected) in texts.iter().zip(expected) {
                prop_assert_eq!(carried.of_values(&[text]), [expected]);
            }
            prop_assert_eq!(carried.of_values(&["nobody"]), [1]);
            let kept: BTreeMap<String, u32> = carried.iter().map(|(text, count)| (text.to_owned(), count)).collect();
            prop_assert_eq!(kept, counts.into_iter().filter(|(_, count)| *count >= FEWEST).collect::<BTreeMap<_, _>>());
        }
    }
}
