//! `id_reason`: why a text is no citizen id number.

use super::{Described, Gives, ID, Kind, reason};

pub(super) const FUNCTION: Described = Described {
    name: "id_reason",
    zh: "不是有效公民身份号码的原因（中文，不含号码本身）；有效或无内容时为空",
    en: "Why a text is no valid citizen id number, in Chinese and without the number; NULL where it is one or says nothing",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| reason(&Kind::CitizenId, row[0], codes)),
    example: ("id_reason('990101198503070018')", "证件号码校验位不符，请核对原件"),
};
