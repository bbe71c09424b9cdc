//! `mask_id`: the mask of a citizen id number.

use super::{Described, Gives, ID, Kind};

pub(super) const FUNCTION: Described = Described {
    name: "mask_id",
    zh: "公民身份号码的脱敏写法：留前6位和后2位",
    en: "The mask of a citizen id number: its first six and last two characters stay",
    arguments: &[ID],
    gives: Gives::Text(|row, _| Some(Kind::CitizenId.mask(row[0]))),
    example: ("mask_id('990101198503070017')", "990101**********17"),
};
