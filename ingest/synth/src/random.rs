//! Chance, repeatable: splitmix64 (Steele, Lea and Flood 2014) and integers only, so that a seed gives the same county on every machine.

/// A stream of random numbers. Each part of the work has a stream of its own, so that a change in one does not move the others.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of that name for that seed.
    pub(crate) fn new(seed: u64, stream: &str) -> Random {
        let named = stream.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Random(mix(seed).wrapping_add(named))
    }

    /// The stream of one thing of many: it is the same whatever was drawn for the others, in whatever order.
    pub(crate) fn at(&self, key: u64) -> Random {
        Random(mix(self.0 ^ mix(key.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to one below `end`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// True so many times in 100,000.
    pub(crate) fn chance(&mut self, rate: u32) -> bool {
        self.below(100_000) < rate as usize
    }

    /// One of a slice that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What splitmix64 does to its counter; on its own, a hash of an integer.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Draws a position with a weight.
#[derive(Debug, Clone)]
pub(crate) struct Weights(Vec<u32>);

impl Weights {
    /// Of weights, at least one of them positive.
    pub(crate) fn new(weights: impl IntoIterator<Item = u32>) -> Weights {
        let mut sum = 0;
        Weights(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let at = random.below(self.0.last().copied().unwrap_or(1) as usize);
        self.0.partition_point(|&sum| sum as usize <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_name_give_the_same_stream_and_others_another() {
        let first = |seed, stream| Random::new(seed, stream).next();
        assert_eq!(first(1, "people"), first(1, "people"));
        assert_ne!(first(1, "people"), first(2, "people"));
        assert_ne!(first(1, "people"), first(1, "county"));
    }

    #[test]
    fn what_is_drawn_for_one_thing_does_not_move_what_is_drawn_for_another() {
        let stream = Random::new(1, "people");
        let mut first = stream.at(1);
        for _ in 0..10 {
            first.next();
        }
        assert_eq!(stream.at(2).next(), Random::new(1, "people").at(2).next());
        assert_ne!(stream.at(1).next(), stream.at(2).next());
    }

    #[test]
    fn draws_follow_their_weights_and_stay_inside() {
        let mut random = Random::new(7, "test");
        let weights = Weights::new([0, 1, 3]);
        let mut seen = [0; 3];
        for _ in 0..10_000 {
            seen[weights.draw(&mut random)] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!((2_300..2_700).contains(&seen[1]), "{seen:?}");
        assert!((0..1000).all(|_| (3..=5).contains(&random.between(3, 5))));
        assert_eq!(random.below(0), 0);
    }
}
