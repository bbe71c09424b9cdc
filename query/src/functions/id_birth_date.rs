//! `id_birth_date`: the birth date that a citizen id number contains.

use super::{Described, Gives, ID, kind, of_id};

pub(super) const FUNCTION: Described = Described {
    name: "id_birth_date",
    zh: "公民身份号码中的出生日期（ISO 8601）；号码无效时为空",
    en: "The birth date that a valid citizen id number contains, ISO 8601; NULL where it is not valid",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| of_id(row[0], codes, kind::citizen_id::birth_date)),
    example: ("id_birth_date('990101198503070017')", "1985-03-07"),
};
