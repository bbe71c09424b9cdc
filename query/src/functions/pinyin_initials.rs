//! `pinyin_initials`: the first letters of a name as it is read.

use super::{Described, Gives, NAME, kind};

pub(super) const FUNCTION: Described = Described {
    name: "pinyin_initials",
    zh: "姓名拼音的首字母，姓氏按姓氏读音",
    en: "The first letters of a name in pinyin, the surname read as a surname",
    arguments: &[NAME],
    gives: Gives::Text(|row, _| Some(kind::name::initials(row[0]))),
    example: ("pinyin_initials('单小明')", "sxm"),
};
