//! `pinyin_folded`: how a name sounds to those who part the fewest sounds.

use super::{Described, Gives, NAME, kind};

pub(super) const FUNCTION: Described = Described {
    name: "pinyin_folded",
    zh: "姓名拼音归并易混音（n/l/r、h/f、平翘舌、前后鼻音）后的形式，用于近音比较，不作书写",
    en: "How a name sounds to those who part the fewest sounds (n, l and r; h and f; z and zh; in and ing), for comparing only",
    arguments: &[NAME],
    gives: Gives::Text(|row, _| Some(kind::name::folded(row[0]))),
    example: ("pinyin_folded('林红') = pinyin_folded('宁红')", "true"),
};
