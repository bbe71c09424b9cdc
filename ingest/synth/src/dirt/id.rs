//! How citizen ids go wrong: typed wrong, lent, lost to a spreadsheet, or written in another way.

use super::{Cell, Dirt};
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
    Float,
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
        let relative = self.world.relative(number).filter(|_| is_child && self.slips(random, self.rates.id_of_relative, "id_relative"));
        let id = relative.map_or(id, |relative| self.world.id(relative));
        let text = match self.one_of(random, &self.id_slips(on)) {
            None if id.ends_with('X') && self.slips(random, self.rates.id_lower_x, "id_x_lower") => id.to_lowercase(),
            None => id,
            Some(Slip::Missing) => String::new(),
            Some(Slip::Digit) => with_wrong_digit(random, &id),
            Some(Slip::Swap) => swapped(random, &id),
            Some(Slip::Short) => id[..17].to_owned(),
            Some(Slip::Fifteen) if &id[6..8] == "19" => format!("{}{}", &id[..6], &id[8..17]),
            Some(Slip::Scientific) => return id.parse().map_or(Cell::Text(id), Cell::Number),
            Some(Slip::Float) => with_zeros(&id),
            Some(Slip::Quoted) => format!("'{id}"),
            Some(Slip::FullWidth) => id.chars().map(full_width).collect(),
            // Born in this century: never had one.
            Some(Slip::Fifteen) => id,
            Some(Slip::Spaced) => format!("{id}{}", random.pick(&['\u{a0}', '\u{200b}', ' '])),
            Some(Slip::Grouped) => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
            Some(Slip::Masked) => format!("{}********{}", &id[..6], &id[14..]),
            Some(Slip::Prefix) => with_check(&format!("999999{}", &id[6..17])),
            Some(Slip::Impossible) => with_check(&format!("{}0230{}", &id[..10], &id[14..17])),
        };
        Cell::Text(text)
    }

    fn id_slips(&self, on: Day) -> [(u32, &'static str, Slip); 14] {
        let rates: &Errors = self.rates;
        [
            (rates.id_missing, "", Slip::Missing),
            (rates.id_digit_wrong, "id_onecheck", Slip::Digit),
            (rates.id_swapped, "id_swap", Slip::Swap),
            (rates.id_short, "id_short", Slip::Short),
            (if on < EIGHTEEN_DIGITS { 70_000 } else { rates.id_fifteen }, "id_15", Slip::Fifteen),
            (rates.id_scientific, "id_sci", Slip::Scientific),
            (rates.id_float, "id_float", Slip::Float),
            (rates.id_quoted, "id_spaces", Slip::Quoted),
            (rates.id_full_width, "id_fullwidth", Slip::FullWidth),
            (rates.id_spaced, "id_spaces", Slip::Spaced),
            (rates.id_grouped, "id_groups", Slip::Grouped),
            (rates.id_masked, "id_masked", Slip::Masked),
            (rates.id_prefix, "id_badprefix", Slip::Prefix),
            (rates.id_impossible, "id_dateimpossible", Slip::Impossible),
        ]
    }
}

/// What is left of a number in a file that was saved from a spreadsheet with all its digits shown: those behind the fifteenth are gone.
fn with_zeros(id: &str) -> String {
    if id.ends_with('X') { id.to_owned() } else { format!("{}000", &id[..15]) }
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
