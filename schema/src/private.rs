//! Characters that stood in the private use area until they had a place of their own, and still do in files of older programs. Two spellings
//! of one name meet where names are compared; here is only the table. Nothing is changed by being listed in it.

/// Private code point, the character that it is, and the two bytes of both in GB 18030.
///
/// Source: GB 18030, 24 two-byte codes that the editions of 2000 and 2005 map to private code points (Python's codec does so to this day). The
/// edition of 2022 maps 18 of them to the characters, and with it the WHATWG index and encoding_rs; the six beyond the basic plane it leaves
/// private, while the characters have four-byte codes.
pub const ASSIGNED: [(char, char, [u8; 2]); 24] = [
    ('\u{e78d}', '\u{fe10}', [0xa6, 0xd9]),
    ('\u{e78e}', '\u{fe12}', [0xa6, 0xda]),
    ('\u{e78f}', '\u{fe11}', [0xa6, 0xdb]),
    ('\u{e790}', '\u{fe13}', [0xa6, 0xdc]),
    ('\u{e791}', '\u{fe14}', [0xa6, 0xdd]),
    ('\u{e792}', '\u{fe15}', [0xa6, 0xde]),
    ('\u{e793}', '\u{fe16}', [0xa6, 0xdf]),
    ('\u{e794}', '\u{fe17}', [0xa6, 0xec]),
    ('\u{e795}', '\u{fe18}', [0xa6, 0xed]),
    ('\u{e796}', '\u{fe19}', [0xa6, 0xf3]),
    ('\u{e816}', '\u{20087}', [0xfe, 0x51]),
    ('\u{e817}', '\u{20089}', [0xfe, 0x52]),
    ('\u{e818}', '\u{200cc}', [0xfe, 0x53]),
    ('\u{e81e}', '\u{9fb4}', [0xfe, 0x59]),
    ('\u{e826}', '\u{9fb5}', [0xfe, 0x61]),
    ('\u{e82b}', '\u{9fb6}', [0xfe, 0x66]),
    ('\u{e82c}', '\u{9fb7}', [0xfe, 0x67]),
    ('\u{e831}', '\u{215d7}', [0xfe, 0x6c]),
    ('\u{e832}', '\u{9fb8}', [0xfe, 0x6d]),
    ('\u{e83b}', '\u{2298f}', [0xfe, 0x76]),
    ('\u{e843}', '\u{9fb9}', [0xfe, 0x7e]),
    ('\u{e854}', '\u{9fba}', [0xfe, 0x90]),
    ('\u{e855}', '\u{241fe}', [0xfe, 0x91]),
    ('\u{e864}', '\u{9fbb}', [0xfe, 0xa0]),
];

/// The character that a private code point stands for, if it is one of the table.
pub fn assigned(private: char) -> Option<char> {
    ASSIGNED.binary_search_by_key(&private, |(private, ..)| *private).ok().map(|at| ASSIGNED[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_code_point_of_an_older_edition_has_its_character() {
        assert_eq!(
            (assigned('\u{e81e}'), assigned('\u{e831}'), assigned('\u{e000}'), assigned('龴')),
            (Some('龴'), Some('𡗗'), None, None)
        );
        assert!(ASSIGNED.is_sorted_by_key(|(private, ..)| *private));
    }
}
