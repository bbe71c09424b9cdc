//! One cell of a table: its bytes, by the type of its column, as text. Days and moments are ISO 8601, numbers as precise as the file has
//! them, and what contradicts its type is a fault, never a guess.

use super::{
    super::page::{Page, trimmed},
    header::{Family, Field},
};

/// The Julian day number of 1970-01-01.
const JULIAN: i64 = 2_440_588;

/// Days from the one before the year 1 to 1970-01-01.
const YEAR_ONE: i64 = 719_163;

const DAY_SECONDS: u64 = 86_400;
const DAY_MS: f64 = 86_400_000.0;

/// What a cell holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// What was appended to the text, if anything.
    Text,
    /// The number of a memo.
    Memo(u64),
}

/// What contradicts the type of the column: the rule, and the reason after the column's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong(pub(super) &'static str, pub(super) &'static str);

const NUMBER: Wrong = Wrong("cell_number", "是数字型，内容却不是数字，请改正");
const OVERFLOW: Wrong = Wrong("cell_overflow", "的数字超出列宽，原系统以星号代替，请从原系统重新导出");
const DATE: Wrong = Wrong("cell_date", "是日期型，内容却不是存在的日期，请改正");
const TRUTH: Wrong = Wrong("cell_logical", "是逻辑型，内容却不是真或假，请改正");
const MEMO: Wrong = Wrong("cell_memo", "的备注编号无法读取，请从原系统重新导出");

/// Appends the text of a cell.
pub(super) fn read(field: &Field, family: Family, bytes: &[u8], page: Page, text: &mut String) -> Result<Found, Wrong> {
    if field.is_memo() {
        return memo(bytes).map(Found::Memo);
    }
    if field.is_object(family) {
        return Ok(Found::Text);
    }
    let high_first = family == Family::Seven;
    match field.kind {
        b'C' | b'V' => drop(page.decode(bytes, text)),
        b'N' | b'F' => number(bytes, text)?,
        b'D' => day(bytes, text)?,
        b'L' => truth(bytes, text)?,
        b'I' | b'+' => integer(bytes, high_first, text)?,
        b'B' | b'O' => float(bytes, high_first, text)?,
        b'Y' => money(bytes, text)?,
        b'@' if high_first => moment_of_seven(bytes, text)?,
        _ => moment(bytes, text)?,
    }
    Ok(Found::Text)
}

/// What stands in a cell as characters, without the blanks and zeros around it.
fn plain(bytes: &[u8]) -> Option<&str> {
    let bytes = trimmed(bytes);
    let start = bytes.iter().position(|byte| !matches!(byte, b' ' | 0)).unwrap_or(bytes.len());
    std::str::from_utf8(&bytes[start..]).ok().filter(|text| text.is_ascii())
}

fn number(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    let found = plain(bytes).ok_or(NUMBER)?;
    if found.starts_with('*') {
        return Err(OVERFLOW);
    }
    // A point that nothing follows is how FoxPro writes a number that just fits; a lone one is how it writes none.
    let found = found.strip_suffix('.').unwrap_or(found);
    let is_number =
        found.is_empty() || found.parse::<f64>().is_ok() && found.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if !is_number {
        return Err(NUMBER);
    }
    text.push_str(found);
    Ok(())
}

