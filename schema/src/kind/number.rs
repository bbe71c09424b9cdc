//! Decimal numbers, as people write areas, counts and amounts.

use super::Fault;
use std::borrow::Cow;

pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    if is_whole(value) {
        return Ok(Cow::Borrowed(value));
    }
    let plain: String = value.chars().filter(|character| !matches!(character, ',' | ' ' | '￥' | '¥')).collect();
    let digits = plain.trim_end_matches(|character: char| !character.is_ascii_digit());
    // 5万 is not 5: what is meant by it is the mapping's to say, by the unit of the column.
    if plain[digits.len()..].contains(['百', '千', '万', '亿']) {
        return Err(Fault::new("number_unit", "数字后有“万”等单位，而该列没有约定单位，请按该列的单位只填数字"));
    }
    let plain = digits;
    let parsed = plain.parse::<f64>().ok().filter(|number| number.is_finite());
    // Shown without an exponent and with no more digits than needed, so that cleaning again changes nothing.
    parsed.map(|number| Cow::Owned(format!("{number}"))).ok_or_else(|| Fault::new("number_format", "不是数字"))
}

/// Digits without a zero before them, and no more than a number holds.
fn is_whole(value: &str) -> bool {
    (1..=15).contains(&value.len()) && !value.starts_with('0') && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// 1 within a twentieth, 0 else.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
    let (Ok(left), Ok(right)) = (left.parse::<f64>(), right.parse::<f64>()) else { return 0 };
    u8::from((left - right).abs() <= 0.05 * left.abs().max(right.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_units_do_not_count() {
        assert_eq!(clean("1,234.50 ㎡").as_deref(), Ok("1234.5"));
        assert_eq!(clean("88平方米").as_deref(), Ok("88"));
        assert_eq!(clean("￥1,234.5元").as_deref(), Ok("1234.5"));
        assert_eq!(clean("约").unwrap_err().rule, "number_format");
        assert_eq!(clean("5万元").unwrap_err().rule, "number_unit", "and not 5");
        assert_eq!((agreement("100", "104"), agreement("100", "120")), (1, 0));
    }
}
