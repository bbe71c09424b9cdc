//! Where one syllable ends and the next begins in joined pinyin: `xian` is xian or xi an.

const INITIALS: [&str; 23] =
    ["zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w"];

const FINALS: [&str; 33] = [
    "iang", "iong", "uang", "ang", "eng", "ian", "iao", "ing", "ong", "uai", "uan", "ai", "an", "ao", "ei", "en", "er", "ia", "ie", "in",
    "iu", "ou", "ua", "ue", "ui", "un", "uo", "ve", "a", "e", "i", "o", "u",
];

/// The most ways that are tried.
const MOST: usize = 8;

/// The ways to part letters into syllables, longer syllables first; none where they are no pinyin.
pub(super) fn spellings(letters: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    part(letters, &mut Vec::new(), &mut found);
    found
}

fn part(letters: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if letters.is_empty() && found.len() < MOST {
        found.push(before.clone());
    }
    // Eight syllables are longer than any name's run of letters.
    if letters.is_empty() || found.len() >= MOST || before.len() >= 8 {
        return;
    }
    let initial = INITIALS.into_iter().find(|initial| letters.starts_with(initial)).unwrap_or("");
    let rest = &letters[initial.len()..];
    for end in FINALS.into_iter().chain(["v"]).filter(|end| rest.starts_with(end)) {
        let length = initial.len() + end.len();
        before.push(letters[..length].to_owned());
        part(&letters[length..], before, found);
        before.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_apart_in_every_way() {
        let joined = |letters| spellings(letters).iter().map(|way| way.join(" ")).collect::<Vec<_>>();
        assert_eq!(joined("xiaoming"), ["xiao ming", "xia o ming", "xi ao ming", "xi a o ming"]);
        assert_eq!(joined("wei"), ["wei", "we i"]);
        assert_eq!(joined("lvbu"), ["lv bu"]);
        assert_eq!(joined("abc"), [""; 0]);
        assert!(spellings(&"aoang".repeat(50)).len() <= MOST);
    }
}
