//! How values go wrong on their way into a file: by the kind of the value and by the origin of the record. The truth is not touched.

use crate::{
    calendar::Day,
    material::{Confusion, Errors},
    random::Random,
    say::Thing,
    world::World,
};
use wuwei_schema::{Kind, kind::name};

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
}

#[derive(Clone, Copy)]
enum IdSlip {
    Missing,
    Digit,
    Swap,
    Short,
    Fifteen,
    Scientific,
    Quoted,
    FullWidth,
}

#[derive(Clone, Copy)]
enum NameSlip {
    Spaced,
    Homophone,
    Similar,
    Variant,
    Title,
}

/// Before this day ids had 15 digits.
const EIGHTEEN_DIGITS: Day = Day::new(1999, 10, 1);

impl Dirt<'_> {
    /// The value as it gets into the file, before the file's own way of writing it.
    pub(crate) fn soil(&self, random: &mut Random, kind: &Kind, value: String, about: &Thing, on: Day) -> Cell {
        let resident = if let Thing::Resident(number) = about { Some(*number) } else { None };
        if value.is_empty() {
            return Cell::Text(value);
        }
        Cell::Text(match (kind, resident) {
            (Kind::CitizenId, Some(number)) => return self.id(random, value, number, on),
            (Kind::Phone, Some(number)) => return self.phone(random, value, number),
            (Kind::Name, Some(_)) => self.name(random, value),
            (Kind::Date, Some(_)) if random.chance(self.rates.birth_month_only) => value[..7].to_owned(),
            (Kind::Address, Some(_)) if random.chance(self.rates.address_no_room) => without_room(value),
            (Kind::Number, _) => return value.parse().map_or(Cell::Text(value), Cell::Number),
            _ => value,
        })
    }

    fn id(&self, random: &mut Random, id: String, number: u32, on: Day) -> Cell {
        let Errors { id_missing, id_digit_wrong, id_swapped, id_short, id_fifteen, id_scientific, id_quoted, id_full_width, .. } =
            *self.rates;
        let is_child = self.world.resident(number).age() < 16;
        let relative = self.world.relative(number).filter(|_| is_child && random.chance(self.rates.id_of_relative));
        let id = relative.map_or(id, |relative| self.world.resident(relative).id.to_string());
        let id_fifteen = if on < EIGHTEEN_DIGITS { 70_000 } else { id_fifteen };
        let slips = [
            (id_missing, IdSlip::Missing),
            (id_digit_wrong, IdSlip::Digit),
            (id_swapped, IdSlip::Swap),
            (id_short, IdSlip::Short),
            (id_fifteen, IdSlip::Fifteen),
            (id_scientific, IdSlip::Scientific),
            (id_quoted, IdSlip::Quoted),
            (id_full_width, IdSlip::FullWidth),
        ];
        let text = match one_of(random, &slips) {
            None if random.chance(self.rates.id_lower_x) => id.to_lowercase(),
            None => id,
            Some(IdSlip::Missing) => String::new(),
            Some(IdSlip::Digit) => with_wrong_digit(random, &id),
            Some(IdSlip::Swap) => swapped(random, &id),
            Some(IdSlip::Short) => id[..17].to_owned(),
            Some(IdSlip::Fifteen) if &id[6..8] == "19" => format!("{}{}", &id[..6], &id[8..17]),
            Some(IdSlip::Scientific) => return id.parse().map_or(Cell::Text(id), Cell::Number),
            Some(IdSlip::Quoted) => format!("'{id}"),
            Some(IdSlip::FullWidth) => id.chars().map(full_width).collect(),
            Some(IdSlip::Fifteen) => id,
        };
        Cell::Text(text)
    }

    fn phone(&self, random: &mut Random, phone: String, number: u32) -> Cell {
        if random.chance(self.rates.phone_missing) {
            return Cell::Text(String::new());
        }
        if random.chance(self.rates.phone_number_cell) {
            return phone.parse().map_or(Cell::Text(phone), Cell::Number);
        }
        let relative = self.world.relative(number).filter(|_| random.chance(self.rates.phone_of_relative));
        Cell::Text(relative.map_or(phone, |relative| self.world.resident(relative).phone.to_string()))
    }

    fn name(&self, random: &mut Random, name: String) -> String {
        let Errors { name_spaced, name_homophone, name_similar, name_variant, name_title, name_dot, .. } = *self.rates;
        let confusion = &self.world.material.confusion;
        if name.contains('·') {
            let dots: Vec<char> = confusion.dots.chars().collect();
            return if random.chance(name_dot) { name.replace('·', &random.pick(&dots).to_string()) } else { name };
        }
        let slips = [
            (name_spaced, NameSlip::Spaced),
            (name_homophone, NameSlip::Homophone),
            (name_similar, NameSlip::Similar),
            (name_variant, NameSlip::Variant),
            (name_title, NameSlip::Title),
        ];
        match one_of(random, &slips) {
            None => name,
            Some(NameSlip::Spaced) => spaced(random, &name),
            Some(NameSlip::Title) => format!("{}{}", name::surname(&name), random.pick(&confusion.titles)),
            Some(NameSlip::Homophone) => mistaken(random, &name, &confusion.homophones),
            Some(NameSlip::Similar) => mistaken(random, &name, &confusion.similar),
            Some(NameSlip::Variant) => old_fashioned(&name, confusion),
        }
    }

    /// What typing does to a code or a month that a spreadsheet takes for a number.
    pub(crate) fn retype(&self, random: &mut Random, kind: &Kind, text: String) -> Cell {
        match kind {
            Kind::Code(_) if text.len() == 2 && text.starts_with('0') && random.chance(self.rates.code_lost_zero) => {
                Cell::Text(text.trim_start_matches('0').to_owned())
            }
            Kind::Date if text.len() <= 7 && text.contains('.') && random.chance(self.rates.month_number_cell) => {
                text.parse().map_or(Cell::Text(text), Cell::Number)
            }
            _ => Cell::Text(text),
        }
    }
}

