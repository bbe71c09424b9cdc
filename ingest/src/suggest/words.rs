//! The vocabulary of headings: which spellings mean which property of which entity type, and whom they may speak of. It is data
//! (`words.toml`, the model's labels, the headings of known departments); what a file's values look like is not asked here.

use crate::{Departments, recognise::fold};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use wuwei_schema::{Model, kind::name};

/// One thing that a heading may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The entity type.
    pub(super) entity: String,
    /// Its property.
    pub(super) property: String,
    /// Whom the heading speaks of; none where it does not say.
    pub(super) role: Option<String>,
    /// Which of several alike it is: 联系电话2.
    pub(super) number: String,
    /// How the heading says so.
    pub(super) how: How,
    /// In words, for whoever decides.
    pub(super) why: String,
    /// Whether the same letters can mean somebody else: CZR is 出租人 and 承租人.
    pub(super) is_unsure: bool,
}

/// How a heading says what it means, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// It is the property's own name.
    Label,
    /// Known departments call it so.
    Known,
    /// It is a word for it.
    Word,
    /// It is a word for it in English, or its item code in a standard.
    Latin,
    /// It is made of the first letters of its pinyin, or is its pinyin.
    Pinyin,
}

/// How the characters of a spelling are chosen; a subject and what follows it are written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Chinese,
    Latin,
    Initials,
    Syllables,
}

#[derive(Debug, Clone)]
struct Spelling {
    entity: String,
    property: String,
    script: Script,
    how: How,
    word: String,
    /// Whether it is one only behind a subject: 编码 may be that of anything.
    is_dependent: bool,
}

#[derive(Debug, Clone)]
struct Subject {
    spelling: String,
    script: Script,
    role: String,
    entity: String,
    word: String,
    names: bool,
}

