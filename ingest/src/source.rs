//! One value of a row: from the cells that a [`Source`] names to its canonical form. The way back, from a canonical value to the cells
//! that a department would write, is in `source/invert.rs`. Rows, roles and refusals are elsewhere.

mod column;
mod condition;
mod datum;
mod invert;
mod layout;
mod list;
mod memo;
mod unit;

pub(crate) use column::Judged;
pub(crate) use condition::{Condition, Shape};
pub use datum::Datum;
pub(crate) use datum::Position;
pub(crate) use layout::Layout;
pub(crate) use unit::names as unit_names;

use crate::{Of, Source, block::Cells};
use memo::Memo;
use std::{borrow::Cow, cell::Cell};
pub(crate) use wuwei_schema::kind::said as tidy;
use wuwei_schema::{Codes, Fault, Kind, kind::date::says_none};

/// A source made ready for many rows: headings found, formats parsed, what is costly remembered.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    source: &'a Source,
    kind: Kind,
    codes: &'a Codes,
    columns: Vec<usize>,
    when: Option<Condition<'a>>,
    layouts: Vec<Layout>,
    /// What texts of a code or a date mean, of which many rows have the same: finding out takes lists and crosswalks.
    memo: Option<Memo>,
    /// Whether a spreadsheet took the last digits of an id of this column.
    has_lost_digits: Cell<bool>,
}

/// The rule of a number whose last digits a spreadsheet took.
const LOST: &str = "excel_precision_lost";

