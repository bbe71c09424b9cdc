//! What identifying numbers have in common, and those without a check of their own: residence permits, which no standard describes, and
//! student numbers and licences of persons, which contain a citizen id.

use super::{Fault, citizen_id};
use std::borrow::Cow;

/// Letters and digits only, in capitals; 6 to 22, the width of 证件号码 in GB/T 31000.
pub(super) fn clean_permit(value: &str) -> Result<Cow<'_, str>, Fault> {
    let number = compact(value)?;
    if (6..=22).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(number);
    }
    Err(Fault::new("permit_format", "居住证号应为6至22位字母或数字"))
}

/// G and the pupil's citizen id, or L (temporary) or J and 18 letters or digits.
pub(super) fn clean_student(value: &str) -> Result<Cow<'_, str>, Fault> {
    let number = compact(value)?;
    let format = || Fault::new("student_format", "学籍号应为G加公民身份号码，或L、J加18位字母或数字");
    if !number.is_ascii() || number.len() != 19 {
        return Err(format());
    }
    match number.split_at(1) {
        ("G", id) => citizen_id::clean(id).map(|id| Cow::Owned(format!("G{id}"))),
        ("L" | "J", rest) if rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(number),
        _ => Err(format()),
    }
}

/// T and the holder's citizen id, or 6 to 30 letters and digits such as JY and 14 digits.
pub(super) fn clean_licence(value: &str) -> Result<Cow<'_, str>, Fault> {
    let number = compact(value)?;
    if let Some(id) = number.strip_prefix('T') {
        return citizen_id::clean(id).map(|id| Cow::Owned(format!("T{id}")));
    }
    if (6..=30).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(number);
    }
    Err(Fault::new("licence_format", "证件编号应为T加公民身份号码，或6至30位字母或数字"))
}

/// A number in capitals, without spaces, dashes and the quotes that keep digits text.
pub(super) fn compact(value: &str) -> Result<Cow<'_, str>, Fault> {
    if value.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) {
        return Ok(Cow::Borrowed(value));
    }
    intact(value)?;
    Ok(Cow::Owned(value.chars().filter(|character| !AROUND.contains(character)).flat_map(char::to_uppercase).collect()))
}

/// What stands around and between the characters of a number and is none of them.
const AROUND: [char; 10] = [' ', '-', '\'', '"', '`', '’', '‘', '“', '”', '´'];

/// Refuses what a spreadsheet or a mask has already destroyed: it cannot be brought back.
pub(super) fn intact(number: &str) -> Result<(), Fault> {
    if is_scientific(number) {
        return Err(Fault::new("excel_precision_lost", "号码被电子表格转成科学计数，末几位已丢失，请从原系统以文本格式重新导出"));
    }
    if number.contains('*') || COVERS.iter().any(|cover| number.contains(cover)) { Err(masked()) } else { Ok(()) }
}

/// What covers characters of a number where no star does.
const COVERS: [&str; 3] = ["##", "××", "••"];

pub(super) fn masked() -> Fault {
    Fault::new("masked", "号码已脱敏，请提供完整号码")
}

/// `9.90101E+17` is what a spreadsheet makes of 18 digits.
fn is_scientific(value: &str) -> bool {
    let Some((number, power)) = value.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    power.strip_prefix('+').is_some_and(digits) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_number_is_as_valid_as_the_id_in_it() {
        assert_eq!(clean_student("g990101198503070017").as_deref(), Ok("G990101198503070017"));
        assert_eq!(clean_student("G990101198503070018").unwrap_err().rule, "id_check_digit");
        assert_eq!(clean_student("L123456789012345678").as_deref(), Ok("L123456789012345678"));
        assert_eq!(clean_student("2024001").unwrap_err().rule, "student_format");
    }

    #[test]
    fn a_licence_of_a_person_is_as_valid_as_the_id_in_it() {
        assert_eq!(clean_licence("t990101198503070017").as_deref(), Ok("T990101198503070017"));
        assert_eq!(clean_licence("T990101198503070018").unwrap_err().rule, "id_check_digit");
        assert_eq!(clean_licence("JY 1990101 0000012").as_deref(), Ok("JY19901010000012"));
        assert_eq!(clean_licence("JY-1").unwrap_err().rule, "licence_format");
    }

    #[test]
    fn a_permit_is_opaque_but_not_anything() {
        assert_eq!(clean_permit("j9901-2026 0001").as_deref(), Ok("J990120260001"));
        assert_eq!(clean_permit("12").unwrap_err().rule, "permit_format");
        assert_eq!(clean_permit("9.901E+11").unwrap_err().rule, "excel_precision_lost");
    }
}