/// All spellings.
#[derive(Debug, Clone)]
pub(super) struct Words {
    spellings: HashMap<String, Vec<Spelling>>,
    /// The longest first.
    subjects: Vec<Subject>,
    /// Of each heading of a known extract what it is mapped to, and in how many.
    known: HashMap<String, BTreeMap<(String, String), Vec<String>>>,
    labels: HashMap<(String, String), String>,
    /// The entity type that is meant where a file speaks of nothing nearer.
    pub(super) general: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordsFile {
    same: Vec<Vec<String>>,
    general: String,
    subject: Vec<SubjectFile>,
    property: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectFile {
    role: String,
    entity: String,
    words: Vec<String>,
    #[serde(default)]
    short: Vec<String>,
    #[serde(default = "yes")]
    names: bool,
}

fn yes() -> bool {
    true
}

impl Words {
    /// What the program carries, as far as the model has it, with the model's labels and what departments are known.
    ///
    /// # Errors
    /// The sentence of the parser: the file carried is broken.
    pub(super) fn of(model: &Model, departments: &Departments) -> Result<Words, String> {
        let file: WordsFile = toml::from_str(include_str!("words.toml")).map_err(|error| error.message().to_owned())?;
        let (spellings, known, labels) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut words = Words { spellings, subjects: Vec::new(), known, labels, general: file.general };
        for (entity, property) in
            model.entities.values().flat_map(|entity| entity.properties.iter().map(move |property| (entity, property)))
        {
            words.labels.insert((entity.name.clone(), property.name.clone()), property.label.zh.clone());
            words.property(&entity.name, &property.name, &property.label.zh, How::Label, &file.same);
            let listed = file.property.get(&entity.name).and_then(|properties| properties.get(&property.name));
            for word in listed.into_iter().flatten() {
                words.property(&entity.name, &property.name, word, How::Word, &file.same);
            }
        }
        for subject in file.subject.into_iter().filter(|subject| model.entity(&subject.entity).is_some()) {
            words.subject(&subject);
        }
        words.subjects.sort_by_key(|subject| std::cmp::Reverse(subject.spelling.len()));
        words.learn(departments);
        Ok(words)
    }

    /// How people call the property.
    pub(super) fn label<'a>(&'a self, entity: &str, property: &'a str) -> &'a str {
        self.labels.get(&(entity.to_owned(), property.to_owned())).map_or(property, String::as_str)
    }

    /// All that a heading may mean, each once, in no order that counts.
    pub(super) fn meanings(&self, heading: &str) -> Vec<Meaning> {
        let folded = fold(heading);
        let plain = without_unit(&folded);
        let joined: String = plain.split('/').collect();
        let closed = joined.replace(['_', '-'], "");
        let (stem, number) = numbered(&closed);
        let mut all = self.of_known(&folded);
        for text in HashSet::from([folded.as_str(), plain, &joined, &closed, stem]) {
            let mut found: Vec<Meaning> = self.whole(text).chain(self.under_subject(text)).collect();
            if text == stem {
                found.iter_mut().for_each(|meaning| number.clone_into(&mut meaning.number));
            }
            all.extend(found);
        }
        // The same thing is said in the surest way; whom it is said of is told where the heading tells it.
        all.sort_by(|left, right| left.how.cmp(&right.how).then(left.why.len().cmp(&right.why.len())));
        let mut best: Vec<Meaning> = Vec::new();
        for meaning in all {
            let same = |known: &&mut Meaning| known.entity == meaning.entity && known.property == meaning.property;
            match best.iter_mut().find(same) {
                Some(known) if known.role.is_none() => {
                    (known.role, known.number, known.is_unsure) = (meaning.role, meaning.number, meaning.is_unsure);
                }
                Some(known) => known.is_unsure |= known.how == meaning.how && meaning.role.is_some() && known.role != meaning.role,
                None => best.push(meaning),
            }
        }
        best
    }

    fn of_known(&self, folded: &str) -> Vec<Meaning> {
        let known = self.known.get(folded).into_iter().flatten();
        known
            .map(|((entity, property), extracts)| {
                let label = self.label(entity, property);
                let first = extracts.first().map_or("", String::as_str);
                let why = format!("在已知的{}份数据（如 {first}）中，该列名是“{label}”", extracts.len());
                Meaning {
                    entity: entity.clone(),
                    property: property.clone(),
                    role: None,
                    number: String::new(),
                    how: How::Known,
                    why,
                    is_unsure: false,
                }
            })
            .collect()
    }

    /// The spelling of a property, with nobody before it.
    fn whole(&self, text: &str) -> impl Iterator<Item = Meaning> {
        let alone = self.spellings.get(text).into_iter().flatten().filter(|spelling| !spelling.is_dependent);
        alone.map(|spelling| {
            let label = self.label(&spelling.entity, &spelling.property);
            let why = match spelling.how {
                How::Label => format!("列名就是“{label}”"),
                How::Pinyin => format!("列名是“{}”的拼音{}", spelling.word, letters(spelling.script)),
                _ if spelling.word == label => format!("列名与“{label}”同义"),
                _ => format!("列名“{}”常指“{label}”", spelling.word),
            };
            let (entity, property) = (spelling.entity.clone(), spelling.property.clone());
            Meaning { entity, property, role: None, number: String::new(), how: spelling.how, why, is_unsure: false }
        })
    }

    /// Somebody, and what is said of him; somebody alone is named.
    fn under_subject(&self, text: &str) -> Vec<Meaning> {
        let mut all = Vec::new();
        for subject in &self.subjects {
            let Some(rest) = text.strip_prefix(subject.spelling.as_str()) else { continue };
            let rest = rest.strip_prefix(['的', '_', '-']).unwrap_or(rest);
            let (role, number) = (Some(subject.role.clone()), String::new());
            if rest.is_empty() && subject.names {
                let how = if subject.script == Script::Chinese { How::Word } else { How::Pinyin };
                let why = format!("列名{}“{}”", if how == How::Word { "是" } else { "是拼音首字母，指" }, subject.word);
                let (entity, property) = (subject.entity.clone(), "name".to_owned());
                all.push(Meaning { entity, property, role: role.clone(), number: number.clone(), how, why, is_unsure: false });
            }
            for spelling in self.spellings.get(rest).into_iter().flatten() {
                let is_alike = spelling.script == subject.script || subject.spelling.len() == 1 && spelling.script != Script::Chinese;
                if spelling.entity != subject.entity || !is_alike {
                    continue;
                }
                let label = self.label(&spelling.entity, &spelling.property);
                let why = match spelling.how {
                    How::Pinyin => format!("列名是“{}{}”的拼音{}", subject.word, spelling.word, letters(spelling.script)),
                    _ => format!("列名由“{}”和“{label}”组成", subject.word),
                };
                let (entity, property) = (spelling.entity.clone(), spelling.property.clone());
                all.push(Meaning {
                    entity,
                    property,
                    role: role.clone(),
                    number: number.clone(),
                    how: spelling.how.max(How::Word),
                    why,
                    is_unsure: false,
                });
            }
        }
        all
    }

    fn property(&mut self, entity: &str, property: &str, word: &str, how: How, same: &[Vec<String>]) {
        let (is_dependent, word) = word.strip_prefix('+').map_or((false, word), |word| (true, word));
        for (at, variant) in variants(word, same).into_iter().enumerate() {
            let how = match how {
                _ if variant.is_ascii() => How::Latin,
                How::Label if at > 0 => How::Word,
                how => how,
            };
            for (spelling, script) in spellings(&variant) {
                let how = if matches!(script, Script::Initials | Script::Syllables) { How::Pinyin } else { how };
                let all = self.spellings.entry(spelling).or_default();
                let is_known = |known: &Spelling| known.entity == entity && known.property == property && known.script == script;
                if !all.iter().any(is_known) {
                    let (entity, property) = (entity.to_owned(), property.to_owned());
                    all.push(Spelling { entity, property, script, how, word: variant.clone(), is_dependent });
                }
            }
        }
    }

    fn subject(&mut self, subject: &SubjectFile) {
        for word in subject.words.iter().chain(&subject.short) {
            let is_short = subject.short.contains(word);
            for (spelling, script) in spellings(word) {
                let (role, entity, word) = (subject.role.clone(), subject.entity.clone(), word.clone());
                self.subjects.push(Subject { spelling, script, role, entity, word, names: subject.names && !is_short });
            }
        }
    }

    fn learn(&mut self, departments: &Departments) {
        for (_, extract) in departments.extracts() {
            for role in &extract.roles {
                for (property, source) in role.properties.iter().filter(|(_, source)| source.columns.len() == 1) {
                    let meant = (role.entity.clone(), property.clone());
                    let extracts = self.known.entry(fold(&source.columns[0])).or_default().entry(meant).or_default();
                    if extracts.last() != Some(&extract.name) {
                        extracts.push(extract.name.clone());
                    }
                }
            }
        }
    }
}

fn letters(script: Script) -> &'static str {
    if script == Script::Initials { "首字母" } else { "" }
}

/// The word with each of its parts replaced by what stands for it; itself first.
fn variants(word: &str, same: &[Vec<String>]) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    for group in same {
        for known in all.clone() {
            let Some(part) = group.iter().filter(|part| known.contains(part.as_str())).max_by_key(|part| part.len()) else { continue };
            all.extend(group.iter().map(|other| known.replacen(part.as_str(), other, 1)));
        }
    }
    let mut seen = HashSet::new();
    all.retain(|variant| seen.insert(variant.clone()));
    all
}

/// A word as headings spell it.
fn spellings(word: &str) -> Vec<(String, Script)> {
    if word.is_ascii() {
        return vec![(fold(word).replace(['_', '-'], ""), Script::Latin)];
    }
    let syllables = name::reading(word);
    let initials: String = syllables.split(' ').filter_map(|syllable| syllable.chars().next()).collect();
    let mut all = vec![(fold(word), Script::Chinese), (syllables.replace(' ', "").to_uppercase(), Script::Syllables)];
    if initials.len() > 1 {
        all.push((initials.to_uppercase(), Script::Initials));
    }
    all
}

/// The heading without a unit in brackets at its end.
fn without_unit(heading: &str) -> &str {
    heading.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).map_or(heading, |(before, _)| before)
}

/// A heading of several alike, and its number: 联系电话2.
fn numbered(heading: &str) -> (&str, &str) {
    let stem = heading.trim_end_matches(|character: char| character.is_ascii_digit());
    let (stem, number) = heading.split_at(stem.len());
    if number.len() == 1 && !stem.is_empty() { (stem.trim_end_matches('_'), number) } else { (heading, "") }
}
