//! `id_valid`: whether a text is a citizen id number.

use super::{Described, Gives, ID, Kind, is_valid};

pub(super) const FUNCTION: Described = Described {
    name: "id_valid",
    zh: "是否为有效的公民身份号码（GB 11643-1999，含15位旧号、港澳台居民居住证、外国人永久居留身份证）；校验位、出生日期、区划代码均须相符；空白或“无”等为空",
    en: "Whether a text is a valid citizen id number (GB 11643-1999, 15 digits of before and cards of residents from elsewhere too): check digit, birth date and division; NULL where the text says nothing",
    arguments: &[ID],
    gives: Gives::Flag(|row, codes| is_valid(&Kind::CitizenId, row[0], codes)),
    example: ("id_valid('990101198503070017')", "true"),
};
