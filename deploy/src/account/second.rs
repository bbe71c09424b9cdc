//! The second factor of an account: a secret that its authenticator has too, each of whose codes is good once, and recovery codes for whoever
//! lost the authenticator. The secret has to come back to be compared with, so it is not hashed but sealed, by a key in a file of its own: who
//! comes by the file of accounts alone, as by a copy of it, has no codes. Recovery codes are kept as their SHA-256 and gone once used.

use super::{
    Account, Wrong, scram,
    token::{hexadecimal, random},
    totp,
};
use crate::Error;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes of the key that seals, and of a nonce.
pub(super) const KEY: usize = 32;
const NONCE: usize = 12;
/// Recovery codes, and signs of one: 80 bits, which nobody tries out.
const RECOVERY: usize = 10;
const RECOVERY_SIGNS: usize = 16;
/// Wrong codes in a row that are taken as slips. From there on each costs twice the wait of the one before, an hour at most (RFC 4226, 7.3):
/// by then some seventy codes of a million can be tried in a day.
const SLIPS: u32 = 5;
const WAIT_MS: i64 = 60_000;
const LONGEST_DOUBLING: u32 = 6;
const LONGEST_WAIT_MS: i64 = 3_600_000;

/// What is kept of a second factor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Second {
    /// The secret, sealed, in hexadecimal digits.
    secret: String,
    /// The step of the last code that was used.
    used: u64,
    /// SHA-256 of each recovery code that is left, in hexadecimal digits.
    recovery: Vec<String>,
    /// Wrong codes since the last right one, and when the last of them was.
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    failed_ms: i64,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passed {
    ByCode,
    /// By a recovery code; so many are left.
    ByRecovery(usize),
    Wrong,
    /// Too many were wrong; it was not looked at.
    Locked,
}

/// Seals secrets, each for the account that it is of.
#[derive(Debug)]
pub(crate) struct Seal(RandomizedNonceKey);

impl Seal {
    pub(super) fn of(key: &[u8]) -> Result<Seal, Error> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Seal).map_err(|_| Wrong::SecondKey.into())
    }

    fn close(&self, secret: &[u8], account: &str) -> Result<String, Error> {
        let mut sealed = secret.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(account.as_bytes()), &mut sealed);
        let nonce = nonce.map_err(|_| Error::defect("a secret cannot be sealed"))?;
        Ok(hexadecimal(nonce.as_ref()) + &hexadecimal(&sealed))
    }

    fn open(&self, kept: &str, account: &str) -> Result<Vec<u8>, Error> {
        let bytes = scram::bytes(kept);
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(Wrong::SecondSecret)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Wrong::SecondSecret)?;
        let mut sealed = sealed.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(account.as_bytes()), &mut sealed);
        Ok(opened.map_err(|_| Wrong::SecondSecret)?.to_vec())
    }
}

impl Account {
    /// Whether it has a second factor, and so has to show it.
    pub(crate) fn has_second(&self) -> bool {
        self.second.is_some()
    }

    /// Recovery codes that are left.
    pub(crate) fn recovery_left(&self) -> usize {
        self.second.as_ref().map_or(0, |second| second.recovery.len())
    }

    /// A new secret, to be shown to its owner this once. It counts for nothing before a code of it was typed; until then what was before holds.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn begin_second(&mut self, seal: &Seal) -> Result<Vec<u8>, Error> {
        let secret = random::<{ totp::SECRET }>()?;
        self.pending = Some(seal.close(&secret, &self.name)?);
        Ok(secret.to_vec())
    }

    /// Takes the new secret for its second factor, if that is a code of it; gives the recovery codes, to be shown this once.
    ///
    /// # Errors
    /// Nothing was begun, or its secret cannot be opened.
    pub(crate) fn confirm_second(&mut self, seal: &Seal, typed: &str, now_ms: i64) -> Result<Option<Vec<String>>, Error> {
        let pending = self.pending.as_ref().ok_or(Wrong::NotBegun)?;
        let Some(used) = totp::matched(&seal.open(pending, &self.name)?, typed, now_ms, None) else { return Ok(None) };
        let codes = (0..RECOVERY).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
        let recovery = codes.iter().map(|code| hash(code)).collect();
        self.second = self.pending.take().map(|secret| Second { secret, used, recovery, failures: 0, failed_ms: 0 });
        Ok(Some(codes))
    }

    /// Looks at a code, or recovery code, which is good for nothing from then on. One without a second factor has nothing to pass.
    ///
    /// # Errors
    /// The secret cannot be opened.
    pub(crate) fn pass_second(&mut self, seal: &Seal, typed: &str, now_ms: i64) -> Result<Passed, Error> {
        let Some(second) = &mut self.second else { return Ok(Passed::Wrong) };
        if second.is_locked(now_ms) {
            return Ok(Passed::Locked);
        }
        let secret = seal.open(&second.secret, &self.name)?;
        let given = hash(&plain(typed));
        let passed = if let Some(step) = totp::matched(&secret, typed, now_ms, Some(second.used)) {
            second.used = step;
            Passed::ByCode
        } else if let Some(at) = second.recovery.iter().position(|kept| *kept == given) {
            second.recovery.remove(at);
            Passed::ByRecovery(second.recovery.len())
        } else {
            (second.failures, second.failed_ms) = (second.failures.saturating_add(1), now_ms);
            return Ok(Passed::Wrong);
        };
        second.failures = 0;
        Ok(passed)
    }

    /// Takes it away, with what was being set up.
    pub(crate) fn forget_second(&mut self) {
        self.second = None;
        self.pending = None;
    }
}

