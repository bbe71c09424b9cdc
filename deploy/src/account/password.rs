//! Passwords: argon2id, by the parameters that OWASP's cheat sheet on storing passwords names first (19 MiB, two passes, one lane). Which
//! are good enough follows NIST SP 800-63B: length and what is not too plain, no rules of signs.

use super::Wrong;
use crate::{Error, account::token::random};
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use std::sync::LazyLock;

/// Characters that a password has at least.
const SHORTEST: usize = 12;
/// Bytes that a password has at most, so that hashing costs the same for all.
pub(crate) const LONGEST: usize = 1024;
/// Memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// What an account that is not there is compared with, so that it takes as long as one that is.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

/// The PHC string of a password, under a salt of its own.
///
/// # Errors
/// The system gives no random bytes.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let failed = || Error::defect("a password cannot be hashed");
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| failed())?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed: PasswordHash = hasher.hash_password_with_salt(password.as_bytes(), &random::<16>()?).map_err(|_| failed())?;
    Ok(hashed.to_string())
}

/// Whether it is the password behind a PHC string. Without one it takes as long, and is not.
pub(crate) fn is_right(password: &str, hashed: Option<&str>) -> bool {
    let compared = hashed.or(NOBODY.as_deref()).unwrap_or_default();
    let same = password.len() <= LONGEST && Argon2::default().verify_password(password.as_bytes(), compared).is_ok();
    same && hashed.is_some()
}

/// Whether somebody may choose it.
pub(super) fn check(chosen: &str, name: &str) -> Result<(), Wrong> {
    let count = chosen.chars().count();
    let first = chosen.chars().next();
    let names = name.chars().count() > 3 && chosen.contains(name);
    let plain = names || chosen.chars().all(|character| Some(character) == first);
    if count < SHORTEST || chosen.len() > LONGEST || plain {
        return Err(Wrong::Password);
    }
    Ok(())
}

/// A password to be given out once: 100 bits in characters that are not taken for each other.
pub(super) fn invent() -> Result<String, Error> {
    const SIGNS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";
    let signs: Vec<char> = random::<20>()?.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    Ok(signs.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let hashed = hash("correct horse battery").unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert_ne!(hashed, hash("correct horse battery").unwrap(), "each has a salt of its own");
        assert!(is_right("correct horse battery", Some(&hashed)));
        assert!(!is_right("correct horse batterx", Some(&hashed)) && !is_right("", Some(&hashed)));
        assert!(!is_right("nobody has this password", None), "who is not there has no password");
    }

    #[test]
    fn what_is_short_or_plain_is_refused() {
        for wrong in ["", "short", "aaaaaaaaaaaaaaaa", "my name is liming", &"x1".repeat(600)] {
            assert!(check(wrong, "liming").is_err(), "{wrong:?}");
        }
        assert!(check("four words of mine", "li").is_ok() && check("春眠不觉晓处处闻啼鸟夜来", "li").is_ok());
        assert!(check(&invent().unwrap(), "somebody").is_ok());
        assert_ne!(invent().unwrap(), invent().unwrap());
    }
}
