//! Lists that people bring to be held against the index: what their columns are called (`lists/headings.csv`), and what a line says. Which
//! files lists are read from is not known here.

use crate::{Class, chip::Meant, document::Searched, number, typed::Word, way::Way};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};
use wuwei_schema::{Codes, Kind, Label};

/// The lines that are held against an index at once, at most.
pub const MAX_LINES: usize = 5000;

/// What a column of a list says; in the order in which agreeing on it weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// A number that is of one only: citizen id, permit, credit code.
    Number,
    /// A phone, which a family may share.
    Phone,
    /// A name.
    Name,
    /// The date of birth, or as much of it as is known. It finds nobody by itself.
    Birth,
    /// An address down to a house at least.
    Address,
}

/// A line of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its row in the list.
    pub row: i64,
    /// What it says, as it is written there.
    pub values: BTreeMap<Column, String>,
}

impl Column {
    /// All of them, in their order.
    pub const ALL: [Column; 5] = [Column::Number, Column::Phone, Column::Name, Column::Birth, Column::Address];

    /// Which of a list's headings is which column: the first that is called just so, else the first that ends so (申请人姓名). Those of people go
    /// before those of other things: beside 姓名, 单位名称 is where somebody works.
    pub fn of_headings(headings: &[&str]) -> BTreeMap<Column, usize> {
        let folded: Vec<String> = headings.iter().map(|heading| fold(heading)).collect();
        let place = |fits: &dyn Fn(&str) -> bool| {
            let fitting = folded.iter().enumerate().filter(|(_, heading)| fits(heading));
            fitting.min_by_key(|(at, heading)| (!types_of(heading).is_empty(), *at)).map(|(at, _)| at)
        };
        let mut found = BTreeMap::new();
        for (column, words) in HEADINGS.iter() {
            let exact = || place(&|heading| words.contains(&heading));
            let ending = || place(&|heading| words.iter().any(|word| !word.is_ascii() && heading.ends_with(word)));
            found.extend(exact().or_else(ending).map(|at| (*column, at)));
        }
        found
    }

    /// How people call it.
    pub fn label(self) -> Label {
        let (zh, en) = match self {
            Column::Number => ("号码", "Number"),
            Column::Phone => ("电话", "Phone"),
            Column::Name => ("姓名", "Name"),
            Column::Birth => ("出生日期", "Birth date"),
            Column::Address => ("地址", "Address"),
        };
        Label { zh: zh.to_owned(), en: en.to_owned() }
    }

    fn name(self) -> &'static str {
        match self {
            Column::Number => "number",
            Column::Phone => "phone",
            Column::Name => "name",
            Column::Birth => "birth",
            Column::Address => "address",
        }
    }

    /// Whether that property can agree with the column.
    pub(crate) fn is_of(self, searched: &Searched) -> bool {
        match (searched.way, self) {
            (Way::Exact { .. }, Column::Phone) => searched.kind == Kind::Phone,
            (Way::Exact { .. }, Column::Number) => searched.kind != Kind::Phone,
            (Way::Words { .. }, Column::Name) => searched.kind == Kind::OrganizationName,
            (Way::Name(_), Column::Name) | (Way::Day { .. }, Column::Birth) | (Way::Address { .. }, Column::Address) => true,
            _ => false,
        }
    }

    /// Whether an answer of that class is one: whole values only, since a list's line means one person.
    pub(crate) fn accepts(self, class: Class) -> bool {
        match self {
            Column::Number | Column::Phone => matches!(class, Class::Number | Class::Covered | Class::NumberSlip),
            Column::Name => {
                matches!(class, Class::Name | Class::Variant | Class::Pinyin | Class::Homophone | Class::Alike)
            }
            Column::Birth => class == Class::Given,
            Column::Address => (Class::Room..=Class::House).contains(&class),
        }
    }

    /// The value as a word to look for; nothing where it says nothing.
    pub(crate) fn word(self, value: &str) -> Option<Word> {
        let kind = if self == Column::Birth { Kind::Date } else { Kind::Text };
        let codes = Codes::default();
        let tidy = kind.clean(value, &codes).ok().filter(|tidy| !tidy.is_empty())?;
        let meant = match self {
            Column::Number | Column::Phone => Meant::Number,
            Column::Name => Meant::Name,
            Column::Address => Meant::Address,
            Column::Birth => Meant::of(&format!("born:{tidy}"), 0).0,
        };
        Some(Word::new(&tidy, meant))
    }

    /// Whether the value is none of what the column should hold, by the checks of the properties that it can agree with: a digit may be
    /// wrong. Of numbers only those that are as long as a citizen id can be checked.
    pub(crate) fn is_doubtful<'a>(self, value: &str, mut properties: impl Iterator<Item = &'a Searched>) -> bool {
        let codes = Codes::default();
        let fails = |kind: &Kind| kind.clean(value, &codes).is_err();
        match self {
            Column::Number => {
                let is_long = matches!(number::plain(value).chars().count(), 15 | 18);
                is_long && properties.any(|searched| searched.kind == Kind::CitizenId && fails(&searched.kind))
            }
            Column::Birth => fails(&Kind::Date),
            _ => {
                let mut fitting = properties.filter(|searched| self.is_of(searched)).map(|searched| fails(&searched.kind)).peekable();
                fitting.peek().is_some() && fitting.all(|fails| fails)
            }
        }
    }
}

