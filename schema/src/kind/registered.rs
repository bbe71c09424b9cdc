//! Numbers that registers give to businesses and to real estate: the business number of before the unified credit code, with the check of
//! GS 15-2006, and the real-estate unit number, whose layout is its only check.

use super::{Fault, identifier};
use std::borrow::Cow;

/// The check digit of a business number's first 14 (ISO 7064 MOD 11,10); `None` when they are not 14 digits.
pub fn check_digit(body: &str) -> Option<char> {
    let digits = body.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let product = digits.bytes().fold(10, |product, byte| match (product + u32::from(byte - b'0')) % 10 {
        0 => 9,
        sum => sum * 2 % 11,
    });
    char::from_digit((11 - product) % 10, 10)
}

/// 15 digits that hold, or 13 of before the check digit was introduced.
pub(super) fn clean_business(value: &str) -> Result<Cow<'_, str>, Fault> {
    let number = identifier::compact(value)?;
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.len() {
        13 if is_digits => Ok(number),
        15 if check_digit(&number).is_some_and(|check| number.ends_with(check)) => Ok(number),
        15 if is_digits => Err(Fault::new("business_no_check", "工商注册号校验位不符，请核对")),
        _ => Err(Fault::new("business_no_format", "工商注册号应为15位（或旧号13位）数字")),
    }
}

/// County 6, cadastral district 3, sub-district 3, kind of parcel 2 letters, parcel 5, fixture 1 letter, unit 8.
pub(super) fn clean_realty_unit(value: &str) -> Result<Cow<'_, str>, Fault> {
    let number = identifier::compact(value)?;
    let holds = number.len() == 28
        && number.bytes().enumerate().all(|(place, byte)| match place {
            12 => matches!(byte, b'G' | b'J' | b'Z'),
            13 => byte.is_ascii_uppercase(),
            19 => matches!(byte, b'F' | b'L' | b'Q' | b'W'),
            _ => byte.is_ascii_digit(),
        });
    if holds {
        Ok(number)
    } else {
        Err(Fault::new("realty_unit_format", "不动产单元号应为28位：12位数字、2位字母、5位数字、1位字母、8位数字"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_number_holds_by_its_last_digit() {
        assert_eq!(check_digit("99010100001234"), Some('3'));
        assert_eq!(clean_business("9901 0100 0012 343").as_deref(), Ok("990101000012343"));
        assert_eq!(clean_business("9901010000123").as_deref(), Ok("9901010000123"));
        assert_eq!(clean_business("990101000012344").unwrap_err().rule, "business_no_check");
        assert_eq!(clean_business("91990101MA0WUWE14C").unwrap_err().rule, "business_no_format");
    }

    #[test]
    fn a_real_estate_unit_is_read_in_its_four_groups_and_not_when_cut_off() {
        assert_eq!(clean_realty_unit("990101 001001 GB00001 F00010001").as_deref(), Ok("990101001001GB00001F00010001"));
        for cut in ["990101001001GB00001F000100", "990101001001GB0000150001000", "990101001001XB00001F00010001"] {
            assert_eq!(clean_realty_unit(cut).unwrap_err().rule, "realty_unit_format", "{cut}");
        }
        assert_eq!(clean_realty_unit("9.90101E+27").unwrap_err().rule, "excel_precision_lost");
    }
}
