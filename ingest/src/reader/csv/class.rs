//! What the cells of a column look like, to tell headings from data and one way of dividing a file from another. Looks only: what a value
//! means is not asked here, and no value is changed by it.

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// Nothing, or a mark for nothing.
    Empty,
    Number,
    /// A date or a time of day.
    Moment,
    /// Digits among letters, in this pattern.
    Code(u64),
    Text,
}

/// Marks that people put where they have no value.
const NOTHING: [&str; 16] = ["-", "--", "—", "——", "/", "\\", ".", "*", "NA", "N/A", "NULL", "null", "NaN", "nan", "无", "\\N"];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What a cell looks like.
pub(crate) fn class(cell: &str) -> Class {
    let cell = cell.trim();
    match () {
        () if cell.is_empty() || NOTHING.contains(&cell) => Class::Empty,
        () if is_number(cell) => Class::Number,
        () if is_moment(cell) => Class::Moment,
        () if cell.len() <= 40 && cell.bytes().any(|byte| byte.is_ascii_digit()) => Class::Code(pattern(cell)),
        () => Class::Text,
    }
}

/// Digits with what goes with them: sign, marks of thousands and decimals, an exponent, currency, per cent.
pub(crate) fn is_number(cell: &str) -> bool {
    let is_round =
        |character: char| matches!(character, '$' | '€' | '£' | '¥' | '￥' | '元' | '%' | '％' | '(' | ')' | ' ' | '+' | '-' | '<' | '>');
    let digits = cell.trim_matches(is_round);
    let mantissa = match digits.find(['e', 'E']) {
        Some(at) if is_exponent(&digits[at + 1..]) => &digits[..at],
        _ => digits,
    };
    mantissa.bytes().any(|byte| byte.is_ascii_digit()) && mantissa.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b',' | b'\''))
}

fn is_exponent(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    !digits.is_empty() && digits.len() < 5 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_moment(cell: &str) -> bool {
    let is_part = |character: char| character.is_ascii_digit() || "-/.: TZ+年月日时分秒".contains(character);
    let mut rest = cell.to_ascii_lowercase();
    let month = MONTHS.iter().find(|month| rest.contains(**month)).copied().unwrap_or_default();
    rest = if month.is_empty() { rest } else { rest.replacen(month, "-", 1) };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    let is_parted = rest.contains(['-', '/', ':', '年', '月']) && rest.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    (2..=20).contains(&digits) && cell.len() <= 40 && is_parted && rest.to_ascii_uppercase().chars().all(is_part)
}

/// The same for cells that have letters and digits in the same places.
fn pattern(cell: &str) -> u64 {
    cell.chars().fold(0xcbf2_9ce4_8422_2325, |sum: u64, character| {
        let kind = match character {
            '0'..='9' => '9',
            'a'..='z' | 'A'..='Z' => 'A',
            '\u{4e00}'..='\u{9fff}' => '文',
            other => other,
        };
        (sum ^ u64::from(u32::from(kind))).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_apart_by_their_looks() {
        for cell in ["1", "-2.5", "1,200.00", "$74.69", "(12)", "5.6564e-002", "12%", "£1,000"] {
            assert_eq!(class(cell), Class::Number, "{cell}");
        }
        for cell in ["2026-01-02", "28/01/2018", "00:15", "2026年1月2日", "20-Jan-18", "2026-01-02T10:00:00Z"] {
            assert_eq!(class(cell), Class::Moment, "{cell}");
        }
        assert_eq!(class("MG-8769"), class("RI-3895"));
        assert_eq!((class("姓名"), class(" "), class("N/A"), class("DATE")), (Class::Text, Class::Empty, Class::Empty, Class::Text));
    }
}
