//! Rights that were put together before, since the policies are asked for each table, class and department of it, which takes longer than most
//! questions. They are kept with the catalogue that they are of, by all that they follow from; whoever asks otherwise is judged anew.

use super::Rights;
use crate::{Error, Policies, Principal, Purpose, session::day};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// Askers whose rights are kept, those who asked last.
const MOST: usize = 64;

/// The rights of those who asked last, the last of all at the end.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<VecDeque<(Key, Arc<Rights>)>>);

/// All that rights follow from but the catalogue. The policies are held, so that no others come to stand where they stood.
#[derive(Debug)]
struct Key {
    policies: Arc<Policies>,
    principal: Principal,
    purpose: Purpose,
    day: String,
}

impl Key {
    fn is_of(&self, other: &Key) -> bool {
        let Key { policies, principal, purpose, day } = other;
        Arc::ptr_eq(&self.policies, policies) && self.principal == *principal && self.purpose == *purpose && self.day == *day
    }
}

impl Kept {
    /// Those of a principal with a purpose that is registered for them on that day.
    ///
    /// # Errors
    /// As [`Rights::registered`]; a refusal is not kept.
    pub(crate) fn registered(
        &self,
        principal: &Principal,
        purpose: &Purpose,
        policies: &Arc<Policies>,
        at_ms: i64,
    ) -> Result<Arc<Rights>, Error> {
        // From where they ask decides nothing.
        let (principal, purpose) = (principal.clone().at(""), purpose.clone());
        let key = Key { policies: Arc::clone(policies), principal, purpose, day: day(at_ms) };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.iter().position(|(known, _)| known.is_of(&key)).and_then(|at| kept.remove(at));
        let (key, rights) = match known {
            Some(known) => known,
            None => {
                let rights = Arc::new(Rights::registered(&key.principal, &key.purpose, policies, at_ms)?);
                (key, rights)
            }
        };
        kept.push_back((key, Arc::clone(&rights)));
        if kept.len() > MOST {
            kept.pop_front();
        }
        Ok(rights)
    }
}
