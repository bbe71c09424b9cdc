//! `mask`: what those see of a value who may not see it.

use super::{Described, Gives, KIND, Kind, VALUE};

pub(super) const FUNCTION: Described = Described {
    name: "mask",
    zh: "某一值类型的脱敏写法，与无权查看者所见相同；对已脱敏的值不变",
    en: "What those see of a value of a kind who may not see it; a mask stays as it is",
    arguments: &[KIND, VALUE],
    gives: Gives::Text(|row, _| Some(Kind::parse(row[0])?.mask(row[1]))),
    example: ("mask('phone', '12012345678')", "120******78"),
};
