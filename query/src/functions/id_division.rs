//! `id_division`: the division that a citizen id number begins with.

use super::{Described, Gives, ID, kind, of_id};

pub(super) const FUNCTION: Described = Described {
    name: "id_division",
    zh: "公民身份号码开头的行政区划代码（GB/T 2260，6位）；号码无效或为外国人证件时为空",
    en: "The division that a valid citizen id number begins with, six digits of GB/T 2260; NULL where it is not valid, or a foreigner's",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| of_id(row[0], codes, |id| kind::citizen_id::division(id).map(str::to_owned))),
    example: ("id_division('990101198503070017')", "990101"),
};
