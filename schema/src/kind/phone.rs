//! Phone numbers: mobile (11 digits from 1), fixed line (area code and 7 or 8 digits, or these alone) and 400/800 numbers. Ranges 10 to
//! 12 belong to no one and are for invented people. Of several numbers in a cell the first valid one stands; the file's row keeps all.

use super::{Fault, identifier};

pub(super) fn clean(value: &str) -> Result<String, Fault> {
    identifier::intact(value)?;
    let parts = value.split(['/', '、', ',', ';', '|', '，', '；']);
    parts.map(plain).find(|number| is_phone(number)).ok_or_else(|| Fault::new("phone_format", "联系电话应为11位手机号码或带区号的固定电话"))
}

/// Digits only, without the country code; an extension is dropped.
fn plain(part: &str) -> String {
    let part = part.split(['转', '(']).next().unwrap_or(part);
    let digits: String = part.chars().filter(char::is_ascii_digit).collect();
    if part.chars().any(|character| !(character.is_ascii_digit() || matches!(character, ' ' | '-' | '+' | '—' | '.' | ')'))) {
        return String::new();
    }
    for country in ["0086", "86"] {
        if let Some(rest) = digits.strip_prefix(country).filter(|rest| rest.len() >= 10) {
            return rest.to_owned();
        }
    }
    digits
}

fn is_phone(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    if bytes.len() < 7 || bytes.iter().all(|byte| *byte == bytes[0]) {
        return false;
    }
    match bytes[0] {
        b'1' => bytes.len() == 11,
        b'0' => (10..=12).contains(&bytes.len()),
        b'4' | b'8' if bytes.len() == 10 => bytes[1] == b'0' && bytes[2] == b'0',
        _ => bytes.len() <= 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_however_it_is_written() {
        for raw in ["12012345678", "+86 120 1234 5678", "0086-12012345678", "120-1234-5678", "无效/12012345678", "12012345678、12112345678"]
        {
            assert_eq!(clean(raw).as_deref(), Ok("12012345678"), "{raw}");
        }
        assert_eq!(clean("0999-1234567").as_deref(), Ok("09991234567"));
        assert_eq!(clean("4001234567").as_deref(), Ok("4001234567"));
    }

    #[test]
    fn what_is_no_number_says_so() {
        for (raw, rule) in [
            ("11111111111", "phone_format"),
            ("1201234567", "phone_format"),
            ("1.2E+10", "excel_precision_lost"),
            ("120****5678", "masked"),
        ] {
            assert_eq!(clean(raw).unwrap_err().rule, rule, "{raw}");
        }
    }
}
