//! Which characters the bytes of a cell stand for, where a column has so many bytes: the code pages that the language byte of a table can
//! name, and cells decoded in them. Such a cell is cut by its width, so its last character may be half there; that is seen, and told from
//! bytes that are no character.

use crate::decode::label;
use encoding_rs::*;

/// Code pages of DOS, which no library of the web knows: the characters of the bytes from 128. Source: the tables that Unicode publishes
/// under VENDORS/MICSFT/PC; Mazovia, a Polish one, changes 17 places of the first.
const DOS: [(u16, &str); 4] = [
    (
        437,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
    (
        850,
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    ),
    (
        852,
        "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
    ),
    (
        620,
        "ÇüéâäàąçêëèïîćÄĄĘęłôöĆûùŚÖÜ¢Ł¥śƒŹŻóÓńŃźż¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    ),
];

/// What a language byte means, as FoxPro and the makers of geographic programs list it: the byte, the code page.
const LANGUAGES: [(u8, u16); 58] = [
    (0x01, 437),
    (0x02, 850),
    (0x03, 1252),
    (0x04, 10000),
    (0x08, 865),
    (0x09, 437),
    (0x0a, 850),
    (0x0b, 437),
    (0x0d, 437),
    (0x0e, 850),
    (0x0f, 437),
    (0x10, 850),
    (0x11, 437),
    (0x12, 850),
    (0x13, 932),
    (0x14, 850),
    (0x15, 437),
    (0x16, 850),
    (0x17, 865),
    (0x18, 437),
    (0x19, 437),
    (0x1a, 850),
    (0x1b, 437),
    (0x1c, 863),
    (0x1d, 850),
    (0x1f, 852),
    (0x22, 852),
    (0x23, 852),
    (0x24, 860),
    (0x25, 850),
    (0x26, 866),
    (0x37, 850),
    (0x40, 852),
    (0x4d, 936),
    (0x4e, 949),
    (0x4f, 950),
    (0x50, 874),
    (0x58, 1252),
    (0x59, 1252),
    (0x64, 852),
    (0x65, 866),
    (0x66, 865),
    (0x67, 861),
    (0x69, 620),
    (0x78, 950),
    (0x79, 949),
    (0x7a, 936),
    (0x7b, 932),
    (0x7c, 874),
    (0x7d, 1255),
    (0x7e, 1256),
    (0x87, 852),
    (0xc8, 1250),
    (0xc9, 1251),
    (0xca, 1254),
    (0xcb, 1253),
    (0xcc, 1257),
    (0xf0, 65001),
];

/// Code pages that the web knows too.
const SHARED: [(u16, &Encoding); 18] = [
    (866, IBM866),
    (874, WINDOWS_874),
    (932, SHIFT_JIS),
    (936, GB18030),
    (949, EUC_KR),
    (950, BIG5),
    (1250, WINDOWS_1250),
    (1251, WINDOWS_1251),
    (1252, WINDOWS_1252),
    (1253, WINDOWS_1253),
    (1254, WINDOWS_1254),
    (1255, WINDOWS_1255),
    (1256, WINDOWS_1256),
    (1257, WINDOWS_1257),
    (1258, WINDOWS_1258),
    (10000, MACINTOSH),
    (10007, X_MAC_CYRILLIC),
    (65001, UTF_8),
];

/// How a table writes characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// One of the encodings of the web.
    Coded(&'static Encoding),
    /// One byte a character, by a table for the upper half.
    Dos(u16, &'static str),
    /// Nobody knows more than ASCII; of this code page, if it is named.
    Ascii(u16),
}

/// How the decoding of a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// The first bytes of a character stand at the end; they are left out.
    Half,
    /// Bytes that are no character; U+FFFD stands in their place.
    Broken,
}

impl Page {
    /// The page that a language byte names; none when it names none or only says that it is not the DOS one.
    pub(crate) fn of_language(byte: u8) -> Option<Page> {
        LANGUAGES.iter().find(|(known, _)| *known == byte).map(|(_, number)| Page::of_number(*number))
    }

    pub(crate) fn of_number(number: u16) -> Page {
        if let Some((_, encoding)) = SHARED.iter().find(|(known, _)| *known == number) {
            return Page::Coded(encoding);
        }
        DOS.iter().find(|(known, _)| *known == number).map_or(Page::Ascii(number), |(_, upper)| Page::Dos(number, upper))
    }

    /// The name by which it is shown.
    pub(crate) fn label(self) -> String {
        match self {
            Page::Coded(encoding) => label(encoding).to_owned(),
            Page::Dos(number, _) | Page::Ascii(number @ 1..) => format!("code page {number}"),
            Page::Ascii(0) => "ASCII".to_owned(),
        }
    }

    /// Whether programs of the West write its byte without being asked, so that it says little.
    pub(crate) fn is_default(self) -> bool {
        self == Page::Coded(WINDOWS_1252) || matches!(self, Page::Dos(437 | 850, _))
    }

    /// Whether a character may have several bytes.
    pub(crate) fn is_wide(self) -> bool {
        matches!(self, Page::Coded(encoding) if !encoding.is_single_byte())
    }

    /// The encoding in which names of columns are cut.
    pub(crate) fn encoding(self) -> &'static Encoding {
        if let Page::Coded(encoding) = self { encoding } else { GB18030 }
    }

    /// Appends the text of a cell, blanks and zeros at its end left out.
    pub(crate) fn decode(self, bytes: &[u8], out: &mut String) -> Ending {
        let bytes = trimmed(bytes);
        if bytes.is_ascii() {
            out.extend(bytes.iter().map(|byte| char::from(*byte)));
            return Ending::Whole;
        }
        match self {
            Page::Coded(encoding) => decode(encoding, bytes, out),
            Page::Dos(_, upper) => {
                let of = |byte: &u8| {
                    byte.checked_sub(128).map_or(char::from(*byte), |at| upper.chars().nth(usize::from(at)).unwrap_or('\u{fffd}'))
                };
                out.extend(bytes.iter().map(of));
                Ending::Whole
            }
            Page::Ascii(_) => {
                out.push(char::REPLACEMENT_CHARACTER);
                Ending::Broken
            }
        }
    }
}

/// Without the blanks and zeros that fill a cell up.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1)]
}

