//! From a word to the questions the index is asked: one for each way in which the word can stand in a property, with the class that an
//! answer has. Every question is made of terms, none of text that somebody else would parse.

mod name;
mod short;
mod spelling;

use crate::{
    Class,
    chip::Meant,
    document::{Fields, Searched},
    number, place, token,
    typed::{Script, Word},
    way::Way,
};
use std::ops::{Bound, RangeInclusive};
use tantivy::{
    Term,
    query::{BooleanQuery, FuzzyTermQuery, InvertedIndexRangeQuery, PhraseQuery, Query, RangeQuery, TermQuery},
    schema::{Field, IndexRecordOption},
};
use wuwei_schema::{Codes, kind::address};

/// A question to the index.
#[derive(Debug)]
pub(crate) struct Look {
    /// How near an answer is.
    pub(crate) class: Class,
    /// Place of the property among those searched.
    pub(crate) property: usize,
    pub(crate) query: Box<dyn Query>,
    /// Where it only narrows, by what: those already found can be held against it one by one.
    pub(crate) within: Option<Within>,
}

/// Numbers of a field from one to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Within {
    pub(crate) field: Field,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// How near, and what is asked.
type Question = (Class, Box<dyn Query>);

/// Everything that a word can be, or what it is said to be.
pub(crate) fn looks(word: &Word, fields: &Fields) -> Vec<Look> {
    let mut looks = Vec::new();
    for (property, searched) in fields.searched.iter().enumerate() {
        let mut found = questions(word, searched);
        found.retain(|(class, _)| word.meant != Meant::Exactly || *class < Class::Variant);
        let within = within(word.meant, searched.way);
        found.extend(within.map(|within| (Class::Given, within.query())));
        looks.extend(found.into_iter().map(|(class, query)| Look { class, property, query, within }));
    }
    looks
}

/// How long a number, and pinyin, that may have a slip is. Of a shorter one half the others are one slip away; none of a person is longer.
const NUMBER_WITH_SLIP: RangeInclusive<usize> = 8..=24;
const PINYIN_WITH_SLIP: RangeInclusive<usize> = 5..=48;

/// What a word can be but for one slip of whoever typed or wrote it down. It is dearer than to look up, and says less.
pub(crate) fn slips(word: &Word, fields: &Fields) -> Vec<Look> {
    let mut looks = Vec::new();
    for (property, searched) in fields.searched.iter().enumerate() {
        let slip = match (searched.way, word.script, word.meant) {
            (Way::Exact { whole, .. }, Script::Number, Meant::Any | Meant::Number) => {
                let number = Some(number::plain(&word.text)).filter(|number| NUMBER_WITH_SLIP.contains(&number.chars().count()));
                let number = number.filter(|_| number::covered(&word.text).is_none());
                number.map(|number| (Class::NumberSlip, nearly(whole, &number)))
            }
            (Way::Name(name), Script::Latin, Meant::Any | Meant::Name) => {
                let letters = Some(token::folded(&word.text)).filter(|letters| PINYIN_WITH_SLIP.contains(&letters.chars().count()));
                letters.map(|letters| (Class::PinyinSlip, nearly(name.pinyin, &letters)))
            }
            _ => None,
        };
        looks.extend(slip.map(|(class, query)| Look { class, property, query, within: None }));
    }
    looks
}

/// The terms at a distance of one (Damerau 1964): a place changed, left out, put in, or two neighbours exchanged.
fn nearly(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, text), 1, true))
}

/// What only narrows, where the property is of that sort.
fn within(meant: Meant, way: Way) -> Option<Within> {
    match (way, meant) {
        (Way::Exact { area: Some(field), .. }, Meant::Area(from, to)) | (Way::Day { day: field }, Meant::Born(from, to)) => {
            Some(Within { field, from, to })
        }
        _ => None,
    }
}

impl Within {
    /// By the terms from one to the other, of which there are few, not by looking at every document.
    fn query(self) -> Box<dyn Query> {
        let bound = |number| Bound::Included(Term::from_field_u64(self.field, number));
        Box::new(InvertedIndexRangeQuery::new(bound(self.from), bound(self.to)))
    }
}

fn questions(word: &Word, searched: &Searched) -> Vec<Question> {
    use Meant::{Address, Any, Exactly, Name, Number, Text};
    let text = word.text.as_str();
    match (searched.way, word.meant) {
        (Way::Exact { whole, ends, beginnings, .. }, Any | Exactly | Number) => in_number(word, searched, whole, ends, beginnings),
        (Way::Name(fields), Any | Exactly | Name) => name::questions(word, &fields),
        (Way::Address { keys, pairs }, Any | Exactly | Address) => in_address(text, word.meant, keys, pairs),
        (Way::Words { pairs, whole }, Any | Exactly | Text) => in_words(text, pairs, whole),
        (Way::Words { pairs, whole: Some(whole) }, Name) => in_words(text, pairs, Some(whole)),
        _ => Vec::new(),
    }
}

