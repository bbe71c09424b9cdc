//! Who is signed in at the console. A session is 256 random bits in a cookie, kept here as their SHA-256 and nowhere else: it ends with the
//! program, when nobody comes for half an hour, after twelve hours, and when the account is closed, has another password or was signed out.
//! Their number is bounded, in all and of one account.

use super::screen::overview::Shown;
use crate::{
    Error,
    account::{
        Account,
        token::{hexadecimal, random},
    },
    clock,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

/// Milliseconds without a request after which a session is over (OWASP, session management: 15 to 30 minutes).
const IDLE_MS: i64 = 30 * 60_000;
/// Milliseconds after which it is over in any case: a working day.
const WHOLE_MS: i64 = 12 * 3_600_000;
/// Milliseconds within which the second factor has to be shown.
const WAITING_MS: i64 = 5 * 60_000;
/// Sessions that are kept; when there are more, the one that was idle longest is over.
const MOST: usize = 512;
/// Sessions of one account.
const OF_ONE: usize = 8;
/// Questions that a session remembers, and bytes of one.
const REMEMBERED: usize = 20;
const REMEMBERED_BYTES: usize = 4096;

/// What a session is found by: the hash of what the cookie holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key([u8; 32]);

impl Key {
    /// The key behind the value of a cookie.
    pub(crate) fn of(cookie: &str) -> Key {
        Key(Sha256::digest(cookie).into())
    }
}

/// What is known of a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signed {
    pub(crate) account: String,
    /// What the account's sessions are known by, as it was when this one began.
    mark: String,
    /// Whether the second factor was shown, where there is one.
    pub(crate) passed: bool,
    /// Whether it was begun by the word of a provider, and whether that asked for a second factor.
    pub(crate) outside: bool,
    pub(crate) vouched: bool,
    /// Whether it was begun by a link of the demo, so that nobody knows the password that the program made.
    pub(crate) invited: bool,
    pub(crate) purpose: Option<String>,
    /// The verbs that the account may use for its purpose, for what is offered.
    pub(crate) verbs: Vec<&'static str>,
    begun: i64,
    used: i64,
    /// What the session was shown of the figures.
    pub(crate) figures: Option<Shown>,
    pub(crate) questions: VecDeque<Asked>,
    /// What may be asked about, as the editor is told it, and when that holds.
    pub(crate) names: Option<(Holds, Arc<str>)>,
}

/// At which epoch, for which purpose and in which language something was told.
pub(crate) type Holds = (u64, String, &'static str);

/// A question that was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) sql: String,
    /// Rows of the answer; none when there was none.
    pub(crate) rows: Option<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<Key, Signed>>);