fn day(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    let found = plain(bytes).ok_or(DATE)?;
    if found.bytes().all(|byte| byte == b'0') {
        return Ok(());
    }
    let digits: Vec<u32> = found.chars().filter_map(|character| character.to_digit(10)).collect();
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits[..] else { return Err(DATE) };
    let (year, month, day) = (y1 * 1000 + y2 * 100 + y3 * 10 + y4, m1 * 10 + m2, d1 * 10 + d2);
    if found.len() != 8 || !(1..=12).contains(&month) || !(1..=days(year, month)).contains(&day) {
        return Err(DATE);
    }
    text.push_str(&format!("{year:04}-{month:02}-{day:02}"));
    Ok(())
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn truth(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    text.push_str(match bytes.first() {
        Some(b'T' | b't' | b'Y' | b'y' | b'1') => "TRUE",
        Some(b'F' | b'f' | b'N' | b'n' | b'0') => "FALSE",
        None | Some(b' ' | b'?' | 0) => "",
        Some(_) => return Err(TRUTH),
    });
    Ok(())
}

/// dBASE 7 stores numbers so that their bytes sort: the high byte first, the sign turned. All zeros are none.
fn integer(bytes: &[u8], high_first: bool, text: &mut String) -> Result<(), Wrong> {
    let four: [u8; 4] = bytes.try_into().map_err(|_| NUMBER)?;
    if high_first && four == [0; 4] {
        return Ok(());
    }
    let number = if high_first { i32::from_be_bytes([four[0] ^ 0x80, four[1], four[2], four[3]]) } else { i32::from_le_bytes(four) };
    text.push_str(&number.to_string());
    Ok(())
}

fn float(bytes: &[u8], high_first: bool, text: &mut String) -> Result<(), Wrong> {
    let eight: [u8; 8] = bytes.try_into().map_err(|_| NUMBER)?;
    let number = match u64::from_be_bytes(eight) {
        0 if high_first => return Ok(()),
        bits if high_first => f64::from_bits(if bits >> 63 == 1 { bits ^ (1 << 63) } else { !bits }),
        _ => f64::from_le_bytes(eight),
    };
    if !number.is_finite() {
        return Err(NUMBER);
    }
    text.push_str(&number.to_string());
    Ok(())
}

/// Ten thousandths in eight bytes.
fn money(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    let number = i64::from_le_bytes(bytes.try_into().map_err(|_| NUMBER)?);
    let (sign, size) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    let amount = format!("{sign}{}.{:04}", size / 10_000, size % 10_000);
    text.push_str(amount.trim_end_matches('0').trim_end_matches('.'));
    Ok(())
}

/// A Julian day number and milliseconds of the day.
fn moment(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    let eight: [u8; 8] = bytes.try_into().map_err(|_| DATE)?;
    if eight == [b' '; 8] || eight == [0; 8] {
        return Ok(());
    }
    let day = u32::from_le_bytes([eight[0], eight[1], eight[2], eight[3]]);
    let ms = u32::from_le_bytes([eight[4], eight[5], eight[6], eight[7]]);
    write_moment(i64::from(day) - JULIAN, u64::from(ms), text)
}

/// dBASE 7 has milliseconds since the day before the year 1, in eight bytes with the high one first; its handbook says what FoxPro does. What
/// is a moment in both ways is none that can be relied on.
fn moment_of_seven(bytes: &[u8], text: &mut String) -> Result<(), Wrong> {
    let ms = f64::from_be_bytes(bytes.try_into().map_err(|_| DATE)?);
    let mut other = String::new();
    let as_foxpro = moment(bytes, &mut other);
    if !(DAY_MS..10_000.0 * 366.0 * DAY_MS).contains(&ms) {
        text.push_str(&other);
        return as_foxpro;
    }
    if as_foxpro.is_ok() {
        return Err(DATE);
    }
    let (days, of_day) = ((ms / DAY_MS).floor(), ms.rem_euclid(DAY_MS).round());
    #[expect(clippy::cast_possible_truncation, reason = "both are whole and held against their bounds above")]
    write_moment(days as i64 - YEAR_ONE, of_day as u64, text)
}

/// The day so many days after 1970-01-01 (Hinnant 2013, "chrono-compatible low-level date algorithms"), with the time if there is one.
fn write_moment(days: i64, ms: u64, text: &mut String) -> Result<(), Wrong> {
    // FoxPro rounds moments down to the millisecond before the second that was meant.
    let seconds = (ms + 500) / 1000;
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) || seconds > DAY_SECONDS {
        return Err(DATE);
    }
    text.push_str(&format!("{year:04}-{month:02}-{day:02}"));
    if seconds > 0 {
        text.push_str(&format!("T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
    }
    Ok(())
}

/// The number of a block: four bytes, or digits.
pub(super) fn memo(bytes: &[u8]) -> Result<u64, Wrong> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(u64::from(u32::from_le_bytes(four)));
    }
    match plain(bytes).ok_or(MEMO)? {
        "" => Ok(0),
        digits => digits.parse().map_err(|_| MEMO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(read: fn(&[u8], &mut String) -> Result<(), Wrong>, bytes: &[u8]) -> Result<String, &'static str> {
        let mut text = String::new();
        read(bytes, &mut text).map(|()| text).map_err(|wrong| wrong.0)
    }

    #[test]
    fn numbers_stand_as_the_file_has_them_and_what_is_none_is_seen() {
        for (bytes, text) in [(&b"  12.50"[..], "12.50"), (b"1234.  ", "1234"), (b"  .   ", ""), (b"\0\0\0", ""), (b"007 \0", "007")] {
            assert_eq!(said(number, bytes), Ok(text.to_owned()));
        }
        assert_eq!(said(number, b"*****"), Err("cell_overflow"));
        assert_eq!(said(number, b"12a"), Err("cell_number"));
        assert_eq!(said(number, b"inf"), Err("cell_number"));
    }

    #[test]
    fn days_are_iso_blank_ones_are_none_and_others_are_faults() {
        assert_eq!(said(day, b"19850307"), Ok("1985-03-07".to_owned()));
        assert_eq!(said(day, b"20240229"), Ok("2024-02-29".to_owned()));
        for blank in [b"        ", b"00000000", b"\0\0\0\0\0\0\0\0"] {
            assert_eq!(said(day, blank), Ok(String::new()));
        }
        for wrong in [b"20230229", b"19851301", b"NotAYear", b"1985 307"] {
            assert_eq!(said(day, wrong), Err("cell_date"));
        }
    }

    #[test]
    fn binary_numbers_and_moments_are_exact() {
        assert_eq!(said(money, &(-1_234_500_i64).to_le_bytes()), Ok("-123.45".to_owned()));
        assert_eq!(said(money, &i64::MIN.to_le_bytes()), Ok("-922337203685477.5808".to_owned()));
        let moments = [(2_440_588_u32, 0_u32, "1970-01-01"), (2_461_111, 43_199_999, "2026-03-11T12:00:00")];
        for (days, ms, text) in moments {
            assert_eq!(said(moment, &[days.to_le_bytes(), ms.to_le_bytes()].concat()), Ok(text.to_owned()));
        }
        assert_eq!(said(moment, &[0xff; 8]), Err("cell_date"));
        let mut text = String::new();
        integer(&[0x80, 0, 0, 7], true, &mut text).unwrap();
        integer(&[0x7f, 0xff, 0xff, 0xff], true, &mut text).unwrap();
        integer(&(-5_i32).to_le_bytes(), false, &mut text).unwrap();
        assert_eq!(text, "7-1-5");
    }

    #[test]
    fn moments_of_dbase_7_are_those_of_its_programs_or_of_its_handbook() {
        let handbook = [2_461_111_u32.to_le_bytes(), 43_200_000_u32.to_le_bytes()].concat();
        let of_program = |days: f64| (days * DAY_MS).to_be_bytes();
        assert_eq!(said(moment_of_seven, &handbook), Ok("2026-03-11T12:00:00".to_owned()));
        assert_eq!(said(moment_of_seven, &of_program(739_686.25)), Ok("2026-03-11T06:00:00".to_owned()));
        assert_eq!(said(moment_of_seven, &of_program(719_163.0)), Ok("1970-01-01".to_owned()));
        assert_eq!(said(moment_of_seven, &[0; 8]), Ok(String::new()));
        assert_eq!(said(moment_of_seven, &[0xff; 8]), Err("cell_date"));
        // The 24th of January 1899 in the one way, some day of the year 3787 in the other.
        assert_eq!(said(moment_of_seven, &[0x42, 0xdb, 0x24, 0, 0, 0, 0, 0]), Err("cell_date"));
    }

    #[test]
    fn a_memo_is_named_by_four_bytes_or_by_digits() {
        assert_eq!(memo(b"        12"), Ok(12));
        assert_eq!(memo(&12_u32.to_le_bytes()), Ok(12));
        assert_eq!(memo(b"          "), Ok(0));
        assert!(memo(b"    x     ").is_err());
    }
}
