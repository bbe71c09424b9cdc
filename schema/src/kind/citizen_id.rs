//! Citizen id numbers: GB 11643-1999 (18 digits, and 15 before), the residence cards of Hong Kong, Macau and Taiwan (divisions 81–83),
//! the foreigner's card of 2023 (9, province, ISO 3166 numeric country) and the one before it (3 letters, 12 digits, no known check).
//!
//! A number that fails is refused, never mended: for one wrong digit some eight numbers fit.

use super::{Fault, date, identifier};
use crate::division::{self, Standing};
use std::borrow::Cow;

/// The check character of the first 17 digits, ISO 7064 MOD 11-2; `None` when they are not 17 digits.
pub fn check_digit(body: &str) -> Option<char> {
    let bytes = body.as_bytes().get(..17).filter(|bytes| bytes.iter().all(u8::is_ascii_digit))?;
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    char::from(*CHECKS.get(sum as usize % CHECKS.len())?).into()
}

/// The check characters by the remainder.
const CHECKS: &[u8; 11] = b"10X98765432";

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The birth date a valid 18-character number contains, ISO 8601.
pub fn birth_date(id: &str) -> Option<String> {
    born(id).then(|| date::compact(&id[6..14])).flatten()
}

/// Whether a number of 18 characters contains a birth date that exists.
fn born(id: &str) -> bool {
    id.len() == 18 && id.get(6..14).is_some_and(is_day)
}

/// Whether it is a day that exists: a number has no place for a date of less precision, whose day would be 00.
fn is_day(digits: &str) -> bool {
    !digits.ends_with("00") && date::digits(digits).is_some()
}

/// The sex a valid 18-character number contains, in GB/T 2261.1: 1 male, 2 female.
pub fn sex(id: &str) -> Option<&'static str> {
    let order = id.as_bytes().get(16).filter(|byte| id.len() == 18 && byte.is_ascii_digit())?;
    Some(if order % 2 == 1 { "1" } else { "2" })
}

/// Where the bearer of a valid number was first registered, mostly where he was born, by the names of the day of his birth: 北京市延庆县.
/// None where the division is in no list; cards of Hong Kong, Macau, Taiwan and of foreigners have none.
pub fn birthplace(id: &str) -> Option<String> {
    division::full_name(mainland(id)?, &birth_date(id)?)
}

/// Whether the division that a valid number begins with is in force. A number is good for life: this flags, and refuses nothing.
pub fn division_standing(id: &str) -> Standing {
    mainland(id).map_or(Standing::Unknown, division::standing)
}

/// The division that a valid number of 18 characters begins with, of invented people too; cards of foreigners have none.
pub fn division(id: &str) -> Option<&str> {
    let is_foreign = matches!(id.as_bytes(), [b'9', b'1'..=b'8', ..]);
    id.get(..6).filter(|_| id.len() == 18 && !is_foreign)
}

/// The place that a valid number was given out in, and whether its division is still in force; none of invented people.
pub(super) fn note(id: &str) -> Option<String> {
    let place = birthplace(id).unwrap_or_default();
    match mainland(id).map(division::standing)? {
        Standing::Current => Some(format!("号码签发地{place}")),
        Standing::Abolished(year) => Some(format!("号码签发地{place}，该区划代码用至{year}年")),
        Standing::Unknown => Some("号码开头的区划代码不在1980年以来的代码表中，请核对".to_owned()),
    }
}

/// The division of a number of 18 characters that begins with one.
fn mainland(id: &str) -> Option<&str> {
    id.get(..6).filter(|code| id.len() == 18 && !code.starts_with(['8', '9']))
}

pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    if let Some(id) = with_its_x(value) {
        return check(Cow::Owned(id));
    }
    let id = identifier::compact(value)?;
    let digits = id.bytes().take_while(u8::is_ascii_digit).count();
    match (id.len(), digits) {
        (18, 17 | 18) => check(id),
        (15, 15) => check(Cow::Owned(lengthen(&id)?)),
        (15, 0) if id.is_ascii() && is_old_foreigner(&id) => Ok(id),
        _ if id.contains("XXX") => Err(identifier::masked()),
        _ => Err(Fault::new("id_format", "证件号码应为18位（末位可为X）或15位")),
    }
}

