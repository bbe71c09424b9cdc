//! How the records of a type are recognised as one entity: the `[match]` part of a model file. The recognising itself is another room's.

use crate::{Error, Property, entity::known};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// The rules by which records of one type are compared.
#[derive(Debug, Clone)]
pub struct Matching {
    /// Tier 0: each entry is a list of properties that together identify; equal values mean one entity, if the guard agrees.
    pub identify: Vec<Vec<String>>,
    /// Properties that identify only those whose other property does not contradict, as (identifying, contradicting): shops of one name in two
    /// villages are two.
    pub unless: Vec<[String; 2]>,
    /// The properties that two records sharing an identifier must not contradict.
    pub guard: Vec<String>,
    /// Properties of which an entity has one value at the most: two different values are two entities.
    pub exclusive: Vec<String>,
    /// Tier 1: the blocking keys.
    pub block: Vec<Vec<KeyPart>>,
    /// Tier 1: the properties compared.
    pub compare: Vec<String>,
    /// Tier 1: pairs of compared properties that people write in each other's place, as first name and surname.
    pub exchange: Vec<[String; 2]>,
    /// Properties that show a part of another (a masked number of a whole one), as (part, whole): what fits is evidence, what does not is a
    /// contradiction.
    pub fits: Vec<[String; 2]>,
    /// Properties whose value contains the value of another, as (container, contained): a student number the citizen id.
    pub contains: Vec<[String; 2]>,
    /// Tier 1: the posterior probability from which two records are one; chosen from the data where the model does not say it.
    pub threshold: Option<f64>,
}

/// One part of a blocking key: a property in a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPart {
    /// The property.
    pub property: String,
    /// What of its value goes into the key.
    pub form: Form,
}

/// As the model file writes it: `name:pinyin`; the exact form has no suffix.
impl fmt::Display for KeyPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match self.form {
            Form::Exact => return out.write_str(&self.property),
            Form::Pinyin => "pinyin",
            Form::Surname => "surname",
            Form::Given => "given",
            Form::GivenPinyin => "given_pinyin",
            Form::Core => "core",
            Form::Initials => "initials",
            Form::Year => "year",
            Form::Month => "month",
            Form::Prefix(length) => return write!(out, "{}:prefix{length}", self.property),
            Form::Sound => "sound",
            Form::Words => "words",
            Form::Digits => "digits",
            Form::Tail(length) => return write!(out, "{}:tail{length}", self.property),
        };
        write!(out, "{}:{suffix}", self.property)
    }
}

/// What of a value goes into a blocking key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The cleaned value.
    Exact,
    /// The whole name in pinyin without tones.
    Pinyin,
    /// The surname.
    Surname,
    /// The given name.
    Given,
    /// The given name in pinyin without tones.
    GivenPinyin,
    /// The name of an organisation without legal form, brackets and places in front.
    Core,
    /// The initials of the pinyin.
    Initials,
    /// The year of a date.
    Year,
    /// Year and month of a date.
    Month,
    /// So many characters from the start.
    Prefix(usize),
    /// Soundex, for Latin names.
    Sound,
    /// The words in small letters, in any order and whatever stands between them.
    Words,
    /// The digits alone: of numbers that are written with separators.
    Digits,
    /// So many characters at the end, of the value or of what fits it.
    Tail(usize),
}

