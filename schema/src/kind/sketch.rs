//! What of a value fits into sixteen bytes, so that most pairs of values are told apart without being read: which characters it has, how many,
//! how it begins. A sketch is never of another opinion than the comparison: it says the level where it is certain of it, and else nothing.

use super::{
    Kind, address, date, name,
    similarity::{self, FEWEST, MOST},
};

/// A value in sixteen bytes. Only sketches of one kind can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch {
    /// A bit for each element: a character and its how-manieth occurrence, or a pair of neighbours. Several elements may share a bit.
    elements: u64,
    /// How it begins; of a Chinese name how it sounds.
    start: u32,
    /// Number of elements.
    count: u8,
    /// A hash of its digits, or of its numbers; and of the first of its numbers, if it has any. Of a text how many words it has.
    digits: u8,
    number: u8,
    form: Form,
}

/// What else has to be known of how a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A name written in hanzi.
    Han,
    /// One that has to be read.
    Other,
}

impl Kind {
    /// What a canonical value looks like from afar.
    pub fn sketch(&self, value: &str) -> Sketch {
        match self {
            Kind::Name => of_name(value),
            Kind::Text => of_text(&value.to_lowercase()),
            Kind::Address => of_pairs(&address::small(value)),
            Kind::Date => Sketch { elements: date::packed(value), ..EMPTY },
            Kind::CitizenId => of_letters(value),
            Kind::Phone => of_digits(value),
            _ => EMPTY,
        }
    }

    /// Lends whoever compares many values what tells the level at which two different ones agree (see [`Kind::agreement`]), where their sketches
    /// do: it is looked up once, and compiled into the loop that asks it.
    pub fn telling<L: Listener>(&self, listener: L) -> L::Heard {
        match self {
            Kind::Name => listener.hear(|left, right| none(are_other_names(left, right))),
            // What several words say does not show in their letters.
            Kind::Text => {
                listener.hear(|left, right| none(usize::from(left.number.min(right.number)) < FEWEST && left.is_typed_otherwise(right)))
            }
            Kind::Address => listener.hear(|left, right| none(are_other_addresses(left, right))),
            Kind::Date => listener.hear(|left, right| date::packed_agreement(left.elements, right.elements)),
            // One slip exchanges an element for another, or none.
            Kind::CitizenId => listener.hear(|left, right| none(left.count != right.count || left.differing(right) > 2)),
            Kind::Phone => listener.hear(|left, right| are_plain(left, right).then(|| u8::from(left.is_slip_of_digits(right)))),
            Kind::Number | Kind::OrganizationName => listener.hear(|_, _| None),
            _ => listener.hear(|_, _| Some(0)),
        }
    }
}

/// Whoever compares sketches of one kind.
pub trait Listener {
    /// What comes of it.
    type Heard;
    /// Is given the level of two sketches, where they tell it.
    fn hear(self, tell: impl Fn(&Sketch, &Sketch) -> Option<u8>) -> Self::Heard;
}

/// Two sketches alone.
impl Listener for (&Sketch, &Sketch) {
    type Heard = Option<u8>;

    fn hear(self, tell: impl Fn(&Sketch, &Sketch) -> Option<u8>) -> Option<u8> {
        tell(self.0, self.1)
    }
}

#[inline]
fn none(is_certain: bool) -> Option<u8> {
    is_certain.then_some(0)
}

#[inline]
fn are_plain(left: &Sketch, right: &Sketch) -> bool {
    left.form == Form::Plain && right.form == Form::Plain
}

const EMPTY: Sketch = Sketch { elements: 0, start: 0, count: 0, digits: 0, number: 0, form: Form::Plain };

/// The bit of what parts the words of a name.
const PARTING: u64 = 1;

impl Sketch {
    /// The least number of elements that only one of the two has.
    #[inline]
    fn differing(&self, other: &Sketch) -> u32 {
        (self.elements ^ other.elements).count_ones()
    }

    /// The greatest number of elements that both have.
    #[inline]
    fn shared(&self, other: &Sketch) -> u32 {
        let both = |ours: &Sketch, theirs: &Sketch| u32::from(ours.count).saturating_sub((ours.elements & !theirs.elements).count_ones());
        both(self, other).min(both(other, self))
    }

