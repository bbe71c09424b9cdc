//! `kind_clean`: the canonical form of a text.

use super::{Described, Gives, KIND, Kind, VALUE, canonical};

pub(super) const FUNCTION: Described = Described {
    name: "kind_clean",
    zh: "文本按某一值类型规范化后的写法，与入库时相同；无效或无内容时为空",
    en: "The canonical form of a text of a kind, as records have it; NULL where it is no value of the kind or says nothing",
    arguments: &[KIND, VALUE],
    gives: Gives::Text(|row, codes| canonical(&Kind::parse(row[0])?, row[1], codes)),
    example: ("kind_clean('date', '1985年3月7日')", "1985-03-07"),
};
