//! How citizen ids go wrong: typed wrong, lent, lost to a spreadsheet, or written in another way.

use super::{Cell, Dirt, one_of};
use crate::{calendar::Day, material::Errors, random::Random};
use wuwei_schema::kind::citizen_id;

#[derive(Clone, Copy)]
enum Slip {
    Missing,
    Digit,
    Swap,
    Short,
    Fifteen,
    Scientific,
    Quoted,
    FullWidth,
    Spaced,
    Grouped,
    Masked,
    Prefix,
    Impossible,
}

/// Before this day ids had 15 digits.
const EIGHTEEN_DIGITS: Day = Day::new(1999, 10, 1);

impl Dirt<'_> {
    pub(super) fn id(&self, random: &mut Random, id: String, number: u32, on: Day) -> Cell {
        let is_child = self.world.resident(number).age(on) < 16;
        let relative = self.world.relative(number).filter(|_| is_child && random.chance(self.rates.id_of_relative));
        let id = relative.map_or(id, |relative| self.world.id(relative));
        let text = match one_of(random, &self.id_slips(on)) {
            None if random.chance(self.rates.id_lower_x) => id.to_lowercase(),
            None => id,
            Some(Slip::Missing) => String::new(),
            Some(Slip::Digit) => with_wrong_digit(random, &id),
            Some(Slip::Swap) => swapped(random, &id),
            Some(Slip::Short) => id[..17].to_owned(),
            Some(Slip::Fifteen) if &id[6..8] == "19" => format!("{}{}", &id[..6], &id[8..17]),
            Some(Slip::Scientific) => return id.parse().map_or(Cell::Text(id), Cell::Number),
            Some(Slip::Quoted) => format!("'{id}"),
            Some(Slip::FullWidth) => id.chars().map(full_width).collect(),
            Some(Slip::Fifteen) => id,
            Some(Slip::Spaced) => format!("{id}{}", random.pick(&['\u{a0}', '\u{200b}', ' '])),
            Some(Slip::Grouped) => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
            Some(Slip::Masked) => format!("{}********{}", &id[..6], &id[14..]),
            Some(Slip::Prefix) => with_check(&format!("999999{}", &id[6..17])),
            Some(Slip::Impossible) => with_check(&format!("{}0230{}", &id[..10], &id[14..17])),
        };
        Cell::Text(text)
    }

    fn id_slips(&self, on: Day) -> [(u32, Slip); 13] {
        let rates: &Errors = self.rates;
        [
            (rates.id_missing, Slip::Missing),
            (rates.id_digit_wrong, Slip::Digit),
            (rates.id_swapped, Slip::Swap),
            (rates.id_short, Slip::Short),
            (if on < EIGHTEEN_DIGITS { 70_000 } else { rates.id_fifteen }, Slip::Fifteen),
            (rates.id_scientific, Slip::Scientific),
            (rates.id_quoted, Slip::Quoted),
            (rates.id_full_width, Slip::FullWidth),
            (rates.id_spaced, Slip::Spaced),
            (rates.id_grouped, Slip::Grouped),
            (rates.id_masked, Slip::Masked),
            (rates.id_prefix, Slip::Prefix),
            (rates.id_impossible, Slip::Impossible),
        ]
    }
}

/// One of the order digits typed as another; the check digit never fits it.
pub(super) fn with_wrong_digit(random: &mut Random, id: &str) -> String {
    let at = 14 + random.below(3);
    let other = 1 + random.below(9);
    let digit = id.as_bytes()[at] - b'0';
    let wrong = (usize::from(digit) + other) % 10;
    format!("{}{wrong}{}", &id[..at], &id[at + 1..])
}

/// Two different neighbours the other way round; if there are none, as it was.
pub(super) fn swapped(random: &mut Random, id: &str) -> String {
    let start = random.below(11);
    let mut characters: Vec<char> = id.chars().collect();
    let pair = (0..11).map(|step| 6 + (start + step) % 11).find(|&at| at < 16 && characters[at] != characters[at + 1]);
    if let Some(at) = pair {
        characters.swap(at, at + 1);
    }
    characters.into_iter().collect()
}

/// A number whose check digit is right although it is nobody's.
fn with_check(body: &str) -> String {
    format!("{body}{}", citizen_id::check_digit(body).unwrap_or('0'))
}

fn full_width(character: char) -> char {
    char::from_u32(u32::from(character) + 0xfee0).filter(|_| character.is_ascii_graphic()).unwrap_or(character)
}
