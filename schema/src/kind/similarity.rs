//! Measures of likeness between two texts, in characters. They know nothing of what the texts mean.

/// The most characters that are looked at; a longer text is compared by its beginning.
pub(super) const MOST: usize = 64;

/// How alike two texts are that were typed: 4 one edit apart, of four characters and more; 3 two edits apart, of seven and more, or
/// Jaro–Winkler of 0.92; 2 of 0.88; 1 of 0.8; 0 else, and where the digits are others: `anna.smith8812@…` is not `anna.smith4307@…`.
pub(super) fn typed(left: &str, right: &str) -> u8 {
    if left.is_ascii() && right.is_ascii() {
        let first = |text: &'_ str| text.len().min(MOST);
        return alike(&left.as_bytes()[..first(left)], &right.as_bytes()[..first(right)], u8::is_ascii_digit);
    }
    let (left, right) = (Letters::of(left), Letters::of(right));
    alike(left.as_slice(), right.as_slice(), char::is_ascii_digit)
}

/// The same of letters, at most [`MOST`]: bytes where both texts are ASCII.
fn alike<T: Copy + PartialEq>(left: &[T], right: &[T], is_digit: impl Fn(&T) -> bool) -> u8 {
    let shorter = left.len().min(right.len());
    match if shorter >= 4 { edits(left, right, 2) } else { MOST } {
        0 | 1 => return 4,
        2 if shorter >= 7 => return 3,
        _ => {}
    }
    if !left.iter().filter(|letter| is_digit(letter)).eq(right.iter().filter(|letter| is_digit(letter))) {
        return 0;
    }
    match jaro_winkler(left, right) {
        near if near >= 0.92 => 3,
        alike if alike >= 0.88 => 2,
        somewhat if somewhat >= 0.8 => 1,
        _ => 0,
    }
}

/// How alike two texts of [`FEWEST`] and more words are, by what they say and not in which order: 4 the same words, 3 eight words in ten are shared,
/// 2 six, 1 four; 0 else. Texts that can be typed anew are compared as typed, too; of longer ones Jaro–Winkler finds any two alike. Nothing of
/// fewer words.
pub(super) fn worded(left: &str, right: &str) -> Option<u8> {
    if words(left).min(words(right)) < FEWEST {
        return None;
    }
    let (ours, theirs) = (Words::of(left), Words::of(right));
    let shared = ours.as_slice().iter().filter(|word| theirs.as_slice().contains(word)).count();
    let level = match 20 * shared / (ours.count + theirs.count) {
        10 => 4,
        8.. => 3,
        6.. => 2,
        4.. => 1,
        _ => 0,
    };
    let is_short = left.chars().nth(TYPED).is_none() || right.chars().nth(TYPED).is_none();
    Some(if is_short { level.max(typed(left, right)) } else { level })
}

/// From so many words on a text is compared by them, too; the most that are looked at; and the characters up to which it is compared as typed.
pub(super) const FEWEST: usize = 3;
const WORDS: usize = 32;
const TYPED: usize = 32;

/// Different words of a text by their hashes, on the stack.
struct Words {
    words: [u64; WORDS],
    count: usize,
}

impl Words {
    fn of(text: &str) -> Words {
        let mut words = Words { words: [0; WORDS], count: 0 };
        for word in text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
            // FNV-1a.
            let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
            if words.count < WORDS && !words.as_slice().contains(&hash) {
                words.words[words.count] = hash;
                words.count += 1;
            }
        }
        words
    }

    fn as_slice(&self) -> &[u64] {
        &self.words[..self.count]
    }
}

/// Number of words that stand apart and have no digit, up to [`FEWEST`]: an e-mail address, a date or a telephone number says nothing by its pieces.
pub(super) fn words(text: &str) -> usize {
    let pieces = text.split([' ', ',', ';', '、', '|', '/']);
    let is_word = |piece: &&str| piece.contains(char::is_alphabetic) && !piece.contains(|character: char| character.is_ascii_digit());
    pieces.filter(is_word).take(FEWEST).count()
}

/// The first characters of a text, on the stack.
struct Letters {
    letters: [char; MOST],
    count: usize,
}

impl Letters {
    fn of(text: &str) -> Letters {
        let mut letters = ['\0'; MOST];
        let count = letters.iter_mut().zip(text.chars()).map(|(slot, letter)| *slot = letter).count();
        Letters { letters, count }
    }

