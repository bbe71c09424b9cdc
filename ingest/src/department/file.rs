//! The shape of a department file, as TOML: what its author may write, taken plainly. What the names mean is checked elsewhere.

use super::{Contract, Encoding, Format, Of, Quote, When, Written, place, require::RequireFile};
use crate::{Error, source::Datum};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};
use toml::Spanned;
use wuwei_schema::{Label, SourceFile, nearest};

/// The file as it is written, if nothing in it is left open.
pub(super) fn parse(file: &SourceFile) -> Result<DepartmentFile, Error> {
    decided(file)?;
    toml::from_str(&file.text).map_err(|error| {
        let message = error.message().trim().replace('\n', " ");
        // The parser names every key it knows; one is enough.
        let mut names = message.split('`').skip(1).step_by(2);
        let (what, hint) = match names.next().filter(|_| message.starts_with("unknown field")) {
            Some(name) => (format!("unknown key `{name}`"), nearest(name, names)),
            None => (message.clone(), "correct the line shown".to_owned()),
        };
        place::error(file, &error.span().unwrap_or(0..0), what, hint)
    })
}

/// Texts that begin with TODO stand where somebody has to decide; until he has, nothing is read by the file.
fn decided(file: &SourceFile) -> Result<(), Error> {
    let open = file.text.match_indices("\"TODO").find(|(at, _)| {
        let before = file.text.get(..*at).and_then(|text| text.lines().last()).unwrap_or_default();
        !before.trim_start().starts_with('#')
    });
    let Some((at, _)) = open else { return Ok(()) };
    let end = file.text.get(at..).and_then(|text| text.get(1..)?.find('"')).map_or(at + 5, |length| at + length + 2);
    let hint = "write there what holds, or take the line out; a suggestion is never used before somebody did";
    Err(place::error(file, &(at..end), "something is left open".to_owned(), hint.to_owned()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DepartmentFile {
    pub(super) department: Spanned<String>,
    pub(super) label: Label,
    pub(super) extract: Vec<ExtractFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtractFile {
    pub(super) name: Spanned<String>,
    pub(super) label: Label,
    pub(super) format: Format,
    pub(super) encoding: Encoding,
    #[serde(default = "comma")]
    pub(super) delimiter: Spanned<char>,
    #[serde(default = "minimal")]
    pub(super) quote: Quote,
    #[serde(default)]
    pub(super) title_rows: u32,
    #[serde(default = "one")]
    pub(super) heading_rows: u32,
    pub(super) rows: Option<String>,
    pub(super) widths: Option<Spanned<Vec<usize>>>,
    #[serde(default)]
    pub(super) fill_down: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) key: Vec<Spanned<String>>,
    pub(super) deleted: Option<Spanned<When>>,
    #[serde(default = "yes")]
    pub(super) load: bool,
    pub(super) sheet_by: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) parts: bool,
    pub(super) contract: Contract,
    pub(super) cycle_days: i64,
    pub(super) share_class: Spanned<i64>,
    pub(super) obliged: bool,
    pub(super) columns: Vec<Spanned<String>>,
    pub(super) observed: Option<SourceText>,
    #[serde(default)]
    pub(super) ignore: Ordered<Spanned<String>>,
    #[serde(default)]
    pub(super) exclude: Vec<ExcludeFile>,
    #[serde(default)]
    pub(super) require: Vec<RequireFile>,
    #[serde(default)]
    pub(super) drop: Ordered<Spanned<String>>,
    pub(super) synth: Option<String>,
    #[serde(default)]
    pub(super) needed_by: Vec<NeedFile>,
    #[serde(default)]
    pub(super) record: Ordered<RoleFile>,
    #[serde(default)]
    pub(super) relation: Vec<RelationFile>,
}

fn comma() -> Spanned<char> {
    Spanned::new(0..0, ',')
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn minimal() -> Quote {
    Quote::Minimal
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExcludeFile {
    pub(super) when: Spanned<When>,
    pub(super) reason: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeedFile {
    pub(super) consumer: Spanned<String>,
    pub(super) task: String,
    pub(super) asked: Option<Spanned<String>>,
    pub(super) granted: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RelationFile {
    #[serde(rename = "type")]
    pub(super) relation: Spanned<String>,
    pub(super) source: Spanned<String>,
    pub(super) target: Spanned<String>,
    pub(super) when: Option<Spanned<When>>,
    pub(super) since: Option<SourceText>,
    pub(super) until: Option<SourceText>,
    pub(super) qualifier: Option<SourceText>,
}

/// `[extract.record.<role>]`: two reserved keys, and a property for every other.
pub(super) struct RoleFile {
    pub(super) entity: Spanned<String>,
    pub(super) when: Option<Spanned<When>>,
    pub(super) properties: Vec<(Spanned<String>, SourceText)>,
}

/// A heading, or a table that says how to read it.
pub(super) struct SourceText {
    pub(super) span: std::ops::Range<usize>,
    pub(super) table: SourceTable,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub(super) from: Option<Spanned<String>>,
    pub(super) join: Option<Vec<Spanned<String>>>,
    #[serde(rename = "with", default)]
    pub(super) join_with: String,
    pub(super) constant: Option<String>,
    #[serde(default)]
    pub(super) date: OneOrMore,
    pub(super) codes: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) written: Written,
    #[serde(default)]
    pub(super) map: Ordered<Spanned<String>>,
    pub(super) list: Option<Spanned<String>>,
    pub(super) split: Option<Spanned<String>>,
    pub(super) take: Option<Spanned<usize>>,
    pub(super) inside: Option<Spanned<String>>,
    pub(super) datum: Option<Datum>,
    pub(super) unit: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) of: Of,
    pub(super) when: Option<Spanned<When>>,
}

/// A table whose order counts.
pub(super) struct Ordered<V>(pub(super) Vec<(Spanned<String>, V)>);

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Ordered(Vec::new())
    }
}

/// A text or a list of texts.
#[derive(Default)]
pub(super) struct OneOrMore(pub(super) Vec<String>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Ordered<V>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl<'de> Deserialize<'de> for RoleFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = RoleFile;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table with `entity` and the properties of it")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RoleFile, A::Error> {
                let (mut entity, mut when, mut properties) = (None, None, Vec::new());
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    match key.get_ref().as_str() {
                        "entity" => entity = Some(map.next_value()?),
                        "when" => when = Some(map.next_value()?),
                        _ => properties.push((key, map.next_value()?)),
                    }
                }
                Ok(RoleFile { entity: entity.ok_or_else(|| de::Error::missing_field("entity"))?, when, properties })
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

impl<'de> Deserialize<'de> for SourceText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadingOrTable(SourceTable);
        impl<'de> Deserialize<'de> for HeadingOrTable {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Either).map(HeadingOrTable)
            }
        }
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = SourceTable;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a heading, or a table such as { from = \"heading\" }")
            }
            fn visit_str<E: de::Error>(self, heading: &str) -> Result<SourceTable, E> {
                Ok(SourceTable { from: Some(Spanned::new(0..0, heading.to_owned())), ..SourceTable::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SourceTable, A::Error> {
                SourceTable::deserialize(MapAccessDeserializer::new(map))
            }
        }
        let spanned = Spanned::<HeadingOrTable>::deserialize(deserializer)?;
        let span = spanned.span();
        let mut table = spanned.into_inner().0;
        // A bare heading has no span of its own: it is the whole value.
        if let Some(from) = table.from.as_mut().filter(|from| from.span().is_empty()) {
            *from = Spanned::new(span.clone(), std::mem::take(from.get_mut()));
        }
        Ok(SourceText { span, table })
    }
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = OneOrMore;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a format or a list of formats")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![text.to_owned()]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(OneOrMore(texts))
            }
        }
        deserializer.deserialize_any(Texts)
    }
}
