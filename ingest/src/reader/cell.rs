//! A spreadsheet's cell as text. Numbers stand as the spreadsheet can still vouch for them: fifteen digits, no more. Of a longer one only
//! what the sheet shows is handed out (`9.90101E+17`), for the kind to refuse: the digits behind it are lost, and none are invented.

use calamine::ExcelDateTime;
use wuwei_schema::Notice;

/// The first number of sixteen digits.
const TOO_LONG: f64 = 1e15;

/// Whole numbers without `.0`, others with at most fifteen digits, none with an exponent unless it is too long to be true. What is not a
/// number at all (NaN) is how some programs write that there is none.
pub(super) fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return if number.is_nan() { String::new() } else { number.to_string() };
    }
    if number.abs() >= TOO_LONG {
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

/// A moment that stands there in ISO 8601, as [`moment_text`] writes it: without fractions of a second, and without midnight.
pub(super) fn iso_text(text: &str) -> String {
    let text = text.trim().trim_end_matches('Z');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let rounded = whole.len().checked_sub(8).and_then(|at| whole.split_at_checked(at)).and_then(|(day, time)| {
        let parts: Vec<u32> = time.splitn(3, ':').map_while(|part| part.parse().ok()).collect();
        // What no clock shows stays as it stands, for whoever checks dates.
        let [hour @ ..24, minute @ ..60, second @ ..60] = parts[..] else { return None };
        let more = u32::from(format!("0.{fraction}").parse::<f64>().is_ok_and(|fraction| fraction >= 0.9995));
        // The day after is not counted out for a thousandth of a second.
        let seconds = (hour * 3600 + minute * 60 + second + more).min(86_399);
        Some(format!("{day}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60))
    });
    let text = rounded.unwrap_or_else(|| text.to_owned());
    text.strip_suffix("T00:00:00").map(str::to_owned).unwrap_or(text)
}

/// That so many cells lost their end, for the owner of the file.
pub(crate) fn half_characters(count: u64) -> Notice {
    Notice::new("half-characters").with("count", count)
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
        assert_eq!((number_text(f64::NAN), number_text(f64::NEG_INFINITY)), (String::new(), "-inf".to_owned()));
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

    #[test]
    fn moments_in_words_are_written_like_those_in_numbers() {
        for (text, shown) in [
            ("2025-10-13T00:00:00.000", "2025-10-13"),
            ("2025-10-13T11:59:59.99999979045242400", "2025-10-13T12:00:00"),
            ("2025-10-13T23:59:59.9999", "2025-10-13T23:59:59"),
            ("2025-10-13T12:00:00.0000000001Z", "2025-10-13T12:00:00"),
            ("2025-10-13", "2025-10-13"),
            ("01:34:00.00000000000154875", "01:34:00"),
            ("2025-10-13T99:00:00", "2025-10-13T99:00:00"),
            ("2025-10-13T11:59:75.5", "2025-10-13T11:59:75.5"),
            ("十月十三日十二时", "十月十三日十二时"),
        ] {
            assert_eq!(iso_text(text), shown);
        }
    }
}
