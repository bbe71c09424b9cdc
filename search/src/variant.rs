//! Characters that are written in more than one way: traditional and simplified, and variants that stand in names. Which those are is data
//! (`names/variants.csv`). Folding is for finding only: 哲 and 喆 stay two names.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

/// The text in simplified characters; borrowed where it is so already.
pub(crate) fn simplified(text: &str) -> Cow<'_, str> {
    if text.chars().any(|character| SIMPLIFIED.contains_key(&character)) {
        Cow::Owned(text.chars().map(|character| SIMPLIFIED.get(&character).copied().unwrap_or(character)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let lines = include_str!("../names/variants.csv").lines().skip(2).filter_map(|line| line.split_once(','));
    let of_line = |(to, from): (&str, &'static str)| to.chars().next().into_iter().flat_map(|to| from.chars().map(move |from| (from, to)));
    lines.flat_map(of_line).collect()
});

/// The text in the first of the other characters that each has.
#[cfg(test)]
pub(crate) fn traditional(text: &str) -> String {
    let mut others: HashMap<char, char> = HashMap::new();
    SIMPLIFIED.iter().for_each(|(from, to)| {
        others.entry(*to).and_modify(|known| *known = (*known).min(*from)).or_insert(*from);
    });
    text.chars().map(|character| others.get(&character).copied().unwrap_or(character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_goes_to_the_end_at_once() {
        assert_eq!(simplified("張偉・劉曉東"), "张伟・刘晓东");
        assert_eq!(simplified("王喆堃"), "王哲坤");
        assert!(matches!(simplified("王小明 ABC"), Cow::Borrowed(_)));
        assert!(SIMPLIFIED.len() > 3000);
        for (from, to) in SIMPLIFIED.iter() {
            assert!(!SIMPLIFIED.contains_key(to), "{from} {to} is folded further");
        }
    }
}
