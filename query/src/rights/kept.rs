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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{DAY, NOW, Rows, catalogue};

    #[test]
    fn whoever_asks_otherwise_is_judged_anew_and_few_are_kept() {
        let (catalogue, policies) = (catalogue(&Rows::new()), Arc::new(Policies::embedded().unwrap()));
        let rights = |who: &str, purpose: &str, policies: &Arc<Policies>, at_ms| {
            catalogue.rights.registered(&Principal::parse(who).unwrap(), &Purpose::parse(purpose).unwrap(), policies, at_ms)
        };
        let (who, purpose) = ("case_worker:li@mz", "低保核对");
        let first = rights(who, purpose, &policies, NOW).unwrap();
        let is_kept = |other: &Arc<Rights>| Arc::ptr_eq(&first, other);
        assert!(is_kept(&rights(who, purpose, &policies, NOW).unwrap()));
        // Of the same name: another role with its purpose, another department, area or day, policies that were read again.
        for (who, purpose, at_ms) in
            [("engineer:li@mz", "数据治理", NOW), ("case_worker:li@mz/云溪县城关镇", purpose, NOW), (who, purpose, NOW + DAY)]
        {
            assert!(!is_kept(&rights(who, purpose, &policies, at_ms).unwrap()), "{who} {purpose} {at_ms}");
        }
        let again = Arc::new(Policies::embedded().unwrap());
        assert!(!is_kept(&rights(who, purpose, &again, NOW).unwrap()));
        assert!(rights(who, "数据治理", &policies, NOW).is_err(), "a purpose that is none of theirs is refused as before");
        for number in 0..MOST {
            rights(&format!("case_worker:li{number}@mz"), purpose, &policies, NOW).unwrap();
        }
        assert!(!is_kept(&rights(who, purpose, &policies, NOW).unwrap()), "who asked longest ago is forgotten");
    }
}