impl<'a> Plan<'a> {
    pub(crate) fn new(source: &'a Source, kind: &Kind, columns: &[String], codes: &'a Codes) -> Plan<'a> {
        Plan {
            source,
            kind: kind.clone(),
            codes,
            columns: source.columns.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect(),
            when: source.when.as_ref().and_then(|when| Condition::new(when, columns)),
            layouts: source.dates.iter().filter_map(|format| Layout::parse(format)).collect(),
            memo: (source.codes.is_some() || matches!(kind, Kind::Code(_) | Kind::Date)).then(Memo::new),
            has_lost_digits: Cell::new(false),
        }
    }

    /// Whether it is the same in every row.
    pub(crate) fn is_constant(&self) -> bool {
        self.source.constant.is_some()
    }

    /// Whether a wrong value refuses the row.
    pub(crate) fn identifies(&self) -> bool {
        self.kind.is_identifier()
    }

    /// The heading that a fault is reported under.
    pub(crate) fn column(&self) -> Option<&'a str> {
        self.source.columns.first().map(String::as_str)
    }

    /// Whether a cell beside a list of so many is said of the member at this place.
    pub(crate) fn is_said_of(&self, position: usize, length: usize) -> bool {
        match self.source.of {
            Of::Each => true,
            Of::First => position == 0,
            Of::Sole => length == 1,
        }
    }

    /// Whether its cells are lists.
    pub(crate) fn is_list(&self) -> bool {
        self.source.list.is_some()
    }

    /// What a cell lists; the whole cell where it is no list.
    pub(crate) fn pieces<'t>(&self, text: &'t str) -> Vec<&'t str> {
        match &self.source.list {
            Some(_) if text.trim().is_empty() => Vec::new(),
            Some(separator) => list::pieces(text, separator, &self.kind),
            None => vec![text],
        }
    }

    /// The cell, or what its cells make together; empty where the row's condition does not hold.
    pub(crate) fn text<'r>(&self, cells: Cells<'r>) -> Cow<'r, str>
    where
        'a: 'r,
    {
        if let Some(constant) = &self.source.constant {
            return Cow::Borrowed(constant);
        }
        if self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return Cow::Borrowed("");
        }
        match self.columns.as_slice() {
            [column] => Cow::Borrowed(cells.get(*column)),
            columns => Cow::Owned(self.join(columns.iter().map(|column| cells.get(*column)))),
        }
    }

    fn join<'c>(&self, cells: impl Iterator<Item = &'c str>) -> String {
        let mut joined = String::new();
        for piece in cells.map(tidy).filter(|piece| !piece.is_empty()) {
            if !joined.is_empty() {
                joined.push_str(&self.source.join_with);
            }
            joined.push_str(&piece);
        }
        joined
    }

    /// The canonical value of a text, or of one piece of a list; empty when nothing is known.
    pub(crate) fn read<'t>(&'t mut self, text: &'t str) -> Result<Cow<'t, str>, Fault> {
        if text.is_empty() {
            return Ok(Cow::Borrowed(""));
        }
        self.memo.take_if(|memo| memo.is_idle());
        let Some(memo) = &mut self.memo else {
            let value = self.interpret(text);
            return if self.kind == Kind::CitizenId { self.believe(value) } else { value };
        };
        let place = Memo::place(text);
        if !memo.has(place, text) {
            let value = self.interpret(text).map(Cow::into_owned);
            if let Some(memo) = &mut self.memo {
                memo.put(place, text, value);
            }
        }
        self.memo.as_ref().map_or(Ok(""), |memo| memo.get(place)).map(Cow::Borrowed)
    }

    /// A spreadsheet that took the last three digits of one number took those of others: one in eleven of these holds by its check all the
    /// same, and is another person's.
    fn believe<'t>(&self, id: Result<Cow<'t, str>, Fault>) -> Result<Cow<'t, str>, Fault> {
        match &id {
            Err(fault) if fault.rule == LOST => self.has_lost_digits.set(true),
            Ok(id) if self.has_lost_digits.get() && id.ends_with("000") => {
                return Err(fault(LOST, "该列其他号码的末三位已被电子表格改为000，此号码也不可信，请从原系统以文本格式重新导出"));
            }
            _ => {}
        }
        id
    }

    /// Split, inside, map, codes, dates, and the kind's own cleaning.
    fn interpret<'t>(&'t self, text: &'t str) -> Result<Cow<'t, str>, Fault> {
        // 长期 in place of a period has no pieces.
        let is_open = self.kind == Kind::Date && says_none(&tidy(text));
        let piece = match &self.source.split {
            _ if is_open => return Ok(Cow::Borrowed("")),
            Some((separator, take)) => {
                text.split(separator.as_str()).nth(take - 1).ok_or_else(|| fault("split_missing", "缺少约定的分段"))?
            }
            None => text,
        };
        let word = match &self.source.inside {
            Some(before) => Cow::Owned(contained(piece, before)?),
            None => Cow::Borrowed(self.meaning(piece)?),
        };
        match (&self.source.codes, &self.kind, word) {
            (Some(list), kind, word) => self.recode(&word, list, kind).map(Cow::Borrowed),
            (None, Kind::Date, word) => self.day(&word).map(Cow::Owned),
            (None, Kind::Number, word) => match &self.source.unit {
                Some(unit) => self.clean(Cow::Owned(unit::in_unit(&word, unit).into_owned())),
                None => self.clean(word),
            },
            (None, _, word) => self.clean(word),
        }
    }

    fn clean<'t>(&'t self, word: Cow<'t, str>) -> Result<Cow<'t, str>, Fault> {
        match word {
            Cow::Borrowed(word) => self.kind.clean(word, self.codes),
            Cow::Owned(word) => Ok(Cow::Owned(self.kind.clean(&word, self.codes)?.into_owned())),
        }
    }

    fn meaning<'t>(&'t self, text: &'t str) -> Result<&'t str, Fault> {
        if self.source.map.is_empty() {
            return Ok(text);
        }
        let word = tidy(text);
        let known = self.source.map.iter().find(|(known, _)| *known == word);
        match known {
            Some((_, meaning)) => Ok(meaning.as_str()),
            None if word.is_empty() => Ok(""),
            None => Err(fault("word_unknown", "取值不在该列约定的取值之中")),
        }
    }

    /// A code of the list that the file uses as a code of the property's own list, or as its name where the property is a text.
    fn recode(&self, word: &str, list: &str, kind: &Kind) -> Result<&'a str, Fault> {
        let code = Kind::Code(list.to_owned()).clean(word, self.codes)?.into_owned();
        if code.is_empty() {
            return Ok("");
        }
        let value = match kind {
            Kind::Code(own) => self.codes.crosswalk(list, own, &code),
            _ => self.codes.list(list).and_then(|list| list.name_of(&code)),
        };
        value.ok_or_else(|| fault("code_no_equal", "该代码在现行代码表中没有对应代码"))
    }

    fn day(&self, word: &str) -> Result<String, Fault> {
        let text = tidy(word);
        if text.is_empty() || says_none(&text) {
            return Ok(String::new());
        }
        if self.layouts.is_empty() {
            return Kind::Date.clean(&text, self.codes).map(Cow::into_owned);
        }
        let declared = self.layouts.iter().find_map(|layout| layout.read(&text));
        // A moment's day depends on its zone: what the format does not read is no day.
        let is_day = !self.layouts.iter().any(|layout| matches!(layout, Layout::Moment(_)));
        let day = declared.or_else(|| layout::read_iso(&text).filter(|_| is_day));
        // 1 of a column of serial numbers is the first day of the calendar, which stands for none.
        let day = day.map(|day| if says_none(&day) { String::new() } else { day });
        day.ok_or_else(|| fault("date_format", "日期不存在或不是该列约定的格式，请按约定的格式填写；若为农历请换算成公历"))
    }
}

impl Source {
    /// The kind of a relation's qualifier that comes from here: a code where the mapping names the list, else a text.
    pub fn qualifier_kind(&self) -> Kind {
        self.codes.clone().map_or(Kind::Text, Kind::Code)
    }
}

/// What stands in the cell behind `before`.
fn contained(piece: &str, before: &str) -> Result<String, Fault> {
    let text = tidy(piece);
    match text.split_at_checked(before.len()) {
        _ if text.is_empty() => Ok(String::new()),
        Some((found, rest)) if found.eq_ignore_ascii_case(before) => Ok(rest.to_owned()),
        _ => Err(fault("prefix_missing", "缺少约定的前缀")),
    }
}

fn fault(rule: &'static str, reason: &str) -> Fault {
    Fault { rule, reason: reason.to_owned(), proposal: None }
}
