//! Values of parameters, from the wire's text or binary form (PostgreSQL 15, `src/backend/utils/adt`, the `recv` functions) to Arrow. A text is
//! passed on as it is: what it has to be, the question's plan knows.

use super::refusal::Refusal;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int16Array, Int32Array, Int64Array, ListArray, StringArray,
    TimestampMicrosecondArray,
    builder::{ListBuilder, StringBuilder},
    new_null_array,
};
use arrow_schema::{DataType, TimeUnit};
use std::sync::Arc;

/// 2000-01-01, from where PostgreSQL counts, in days and microseconds since 1970-01-01.
const DAYS: i32 = 10_957;
const MICROSECONDS: i64 = 946_684_800_000_000;

/// The Arrow type of a type's number; none of what is text on the wire, or not known.
pub(super) fn kind(number: u32) -> Option<DataType> {
    Some(match number {
        16 => DataType::Boolean,
        21 => DataType::Int16,
        23 => DataType::Int32,
        20 | 26 => DataType::Int64,
        700 => DataType::Float32,
        701 => DataType::Float64,
        1082 => DataType::Date32,
        1114 => DataType::Timestamp(TimeUnit::Microsecond, None),
        1184 => DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())),
        _ => return None,
    })
}

/// A value of a type, in a form (0 text, 1 binary), as an array of one row. `wanted` is what the plan takes it for.
///
/// # Errors
/// It is no such value, or of a type that is not read in binary.
pub(super) fn value(number: u32, wanted: &DataType, form: i16, bytes: Option<&[u8]>) -> Result<ArrayRef, Refusal> {
    let Some(bytes) = bytes else { return Ok(new_null_array(wanted, 1)) };
    let array = match form {
        0 => std::str::from_utf8(bytes).ok().and_then(|text| of_text(wanted, text)),
        1 => of_bytes(number, bytes),
        _ => None,
    };
    array.ok_or_else(|| {
        Refusal::new("22P03", "a parameter's value is none of its type", "send it as text, or as a number, date or truth value")
    })
}

fn of_text(wanted: &DataType, text: &str) -> Option<ArrayRef> {
    Some(match wanted {
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => Arc::new(list(text)?),
        _ => Arc::new(StringArray::from(vec![text])),
    })
}

/// `{a,"b c",NULL}`.
fn list(text: &str) -> Option<ListArray> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let mut builder = ListBuilder::new(StringBuilder::new());
    let mut letters = inner.chars().peekable();
    while letters.peek().is_some() {
        let (mut item, mut is_quoted, mut inside) = (String::new(), false, false);
        while let Some(letter) = letters.next() {
            match letter {
                '"' => (is_quoted, inside) = (true, !inside),
                '\\' => item.push(letters.next()?),
                ',' if !inside => break,
                '{' | '}' if !inside => return None,
                letter => item.push(letter),
            }
        }
        let is_null = !is_quoted && item.trim().eq_ignore_ascii_case("null");
        builder.values().append_option((!is_null).then_some(if is_quoted { item.as_str() } else { item.trim() }));
    }
    builder.append(true);
    Some(builder.finish())
}

fn of_bytes(number: u32, bytes: &[u8]) -> Option<ArrayRef> {
    Some(match number {
        16 => Arc::new(BooleanArray::from(vec![u8::from_be_bytes(bytes.try_into().ok()?) != 0])),
        21 => Arc::new(Int16Array::from(vec![i16::from_be_bytes(bytes.try_into().ok()?)])),
        23 => Arc::new(Int32Array::from(vec![i32::from_be_bytes(bytes.try_into().ok()?)])),
        20 => Arc::new(Int64Array::from(vec![i64::from_be_bytes(bytes.try_into().ok()?)])),
        26 => Arc::new(Int64Array::from(vec![i64::from(u32::from_be_bytes(bytes.try_into().ok()?))])),
        700 => Arc::new(Float32Array::from(vec![f32::from_be_bytes(bytes.try_into().ok()?)])),
        701 => Arc::new(Float64Array::from(vec![f64::from_be_bytes(bytes.try_into().ok()?)])),
        1082 => Arc::new(Date32Array::from(vec![i32::from_be_bytes(bytes.try_into().ok()?).checked_add(DAYS)?])),
        1114 | 1184 => {
            let at = i64::from_be_bytes(bytes.try_into().ok()?).checked_add(MICROSECONDS)?;
            let array = TimestampMicrosecondArray::from(vec![at]);
            Arc::new(if number == 1184 { array.with_timezone("+00:00") } else { array })
        }
        1700 => Arc::new(StringArray::from(vec![numeric(bytes)?])),
        0 | 18 | 19 | 25 | 705 | 1042 | 1043 => Arc::new(StringArray::from(vec![std::str::from_utf8(bytes).ok()?])),
        _ => return None,
    })
}

