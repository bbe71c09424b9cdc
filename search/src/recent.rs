//! What was added of late, so that records of an entity that say the same are one document. What a document says is its hash.

/// What was added of late, to leave out the many records that say of an entity what another has said. A fixed number of places, so a
/// repetition may be overlooked, which costs space and changes no answer.
#[derive(Debug)]
pub(crate) struct Recent {
    places: Vec<u64>,
}

impl Recent {
    /// 8 MiB.
    const PLACES: usize = 1 << 20;

    pub(crate) fn new() -> Recent {
        // In no place one that belongs there.
        Recent { places: (1..=Recent::PLACES as u64).collect() }
    }

    pub(crate) fn is_new(&mut self, hash: u64) -> bool {
        let place = usize::try_from(hash % Recent::PLACES as u64).ok().and_then(|at| self.places.get_mut(at));
        place.is_none_or(|place| std::mem::replace(place, hash) != hash)
    }
}
