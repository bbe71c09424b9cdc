//! What of a record goes into a blocking key. Every function here is one of its arguments alone.

use crate::{
    column::{Column, Table, hash, mix, narrow},
    parallel::{available, parallel},
};
use std::{ops::Range, sync::Arc};
use wuwei_schema::{Form, KeyPart, Matching, kind};

/// One part of a key: the hash of what each value gives to it.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    column: &'a Column,
    forms: Arc<[u64]>,
    /// What shows the same part of the value, where a row does not have it whole.
    otherwise: Option<(&'a Column, Arc<[u64]>)>,
}

impl<'a> Part<'a> {
    fn new(table: &'a Table, matching: &Matching, part: &KeyPart) -> Option<Part<'a>> {
        let column = |name: &str| table.position(name).map(|at| &table.columns[at]);
        let fitting = matching.fits.iter().find(|[_, whole]| *whole == part.property && matches!(part.form, Form::Tail(_)));
        let otherwise = fitting.and_then(|[shown, _]| column(shown)).map(|column| (column, forms(column, part.form).into()));
        let column = column(&part.property)?;
        Some(Part { column, forms: forms(column, part.form).into(), otherwise })
    }

    /// The same part of the rows of another table of the same dictionaries.
    fn over<'b>(&self, table: &'b Table) -> Option<Part<'b>> {
        let same = |column: &Column, forms: &Arc<[u64]>| Some((&table.columns[table.position(&column.name)?], Arc::clone(forms)));
        let (column, forms) = same(self.column, &self.forms)?;
        Some(Part { column, forms, otherwise: self.otherwise.as_ref().and_then(|(column, forms)| same(column, forms)) })
    }

    fn of(&self, row: u32) -> u64 {
        let whole = self.forms[self.column.ids[row as usize] as usize];
        let shown = || self.otherwise.as_ref().map_or(0, |(column, forms)| forms[column.ids[row as usize] as usize]);
        if whole == 0 { shown() } else { whole }
    }
}

/// What a blocking key is made of.
pub(crate) fn parts<'a>(table: &'a Table, matching: &Matching, key: &[KeyPart]) -> Vec<Part<'a>> {
    key.iter().filter_map(|part| Part::new(table, matching, part)).collect()
}

/// What the same key is made of in another table of the same dictionaries.
pub(crate) fn parts_over<'b>(parts: &[Part<'_>], table: &'b Table) -> Vec<Part<'b>> {
    parts.iter().filter_map(|part| part.over(table)).collect()
}

/// A blocking key as people read it: `name:pinyin+birth_date`.
pub(crate) fn name(key: &[KeyPart]) -> String {
    key.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}

