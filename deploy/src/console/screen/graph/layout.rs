//! Where the entities of a picture stand: the one asked for in the middle, the others around it by their steps, each near those that it is tied
//! to. The same picture gives the same places, in whatever order it comes; no two entities cover each other, and all are within the frame.

use std::{
    collections::BTreeMap,
    f64::consts::{FRAC_PI_2, PI, SQRT_2, TAU},
};

/// What an entity takes with its words, and how far it keeps from others, in units of the picture.
pub(super) const WIDE: f64 = 104.0;
pub(super) const HIGH: f64 = 46.0;
const GAP: f64 = 8.0;
/// From the middle to the first ring, and between rings, in places: two that are √2 apart do not cover each other, whichever way.
const FIRST: f64 = 2.1;
const BETWEEN: f64 = 1.7;

/// An entity to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) id: i64,
    /// Fewest steps from the one in the middle.
    pub(super) hops: u8,
    /// What stands side by side in the first ring.
    pub(super) group: String,
}

/// The places, by entity, and the frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) places: BTreeMap<i64, (f64, f64)>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Places all, `ties` between them by their numbers.
pub(super) fn layout(spots: &[Spot], ties: &[(i64, i64)]) -> Layout {
    let mut neighbours: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (one, other) in ties {
        neighbours.entry(*one).or_default().push(*other);
        neighbours.entry(*other).or_default().push(*one);
    }
    // In one order, so that sums are the same to the last bit.
    neighbours.values_mut().for_each(|others| others.sort_unstable());
    let mut rings: BTreeMap<u8, Vec<&Spot>> = BTreeMap::new();
    spots.iter().for_each(|spot| rings.entry(spot.hops).or_default().push(spot));
    let (mut angles, mut places) = (BTreeMap::new(), BTreeMap::new());
    let mut radius = FIRST;
    for (hops, ring) in rings {
        if hops == 0 && ring.len() == 1 {
            places.insert(ring[0].id, (0.0, 0.0));
            continue;
        }
        let ring = ordered(ring, &neighbours, &angles);
        radius = placed(&ring, radius, &mut angles, &mut places) + BETWEEN;
    }
    framed(places)
}

/// The entities of a ring with the angles at which they would like to stand: where those of inner rings stand that they are tied to. In the
/// first ring nobody has a wish, and those of a group stand side by side.
fn ordered<'a>(ring: Vec<&'a Spot>, neighbours: &BTreeMap<i64, Vec<i64>>, angles: &BTreeMap<i64, f64>) -> Vec<(Option<f64>, &'a Spot)> {
    let wish = |spot: &Spot| mean(neighbours.get(&spot.id)?.iter().filter_map(|other| angles.get(other).copied()));
    let mut ring: Vec<(Option<f64>, &Spot)> = ring.into_iter().map(|spot| (wish(spot), spot)).collect();
    let order = |wish: Option<f64>| wish.map_or(TAU, |angle| angle.rem_euclid(TAU));
    ring.sort_by(|(left, one), (right, other)| {
        order(*left).total_cmp(&order(*right)).then_with(|| (&one.group, one.id).cmp(&(&other.group, other.id)))
    });
    ring
}

/// The middle of angles; none of none, and of such as cancel out.
fn mean(angles: impl Iterator<Item = f64>) -> Option<f64> {
    let (x, y) = angles.fold((0.0, 0.0), |(x, y), angle| (x + angle.cos(), y + angle.sin()));
    (x.hypot(y) > 1e-9).then(|| y.atan2(x))
}

/// Entities that stand on a circle without covering each other.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most")]
fn room(radius: f64) -> usize {
    (PI / (SQRT_2 / (2.0 * radius)).asin()).floor() as usize
}

/// Places a ring on as many circles as it needs, and gives the radius of the outermost.
fn placed(ring: &[(Option<f64>, &Spot)], from: f64, angles: &mut BTreeMap<i64, f64>, places: &mut BTreeMap<i64, (f64, f64)>) -> f64 {
    let mut circles: Vec<(f64, usize)> = Vec::new();
    let mut held = 0;
    while held < ring.len() {
        let radius = from + SQRT_2 * circles.len() as f64;
        circles.push((radius, room(radius)));
        held += room(radius);
    }
    for ((radius, _), on_it) in circles.iter().zip(dealt(ring, &circles)) {
        let step = TAU / on_it.len().max(1) as f64;
        let turned = on_it.iter().enumerate().filter_map(|(at, (wish, _))| wish.map(|wish| wish - step * at as f64));
        let start = mean(turned).unwrap_or(-FRAC_PI_2);
        for (at, (_, spot)) in on_it.iter().enumerate() {
            let angle = start + step * at as f64;
            angles.insert(spot.id, angle);
            places.insert(spot.id, (radius * angle.cos(), radius * angle.sin()));
        }
    }
    circles.last().map_or(from, |(radius, _)| *radius)
}

