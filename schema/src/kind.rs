//! Kinds of value: how text from a file becomes a canonical value, how two values compare, and how one is shown to those who may not
//! see it. One file a kind. A kind knows nothing of columns, departments or entities.

pub mod address;
pub mod citizen_id;
pub mod credit_code;
pub mod date;
mod identifier;
pub mod masked_id;
pub mod name;
mod number;
pub mod organization_code;
pub mod organization_name;
mod phone;
mod plain;
pub mod registered;
mod similarity;
mod sketch;
mod text;

use crate::Codes;
use arrow_schema::DataType;
pub use sketch::{Listener, Sketch};
use std::borrow::Cow;
pub use text::{said, tidy, words};

/// How a property's values are cleaned, validated, compared and masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// 公民身份号码 (GB 11643-1999), 港澳台居民居住证 and 外国人永久居留身份证; 18 characters, or 15 of the old foreigner card.
    CitizenId,
    /// 统一社会信用代码 (GB 32100-2015), 18 characters.
    CreditCode,
    /// 居住证号: local, opaque, 6 to 22 letters and digits (居住证暂行条例 gives no format).
    PermitNo,
    /// 全国学籍号: G and a citizen id, or L and a temporary number.
    StudentNo,
    /// 许可证件号: T and a citizen id (特种作业操作证), or what another authority numbers its licences by.
    LicenceNo,
    /// 工商注册号 (GS 15-2006), 15 digits, or 13 of before.
    BusinessNo,
    /// 不动产单元号 (GB/T 37346-2019), 28 characters.
    RealtyUnitNo,
    /// 组织机构代码 (GB 11714-1997), 9 characters.
    OrganizationCode,
    /// A citizen id number of which a part is covered (`990101********0017`), or a digest in its place; evidence, but no identifier.
    MaskedId,
    /// A person's name, Chinese or Latin.
    Name,
    /// An organisation's name, in the register or over the door.
    OrganizationName,
    /// A mobile or fixed line number.
    Phone,
    /// A date, ISO 8601, of the precision that the source has: `1985-03-07`, `1985-03` or `1985`.
    Date,
    /// An address in one line.
    Address,
    /// A code of the list of that name.
    Code(String),
    /// Free text.
    Text,
    /// A decimal number.
    Number,
}

/// Why a value is not one of its kind. It never contains the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The rule broken, e.g. `id_check_digit`.
    pub rule: &'static str,
    /// What is wrong, in Chinese, for the owner of the file.
    pub reason: String,
    /// A repair to consider; never applied.
    pub proposal: Option<String>,
}

impl Fault {
    pub(crate) fn new(rule: &'static str, reason: &str) -> Fault {
        Fault { rule, reason: reason.to_owned(), proposal: None }
    }
}

/// The names that [`Kind::parse`] takes, as they are told to whoever wrote another.
pub(crate) const NAMES: [&str; 17] = [
    "citizen_id",
    "credit_code",
    "permit_no",
    "student_no",
    "licence_no",
    "business_no",
    "realty_unit_no",
    "organization_code",
    "masked_id",
    "name",
    "organization_name",
    "phone",
    "date",
    "address",
    "text",
    "number",
    "code:<list>",
];

impl Kind {
    /// The kind of that name, as model files write it; `code:gbt3304` is a code of that list.
    pub fn parse(text: &str) -> Option<Kind> {
        Some(match text {
            "citizen_id" => Kind::CitizenId,
            "credit_code" => Kind::CreditCode,
            "permit_no" => Kind::PermitNo,
            "student_no" => Kind::StudentNo,
            "licence_no" => Kind::LicenceNo,
            "business_no" => Kind::BusinessNo,
            "realty_unit_no" => Kind::RealtyUnitNo,
            "organization_code" => Kind::OrganizationCode,
            "masked_id" => Kind::MaskedId,
            "name" => Kind::Name,
            "organization_name" => Kind::OrganizationName,
            "phone" => Kind::Phone,
            "date" => Kind::Date,
            "address" => Kind::Address,
            "text" => Kind::Text,
            "number" => Kind::Number,
            other => Kind::Code(other.strip_prefix("code:").filter(|list| !list.is_empty())?.to_owned()),
        })
    }

    /// The name that [`Kind::parse`] takes.
    pub fn name(&self) -> String {
        match self {
            Kind::CitizenId => "citizen_id",
            Kind::CreditCode => "credit_code",
            Kind::PermitNo => "permit_no",
            Kind::StudentNo => "student_no",
            Kind::LicenceNo => "licence_no",
            Kind::BusinessNo => "business_no",
            Kind::RealtyUnitNo => "realty_unit_no",
            Kind::OrganizationCode => "organization_code",
            Kind::MaskedId => "masked_id",
            Kind::Name => "name",
            Kind::OrganizationName => "organization_name",
            Kind::Phone => "phone",
            Kind::Date => "date",
            Kind::Address => "address",
            Kind::Code(list) => return format!("code:{list}"),
            Kind::Text => "text",
            Kind::Number => "number",
        }
        .to_owned()
    }

