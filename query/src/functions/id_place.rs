//! `id_place`: where a citizen id number was given out.

use super::{Described, Gives, ID, kind, of_id};

pub(super) const FUNCTION: Described = Described {
    name: "id_place",
    zh: "公民身份号码开头区划代码在出生当日的名称（首次登记地，多为出生地；GB/T 2260历年代码）；代码不在表中、号码无效或为虚构号码时为空",
    en: "Where the bearer of a valid citizen id number was first registered, mostly where he was born, by the names of that day (GB/T 2260 of all years); NULL where the division is in no list, as those of invented people are",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| of_id(row[0], codes, kind::citizen_id::birthplace)),
    example: ("id_place('990101198503070017') IS NULL", "true"),
};