/// At most one of the slips, each at its rate.
fn one_of<T: Copy>(random: &mut Random, slips: &[(u32, T)]) -> Option<T> {
    let mut drawn = u32::try_from(random.below(100_000)).unwrap_or(0);
    slips.iter().find_map(|&(rate, slip)| {
        let hit = drawn < rate;
        drawn = drawn.saturating_sub(rate);
        hit.then_some(slip)
    })
}

/// One of the order digits typed as another; the check digit never fits it.
fn with_wrong_digit(random: &mut Random, id: &str) -> String {
    let at = 14 + random.below(3);
    let other = 1 + random.below(9);
    let digit = id.as_bytes()[at] - b'0';
    let wrong = (usize::from(digit) + other) % 10;
    format!("{}{wrong}{}", &id[..at], &id[at + 1..])
}

/// Two different neighbours the other way round; if there are none, as it was.
fn swapped(random: &mut Random, id: &str) -> String {
    let start = random.below(11);
    let mut characters: Vec<char> = id.chars().collect();
    let pair = (0..11).map(|step| 6 + (start + step) % 11).find(|&at| at < 16 && characters[at] != characters[at + 1]);
    if let Some(at) = pair {
        characters.swap(at, at + 1);
    }
    characters.into_iter().collect()
}

fn full_width(character: char) -> char {
    char::from_u32(u32::from(character) + 0xfee0).filter(|_| character.is_ascii_graphic()).unwrap_or(character)
}

/// Spaces between the characters, as people do to make short names as wide as long ones.
fn spaced(random: &mut Random, name: &str) -> String {
    let space = *random.pick(&[' ', '\u{3000}']);
    let characters: Vec<String> = name.chars().map(String::from).collect();
    characters.join(&space.to_string())
}

