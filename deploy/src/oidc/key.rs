//! The provider's public keys (RFC 7517, 7518, 8037) and what they prove. Which algorithms count is closed: none whose key both sides share, since
//! the one key that is public would be it, and none that proves nothing.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

/// Keys that are looked at.
const MOST: usize = 100;
/// Bytes of a coordinate of P-256, and of a key of Ed25519.
const COORDINATE: usize = 32;

/// By what a token may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    /// The one of that name, if it counts.
    pub(super) fn named(name: &str) -> Option<Algorithm> {
        [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].into_iter().find(|known| known.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }
}

/// The provider's keys of now.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Vec<Key>);

#[derive(Debug, Clone)]
pub(super) struct Key {
    kid: Option<String>,
    algorithm: Algorithm,
    public: Public,
}

#[derive(Debug, Clone)]
enum Public {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// Uncompressed point, or the key itself.
    Bytes(Vec<u8>),
}

#[derive(Deserialize)]
struct Written {
    keys: Vec<Value>,
}

/// A key as it is written; of what kind it is says which of the rest it has.
#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl Keys {
    /// The keys of a set that can prove a token; none when it is no set. A key that is not understood, or is for something else, is not there
    /// (RFC 7517, 5).
    pub(super) fn read(bytes: &[u8]) -> Option<Keys> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let known = written.keys.into_iter().take(MOST).filter_map(|key| Key::of(serde_json::from_value(key).ok()?));
        Some(Keys(known.collect()))
    }

    /// The key that a token names, or the only one of its kind when it names none (OpenID Connect Core 1.0, 10.1).
    pub(super) fn of(&self, algorithm: Algorithm, kid: Option<&str>) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| key.algorithm == algorithm);
        match kid {
            Some(kid) => fitting.find(|key| key.kid.as_deref() == Some(kid)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        }
    }
}

impl Key {
    fn of(written: WrittenKey) -> Option<Key> {
        let is_to_verify = written.usage.as_deref().is_none_or(|usage| usage == "sig")
            && written.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        let bytes = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let (algorithm, public) = match (written.kty.as_str(), written.crv.as_deref()) {
            ("RSA", _) => {
                let unsigned = |bytes: Vec<u8>| bytes.into_iter().skip_while(|byte| *byte == 0).collect();
                (Algorithm::Rs256, Public::Rsa { modulus: unsigned(bytes(&written.n)?), exponent: unsigned(bytes(&written.e)?) })
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(&written.x)?, bytes(&written.y)?);
                let fits = x.len() == COORDINATE && y.len() == COORDINATE;
                (Algorithm::Es256, Public::Bytes(fits.then(|| [&[4], x.as_slice(), y.as_slice()].concat())?))
            }
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, Public::Bytes(bytes(&written.x).filter(|x| x.len() == COORDINATE)?)),
            _ => return None,
        };
        let is_for_it = written.alg.as_deref().is_none_or(|name| Algorithm::named(name) == Some(algorithm));
        (is_to_verify && is_for_it).then_some(Key { kid: written.kid, algorithm, public })
    }

    /// Whether this key signed that. One of less than 2048 bits proves nothing.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match (&self.public, self.algorithm) {
            (Public::Rsa { modulus, exponent }, _) => {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
            (Public::Bytes(key), Algorithm::EdDsa) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
            (Public::Bytes(key), _) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok(),
        }
    }
}
