//! Plates of vehicles as people type them, with blanks, dots or hyphens between their parts: 京A·12345, 京A 12345, 京 A-12345.

/// The characters that may follow the digits: of trailers, learners, the police and the two other regimes.
const LAST: [char; 5] = ['挂', '学', '警', '港', '澳'];

/// Places behind the two that say where it is registered.
const PLACES: std::ops::RangeInclusive<usize> = 5..=6;

/// The most words that one is typed in.
pub(crate) const PARTS: usize = 4;

/// Whether a text is one: a character of a place, a letter, and five or six places with a digit among them.
pub(crate) fn is_plate(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|character| character.is_alphanumeric()).collect();
    let is_parted = text.chars().all(|character| character.is_alphanumeric() || matches!(character, ' ' | '·' | '•' | '・' | '.' | '-'));
    let [place, office, places @ ..] = plain.as_slice() else { return false };
    let is_place = |character: &char| character.is_ascii_alphanumeric() || LAST.contains(character);
    is_parted
        && place.is_alphabetic()
        && !place.is_ascii()
        && office.is_ascii_alphabetic()
        && PLACES.contains(&places.len())
        && places.iter().all(is_place)
        && places.iter().filter(|character| LAST.contains(character)).count() <= 1
        && places.iter().any(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_is_one_however_it_is_parted() {
        for text in ["溪A12345", "溪A·12345", "溪A 12345", "溪 A-12345", "溪a D12345", "溪A.1234挂", "溪A 1234学"] {
            assert!(is_plate(text), "{text}");
        }
        for text in
            ["溪A1234", "溪A1234567", "AA12345", "溪12345", "王小明 0017", "张A伟12345", "溪AABCDE", "溪A/12345", "溪A12挂挂5", "", "溪"]
        {
            assert!(!is_plate(text), "{text}");
        }
    }
}
