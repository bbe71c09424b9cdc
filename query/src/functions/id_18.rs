//! `id_18`: a citizen id number in 18 characters.

use super::{Described, Gives, ID, Kind, canonical};

pub(super) const FUNCTION: Described = Described {
    name: "id_18",
    zh: "公民身份号码的18位写法：15位旧号按标准升位，去空格和引号、小写x改为X；无效或旧式外国人证件为空",
    en: "A citizen id number in 18 characters: one of 15 digits is lengthened as the standard says, spaces and quotes go, x is X; NULL where it is not valid, or a foreigner's card of before 2023",
    arguments: &[ID],
    gives: Gives::Text(|row, codes| canonical(&Kind::CitizenId, row[0], codes).filter(|id| id.len() == 18)),
    example: ("id_18('990101850307001')", "990101198503070017"),
};
