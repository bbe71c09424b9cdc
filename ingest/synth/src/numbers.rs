//! Numbers that can be nobody's and yet hold: citizen ids of divisions that do not exist, phones of ranges that no operator has, credit
//! codes, plates and vehicle numbers.

use crate::{calendar::Day, random::mix};
use std::collections::HashMap;
use wuwei_schema::kind::{citizen_id, credit_code};

/// Gives out citizen ids, each once. The order numbers of one division and day are scattered, as real ones are.
#[derive(Debug, Default)]
pub(crate) struct CitizenIds {
    given: HashMap<(u32, Day), [u32; 2]>,
}

/// Orders 996 to 999 were kept for those born before 1900, so that each sex has 497 a day.
const ORDERS: u64 = 497;

impl CitizenIds {
    /// The next order number of a division, a birth date and a sex; 497 are there for each, beyond that they repeat.
    pub(crate) fn next(&mut self, division: &str, birth: Day, male: bool) -> u16 {
        let key = (division.parse().unwrap_or(0), birth);
        let count = &mut self.given.entry(key).or_default()[usize::from(male)];
        let start = mix(u64::from(key.0) << 32 | u64::from(birth.0.unsigned_abs()));
        // 61 shares no divisor with 497, so that every order comes up before one repeats.
        let order = 2 * ((start % ORDERS + u64::from(*count) * 61) % ORDERS) + if male { 1 } else { 2 };
        *count += 1;
        u16::try_from(order).unwrap_or(1)
    }
}

/// The citizen id of a division, a birth date and an order number, GB 11643-1999.
pub(crate) fn citizen_id(division: &str, birth: Day, order: u16) -> String {
    let (year, month, day) = birth.civil();
    let mut id = format!("{division}{year:04}{month:02}{day:02}{order:03}");
    id.push(citizen_id::check_digit(&id).unwrap_or('0'));
    id
}

/// The phone of that serial number: 11 digits from 10, 11 or 12, different for each.
pub(crate) fn phone(serial: u64) -> String {
    // A prime that divides no power of ten, so that the walk through 3,000,000,000 numbers comes back last.
    format!("{}", 10_000_000_000 + (serial + 1) * 1_000_003 * 977 % 3_000_000_000)
}

/// 居住证号 of this county.
pub(crate) fn permit(county: &str, since: Day, serial: u32) -> String {
    format!("J{county}{}{serial:07}", since.year())
}

/// A unified social credit code: authority and kind, division, organisation code, check character.
pub(crate) fn credit_code(kind: &str, division: &str, serial: usize) -> String {
    let organisation = format!("{:08}", 10_000_019 + serial * 37 % 89_000_000);
    let body = format!("{kind}{division}{organisation}{}", organisation_check(&organisation));
    let check = credit_code::check_digit(&body).unwrap_or('0');
    body + check.encode_utf8(&mut [0; 4])
}

/// The business number of before the credit code, GS 15-2006: division, eight digits, and a check digit of ISO 7064 MOD 11,10.
pub(crate) fn business_no(division: &str, serial: u32) -> String {
    let body = format!("{division}{:08}", serial % 100_000_000);
    let product = body.bytes().fold(10, |product, byte| match (product + u32::from(byte - b'0')) % 10 {
        0 => 9,
        sum => sum * 2 % 11,
    });
    format!("{body}{}", (11 - product) % 10)
}

/// GB 11714-1997, over digits: weights 3 7 9 10 5 8 4 2, modulus 11, X for 10.
fn organisation_check(body: &str) -> char {
    let sum: u32 = body.bytes().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    char::from(b"0123456789X0"[(11 - sum % 11) as usize])
}

/// A plate of a province that does not exist; seven characters, eight where the car runs on electricity.
pub(crate) fn plate(serial: usize, electric: bool) -> String {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let (high, low) = (serial / 10_000, serial % 10_000);
    let (first, second) = (char::from(LETTERS[high / 24 % 24]), char::from(LETTERS[high % 24]));
    if electric { format!("溪{first}D{second}{low:04}") } else { format!("溪{first}{second}{low:04}") }
}

/// A vehicle identification number of a maker that does not exist, GB 16735-2019: the ninth character checks the others.
pub(crate) fn vin(serial: usize) -> String {
    let mut characters: Vec<u8> = format!("LWUWE00A0R{serial:07}").into_bytes();
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = characters.iter().zip(weights).map(|(&byte, weight)| vin_value(byte) * weight).sum();
    characters[8] = b"0123456789X"[(sum % 11) as usize];
    characters.into_iter().map(char::from).collect()
}

/// The last digit of a character's place in this table is its value.
fn vin_value(byte: u8) -> u32 {
    let place = b"0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ".iter().position(|&known| known == byte);
    u32::try_from(place.unwrap_or(0) % 10).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use wuwei_schema::{Kind, Model};

    #[test]
    fn ids_hold_and_none_is_given_twice() {
        let codes = Model::embedded().unwrap().codes;
        let mut ids = CitizenIds::default();
        let day = Day::new(1985, 3, 7);
        let mut next = |division, male| citizen_id(division, day, ids.next(division, day, male));
        let given: HashSet<String> = (0..994).map(|at| next("990101", at % 2 == 0)).collect();
        assert_eq!(given.len(), 994);
        for id in &given {
            assert_eq!(Kind::CitizenId.clean(id, &codes).as_deref(), Ok(id.as_str()));
            assert_eq!(citizen_id::birth_date(id).as_deref(), Some("1985-03-07"));
        }
        let woman = next("990102", false);
        assert_eq!(citizen_id::sex(&woman), Some("2"));
    }

    #[test]
    fn phones_are_different_and_of_no_operator() {
        let codes = Model::embedded().unwrap().codes;
        let given: HashSet<String> = (0..20_000).map(phone).collect();
        assert_eq!(given.len(), 20_000);
        assert!(given.iter().all(|phone| matches!(&phone[..2], "10" | "11" | "12") && Kind::Phone.clean(phone, &codes).is_ok()));
    }

    #[test]
    fn codes_and_vehicle_numbers_hold() {
        let codes = Model::embedded().unwrap().codes;
        for serial in 0..2_000 {
            let code = credit_code("91", "990101", serial);
            assert_eq!(Kind::CreditCode.clean(&code, &codes).as_deref(), Ok(code.as_str()));
        }
        assert_eq!(business_no("990101", 1234), "990101000012343", "worked by hand");
        assert_eq!(vin(1), "LWUWE00A2R0000001", "worked by hand");
        assert_eq!((plate(0, false).as_str(), plate(12_345, true).as_str()), ("溪AA0000", "溪ADB2345"));
    }
}
