//! How people are addressed: 许女士, 张老师 and 老李 are a surname with a title, by which nobody is registered. Which titles there are is data
//! (`titles/titles.csv`); whether a title was meant is not known, so that whoever is called so is found as well.

use std::{collections::HashSet, sync::LazyLock};
use wuwei_schema::kind::address;

/// The longest name before a title, in characters.
const LONGEST: usize = 4;

/// A name or surname, and the title that stands at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Titled<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
}

impl Titled<'_> {
    /// As nobody else is: a surname that is common, and no more, follows what stands before it, any surname or name what stands behind.
    pub(crate) fn of(word: &str) -> Option<Titled<'_>> {
        if !word.chars().all(|character| character.is_alphabetic() && !character.is_ascii()) {
            return None;
        }
        let before = TITLES.before.iter().find_map(|title| Some(Titled { name: word.strip_prefix(*title)?, title }));
        let behind = TITLES.behind.iter().find_map(|title| Some(Titled { name: word.strip_suffix(*title)?, title }));
        let is_name = |titled: &Titled<'_>| {
            (1..=LONGEST).contains(&titled.name.chars().count()) && address::parts(titled.name).iter().all(|part| part.is_empty())
        };
        behind.filter(is_name).or_else(|| before.filter(|titled| SURNAMES.contains(titled.name)))
    }
}

/// Those that stand before a surname, and those behind, the longest first.
struct Titles {
    before: Vec<&'static str>,
    behind: Vec<&'static str>,
}

static TITLES: LazyLock<Titles> = LazyLock::new(|| {
    let lines = include_str!("../titles/titles.csv").lines().skip(2).filter_map(|line| line.split_once(','));
    let of = |place: &str| {
        let mut titles: Vec<&str> = lines.clone().filter(|(of, _)| *of == place).map(|(_, title)| title).collect();
        titles.sort_by_key(|title| std::cmp::Reverse(title.len()));
        titles
    };
    Titles { before: of("before"), behind: of("behind") }
});

static SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("../titles/surnames.csv").lines().skip(2).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_told_from_the_name_that_it_stands_at() {
        for (word, expected) in [
            ("许女士", Some(("许", "女士"))),
            ("欧阳先生", Some(("欧阳", "先生"))),
            ("张老师", Some(("张", "老师"))),
            ("王小明老师", Some(("王小明", "老师"))),
            ("小王", Some(("王", "小"))),
            ("老李", Some(("李", "老"))),
            ("小明", None),
            ("小王明", None),
            ("女士", None),
            ("老师", None),
            ("人民路老师", None),
            ("云溪县教育局局长", None),
            ("王1老师", None),
            ("li老师", None),
            ("王小明", None),
            ("", None),
        ] {
            let titled = Titled::of(word).map(|titled| (titled.name, titled.title));
            assert_eq!(titled, expected, "{word}");
        }
        assert_eq!(SURNAMES.len(), 100);
    }
}
