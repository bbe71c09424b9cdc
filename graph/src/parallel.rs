//! Work cut into units that do not depend on how many threads there are, so that neither do results. What the work is does not enter.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The most threads: beyond it their memory for compared values costs more than they bring.
const THREADS: usize = 16;

/// How many threads this machine has for one resolution.
pub(crate) fn available() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(THREADS)
}

/// What `work` makes of each unit from 0, in the order of the units. Each thread has a state of its own, which may remember but must not
/// change what is made.
pub(crate) fn parallel<S, T: Send>(
    threads: usize,
    units: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    parallel_beside(threads, units, state, work, || ()).0
}

/// The same while this thread does something else.
pub(crate) fn parallel_beside<S, T: Send, B>(
    threads: usize,
    units: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
    beside: impl FnOnce() -> B,
) -> (Vec<T>, B) {
    let threads = threads.min(units);
    if threads <= 1 {
        let mut state = state();
        return ((0..units).map(|unit| work(&mut state, unit)).collect(), beside());
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let (mut state, mut made) = (state(), Vec::new());
        loop {
            let unit = next.fetch_add(1, Ordering::Relaxed);
            if unit >= units {
                return made;
            }
            made.push((unit, work(&mut state, unit)));
        }
    };
    let (mut made, beside): (Vec<(usize, T)>, B) = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let beside = beside();
        let made = threads.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (made.collect(), beside)
    });
    made.sort_unstable_by_key(|(unit, _)| *unit);
    (made.into_iter().map(|(_, made)| made).collect(), beside)
}

/// What two of them make, beside each other.
pub(crate) fn both<L: Send, R>(left: impl FnOnce() -> L + Send, right: impl FnOnce() -> R) -> (L, R) {
    thread::scope(|scope| {
        let left = scope.spawn(left);
        let right = right();
        (left.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), right)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_back_in_their_order() {
        let count = |seen: &mut usize, unit: usize| {
            *seen += 1;
            unit * 2
        };
        for threads in [1, 2, 7] {
            assert_eq!(parallel(threads, 1000, || 0, count), (0..1000).map(|unit| unit * 2).collect::<Vec<_>>());
            assert!(parallel(threads, 0, || 0, count).is_empty());
        }
    }
}