    /// Whether another digit, or two neighbours in each other's place, part two numbers of [`of_digits`].
    #[inline]
    fn is_slip_of_digits(&self, other: &Sketch) -> bool {
        let (ours, theirs) = (self.elements, other.elements);
        let differ = ours ^ theirs;
        let places = (differ | differ >> 1 | differ >> 2 | differ >> 3) & 0x1111_1111_1111_1111;
        let first = places.trailing_zeros();
        let two = |digits: u64| digits >> first & 0xff;
        let is_swap = || places >> first == 0x11 && two(ours) == (two(theirs) >> 4 | two(theirs) << 4 & 0xff);
        self.count == other.count && (places.count_ones() == 1 || (places.count_ones() == 2 && is_swap()))
    }

    /// Whether [`super::similarity::typed`] is certain to be 0. Each edit changes two elements at most; and Jaro–Winkler is below 0.8 where too
    /// few letters are shared, whatever their order: with a common beginning of p letters it takes a Jaro of (0.8 - p/10) / (1 - p/10).
    #[inline]
    fn is_typed_otherwise(&self, other: &Sketch) -> bool {
        // In thousandths, rounded down.
        const LEAST: [u32; 5] = [1_399, 1_332, 1_249, 1_141, 999];
        let (ours, theirs) = (u32::from(self.count), u32::from(other.count));
        let edits = if self.count.min(other.count) >= 7 { 2 } else { 1 };
        if self.digits != other.digits && self.differing(other) > 2 * edits {
            return true;
        }
        let beginning = (self.start ^ other.start).trailing_zeros() / 8;
        1_000 * self.shared(other) * (ours + theirs) < LEAST[beginning as usize] * ours * theirs
    }
}

/// Up to sixteen digits, four bits each.
fn of_digits(text: &str) -> Sketch {
    let elements = text.bytes().fold(0, |digits, byte| digits << 4 | u64::from(byte & 15));
    let is_whole = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_digit());
    let form = if is_whole { Form::Plain } else { Form::Other };
    Sketch { elements, count: u8::try_from(text.len()).unwrap_or(u8::MAX), form, ..EMPTY }
}

fn of_text(text: &str) -> Sketch {
    Sketch { start: beginning(text), number: u8::try_from(similarity::words(text)).unwrap_or(u8::MAX), ..of_letters(text) }
}

fn of_letters(text: &str) -> Sketch {
    let (mut seen, mut elements, mut count, mut digits) = ([0u8; 64], 0, 0, 0u32);
    for letter in text.chars().take(MOST) {
        count += 1;
        if matches!(letter, ' ' | ',' | '-' | '.') {
            elements |= PARTING;
            continue;
        }
        let class = if letter.is_ascii() { u32::from(letter) & 31 } else { mixed(u32::from(letter)) & 31 };
        let times = &mut seen[class as usize];
        // The first two occurrences of a class have bits of their own.
        let bit = (class + 32 * u32::from(*times) + 7 * u32::from(*times / 2)) & 63;
        *times = times.saturating_add(1);
        elements |= 1u64 << bit;
        if letter.is_ascii_digit() {
            digits = mixed(digits.wrapping_mul(31).wrapping_add(u32::from(letter)));
        }
    }
    Sketch { elements, count, digits: digits.to_le_bytes()[0], ..EMPTY }
}

/// The lowest bytes of the first four characters: where they are the same, the characters may be.
fn beginning(text: &str) -> u32 {
    text.chars().take(4).enumerate().fold(0, |start, (at, letter)| start | (u32::from(letter) & 0xff) << (8 * at))
}

fn of_name(value: &str) -> Sketch {
    let letters = of_letters(value);
    match name::appearance(value) {
        name::Appearance::Han => Sketch { start: name::blurred_sound(value, mixed), form: Form::Han, ..letters },
        name::Appearance::Latin => Sketch { start: beginning(value), ..letters },
        name::Appearance::Other => Sketch { form: Form::Other, ..letters },
    }
}

/// Chinese names that do not sound alike and share no two characters are two names, see `name::agreement`; Latin ones that are typed otherwise and
/// do not have the same words.
#[inline]
fn are_other_names(left: &Sketch, right: &Sketch) -> bool {
    match (left.form, right.form) {
        (Form::Han, Form::Han) => left.start != right.start && left.shared(right) < 2,
        (Form::Plain, Form::Plain) => left.is_typed_otherwise(right) && (left.elements ^ right.elements) & !PARTING != 0,
        _ => false,
    }
}

