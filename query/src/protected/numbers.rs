//! Many numbers of which it is asked row by row whether one is among them. Whose numbers they are is not known here.

/// Numbers, each once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    sorted: Vec<i64>,
    /// A bit for each number from the first to the last, where they lie so near each other that it takes little; else nothing.
    bits: Vec<u64>,
}

/// Numbers among which one is theirs, at most, for bits to be kept: then these take four times what the numbers take, or less.
const SPARSE: i64 = 256;

impl Numbers {
    pub(crate) fn of(numbers: impl IntoIterator<Item = i64>) -> Numbers {
        let mut sorted: Vec<i64> = numbers.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let bits = bits(&sorted).unwrap_or_default();
        Numbers { sorted, bits }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> {
        self.sorted.iter().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    pub(crate) fn has(&self, number: i64) -> bool {
        if self.bits.is_empty() {
            return self.sorted.binary_search(&number).is_ok();
        }
        let at = self.sorted.first().and_then(|first| number.checked_sub(*first)).and_then(|at| usize::try_from(at).ok());
        at.is_some_and(|at| self.bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1))
    }

    /// Whether one of them lies between these two, or is one of the two.
    pub(crate) fn any(&self, first: i64, last: i64) -> bool {
        self.sorted.get(self.sorted.partition_point(|number| *number < first)).is_some_and(|number| *number <= last)
    }
}

fn bits(sorted: &[i64]) -> Option<Vec<u64>> {
    let (first, last) = (sorted.first()?, sorted.last()?);
    let span = last.checked_sub(*first).filter(|span| *span / SPARSE <= i64::try_from(sorted.len()).unwrap_or(i64::MAX))?;
    let mut bits = vec![0_u64; usize::try_from(span).ok()? / 64 + 1];
    for at in sorted.iter().filter_map(|number| usize::try_from(number - first).ok()) {
        bits[at / 64] |= 1 << (at % 64);
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_found_alone_and_between() {
        let some = Numbers::of([7, 3, 3, 20]);
        assert!(some.has(3) && !some.has(4));
        assert!(some.any(4, 7) && some.any(8, 20) && !some.any(8, 19) && !some.any(21, 30));
        assert!(!Numbers::default().has(0) && !Numbers::default().any(i64::MIN, i64::MAX));
    }

    proptest! {
        /// Near each other or as far apart as numbers are.
        #[test]
        fn those_are_among_them_of_which_they_are_made(
            numbers in prop::collection::vec(prop_oneof![-300..300_i64, 60_000..60_300_i64, Just(i64::MIN), Just(i64::MAX)], 0..40),
            asked in prop::collection::vec(prop_oneof![-310..310_i64, 59_990..60_310_i64, any::<i64>()], 40),
        ) {
            let all = Numbers::of(numbers.iter().copied());
            for number in numbers.iter().chain(&asked) {
                prop_assert_eq!(all.has(*number), numbers.contains(number));
            }
        }
    }
}