/// A number whose check character is X and was written as a cross or a star; of any other number these are a mask.
fn with_its_x(value: &str) -> Option<String> {
    let body = value.strip_suffix(['×', '✕', '*'])?;
    let is_x = body.len() == 17 && check_digit(body) == Some('X');
    is_x.then(|| format!("{body}X"))
}

fn check(id: Cow<'_, str>) -> Result<Cow<'_, str>, Fault> {
    if !id.ends_with(|character: char| character.is_ascii_digit() || character == 'X') {
        return Err(Fault::new("id_format", "证件号码末位应为数字或X"));
    }
    if !known_division(&id) {
        return Err(Fault::new("id_division", "证件号码开头的行政区划代码不存在"));
    }
    if check_digit(&id) != id.chars().last() {
        if id.ends_with("000") {
            return Err(Fault::new("excel_precision_lost", "号码末三位为000且校验不符，多为电子表格所致，请从原系统以文本格式重新导出"));
        }
        let proposal = unswapped(&id);
        return Err(Fault { proposal, ..Fault::new("id_check_digit", "证件号码校验位不符，请核对原件") });
    }
    if !born(&id) {
        return Err(Fault::new("id_birth_date", "证件号码中的出生日期不存在"));
    }
    Ok(id)
}

/// Whether it is a number of 18 characters that holds as it stands.
pub(super) fn is_plain(id: &[u8]) -> bool {
    let Ok(id) = <&[u8; 18]>::try_from(id) else { return false };
    let digits: [u8; 17] = std::array::from_fn(|at| id[at].wrapping_sub(b'0'));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    digits.iter().fold(true, |all, digit| all & (*digit < 10))
        && CHECKS[sum as usize % CHECKS.len()] == id[17]
        && std::str::from_utf8(id).is_ok_and(|id| known_division(id) && born(id))
}

/// Provinces of GB/T 2260, the three 81–83, the foreigner's 9 and a province, and 90 and 99, which are nobody's: invented people.
fn known_division(id: &str) -> bool {
    match id.as_bytes() {
        [b'8', ..] => matches!(id.get(..6), Some("810000" | "820000" | "830000")),
        [b'9', b'0' | b'9', ..] => true,
        [b'9', region, place, ..] | [region, place, ..] => is_province(*region, *place),
        _ => false,
    }
}

/// The six regions and the provinces, cities and autonomous regions in each.
fn is_province(region: u8, place: u8) -> bool {
    matches!(
        (region, place),
        (b'1', b'1'..=b'5') | (b'2', b'1'..=b'3') | (b'3', b'1'..=b'7') | (b'4', b'1'..=b'6') | (b'5', b'0'..=b'4') | (b'6', b'1'..=b'5')
    )
}

/// The number with one pair of neighbours swapped back, when exactly one such number is valid.
fn unswapped(id: &str) -> Option<String> {
    let bytes = id.as_bytes();
    let mut valid = (0..17).filter(|&at| bytes[at] != bytes[at + 1] && bytes[at + 1] != b'X').filter_map(|at| {
        let mut swapped = bytes.to_vec();
        swapped.swap(at, at + 1);
        let candidate = String::from_utf8(swapped).ok()?;
        let holds = check_digit(&candidate) == candidate.chars().last() && born(&candidate) && known_division(&candidate);
        holds.then_some(candidate)
    });
    let first = valid.next()?;
    valid.next().is_none().then_some(first)
}

/// 15 digits as 18. Orders 996 to 999 were kept for those born before 1900, so the century is not known.
fn lengthen(id: &str) -> Result<String, Fault> {
    if id.ends_with("996") || id.ends_with("997") || id.ends_with("998") || id.ends_with("999") {
        return Err(Fault::new("id_before_1900", "15位号码顺序码996至999为1900年以前出生者专用，不能自动升位，请人工核对"));
    }
    let body = format!("{}19{}", &id[..6], &id[6..]);
    let check = check_digit(&body).ok_or_else(|| Fault::new("id_format", "证件号码应为18位（末位可为X）或15位"))?;
    Ok(format!("{body}{check}"))
}

/// Three letters, four digits of place, YYMMDD, two digits.
fn is_old_foreigner(id: &str) -> bool {
    let (letters, digits) = id.split_at(3);
    letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && is_day(&format!("20{}", &digits[4..10]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples worked by hand from the standard's algorithm; ids of nobody.
    const VALID: [&str; 7] = [
        "990101198503070017",
        "99010220011112123X",
        "99010119850307005X",
        "990840199001010011",
        "99082619781231002X",
        "990392196506060036",
        "901201193302290088x",
    ];

    #[test]
    fn worked_examples_pass() {
        for id in &VALID[..6] {
            assert_eq!(clean(id).as_deref(), Ok(*id));
            assert_eq!(check_digit(id), id.chars().last());
        }
        assert_eq!(clean("99010220011112123x").as_deref(), Ok("99010220011112123X"));
        assert_eq!(clean("990101 19850307 0017").as_deref(), Ok("990101198503070017"));
        assert!(clean(VALID[6]).is_err(), "19 characters");
        assert_eq!(clean("“990101198503070017”").as_deref(), Ok("990101198503070017"));
        for cross in ["99010220011112123×", "99010220011112123*"] {
            assert_eq!(clean(cross).as_deref(), Ok("99010220011112123X"), "{cross}");
        }
    }

    #[test]
    fn fifteen_become_eighteen_unless_the_century_is_unknown() {
        assert_eq!(clean("990101850307001").as_deref(), Ok("990101198503070017"));
        assert_eq!(clean("990102011112123").as_deref(), Ok("990102190111121233"));
        assert_eq!(clean("901201550815996").unwrap_err().rule, "id_before_1900");
        assert_eq!(clean("901201330229008").unwrap_err().rule, "id_birth_date", "1933 had no 29 February");
    }

    #[test]
    fn what_is_wrong_is_named_and_never_mended() {
        for (id, rule) in [
            ("990101198503070018", "id_check_digit"),
            ("901201196202298879", "id_birth_date"),
            ("810000199002310013", "id_birth_date"),
            ("990101198503000019", "id_birth_date"),
            ("990101198500000013", "id_birth_date"),
            ("83000019770230003X", "id_birth_date"),
            ("810001199002310013", "id_division"),
            (concat!("00", "0101198503070017"), "id_division"),
            ("9.90101E+17", "excel_precision_lost"),
            ("990101198503071000", "excel_precision_lost"),
            ("990101********0017", "masked"),
            ("990101XXXXXXXX0017", "masked"),
            ("990101########0017", "masked"),
            ("99010119850307001*", "masked"),
            ("99010119850307001×", "id_format"),
            ("99010119850307", "id_format"),
            ("身份证", "id_format"),
        ] {
            assert_eq!(clean(id).unwrap_err().rule, rule, "{id}");
        }
    }

    #[test]
    fn a_swap_is_proposed_when_only_one_fits() {
        let proposal = |id| clean(id).unwrap_err().proposal;
        assert_eq!(proposal("990101198530070017").as_deref(), Some("990101198503070017"));
        assert_eq!(proposal("990101195803070017"), None, "two swaps give a valid number");
        assert_eq!(proposal("990101198503070018"), None, "no swap does");
    }

    #[test]
    fn a_number_says_birth_and_sex() {
        assert_eq!(birth_date("990101198503070017").as_deref(), Some("1985-03-07"));
        assert_eq!((sex("990101198503070017"), sex("99010220011112124X"), sex("G99")), (Some("1"), Some("2"), None));
    }

    #[test]
    fn a_number_of_a_division_that_is_in_no_list_is_good_and_says_no_birthplace() {
        assert_eq!((birthplace("990101198503070017"), division_standing("990101198503070017")), (None, Standing::Unknown));
        // Nobody has these: no check digit holds, and only the place is looked at.
        let nobody = |division: &str| format!("{division}{}001Y", "19850307");
        assert_eq!(division_standing(&nobody("110103")), Standing::Abolished(2009));
        assert_eq!(birthplace(&nobody("110229")).as_deref(), Some("北京市延庆县"));
        assert_eq!(note(&nobody("110229")).as_deref(), Some("号码签发地北京市延庆县，该区划代码用至2014年"));
        assert!(note(&nobody("110199")).is_some_and(|note| note.contains("不在1980年以来的代码表中")));
        assert_eq!(note("990101198503070017"), None, "nobody is told of invented people");
    }

    #[test]
    fn the_old_foreigners_card_passes_unchecked() {
        assert_eq!(clean("ABC990185030712").as_deref(), Ok("ABC990185030712"));
        assert!(clean("ABC990185133712").is_err());
    }
}
