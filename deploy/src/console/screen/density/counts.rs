//! What of counts is told. A count from one to nine could be somebody's, so it is not told, and neither is what it could be found from: a sum
//! over places of which one is kept back; in a place whose parts are told apart (kinds, or quarters of a year), one part more than the small
//! ones, or two where that one and they would be found by their sum, and the parts of which there are none. Which parts more is decided by their
//! names and place alone, so that it tells nothing of counts.
//! Complementary suppression, as statistical offices do it (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).

use std::collections::{BTreeMap, BTreeSet};

/// The least number that is told, as it is to whoever only counts.
pub(super) const LEAST: u64 = 10;

/// Events of a kind in a place and a quarter; 0 where the quarter is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) place: String,
    pub(super) kind: String,
    pub(super) quarter: u8,
    pub(super) events: u64,
}

/// What is told: of each place where there is something, or may be, how much; none where that is kept back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) places: BTreeMap<String, Option<u64>>,
    /// The sum, where nothing is kept back.
    pub(super) total: Option<u64>,
}

/// The counts of a kind, or of all, in a quarter, or in all.
pub(super) fn view(counts: &[Count], kind: Option<&str>, quarter: Option<u8>) -> View {
    let (kinds, quarters): (BTreeSet<&str>, BTreeSet<u8>) =
        (counts.iter().map(|count| count.kind.as_str()).collect(), counts.iter().map(|count| count.quarter).collect());
    let mut by_place: BTreeMap<&str, Vec<&Count>> = BTreeMap::new();
    counts.iter().for_each(|count| by_place.entry(&count.place).or_default().push(count));
    let mut places = BTreeMap::new();
    for (place, of_it) in by_place {
        let part = |name: String, of: &dyn Fn(&Count) -> bool| {
            (name, of_it.iter().filter(|count| of(count)).map(|count| count.events).sum::<u64>())
        };
        let of_kinds = || parts(place, kinds.iter().map(|name| part((*name).to_owned(), &|count| count.kind == *name)).collect());
        let of_quarters = || parts(place, quarters.iter().map(|name| part(name.to_string(), &|count| count.quarter == *name)).collect());
        let told = match (kind, quarter) {
            (None, None) => known(of_it.iter().map(|count| count.events).sum()),
            (Some(kind), None) => of_kinds().get(kind).copied().flatten(),
            (None, Some(quarter)) => of_quarters().get(&quarter.to_string()).copied().flatten(),
            // Told apart both ways, the place tells all or nothing: margins tell too much of a small part among large ones.
            (Some(kind), Some(quarter)) => {
                let is_safe = !of_it.iter().any(|count| (1..LEAST).contains(&count.events));
                let of = |count: &&&Count| count.kind == kind && count.quarter == quarter;
                is_safe.then(|| of_it.iter().filter(of).map(|count| count.events).sum())
            }
        };
        // Where it is told that there is nothing, there is nothing to show.
        if told != Some(0) {
            places.insert(place.to_owned(), told);
        }
    }
    let total = places.values().copied().sum::<Option<u64>>().filter(|total| *total > 0);
    View { places, total }
}

fn known(events: u64) -> Option<u64> {
    (events == 0 || events >= LEAST).then_some(events)
}

/// The parts of a place, each by its name, with what is told of it.
fn parts(place: &str, parts: BTreeMap<String, u64>) -> BTreeMap<String, Option<u64>> {
    if parts.values().all(|events| known(*events).is_some()) {
        return parts.into_iter().map(|(name, events)| (name, Some(events))).collect();
    }
    let mut large: Vec<&String> = parts.iter().filter(|(_, events)| **events >= LEAST).map(|(name, _)| name).collect();
    large.sort_by_key(|name| (order(place, name), (*name).clone()));
    let small: u64 = parts.values().filter(|events| **events < LEAST).sum();
    // The least count that is told and a single event add up to what nothing else does.
    let is_told_by_sum = large.first().is_some_and(|first| parts[*first] + small == LEAST + 1);
    let besides: Vec<String> = large.into_iter().take(if is_told_by_sum { 2 } else { 1 }).cloned().collect();
    let told = |events: u64, name: &String| (events >= LEAST && !besides.contains(name)).then_some(events);
    parts.iter().map(|(name, events)| (name.clone(), told(*events, name))).collect()
}

