//! What signs are made of, column by column, as matching names it.

use crate::{
    block::half,
    change::ties,
    column::{hash, low, mix},
    key::part,
    model::MatchModel,
    resolve::names,
};
use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError},
};
use wuwei_schema::{EntityType, Form, Kind, Matching, kind::citizen_id};

/// Columns by their places among the names.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) names: Vec<String>,
    pub(super) ties: Vec<Vec<usize>>,
    pub(super) keys: Vec<Vec<Part>>,
    contains: Vec<(usize, usize)>,
    /// The columns one of which verifies a record, or else all of which do.
    exclusive: Vec<usize>,
    first: Vec<usize>,
    /// Of each column the values that too many carry, in order.
    muted: Vec<&'a [String]>,
}

/// One part of a key.
#[derive(Debug)]
pub(super) struct Part {
    column: usize,
    form: Form,
    /// What shows the same part of the value, where a row does not have it whole.
    otherwise: Option<usize>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(entity: &EntityType, matching: &Matching, model: &'a MatchModel) -> Plan<'a> {
        let names: Vec<String> = names(matching).into_iter().map(str::to_owned).collect();
        let place = |name: &str| names.iter().position(|known| known == name);
        let pair = |[one, other]: &[String; 2]| Some((place(one)?, place(other)?));
        let part = |part: &wuwei_schema::KeyPart| {
            let fitting = matching.fits.iter().find(|[_, whole]| *whole == part.property && matches!(part.form, Form::Tail(_)));
            Some(Part { column: place(&part.property)?, form: part.form, otherwise: fitting.and_then(|[shown, _]| place(shown)) })
        };
        let places = |names: &[String]| names.iter().filter_map(|name| place(name)).collect::<Vec<usize>>();
        let is_muted = |name: &String| {
            let kind = entity.property(name).map(|property| &property.kind);
            kind == Some(&Kind::Phone) && !matching.exclusive.contains(name)
        };
        Plan {
            ties: ties(place, matching),
            keys: matching.block.iter().map(|key| key.iter().filter_map(part).collect()).collect(),
            contains: matching.contains.iter().filter_map(pair).collect(),
            exclusive: places(&matching.exclusive),
            first: places(matching.identify.first().map(Vec::as_slice).unwrap_or_default()),
            muted: names.iter().map(|name| if is_muted(name) { model.muted(name) } else { &[] }).collect(),
            names,
        }
    }

    /// Where a cell says nothing and another contains its value, it says that value.
    pub(super) fn contain(&self, cells: &mut [Cow<'_, str>]) {
        for &(container, inner) in &self.contains {
            if cells[inner].is_empty()
                && let Some(inside) = cells[container].get(1..).filter(|id| citizen_id::birth_date(id).is_some())
            {
                cells[inner] = Cow::Owned(inside.to_owned());
            }
        }
    }

    /// Of each cell its hash, which is 0 only where it says nothing.
    pub(super) fn hash(&self, cells: &[Cow<'_, str>], hashes: &mut Vec<u64>) {
        hashes.clear();
        hashes.extend(cells.iter().map(|cell| if cell.is_empty() { 0 } else { hash(cell) | 1 }));
    }

    pub(super) fn ties_of<'h>(&'h self, hashes: &'h [u64]) -> impl Iterator<Item = u32> + 'h {
        let said = hashes.iter().fold(1, |said, &hash| mix(said, hash));
        let tie = |columns: &Vec<usize>| {
            let all = columns.iter().try_fold(1, |tie, &column| (hashes[column] != 0).then(|| mix(tie, hashes[column])));
            all.map_or(0, |tie| low(tie).max(1))
        };
        std::iter::once(low(said).max(1)).chain(self.ties.iter().map(tie))
    }

    /// Tells of each key half of its hash.
    pub(super) fn keys_of(&self, cells: &[Cow<'_, str>], hashes: &[u64], forms: &mut Forms<'_>, mut each: impl FnMut(usize, u32)) {
        let mut form = |column: usize, form: Form| match hashes[column] {
            0 => 0,
            hash if form == Form::Exact => hash,
            hash => forms.of(&cells[column], hash, form),
        };
        let is_muted = |column: usize| {
            let muted = self.muted[column];
            !muted.is_empty() && muted.binary_search_by(|known| known.as_str().cmp(&cells[column])).is_ok()
        };
        for (at, key) in self.keys.iter().enumerate() {
            let mut made = 1;
            for part in key {
                let whole = if is_muted(part.column) { 0 } else { form(part.column, part.form) };
                let found = match part.otherwise {
                    Some(shown) if whole == 0 => form(shown, part.form),
                    _ => whole,
                };
                if found == 0 {
                    made = 0;
                    break;
                }
                made = mix(made, found);
            }
            each(at, half(if made == 0 { 0 } else { made | 1 }));
        }
    }

    pub(super) fn is_verified(&self, hashes: &[u64]) -> bool {
        let is_stated = |column: &usize| hashes[*column] != 0;
        match self.exclusive.as_slice() {
            [] => !self.first.is_empty() && self.first.iter().all(is_stated),
            exclusive => exclusive.iter().any(is_stated),
        }
    }
}

/// What was made of values lately: sounding out a name takes longer than to look whether it is the one that was.
#[derive(Debug)]
pub(super) struct Forms<'a> {
    made: Made,
    /// Those of threads that have ended, for the next ones.
    before: &'a Mutex<Vec<Made>>,
}

/// What was made of values, by value and form.
pub(super) type Made = Vec<(Form, String, u64)>;

/// Values that are remembered.
const REMEMBERED: usize = 1 << 16;

impl<'a> Forms<'a> {
    pub(super) fn of_before(before: &'a Mutex<Vec<Made>>) -> Forms<'a> {
        let made = before.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Forms { made: made.unwrap_or_default(), before }
    }

    fn of(&mut self, value: &str, hash: u64, form: Form) -> u64 {
        if !matches!(form, Form::Pinyin | Form::GivenPinyin | Form::Core | Form::Initials | Form::Sound | Form::Words) {
            return part(value, form);
        }
        if self.made.is_empty() {
            self.made = vec![(Form::Exact, String::new(), 0); REMEMBERED];
        }
        let which = usize::from(form == Form::GivenPinyin);
        let slot = &mut self.made[(low(hash >> 20) as usize ^ which) % REMEMBERED];
        if slot.0 != form || slot.1 != value {
            slot.0 = form;
            slot.1.clear();
            slot.1.push_str(value);
            slot.2 = part(value, form);
        }
        slot.2
    }
}

impl Drop for Forms<'_> {
    fn drop(&mut self) {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).push(std::mem::take(&mut self.made));
    }
}