fn of_pairs(value: &str) -> Sketch {
    let letters: Vec<u32> = value.chars().take(MOST).map(u32::from).collect();
    let mut pairs: Vec<u64> = letters.windows(2).map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1])).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let elements = pairs.iter().fold(0, |elements, pair| elements | 1u64 << (pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58));
    let hash = |bytes: &[u8]| bytes.iter().fold(1, |hash: u32, byte| mixed(hash.wrapping_mul(31).wrapping_add(u32::from(*byte))));
    let numbers = || address::numbers(value);
    let all = numbers().fold(1, |all: u32, number| mixed(all.wrapping_mul(31).wrapping_add(hash(number))));
    let first = numbers().next().map_or(0, |number| hash(number).to_le_bytes()[0] | 1);
    Sketch { elements, count: u8::try_from(pairs.len()).unwrap_or(u8::MAX), digits: all.to_le_bytes()[0], number: first, ..EMPTY }
}

/// Addresses of other numbers need 0.7 of their pairs in common, those of the same or fewer numbers half of them.
#[inline]
fn are_other_addresses(left: &Sketch, right: &Sketch) -> bool {
    let may_be_numbered_alike = left.digits == right.digits || (left.number != 0 && left.number == right.number);
    let least = if may_be_numbered_alike { 0.5 } else { 0.7 };
    let (shared, all) = (left.shared(right), u16::from(left.count) + u16::from(right.count));
    u16::try_from(shared).is_ok_and(|shared| 2.0 * f32::from(shared) < (least - 1e-3) * f32::from(all))
}

/// A hash of 32 bits (the finisher of MurmurHash3).
fn mixed(mut hash: u32) -> u32 {
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sketches say nothing, or what the comparison says.
    fn holds(kind: &Kind, left: &str, right: &str) -> Result<(), TestCaseError> {
        if left != right && !left.is_empty() && !right.is_empty() {
            let told = kind.telling((&kind.sketch(left), &kind.sketch(right)));
            prop_assert!(told.is_none_or(|level| level == kind.agreement(left, right)), "{kind:?} {left} {right} {told:?}");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn a_sketch_is_of_no_other_opinion_of_latin(left in "[ABC .,-]{1,9}", right in "[ABC .,-]{1,9}", long in "[a-c0-9@]{1,70}", other in "[a-c0-9@]{1,70}") {
            holds(&Kind::Name, left.trim(), right.trim())?;
            for (left, right) in [(&left, &right), (&long, &other), (&format!("{left}{long}"), &format!("{right}{long}"))] {
                holds(&Kind::Text, left, right)?;
            }
        }

        #[test]
        fn a_sketch_is_of_no_other_opinion_of_chinese(left in "[王小晓明铭欧阳李·〇]{1,5}", right in "[王小晓明铭欧阳李·〇A]{1,5}") {
            holds(&Kind::Name, &left, &right)?;
            holds(&Kind::Text, &left, &right)?;
        }

        #[test]
        fn a_sketch_is_of_no_other_opinion_of_places(left in "[云溪县城关]{0,9}[路号1-3]{0,12}", right in "[云溪县城关]{0,9}[路号1-3]{0,12}") {
            holds(&Kind::Address, &left, &right)?;
        }

        #[test]
        fn a_sketch_is_of_no_other_opinion_of_numbers(left in "1[0-3]{9,10}", right in "1[0-3]{9,10}") {
            holds(&Kind::Phone, &left, &right)?;
        }

        #[test]
        fn a_sketch_is_of_no_other_opinion_of_days(left in (1890u32..2030, 1u32..=12, 1u32..=28, 0usize..3), right in (1890u32..2030, 1u32..=12, 1u32..=28, 0usize..3)) {
            let text = |(year, month, day, cut): (u32, u32, u32, usize)| format!("{year}-{month:02}-{day:02}")[..10 - 3 * cut].to_owned();
            holds(&Kind::Date, &text(left), &text(right))?;
            holds(&Kind::Date, &text(left), &text((left.0, right.1, right.2, right.3)))?;
        }
    }

    #[test]
    fn most_strangers_are_told_apart_from_afar() {
        let apart = |kind: &Kind, left: &str, right: &str| kind.telling((&kind.sketch(left), &kind.sketch(right))) == Some(0);
        assert!(
            apart(&Kind::Name, "王小明", "王大伟") && apart(&Kind::Name, "张伟", "张三") && apart(&Kind::Name, "JOHN SMITH", "MARY BROWN")
        );
        assert!(apart(&Kind::Text, "anna.smith8812@example.org", "anna.smith4307@example.org"), "other digits, too many for two edits");
        assert!(apart(&Kind::Address, "云溪县城关镇人民路12号3栋", "东河乡柳树村8号"));
        assert!(apart(&Kind::Phone, "12012345678", "12098765432"));
    }
}
