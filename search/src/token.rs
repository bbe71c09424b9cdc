//! How names and prose are taken apart, for the index and for what was typed alike. No dictionary cuts words: a dictionary loses parts
//! of names that it does not know, single characters with their positions lose none.

use crate::variant;
use wuwei_schema::kind::name;

/// The longest name that is taken apart, in tokens; what comes after is not looked at.
const MAX_TOKENS: usize = 64;

/// The longest prose that is taken apart, in characters; what comes after is not looked at.
const MAX_PAIRS: usize = 4096;

/// Letters and digits in small letters, nothing between them: 买买提·吐尔逊 is 买买提吐尔逊, `SMITH, John` is `smithjohn`.
pub(crate) fn folded(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name of an organisation as one, in simplified characters.
pub(crate) fn whole(text: &str) -> String {
    folded(&variant::simplified(text))
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

/// The mark of its last character.
pub(crate) fn last(token: &str) -> String {
    format!("${token}")
}

/// A syllable where characters stand too.
pub(crate) fn syllable(text: &str) -> String {
    format!("'{text}")
}

/// Joined pinyin to those who part the fewest sounds: n and l, z and zh, in and ing. Coarser than a syllable at a time, since where one ends is
/// not known of what is typed; the same on both sides is what matters.
pub(crate) fn blurred(pinyin: &str) -> String {
    let hissed = pinyin.replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n");
    hissed.replace(['l', 'r'], "n").replace('h', "f")
}

/// Neighbours of a text, two by two, in small simplified characters; marks and spaces are passed over.
pub(crate) fn pairs(text: &str) -> Vec<String> {
    let plain: Vec<char> = folded(&variant::simplified(text)).chars().take(MAX_PAIRS).collect();
    plain.windows(2).map(|pair| pair.iter().collect()).collect()
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
    fn sounds_that_many_do_not_part_are_one() {
        for (left, right) in [("zhangwei", "zanwei"), ("liuning", "niunin"), ("shengrong", "senlon")] {
            assert_eq!(blurred(left), blurred(right), "{left}");
        }
        assert_ne!(blurred("wangwei"), blurred("zhangwei"));
    }

    #[test]
    fn prose_comes_apart_into_neighbours() {
        assert_eq!(pairs("人民路12号，A座"), ["人民", "民路", "路1", "12", "2号", "号a", "a座"]);
        assert_eq!(pairs("農業"), ["农业"]);
        assert_eq!(pairs("王"), [""; 0]);
    }
}
