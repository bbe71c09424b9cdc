//! The memory that the operators of one question share. What a question may take, and where spilled rows go, is `limit.rs`'.
//!
//! The engine's fair pool gives every operator that can spill an even share, whether or not it wants one: a question about forty tables has
//! hundreds, and an aggregate that wanted two MiB was refused while nine tenths of 256 lay free, in one run and not in the next. Its greedy
//! pool lets the first sort take all, and a join behind it fails. Here most goes to whoever asks, and the rest is kept back in even shares.

use datafusion::{
    common::{Result, resources_datafusion_err},
    execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation},
};
use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What is kept back of the memory that can be spilled, as one part in so many.
const KEPT_BACK: usize = 4;

/// A pool of so many bytes. What cannot spill takes what is free. Of three quarters of the rest one that can spill takes its even share, or more as
/// long as it leaves as much to the others as it holds; beyond that it grows only up to its even share of the last quarter, so that none is
/// refused for what others hold before it has that.
#[derive(Debug)]
pub(crate) struct SharedPool {
    bytes: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Held {
    /// Reservations that can spill, of whatever size.
    spillers: usize,
    /// Bytes of those.
    spillable: usize,
    /// Bytes of all others.
    fixed: usize,
}

impl SharedPool {
    pub(crate) fn new(bytes: usize) -> SharedPool {
        SharedPool { bytes, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Whether one that holds `size` may have `more` of `bytes`.
    fn admits(&self, bytes: usize, can_spill: bool, size: usize, more: usize) -> bool {
        let whole = self.spillable.saturating_add(self.fixed).saturating_add(more);
        if whole > bytes {
            return false;
        }
        if !can_spill {
            return true;
        }
        let (rest, spillers) = (bytes.saturating_sub(self.fixed), self.spillers.max(1));
        let kept_back = rest / KEPT_BACK;
        let open = rest - kept_back;
        match open.checked_sub(self.spillable + more) {
            Some(left) => size + more <= left.max(open / spillers),
            None => size + more <= kept_back / spillers,
        }
    }

    fn of(&mut self, can_spill: bool) -> &mut usize {
        if can_spill { &mut self.spillable } else { &mut self.fixed }
    }
}

impl MemoryPool for SharedPool {
    fn name(&self) -> &'static str {
        "shared"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.held().spillers += usize::from(consumer.can_spill());
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        let mut held = self.held();
        held.spillers = held.spillers.saturating_sub(usize::from(consumer.can_spill()));
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        *self.held().of(reservation.consumer().can_spill()) += additional;
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        let mut held = self.held();
        let of = held.of(reservation.consumer().can_spill());
        *of = of.saturating_sub(shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let (can_spill, mut held) = (reservation.consumer().can_spill(), self.held());
        if !held.admits(self.bytes, can_spill, reservation.size(), additional) {
            return Err(resources_datafusion_err!(
                "{additional} bytes more than {} may take of {}",
                reservation.consumer().name(),
                self.bytes
            ));
        }
        *held.of(can_spill) += additional;
        Ok(())
    }

    fn reserved(&self) -> usize {
        let held = self.held();
        held.spillable + held.fixed
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.bytes)
    }
}

impl fmt::Display for SharedPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "shared({} bytes)", self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    const BYTES: usize = 1 << 20;

    fn reservations(pool: &Arc<dyn MemoryPool>, count: usize, can_spill: bool) -> Vec<MemoryReservation> {
        (0..count).map(|number| MemoryConsumer::new(format!("{number}")).with_can_spill(can_spill).register(pool)).collect()
    }

    #[test]
    fn one_of_many_takes_half_of_what_there_is_and_joins_what_is_free() {
        let pool: Arc<dyn MemoryPool> = Arc::new(SharedPool::new(BYTES));
        let (spillers, join) = (reservations(&pool, 400, true), reservations(&pool, 1, false));
        spillers[0].try_grow(BYTES / 8 * 3).unwrap();
        assert!(spillers[0].try_grow(1).is_err(), "it holds as much as it leaves");
        spillers[1].try_grow(BYTES / 16 * 3).unwrap();
        join[0].try_grow(BYTES / 8).unwrap();
        drop(spillers);
        join[0].try_grow(BYTES / 8 * 7).unwrap();
        assert!(join[0].try_grow(1).is_err());
        drop(join);
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn two_sorts_have_three_quarters_between_them() {
        let pool: Arc<dyn MemoryPool> = Arc::new(SharedPool::new(BYTES));
        let sorts = reservations(&pool, 2, true);
        while sorts.iter().filter(|sort| sort.try_grow(BYTES / 64).is_ok()).count() > 0 {}
        assert_eq!(sorts.iter().map(MemoryReservation::size).collect::<Vec<_>>(), [BYTES / 8 * 3; 2]);
    }

    proptest! {
        /// Whatever was taken and given back before: no more is out than there is, and each that can spill gets its share.
        #[test]
        fn nobody_is_refused_their_share(steps in prop::collection::vec((0..40_usize, 0..BYTES, any::<bool>()), 0..400)) {
            let pool: Arc<dyn MemoryPool> = Arc::new(SharedPool::new(BYTES));
            let spillers = reservations(&pool, 40, true);
            for (who, bytes, gives_back) in steps {
                if gives_back {
                    spillers[who].free();
                } else {
                    drop(spillers[who].try_grow(bytes));
                }
                prop_assert!(pool.reserved() <= BYTES);
                prop_assert_eq!(pool.reserved(), spillers.iter().map(MemoryReservation::size).sum::<usize>());
            }
            for spiller in &spillers {
                let share = BYTES / KEPT_BACK / 40;
                prop_assert!(spiller.size() >= share || spiller.try_grow(share - spiller.size()).is_ok());
            }
        }
    }
}
