//! `pinyin`: a name as it is read.

use super::{Described, Gives, NAME, kind};

pub(super) const FUNCTION: Described = Described {
    name: "pinyin",
    zh: "姓名的拼音，无声调，音节以空格分开，姓氏按姓氏读音（单、曾、尉迟等）",
    en: "A name in pinyin without tones, syllables apart, the surname read as a surname",
    arguments: &[NAME],
    gives: Gives::Text(|row, _| Some(kind::name::pinyin(row[0]))),
    example: ("pinyin('单小明')", "shan xiao ming"),
};
