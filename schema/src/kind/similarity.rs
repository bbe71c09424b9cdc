//! Measures of likeness between two texts, in characters. They know nothing of what the texts mean.

/// Jaro–Winkler similarity from 0 to 1 (Winkler 1990: prefix of up to 4, scale 0.1).
pub(super) fn jaro_winkler(left: &str, right: &str) -> f64 {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let jaro = jaro(&left, &right);
    let prefix = left.iter().zip(&right).take(4).take_while(|(a, b)| a == b).count();
    jaro + count(prefix) * 0.1 * (1.0 - jaro)
}

fn jaro(left: &[char], right: &[char]) -> f64 {
    if left.is_empty() || right.is_empty() {
        return if left.len() == right.len() { 1.0 } else { 0.0 };
    }
    let window = (left.len().max(right.len()) / 2).saturating_sub(1);
    let mut taken = vec![false; right.len()];
    let mut matched = Vec::with_capacity(left.len());
    for (at, character) in left.iter().enumerate() {
        let range = at.saturating_sub(window)..(at + window + 1).min(right.len());
        if let Some(found) = range.into_iter().find(|&other| !taken[other] && right[other] == *character) {
            taken[found] = true;
            matched.push(*character);
        }
    }
    if matched.is_empty() {
        return 0.0;
    }
    let others = right.iter().zip(&taken).filter(|(_, taken)| **taken).map(|(character, _)| character);
    let moved = matched.iter().zip(others).filter(|(a, b)| a != b).count();
    let hits = count(matched.len());
    (hits / count(left.len()) + hits / count(right.len()) + (hits - count(moved) / 2.0) / hits) / 3.0
}

/// Whether one slip of the hand separates two texts of equal length: another character, or two neighbours swapped.
pub(super) fn one_slip(left: &str, right: &str) -> bool {
    let different: Vec<(usize, char, char)> =
        left.chars().zip(right.chars()).enumerate().filter(|(_, (a, b))| a != b).map(|(at, (a, b))| (at, a, b)).take(3).collect();
    if left.chars().count() != right.chars().count() {
        return false;
    }
    match different[..] {
        [_] => true,
        [(first, a, b), (second, c, d)] => second == first + 1 && a == d && b == c,
        _ => false,
    }
}

/// Dice coefficient of the sets of character pairs, from 0 to 1.
pub(super) fn dice(left: &str, right: &str) -> f64 {
    let (left, right) = (pairs(left), pairs(right));
    if left.is_empty() || right.is_empty() {
        return 0.0;
    }
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, shared) = (i + 1, j + 1, shared + 1),
        }
    }
    2.0 * count(shared) / count(left.len() + right.len())
}

fn pairs(text: &str) -> Vec<(char, char)> {
    let mut pairs: Vec<_> = text.chars().zip(text.chars().skip(1)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[expect(clippy::cast_precision_loss, reason = "lengths of values are far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jaro_winkler_gives_the_values_of_winklers_paper() {
        for (left, right, expected) in
            [("MARTHA", "MARHTA", 0.961), ("DWAYNE", "DUANE", 0.840), ("DIXON", "DICKSONX", 0.813), ("", "A", 0.0)]
        {
            assert!((jaro_winkler(left, right) - expected).abs() < 0.001, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_is_one_character_or_one_swap() {
        assert!(one_slip("12012345678", "12012345679") && one_slip("12012345678", "12012354678"));
        assert!(!one_slip("1201", "120") && !one_slip("1201", "2110") && !one_slip("12", "12"));
    }

    #[test]
    fn dice_counts_shared_pairs() {
        assert!((dice("night", "nacht") - 0.25).abs() < 1e-9);
        assert!(dice("a", "b") == 0.0);
    }
}
