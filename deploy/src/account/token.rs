//! Tokens, by which programs come in: 256 random bits, shown once, kept as their SHA-256. They need no slow hash: nobody can try them all.

use super::{Wrong, scram::Keys};
use crate::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// What a token begins with, so that one is known when it is found where it should not be.
const MARK: &str = "wuwei_";
/// Bytes of a token's number, and of its secret.
const NUMBER: usize = 8;
const SECRET: usize = 32;
/// Days that a token holds, unless it is said; and at most.
pub(crate) const DAYS: u32 = 90;
pub(crate) const DAYS_MOST: u32 = 366;
/// Longest label, in characters.
pub(super) const LABEL_LENGTH: usize = 100;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What is kept of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    /// Its number, in hexadecimal digits; it is a part of the token and no secret.
    pub(crate) id: String,
    /// What its owner calls it.
    pub(crate) label: String,
    /// SHA-256 of its secret, in hexadecimal digits.
    hash: String,
    /// The token as a password, for PostgreSQL's clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<Keys>,
    /// From when on it holds no more, in milliseconds since 1970-01-01 UTC.
    pub(crate) expires: i64,
}

impl Token {
    /// A new token: what is kept of it, and itself, to be shown once.
    ///
    /// # Errors
    /// It would hold for no day or too many, its label is no label, or the system gives no random bytes.
    pub(crate) fn make(label: &str, days: u32, now_ms: i64) -> Result<(Token, String), Error> {
        if days == 0 || days > DAYS_MOST {
            return Err(Wrong::TokenDays.into());
        }
        if label.chars().count() > LABEL_LENGTH || label.contains(char::is_control) {
            return Err(Wrong::TokenLabel.into());
        }
        let (id, secret) = (hexadecimal(&random::<NUMBER>()?), hexadecimal(&random::<SECRET>()?));
        let token = Token { hash: hash(&secret), keys: None, label: label.to_owned(), expires: now_ms + DAY * i64::from(days), id };
        let shown = format!("{MARK}{}_{secret}", token.id);
        Ok((token, shown))
    }

    /// Whether it still holds.
    pub(crate) fn holds(&self, now_ms: i64) -> bool {
        now_ms < self.expires
    }

    /// Whether it is the token with that secret. How long that takes tells nothing of either.
    pub(crate) fn is(&self, secret: &str) -> bool {
        hash(secret).as_bytes().ct_eq(self.hash.as_bytes()).into()
    }
}

/// Number and secret of what may be a token.
pub(crate) fn parts(typed: &str) -> Option<(&str, &str)> {
    typed.strip_prefix(MARK)?.split_once('_').filter(|(id, secret)| id.len() == 2 * NUMBER && secret.len() == 2 * SECRET)
}

/// Random bytes of the system.
///
/// # Errors
/// It has none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::defect("the system gives no random bytes"))?;
    Ok(bytes)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(secret: &str) -> String {
    hexadecimal(&Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_secret_until_it_expires() {
        let (token, shown) = Token::make("loader", 2, 1_000).unwrap();
        let (id, secret) = parts(&shown).unwrap();
        assert_eq!(id, token.id);
        assert!(token.is(secret) && !token.is(&"0".repeat(64)) && !token.is(""));
        assert!(token.holds(2 * DAY + 999) && !token.holds(2 * DAY + 1_000));
        let kept = serde_json::to_string(&token).unwrap();
        assert!(!kept.contains(secret), "the secret is kept nowhere");
    }

    #[test]
    fn what_is_no_token_is_none() {
        for wrong in ["", "wuwei_", "wuwei_12_34", "basic", &format!("wuwei_{}_{}", "a".repeat(16), "b".repeat(63))] {
            assert!(parts(wrong).is_none(), "{wrong:?}");
        }
        assert!(Token::make("", 0, 0).is_err() && Token::make("", 400, 0).is_err() && Token::make("a\nb", 1, 0).is_err());
    }
}
