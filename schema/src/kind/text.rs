//! Free text, and what every kind does first: width, invisible characters, and the many ways of writing "nothing".

use super::similarity;
use std::borrow::Cow;

/// Half-width ASCII, no invisible characters, single spaces, none at the ends. Text without any space that is so already is not copied.
pub fn tidy(raw: &str) -> Cow<'_, str> {
    let is_plain = |character: char| character.is_ascii_graphic() || (character != ' ' && narrow(character) == Some(character));
    if (is_common(raw) || raw.chars().all(is_plain)) && !raw.starts_with('\'') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    for character in raw.chars().filter_map(narrow) {
        if character != ' ' || !(out.is_empty() || out.ends_with(' ')) {
            out.push(character);
        }
    }
    // A leading apostrophe is how spreadsheets are told that digits are text.
    let cut = out.trim_end().trim_start_matches(['\'', ' ']);
    if cut.len() == out.len() { Cow::Owned(out) } else { Cow::Owned(cut.to_owned()) }
}

/// What a cell says: its text, tidy, and nothing where people write a word for nothing.
pub fn said(raw: &str) -> Cow<'_, str> {
    let text = tidy(raw);
    if is_placeholder(&text) { Cow::Borrowed("") } else { text }
}

/// Whether a text is nothing but visible ASCII and hanzi from U+4000 to U+9FFF, as most cells are: asked of its bytes. A table is faster than
/// comparing, since cells are shorter than what is compared at a time.
fn is_common(text: &str) -> bool {
    text.bytes().fold(true, |all, byte| all & COMMON[usize::from(byte)])
}

/// Of each byte, whether such texts have it.
static COMMON: [bool; 256] = {
    let (mut common, mut byte) = ([false; 256], 0);
    while byte < common.len() {
        common[byte] = matches!(byte, 0x21..=0x7e | 0x80..=0xbf | 0xe4..=0xe9);
        byte += 1;
    }
    common
};

/// Whether such texts have the byte wherever it stands: an apostrophe in front is none of the text.
pub(super) fn is_common_byte(byte: u8) -> bool {
    matches!(byte, 0x21..=0x26 | 0x28..=0x7e | 0x80..=0xbf | 0xe4..=0xe9)
}

/// One character in half width; white space of any kind is a space; invisible ones vanish.
fn narrow(character: char) -> Option<char> {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => None,
        other if other.is_whitespace() => Some(' '),
        other if other.is_control() => None,
        other => Some(other),
    }
}

/// Whether it is what people write where nothing is known. A pattern and no list, since every cell is asked: the compiler compares whole
/// words at a time.
pub(super) fn is_placeholder(value: &str) -> bool {
    matches!(
        value,
        "" | "无"
            | "不详"
            | "未知"
            | "未填"
            | "暂无"
            | "没有"
            | "空"
            | "不明"
            | "不清楚"
            | "-"
            | "--"
            | "/"
            | "\\"
            | "NULL"
            | "null"
            | "N/A"
            | "n/a"
            | "None"
            | "(null)"
    )
}

/// Bytes of the longest of these.
pub(super) const NOTHING_MOST: i32 = 9;

/// As [`similarity::worded`], or of few words as [`similarity::typed`], from 4 to 0; capitals count as small letters.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    similarity::worded(&left, &right).unwrap_or_else(|| similarity::typed(&left, &right))
}

/// The words of a text in small letters, each once and in their order, without what stands between them: texts that say the same in another order
/// are the same.
pub fn words(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> = lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// The value with all but its first `head` and last `tail` characters covered; too short a value is covered whole.
pub(super) fn cover(value: &str, head: usize, tail: usize) -> String {
    let length = value.chars().count();
    if length <= head + tail {
        return "*".repeat(length);
    }
    value.chars().enumerate().map(|(at, character)| if at < head || at >= length - tail { character } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_invisible_characters_do_not_count() {
        assert_eq!(tidy("\u{feff}ＡＢ１２\u{200b}　x\r\n"), "AB12 x");
        assert_eq!(tidy("'990101"), "990101");
        assert_eq!(tidy(" 'a  b "), "a b");
        assert!(["plain", "云溪县城关镇", ""].into_iter().all(|text| matches!(tidy(text), Cow::Borrowed(_))));
    }

    #[test]
    fn every_word_for_nothing_is_nothing() {
        assert!(["无", "不清楚", "\\", "N/A", "(null)", "", "--"].iter().all(|word| is_placeholder(word) && tidy(word) == *word));
        assert!(["无名", "不", "吴", "nULL", "---"].iter().all(|word| !is_placeholder(word)));
    }

    #[test]
    fn a_cover_hides_what_is_short() {
        assert_eq!(cover("王小明", 1, 0), "王**");
        assert_eq!(cover("王", 1, 0), "*");
        assert_eq!(cover("12012345678", 3, 2), "120******78");
    }

    #[test]
    fn case_does_not_make_another_text() {
        assert_eq!(agreement("Main Street", "main street"), 4);
        assert_eq!(agreement("云溪机械厂", "云溪县第一小学"), 0);
    }

    #[test]
    fn several_words_are_the_same_in_any_order() {
        for (left, right, level) in [
            ("Mathias Weske, Gottfried Vossen", "Gottfried Vossen, Mathias Weske", 4),
            ("高血压、糖尿病、冠心病", "冠心病,高血压,糖尿病", 4),
            ("learning boolean formulas from noisy examples", "learning noisy boolean formulas from given examples", 3),
            ("kearns, m. j., schapire, r. e., and sellie, l.", "m. kearns, r. schapire, l. sellie", 3),
            ("on the learnability of discrete distributions", "on the complexity of teaching and learning", 1),
            ("a study of query evaluation over data streams", "efficient mining of weighted association rules", 0),
            ("st georges road", "st goerges rd", 3),
            ("702-891-7349", "702-891-9231", 0),
            ("anna.smith8812@mail.example.org", "anna.smith4307@mail.example.org", 0),
        ] {
            assert_eq!((agreement(left, right), agreement(right, left)), (level, level), "{left} {right}");
        }
        assert_eq!((words("Bel-Air Hotel"), words("hotel bel air")), ("air bel hotel".to_owned(), "air bel hotel".to_owned()));
    }
}