/// The entity types that a heading speaks of: 企业名称 is that of an organisation. None where it may be that of a person.
pub fn types_of(heading: &str) -> Vec<&'static str> {
    let heading = fold(heading);
    let is_so = |word: &&str| heading == **word || !word.is_ascii() && heading.ends_with(*word);
    OTHERS.iter().filter(|(_, words)| words.iter().any(is_so)).map(|(entity, _)| *entity).collect()
}

fn stated() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../lists/headings.csv").lines().skip(2).filter_map(|line| line.split_once(','))
}

/// Headings of other things than people, by entity type: what in the file is no column.
static OTHERS: LazyLock<Vec<(&'static str, Vec<&'static str>)>> = LazyLock::new(|| {
    let others = stated().filter(|(name, _)| Column::ALL.into_iter().all(|column| column.name() != *name));
    others.map(|(entity, words)| (entity, words.split(' ').collect())).collect()
});

static HEADINGS: LazyLock<Vec<(Column, Vec<&'static str>)>> = LazyLock::new(|| {
    let column = |name: &str| Column::ALL.into_iter().find(|column| column.name() == name);
    stated().filter_map(|(name, words)| Some((column(name)?, words.split(' ').collect()))).collect()
});

/// Letters and digits, in small letters.
fn fold(heading: &str) -> String {
    heading.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_their_headings() {
        use Column::{Address, Birth, Name, Number, Phone};
        for (headings, expected) in [
            (
                vec!["序号", "姓名", "身份证号", "手机号", "住址", "出生日期"],
                vec![(Number, 2), (Phone, 3), (Name, 1), (Birth, 5), (Address, 4)],
            ),
            (
                vec!["No.", "Name", "ID", "Phone", "Address", "Date of birth"],
                vec![(Number, 2), (Phone, 3), (Name, 1), (Birth, 5), (Address, 4)],
            ),
            (vec!["申请人姓名", "姓名", "ID_CARD_NO"], vec![(Number, 2), (Name, 1)]),
            (vec!["申请人姓名", "备注", "申请人身份证号"], vec![(Number, 2), (Name, 0)]),
            (vec!["用人单位名称", "人员姓名", "电话号"], vec![(Phone, 2), (Name, 1)]),
            (vec!["企业名称", "统一社会信用代码"], vec![(Number, 1), (Name, 0)]),
            (vec!["号牌号码"], vec![(Number, 0)]),
            (vec!["金额", "备注"], vec![]),
        ] {
            assert_eq!(Column::of_headings(&headings).into_iter().collect::<Vec<_>>(), expected, "{headings:?}");
        }
        assert_eq!(HEADINGS.len(), Column::ALL.len());
        let model = wuwei_schema::Model::embedded().unwrap();
        assert!(OTHERS.iter().all(|(entity, _)| model.entity(entity).is_some_and(|entity| entity.is_found())), "{OTHERS:?}");
        let of_none = OTHERS.iter().flat_map(|(_, words)| words).find(|word| Column::of_headings(&[word]).is_empty());
        assert_eq!(of_none, None, "each is a column too");
    }

    #[test]
    fn headings_tell_of_what_the_list_is() {
        for (heading, types) in [
            ("姓名", &[][..]),
            ("身份证号", &[]),
            ("企业名称", &["organization"]),
            ("申请单位名称", &["organization"]),
            ("统一社会信用代码", &["organization", "school"]),
            ("车牌号", &["vehicle"]),
            ("户号", &["household"]),
            ("房屋编号", &["dwelling"]),
        ] {
            assert_eq!(types_of(heading), types, "{heading}");
        }
    }
}
