//! `permit_no_valid`: whether a text may be the number of a residence permit.

use super::{Described, Gives, Kind, VALUE, is_valid};

pub(super) const FUNCTION: Described = Described {
    name: "permit_no_valid",
    zh: "是否符合居住证号的格式（6至22位字母或数字；居住证号无全国统一校验）；空白或“无”等为空",
    en: "Whether a text has the form of a residence permit number: 6 to 22 letters and digits, since no standard gives a check; NULL where the text says nothing",
    arguments: &[VALUE],
    gives: Gives::Flag(|row, codes| is_valid(&Kind::PermitNo, row[0], codes)),
    example: ("permit_no_valid('J99010120260001')", "true"),
};
