//! How names and numbers are taken apart, for the index and for what was typed alike. No dictionary cuts words: a dictionary loses parts
//! of names that it does not know, single characters with their positions lose none.

use wuwei_schema::kind::name;

/// The longest name that is taken apart, in tokens; what comes after is not looked at.
const MAX_TOKENS: usize = 64;

/// The lengths of tails that a number is found by.
pub(crate) const TAILS: std::ops::RangeInclusive<usize> = 4..=8;

/// Letters and digits in small letters, nothing between them: 买买提·吐尔逊 is 买买提吐尔逊, `SMITH, John` is `smithjohn`.
pub(crate) fn folded(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Letters and digits in capitals, nothing between them.
pub(crate) fn number(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// The last 4 to 8 places of a number that is longer.
pub(crate) fn tails(number: &str) -> impl Iterator<Item = &str> {
    let starts: Vec<usize> = number.char_indices().map(|(at, _)| at).collect();
    let longest = (*TAILS.end()).min(starts.len().saturating_sub(1));
    (*TAILS.start()..=longest).map(move |length| &number[starts[starts.len() - length]..])
}

/// A name by its characters: each Chinese character one, each Latin word one, in small letters.
pub(crate) fn characters(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for character in text.chars() {
        let is_latin = character.is_alphanumeric() && u32::from(character) < 0x2e80;
        match tokens.last_mut() {
            Some(word) if is_latin && in_word => word.extend(character.to_lowercase()),
            _ if character.is_alphanumeric() => tokens.push(character.to_lowercase().collect()),
            _ => {}
        }
        in_word = is_latin;
    }
    tokens.truncate(MAX_TOKENS);
    tokens
}

/// The mark of a name's first character, so that names that begin with what was typed can be told from those that contain it. No
/// character has it: what is not a letter or digit never gets into a token.
pub(crate) fn first(token: &str) -> String {
    format!("^{token}")
}

/// The syllables of a name, the surname read as one.
pub(crate) fn syllables(text: &str) -> Vec<String> {
    split(&name::pinyin(text))
}

/// The syllables of a part of a name, where the first character need not be a surname: 单 is dan.
pub(crate) fn plain_syllables(text: &str) -> Vec<String> {
    split(&name::reading(text))
}

/// All that is left when syllables are taken away from the front, joined: `xiaoming` and `ming` of wang xiao ming.
pub(crate) fn endings(syllables: &[String]) -> impl Iterator<Item = String> {
    (1..syllables.len()).map(|from| syllables[from..].concat())
}

fn split(pinyin: &str) -> Vec<String> {
    pinyin.split_whitespace().take(MAX_TOKENS).map(folded).filter(|syllable| !syllable.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_into_characters_and_latin_words() {
        assert_eq!(characters("王小明"), ["王", "小", "明"]);
        assert_eq!(characters("买买提·吐尔逊"), ["买", "买", "提", "吐", "尔", "逊"]);
        assert_eq!(characters("SMITH, JOHN"), ["smith", "john"]);
        assert_eq!(characters("王小明ABC公司"), ["王", "小", "明", "abc", "公", "司"]);
        assert_eq!(characters("·- ^'"), [""; 0]);
    }

    #[test]
    fn a_surname_is_read_as_one_only_where_it_is_one() {
        assert_eq!(syllables("单小明"), ["shan", "xiao", "ming"]);
        assert_eq!(plain_syllables("单小明"), ["dan", "xiao", "ming"]);
        assert_eq!(endings(&syllables("单小明")).collect::<Vec<_>>(), ["xiaoming", "ming"]);
    }

    #[test]
    fn tails_are_shorter_than_the_number() {
        assert_eq!(tails("12012345678").collect::<Vec<_>>(), ["5678", "45678", "345678", "2345678", "12345678"]);
        assert_eq!(tails("云A1234").collect::<Vec<_>>(), ["1234", "A1234"]);
        assert_eq!(tails("123").count(), 0);
    }
}
