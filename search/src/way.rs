//! The fields of a property, by the way in which it is found, and what of a value goes into each.

use crate::{number, place, placed, token, variant};
use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, INDEXED, IndexRecordOption, SchemaBuilder, TextFieldIndexing, TextOptions},
};
use wuwei_schema::{Kind, SearchRole};

/// The fields by the way of finding. Those without positions hold whole terms.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// By number.
    Exact {
        whole: Field,
        /// Its ends.
        ends: Field,
        beginnings: Field,
        /// Where it is a citizen id: the division that gave it out, as a number of six places.
        area: Option<Field>,
    },
    /// By name.
    Name(Name),
    /// By where it leads to, and by any part.
    Address {
        keys: Field,
        /// Pairs of neighbours, with positions.
        pairs: Field,
    },
    /// By any part, and whole where it is the name of an organisation.
    Words { pairs: Field, whole: Option<Field> },
    /// By the day, as a number.
    Day { day: Field },
}

/// The fields of a name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) whole: Field,
    /// Each character, with positions; at the same places their syllables, and the first and the last with a mark.
    pub(crate) characters: Field,
    /// The same two of a name that has other than simplified characters, once these are simplified.
    pub(crate) simplified: Field,
    pub(crate) simplified_characters: Field,
    pub(crate) pinyin: Field,
    pub(crate) endings: Field,
    pub(crate) initials: Field,
    /// The pinyin to those who part the fewest sounds.
    pub(crate) blurred: Field,
}

impl Way {
    pub(crate) fn add(builder: &mut SchemaBuilder, property: &str, kind: &Kind, role: SearchRole) -> Way {
        let area = (role == SearchRole::Exact && *kind == Kind::CitizenId)
            .then(|| builder.add_u64_field(&format!("{property}:area"), FAST | INDEXED));
        if role == SearchRole::Day {
            return Way::Day { day: builder.add_u64_field(&format!("{property}:day"), FAST | INDEXED) };
        }
        let mut add = |way: &str, option| builder.add_text_field(&format!("{property}:{way}"), indexed(option));
        let (term, phrase) = (IndexRecordOption::Basic, IndexRecordOption::WithFreqsAndPositions);
        match role {
            SearchRole::Address => Way::Address { keys: add("keys", term), pairs: add("pairs", phrase) },
            SearchRole::Words => {
                let whole = (*kind == Kind::OrganizationName).then(|| add("whole", term));
                Way::Words { pairs: add("pairs", phrase), whole }
            }
            SearchRole::Name => Way::Name(Name {
                whole: add("whole", term),
                characters: add("characters", phrase),
                simplified: add("simplified", term),
                simplified_characters: add("simplified_characters", phrase),
                pinyin: add("pinyin", term),
                endings: add("endings", term),
                initials: add("initials", term),
                blurred: add("blurred", term),
            }),
            SearchRole::Exact | SearchRole::Day => {
                Way::Exact { whole: add("whole", term), ends: add("ends", term), beginnings: add("beginnings", term), area }
            }
        }
    }

    pub(crate) fn fill(self, value: &str, document: &mut TantivyDocument) {
        match self {
            Way::Exact { whole, ends, beginnings, area } => {
                let value = number::plain(value);
                let division = value.get(..6).and_then(|division| division.parse().ok());
                area.zip(division).into_iter().for_each(|(area, division)| document.add_u64(area, division));
                document.add_text(whole, &value);
                number::ends(&value).for_each(|text| document.add_text(ends, text));
                number::beginnings(&value).for_each(|text| document.add_text(beginnings, text));
            }
            Way::Name(name) => name.fill(value, document),
            Way::Address { keys, pairs } => {
                let led = place::keys(value);
                if !led.is_empty() {
                    place::above(value).iter().for_each(|above| document.add_text(keys, above.key()));
                }
                led.into_iter().for_each(|(_, key)| document.add_text(keys, key));
                fill_pairs(pairs, value, document);
            }
            Way::Words { pairs, whole } => {
                whole.into_iter().for_each(|whole| document.add_text(whole, token::whole(value)));
                fill_pairs(pairs, value, document);
            }
            Way::Day { day } => number::day(value).into_iter().for_each(|number| document.add_u64(day, number)),
        }
    }
}

impl Name {
    fn fill(self, value: &str, document: &mut TantivyDocument) {
        let sounds = token::syllables(value);
        document.add_text(self.whole, token::folded(value));
        let syllables = sounds.iter().map(|syllable| token::syllable(syllable)).enumerate();
        document.add_text(self.characters, placed::text(marked(token::characters(value)).chain(syllables)));
        let simplified = variant::simplified(value);
        if *simplified != *value {
            document.add_text(self.simplified, token::folded(&simplified));
            let characters = marked(token::characters(&simplified));
            document.add_text(self.simplified_characters, placed::text(characters));
        }
        let joined = sounds.concat();
        document.add_text(self.blurred, token::blurred(&joined));
        document.add_text(self.pinyin, joined);
        document.add_text(self.initials, sounds.iter().filter_map(|syllable| syllable.chars().next()).collect::<String>());
        token::endings(&sounds).for_each(|text| document.add_text(self.endings, text));
    }
}

/// The tokens with their places, the first and the last once more with a mark.
fn marked(tokens: Vec<String>) -> impl Iterator<Item = (usize, String)> {
    let first = tokens.first().map(|token| (0, token::first(token)));
    let last = tokens.last().map(|token| (tokens.len() - 1, token::last(token)));
    tokens.into_iter().enumerate().chain(first).chain(last)
}

fn fill_pairs(field: Field, value: &str, document: &mut TantivyDocument) {
    document.add_text(field, placed::text(token::pairs(value).into_iter().enumerate()));
}

/// Looked up only: no stored text, no lengths to rank by. What is to be found by places comes as tokens that know theirs.
fn indexed(option: IndexRecordOption) -> TextOptions {
    let tokenizer = if option.has_positions() { placed::NAME } else { "raw" };
    let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option).set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}
