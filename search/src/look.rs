//! From a word to the questions the index is asked: one for each way in which the word can stand in a property, with the class that an
//! answer has. Every question is made of terms, none of text that somebody else would parse.

use crate::{
    Class,
    document::{Fields, Found, Searched},
    token,
    typed::{Script, Word},
};
use tantivy::{
    Term,
    query::{FuzzyTermQuery, PhraseQuery, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};
use wuwei_schema::Codes;

/// The fewest letters that names begin with, or contain, in pinyin; one letter is half a syllable of a million names.
const FEWEST_LETTERS: usize = 2;

/// A question to the index.
#[derive(Debug)]
pub(crate) struct Look {
    /// How near an answer is.
    pub(crate) class: Class,
    /// Place of the property among those searched.
    pub(crate) property: usize,
    pub(crate) query: Box<dyn Query>,
}

/// Everything that a word can be, nearest first.
pub(crate) fn looks(word: &Word, fields: &Fields) -> Vec<Look> {
    let mut looks = Vec::new();
    for (property, searched) in fields.searched.iter().enumerate() {
        let found = match searched.fields {
            Found::Exact { whole, tail } => in_number(word, searched, whole, tail),
            Found::Name { .. } if word.script == Script::Number && word.text.is_ascii() => Vec::new(),
            Found::Name { .. } => in_name(word, searched.fields),
        };
        looks.extend(found.into_iter().map(|(class, query)| Look { class, property, query }));
    }
    looks.sort_by_key(|look| look.class);
    looks
}

type Question = (Class, Box<dyn Query>);

/// A number as typed and as its kind writes it (15 digits as 18, a phone without +86), or its tail.
fn in_number(word: &Word, searched: &Searched, whole: Field, tail: Field) -> Vec<Question> {
    let typed = token::number(&word.text);
    let canonical = searched.kind.clean(&word.text, &Codes::default()).map(|value| token::number(&value)).unwrap_or_default();
    let is_tail = word.script == Script::Number && token::TAILS.contains(&typed.chars().count());
    let mut found = vec![(Class::Number, term(whole, &typed))];
    if canonical != typed && !canonical.is_empty() {
        found.push((Class::Number, term(whole, &canonical)));
    }
    if is_tail {
        found.push((Class::Tail, term(tail, &typed)));
    }
    found
}

fn in_name(word: &Word, fields: Found) -> Vec<Question> {
    let Found::Name { whole, characters, .. } = fields else { return Vec::new() };
    let tokens = token::characters(&word.text);
    let mut from_first = tokens.clone();
    from_first.iter_mut().take(1).for_each(|token| *token = token::first(token));
    let mut found = vec![(Class::Name, term(whole, &token::folded(&word.text)))];
    found.extend(phrase(characters, &from_first).map(|query| (Class::NameStart, query)));
    found.extend(phrase(characters, &tokens).map(|query| (Class::NamePart, query)));
    found.extend(if word.script == Script::Latin { in_letters(word, fields) } else { in_sound(word, fields) });
    found
}

/// Latin letters as pinyin, whole, begun or in part, and as initials.
fn in_letters(word: &Word, fields: Found) -> Vec<Question> {
    let Found::Name { pinyin, endings, initials, .. } = fields else { return Vec::new() };
    let letters = token::folded(&word.text);
    let mut found = vec![(Class::Pinyin, term(pinyin, &letters)), (Class::Initials, term(initials, &letters))];
    if letters.len() >= FEWEST_LETTERS {
        found.push((Class::PinyinStart, begins(pinyin, &letters)));
        found.push((Class::PinyinPart, begins(endings, &letters)));
    }
    found
}

/// Characters by their sound: the first one as a surname and as any other, since it is not known whether a name or a part was typed.
fn in_sound(word: &Word, fields: Found) -> Vec<Question> {
    let Found::Name { pinyin, syllables, .. } = fields else { return Vec::new() };
    let mut readings = vec![token::syllables(&word.text), token::plain_syllables(&word.text)];
    readings.dedup();
    let mut found: Vec<Question> = readings.iter().map(|reading| (Class::Homophone, term(pinyin, &reading.concat()))).collect();
    // One syllable is in too many names to say anything.
    let parts = readings.iter().filter(|reading| reading.len() > 1).filter_map(|reading| phrase(syllables, reading));
    found.extend(parts.map(|query| (Class::HomophonePart, query)));
    found
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn begins(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, text), 0, false))
}

/// The tokens one after the other; nothing when there is none.
fn phrase(field: Field, tokens: &[String]) -> Option<Box<dyn Query>> {
    match tokens {
        [] => None,
        [token] => Some(term(field, token)),
        tokens => Some(Box::new(PhraseQuery::new(tokens.iter().map(|token| Term::from_field_text(field, token)).collect()))),
    }
}