/// A part of a text, or the whole name of an organisation.
fn in_words(text: &str, pairs: Field, whole: Option<Field>) -> Vec<Question> {
    let whole = whole.map(|whole| (Class::Name, term(whole, &token::whole(text))));
    let part = phrase(pairs, &token::pairs(text)).map(|query| (Class::Words, query));
    whole.into_iter().chain(part).chain(short::questions(text, pairs)).collect()
}

/// A number as typed and as its kind writes it (15 digits as 18, a phone without +86), its tail, or what is not covered of it.
fn in_number(word: &Word, searched: &Searched, whole: Field, ends: Field, beginnings: Field) -> Vec<Question> {
    if let Some((begin, end)) = number::covered(&word.text) {
        return vec![(Class::Covered, all(vec![term(ends, &end), term(beginnings, &begin)]))];
    }
    let typed = number::plain(&word.text);
    let canonical = searched.kind.clean(&word.text, &Codes::default()).map(|value| number::plain(&value)).unwrap_or_default();
    let is_tail = word.script == Script::Number && number::TAILS.contains(&typed.chars().count());
    let mut found = vec![(Class::Number, term(whole, &typed))];
    if canonical != typed && !canonical.is_empty() {
        found.push((Class::Number, term(whole, &canonical)));
    }
    if is_tail {
        found.push((Class::Tail, term(ends, &typed)));
    }
    found
}

/// The fewest characters that are looked for in addresses where they do not name a level of one: a name of two is in thousands of streets.
const FEWEST_OF_ADDRESS: usize = 4;

/// Everyone in the room, building or house that it leads to; where it leads to none, every address that has it.
fn in_address(text: &str, meant: Meant, keys: Field, pairs: Field) -> Vec<Question> {
    let led = place::keys(text);
    let nearest = led.iter().map(|(class, _)| *class).min();
    let mut found: Vec<Question> = led
        .iter()
        .filter(|(class, _)| Some(*class) == nearest)
        .map(|(class, key)| (*class, all(std::iter::once(term(keys, key)).chain(not_elsewhere(text, keys)).collect())))
        .collect();
    // Those whose whole address is typed are on record by its key; reading every street's neighbours for it is dear and finds no others.
    if nearest.is_some_and(|class| class <= Class::House) {
        return found;
    }
    let names_level = address::parts(text).iter().any(|part| !part.is_empty());
    let neighbours = token::pairs(text);
    if names_level || meant == Meant::Address || neighbours.len() + 1 >= FEWEST_OF_ADDRESS {
        found.extend(phrase(pairs, &neighbours).map(|query| (Class::AddressPart, query)));
    }
    found
}

/// Of the same county and township, or of one that says nothing of it, so far as the address says any.
fn not_elsewhere(address: &str, keys: Field) -> impl Iterator<Item = Box<dyn Query>> {
    let said = place::above(address).into_iter().filter(|above| above.is_said());
    said.map(move |above| -> Box<dyn Query> {
        Box::new(BooleanQuery::union(vec![term(keys, &above.key()), term(keys, &above.unsaid().key())]))
    })
}

fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

fn begins(field: Field, text: &str) -> Box<dyn Query> {
    let (from, to) = (Term::from_field_text(field, text), Term::from_field_text(field, &format!("{text}\u{10ffff}")));
    Box::new(RangeQuery::new(Bound::Included(from), Bound::Excluded(to)))
}

/// The tokens one after the other; nothing when there is none.
fn phrase(field: Field, tokens: &[String]) -> Option<Box<dyn Query>> {
    placed(field, tokens.iter().cloned().enumerate().collect())
}

/// The tokens so far from each other.
fn placed(field: Field, tokens: Vec<(usize, String)>) -> Option<Box<dyn Query>> {
    match tokens.as_slice() {
        [] => None,
        [(_, token)] => Some(term(field, token)),
        _ => {
            let terms = tokens.into_iter().map(|(place, token)| (place, Term::from_field_text(field, &token))).collect();
            Some(Box::new(PhraseQuery::new_with_offset(terms)))
        }
    }
}

/// All of them in one document.
fn all(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    Box::new(BooleanQuery::intersection(queries))
}
