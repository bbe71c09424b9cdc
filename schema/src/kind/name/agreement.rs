//! How two names agree. Chinese names by characters and their sound: Jaro–Winkler gives 0.7 to any two names of two characters that share the
//! surname, so it says nothing here. Latin ones by words and typing.

use super::{given, pinyin, reading, starts_han, surname};
use crate::kind::similarity;
use pinyin::ToPinyin as _;

/// The level of two names that sound the same: those above and this are two ways of writing one name.
pub const SOUND: u8 = 4;

/// 5 the same but for a character that a system could not write, in place of which another of its sound or a placeholder stands, for the dot of a
/// long name or the order of Latin words; 4 sounds the same, in Latin letters too, or one edit apart; 3 sounds the same to those who do not part
/// n and l, z and zh, in and ing, or nearly the same; 2 one slip apart (another, a missing or a swapped
/// character of the given name), the given name alone, an initial, or alike; 1 another surname and the same given name, or somewhat alike; 0 else.
pub(crate) fn agreement(left: &str, right: &str) -> u8 {
    match (starts_han(left), starts_han(right)) {
        (true, true) => han(left, right),
        (true, false) => spelled(left, right),
        (false, true) => spelled(right, left),
        (false, false) => latin(left, right),
    }
}

/// How a name is written, for those who want to know what its letters alone say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appearance {
    /// In hanzi, all of them ones that any system can write.
    Han,
    /// In words of more than one letter.
    Latin,
    Other,
}

pub(crate) fn appearance(name: &str) -> Appearance {
    match starts_han(name) {
        true if !name.chars().any(is_rare) => Appearance::Han,
        true => Appearance::Other,
        false if is_initial(&words(name), &words(name)) => Appearance::Other,
        false => Appearance::Latin,
    }
}

/// A number for how a name sounds to those who part the fewest sounds, by a hash of 32 bits.
pub(crate) fn blurred_sound(name: &str, mixed: fn(u32) -> u32) -> u32 {
    let syllables = pinyin(name);
    let sounds = syllables.split(' ').map(blurred).flat_map(|(initial, rest)| [initial, "-", rest, " "]);
    sounds.flat_map(str::bytes).fold(0, |hash: u32, byte| mixed(hash.wrapping_mul(31).wrapping_add(u32::from(byte))))
}

/// The pinyin of a name to those who part the fewest sounds (n and l, z and zh, in and ing …): of two names that sound alike to them it is the
/// same. It is for comparing, and nobody writes so.
pub fn folded(name: &str) -> String {
    let syllables = pinyin(name);
    let sounds = syllables.split(' ').map(blurred).map(|(initial, rest)| format!("{initial}{rest}"));
    sounds.collect::<Vec<_>>().join(" ")
}

fn han(left: &str, right: &str) -> u8 {
    let (size, other) = (left.chars().count(), right.chars().count());
    if (left.contains('·') || right.contains('·')) && undotted(left).eq(undotted(right)) {
        return 5;
    }
    if size == other && size >= 2 {
        let differ = || left.chars().zip(right.chars()).filter(|(a, b)| a != b);
        if differ().count() == 1 && differ().all(|(a, b)| is_written_for(a, b)) {
            return 5;
        }
        if let Some(level) = sound(left, right) {
            return level;
        }
    }
    slip(left, right, size, other)
}

/// Whether two names of equal length sound the same.
fn sound(left: &str, right: &str) -> Option<u8> {
    // The last character is no surname, so its reading is its own; it tells most names apart without spelling them.
    let last = |name: &str| name.chars().next_back().and_then(|character| character.to_pinyin());
    if let (Some(ours), Some(theirs)) = (last(left), last(right))
        && ours != theirs
        && blurred(ours.plain()) != blurred(theirs.plain())
    {
        return None;
    }
    let (ours, theirs) = (pinyin(left), pinyin(right));
    if ours == theirs {
        return Some(SOUND);
    }
    ours.split(' ').map(blurred).eq(theirs.split(' ').map(blurred)).then_some(SOUND - 1)
}

/// What is left of two names that do not even sound alike.
fn slip(left: &str, right: &str, size: usize, other: usize) -> u8 {
    let (ours, theirs) = (surname(left), surname(right));
    if ours == theirs {
        let is_slip = size == other && size >= 3 && similarity::one_slip(left, right);
        let (long, short) = if size > other { (left, right) } else { (right, left) };
        let is_missing = size.abs_diff(other) == 1 && size.min(other) >= 2 && without_one(long).any(|text| text == short);
        return if is_slip || is_missing || is_begun(left, right) { 2 } else { 0 };
    }
    let (mine, yours) = (given(left), given(right));
    let has_two = |part: &str| part.chars().count() >= 2;
    let is_alone = (has_two(mine) && mine == right) || (has_two(yours) && yours == left);
    let is_turned = (has_two(yours) && left == format!("{yours}{theirs}")) || (has_two(mine) && right == format!("{mine}{ours}"));
    if is_alone || is_turned || is_begun(left, right) {
        return 2;
    }
    u8::from(mine == yours && has_two(mine))
}

