//! How values go wrong on their way into a file: by the kind of the value and by the origin of the record. The truth is not touched.

mod contact;
mod id;
mod name;

use crate::{calendar::Day, material::Errors, random::Random, say::Thing, world::World};
use std::cell::Cell as Slot;
use wuwei_schema::Kind;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    /// A number where the file has number cells; its text elsewhere.
    Number(f64),
}

impl Cell {
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Cell::Text(text) if text.is_empty())
    }

    /// The text; of a long number, what a spreadsheet shows and saves of it.
    pub(crate) fn into_text(self) -> String {
        match self {
            Cell::Text(text) => text,
            Cell::Number(number) if number >= 1e11 => format!("{number:.5E}").replace('E', "E+"),
            Cell::Number(number) => format!("{number}"),
        }
    }
}

/// Spoils values at the rates of one origin.
#[derive(Debug)]
pub(crate) struct Dirt<'a> {
    pub(crate) world: &'a World,
    pub(crate) rates: &'a Errors,
    /// What kind of dirt the last value got, until somebody asks.
    noted: Slot<Option<&'static str>>,
}

/// Characters of an ISO date to the day.
const WHOLE_DATE: usize = 10;

#[derive(Clone, Copy)]
enum DateSlip {
    Month,
    Nothing,
    Lunar,
    Future,
}

/// What people write when there is nothing to write.
const NOTHING: [&str; 5] = ["无", "不详", "/", "-", "暂无"];

impl<'a> Dirt<'a> {
    pub(crate) fn new(world: &'a World, rates: &'a Errors) -> Dirt<'a> {
        Dirt { world, rates, noted: Slot::new(None) }
    }

    /// The kind of dirt that the last value got, as the list of kinds calls it.
    pub(crate) fn noted(&self) -> Option<&'static str> {
        self.noted.take()
    }

    /// Whether a value goes wrong in this way, which is noted.
    fn slips(&self, random: &mut Random, rate: u32, kind: &'static str) -> bool {
        let is_wrong = random.chance(rate);
        if is_wrong {
            self.noted.set(Some(kind));
        }
        is_wrong
    }

    /// At most one of the slips, each at its rate.
    fn one_of<T: Copy>(&self, random: &mut Random, slips: &[(u32, &'static str, T)]) -> Option<T> {
        let mut drawn = u32::try_from(random.below(100_000)).unwrap_or(0);
        slips.iter().find_map(|&(rate, kind, slip)| {
            let hit = drawn < rate;
            drawn = drawn.saturating_sub(rate);
            if hit {
                self.noted.set(Some(kind).filter(|kind| !kind.is_empty()));
            }
            hit.then_some(slip)
        })
    }

    /// The value as it gets into the file, before the file's own way of writing it.
    pub(crate) fn soil(&self, random: &mut Random, kind: &Kind, value: String, about: &Thing, on: Day) -> Cell {
        let resident = if let Thing::Resident(number) = about { Some(*number) } else { None };
        if value.is_empty() {
            let is_said = matches!(kind, Kind::Text | Kind::Phone | Kind::Address);
            let has_word = is_said && self.slips(random, self.rates.null_word, "null_words");
            return Cell::Text(if has_word { (*random.pick(&NOTHING)).to_owned() } else { value });
        }
        Cell::Text(match (kind, resident) {
            (Kind::CitizenId, Some(number)) => return self.id(random, value, number, on),
            (Kind::Phone, Some(number)) => return self.phone(random, value, number, on),
            (Kind::Name, Some(_)) => self.name(random, value),
            (Kind::Date, Some(_)) => self.birth(random, value),
            (Kind::Address, Some(_)) => self.address(random, value),
            (Kind::Code(list), Some(_)) if list == "gbt2261_1" => self.sex(random, value),
            (Kind::CreditCode, _) if self.slips(random, self.rates.code_look_alike, "uscc_oi") => look_alike(&value),
            (Kind::Number, _) => return self.number(random, value),
            _ => value,
        })
    }

    /// A date of a person, most often of birth.
    fn birth(&self, random: &mut Random, date: String) -> String {
        let Errors { birth_month_only, date_zero, date_lunar, date_future, .. } = *self.rates;
        let slips = [
            (birth_month_only, "date_ym", DateSlip::Month),
            (date_zero, "date_zero", DateSlip::Nothing),
            (date_lunar, "date_lunar", DateSlip::Lunar),
            (date_future, "date_future", DateSlip::Future),
        ];
        if date.len() != WHOLE_DATE {
            return date;
        }
        match self.one_of(random, &slips) {
            None => date,
            Some(DateSlip::Month) => date[..7].to_owned(),
            Some(DateSlip::Nothing) => "1900-01-01".to_owned(),
            // The thirtieth of the second month is a day of the old calendar.
            Some(DateSlip::Lunar) => format!("{}-02-30", &date[..4]),
            Some(DateSlip::Future) => format!("2098{}", &date[4..]),
        }
    }

    fn sex(&self, random: &mut Random, sex: String) -> String {
        match (self.slips(random, self.rates.sex_clash, "id_sexclash"), sex.as_str()) {
            (true, "1") => "2".to_owned(),
            (true, "2") => "1".to_owned(),
            _ => sex,
        }
    }

    /// A number, or an amount as bookkeepers write it.
    fn number(&self, random: &mut Random, value: String) -> Cell {
        match value.parse::<f64>() {
            Ok(number) if number >= 1000.0 && self.slips(random, self.rates.number_grouped, "num_wan") => Cell::Text(grouped(&value)),
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::Text(value),
        }
    }

    /// What typing does to a code or a month that a spreadsheet takes for a number.
    pub(crate) fn retype(&self, random: &mut Random, kind: &Kind, text: String) -> Cell {
        match kind {
            Kind::Code(_) if text.len() == 2 && text.starts_with('0') && self.slips(random, self.rates.code_lost_zero, "eth_forms") => {
                Cell::Text(text.trim_start_matches('0').to_owned())
            }
            Kind::Date if text.len() <= 7 && text.contains('.') && random.chance(self.rates.month_number_cell) => {
                if text.ends_with(".10") {
                    self.noted.set(Some("date_1985_1"));
                }
                text.parse().map_or(Cell::Text(text), Cell::Number)
            }
            _ => Cell::Text(text),
        }
    }
}

/// Letters that no credit code has, in the place of digits that look like them.
fn look_alike(code: &str) -> String {
    code.replace('0', "O").replace('1', "I")
}

/// Commas between thousands.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &rest
}

#[cfg(test)]
mod tests;
