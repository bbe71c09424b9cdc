//! Amounts in the unit that their column is declared to count in. A cell that names a unit of its own (5万元, 5000元) means that one.

use std::borrow::Cow;

/// The units that amounts are written in, each with its power of ten; longer names before those that they end in.
const UNITS: [(&str, i32); 9] =
    [("亿元", 8), ("亿", 8), ("百万元", 6), ("万元", 4), ("万", 4), ("千元", 3), ("百元", 2), ("元", 0), ("圆", 0)];

/// The names that a mapping may give.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|(name, _)| *name).filter(|name| name.ends_with('元'))
}

/// The amount in the unit `declared`, without a unit; a text that names none stays as it is.
pub(super) fn in_unit<'t>(text: &'t str, declared: &str) -> Cow<'t, str> {
    let named = UNITS.iter().find_map(|(name, power)| Some((text.trim_end().strip_suffix(name)?, power)));
    let power = UNITS.iter().find(|(name, _)| *name == declared).map(|(_, power)| power);
    match named.zip(power) {
        Some(((amount, own), declared)) if own == declared => Cow::Borrowed(amount),
        // As an exponent, so that no digit is rounded.
        Some(((amount, own), declared)) => Cow::Owned(format!("{amount}e{}", own - declared)),
        None => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wuwei_schema::{Codes, Kind};

    #[test]
    fn a_cell_that_names_its_unit_means_it() {
        for (text, declared, number) in [
            ("5", "万元", "5"),
            ("5万元", "万元", "5"),
            ("5,000元", "万元", "0.5"),
            ("￥1.1万", "元", "11000"),
            ("0.3亿元", "万元", "3000"),
            ("800元", "元", "800"),
        ] {
            assert_eq!(Kind::Number.clean(&in_unit(text, declared), &Codes::default()).as_deref(), Ok(number), "{text} in {declared}");
        }
        assert!(Kind::Number.clean(&in_unit("3万5千元", "元"), &Codes::default()).is_err());
    }
}