fn decode(encoding: &'static Encoding, mut bytes: &[u8], out: &mut String) -> Ending {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut ending = Ending::Whole;
    loop {
        out.reserve(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 4 + 4));
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, out, false);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                ending = Ending::Broken;
                out.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    out.reserve(8);
    match decoder.decode_to_string_without_replacement(&[], out, true).0 {
        DecoderResult::Malformed(..) if ending == Ending::Whole => Ending::Half,
        _ => ending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: Page, bytes: &[u8]) -> (String, Ending) {
        let mut text = String::new();
        let ending = page.decode(bytes, &mut text);
        (text, ending)
    }

    #[test]
    fn a_name_cut_by_the_width_of_its_column_keeps_its_whole_characters() {
        let whole = GB18030.encode("阿卜杜拉·买买提").0;
        for (width, text, ending) in [(8, "阿卜杜拉", Ending::Whole), (9, "阿卜杜拉", Ending::Half), (10, "阿卜杜拉·", Ending::Whole)]
        {
            assert_eq!(read(Page::Coded(GB18030), &whole[..width]), (text.to_owned(), ending));
        }
        let padded = [&whole[..9], b"   "].concat();
        assert_eq!(read(Page::Coded(GB18030), &padded).1, Ending::Half);
        assert_eq!(read(Page::Coded(UTF_8), &"王小明".as_bytes()[..8]), ("王小".to_owned(), Ending::Half));
        let rare = GB18030.encode("王𬭎").0;
        for cut in 3..6 {
            assert_eq!(read(Page::Coded(GB18030), &rare[..cut]), ("王".to_owned(), Ending::Half), "{cut} bytes");
        }
    }

    #[test]
    fn bytes_that_are_no_character_are_told_from_a_half_one() {
        assert_eq!(read(Page::Coded(GB18030), b"a\xff\xffb"), ("a\u{fffd}\u{fffd}b".to_owned(), Ending::Broken));
        assert_eq!(read(Page::Ascii(0), b"\xe9").1, Ending::Broken);
        assert_eq!(read(Page::of_number(850), b"\x81 \x9b\xff"), ("ü ø\u{a0}".to_owned(), Ending::Whole));
        assert_eq!(read(Page::of_number(620), b"\x92\xa7"), ("łż".to_owned(), Ending::Whole));
    }

    #[test]
    fn every_table_has_a_character_for_every_byte() {
        assert!(DOS.iter().all(|(_, upper)| upper.chars().count() == 128));
        assert_eq!(Page::of_language(0x4d), Some(Page::Coded(GB18030)));
        assert_eq!(Page::of_language(0x57), None);
    }
}
