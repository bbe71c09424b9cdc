//! A word as a name: whole, its beginning or a part of it, with gaps, in other characters, in letters, and by its sound.

use super::{Question, all, begins, phrase, placed, spelling::spellings, term};
use crate::{
    Class, token,
    typed::{Script, Word},
    variant,
    way::Name,
};
use std::borrow::Cow;
use tantivy::{query::Query, schema::Field};
use wuwei_schema::kind::name;

/// The fewest letters that names begin with, or contain, in pinyin; one letter is half a syllable of a million names.
const FEWEST_LETTERS: usize = 2;

pub(super) fn questions(word: &Word, fields: &Name) -> Vec<Question> {
    if word.text.contains(['*', '?']) {
        return pattern(&word.text, fields.characters).into_iter().map(|query| (Class::Pattern, query)).collect();
    }
    match word.script {
        Script::Number => Vec::new(),
        Script::Latin => [written(&word.text, fields), in_letters(&word.text, fields)].into_iter().flatten().collect(),
        Script::Name if word.text.contains(|character: char| character.is_ascii_alphabetic()) => {
            [written(&word.text, fields), partly_in_letters(&word.text, fields)].into_iter().flatten().collect()
        }
        Script::Name => {
            let ways = [written, varied, turned, in_sound];
            ways.into_iter().flat_map(|way| way(&word.text, fields)).collect()
        }
    }
}

/// As it is written.
fn written(text: &str, fields: &Name) -> Vec<Question> {
    let tokens = token::characters(text);
    let mut found = vec![(Class::Name, term(fields.whole, &token::folded(text)))];
    found.extend(phrase(fields.characters, &from_first(&tokens)).map(|query| (Class::NameStart, query)));
    found.extend(phrase(fields.characters, &tokens).map(|query| (Class::NamePart, query)));
    found
}

fn from_first(tokens: &[String]) -> Vec<String> {
    tokens.iter().enumerate().map(|(at, text)| if at == 0 { token::first(text) } else { text.clone() }).collect()
}

/// In other characters: a name that is written in simplified ones, or one that is not, once it is simplified.
fn varied(text: &str, fields: &Name) -> Vec<Question> {
    let simplified = variant::simplified(text);
    let (whole, tokens) = (token::folded(&simplified), token::characters(&simplified));
    let mut found = vec![(Class::Variant, term(fields.simplified, &whole))];
    found.extend(phrase(fields.simplified_characters, &tokens).map(|query| (Class::VariantPart, query)));
    if let Cow::Owned(_) = simplified {
        found.push((Class::Variant, term(fields.whole, &whole)));
        found.extend(phrase(fields.characters, &tokens).map(|query| (Class::VariantPart, query)));
    }
    found
}

/// The lengths of names that may be turned.
const TURNED: std::ops::RangeInclusive<usize> = 2..=4;

/// With the surname behind, as abroad and on forms of abroad: the last character, or two of a compound one, before the rest, whole.
fn turned(text: &str, fields: &Name) -> Vec<Question> {
    let whole = token::folded(&variant::simplified(text));
    let starts: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
    // A name with a dot has its father's behind, and no surname.
    if !TURNED.contains(&starts.len()) || whole.chars().any(|character| character.is_ascii()) || text.contains(['·', '•', '・']) {
        return Vec::new();
    }
    let from = |last: usize| starts.get(starts.len() - last).map(|start| format!("{}{}", &whole[*start..], &whole[..*start]));
    let one = from(1).filter(|name| *name != whole);
    let two = from(2).filter(|name| starts.len() > 2 && name::surname(name).chars().count() == 2);
    one.into_iter().chain(two).flat_map(|name| [fields.whole, fields.simplified].map(|field| (Class::Turned, term(field, &name)))).collect()
}

/// Latin letters as pinyin, whole, begun or in part, as initials, and as they sound to many.
fn in_letters(text: &str, fields: &Name) -> Vec<Question> {
    let letters = token::folded(text);
    let mut found = vec![(Class::Pinyin, term(fields.pinyin, &letters)), (Class::Initials, term(fields.initials, &letters))];
    if letters.len() >= FEWEST_LETTERS {
        found.push((Class::PinyinStart, begins(fields.pinyin, &letters)));
        found.push((Class::PinyinPart, begins(fields.endings, &letters)));
        found.push((Class::Alike, term(fields.blurred, &token::blurred(&letters))));
    }
    found
}

/// Some characters and some letters: 张wei, 章jun. The letters are whole syllables.
fn partly_in_letters(text: &str, fields: &Name) -> Vec<Question> {
    let mut found = Vec::new();
    for tokens in spelled(text) {
        found.extend(phrase(fields.characters, &from_first(&tokens)).map(|query| (Class::PinyinStart, query)));
        found.extend(phrase(fields.characters, &tokens).map(|query| (Class::PinyinPart, query)));
    }
    found
}

/// The tokens that such a text can mean: each character, and the syllables of each run of letters, in each way to part them.
fn spelled(text: &str) -> Vec<Vec<String>> {
    token::characters(text).into_iter().fold(vec![Vec::new()], |ways, part| {
        let meant: Vec<Vec<String>> = if part.is_ascii() {
            spellings(&part).into_iter().map(|syllables| syllables.iter().map(|syllable| token::syllable(syllable)).collect()).collect()
        } else {
            vec![vec![part]]
        };
        ways.iter().flat_map(|way| meant.iter().map(move |more| [way.as_slice(), more].concat())).collect()
    })
}

/// Characters by their sound: the first one as a surname and as any other, since it is not known whether a name or a part was typed.
fn in_sound(text: &str, fields: &Name) -> Vec<Question> {
    let mut readings = vec![token::syllables(text), token::plain_syllables(text)];
    readings.dedup();
    let mut found = Vec::new();
    for reading in readings {
        found.push((Class::Homophone, term(fields.pinyin, &reading.concat())));
        // One syllable is in too many names to say anything.
        if reading.len() > 1 {
            found.push((Class::Alike, term(fields.blurred, &token::blurred(&reading.concat()))));
            let syllables: Vec<String> = reading.iter().map(|syllable| token::syllable(syllable)).collect();
            found.extend(phrase(fields.characters, &syllables).map(|query| (Class::HomophonePart, query)));
        }
    }
    found
}

/// 张?伟 has one character in the gap, 张*伟 any number, none too. Where it begins or ends with a `?` it may stand anywhere in a name.
fn pattern(text: &str, characters: Field) -> Option<Box<dyn Query>> {
    let parts: Vec<&str> = text.split('*').collect();
    let last = parts.len() - 1;
    let phrases = parts.iter().enumerate().filter_map(|(at, part)| placed(characters, gapped(part, at == 0, at == last)));
    let mut phrases: Vec<Box<dyn Query>> = phrases.collect();
    if phrases.len() > 1 { Some(all(phrases)) } else { phrases.pop() }
}

/// The characters of a part with their places, those at an end of the name with its mark.
fn gapped(part: &str, begins_name: bool, ends_name: bool) -> Vec<(usize, String)> {
    let places: Vec<char> = part.chars().filter(|character| *character == '?' || character.is_alphanumeric()).collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    for (at, character) in places.iter().enumerate().filter(|(_, character)| **character != '?') {
        let token: String = character.to_lowercase().collect();
        let (is_first, is_last) = (begins_name && at == 0, ends_name && at + 1 == places.len());
        found.extend(is_first.then(|| (at, token::first(&token))));
        found.extend(is_last.then(|| (at, token::last(&token))));
        found.extend((!is_first && !is_last).then_some((at, token)));
    }
    found
}