impl Second {
    fn is_locked(&self, now_ms: i64) -> bool {
        let Some(over) = self.failures.checked_sub(SLIPS) else { return false };
        let wait = (WAIT_MS << over.min(LONGEST_DOUBLING)).min(LONGEST_WAIT_MS);
        // A clock that was set back unlocks nothing and locks nobody for ever.
        (now_ms - self.failed_ms).abs() < wait
    }
}

/// A recovery code as it is shown: four groups, of signs that are not taken for each other.
fn recovery_code() -> Result<String, Error> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let signs: Vec<char> = random::<RECOVERY_SIGNS>()?.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    Ok(signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// A recovery code as it is compared: however it was typed.
fn plain(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

fn hash(code: &str) -> String {
    hexadecimal(&Sha256::digest(plain(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn seal() -> Seal {
        Seal::of(&[7; KEY]).unwrap()
    }

    /// An account with a second factor that was set up at [`NOW`], its secret and its recovery codes.
    fn li() -> (Account, Vec<u8>, Vec<String>) {
        let mut li = Account::new("li", "case_worker", Some("mz"), String::new()).unwrap();
        let secret = li.begin_second(&seal()).unwrap();
        assert!(!li.has_second(), "nothing holds before a code was typed");
        assert_eq!(li.confirm_second(&seal(), "000000x", NOW).unwrap(), None);
        let codes = li.confirm_second(&seal(), &at(&secret, NOW), NOW).unwrap().unwrap();
        (li, secret, codes)
    }

    fn at(secret: &[u8], now_ms: i64) -> String {
        format!("{:06}", totp::code(secret, totp::step(now_ms)))
    }

    #[test]
    fn a_code_is_good_once_and_so_is_a_recovery_code() {
        let (mut li, secret, codes) = li();
        let later = NOW + 60_000;
        assert_eq!(li.pass_second(&seal(), &at(&secret, NOW), NOW).unwrap(), Passed::Wrong, "it was used to set it up");
        assert_eq!(li.pass_second(&seal(), &at(&secret, later), later).unwrap(), Passed::ByCode);
        assert_eq!(li.pass_second(&seal(), &at(&secret, later), later).unwrap(), Passed::Wrong);
        assert_eq!((codes.len(), codes[0].len()), (RECOVERY, 19));
        let typed = codes[3].to_uppercase().replace('-', " ");
        assert_eq!(li.pass_second(&seal(), &typed, later).unwrap(), Passed::ByRecovery(9));
        assert_eq!(li.pass_second(&seal(), &codes[3], later).unwrap(), Passed::Wrong);
    }

    #[test]
    fn who_guesses_waits_longer_each_time() {
        let (mut li, secret, _) = li();
        let mut now = NOW + 120_000;
        for _ in 0..SLIPS {
            assert_eq!(li.pass_second(&seal(), "no", now).unwrap(), Passed::Wrong);
        }
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            assert_eq!(li.pass_second(&seal(), &at(&secret, now), now).unwrap(), Passed::Locked, "not even the right one");
            now += minutes * WAIT_MS;
            assert_eq!(li.pass_second(&seal(), "no", now).unwrap(), Passed::Wrong, "{minutes}");
        }
        now += LONGEST_WAIT_MS;
        assert_eq!(li.pass_second(&seal(), &at(&secret, now), now).unwrap(), Passed::ByCode);
        assert_eq!(li.pass_second(&seal(), "no", now).unwrap(), Passed::Wrong, "and a slip is a slip again");
    }

    #[test]
    fn what_is_kept_gives_no_code_without_the_key_and_to_no_other_account() {
        let (mut li, secret, codes) = li();
        let kept = serde_json::to_string(&li).unwrap();
        assert!(!kept.contains(&hexadecimal(&secret)) && !kept.contains(&totp::base32(&secret)) && !kept.contains(&codes[0]));
        let other = Seal::of(&[8; KEY]).unwrap();
        assert!(li.pass_second(&other, &at(&secret, NOW + 60_000), NOW + 60_000).unwrap_err().to_string().contains("second_factor.key"));
        li.name = "wu".to_owned();
        assert!(li.pass_second(&seal(), &at(&secret, NOW + 60_000), NOW + 60_000).is_err(), "it was moved to another account");
    }
}
