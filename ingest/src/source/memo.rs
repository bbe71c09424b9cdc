//! What was found out about the last texts of a column: few texts make up a code column, and the same day stands in many rows. Each text
//! has one place where it is remembered until another comes there, so that memory is bounded and forgetting costs nothing.

use twox_hash::XxHash3_64;
use wuwei_schema::Fault;

/// As many as a byte tells apart. A list of codes in use rarely has more.
const PLACES: usize = 256;

/// Texts that are asked for before it is judged whether remembering them pays: for that, every other one is to be known.
const TRIAL: u32 = 4096;

/// Texts and what they mean.
#[derive(Debug)]
pub(super) struct Memo {
    known: Vec<Known>,
    asked: u32,
    found: u32,
}

#[derive(Debug)]
struct Known {
    text: String,
    value: Result<String, Fault>,
}

/// Where a text is remembered, if it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(usize);

impl Memo {
    pub(super) fn new() -> Memo {
        // The empty text is nothing.
        let known = (0..PLACES).map(|_| Known { text: String::new(), value: Ok(String::new()) }).collect();
        Memo { known, asked: 0, found: 0 }
    }

    /// Whether it has been of little use: texts of the column seldom repeat, as births do.
    pub(super) fn is_idle(&self) -> bool {
        self.asked >= TRIAL && self.found < self.asked / 2
    }

    pub(super) fn place(text: &str) -> Place {
        let bytes = text.as_bytes();
        let hash = match bytes.len() {
            // A code or a short name fits in one number, which is spread by a multiplication (Knuth, "Fibonacci hashing").
            0..=8 => {
                let mut number = [0; 8];
                number[..bytes.len()].copy_from_slice(bytes);
                u64::from_le_bytes(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).swap_bytes()
            }
            _ => XxHash3_64::oneshot(bytes),
        };
        let [byte, ..] = hash.to_le_bytes();
        Place(usize::from(byte))
    }

    pub(super) fn has(&mut self, place: Place, text: &str) -> bool {
        let has = self.known[place.0].text == text;
        if self.asked < TRIAL {
            self.asked += 1;
            self.found += u32::from(has);
        }
        has
    }

    pub(super) fn get(&self, place: Place) -> Result<&str, Fault> {
        self.known[place.0].value.as_deref().map_err(Fault::clone)
    }

    pub(super) fn put(&mut self, place: Place, text: &str, value: Result<String, Fault>) {
        let known = &mut self.known[place.0];
        known.text.clear();
        known.text.push_str(text);
        known.value = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_until_another_takes_its_place() {
        let mut memo = Memo::new();
        for number in 0..10 * PLACES {
            let text = number.to_string();
            let place = Memo::place(&text);
            assert!(!memo.has(place, &text));
            memo.put(place, &text, Ok(format!("{number}.")));
            assert!(memo.has(place, &text));
            assert_eq!(memo.get(place), Ok(format!("{number}.").as_str()));
        }
    }
}