    /// The Arrow type of its column: identifiers and codes are text from the first byte to the last.
    pub fn data_type(&self) -> DataType {
        if *self == Kind::Number { DataType::Float64 } else { DataType::Utf8 }
    }

    /// Whether a value singles something out, so that a wrong one refuses the whole row instead of emptying the cell.
    pub fn is_identifier(&self) -> bool {
        use Kind::{BusinessNo, CitizenId, CreditCode, LicenceNo, PermitNo, RealtyUnitNo, StudentNo};
        matches!(self, CitizenId | CreditCode | PermitNo | StudentNo | LicenceNo | BusinessNo | RealtyUnitNo)
    }

    /// The canonical form of a value; empty when the cell says that nothing is known (blank, 无, 不详, NULL …). Only what can be taken
    /// back is repaired: width, spaces, case, separators, 15 to 18 digits. A text that is canonical already is not copied.
    ///
    /// # Errors
    /// A [`Fault`] when the text is no value of this kind. Cleaning a canonical form gives itself.
    pub fn clean<'v>(&self, raw: &'v str, codes: &'v Codes) -> Result<Cow<'v, str>, Fault> {
        match tidy(raw) {
            Cow::Borrowed(value) => self.canonical(value, codes),
            Cow::Owned(value) => Ok(Cow::Owned(self.canonical(&value, codes)?.into_owned())),
        }
    }

    /// The canonical form of a tidy value.
    fn canonical<'v>(&self, value: &'v str, codes: &'v Codes) -> Result<Cow<'v, str>, Fault> {
        if text::is_placeholder(value) {
            return Ok(Cow::Borrowed(""));
        }
        let clean = match self {
            Kind::CitizenId => citizen_id::clean(value),
            Kind::CreditCode => credit_code::clean(value),
            Kind::PermitNo => identifier::clean_permit(value),
            Kind::StudentNo => identifier::clean_student(value),
            Kind::LicenceNo => identifier::clean_licence(value),
            Kind::BusinessNo => registered::clean_business(value),
            Kind::RealtyUnitNo => registered::clean_realty_unit(value),
            Kind::OrganizationCode => organization_code::clean(value),
            Kind::MaskedId => masked_id::clean(value),
            Kind::Name => name::clean(value),
            Kind::OrganizationName => Ok(organization_name::clean(value)),
            Kind::Phone => phone::clean(value),
            Kind::Date => date::clean(value),
            Kind::Address => address::clean(value),
            Kind::Code(list) => clean_code(value, list, codes),
            Kind::Text => Ok(Cow::Borrowed(value)),
            Kind::Number => number::clean(value),
        }?;
        // What is left without its spaces and marks may say nothing after all.
        Ok(if matches!(clean, Cow::Owned(_)) && text::is_placeholder(&clean) { Cow::Borrowed("") } else { clean })
    }

    /// How two canonical, non-empty values agree: 0 not at all, [`Kind::max_level`] exactly, the levels between in order.
    pub fn agreement(&self, left: &str, right: &str) -> u8 {
        if left == right {
            return self.max_level();
        }
        match self {
            Kind::CitizenId | Kind::Phone => u8::from(similarity::one_slip(left, right)),
            Kind::Name => name::agreement(left, right),
            Kind::OrganizationName => organization_name::agreement(left, right),
            Kind::Date => date::agreement(left, right),
            Kind::Address => address::agreement(left, right),
            Kind::Text => text::agreement(left, right),
            Kind::Number => number::agreement(left, right),
            _ => 0,
        }
    }

    /// The level of exact agreement.
    pub fn max_level(&self) -> u8 {
        match self {
            Kind::Name | Kind::Date => 6,
            Kind::Text | Kind::OrganizationName => 5,
            Kind::Address => 4,
            Kind::CitizenId | Kind::Phone | Kind::Number => 2,
            _ => 1,
        }
    }

    /// What a canonical value says by itself, in Chinese; no judgement of whoever has it.
    pub fn note(&self, clean: &str) -> Option<String> {
        if *self == Kind::CitizenId { citizen_id::note(clean) } else { None }
    }

    /// What those see who may not see a canonical value.
    pub fn mask(&self, clean: &str) -> String {
        match self {
            Kind::CitizenId => text::cover(clean, 6, 2),
            Kind::MaskedId => text::cover(clean, 0, 2),
            Kind::StudentNo => text::cover(clean, 1, 2),
            Kind::LicenceNo => text::cover(clean, 2, 2),
            Kind::RealtyUnitNo => text::cover(clean, 6, 2),
            Kind::CreditCode | Kind::PermitNo | Kind::BusinessNo | Kind::OrganizationCode => text::cover(clean, 2, 2),
            Kind::Phone => text::cover(clean, 3, 2),
            Kind::Name | Kind::OrganizationName | Kind::Text => text::cover(clean, 1, 0),
            Kind::Date => date::mask(clean),
            Kind::Address => text::cover(clean, 6, 0),
            Kind::Code(_) | Kind::Number => text::cover(clean, 0, 0),
        }
    }
}

