//! `mask_address`: the mask of an address.

use super::{Described, Gives, Kind, VALUE};

pub(super) const FUNCTION: Described = Described {
    name: "mask_address",
    zh: "地址的脱敏写法：留前6个字",
    en: "The mask of an address: its first six characters stay",
    arguments: &[VALUE],
    gives: Gives::Text(|row, _| Some(Kind::Address.mask(row[0]))),
    example: ("mask_address('云溪县城关镇人民路12号')", "云溪县城关镇******"),
};