impl Sessions {
    /// Begins one, and gives the value of its cookie.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn begin(&self, account: &Account) -> Result<String, Error> {
        let (cookie, now) = (hexadecimal(&random::<32>()?), clock::now_ms());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, signed| signed.is_young(now));
        while all.values().filter(|signed| signed.account == account.name).count() >= OF_ONE {
            drop_oldest(&mut all, |signed| signed.account == account.name);
        }
        while all.len() >= MOST {
            drop_oldest(&mut all, |_| true);
        }
        let (name, mark) = (account.name.clone(), account.mark());
        all.insert(Key::of(&cookie), Signed { account: name, mark, begun: now, used: now, ..Signed::default() });
        Ok(cookie)
    }

    /// The session of a cookie with its account, if it lasts; it was used now.
    pub(crate) fn find(&self, key: Key, accounts: &[Account]) -> Option<(Signed, Account)> {
        let (mut all, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), clock::now_ms());
        let signed = all.get_mut(&key)?;
        let is_its = |account: &&Account| account.name == signed.account && !account.disabled && account.mark() == signed.mark;
        match accounts.iter().find(is_its).filter(|account| signed.lasts(account, now)) {
            Some(account) => {
                signed.used = now;
                let mut account = account.clone();
                account.vouched = signed.vouched;
                account.one_time &= !signed.invited;
                Some((signed.clone(), account))
            }
            None => {
                all.remove(&key);
                None
            }
        }
    }

    /// Changes what is known of a session, if it lasts still.
    pub(crate) fn change(&self, key: Key, change: impl FnOnce(&mut Signed)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signed) = all.get_mut(&key) {
            change(signed);
        }
    }

    /// Ends one.
    pub(crate) fn end(&self, key: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

fn drop_oldest(all: &mut HashMap<Key, Signed>, of: impl Fn(&Signed) -> bool) {
    let oldest = all.iter().filter(|(_, signed)| of(signed)).min_by_key(|(_, signed)| signed.used).map(|(key, _)| *key);
    if let Some(key) = oldest {
        all.remove(&key);
    }
}

impl Signed {
    fn lasts(&self, account: &Account, now: i64) -> bool {
        self.is_young(now) && (!self.waits(account) || now - self.begun < WAITING_MS)
    }

    fn is_young(&self, now: i64) -> bool {
        now - self.used < IDLE_MS && now - self.begun < WHOLE_MS
    }

    /// Whether the account has a second factor that this session has not shown: it is nobody's until then.
    pub(crate) fn waits(&self, account: &Account) -> bool {
        account.has_second() && !self.passed && !self.vouched
    }

    /// Goes on with the password that the account has now.
    pub(crate) fn marked(&mut self, account: &Account) {
        self.mark = account.mark();
    }

    /// Remembers a question, the newest first, each once.
    pub(crate) fn remember(&mut self, sql: &str, rows: Option<u64>) {
        if sql.len() > REMEMBERED_BYTES {
            return;
        }
        self.questions.retain(|asked| asked.sql != sql);
        self.questions.push_front(Asked { sql: sql.to_owned(), rows });
        self.questions.truncate(REMEMBERED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Account {
        let mut account = Account::new(name, "engineer", None, String::new()).unwrap();
        account.reset().unwrap();
        account
    }

    #[test]
    fn a_session_is_its_account_s_until_that_is_closed_or_has_another_password() {
        let (sessions, mut li) = (Sessions::default(), account("li"));
        let key = Key::of(&sessions.begin(&li).unwrap());
        assert_eq!(sessions.find(key, std::slice::from_ref(&li)).unwrap().1.name, "li");
        assert!(sessions.find(Key::of("guessed"), std::slice::from_ref(&li)).is_none());
        let before = li.clone();
        li.reset().unwrap();
        assert!(sessions.find(key, std::slice::from_ref(&li)).is_none());
        assert!(sessions.find(key, &[before]).is_none(), "what is over stays over");
        let key = Key::of(&sessions.begin(&li).unwrap());
        li.sign_out();
        assert!(sessions.find(key, std::slice::from_ref(&li)).is_none(), "its sessions were ended");
        let key = Key::of(&sessions.begin(&li).unwrap());
        li.disabled = true;
        assert!(sessions.find(key, &[li]).is_none());
    }

    #[test]
    fn it_ends_when_it_is_idle_or_old_and_one_account_has_few() {
        let (sessions, li) = (Sessions::default(), account("li"));
        let of = |change: fn(&mut Signed)| {
            let key = Key::of(&sessions.begin(&li).unwrap());
            sessions.change(key, change);
            sessions.find(key, std::slice::from_ref(&li)).is_some()
        };
        assert!(of(|_| {}));
        assert!(!of(|signed| signed.used -= IDLE_MS));
        assert!(!of(|signed| signed.begun -= WHOLE_MS));
        let keys: Vec<Key> = (0..OF_ONE + 1).map(|_| Key::of(&sessions.begin(&li).unwrap())).collect();
        assert!(keys.iter().filter(|key| sessions.find(**key, std::slice::from_ref(&li)).is_some()).count() <= OF_ONE);
    }

    #[test]
    fn the_newest_questions_are_remembered_each_once() {
        let mut signed = Signed::default();
        (0..REMEMBERED + 5).for_each(|at| signed.remember(&format!("SELECT {at}"), None));
        signed.remember("SELECT 20", Some(1));
        signed.remember(&"x".repeat(REMEMBERED_BYTES + 1), None);
        assert_eq!(
            (signed.questions.len(), signed.questions[0].sql.as_str(), signed.questions[0].rows),
            (REMEMBERED, "SELECT 20", Some(1))
        );
    }
}