/// Whether one is the beginning of the other, up to its dot: 买买提 and 买买提·吐尔逊.
fn is_begun(left: &str, right: &str) -> bool {
    let begins = |long: &str, short: &str| long.split_once('·').is_some_and(|(first, _)| first == short);
    begins(left, right) || begins(right, left)
}

fn undotted(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|character| *character != '·')
}

/// Whether one of two characters is written for the other because a system could not write it: a placeholder for whatever it is, or for a rare
/// one another of its sound. A rare one is no other just because it is rare: 王㛃 is not 王芳.
fn is_written_for(left: char, right: char) -> bool {
    let sounds_alike = || left.to_pinyin().zip(right.to_pinyin()).is_some_and(|(ours, theirs)| ours.plain() == theirs.plain());
    is_placeholder(left) || is_placeholder(right) || ((is_rare(left) || is_rare(right)) && sounds_alike())
}

/// What stands where a character was lost: a circle, a box, a question mark, or a place that a system gave to characters of its own.
fn is_placeholder(character: char) -> bool {
    matches!(character, '〇' | '○' | '□' | '?' | '？' | '*' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..)
}

/// Whether not every system can write a character.
fn is_rare(character: char) -> bool {
    !matches!(character, '\u{4e00}'..='\u{9fff}')
}

/// A syllable as those say it who do not part some sounds.
fn blurred(syllable: &str) -> (&str, &str) {
    let start = syllable.find(['a', 'e', 'i', 'o', 'u', 'v', 'ü']).unwrap_or(syllable.len());
    let (initial, rest) = syllable.split_at(start);
    let initial = match initial {
        "zh" => "z",
        "ch" => "c",
        "sh" => "s",
        "l" | "r" => "n",
        "h" => "f",
        other => other,
    };
    let is_nasal = ["ang", "eng", "ing"].iter().any(|end| rest.ends_with(end));
    (initial, if is_nasal { &rest[..rest.len() - 1] } else { rest })
}

fn without_one(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().map(|(at, character)| format!("{}{}", &text[..at], &text[at + character.len_utf8()..]))
}

/// A Chinese name and one in Latin letters: 4 when the second spells the first, whichever name stands first.
fn spelled(han: &str, latin: &str) -> u8 {
    let letters =
        |text: &str| -> String { text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect() };
    let written = letters(latin);
    let turned = || letters(&reading(given(han))) + &letters(&pinyin(surname(han)));
    if written.is_empty() || (letters(&pinyin(han)) != written && turned() != written) { 0 } else { 4 }
}

fn latin(left: &str, right: &str) -> u8 {
    let mut words = [left, right].map(words);
    words.iter_mut().for_each(|words| words.sort_unstable());
    if words[0] == words[1] {
        return 5;
    }
    match (similarity::typed(left, right), &words) {
        (typed @ (0 | 1), [ours, theirs]) if is_initial(ours, theirs) || is_initial(theirs, ours) => typed.max(2),
        (typed, _) => typed,
    }
}

fn words(name: &str) -> Vec<&str> {
    name.split([' ', ',', '-', '.']).filter(|word| !word.is_empty()).collect()
}

/// Whether a name is nothing but the first letter of the other: J. and JOHN.
fn is_initial(short: &[&str], long: &[&str]) -> bool {
    matches!((short, long), ([letter], [word]) if letter.chars().count() == 1 && word.starts_with(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_from_sound_to_slip_to_nothing() {
        for (left, right, level) in [
            ("买买提·吐尔逊", "买买提吐尔逊", 5),
            ("王\u{e123}明", "王小明", 5),
            ("王〇明", "王小明", 5),
            ("王㛃", "王洁", 5),
            ("王㛃", "王芳", 0),
            ("王㛃明", "王小明", 2),
            ("王小㛃", "王小〇", 5),
            ("王小明", "王晓明", 4),
            ("蕭于", "萧于", 4),
            ("王小明", "WANG XIAOMING", 4),
            ("王小明", "XIAO-MING WANG", 4),
            ("王小林", "王小玲", 3),
            ("黄丽娜", "黄丽拉", 3),
            ("王小明", "王小朋", 2),
            ("王小明", "王明小", 2),
            ("王小明", "王明", 2),
            ("王小明", "小明", 2),
            ("王小明", "小明王", 2),
            ("买买提·吐尔逊", "买买提", 2),
            ("王小明", "李小明", 1),
            ("王明", "李明", 0),
            ("张伟", "张三", 0),
            ("王小明", "李大伟", 0),
            ("王小明", "WANG DAWEI", 0),
            ("JOHN SMITH", "SMITH JOHN", 5),
            ("JONATHAN", "JONATHON", 4),
            ("STEPHANIE", "STEPHANEY", 3),
            ("J.", "JOHN", 2),
            ("JOHN", "MARY", 0),
        ] {
            assert_eq!((agreement(left, right), agreement(right, left)), (level, level), "{left} {right}");
        }
    }
}
