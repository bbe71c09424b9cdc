//! `phone_valid`: whether a text holds a phone number.

use super::{Described, Gives, Kind, VALUE, is_valid};

pub(super) const FUNCTION: Described = Described {
    name: "phone_valid",
    zh: "是否为手机号码、带区号的固定电话或400/800号码；随意填写的号码不算；空白或“无”等为空",
    en: "Whether a text holds a mobile, fixed line or 400/800 number; what people type where a form wants one is none; NULL where the text says nothing",
    arguments: &[VALUE],
    gives: Gives::Flag(|row, codes| is_valid(&Kind::Phone, row[0], codes)),
    example: ("phone_valid('11111111111')", "false"),
};
