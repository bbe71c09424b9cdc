//! Unified social credit codes, GB 32100-2015: registration authority, kind, division, organisation code, check character.

use super::{Fault, identifier};
use std::borrow::Cow;

/// The 31 characters of the code, in the order of their values: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/// The check character of the first 17; `None` when they are not 17 characters of the alphabet.
pub fn check_digit(body: &str) -> Option<char> {
    let bytes = body.as_bytes().get(..17)?;
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += ALPHABET.iter().position(|known| known == byte)? * weight;
    }
    ALPHABET.get((31 - sum % 31) % 31).copied().map(char::from)
}

pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    let code = identifier::compact(value)?;
    if code.len() != 18 || !code.is_ascii() {
        return Err(Fault::new("credit_code_format", "统一社会信用代码应为18位"));
    }
    if holds(&code) {
        return Ok(code);
    }
    // The code has neither O nor I, so they can only be 0 and 1; the check character has the last word.
    let plain = code.replace('O', "0").replace('I', "1");
    if holds(&plain) {
        return Ok(Cow::Owned(plain));
    }
    // S and Z look like 5 and 2 to some and like nothing to others.
    let proposal = Some(plain.replace('S', "5").replace('Z', "2")).filter(|candidate| holds(candidate));
    Err(Fault {
        proposal, ..Fault::new("credit_code_check", "统一社会信用代码校验位不符，或含有不使用的字母（I、O、S、V、Z），请核对")
    })
}

fn holds(code: &str) -> bool {
    let division = code.get(2..8).is_some_and(|division| division.bytes().all(|byte| byte.is_ascii_digit()));
    division && check_digit(code).is_some_and(|check| code.ends_with(check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples_pass() {
        for code in ["91990101MA0WUWE14C", "529901011234567881", "92990102MA0YX2H872"] {
            assert_eq!(clean(code).as_deref(), Ok(code));
        }
        assert_eq!(clean("91990101ma0wuwe14c").as_deref(), Ok("91990101MA0WUWE14C"));
    }

    #[test]
    fn letters_that_no_code_has_are_the_digits_they_look_like_where_the_check_holds() {
        assert_eq!(clean("9I99OIOIMAOWUWEI4C").as_deref(), Ok("91990101MA0WUWE14C"));
        assert_eq!(clean("9199O101MA0WUWE14D").unwrap_err().rule, "credit_code_check");
    }

    #[test]
    fn letters_that_may_be_digits_are_proposed_not_written() {
        let fault = clean("5Z9901011234S67881").unwrap_err();
        assert_eq!((fault.rule, fault.proposal.as_deref()), ("credit_code_check", Some("529901011234567881")));
        assert_eq!(clean("91990101MA0WUWE14D").unwrap_err().proposal, None);
        assert_eq!(clean("5.2990101E+17").unwrap_err().rule, "excel_precision_lost");
        assert_eq!(clean("91990101********4C").unwrap_err().rule, "masked");
    }
}
