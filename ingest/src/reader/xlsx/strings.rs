//! The strings that cells share: one long text and where each ends, so that millions of short ones cost what their letters do. How a string
//! is pronounced is no part of it.

use super::xml::{Broken, Xml, push_reference};
use quick_xml::events::Event;
use std::io::Read;

/// Bytes of all of them together.
const TEXT_MAX: usize = 512 << 20;

/// How many there may be.
const COUNT_MAX: usize = 1 << 25;

/// All shared strings of a workbook.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read(xml: Option<Xml<impl Read>>) -> Result<Strings, Broken> {
        let mut strings = Strings::default();
        let Some(mut xml) = xml else { return Ok(strings) };
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "si" => {
                    let from = strings.text.len();
                    rich_text(&mut xml, &mut strings.text)?;
                    unescape(&mut strings.text, from);
                    strings.end()?;
                }
                Event::Eof => return Ok(strings),
                _ => {}
            }
        }
    }

    /// Takes one more, as it is appended to the text.
    pub(super) fn push<E: Into<Broken>>(&mut self, append: impl FnOnce(&mut String) -> Result<(), E>) -> Result<(), Broken> {
        append(&mut self.text).map_err(Into::into)?;
        self.end()
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }

    fn end(&mut self) -> Result<(), Broken> {
        if self.text.len() > TEXT_MAX || self.ends.len() >= COUNT_MAX {
            return Err(Broken::Limit(format!("its strings are more than {COUNT_MAX} or longer than {TEXT_MAX} bytes")));
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }
}

/// Appends the text of the element that has just begun, whatever its fonts, without phonetic runs; to the element's end.
pub(super) fn rich_text(xml: &mut Xml<impl Read>, text: &mut String) -> Result<(), Broken> {
    let outside = xml.depth() - 1;
    let (mut is_text, mut phonetic) = (false, None);
    loop {
        let event = xml.next()?;
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => is_text = phonetic.is_none(),
                "rPh" => phonetic = phonetic.or(Some(())),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "t" => is_text = false,
                "rPh" => phonetic = None,
                _ => {}
            },
            Event::Text(piece) if is_text => text.push_str(&piece.xml10_content()),
            Event::CData(piece) if is_text => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) if is_text => push_reference(reference, text)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
        drop(event);
        if xml.depth() == outside {
            return Ok(());
        }
    }
}

/// Writes out `_x000D_`, by which a workbook says characters that XML cannot (ECMA-376 part 1, 22.9.2.19), from that byte on.
pub(super) fn unescape(text: &mut String, from: usize) {
    if !text[from..].contains("_x") {
        return;
    }
    let escaped = text.split_off(from);
    let mut rest = escaped.as_str();
    while let Some(at) = rest.find("_x") {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        match code(after) {
            Some(character) => {
                text.push(character);
                rest = &after["_xHHHH_".len()..];
            }
            None => {
                text.push_str("_x");
                rest = &after[2..];
            }
        }
    }
    text.push_str(rest);
}

fn code(text: &str) -> Option<char> {
    let digits = text.get(2..6).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    if text.as_bytes().get(6) != Some(&b'_') {
        return None;
    }
    u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(xml: &str) -> Vec<String> {
        let strings = Strings::read(Some(Xml::new(xml.as_bytes()))).unwrap();
        (0..).map_while(|at| strings.get(at).map(str::to_owned)).collect()
    }

    #[test]
    fn a_string_is_its_text_whatever_its_fonts_and_without_its_pronunciation() {
        let xml = "<sst><si><t>王</t></si><si><r><rPr><b/></rPr><t>王</t></r><r><t xml:space=\"preserve\"> 小&amp;明</t></r></si>\
            <si><t>東京</t><rPh sb=\"0\" eb=\"2\"><t>とうきょう</t></rPh><phoneticPr fontId=\"1\"/></si><si/><si><t>a_x000D_b_x1_&#x4E00;</t></si></sst>";
        assert_eq!(all(xml), ["王", "王 小&明", "東京", "", "a\rb_x1_一"]);
        assert_eq!(all("<x:sst xmlns:x=\"y\"><x:si><x:t>a</x:t></x:si></x:sst>"), ["a"]);
    }

    #[test]
    fn a_part_that_ends_early_is_damaged() {
        assert!(Strings::read(Some(Xml::new(&b"<sst><si><t>a</t></si>"[..]))).is_err());
    }
}