/// A code as the list writes it; a name becomes its code, and a zero that a spreadsheet took is put back.
fn clean_code<'v>(value: &'v str, list: &str, codes: &'v Codes) -> Result<Cow<'v, str>, Fault> {
    let list = codes.list(list).ok_or_else(|| Fault::new("code_unknown", &format!("没有代码表{list}")))?;
    let unknown = || Fault::new("code_unknown", &format!("「{}」代码表中没有该代码或名称", list.title));
    if list.name_of(value).is_some() {
        return Ok(Cow::Borrowed(value));
    }
    if let Some(code) = list.code_of(value) {
        return Ok(Cow::Borrowed(code));
    }
    let padded = format!("0{value}");
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && list.name_of(&padded).is_some() { Ok(Cow::Owned(padded)) } else { Err(unknown()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;
    use proptest::prelude::*;

    /// Every kind, each with a value of its own.
    const SAMPLES: [(&str, &str); 17] = [
        ("citizen_id", "990101198503070017"),
        ("credit_code", "91990101MA0WUWE14C"),
        ("permit_no", "J99010120260001"),
        ("student_no", "G990101198503070017"),
        ("licence_no", "T990101198503070017"),
        ("business_no", "990101000012343"),
        ("realty_unit_no", "990101001001GB00001F00010001"),
        ("organization_code", "MA0WUWE14"),
        ("masked_id", "990101********0017"),
        ("name", "王小明"),
        ("organization_name", "云溪县丰源粮油有限公司"),
        ("phone", "12012345678"),
        ("date", "1985-03-07"),
        ("address", "云溪县城关镇人民路12号3栋2单元501室"),
        ("text", "云溪机械厂"),
        ("number", "88.5"),
        ("code:gbt3304", "01"),
    ];

    #[test]
    fn every_kind_keeps_its_sample_agrees_with_itself_and_covers_it() {
        let codes = Model::embedded().unwrap().codes;
        for ((name, value), told) in SAMPLES.into_iter().zip(NAMES) {
            let kind = Kind::parse(name).unwrap();
            assert_eq!((kind.name().as_str(), name.split(':').next()), (name, told.split(':').next()));
            assert_eq!(kind.clean(value, &codes).as_deref(), Ok(value), "{name}");
            assert_eq!(kind.clean(&format!(" \u{3000}{value}\t"), &codes).as_deref(), Ok(value), "{name} with spaces");
            assert_eq!(kind.agreement(value, value), kind.max_level(), "{name}");
            assert_ne!(kind.mask(value), value, "{name}");
            for nothing in ["", "  ", "无", "不详", "NULL", "-", "／"] {
                assert_eq!(kind.clean(nothing, &codes).as_deref(), Ok(""), "{name} of {nothing}");
            }
        }
    }

    #[test]
    fn a_code_is_known_by_code_name_or_lost_zero() {
        let codes = Model::embedded().unwrap().codes;
        let ethnicity = Kind::parse("code:gbt3304").unwrap();
        for raw in ["01", "汉族", "汉", "1"] {
            assert_eq!(ethnicity.clean(raw, &codes).as_deref(), Ok("01"), "{raw}");
        }
        assert_eq!(ethnicity.clean("77", &codes).unwrap_err().rule, "code_unknown");
    }

    #[test]
    fn worked_examples_of_check_digits_hold() {
        let codes = Codes::default();
        let mut seen = 0;
        for row in csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(include_str!("kind/examples.csv").as_bytes()).records() {
            let row = row.unwrap();
            let (name, body, check, full, working) = (&row[0], &row[1], &row[2], &row[3], &row[4]);
            let (kind, compute): (_, fn(&str) -> Option<char>) =
                if name == "uscc18" { (Kind::CreditCode, credit_code::check_digit) } else { (Kind::CitizenId, citizen_id::check_digit) };
            let expected = match name {
                "citizen15to18" if full.is_empty() => Err("id_before_1900"),
                _ if citizen_id::birth_date(full).is_none() && kind == Kind::CitizenId => Err("id_birth_date"),
                _ => Ok(full.to_owned()),
            };
            if name != "citizen15to18" {
                assert_eq!(compute(body).map(String::from).as_deref(), Some(check), "{working}");
            }
            let given = if name == "citizen15to18" { body } else { full };
            assert_eq!(kind.clean(given, &codes).map(Cow::into_owned).map_err(|fault| fault.rule), expected, "{name} {working}");
            seen += 1;
        }
        assert_eq!(seen, 17);
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once_and_comparing_has_no_side(left in "\\PC{0,24}", right in "\\PC{0,24}") {
            let codes = Model::embedded().unwrap().codes;
            for (name, _) in SAMPLES {
                let kind = Kind::parse(name).unwrap();
                if let (Ok(left), Ok(right)) = (kind.clean(&left, &codes), kind.clean(&right, &codes)) {
                    prop_assert_eq!(kind.clean(&left, &codes), Ok(left.clone()));
                    if !left.is_empty() && !right.is_empty() {
                        let level = kind.agreement(&left, &right);
                        prop_assert!(level <= kind.max_level());
                        prop_assert_eq!(level, kind.agreement(&right, &left));
                    }
                }
            }
        }
    }
}
