//! The provider's word of who somebody is: an ID token, believed when its key is the provider's and each of its claims is as it has to be
//! (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725). Time is told; nothing is asked of anybody.

use super::key::{Algorithm, Keys};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Seconds that the clocks of provider and hub may differ.
const SKEW: i64 = 60;
/// Seconds since it was issued after which a token is an old one: as long as a way there and back may take.
const AGE: i64 = 600;
/// Characters of a subject (Core, 2).
const SUBJECT: usize = 255;

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970-01-01 UTC.
    pub(super) now: i64,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is no signed token of three parts.
    Form,
    /// It is signed by what proves nothing, or is of a type that proves nobody.
    Algorithm,
    /// It wants something understood that is not.
    Critical,
    /// No key of the provider is called so; there may be new ones.
    Key,
    Signature,
    Issuer,
    Audience,
    Party,
    Expired,
    Early,
    Old,
    Nonce,
    Subject,
}

/// What a token says that was believed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claims(Map<String, Value>);

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// The claims of a token that is believed.
///
/// # Errors
/// It is not.
pub(super) fn believed(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, Refused> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(Refused::Form)?;
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| Refused::Form)?;
    // A token that lets somebody in elsewhere, or ends a session, is signed by the same key and is no proof of who comes.
    let is_plain = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    let algorithm = Algorithm::named(&header.alg).filter(|_| is_plain).ok_or(Refused::Algorithm)?;
    if header.crit.is_some() {
        return Err(Refused::Critical);
    }
    let key = keys.of(algorithm, header.kid.as_deref()).ok_or(Refused::Key)?;
    if !key.signed(signed.as_bytes(), &decoded(signature)?) {
        return Err(Refused::Signature);
    }
    let claims = Claims(serde_json::from_slice(&decoded(payload)?).map_err(|_| Refused::Form)?);
    claims.are(expected)?;
    Ok(claims)
}

fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Form)
}

impl Claims {
    /// Whether they are what they have to be.
    fn are(&self, expected: &Expected<'_>) -> Result<(), Refused> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(Refused::Issuer);
        }
        let audiences: Vec<&str> = match self.0.get("aud") {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            other => other.and_then(Value::as_str).into_iter().collect(),
        };
        if !audiences.contains(&expected.client) {
            return Err(Refused::Audience);
        }
        match self.0.get("azp") {
            None if audiences.len() == 1 => {}
            Some(Value::String(party)) if party == expected.client => {}
            _ => return Err(Refused::Party),
        }
        let (expires, issued) = (self.seconds("exp").ok_or(Refused::Expired)?, self.seconds("iat").ok_or(Refused::Early)?);
        let from = if self.0.contains_key("nbf") { self.seconds("nbf").ok_or(Refused::Early)? } else { issued };
        if expected.now >= expires.saturating_add(SKEW) {
            return Err(Refused::Expired);
        }
        if issued.max(from) > expected.now + SKEW {
            return Err(Refused::Early);
        }
        if issued < expected.now - AGE - SKEW {
            return Err(Refused::Old);
        }
        if self.text("nonce") != Some(expected.nonce) {
            return Err(Refused::Nonce);
        }
        match self.text("sub") {
            Some(subject) if (1..=SUBJECT).contains(&subject.len()) => Ok(()),
            _ => Err(Refused::Subject),
        }
    }

    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Texts of a claim that is a list.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// A claim that is a time; some providers write fractions.
    fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        #[expect(clippy::cast_possible_truncation, reason = "what is beyond all years stays beyond them")]
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    }
}

#[cfg(test)]
mod tests;
