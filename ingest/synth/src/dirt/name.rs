//! How names go wrong: heard, seen or written another way, left out, or lost by a code table.

use super::Dirt;
use crate::{
    material::{Confusion, Errors},
    random::Random,
};
use wuwei_schema::kind::name;

#[derive(Clone, Copy)]
enum Slip {
    Spaced,
    Homophone,
    Similar,
    Variant,
    Title,
    Anonymous,
    Latin,
    Spelled,
}

impl Dirt<'_> {
    pub(super) fn name(&self, random: &mut Random, name: String) -> String {
        let Errors { name_spaced, name_homophone, name_similar, name_variant, name_title, name_anonymous, name_latin, .. } = *self.rates;
        let confusion = &self.world.material.confusion;
        if name.contains('·') {
            let dots: Vec<char> = confusion.dots.chars().collect();
            return if self.slips(random, self.rates.name_dot, "name_dots") {
                name.replace('·', &random.pick(&dots).to_string())
            } else {
                name
            };
        }
        let name = self.rare(random, name);
        let slips = [
            (name_spaced, "name_space", Slip::Spaced),
            (name_homophone, "name_homophone", Slip::Homophone),
            (name_similar, "name_shape", Slip::Similar),
            (name_variant, "name_variant", Slip::Variant),
            (name_title, "name_title", Slip::Title),
            (name_anonymous, "name_title", Slip::Anonymous),
            (name_latin, "name_order", Slip::Latin),
            (self.rates.name_spelled, "name_fallback", Slip::Spelled),
        ];
        match self.one_of(random, &slips) {
            None => name,
            Some(Slip::Spaced) => spaced(random, &name),
            Some(Slip::Title) => format!("{}{}", name::surname(&name), random.pick(&confusion.titles)),
            Some(Slip::Homophone) => mistaken(random, &name, &confusion.homophones),
            Some(Slip::Similar) => mistaken(random, &name, &confusion.similar),
            Some(Slip::Variant) => old_fashioned(&name, confusion),
            Some(Slip::Anonymous) => "匿名".to_owned(),
            Some(Slip::Latin) => name::pinyin(&name).to_uppercase(),
            Some(Slip::Spelled) => spelled(&name),
        }
    }

    /// A character that few code tables hold: of a font of one's own, or lost.
    fn rare(&self, random: &mut Random, name: String) -> String {
        let rare = &self.world.material.people.rare_given;
        let Some(character) = name.chars().find(|&character| rare.contains(character)) else { return name };
        if self.slips(random, self.rates.name_private, "name_pua") {
            // The place in the private area is the maker's of the font; here, that in our own list.
            let place = rare.chars().position(|known| known == character).and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
            return name.replace(character, &char::from_u32(0xe000 + place).unwrap_or('?').to_string());
        }
        if self.slips(random, self.rates.name_lost, "name_fallback") {
            name.replace(character, if random.chance(50_000) { "?" } else { "□" })
        } else {
            name
        }
    }
}

/// The last character by its sound, where a keyboard does not give it.
fn spelled(name: &str) -> String {
    let last = name.char_indices().last().map_or(0, |(at, _)| at);
    format!("{}{}", &name[..last], name::pinyin(&name[last..]))
}

/// Spaces between the characters, as people do to make short names as wide as long ones.
pub(super) fn spaced(random: &mut Random, name: &str) -> String {
    let space = *random.pick(&[' ', '\u{3000}']);
    let characters: Vec<String> = name.chars().map(String::from).collect();
    characters.join(&space.to_string())
}

/// One character of the given name taken for another of its group, if it is in one.
pub(super) fn mistaken(random: &mut Random, name: &str, groups: &[String]) -> String {
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
pub(super) fn old_fashioned(name: &str, confusion: &Confusion) -> String {
    let variant = |character: char| {
        let pair = confusion.variants.iter().find(|pair| pair.chars().nth(1) == Some(character));
        pair.and_then(|pair| pair.chars().next()).unwrap_or(character)
    };
    name.chars().map(variant).collect()
}
