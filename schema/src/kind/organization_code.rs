//! Organisation codes, GB 11714-1997: eight characters and a check character. Those of before 2015 stand alone; in a unified social credit
//! code they are characters 9 to 17.

use super::{Fault, identifier};
use std::borrow::Cow;

const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The check character of the first eight; `None` when they are not eight digits and letters.
pub fn check_digit(body: &str) -> Option<char> {
    let bytes = body.as_bytes().get(..8)?;
    let mut sum = 0;
    for (byte, weight) in bytes.iter().zip(WEIGHTS) {
        sum += char::from(*byte).to_digit(36).filter(|_| !byte.is_ascii_lowercase())? * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        check => char::from_digit(check, 10),
    }
}

/// Nine characters, without the dash before the last.
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    let code = identifier::compact(value)?;
    match code.len() {
        9 if check_digit(&code).is_some_and(|check| code.ends_with(check)) => Ok(code),
        9 => Err(Fault::new("organization_code_check", "组织机构代码校验位不符，请核对")),
        _ => Err(Fault::new("organization_code_format", "组织机构代码应为9位")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples_pass_with_and_without_the_dash() {
        for (raw, code) in [("MA0WUWE1-4", "MA0WUWE14"), ("123456788", "123456788"), ("test0099-0", "TEST00990")] {
            assert_eq!(clean(raw).as_deref(), Ok(code), "{raw}");
        }
        assert_eq!(clean("MA0WUWE15").unwrap_err().rule, "organization_code_check");
        assert_eq!(clean("91990101MA0WUWE14C").unwrap_err().rule, "organization_code_format");
    }
}
