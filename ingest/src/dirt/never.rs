//! What must never happen, whatever stands in a file: digits invented, numbers mended, one person taken for another, characters lost.

use proptest::prelude::*;
use std::sync::LazyLock;
use wuwei_schema::{
    Codes, Kind, Model,
    kind::{citizen_id, date},
};

static CODES: LazyLock<Codes> = LazyLock::new(|| Model::embedded().unwrap().codes);

fn clean(kind: &Kind, text: &str) -> Option<String> {
    kind.clean(text, &CODES).map(std::borrow::Cow::into_owned).ok()
}

/// The digits and letters of a number, in capitals and half width.
fn characters(text: &str) -> String {
    let half = |character: char| match character {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(character) - 0xfee0),
        '×' | '✕' | '*' => Some('X'),
        other => Some(other).filter(char::is_ascii_alphanumeric),
    };
    text.chars().filter_map(half).flat_map(char::to_uppercase).collect()
}

/// A number of nobody, with its check character.
fn number() -> impl Strategy<Value = String> {
    (1900u32..2020, 1u32..=12, 1u32..=28, 1u32..1000, 1u32..100).prop_map(|(year, month, day, order, county)| {
        let body = format!("9901{county:02}{year}{month:02}{day:02}{order:03}");
        let check = citizen_id::check_digit(&body).unwrap();
        format!("{body}{check}")
    })
}

/// What hands and programs do to numbers: anything out of digits, marks, letters and stars.
const ANYTHING: &str = "[0-9０-９xXＸ×*#Ee+. '\u{a0}\u{200b}-]{0,24}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// A number that is read has the digits that stand there: none is made up, none is mended, none is lost. The one exception is the
    /// number of before 1999, whose century and check are known and which is got back by cutting.
    #[test]
    fn no_digit_of_an_id_is_invented(text in ANYTHING) {
        if let Some(id) = clean(&Kind::CitizenId, &text).filter(|id| !id.is_empty()) {
            let (stood, cut) = (characters(&text), format!("{}{}", &id[..6], &id[8..id.len() - 1]));
            prop_assert!(stood == id || stood == cut && stood.len() == 15, "{} from {}", id, text);
        }
    }

    /// A spreadsheet's number in scientific notation is no identifier of any kind, and a phone only where all its digits stand there.
    #[test]
    fn what_a_spreadsheet_cut_off_is_not_filled_up(first in 1u32..10, rest in "[0-9]{0,14}", power in 10u32..20) {
        for text in [format!("{first}.{rest}E+{power}"), format!("{first}E+{power}"), format!("{first}.{rest}e+{power}")] {
            for kind in [Kind::CitizenId, Kind::CreditCode, Kind::PermitNo, Kind::StudentNo, Kind::BusinessNo, Kind::RealtyUnitNo, Kind::OrganizationCode] {
                prop_assert_eq!(clean(&kind, &text), None, "{:?} of {}", kind, text);
            }
            if let Some(phone) = clean(&Kind::Phone, &text) {
                prop_assert_eq!(phone, format!("{first}{rest}"));
            }
        }
    }

    /// One wrong digit, two neighbours exchanged, a digit too few or too many: never another number.
    #[test]
    fn a_slip_of_the_hand_never_gives_a_number(id in number(), at in 0usize..17, digit in 0u32..10) {
        let mut slips = Vec::new();
        let digits: Vec<char> = id.chars().collect();
        let mut typed = digits.clone();
        typed[at] = char::from_digit(digit, 10).unwrap();
        slips.push(typed);
        let mut swapped = digits.clone();
        swapped.swap(at, at + 1);
        slips.push(swapped);
        slips.push([&digits[..at], &digits[at + 1..]].concat());
        slips.push([&digits[..at], &digits[at..=at], &digits[at..]].concat());
        for slip in slips.into_iter().filter(|slip| *slip != digits) {
            let text: String = slip.into_iter().collect();
            prop_assert_eq!(clean(&Kind::CitizenId, &text), None, "{}", text);
        }
    }

    /// A covered number is no number.
    #[test]
    fn a_covered_number_is_nobody_s(id in number(), start in 0usize..16, length in 2usize..9, cover in "[*#×•]") {
        let end = (start + length).min(18);
        let text = format!("{}{}{}", &id[..start], cover.repeat(end - start), &id[end..]);
        prop_assert_eq!(clean(&Kind::CitizenId, &text), None, "{}", text);
    }

    /// 15 digits become 18 so that cutting gives the 15 again.
    #[test]
    fn what_became_longer_is_got_back_by_cutting(id in number()) {
        let short = format!("{}{}", &id[..6], &id[8..17]);
        if let Some(long) = clean(&Kind::CitizenId, &short) {
            prop_assert_eq!(&long[6..8], "19");
            prop_assert_eq!(format!("{}{}", &long[..6], &long[8..17]), short);
        }
    }

    /// A name that is read is the name that stands there, but for spaces, dots and the case of Latin letters: also characters of private
    /// areas and of the extensions, which older code tables lose.
    #[test]
    fn no_character_of_a_name_is_lost(name in "[\u{4e00}-\u{9fff}\u{3400}-\u{4dbf}\u{e000}-\u{f8ff}\u{20000}-\u{2a6df} ·]{1,8}") {
        if let Some(read) = clean(&Kind::Name, &name) {
            let plain = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
            prop_assert!(plain(&name) == plain(&read) || read.is_empty(), "{} from {}", read, name);
        }
    }

    /// A zero in front is part of a code, a number and a phone.
    #[test]
    fn no_zero_in_front_is_lost(digits in "0[0-9]{8,16}") {
        for kind in [Kind::PermitNo, Kind::LicenceNo, Kind::Text] {
            prop_assert_eq!(clean(&kind, &digits), Some(digits.clone()), "{:?}", kind);
        }
        if let Some(phone) = clean(&Kind::Phone, &digits) {
            let is_mobile = digits.len() == 12 && digits.starts_with("01");
            prop_assert!(phone == digits || is_mobile && phone == digits[1..] || digits.starts_with("0086"), "{}", phone);
        }
    }

    /// A date that is read has the year, month and day that stand there, in that order: nothing is exchanged, and no day is added.
    #[test]
    fn no_part_of_a_date_is_exchanged_or_added(year in 0u32..3000, month in 0u32..40, day in 0u32..40, mark in "[-./年]", parts in 1usize..4) {
        let numbers = [year, month, day];
        let text = numbers[..parts].iter().map(u32::to_string).collect::<Vec<_>>().join(&mark);
        if let Some(read) = clean(&Kind::Date, &text).filter(|read| !read.is_empty() && text.len() > 4) {
            let said: Vec<u32> = read.split('-').map(|part| part.parse().unwrap()).collect();
            let stood: Vec<u32> = numbers[..parts].iter().copied().take(said.len()).collect();
            prop_assert_eq!(said, stood, "{} from {}", read, text);
            prop_assert!(numbers[..parts].iter().skip(read.split('-').count()).all(|rest| *rest == 0));
        }
        prop_assert_eq!(date::iso(year, month, day).is_some_and(|iso| iso.len() == 10 && !date::says_none(&iso)), clean(&Kind::Date, &format!("{year}-{month}-{day}")).is_some_and(|iso| iso.len() == 10));
    }
}