/// An order of names that is another in each place (FNV-1a), so that not the same name is kept back everywhere.
fn order(place: &str, name: &str) -> u64 {
    let bytes = place.bytes().chain([0]).chain(name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(place: &str, kind: &str, quarter: u8, events: u64) -> Count {
        Count { place: place.to_owned(), kind: kind.to_owned(), quarter, events }
    }

    fn one_place(parts: &[u64]) -> Vec<Count> {
        parts.iter().enumerate().map(|(at, events)| count("here", &format!("kind {at}"), 1, *events)).collect()
    }

    /// All that the pages of kinds tell of one place: the whole, and each part.
    fn told(parts: &[u64]) -> (Option<u64>, Vec<Option<u64>>) {
        let counts = one_place(parts);
        let of = |kind: Option<&str>| view(&counts, kind, None).places.get("here").copied().unwrap_or(Some(0));
        (of(None), (0..parts.len()).map(|at| of(Some(&format!("kind {at}")))).collect())
    }

    /// Every way in which `parts` numbers add up to `sum`.
    fn ways(parts: usize, sum: u64) -> Vec<Vec<u64>> {
        if parts == 1 {
            return vec![vec![sum]];
        }
        let rest = |first: u64| ways(parts - 1, sum - first).into_iter().map(move |rest| [vec![first], rest].concat());
        (0..=sum).flat_map(rest).collect()
    }

    #[test]
    fn a_single_event_beside_the_least_count_that_is_told_is_not_found_by_their_sum() {
        assert_eq!(told(&[10, 10, 1]), (Some(21), vec![None, None, None]));
        let (_, shown) = told(&[10, 11, 12, 1]);
        assert!(shown.iter().flatten().count() <= 2 && shown[3].is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn whoever_knows_the_rule_and_all_pages_finds_no_count_below_ten(parts in prop::collection::vec(0_u64..14, 2..5)) {
            let (whole, shown) = told(&parts);
            for (events, shown) in parts.iter().zip(&shown) {
                prop_assert!(shown.is_none_or(|shown| shown == *events && (shown == 0 || shown >= LEAST)));
            }
            // Where the whole is told, what is kept back of it is known as a sum: each small part could still be another.
            if let Some(whole) = whole.filter(|whole| *whole > 0) {
                let rest = whole - shown.iter().flatten().sum::<u64>();
                let hidden: Vec<usize> = (0..parts.len()).filter(|at| shown[*at].is_none()).collect();
                let mut could: Vec<BTreeSet<u64>> = vec![BTreeSet::new(); parts.len()];
                for way in ways(hidden.len().max(1), rest).iter().filter(|_| !hidden.is_empty()) {
                    let mut other = parts.clone();
                    hidden.iter().zip(way).for_each(|(at, events)| other[*at] = *events);
                    if told(&other) == (Some(whole), shown.clone()) {
                        hidden.iter().zip(way).for_each(|(at, events)| { could[*at].insert(*events); });
                    }
                }
                for at in hidden.into_iter().filter(|at| (1..LEAST).contains(&parts[*at])) {
                    prop_assert!(could[at].len() > 1, "{:?} tells {:?} of {}", shown, could[at], at);
                }
            }
        }

        #[test]
        fn no_page_tells_a_count_below_ten_or_a_sum_that_lacks_a_place(
            all in prop::collection::vec((0_u8..4, 0_u8..3, 1_u8..5, 1_u64..40), 0..40),
            kind in prop::option::of(0_u8..3),
            quarter in prop::option::of(1_u8..5),
        ) {
            let mut sums: BTreeMap<(u8, u8, u8), u64> = BTreeMap::new();
            all.iter().for_each(|(place, kind, quarter, events)| *sums.entry((*place, *kind, *quarter)).or_default() += events);
            let one = |((place, kind, quarter), events): (&(u8, u8, u8), &u64)| count(&format!("p{place}"), &format!("k{kind}"), *quarter, *events);
            let counts: Vec<Count> = sums.iter().map(one).collect();
            let kind = kind.map(|kind| format!("k{kind}"));
            let View { places, total } = view(&counts, kind.as_deref(), quarter);
            prop_assert!(places.values().flatten().all(|events| *events >= LEAST));
            let is_whole = places.values().all(Option::is_some);
            prop_assert_eq!(total.is_some(), is_whole && !places.is_empty());
            let is_of_kind = |count: &&Count| kind.as_deref().is_none_or(|kind| kind == count.kind);
            let is_its = |count: &&Count| is_of_kind(count) && quarter.is_none_or(|quarter| quarter == count.quarter);
            for (place, events) in places.iter().filter_map(|(place, events)| Some((place, (*events)?))) {
                let its = counts.iter().filter(is_its).filter(|count| count.place == *place);
                prop_assert_eq!(events, its.map(|count| count.events).sum::<u64>());
            }
        }
    }

    #[test]
    fn a_place_that_is_safe_is_told_whole() {
        let counts = [count("a", "x", 1, 12), count("a", "y", 1, 30), count("a", "x", 2, 11)];
        assert_eq!(view(&counts, None, None), View { places: [("a".to_owned(), Some(53))].into(), total: Some(53) });
        assert_eq!(view(&counts, Some("x"), None).places["a"], Some(23));
        assert_eq!(view(&counts, Some("x"), Some(2)).total, Some(11));
        assert_eq!(
            view(&counts, Some("y"), Some(2)),
            View { places: BTreeMap::new(), total: None },
            "there is none, and that is no secret"
        );
        let with_few = [&counts[..], &[count("b", "x", 1, 3)]].concat();
        assert_eq!(view(&with_few, None, None), View { places: [("a".to_owned(), Some(53)), ("b".to_owned(), None)].into(), total: None });
    }
}
