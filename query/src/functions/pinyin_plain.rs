//! `pinyin_plain`: any text as it is read.

use super::{Described, Gives, VALUE, kind};

pub(super) const FUNCTION: Described = Described {
    name: "pinyin_plain",
    zh: "任意文本的拼音，无声调，不按姓氏读音",
    en: "Any text in pinyin without tones; nothing in it is taken for a surname",
    arguments: &[VALUE],
    gives: Gives::Text(|row, _| Some(kind::name::reading(row[0]))),
    example: ("pinyin_plain('单位')", "dan wei"),
};
