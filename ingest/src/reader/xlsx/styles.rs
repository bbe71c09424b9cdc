//! How cells show their numbers: a number may be a date, and zeros at the front of a code may be nowhere but in its format. All else that
//! styles say is for the eye.

use super::xml::{Broken, Xml, attribute};
use quick_xml::events::Event;
use std::{collections::HashMap, io::Read};

/// Styles and number formats of a workbook; a spreadsheet program keeps 65,490 of the one.
const STYLES_MAX: usize = 100_000;

/// What a number is shown as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shown {
    /// A number.
    #[default]
    Number,
    /// A day, a time of the day, or both.
    Moment,
    /// So many hours, minutes, seconds.
    Duration,
    /// A whole number with zeros at the front up to so many digits: `000000`.
    Digits(u8),
}

/// What each style shows numbers as.
#[derive(Debug, Default)]
pub(super) struct Styles(Vec<Shown>);

impl Styles {
    pub(super) fn read(xml: Option<Xml<impl Read>>) -> Result<Styles, Broken> {
        let mut styles = Styles::default();
        let Some(mut xml) = xml else { return Ok(styles) };
        let (mut formats, mut is_of_cells) = (HashMap::new(), false);
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "numFmt" => {
                        if let (Some(id), Some(code)) = (attribute(&tag, "numFmtId"), attribute(&tag, "formatCode")) {
                            formats.insert(id, shown(&code));
                        }
                    }
                    "cellXfs" => is_of_cells = true,
                    "xf" if is_of_cells => {
                        let id = attribute(&tag, "numFmtId").unwrap_or_default();
                        styles.0.push(formats.get(&id).copied().unwrap_or_else(|| id.parse().map_or(Shown::Number, built_in)));
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => is_of_cells = false,
                Event::Eof => return Ok(styles),
                _ => {}
            }
            if styles.0.len() > STYLES_MAX || formats.len() > STYLES_MAX {
                return Err(Broken::Limit(format!("it has more than {STYLES_MAX} styles")));
            }
        }
    }

    /// Of each style the number of its format, and the code if there is one.
    pub(super) fn of<'a>(styles: impl Iterator<Item = (u32, Option<&'a str>)>) -> Result<Styles, Broken> {
        let all: Vec<Shown> = styles.take(STYLES_MAX + 1).map(|(id, code)| code.map_or_else(|| built_in(id), shown)).collect();
        if all.len() > STYLES_MAX { Err(Broken::Limit(format!("it has more than {STYLES_MAX} styles"))) } else { Ok(Styles(all)) }
    }

    pub(super) fn get(&self, style: usize) -> Shown {
        self.0.get(style).copied().unwrap_or_default()
    }
}

/// Formats that have a number and no code (ECMA-376 part 1, 18.8.30), the East Asian ones too.
fn built_in(id: u32) -> Shown {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Moment,
        46 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What a format's code says of numbers above zero: its first section, without what is quoted, escaped or in brackets.
fn shown(code: &str) -> Shown {
    let (mut plain, mut has_literals) = (String::new(), false);
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            ';' => break,
            '"' => has_literals |= characters.by_ref().take_while(|inside| *inside != '"').count() > 0,
            '\\' => has_literals |= characters.next().is_some_and(|literal| literal != ' '),
            '_' | '*' => {
                characters.next();
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|inside| *inside != ']').collect();
                if inside.starts_with(['h', 'H', 'm', 'M', 's', 'S']) {
                    return Shown::Duration;
                }
            }
            other => plain.push(other),
        }
    }
    let plain = plain.trim();
    let is_general = plain.eq_ignore_ascii_case("general");
    match plain.len() {
        width @ 2..=20 if !has_literals && plain.bytes().all(|byte| byte == b'0') => Shown::Digits(u8::try_from(width).unwrap_or(0)),
        _ if !is_general && plain.contains(['y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S']) => Shown::Moment,
        _ => Shown::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_whether_a_number_is_a_date_or_a_code() {
        for (code, is) in [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("0", Shown::Number),
            ("#,##0.00_ ;[Red]\\-#,##0.00\\ ", Shown::Number),
            ("0\"小时\"", Shown::Number),
            ("0.00E+00", Shown::Number),
            ("000000", Shown::Digits(6)),
            ("000000;@", Shown::Digits(6)),
            ("000000000000000000_ ", Shown::Digits(18)),
            ("\"G\"000000", Shown::Number),
            ("yyyy-mm-dd", Shown::Moment),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\";@", Shown::Moment),
            ("h:mm:ss", Shown::Moment),
            ("[h]:mm", Shown::Duration),
        ] {
            assert_eq!(shown(code), is, "{code}");
        }
    }

    #[test]
    fn a_style_is_counted_among_those_of_cells_only() {
        let xml = "<styleSheet><numFmts><numFmt numFmtId=\"176\" formatCode=\"000000\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/>\
            </cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/></cellXfs></styleSheet>";
        let styles = Styles::read(Some(Xml::new(xml.as_bytes()))).unwrap();
        assert_eq!((0..4).map(|at| styles.get(at)).collect::<Vec<_>>(), [Shown::Number, Shown::Moment, Shown::Digits(6), Shown::Number]);
    }

    #[test]
    fn styles_without_end_are_refused() {
        let xml = format!("<styleSheet><cellXfs>{}</cellXfs></styleSheet>", "<xf/>".repeat(STYLES_MAX + 1));
        assert!(matches!(Styles::read(Some(Xml::new(xml.as_bytes()))), Err(Broken::Limit(_))));
    }
}
