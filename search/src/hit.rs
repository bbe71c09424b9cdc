//! What was found, and how near it is. The order of classes is the order of answers, always: what is exact stands before what is near.

use serde::Serialize;
use wuwei_schema::Label;

/// An entity that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Its number.
    pub entity_id: i64,
    /// How near it is to what was typed. Of several words the one that is least near counts.
    pub class: Class,
    /// The property in which it was found so.
    pub property: String,
}

/// How near a hit is to what was typed, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The whole number.
    Number,
    /// The whole name.
    Name,
    /// The beginning of the name.
    NameStart,
    /// A part of the name.
    NamePart,
    /// The last 4 to 8 places of a number.
    Tail,
    /// The whole name in pinyin.
    Pinyin,
    /// The beginning of the name in pinyin, or of a Latin name.
    PinyinStart,
    /// The first letters of the name's syllables.
    Initials,
    /// A part of the name in pinyin, from the beginning of a syllable or Latin word.
    PinyinPart,
    /// Another name that sounds the same.
    Homophone,
    /// A name with a part that sounds the same.
    HomophonePart,
}

impl Class {
    /// How people call it.
    pub fn label(self) -> Label {
        let (zh, en) = match self {
            Class::Number => ("号码一致", "Same number"),
            Class::Name => ("姓名一致", "Same name"),
            Class::NameStart => ("姓名开头一致", "Name begins so"),
            Class::NamePart => ("姓名部分一致", "Part of the name"),
            Class::Tail => ("尾号一致", "Last digits"),
            Class::Pinyin => ("拼音一致", "Same pinyin"),
            Class::PinyinStart => ("拼音开头一致", "Pinyin begins so"),
            Class::Initials => ("拼音首字母一致", "Same initials"),
            Class::PinyinPart => ("拼音部分一致", "Part of the pinyin"),
            Class::Homophone => ("同音", "Sounds the same"),
            Class::HomophonePart => ("部分同音", "Part sounds the same"),
        };
        Label { zh: zh.to_owned(), en: en.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exact_stands_before_what_is_near() {
        let order = [
            Class::Number,
            Class::Name,
            Class::NameStart,
            Class::NamePart,
            Class::Tail,
            Class::Pinyin,
            Class::PinyinStart,
            Class::Initials,
            Class::PinyinPart,
            Class::Homophone,
            Class::HomophonePart,
        ];
        assert!(order.is_sorted());
        assert!(order.iter().all(|class| !class.label().zh.is_empty() && !class.label().en.is_empty()));
        assert_eq!(serde_json::to_string(&Class::NameStart).unwrap(), r#""name_start""#);
    }
}
