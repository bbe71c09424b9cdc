//! `kind_valid`: whether a text is a value of a kind.

use super::{Described, Gives, KIND, Kind, VALUE, is_valid};

pub(super) const FUNCTION: Described = Described {
    name: "kind_valid",
    zh: "文本是否为某一值类型的有效值；值类型与模型文件中的写法相同，如 citizen_id、credit_code、phone、date、code:gbt3304；空白或“无”等为空",
    en: "Whether a text is a value of a kind, by the name that model files give it: citizen_id, credit_code, phone, date, code:gbt3304 …; NULL where the text says nothing",
    arguments: &[KIND, VALUE],
    gives: Gives::Flag(|row, codes| is_valid(&Kind::parse(row[0])?, row[1], codes)),
    example: ("kind_valid('code:gbt3304', '汉族')", "true"),
};
