//! `credit_code_valid`: whether a text is a unified social credit code.

use super::{Described, Gives, Kind, VALUE, is_valid};

pub(super) const FUNCTION: Described = Described {
    name: "credit_code_valid",
    zh: "是否为有效的统一社会信用代码（GB 32100-2015）；空白或“无”等为空",
    en: "Whether a text is a valid unified social credit code (GB 32100-2015); NULL where the text says nothing",
    arguments: &[VALUE],
    gives: Gives::Flag(|row, codes| is_valid(&Kind::CreditCode, row[0], codes)),
    example: ("credit_code_valid('91990101MA0WUWE14C')", "true"),
};
