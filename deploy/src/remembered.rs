//! What was computed once and holds for a while, found by what it holds for; so many at most, those that nobody asked for longest go first.
//! Whoever asks while it is computed waits for that. Nothing here asks who may see it: the key has to say for whom it was computed, and
//! whoever hands it on accounts for it.

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;

/// Values by key, the one asked for last at the end.
pub(crate) struct Remembered<K, V> {
    most: usize,
    places: Mutex<VecDeque<(K, Place<V>)>>,
}

type Place<V> = Arc<OnceCell<Arc<V>>>;

impl<K: PartialEq, V> Remembered<K, V> {
    /// For so many values at most.
    pub(crate) fn at_most(most: usize) -> Remembered<K, V> {
        Remembered { most, places: Mutex::default() }
    }

    /// What holds for the key: as it was computed before, or now. When computing fails or is given up, the next who waits computes it.
    ///
    /// # Errors
    /// Those of computing it.
    pub(crate) async fn get<E>(&self, key: K, compute: impl Future<Output = Result<V, E>>) -> Result<Arc<V>, E> {
        let place = self.place(key);
        place.get_or_try_init(|| async { compute.await.map(Arc::new) }).await.map(Arc::clone)
    }

    /// Forgets what holds for the key, so that it is computed anew.
    pub(crate) fn forget(&self, key: &K) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| known != key);
    }

    fn place(&self, key: K) -> Place<V> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let known = places.iter().position(|(known, _)| *known == key).and_then(|at| places.remove(at));
        let (key, place) = known.unwrap_or_else(|| (key, Place::default()));
        places.push_back((key, Arc::clone(&place)));
        if places.len() > self.most {
            places.pop_front();
        }
        place
    }
}

impl<K, V> fmt::Debug for Remembered<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remembered").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn got(remembered: &Remembered<u32, u32>, key: u32, value: Result<u32, ()>) -> Result<u32, ()> {
        remembered.get(key, async { value }).await.map(|found| *found)
    }

    #[tokio::test]
    async fn the_values_asked_for_last_stay_and_what_failed_is_computed_again() {
        let remembered = Remembered::at_most(2);
        assert_eq!(got(&remembered, 1, Err(())).await, Err(()));
        assert_eq!(got(&remembered, 1, Ok(10)).await, Ok(10));
        assert_eq!(got(&remembered, 2, Ok(20)).await, Ok(20));
        assert_eq!(got(&remembered, 1, Ok(11)).await, Ok(10));
        assert_eq!(got(&remembered, 3, Ok(30)).await, Ok(30));
        assert_eq!(got(&remembered, 1, Ok(12)).await, Ok(10));
        assert_eq!(got(&remembered, 2, Ok(21)).await, Ok(21), "2 was asked for longest ago when 3 came");
        remembered.forget(&2);
        assert_eq!(got(&remembered, 2, Ok(22)).await, Ok(22));
    }

    #[tokio::test]
    async fn of_two_that_ask_at_once_one_computes() {
        let remembered = Remembered::at_most(2);
        let slow = async {
            tokio::task::yield_now().await;
            Ok::<u32, ()>(1)
        };
        let (first, second) = futures::future::join(remembered.get(1, slow), remembered.get(1, async { Ok::<u32, ()>(2) })).await;
        assert_eq!((first.map(|found| *found), second.map(|found| *found)), (Ok(1), Ok(1)));
    }
}
