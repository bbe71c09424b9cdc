//! Tokens with keys made here: one that is right in each way of signing, and each way of being wrong by itself.

use super::*;
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

const NOW: i64 = 1_800_000_000;
const EXPECTED: Expected<'static> = Expected { issuer: "https://sso.county.example", client: "wuwei", nonce: "n-0S6", now: NOW };

/// The provider's keys; a second of RSA is the one of tomorrow.
static KEYS: LazyLock<(Vec<RsaKeyPair>, EcdsaKeyPair, Ed25519KeyPair)> = LazyLock::new(|| {
    let rsa = (0..2).map(|_| RsaKeyPair::generate(KeySize::Rsa2048).unwrap()).collect();
    (rsa, EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), Ed25519KeyPair::generate().unwrap())
});

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa(key: &RsaKeyPair, kid: &str) -> Value {
    let public = key.public_key();
    let (modulus, exponent) = (public.modulus().big_endian_without_leading_zero(), public.exponent().big_endian_without_leading_zero());
    json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": encoded(modulus), "e": encoded(exponent)})
}

/// The set of today: one key of each kind, and others that are no keys for a token.
fn set() -> Vec<Value> {
    let (all_rsa, p256, ed25519) = &*KEYS;
    let point = p256.public_key().as_ref();
    vec![
        rsa(&all_rsa[0], "r1"),
        json!({"kty": "EC", "crv": "P-256", "kid": "e1", "x": encoded(&point[1..33]), "y": encoded(&point[33..])}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "o1", "x": encoded(ed25519.public_key())}),
        json!({"kty": "oct", "kid": "h1", "k": encoded("secret")}),
        json!({"kty": "EC", "crv": "P-384", "kid": "e2", "x": "AA", "y": "AA"}),
        json!({"kty": 7}),
    ]
}

fn keys(set: &[Value]) -> Keys {
    Keys::read(json!({ "keys": set }).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({"iss": EXPECTED.issuer, "aud": "wuwei", "sub": "7", "nonce": EXPECTED.nonce, "iat": NOW - 5, "exp": NOW + 300})
}

fn part(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()))
}

fn by_rsa(key: &RsaKeyPair, header: &Value, claims: &Value) -> String {
    let signed = part(header, claims);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encoded(signature))
}

/// A token of the provider's, signed by RSA.
fn token(claims: &Value) -> String {
    by_rsa(&KEYS.0[0], &json!({"alg": "RS256", "kid": "r1"}), claims)
}

fn judged(token: &str) -> Result<Claims, Refused> {
    believed(token, &keys(&set()), &EXPECTED)
}

/// What is said of a token in which one claim is another, or missing.
fn with(name: &str, value: Value) -> Result<Claims, Refused> {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    judged(&token(&claims))
}

#[test]
fn a_token_is_believed_in_each_way_of_signing() {
    let (_, p256, ed25519) = &*KEYS;
    assert_eq!(judged(&token(&claims())).unwrap().text("sub"), Some("7"));
    let signed = part(&json!({"alg": "ES256", "kid": "e1", "typ": "JWT"}), &claims());
    let signature = p256.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    assert!(judged(&format!("{signed}.{}", encoded(signature))).is_ok());
    let signed = part(&json!({"alg": "EdDSA", "kid": "o1"}), &claims());
    let good = format!("{signed}.{}", encoded(ed25519.sign(signed.as_bytes())));
    assert!(judged(&good).is_ok());
    let unnamed = by_rsa(&KEYS.0[0], &json!({"alg": "RS256"}), &claims());
    assert!(judged(&unnamed).is_ok(), "there is one of its kind");
    let two = [set(), vec![rsa(&KEYS.0[1], "r2")]].concat();
    assert_eq!(believed(&unnamed, &keys(&two), &EXPECTED), Err(Refused::Key), "which of two is not guessed");
}

#[test]
fn what_is_not_signed_or_by_what_is_public_is_refused() {
    let none = format!("{}.", part(&json!({"alg": "none"}), &claims()));
    assert_eq!(judged(&none), Err(Refused::Algorithm));
    for alg in ["None", "NONE", "", "RS512", "PS256", "rs256", "HS512"] {
        let signed = part(&json!({"alg": alg, "kid": "r1"}), &claims());
        assert_eq!(judged(&format!("{signed}.{}", encoded([7; 32]))), Err(Refused::Algorithm), "{alg}");
    }
    // The public key as a shared one, in each form that somebody may have it in.
    let public = KEYS.0[0].public_key();
    let modulus = public.modulus().big_endian_without_leading_zero();
    for key in [public.as_ref(), modulus, rsa(&KEYS.0[0], "r1").to_string().as_bytes(), b"secret"] {
        for kid in ["r1", "h1"] {
            let signed = part(&json!({"alg": "HS256", "kid": kid}), &claims());
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed.as_bytes());
            assert_eq!(judged(&format!("{signed}.{}", encoded(tag))), Err(Refused::Algorithm));
        }
    }
}