/// The key of a row, 0 where a part is missing.
pub(crate) fn key_of(parts: &[Part<'_>], row: u32) -> u64 {
    let mut key = 1;
    for part in parts {
        match part.of(row) {
            0 => return 0,
            form => key = mix(key, form),
        }
    }
    key | 1
}

/// Rows that are looked up together.
const TOGETHER: u32 = 1 << 12;

/// The keys of some rows, as [`key_of`] has them, but part by part: what a value gives lies far apart in memory, and so no look waits for another.
pub(crate) fn keys(parts: &[Part<'_>], rows: Range<u32>) -> impl Iterator<Item = u64> {
    let end = rows.end;
    let some = move |from: u32| {
        let rows = from..end.min(from.saturating_add(TOGETHER));
        let mut keys = vec![1; rows.len()];
        for part in parts {
            for (key, row) in keys.iter_mut().zip(rows.clone()) {
                let form = part.of(row);
                *key = if *key == 0 || form == 0 { 0 } else { mix(*key, form) };
            }
        }
        keys.into_iter().map(|key: u64| if key == 0 { 0 } else { key | 1 })
    };
    rows.step_by(TOGETHER as usize).flat_map(some)
}

/// Values that one thread takes at once.
const VALUES: usize = 1 << 14;

/// What of each distinct value goes into a key, hashed; 0 for nothing.
pub(crate) fn forms(column: &Column, form: Form) -> Vec<u64> {
    let values = column.values.len();
    let some = |(): &mut (), at: usize| -> Vec<u64> {
        let ids = narrow(at * VALUES)..narrow(values.min((at + 1) * VALUES));
        ids.map(|id| part(column.values.get(id), form)).collect()
    };
    parallel(available(), values.div_ceil(VALUES), || (), some).concat()
}

pub(crate) fn part(value: &str, form: Form) -> u64 {
    let nonzero = |text: &str| if text.is_empty() { 0 } else { hash(text) | 1 };
    match form {
        Form::Exact => nonzero(value),
        Form::Pinyin => nonzero(&kind::name::pinyin(value)),
        Form::Surname => nonzero(kind::name::surname(value)),
        Form::Given => nonzero(kind::name::given(value)),
        Form::GivenPinyin => nonzero(&given_pinyin(value)),
        Form::Core => nonzero(&kind::organization_name::core(value)),
        Form::Initials => nonzero(&kind::name::initials(value)),
        Form::Year => nonzero(value.get(..4).unwrap_or_default()),
        Form::Month => nonzero(value.get(..7).unwrap_or_default()),
        Form::Prefix(length) => nonzero(&value[..place_of(value, length)]),
        Form::Sound => nonzero(&kind::name::sound(value)),
        Form::Words => nonzero(&kind::words(value)),
        Form::Digits => nonzero(&value.chars().filter(char::is_ascii_digit).collect::<String>()),
        Form::Tail(length) => nonzero(tail(value, length)),
    }
}

/// The last characters; nothing where one of them is covered.
fn tail(value: &str, length: usize) -> &str {
    let tail = &value[place_of(value, value.chars().count().saturating_sub(length))..];
    if tail.contains('*') { "" } else { tail }
}

/// Where a character begins, or the end of the text where there are not so many.
fn place_of(value: &str, character: usize) -> usize {
    value.char_indices().nth(character).map_or(value.len(), |(place, _)| place)
}

/// The pinyin after the surname's: 单 in a given name is dan, before it shan.
fn given_pinyin(value: &str) -> String {
    let (whole, surname) = (kind::name::pinyin(value), kind::name::pinyin(kind::name::surname(value)));
    match whole.strip_prefix(&surname) {
        Some(given) => given.trim_start().to_owned(),
        None => kind::name::pinyin(kind::name::given(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    #[test]
    fn the_keys_of_some_rows_are_those_of_each() {
        let names: Vec<String> =
            (0..5_000_u32).map(|at| if at.is_multiple_of(3) { String::new() } else { format!("王{}", at % 97) }).collect();
        let cells = |at: usize| vec![("name", names[at].as_str()), ("birth_date", if at.is_multiple_of(5) { "" } else { "1989-02-01" })];
        let rows: Vec<(i64, Vec<(&str, &str)>)> = (1..).zip((0..names.len()).map(cells)).collect();
        let rows: Vec<(i64, &[(&str, &str)])> = rows.iter().map(|(id, cells)| (*id, cells.as_slice())).collect();
        let table = Table::read(&person(), &["name", "birth_date"], std::iter::once(Ok(records(&rows)))).unwrap();
        let part = |property: &str, form| KeyPart { property: property.to_owned(), form };
        let made_of = parts(&table, &person().matching.unwrap(), &[part("name", Form::Exact), part("birth_date", Form::Month)]);
        let each: Vec<u64> = (10..5_000).map(|row| key_of(&made_of, row)).collect();
        assert!(each.contains(&0) && each.iter().any(|key| *key != 0));
        assert_eq!(keys(&made_of, 10..5_000).collect::<Vec<_>>(), each);
    }

    #[test]
    fn a_surname_in_a_given_name_is_read_as_what_it_is() {
        assert_eq!(given_pinyin("单小明"), "xiao ming");
        assert_eq!(given_pinyin("王单"), "dan");
        assert_eq!(given_pinyin("JOHN SMITH"), "john");
    }
}