    fn as_slice(&self) -> &[char] {
        &self.letters[..self.count]
    }
}

/// Jaro–Winkler similarity from 0 to 1 (Winkler 1990: prefix of up to 4, scale 0.1) of at most [`MOST`] characters.
fn jaro_winkler<T: Copy + PartialEq>(left: &[T], right: &[T]) -> f64 {
    let jaro = jaro(left, right);
    let prefix = left.iter().zip(right).take(4).take_while(|(a, b)| a == b).count();
    jaro + count(prefix) * 0.1 * (1.0 - jaro)
}

fn jaro<T: Copy + PartialEq>(left: &[T], right: &[T]) -> f64 {
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    let window = (left.len().max(right.len()) / 2).saturating_sub(1);
    let (mut taken, mut matched) = (0u64, 0u64);
    for (at, letter) in left.iter().enumerate() {
        let range = at.saturating_sub(window)..(at + window + 1).min(right.len());
        for other in range {
            if taken & 1 << other == 0 && right[other] == *letter {
                taken |= 1 << other;
                matched |= 1 << at;
                break;
            }
        }
    }
    if matched == 0 {
        return 0.0;
    }
    let hits = count(matched.count_ones() as usize);
    let mut moved = 0;
    while matched != 0 {
        let at = |bits: u64| bits.trailing_zeros() as usize;
        moved += usize::from(left[at(matched)] != right[at(taken)]);
        (matched, taken) = (matched & (matched - 1), taken & (taken - 1));
    }
    (hits / count(left.len()) + hits / count(right.len()) + (hits - count(moved) / 2.0) / hits) / 3.0
}

/// Insertions, deletions, substitutions and swaps of neighbours from one text to the other (optimal string alignment, after Damerau 1964
/// and Levenshtein 1966); some number above `most` where there are more. What both begin and end with is left out, and only the band that
/// `most` leaves open is filled.
fn edits<T: Copy + PartialEq>(left: &[T], right: &[T], most: u8) -> usize {
    let (left, right) = between(left, right);
    let (rows, columns) = (left.len(), right.len());
    let far = most + 1;
    if rows.abs_diff(columns) > usize::from(most) {
        return usize::from(far);
    }
    if rows.min(columns) == 0 {
        return rows.max(columns);
    }
    let band = usize::from(most);
    // Three rows of the table in turn: this one, the one before and the one before that.
    let mut table = [[far; MOST + 1]; 3];
    table[0].iter_mut().zip(0..far).for_each(|(cell, at)| *cell = at);
    for i in 1..=rows {
        let (row, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        let (from, to) = (i.saturating_sub(band).max(1), (i + band).min(columns));
        table[row][from - 1] = if from == 1 { u8::try_from(i).unwrap_or(far).min(far) } else { far };
        let mut least = table[row][from - 1];
        for j in from..=to {
            let differs = u8::from(left[i - 1] != right[j - 1]);
            // Above the last cell of the row before lies nothing.
            let above = if j == i + band { far } else { table[last][j] };
            let mut cell = (table[last][j - 1] + differs).min(above + 1).min(table[row][j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                cell = cell.min(table[before][j - 2] + 1);
            }
            table[row][j] = cell.min(far);
            least = least.min(table[row][j]);
        }
        if least > most {
            return usize::from(far);
        }
    }
    usize::from(table[rows % 3][columns])
}

/// Two texts without what both begin with, and then end with.
fn between<'a, T: PartialEq>(left: &'a [T], right: &'a [T]) -> (&'a [T], &'a [T]) {
    let same = |(a, b): &(&T, &T)| a == b;
    let start = left.iter().zip(right).take_while(same).count();
    let (left, right) = (&left[start..], &right[start..]);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(same).count();
    (&left[..left.len() - end], &right[..right.len() - end])
}

/// Whether one slip of the hand separates two texts of equal length: another character, or two neighbours swapped.
pub(super) fn one_slip(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.chars(), right.chars());
    let (mut at, mut seen) = (0, 0);
    let mut slips = [(0, '\0', '\0'); 2];
    loop {
        match (left.next(), right.next()) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) if seen < 2 => {
                slips[seen] = (at, a, b);
                seen += 1;
            }
            _ => return false,
        }
        at += 1;
    }
    let [(first, a, b), (second, c, d)] = slips;
    seen == 1 || (seen == 2 && second == first + 1 && a == d && b == c)
}