#[test]
fn another_key_kind_or_purpose_of_key_is_refused() {
    let other = by_rsa(&KEYS.0[1], &json!({"alg": "RS256", "kid": "r1"}), &claims());
    assert_eq!(judged(&other), Err(Refused::Signature));
    let mixed = by_rsa(&KEYS.0[0], &json!({"alg": "ES256", "kid": "r1"}), &claims());
    assert_eq!(judged(&mixed), Err(Refused::Key), "a key signs in its own way only");
    for (name, value) in [("use", json!("enc")), ("alg", json!("RS512")), ("key_ops", json!(["encrypt"])), ("n", json!("?"))] {
        let mut set = set();
        set[0][name] = value;
        assert_eq!(believed(&token(&claims()), &keys(&set), &EXPECTED), Err(Refused::Key), "{name}");
    }
    let carried = by_rsa(&KEYS.0[1], &json!({"alg": "RS256", "jwk": rsa(&KEYS.0[1], "r2"), "kid": "r2"}), &claims());
    assert_eq!(judged(&carried), Err(Refused::Key), "a token brings no key of its own");
    assert!(Keys::read(b"[]").is_none() && Keys::read(b"{").is_none());
}

#[test]
fn a_key_of_tomorrow_is_unknown_until_the_set_has_it() {
    let rotated = by_rsa(&KEYS.0[1], &json!({"alg": "RS256", "kid": "r2"}), &claims());
    assert_eq!(judged(&rotated), Err(Refused::Key));
    let newer = keys(&[rsa(&KEYS.0[1], "r2")]);
    assert!(believed(&rotated, &newer, &EXPECTED).is_ok());
    assert_eq!(believed(&token(&claims()), &newer, &EXPECTED), Err(Refused::Key), "and the one of yesterday is gone");
}

#[test]
fn each_claim_has_to_be_as_it_has_to_be() {
    for (name, values, refused) in [
        ("iss", vec![Value::Null, json!("https://sso.county.example/"), json!("https://evil.example"), json!(["x"])], Refused::Issuer),
        ("aud", vec![Value::Null, json!("other"), json!([]), json!(["other"]), json!({"wuwei": 1})], Refused::Audience),
        ("aud", vec![json!(["wuwei", "other"])], Refused::Party),
        ("azp", vec![json!("other"), json!(7)], Refused::Party),
        ("nonce", vec![Value::Null, json!(""), json!("n-0S7")], Refused::Nonce),
        ("sub", vec![Value::Null, json!(""), json!(7), json!("7".repeat(256))], Refused::Subject),
        ("exp", vec![Value::Null, json!("soon"), json!(NOW - SKEW), json!(0), json!(-1e300)], Refused::Expired),
        ("iat", vec![Value::Null, json!(NOW + SKEW + 1), json!(1e300)], Refused::Early),
        ("iat", vec![json!(NOW - AGE - SKEW - 1), json!(0)], Refused::Old),
        ("nbf", vec![json!(NOW + SKEW + 1), json!("now")], Refused::Early),
    ] {
        for value in values {
            assert_eq!(with(name, value.clone()), Err(refused), "{name}: {value}");
        }
    }
    for (name, value) in [
        ("aud", json!(["wuwei"])),
        ("azp", json!("wuwei")),
        ("exp", json!(NOW - SKEW + 1)),
        ("exp", json!(1_800_000_100.5)),
        ("iat", json!(NOW + SKEW)),
        ("nbf", json!(NOW - 5)),
    ] {
        assert!(with(name, value.clone()).is_ok(), "{name}: {value}");
    }
    let mut of_two = claims();
    (of_two["aud"], of_two["azp"]) = (json!(["other", "wuwei"]), json!("wuwei"));
    assert!(judged(&token(&of_two)).is_ok());
}

#[test]
fn a_token_of_another_kind_or_form_is_refused() {
    let of = |header: Value| judged(&by_rsa(&KEYS.0[0], &header, &claims()));
    assert_eq!(of(json!({"alg": "RS256", "kid": "r1", "typ": "at+jwt"})), Err(Refused::Algorithm));
    assert_eq!(of(json!({"alg": "RS256", "kid": "r1", "typ": "logout+jwt"})), Err(Refused::Algorithm));
    assert_eq!(of(json!({"alg": "RS256", "kid": "r1", "crit": ["b64"], "b64": false})), Err(Refused::Critical));
    assert_eq!(of(json!({"kid": "r1"})), Err(Refused::Form));
    let good = token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let padded = format!("{}=.{}.{}", parts[0], parts[1], parts[2]);
    for wrong in ["", ".", "..", "a.b", &parts[..2].join("."), &format!("{good}.x"), &format!("{good}="), &padded] {
        assert!(judged(wrong).is_err(), "{wrong}");
    }
    let swapped = format!("{}.{}.{}", parts[0], encoded(claims().to_string().replace("\"7\"", "\"8\"")), parts[2]);
    assert_eq!(judged(&swapped), Err(Refused::Signature));
}

proptest! {
    /// Whatever sign of a token is another: nobody is believed, and nothing breaks.
    #[test]
    fn no_sign_of_a_token_can_be_another(at in any::<prop::sample::Index>(), sign in "[A-Za-z0-9_.-]") {
        static GOOD: LazyLock<String> = LazyLock::new(|| token(&claims()));
        let at = at.index(GOOD.len());
        let mut changed = GOOD.clone();
        changed.replace_range(at..=at, &sign);
        prop_assert_eq!(judged(&changed).is_ok(), changed == *GOOD);
    }

    #[test]
    fn nothing_else_is_a_token(text in ".{0,200}") {
        prop_assert!(judged(&text).is_err());
    }
}