/// A number in groups of four decimal digits, as text.
fn numeric(bytes: &[u8]) -> Option<String> {
    let words: Vec<i16> = bytes.chunks_exact(2).map(|two| i16::from_be_bytes([two[0], two[1]])).collect();
    let [count, weight, sign, scale, groups @ ..] = words.as_slice() else { return None };
    let is_plain = usize::try_from(*count).ok()? == groups.len() && groups.iter().all(|group| (0..10_000).contains(group));
    if !is_plain || !matches!(sign, 0 | 0x4000) || !(0..=1_000).contains(scale) || !(-100..=100).contains(weight) {
        return None;
    }
    let group = |place: i16| usize::try_from(weight - place).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    let whole: String = (0..=*weight).rev().map(|place| format!("{:04}", group(place))).collect();
    let part: String = (1..=(scale + 3) / 4).map(|place| format!("{:04}", group(-place))).collect();
    let (whole, part) = (whole.trim_start_matches('0'), part.get(..usize::try_from(*scale).ok()?)?);
    let text = format!("{}{}.{part}", if *sign == 0 { "" } else { "-" }, if whole.is_empty() { "0" } else { whole });
    Some(text.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array as _, cast::AsArray as _, types::Date32Type};

    #[test]
    fn binary_values_are_those_that_were_sent() {
        let of = |number, bytes: &[u8]| value(number, &DataType::Utf8, 1, Some(bytes)).unwrap();
        assert_eq!(of(20, &[0, 0, 0, 0, 0, 0, 1, 0]).as_primitive::<arrow_array::types::Int64Type>().value(0), 256);
        // 2000-01-02 is day 10,958 since 1970.
        assert_eq!(of(1082, &[0, 0, 0, 1]).as_primitive::<Date32Type>().value(0), 10_958);
        assert_eq!(of(25, "王一".as_bytes()).as_string::<i32>().value(0), "王一");
        assert!(value(23, &DataType::Utf8, 1, Some(&[1])).is_err(), "too short");
        assert!(value(600, &DataType::Utf8, 1, Some(&[1])).is_err(), "a point is not read");
        assert!(value(23, &DataType::Int32, 0, None).unwrap().is_null(0));
    }

    /// As `numeric_send` writes 12345.678, -0.5 and 100000000.
    #[test]
    fn numbers_in_groups_of_four_digits_are_read() {
        let of = |words: &[i16]| numeric(&words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>());
        assert_eq!(of(&[3, 1, 0, 3, 1, 2345, 6780]).unwrap(), "12345.678");
        assert_eq!(of(&[1, -1, 0x4000, 1, 5000]).unwrap(), "-0.5");
        assert_eq!(of(&[1, 2, 0, 0, 1]).unwrap(), "100000000");
        assert!(of(&[2, 0, 0, 0, 1]).is_none() && of(&[1, 0, -16384, 0, 1]).is_none());
    }

    #[test]
    fn lists_are_read_with_their_quotes() {
        let list = list(r#"{a,"b, \"c\"",NULL,"NULL", d }"#).unwrap().value(0);
        let texts: Vec<Option<&str>> = list.as_string::<i32>().iter().collect();
        assert_eq!(texts, [Some("a"), Some("b, \"c\""), None, Some("NULL"), Some("d")]);
        assert!(super::list("a,b").is_none() && super::list("{{a}}").is_none());
    }
}
