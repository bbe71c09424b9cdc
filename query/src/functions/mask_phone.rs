//! `mask_phone`: the mask of a phone number.

use super::{Described, Gives, Kind, VALUE};

pub(super) const FUNCTION: Described = Described {
    name: "mask_phone",
    zh: "联系电话的脱敏写法：留前3位和后2位",
    en: "The mask of a phone number: its first three and last two digits stay",
    arguments: &[VALUE],
    gives: Gives::Text(|row, _| Some(Kind::Phone.mask(row[0]))),
    example: ("mask_phone('12012345678')", "120******78"),
};
