//! SCRAM-SHA-256 (RFC 5802, RFC 7677), by which PostgreSQL's clients prove that they know a secret without sending it. What is kept proves
//! nothing by itself: from it neither the secret comes back, nor can anybody log in with it. It stands beside the argon2 hash and is weaker
//! than that if the file is stolen, since a client has to compute it too: hence many more rounds than the 4,096 of the RFC.

use crate::{
    Error,
    account::token::{hexadecimal, random},
};
use pgwire::api::auth::sasl::scram::gen_salted_password;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Rounds of PBKDF2; some 50 ms of a client's processor.
pub(crate) const ITERATIONS: u32 = 100_000;
/// Bytes of a salt.
pub(crate) const SALT: usize = 16;

/// What is kept of one secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    iterations: u32,
    /// Both in hexadecimal digits.
    stored: String,
    server: String,
}

impl Keys {
    /// The keys of a secret under a salt.
    pub(crate) fn of(secret: &str, salt: &[u8]) -> Keys {
        Keys::derived(secret, salt, ITERATIONS)
    }

    fn derived(secret: &str, salt: &[u8], iterations: u32) -> Keys {
        let salted = gen_salted_password(secret, salt, iterations as usize);
        let stored = Sha256::digest(hmac(&salted, b"Client Key"));
        Keys { iterations, stored: hexadecimal(&stored), server: hexadecimal(&hmac(&salted, b"Server Key")) }
    }

    /// Those of nobody: no proof is right.
    pub(crate) fn nobody() -> Keys {
        Keys { iterations: ITERATIONS, stored: "0".repeat(64), server: "0".repeat(64) }
    }

    /// The server's own signature over what was said, if the client's proof over it is right. How long it takes tells nothing.
    pub(crate) fn signature(&self, said: &str, proof: &[u8]) -> Option<[u8; 32]> {
        let (stored, server) = (bytes(&self.stored), bytes(&self.server));
        let signature = hmac(&stored, said.as_bytes());
        let key: Vec<u8> = proof.iter().zip(signature).map(|(proof, signature)| proof ^ signature).collect();
        let right = proof.len() == 32 && self.iterations == ITERATIONS && bool::from(Sha256::digest(&key).as_slice().ct_eq(&stored));
        right.then(|| hmac(&server, said.as_bytes()))
    }
}

/// A salt of its own, in hexadecimal digits.
///
/// # Errors
/// The system gives no random bytes.
pub(crate) fn salt() -> Result<String, Error> {
    Ok(hexadecimal(&random::<SALT>()?))
}

/// The bytes of hexadecimal digits; nothing of what is none.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    let two = |at: usize| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    (0..digits.len()).step_by(2).map_while(two).collect()
}

/// HMAC-SHA-256 (RFC 2104).
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0; BLOCK];
    match key.len() > BLOCK {
        true => block[..32].copy_from_slice(&Sha256::digest(key)),
        false => block[..key.len()].copy_from_slice(key),
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, prelude::BASE64_STANDARD};

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn hmac_is_that_of_the_standard() {
        let digest = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hexadecimal(&digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let digest = hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hexadecimal(&digest), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    /// RFC 7677, section 3: the exchange of user `user` with password `pencil`.
    #[test]
    fn the_exchange_of_the_standard_comes_out_as_it_says() {
        let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let said = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
            c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let proof = BASE64_STANDARD.decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=").unwrap();
        let keys = Keys { iterations: ITERATIONS, ..Keys::derived("pencil", &salt, 4096) };
        let signature = keys.signature(said, &proof).unwrap();
        assert_eq!(BASE64_STANDARD.encode(signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        assert!(keys.signature(said, &[0; 32]).is_none() && keys.signature(said, &proof[..31]).is_none());
        let other = Keys { iterations: ITERATIONS, ..Keys::derived("pencils", &salt, 4096) };
        assert!(other.signature(said, &proof).is_none());
    }
}