/// Dice coefficient of the sets of character pairs, from 0 to 1, of at most [`MOST`] characters.
pub(super) fn dice(left: &str, right: &str) -> f64 {
    let (left, right) = (Letters::of(left), Letters::of(right));
    let pairs = |letters: &Letters| {
        let mut pairs = [0u64; MOST];
        let mut count = 0;
        for pair in letters.as_slice().windows(2) {
            let packed = u64::from(pair[0]) << 32 | u64::from(pair[1]);
            // Addresses have some twenty pairs: looking through them costs less than sorting them.
            if !pairs[..count].contains(&packed) {
                pairs[count] = packed;
                count += 1;
            }
        }
        (pairs, count)
    };
    let ((left, ours), (right, theirs)) = (pairs(&left), pairs(&right));
    if ours == 0 || theirs == 0 {
        return 0.0;
    }
    let shared = left[..ours].iter().filter(|pair| right[..theirs].contains(pair)).count();
    2.0 * count(shared) / count(ours + theirs)
}

#[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    /// The whole table, as the textbook has it.
    fn all_edits(left: &[char], right: &[char]) -> usize {
        let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
        for i in 0..=left.len() {
            for j in 0..=right.len() {
                table[i][j] = match (i, j) {
                    (0, other) | (other, 0) => other,
                    _ => {
                        let differs = usize::from(left[i - 1] != right[j - 1]);
                        let plain = (table[i - 1][j - 1] + differs).min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                        let swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                        if swapped { plain.min(table[i - 2][j - 2] + 1) } else { plain }
                    }
                };
            }
        }
        table[left.len()][right.len()]
    }

    #[test]
    fn jaro_winkler_gives_the_values_of_winklers_paper() {
        for (left, right, expected) in
            [("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813), ("", "A", 0.0)]
        {
            assert!((jaro_winkler(&letters(left), &letters(right)) - expected).abs() < 0.001, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_is_one_character_or_one_swap() {
        assert!(one_slip("12012345678", "12012345679") && one_slip("12012345678", "12012354678"));
        assert!(!one_slip("1201", "120") && !one_slip("1201", "2110") && !one_slip("12", "12"));
    }

    #[test]
    fn typing_levels_go_from_one_edit_to_nothing() {
        for (left, right, level) in
            [("jones", "jnoes", 4), ("smith", "smth", 4), ("jonathan", "johnathon", 3), ("12", "13", 0), ("123", "124", 0), ("a", "b", 0)]
        {
            assert_eq!(typed(left, right), level, "{left} {right}");
        }
        assert_eq!(typed("anna.smith8812@example.org", "anna.smith4307@example.org"), 0, "a number is no slip");
        assert_eq!(typed("anna.smith8812@example.org", "ana.smyth8821@example.org"), 0, "three edits, and the digits are others");
        assert_eq!(typed("anna.smith8812@example.org", "annasmyth8812@exampel.org"), 3, "three edits, and the digits are the same");
    }

    #[test]
    fn dice_counts_shared_pairs() {
        assert!((dice("night", "nacht") - 0.25).abs() < 1e-9);
        assert!(dice("a", "b") == 0.0);
    }

    proptest! {
        #[test]
        fn the_band_gives_what_the_whole_table_gives(left in "[abc]{0,9}", right in "[abc]{0,9}", most in 1u8..4) {
            let (left, right) = (letters(&left), letters(&right));
            let (all, banded) = (all_edits(&left, &right), edits(&left, &right, most));
            prop_assert_eq!(all.min(usize::from(most) + 1), banded.min(usize::from(most) + 1));
        }

        #[test]
        fn bytes_are_compared_as_letters_are(left in "[ab1@]{0,70}", right in "[ab1@]{0,70}", slip in 0usize..70) {
            let (before, after) = left.split_at(slip.min(left.len()));
            let other = format!("{before}1{after}");
            for other in [&right, &other] {
                let (letters, others) = (Letters::of(&left), Letters::of(other));
                prop_assert_eq!(typed(&left, other), alike(letters.as_slice(), others.as_slice(), char::is_ascii_digit));
            }
        }
    }
}