/// One character of the given name taken for another of its group, if it is in one.
fn mistaken(random: &mut Random, name: &str, groups: &[String]) -> String {
    let surname = name::surname(name);
    let given = &name[surname.len()..];
    for (at, character) in given.char_indices() {
        let Some(group) = groups.iter().find(|group| group.contains(character)) else { continue };
        let others: Vec<char> = group.chars().filter(|&other| other != character).collect();
        return format!("{surname}{}{}{}", &given[..at], random.pick(&others), &given[at + character.len_utf8()..]);
    }
    name.to_owned()
}

/// Written in the traditional or variant character, where there is one.
fn old_fashioned(name: &str, confusion: &Confusion) -> String {
    let variant = |character: char| {
        let pair = confusion.variants.iter().find(|pair| pair.chars().nth(1) == Some(character));
        pair.and_then(|pair| pair.chars().next()).unwrap_or(character)
    };
    name.chars().map(variant).collect()
}

/// A room in a block, without the room.
fn without_room(address: String) -> String {
    const UNIT: &str = "单元";
    match address.find(UNIT) {
        Some(at) => address[..at + UNIT.len()].to_owned(),
        None => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Material;
    use wuwei_schema::Model;

    #[test]
    fn what_is_said_to_be_wrong_is_refused_and_the_rest_is_cleaned_back() {
        let (world, codes) = (World::build(500, 1, Material::embedded().unwrap()), Model::embedded().unwrap().codes);
        let rates = Errors { id_fifteen: 20_000, id_quoted: 20_000, id_full_width: 20_000, id_lower_x: 100_000, ..Errors::default() };
        let mut random = Random::new(1, "test");
        for (number, resident) in (0..).zip(&world.people.residents) {
            let dirt = Dirt { world: &world, rates: &rates };
            let about = Thing::Resident(number);
            let Cell::Text(text) = dirt.soil(&mut random, &Kind::CitizenId, resident.id.to_string(), &about, crate::calendar::TODAY) else {
                panic!()
            };
            assert_eq!(Kind::CitizenId.clean(&text, &codes).as_deref(), Ok(&*resident.id));
            for wrong in [with_wrong_digit(&mut random, &resident.id), swapped(&mut random, &resident.id)] {
                assert!(Kind::CitizenId.clean(&wrong, &codes).is_err());
            }
        }
    }

    #[test]
    fn a_child_may_stand_with_its_parents_id() {
        let world = World::build(500, 1, Material::embedded().unwrap());
        let rates = Errors { id_of_relative: 100_000, ..Errors::default() };
        let child = world.people.residents.iter().position(|resident| resident.age() < 16 && resident.father.is_some()).unwrap();
        let (child, resident) = (Thing::Resident(u32::try_from(child).unwrap()), &world.people.residents[child]);
        let dirt = Dirt { world: &world, rates: &rates };
        let cell = dirt.soil(&mut Random::new(1, "test"), &Kind::CitizenId, resident.id.to_string(), &child, crate::calendar::TODAY);
        assert_eq!(cell, Cell::Text(world.resident(resident.father.unwrap()).id.to_string()));
    }

    #[test]
    fn a_name_gone_wrong_keeps_its_surname() {
        let world = World::build(10, 1, Material::embedded().unwrap());
        let confusion = &world.material.confusion;
        let mut random = Random::new(1, "test");
        assert_eq!(mistaken(&mut random, "周静", &["静靖".to_owned()]), "周靖");
        assert_eq!(old_fashioned("付强", confusion), "傅彊");
        assert!(["王 小 明", "王\u{3000}小\u{3000}明"].contains(&spaced(&mut random, "王小明").as_str()));
        assert_eq!(without_room("云溪县城关镇人民路12号3栋2单元501室".to_owned()), "云溪县城关镇人民路12号3栋2单元");
    }
}
