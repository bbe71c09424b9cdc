//! `id_gender`: the sex that a citizen id number contains.

use super::{Described, Gives, ID, kind, of_id};

pub(super) const FUNCTION: Described = Described {
    name: "id_gender",
    zh: "公民身份号码中的性别代码（GB/T 2261.1：1男，2女）；号码无效时为空",
    en: "The sex that a valid citizen id number contains, a code of GB/T 2261.1: 1 male, 2 female; NULL where it is not valid",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| of_id(row[0], codes, |id| kind::citizen_id::sex(id).map(str::to_owned))),
    example: ("id_gender('990101198503070017')", "1"),
};
