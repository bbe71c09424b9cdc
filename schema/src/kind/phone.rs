//! Phone numbers: mobile (11 digits from 1), fixed line (area code and 7 or 8 digits, or these alone) and 400/800 numbers. Ranges 10 to
//! 12 belong to no one and are for invented people. Of several numbers in a cell the first valid one stands; the file's row keeps all.

use super::{Fault, identifier};
use std::borrow::Cow;

pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    if is_plain(value.as_bytes()) {
        return Ok(Cow::Borrowed(value));
    }
    if let Some(digits) = unfloated(value).filter(|digits| is_phone(digits)) {
        return Ok(Cow::Owned(digits));
    }
    identifier::intact(value)?;
    let parts = value.split(['/', '、', ',', ';', '|', '，', '；']);
    let mut numbers = parts.map(plain).peekable();
    let first = numbers.peek().cloned().unwrap_or_default();
    match numbers.find(|number| is_phone(number)) {
        Some(number) => Ok(Cow::Owned(number)),
        None if is_dummy(first.as_bytes()) => Err(Fault::new("phone_dummy", "这是随意填写的号码，不是真实的联系电话")),
        None => Err(Fault::new("phone_format", "联系电话应为11位手机号码或带区号的固定电话")),
    }
}

/// Whether it is a mobile number as it stands.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let is_mobile = value.len() == 11 && value[0] == b'1' && value.iter().fold(true, |all, byte| all & byte.is_ascii_digit());
    is_mobile && !is_dummy(value)
}

/// The digits of a number that a spreadsheet took for one and wrote whole: `12012345678.0`, or in scientific notation with all 11 digits.
fn unfloated(value: &str) -> Option<String> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(whole) = value.strip_suffix(".0") {
        return Some(whole).filter(|whole| is_digits(whole)).map(str::to_owned);
    }
    let (first, rest) = value.strip_suffix("E+10").or_else(|| value.strip_suffix("e+10"))?.split_once('.')?;
    let is_whole = first.len() == 1 && rest.len() == 10 && is_digits(first) && is_digits(rest);
    is_whole.then(|| format!("{first}{rest}"))
}

/// Digits only, without the country code; an extension is dropped.
fn plain(part: &str) -> String {
    let part = part.split(['转', '(']).next().unwrap_or(part);
    let digits: String = part.chars().filter(char::is_ascii_digit).collect();
    if part.chars().any(|character| !(character.is_ascii_digit() || matches!(character, ' ' | '-' | '+' | '—' | '.' | ')'))) {
        return String::new();
    }
    let national = ["0086", "86"].iter().find_map(|country| digits.strip_prefix(country).filter(|rest| rest.len() >= 10));
    let national = national.unwrap_or(&digits);
    // A mobile number is dialled with a 0 from elsewhere; the only area code that begins with 01 has 11 digits with its number.
    national.strip_prefix('0').filter(|rest| rest.len() == 11 && rest.starts_with('1')).unwrap_or(national).to_owned()
}

fn is_phone(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if bytes.len() < 7 || is_dummy(bytes) {
        return false;
    }
    match bytes[0] {
        b'1' => bytes.len() == 11,
        b'0' => (10..=12).contains(&bytes.len()),
        b'4' | b'8' if bytes.len() == 10 => bytes[1] == b'0' && bytes[2] == b'0',
        _ => bytes.len() <= 8,
    }
}

/// What people type where a form wants a number: one digit again and again, digits in their order, the number of the telephone adverts.
fn is_dummy(digits: &[u8]) -> bool {
    let steps = |step: u8| digits.windows(2).all(|pair| (pair[0] - b'0' + step) % 10 == pair[1] - b'0');
    !digits.is_empty() && (steps(0) || steps(1) || steps(9)) || digits == concat!("138", "00138000").as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        for raw in [
            "12012345678",
            "+86 120 1234 5678",
            "0086-12012345678",
            "120-1234-5678",
            "无效/12012345678",
            "12012345678、12112345678",
            "012012345678",
            "12012345678.0",
            "1.2012345678E+10",
        ] {
            assert_eq!(clean(raw).as_deref(), Ok("12012345678"), "{raw}");
        }
        assert_eq!(clean("0999-1234567").as_deref(), Ok("09991234567"));
        assert_eq!(clean("4001234567").as_deref(), Ok("4001234567"));
    }

    #[test]
    fn what_is_no_number_says_so() {
        for (raw, rule) in [
            ("11111111111", "phone_dummy"),
            ("12345678901", "phone_dummy"),
            ("98765432", "phone_dummy"),
            (concat!("138", "00138000"), "phone_dummy"),
            ("1.20123E+10", "excel_precision_lost"),
            ("1201234567", "phone_format"),
            ("1.2E+10", "excel_precision_lost"),
            ("120****5678", "masked"),
        ] {
            assert_eq!(clean(raw).unwrap_err().rule, rule, "{raw}");
        }
    }
}