impl Form {
    fn parse(text: &str) -> Option<Form> {
        Some(match text {
            "exact" => Form::Exact,
            "pinyin" => Form::Pinyin,
            "surname" => Form::Surname,
            "given" => Form::Given,
            "given_pinyin" => Form::GivenPinyin,
            "core" => Form::Core,
            "initials" => Form::Initials,
            "year" => Form::Year,
            "month" => Form::Month,
            "sound" => Form::Sound,
            "words" => Form::Words,
            "digits" => Form::Digits,
            other => match other.strip_prefix("tail") {
                Some(length) => Form::Tail(length.parse().ok()?),
                None => Form::Prefix(other.strip_prefix("prefix")?.parse().ok()?),
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchFile {
    #[serde(default)]
    identify: Vec<Vec<String>>,
    #[serde(default)]
    unless: BTreeMap<String, String>,
    #[serde(default)]
    guard: Vec<String>,
    #[serde(default)]
    exclusive: Vec<String>,
    #[serde(default)]
    block: Vec<Vec<String>>,
    #[serde(default)]
    compare: Vec<String>,
    #[serde(default)]
    exchange: Vec<[String; 2]>,
    #[serde(default)]
    fits: BTreeMap<String, String>,
    #[serde(default)]
    contains: BTreeMap<String, String>,
    threshold: Option<f64>,
}

impl MatchFile {
    pub(crate) fn check(self, file: &str, properties: &[Property]) -> Result<Matching, Error> {
        let lists = self.identify.iter().flatten().chain(&self.guard).chain(&self.exclusive).chain(&self.compare);
        let pairs = self.fits.iter().chain(&self.contains).chain(&self.unless).flat_map(|(from, to)| [from, to]);
        for name in lists.chain(pairs) {
            known(file, name, properties)?;
        }
        if self.block.is_empty() != self.compare.is_empty() {
            let (stated, missing) = if self.block.is_empty() { ("compare", "block") } else { ("block", "compare") };
            let detail = format!(
                "`{stated}` does nothing without `{missing}`: pairs that share a key of `block` are compared by what `compare` names"
            );
            return Err(Error::Contradiction { file: file.to_owned(), detail });
        }
        if let Some(name) = self.exchange.iter().flatten().find(|name| !self.compare.contains(name)) {
            let detail = format!("`{name}` is exchanged with another but not compared");
            return Err(Error::Contradiction { file: file.to_owned(), detail });
        }
        if let Some(name) = self.unless.keys().find(|name| !self.identify.contains(&vec![(*name).clone()])) {
            let detail = format!("`{name}` identifies unless another contradicts, but `identify` does not name it alone");
            return Err(Error::Contradiction { file: file.to_owned(), detail });
        }
        if let Some(threshold) = self.threshold.filter(|threshold| !(0.5..1.0).contains(threshold)) {
            return Err(Error::Contradiction {
                file: file.to_owned(),
                detail: format!("threshold {threshold} is not a probability from 0.5 to 1"),
            });
        }
        let block =
            self.block.iter().map(|key| key.iter().map(|part| key_part(file, part, properties)).collect()).collect::<Result<_, _>>()?;
        let pairs = |map: BTreeMap<String, String>| map.into_iter().map(|(from, to)| [from, to]).collect();
        Ok(Matching {
            identify: self.identify,
            unless: pairs(self.unless),
            guard: self.guard,
            exclusive: self.exclusive,
            block,
            compare: self.compare,
            exchange: self.exchange,
            fits: pairs(self.fits),
            contains: pairs(self.contains),
            threshold: self.threshold,
        })
    }
}

fn key_part(file: &str, text: &str, properties: &[Property]) -> Result<KeyPart, Error> {
    let (property, form) = text.split_once(':').unwrap_or((text, "exact"));
    known(file, property, properties)?;
    let form = Form::parse(form).ok_or_else(|| Error::Unknown {
        file: file.to_owned(),
        what: "form",
        name: form.to_owned(),
        hint:
            "known are exact, pinyin, surname, given, given_pinyin, core, initials, year, month, sound, words, digits, prefix<N>, tail<N>"
                .to_owned(),
    })?;
    Ok(KeyPart { property: property.to_owned(), form })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_without_anything_to_compare_are_told_instead_of_resolving_nothing() {
        let checked = |text: &str| toml::from_str::<MatchFile>(text).unwrap().check("cat.toml", &[]);
        assert!(checked("").is_ok());
        assert!(checked("block = [[]]").unwrap_err().to_string().contains("without `compare`"));
    }

    #[test]
    fn a_form_is_shown_as_it_is_written() {
        for form in [
            "exact",
            "pinyin",
            "surname",
            "given",
            "given_pinyin",
            "core",
            "initials",
            "year",
            "month",
            "sound",
            "words",
            "digits",
            "prefix3",
            "tail4",
        ] {
            let part = KeyPart { property: "name".to_owned(), form: Form::parse(form).unwrap() };
            let shown = part.to_string();
            assert_eq!(shown.split_once(':').map_or("exact", |(_, form)| form), form);
        }
    }
}
