//! `kind_reason`: why a text is no value of a kind.

use super::{Described, Gives, KIND, Kind, VALUE, reason};

pub(super) const FUNCTION: Described = Described {
    name: "kind_reason",
    zh: "文本不是某一值类型有效值的原因（中文，不含原值）；有效或无内容时为空",
    en: "Why a text is no value of a kind, in Chinese and without the text; NULL where it is one or says nothing",
    arguments: &[KIND, VALUE],
    gives: Gives::Text(|row, codes| reason(&Kind::parse(row[0])?, row[1], codes)),
    example: ("kind_reason('date', '1985-02-30')", "日期不存在或格式不是年月日"),
};