/// A ring dealt out to its circles as they have room, so that neighbours in the ring stay near each other.
fn dealt<T: Copy>(ring: &[T], circles: &[(f64, usize)]) -> Vec<Vec<T>> {
    let whole: usize = circles.iter().map(|(_, room)| room).sum();
    let mut dealt: Vec<Vec<T>> = circles.iter().map(|_| Vec::new()).collect();
    for (at, one) in ring.iter().enumerate() {
        // Whoever is farthest behind its share takes the next.
        let behind =
            |(circle, (_, room)): (usize, &(f64, usize))| (room * (at + 1), whole * dealt[circle].len(), *room > dealt[circle].len());
        let all: Vec<(usize, usize, bool)> = circles.iter().enumerate().map(behind).collect();
        let next = (0..circles.len()).filter(|circle| all[*circle].2).max_by_key(|circle| {
            let (share, has, _) = all[*circle];
            (share as i64 - has as i64, std::cmp::Reverse(*circle))
        });
        if let Some(next) = next {
            dealt[next].push(*one);
        }
    }
    dealt
}

/// From places to units, within a frame.
fn framed(places: BTreeMap<i64, (f64, f64)>) -> Layout {
    let units: BTreeMap<i64, (f64, f64)> = places.into_iter().map(|(id, (x, y))| (id, (x * (WIDE + GAP), y * (HIGH + GAP)))).collect();
    let ends = |of: fn(&(f64, f64)) -> f64| {
        let all = || units.values().map(of);
        (all().fold(0.0, f64::min), all().fold(0.0, f64::max))
    };
    let ((left, right), (top, bottom)) = (ends(|place| place.0), ends(|place| place.1));
    let (margin_x, margin_y) = (WIDE / 2.0 + GAP, HIGH / 2.0 + GAP);
    let moved = |(id, (x, y)): (i64, (f64, f64))| (id, (x - left + margin_x, y - top + margin_y));
    Layout { width: right - left + 2.0 * margin_x, height: bottom - top + 2.0 * margin_y, places: units.into_iter().map(moved).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spots(hops: &[u8]) -> Vec<Spot> {
        let others = hops.iter().enumerate().map(|(at, hops)| Spot { id: at as i64 + 1, hops: *hops, group: format!("{}", at % 5) });
        std::iter::once(Spot { id: 0, hops: 0, group: String::new() }).chain(others).collect()
    }

    fn covers(one: (f64, f64), other: (f64, f64)) -> bool {
        (one.0 - other.0).abs() < WIDE && (one.1 - other.1).abs() < HIGH
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nobody_covers_another_or_leaves_the_frame_and_the_order_is_nothing(
            hops in prop::collection::vec(1_u8..5, 0..300),
            ties in prop::collection::vec((0_i64..300, 0_i64..300), 0..600),
            seed in 0_usize..1000,
        ) {
            let spots = spots(&hops);
            let ties: Vec<(i64, i64)> =
                ties.into_iter().filter(|(one, other)| *one < spots.len() as i64 && *other < spots.len() as i64).collect();
            let laid = layout(&spots, &ties);
            prop_assert_eq!(laid.places.len(), spots.len());
            let all: Vec<(f64, f64)> = laid.places.values().copied().collect();
            for (at, one) in all.iter().enumerate() {
                prop_assert!(all[at + 1..].iter().all(|other| !covers(*one, *other)));
                prop_assert!(one.0 >= WIDE / 2.0 && one.0 <= laid.width - WIDE / 2.0);
                prop_assert!(one.1 >= HIGH / 2.0 && one.1 <= laid.height - HIGH / 2.0);
            }
            let (mut other_spots, mut other_ties) = (spots.clone(), ties.clone());
            other_spots.reverse();
            other_spots.rotate_left(seed % spots.len());
            other_ties.reverse();
            prop_assert_eq!(layout(&other_spots, &other_ties), laid);
        }
    }

    #[test]
    fn who_is_farther_stands_near_whom_they_are_tied_to() {
        let spots = spots(&[1, 1, 1, 1, 2, 2]);
        let laid = layout(&spots, &[(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (3, 6)]);
        let far = |one: i64, other: i64| {
            let (one, other) = (laid.places[&one], laid.places[&other]);
            ((one.0 - other.0) / WIDE).hypot((one.1 - other.1) / HIGH)
        };
        for (outer, inner) in [(5, 1), (6, 3)] {
            assert!((1..=4).filter(|other| *other != inner).all(|other| far(outer, inner) < far(outer, other)), "{laid:?}");
        }
    }
}
