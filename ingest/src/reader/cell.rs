//! A spreadsheet's cell as text. Numbers stand as the spreadsheet can still vouch for them: fifteen digits, no more. Of a longer one only
//! what the sheet shows is handed out (`9.90101E+17`), for the kind to refuse: the digits behind it are lost, and none are invented.

use calamine::ExcelDateTime;

/// The first number of sixteen digits.
const TOO_LONG: f64 = 1e15;

/// Whole numbers without `.0`, others with at most fifteen digits, none with an exponent unless it is too long to be true.
pub(super) fn number_text(number: f64) -> String {
    if number.abs() >= TOO_LONG || !number.is_finite() {
        let scientific = format!("{number:.5E}");
        let (digits, power) = scientific.split_once('E').unwrap_or((&scientific, "0"));
        return format!("{}E+{power}", digits.trim_end_matches('0').trim_end_matches('.'));
    }
    let vouched: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if vouched == 0.0 { "0".to_owned() } else { vouched.to_string() }
}

/// A whole number with zeros at the front up to that many digits, as the sheet shows it; what is none, or has lost digits, as ever.
pub(super) fn digits_text(number: f64, width: usize) -> String {
    if number.fract() == 0.0 && (0.0..TOO_LONG).contains(&number) { format!("{number:0width$}") } else { number_text(number) }
}

/// A moment in ISO 8601: the date, with the time when there is one, or the time alone. What is no date of the calendar stays a number.
pub(super) fn moment_text(moment: &ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if moment.is_duration() || !(0.0..2_958_466.0).contains(&serial) {
        return number_text(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let date = format!("{year:04}-{month:02}-{day:02}");
    match () {
        () if serial < 1.0 => time,
        () if time == "00:00:00" => date,
        () => format!("{date}T{time}"),
    }
}

/// That so many cells lost their end, in words for the owner of the file.
pub(crate) fn half_characters(count: u64) -> String {
    format!("有{count}个单元格的末尾被列宽切掉了半个字，只采用其前面的部分，请加宽该列后重新导出")
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    fn of_moment(serial: f64) -> String {
        moment_text(&ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, false))
    }

    #[test]
    fn numbers_are_as_a_spreadsheet_can_vouch_for_them() {
        for (number, shown) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.0, "12"),
            (88.5, "88.5"),
            (0.1 + 0.2, "0.3"),
            (12_012_345_678.0, "12012345678"),
            (999_999_999_999_999.0, "999999999999999"),
            (-3.25, "-3.25"),
            (0.000_001, "0.000001"),
        ] {
            assert_eq!(number_text(number), shown);
        }
    }

    #[test]
    fn a_number_that_lost_its_digits_shows_it() {
        assert_eq!(number_text(990_101_198_503_070_017.0), "9.90101E+17");
        assert_eq!(number_text(1e15), "1E+15");
        assert_eq!(number_text(-1.5e300), "-1.5E+300");
    }

    #[test]
    fn zeros_that_only_the_format_shows_are_kept() {
        let shown = [(990_101.0, 6), (1_017.0, 6), (0.0, 2), (1.5, 6), (-7.0, 6), (990_101_198_503_070_017.0, 18)];
        let texts = shown.map(|(number, width)| digits_text(number, width));
        assert_eq!(texts, ["990101", "001017", "00", "1.5", "-7", "9.90101E+17"]);
    }

    #[test]
    fn moments_are_iso_and_what_is_none_stays_a_number() {
        assert_eq!(of_moment(45_943.0), "2025-10-13");
        assert_eq!(of_moment(45_943.5), "2025-10-13T12:00:00");
        assert_eq!(of_moment(0.25), "06:00:00");
        assert_eq!(moment_text(&ExcelDateTime::new(44_481.0, ExcelDateTimeType::DateTime, true)), "2025-10-13");
        assert_eq!(of_moment(-1.0), "-1");
        assert_eq!(of_moment(19_850_307.0), "19850307");
    }
}
