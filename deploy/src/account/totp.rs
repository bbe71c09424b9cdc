//! One-time codes by time (RFC 6238 over RFC 4226): six digits, another every thirty seconds, HMAC-SHA-1, which is what authenticators know.
//! SHA-1 stands here as RFC 4226 has it: that two messages can be found with one hash is no weakness of a keyed hash.

use crate::console::link;
use aws_lc_rs::hmac;
use subtle::ConstantTimeEq as _;

/// Bytes of a secret: as many as the hash has (RFC 4226, section 4).
pub(crate) const SECRET: usize = 20;
/// Milliseconds of a step.
const STEP_MS: i64 = 30_000;
/// Steps by which two clocks may differ.
const SKEW: u64 = 1;
/// Six digits.
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// Signs of Base32 (RFC 4648, section 6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The code of a step.
pub(crate) fn code(secret: &[u8], step: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref().last().copied().unwrap_or_default() & 0xf);
    let four = tag.as_ref().iter().skip(at).take(4).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
    (four & 0x7fff_ffff) % CODES
}

/// The step that a time, in milliseconds since 1970-01-01 UTC, is in.
pub(crate) fn step(now_ms: i64) -> u64 {
    u64::try_from(now_ms.div_euclid(STEP_MS)).unwrap_or_default()
}

/// The step whose code was typed, if it is that of now or of one beside it, and later than the last one that was used: each is good once.
pub(crate) fn matched(secret: &[u8], typed: &str, now_ms: i64, used: Option<u64>) -> Option<u64> {
    let digits: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    if digits.len() != DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let now = step(now_ms);
    let is_it = |step: &u64| bool::from(format!("{:0DIGITS$}", code(secret, *step)).as_bytes().ct_eq(digits.as_bytes()));
    (now.saturating_sub(SKEW)..=now + SKEW).filter(|step| used.is_none_or(|used| *step > used)).find(is_it)
}

/// Bytes in Base32 without padding, as authenticators take a secret.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, at| bits << 8 | u64::from(five.get(at).copied().unwrap_or_default()));
        let signs = (five.len() * 8).div_ceil(5);
        text.extend((0..signs).map(|at| char::from(BASE32[usize::try_from(bits >> (35 - 5 * at) & 31).unwrap_or_default()])));
    }
    text
}

/// The address that authenticators take, with a link or as a picture.
pub(crate) fn uri(secret: &[u8], account: &str) -> String {
    format!(
        "otpauth://totp/wuwei:{}?secret={}&issuer=wuwei&algorithm=SHA1&digits={DIGITS}&period={}",
        link::escaped(account),
        base32(secret),
        STEP_MS / 1000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, digits) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(secret, step(seconds * 1000)), digits, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_clock_that_is_a_step_off() {
        let (secret, now) = (b"12345678901234567890", 1_111_111_109_000);
        let at = |step: u64| format!("{:06}", code(secret, step));
        let present = step(now);
        for step in [present - 1, present, present + 1] {
            assert_eq!(matched(secret, &at(step), now, None), Some(step));
        }
        for step in [present - 2, present + 2] {
            assert_eq!(matched(secret, &at(step), now, None), None, "two steps off");
        }
        assert_eq!(matched(secret, &at(present), now, Some(present)), None, "used");
        assert_eq!(matched(secret, &at(present - 1), now, Some(present)), None, "nor one before it");
        assert_eq!(matched(secret, " 081 804", now, None), Some(present), "as authenticators show it");
        for wrong in ["", "81804", "0818040", "08180４", "abcdef"] {
            assert_eq!(matched(secret, wrong, now, None), None, "{wrong}");
        }
    }

    /// RFC 4648, section 10, without padding.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(uri(b"foobar", "李"), "otpauth://totp/wuwei:%E6%9D%8E?secret=MZXW6YTBOI&issuer=wuwei&algorithm=SHA1&digits=6&period=30");
    }
}
