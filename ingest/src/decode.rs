//! Bytes to text, piece by piece: GB18030, UTF-8 with or without byte order mark, UTF-16 of either order. What does not decode becomes
//! U+FFFD *and is counted*, so that the reader can refuse the row that holds it. Which encoding a file has is decided in sniff.

use encoding_rs::{BIG5, Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};
use std::io::{self, Read};

/// Bytes taken from a file at a time.
pub(crate) const PIECE: usize = 64 * 1024;

/// The text of a byte stream.
#[derive(Debug)]
pub(crate) struct Decoded<R> {
    source: R,
    transcoder: Transcoder,
    bytes: Vec<u8>,
    has_begun: bool,
    has_ended: bool,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(source: R, encoding: &'static Encoding) -> Decoded<R> {
        Decoded { source, transcoder: Transcoder::new(encoding), bytes: vec![0; PIECE], has_begun: false, has_ended: false }
    }

    /// The next piece of text, in place of what `out` holds; false at the end. A piece may be empty while a character is half read.
    pub(crate) fn next(&mut self, out: &mut String) -> io::Result<bool> {
        out.clear();
        if self.has_ended {
            return Ok(false);
        }
        let count = read_some(&mut self.source, &mut self.bytes)?;
        self.has_ended = count == 0;
        self.transcoder.feed(&self.bytes[..count], self.has_ended, out);
        // GB18030 has a byte order mark as well, and some files have two.
        while !self.has_begun && out.starts_with('\u{feff}') {
            out.remove(0);
        }
        self.has_begun |= !out.is_empty();
        Ok(true)
    }
}

/// Whether all beyond ASCII is Chinese, or its marks: where bytes are that in UTF-8 all over, they are no other encoding by chance.
pub(crate) fn is_chinese(text: &str) -> bool {
    text.chars().filter(|character| !character.is_ascii()).all(|character| character >= '\u{2000}')
}

/// One read, however often the system interrupts it.
pub(crate) fn read_some(source: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A decoder that counts what it cannot decode and remembers where that began.
pub(crate) struct Transcoder {
    decoder: Decoder,
    taken: u64,
    /// Byte sequences that are no character.
    pub(crate) malformed: u64,
    /// The byte after the first of them, counted from 1.
    pub(crate) first_malformed: Option<u64>,
}

impl Transcoder {
    /// A byte order mark of the encoding itself is removed.
    pub(crate) fn new(encoding: &'static Encoding) -> Transcoder {
        Transcoder { decoder: encoding.new_decoder_with_bom_removal(), taken: 0, malformed: 0, first_malformed: None }
    }

    /// For bytes within a text, where a byte order mark is none.
    pub(crate) fn within(encoding: &'static Encoding) -> Transcoder {
        Transcoder { decoder: encoding.new_decoder_without_bom_handling(), ..Transcoder::new(encoding) }
    }

    /// Counts what another one took after this one.
    pub(crate) fn follow(&mut self, next: &Transcoder) {
        let first = next.first_malformed.map(|place| self.taken + place);
        self.first_malformed = self.first_malformed.or(first);
        self.malformed += next.malformed;
        self.taken += next.taken;
    }

    /// Passes over bytes of whole characters that need no decoding; no character is half taken then.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.taken += bytes as u64;
    }

    pub(crate) fn encoding(&self) -> &'static Encoding {
        self.decoder.encoding()
    }

    /// Appends the text of these bytes; `last` tells that none follow.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], last: bool, out: &mut String) {
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 4);
            out.reserve(room);
            let (result, read) = self.decoder.decode_to_string_without_replacement(bytes, out, last);
            bytes = &bytes[read..];
            self.taken += read as u64;
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.malformed += 1;
                    self.first_malformed.get_or_insert(self.taken);
                    out.push(char::REPLACEMENT_CHARACTER);
                }
            }
        }
    }
}

impl std::fmt::Debug for Transcoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Transcoder").field("encoding", &self.decoder.encoding().name()).field("malformed", &self.malformed).finish()
    }
}

/// Appends the text of these bytes, which are whole: what does not decode becomes U+FFFD, and true is handed back.
pub(crate) fn append(encoding: &'static Encoding, bytes: &[u8], out: &mut String) -> bool {
    if (encoding == UTF_8 || bytes.is_ascii())
        && let Ok(text) = str::from_utf8(bytes)
    {
        out.push_str(text);
        return false;
    }
    let mut transcoder = Transcoder::within(encoding);
    transcoder.feed(bytes, true, out);
    transcoder.malformed > 0
}

