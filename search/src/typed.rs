//! What somebody typed, taken plainly: words, each of one script, in the one or two ways in which they can be meant. There is no query
//! language, so no mark, bracket or `OR` means anything; marks are passed over.

use wuwei_schema::{Codes, Kind};

/// The longest text that is looked for, in characters: longer than any name in pinyin. A longer one finds nothing.
const MAX_LENGTH: usize = 256;

/// The most words that are looked for together.
const MAX_WORDS: usize = 8;

/// A word, or several of one script that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) script: Script,
    pub(crate) text: String,
}

/// What a word can be; in the order in which words are looked for, so that the one that finds least comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    /// It has a digit: a number or the end of one.
    Number,
    /// It has a letter that is not ASCII: a name or a part of one.
    Name,
    /// Latin letters: pinyin, initials or a Latin name.
    Latin,
}

/// The ways in which a text can be meant: neighbours of one script together (`wang xiao ming`, `王 小明`, `120 1234 5678`), and every
/// word by itself (`0017 5678`, `王小明0017`). All words of a way must be found.
pub(crate) fn readings(text: &str) -> Vec<Vec<Word>> {
    if text.chars().nth(MAX_LENGTH).is_some() {
        return Vec::new();
    }
    let tidy = Kind::Text.clean(text, &Codes::default()).unwrap_or_default().replace(['ü', 'Ü'], "v");
    let words: Vec<&str> = tidy.split(' ').filter(|word| word.contains(char::is_alphanumeric)).collect();
    let mut readings = vec![together(&words), apart(&words)];
    readings.dedup();
    readings.retain(|words| !words.is_empty() && words.len() <= MAX_WORDS);
    readings
}

fn together(words: &[&str]) -> Vec<Word> {
    let runs = words.chunk_by(|left, right| Script::of(left) == Script::of(right));
    in_order(runs.map(|run| Word::new(&run.join(" "))).collect())
}

fn apart(words: &[&str]) -> Vec<Word> {
    in_order(words.iter().flat_map(|word| before_digits(word)).map(Word::new).collect())
}

/// A word is cut where digits follow letters: 王小明0017 is a name and a tail.
fn before_digits(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut after_letter) = (0, false);
    for (at, character) in word.char_indices() {
        if after_letter && character.is_ascii_digit() {
            parts.push(&word[start..at]);
            start = at;
        }
        after_letter = character.is_alphabetic();
    }
    parts.push(&word[start..]);
    parts
}

fn in_order(mut words: Vec<Word>) -> Vec<Word> {
    words.sort_by_key(|word| (word.script, std::cmp::Reverse(word.text.chars().count())));
    words
}

impl Word {
    fn new(text: &str) -> Word {
        Word { script: Script::of(text), text: text.to_owned() }
    }
}

impl Script {
    fn of(text: &str) -> Script {
        match text {
            _ if text.contains(|character: char| character.is_ascii_digit()) => Script::Number,
            _ if text.chars().any(|character| character.is_alphabetic() && !character.is_ascii()) => Script::Name,
            _ => Script::Latin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&[&str]]) {
        let found: Vec<Vec<String>> = readings(text).into_iter().map(|words| words.into_iter().map(|word| word.text).collect()).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_of_one_script_are_meant_together_or_apart() {
        check("王小明", &[&["王小明"]]);
        check(" 王小明　００１７ ", &[&["0017", "王小明"]]);
        check("wang xiao ming", &[&["wang xiao ming"], &["wang", "xiao", "ming"]]);
        check("120 1234 5678", &[&["120 1234 5678"], &["1234", "5678", "120"]]);
        check("王小明0017", &[&["王小明0017"], &["0017", "王小明"]]);
        check("Lü Bu 003x", &[&["003x", "Lv Bu"], &["003x", "Lv", "Bu"]]);
    }

    #[test]
    fn what_says_nothing_or_too_much_is_not_looked_for() {
        for text in ["", "  ", "\"", "()[]*?^~", "😀 🀄", "无", &"王".repeat(257)] {
            check(text, &[]);
        }
        check("a b c d e f g h i", &[&["a b c d e f g h i"]]);
    }
}
