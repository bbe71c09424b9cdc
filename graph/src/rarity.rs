//! How rare a value is: how many carry it, or what it shares with values that agree with it nearly. What rarity is worth is weighed elsewhere.

use crate::{
    column::{Column, NONE, narrow},
    frequency::{Carried, Frequency},
    key::forms,
};
use hashbrown::HashMap;
use wuwei_schema::{
    Form, Kind,
    kind::{name, organization_name},
};

/// How many carry each value, where the rarity of a value counts.
#[derive(Debug)]
pub(crate) struct Rarity<'a> {
    pub(crate) column: &'a Column,
    pub(crate) carriers: Vec<u32>,
    /// How many carry any, and the share of so many of them, from 0, in bits.
    stated: f64,
    shares: Vec<f64>,
    /// What near values share: which sound, or core, each value has, and how many carry each.
    sounds: Vec<u32>,
    sounding: Vec<u32>,
}

impl<'a> Rarity<'a> {
    pub(crate) fn new(column: &'a Column, carriers: Vec<u32>) -> Option<Rarity<'a>> {
        let stated = carriers.iter().map(|&count| f64::from(count)).sum();
        let mut rarity = Rarity::of(column, carriers, stated)?;
        for (&sound, &count) in rarity.sounds.iter().zip(&rarity.carriers) {
            rarity.sounding[sound as usize] += count;
        }
        Some(rarity)
    }

    /// By what was counted elsewhere. What is not in the counts is carried by one or two, or by nobody yet, which weighs the same.
    pub(crate) fn counted(column: &'a Column, frequency: &Frequency) -> Option<Rarity<'a>> {
        let values: Vec<&str> = (0u32..).take(column.values.len()).map(|id| column.values.get(id)).collect();
        let mut carriers = frequency.values.of_values(&values);
        carriers[NONE as usize] = 0;
        let mut rarity = Rarity::of(column, carriers, frequency.stated)?;
        let mut sounds: Vec<String> = Vec::new();
        for (text, &sound) in values.iter().zip(&rarity.sounds) {
            // Sounds are numbered in the order in which values first have them.
            if sound as usize == sounds.len() {
                sounds.push(shared(&column.kind, text));
            }
        }
        rarity.sounding = frequency.sounds.of_values(&sounds);
        Some(rarity)
    }

    /// Nothing is counted of sounds yet.
    fn of(column: &'a Column, carriers: Vec<u32>, stated: f64) -> Option<Rarity<'a>> {
        if matches!(column.kind, Kind::Code(_) | Kind::Number) {
            return None;
        }
        let shares = (0..SHARES).map(|carriers| share(carriers, stated)).collect();
        let mut known: HashMap<u64, u32> = HashMap::new();
        let mut sounds = Vec::new();
        if let Some((form, _)) = shared_form(&column.kind) {
            for form in forms(column, form) {
                let next = narrow(known.len());
                sounds.push(*known.entry(form).or_insert(next));
            }
        }
        Some(Rarity { column, carriers, stated, shares, sounds, sounding: vec![0; known.len()] })
    }

    /// What is to be kept of it, so that [`Rarity::counted`] weighs to the last bit as this does.
    pub(crate) fn frequency(&self) -> Frequency {
        let text = |id: usize| self.column.values.get(narrow(id));
        let values = self.carriers.iter().enumerate().map(|(id, &count)| (text(id), count));
        let mut first = vec![usize::MAX; self.sounding.len()];
        for (id, &sound) in self.sounds.iter().enumerate() {
            first[sound as usize] = first[sound as usize].min(id);
        }
        let sounds = first.into_iter().zip(&self.sounding).map(|(id, &count)| (shared(&self.column.kind, text(id)), count));
        Frequency { stated: self.stated, values: Carried::of(values), sounds: Carried::of(sounds) }
    }

    pub(crate) fn share(&self, carriers: u32) -> f64 {
        self.shares.get(carriers as usize).copied().unwrap_or_else(|| share(carriers, self.stated))
    }

    /// The sound, or core, that two names share: how many carry it.
    pub(crate) fn sound(&self, left: u32, right: u32) -> Option<u32> {
        let sound = self.sounds.get(left as usize)?;
        (self.sounds.get(right as usize) == Some(sound)).then(|| self.sounding[*sound as usize])
    }
}

/// What values that agree nearly have in common, whose rarity counts then instead of theirs, and the levels at which they do: names the sound, those
/// of organisations what is left of them without places and legal form.
fn shared_form(kind: &Kind) -> Option<(Form, std::ops::RangeInclusive<u8>)> {
    match kind {
        Kind::Name => Some((Form::Pinyin, name::SOUND..=name::SOUND)),
        Kind::OrganizationName => Some((Form::Core, organization_name::CORE..=organization_name::CORE + 1)),
        _ => None,
    }
}

pub(crate) fn is_shared_at(kind: &Kind, level: u8) -> bool {
    shared_form(kind).is_some_and(|(_, levels)| levels.contains(&level))
}

/// The text that [`shared_form`] hashes.
fn shared(kind: &Kind, text: &str) -> String {
    if *kind == Kind::OrganizationName { organization_name::core(text) } else { name::pinyin(text) }
}

/// Counts of carriers whose share is kept.
const SHARES: u32 = 1 << 12;

/// The share, in bits, of others that carry a value which is carried by so many. Of a value that one carries, or nobody yet, it is that of two:
/// so counts below [`crate::frequency::FEWEST`] need not be kept.
fn share(carriers: u32, stated: f64) -> f64 {
    (f64::from(carriers.max(2) - 1) / (stated - 1.0).max(1.0)).log2()
}