/// The names by which people call encodings, and what is meant: whoever says GBK or GB2312 gets all of GB18030.
const NAMES: [(&str, &Encoding); 12] = [
    ("gb18030", GB18030),
    ("gbk", GB18030),
    ("gb2312", GB18030),
    ("cp936", GB18030),
    ("ansi", GB18030),
    ("utf-8", UTF_8),
    ("utf8", UTF_8),
    ("utf-16", UTF_16LE),
    ("utf-16le", UTF_16LE),
    ("utf-16be", UTF_16BE),
    ("unicode", UTF_16LE),
    ("big5", BIG5),
];

/// The encoding that is called so, by these names or those of the web, or the sentence with the nearest name.
pub(crate) fn by_name(name: &str) -> Result<&'static Encoding, String> {
    let wanted = name.trim().to_ascii_lowercase().replace('_', "-");
    let found = NAMES.iter().find(|(known, _)| *known == wanted).map(|(_, encoding)| *encoding);
    let other = || Encoding::for_label_no_replacement(name.trim().as_bytes()).filter(|other| *other != X_USER_DEFINED);
    found.or_else(other).ok_or_else(|| wuwei_schema::nearest(&wanted, NAMES.iter().map(|(known, _)| *known)))
}

/// The name by which an encoding is shown.
pub(crate) fn label(encoding: &'static Encoding) -> &'static str {
    if encoding == GB18030 { "GB18030" } else { encoding.name() }
}

/// The bytes of a text, for tests that write files.
#[cfg(test)]
pub(crate) fn encode(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    if encoding == UTF_16LE {
        return text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    }
    if encoding == UTF_16BE {
        return text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    }
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{} cannot write the text", encoding.name());
    bytes.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A source that gives one byte at a time, so that every character is torn.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1).min(out.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn whole(source: impl Read, encoding: &'static Encoding) -> (String, u64) {
        let mut decoded = Decoded::new(source, encoding);
        let (mut text, mut piece) = (String::new(), String::new());
        while decoded.next(&mut piece).unwrap() {
            text.push_str(&piece);
        }
        (text, decoded.transcoder.malformed)
    }

    proptest! {
        #[test]
        fn a_text_comes_back_whole_wherever_the_pieces_are_cut(text in "([a-z,\n\"]|[㛃𬭎䶮王小明·（]){0,60}") {
            for encoding in [GB18030, UTF_8, UTF_16LE, UTF_16BE] {
                let bytes = encode(&text, encoding);
                prop_assert_eq!(whole(&bytes[..], encoding), (text.clone(), 0));
                prop_assert_eq!(whole(Drip(&bytes), encoding), (text.clone(), 0));
            }
        }
    }

    #[test]
    fn what_does_not_decode_is_counted_and_swallows_nothing_after_it() {
        assert_eq!(whole(&b"a\xff,\"b\"\n\xe7\x8e"[..], UTF_8), ("a\u{fffd},\"b\"\n\u{fffd}".to_owned(), 2));
        assert_eq!(whole(&b"\x81\n\xff,x"[..], GB18030), ("\u{fffd}\n\u{fffd},x".to_owned(), 2));
        assert_eq!(whole(&b"a\0\x00\xd8b\0"[..], UTF_16LE), ("a\u{fffd}b".to_owned(), 1));
    }

    #[test]
    fn codes_that_older_editions_made_private_are_characters_as_the_table_says() {
        for (private, character, bytes) in wuwei_schema::private::ASSIGNED {
            // The edition of 2022 leaves those beyond the basic plane private.
            let decoded = if character > '\u{ffff}' { private } else { character };
            assert_eq!(whole(&bytes[..], GB18030).0, decoded.to_string(), "{private:?}");
            assert_eq!(wuwei_schema::private::assigned(private), Some(character));
        }
    }

    #[test]
    fn byte_order_marks_are_no_text() {
        for encoding in [GB18030, UTF_8, UTF_16LE, UTF_16BE] {
            assert_eq!(whole(&encode("\u{feff}\u{feff}a", encoding)[..], encoding).0, "a", "{}", encoding.name());
        }
    }

    #[test]
    fn an_encoding_is_known_by_every_name_people_use() {
        assert_eq!(by_name("GBK").unwrap(), GB18030);
        assert_eq!(by_name("utf_8").unwrap(), UTF_8);
        assert_eq!(by_name("Windows-1252").unwrap().name(), "windows-1252");
        assert!(by_name("replacement").is_err() && by_name("x-user-defined").is_err());
        assert_eq!(by_name("gb1803").unwrap_err(), "did you mean `gb18030`?");
    }
}
