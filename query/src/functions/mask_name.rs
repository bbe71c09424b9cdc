//! `mask_name`: the mask of a name.

use super::{Described, Gives, Kind, NAME};

pub(super) const FUNCTION: Described = Described {
    name: "mask_name",
    zh: "姓名的脱敏写法：留第一个字",
    en: "The mask of a name: its first character stays",
    arguments: &[NAME],
    gives: Gives::Text(|row, _| Some(Kind::Name.mask(row[0]))),
    example: ("mask_name('王小明')", "王**"),
};
