//! What is indexed: one document for each distinct set of searched values of an entity, so that a batch of records can be added as it
//! comes. Nothing is stored but the entity's number; values are only looked up, never read back.

use crate::{Error, token};
use arrow_array::{Array as _, Int64Array, RecordBatch, StringArray};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, IndexRecordOption, Schema, SchemaBuilder, TextFieldIndexing, TextOptions},
    tokenizer::{PreTokenizedString, Token},
};
use wuwei_schema::{EntityType, Kind, SearchRole};

/// The column and field of the entity's number.
pub(crate) const ENTITY: &str = "entity_id";

/// The fields of an index.
#[derive(Debug)]
pub(crate) struct Fields {
    entity: Field,
    /// In the model's order.
    pub(crate) searched: Vec<Searched>,
}

/// A property that is found, and the fields that it is found in.
#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) fields: Found,
}

/// The fields by the way of finding. All but `characters` and `syllables` hold whole terms without positions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found {
    /// By number.
    Exact { whole: Field, tail: Field },
    /// By name.
    Name { whole: Field, characters: Field, pinyin: Field, syllables: Field, endings: Field, initials: Field },
}

impl Fields {
    /// The schema of an index of that type, and its fields.
    pub(crate) fn of(entity: &EntityType) -> (Schema, Fields) {
        let mut builder = Schema::builder();
        let number = builder.add_i64_field(ENTITY, FAST);
        let roles = entity.properties.iter().filter_map(|property| property.search.map(|role| (property, role)));
        let searched = roles.map(|(property, role)| Searched {
            name: property.name.clone(),
            kind: property.kind.clone(),
            fields: Found::add(&mut builder, &property.name, role),
        });
        let searched = searched.collect();
        (builder.build(), Fields { entity: number, searched })
    }

    /// Adds the documents of a batch, except those that `recent` has seen.
    pub(crate) fn documents(
        &self,
        batch: &RecordBatch,
        recent: &mut Recent,
        mut add: impl FnMut(TantivyDocument) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let entities: &Int64Array = column(batch, ENTITY, "Int64")?;
        let columns: Vec<&StringArray> =
            self.searched.iter().map(|searched| column(batch, &searched.name, "Utf8")).collect::<Result<_, Error>>()?;
        for (row, entity) in entities.iter().enumerate() {
            let entity = entity.ok_or_else(|| wrong(ENTITY, "Int64 without nulls"))?;
            let values: Vec<&str> = columns.iter().map(|column| if column.is_null(row) { "" } else { column.value(row) }).collect();
            if values.iter().any(|value| !value.is_empty()) && recent.is_new(entity, &values) {
                add(self.document(entity, &values))?;
            }
        }
        Ok(())
    }

    fn document(&self, entity: i64, values: &[&str]) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_i64(self.entity, entity);
        for (searched, value) in self.searched.iter().zip(values) {
            if !value.is_empty() {
                searched.fields.fill(value, &mut document);
            }
        }
        document
    }
}

impl Found {
    fn add(builder: &mut SchemaBuilder, property: &str, role: SearchRole) -> Found {
        let mut add = |way: &str, option| builder.add_text_field(&format!("{property}:{way}"), indexed(option));
        let (term, phrase) = (IndexRecordOption::Basic, IndexRecordOption::WithFreqsAndPositions);
        match role {
            SearchRole::Exact => Found::Exact { whole: add("whole", term), tail: add("tail", term) },
            SearchRole::Name => Found::Name {
                whole: add("whole", term),
                characters: add("characters", phrase),
                pinyin: add("pinyin", term),
                syllables: add("syllables", phrase),
                endings: add("endings", term),
                initials: add("initials", term),
            },
        }
    }

    fn fill(self, value: &str, document: &mut TantivyDocument) {
        match self {
            Found::Exact { whole, tail } => {
                let number = token::number(value);
                document.add_text(whole, &number);
                token::tails(&number).for_each(|text| document.add_text(tail, text));
            }
            Found::Name { whole, characters, pinyin, syllables, endings, initials } => {
                let (tokens, sounds) = (token::characters(value), token::syllables(value));
                document.add_text(whole, token::folded(value));
                document.add_text(pinyin, sounds.concat());
                document.add_text(initials, sounds.iter().filter_map(|syllable| syllable.chars().next()).collect::<String>());
                token::endings(&sounds).for_each(|text| document.add_text(endings, text));
                let first = tokens.first().map(|token| token::first(token));
                document.add_pre_tokenized_text(
                    characters,
                    positioned(first.into_iter().map(|first| (0, first)).chain(tokens.into_iter().enumerate())),
                );
                document.add_pre_tokenized_text(syllables, positioned(sounds.into_iter().enumerate()));
            }
        }
    }
}

/// What was added of late, to leave out the many records that say of an entity what another has said. A fixed number of places, so a
/// repetition may be overlooked, which costs space and changes no answer.
#[derive(Debug)]
pub(crate) struct Recent {
    places: Vec<Option<(i64, u64)>>,
}

impl Recent {
    /// 24 MiB.
    const PLACES: usize = 1 << 20;

    pub(crate) fn new() -> Recent {
        Recent { places: vec![None; Recent::PLACES] }
    }

    fn is_new(&mut self, entity: i64, values: &[&str]) -> bool {
        let mut hasher = DefaultHasher::new();
        (entity, values).hash(&mut hasher);
        let hash = hasher.finish();
        let seen = Some((entity, hash));
        let place = usize::try_from(hash % Recent::PLACES as u64).ok().and_then(|at| self.places.get_mut(at));
        place.is_none_or(|place| std::mem::replace(place, seen) != seen)
    }
}

/// Looked up only: no stored text, no lengths to rank by.
fn indexed(option: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default().set_tokenizer("raw").set_index_option(option).set_fieldnorms(false);
    TextOptions::default().set_indexing_options(indexing)
}

fn positioned(tokens: impl Iterator<Item = (usize, String)>) -> PreTokenizedString {
    let tokens = tokens.map(|(position, text)| Token { position, text, ..Token::default() }).collect();
    PreTokenizedString { text: String::new(), tokens }
}

fn column<'a, A: 'static>(batch: &'a RecordBatch, name: &str, expected: &'static str) -> Result<&'a A, Error> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref()).ok_or_else(|| wrong(name, expected))
}

fn wrong(column: &str, expected: &'static str) -> Error {
    Error::Batch { column: column.to_owned(), expected }
}
