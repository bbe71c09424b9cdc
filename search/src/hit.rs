//! What was found, and how near it is. The order of classes is the order of answers, always: what is exact stands before what is near.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use wuwei_schema::Label;

/// An entity that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Its number.
    pub entity_id: i64,
    /// How near it is to what was typed. Of several words the one that is least near counts.
    pub class: Class,
    /// The date of the newest record that it was found by, ISO 8601, where records have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// By whose word it was found: each word's nearest records, in the order of properties, then of departments.
    pub matched_by: Vec<MatchedBy>,
}

/// What of whose record an entity was found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MatchedBy {
    /// How near.
    pub class: Class,
    /// The property.
    pub property: String,
    /// The department that states it.
    pub department: String,
}

impl Hit {
    /// How many departments agree on what was found.
    pub fn departments(&self) -> usize {
        departments(&self.matched_by)
    }

    /// The properties that were least near, with the departments that state them: `name (civil, police)`.
    pub fn by(&self) -> String {
        let nearest = self.matched_by.iter().filter(|by| by.class == self.class).collect::<Vec<_>>();
        let of_property = nearest.chunk_by(|left, right| left.property == right.property).map(|by| {
            let departments: Vec<&str> = by.iter().map(|by| by.department.as_str()).collect();
            format!("{} ({})", by[0].property, departments.join(", "))
        });
        of_property.collect::<Vec<_>>().join("; ")
    }

    /// What hits are in order by: how near, how many departments agree, how new, and the number. Nothing else ranks anybody.
    pub fn order(&self) -> impl Ord + use<> {
        (self.class, Reverse(self.departments()), Reverse(self.observed.clone()), self.entity_id)
    }
}

/// How many departments are among these.
pub(crate) fn departments(by: &[MatchedBy]) -> usize {
    let mut departments: Vec<&str> = by.iter().map(|by| by.department.as_str()).collect();
    departments.sort_unstable();
    departments.dedup();
    departments.len()
}

/// How near a hit is to what was typed, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// What was only narrowed by, a date of birth or a division, is so.
    Given,
    /// The whole number.
    Number,
    /// The whole name.
    Name,
    /// The beginning of the name.
    NameStart,
    /// A part of the name.
    NamePart,
    /// The name but for what was left open: 张?伟, 张\*伟.
    Pattern,
    /// The last 4 to 8 places of a number.
    Tail,
    /// A number that has the same places where they are not covered: 120\*\*\*\*8000.
    Covered,
    /// The same room.
    Room,
    /// The same entrance of a building.
    Unit,
    /// The same building.
    Building,
    /// The same house number, estate or village house.
    House,
    /// The same street.
    Street,
    /// A part of the address.
    AddressPart,
    /// A part of the text.
    Words,
    /// The whole name in traditional characters, simplified ones or variants.
    Variant,
    /// A part of it.
    VariantPart,
    /// The whole name in pinyin.
    Pinyin,
    /// The beginning of the name in pinyin, or of a Latin name.
    PinyinStart,
    /// The first letters of the name's syllables.
    Initials,
    /// A part of the name in pinyin, from the beginning of a syllable or Latin word.
    PinyinPart,
    /// Another name, of the same given name and surname in the other order: 燕梅许.
    Turned,
    /// Another name that sounds the same.
    Homophone,
    /// A name with a part that sounds the same.
    HomophonePart,
    /// A name that sounds the same to those who do not part n and l, z and zh, in and ing.
    Alike,
    /// A number but for one place, or with two neighbours in the other order. Asked for only where nothing else is found.
    NumberSlip,
    /// A name in pinyin, or a Latin one, but for one letter, in the same way.
    PinyinSlip,
}

impl Class {
    /// Whether it is only near: another name, and no other way of writing or typing this one.
    pub fn is_near(self) -> bool {
        self >= Class::Turned
    }

    /// How people call it.
    pub fn label(self) -> Label {
        let (zh, en) = match self {
            Class::Given => ("条件符合", "As asked"),
            Class::Number => ("号码一致", "Same number"),
            Class::Name => ("姓名一致", "Same name"),
            Class::NameStart => ("姓名开头一致", "Name begins so"),
            Class::NamePart => ("姓名部分一致", "Part of the name"),
            Class::Pattern => ("姓名合于所给的字", "Name fits the pattern"),
            Class::Tail => ("尾号一致", "Last digits"),
            Class::Covered => ("号码未遮部分一致", "Uncovered digits"),
            Class::Room => ("同室", "Same room"),
            Class::Unit => ("同单元", "Same entrance"),
            Class::Building => ("同楼栋", "Same building"),
            Class::House => ("同门牌或小区", "Same house or estate"),
            Class::Street => ("同路街", "Same street"),
            Class::AddressPart => ("地址部分一致", "Part of the address"),
            Class::Words => ("文字一致", "Part of the text"),
            Class::Variant => ("繁简异体一致", "Same name, other characters"),
            Class::VariantPart => ("繁简异体部分一致", "Part of the name, other characters"),
            Class::Pinyin => ("拼音一致", "Same pinyin"),
            Class::PinyinStart => ("拼音开头一致", "Pinyin begins so"),
            Class::Initials => ("拼音首字母一致", "Same initials"),
            Class::PinyinPart => ("拼音部分一致", "Part of the pinyin"),
            Class::Turned => ("名在姓前", "Given name before the surname"),
            Class::Homophone => ("同音", "Sounds the same"),
            Class::HomophonePart => ("部分同音", "Part sounds the same"),
            Class::Alike => ("近音", "Sounds nearly the same"),
            Class::NumberSlip => ("号码差一位", "One digit differs"),
            Class::PinyinSlip => ("拼音差一个字母", "One letter differs"),
        };
        Label { zh: zh.to_owned(), en: en.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exact_stands_before_what_is_near() {
        let exact = [
            Class::Number,
            Class::Name,
            Class::NameStart,
            Class::NamePart,
            Class::Pattern,
            Class::Tail,
            Class::Covered,
            Class::Room,
            Class::Unit,
            Class::Building,
            Class::House,
            Class::Street,
            Class::AddressPart,
            Class::Words,
            Class::Variant,
            Class::VariantPart,
            Class::Pinyin,
            Class::PinyinStart,
            Class::Initials,
            Class::PinyinPart,
        ];
        let near = [Class::Turned, Class::Homophone, Class::HomophonePart, Class::Alike, Class::NumberSlip, Class::PinyinSlip];
        assert!(exact.iter().all(|class| !class.is_near()) && near.iter().all(|class| class.is_near()));
        let order: Vec<Class> = exact.into_iter().chain(near).collect();
        assert!(order.is_sorted());
        assert!(order.iter().all(|class| !class.label().zh.is_empty() && !class.label().en.is_empty()));
        assert_eq!(serde_json::to_string(&Class::NameStart).unwrap(), r#""name_start""#);
    }
}
