//! What a text consists of when it is read in one encoding: how many of its characters are whole, Chinese, private; how many of its lines
//! are broken, and how many are in another encoding. Which encoding it is read in is decided by who asks.

use crate::decode::{Transcoder, is_chinese};
use encoding_rs::{Encoding, GB18030};
use memchr::{memchr, memchr_iter, memchr2_iter, memmem, memrchr};

/// So many sequences that do not decode are dirt, however short the file: one damaged byte makes up to three.
pub(super) const DIRT: u64 = 10;

/// Bytes of a line that is looked at as a whole.
const LINE_MAX: usize = 1 << 20;

/// U+FFFD, which stands where something did not decode.
const REPLACEMENT: &[u8] = b"\xef\xbf\xbd";

/// The count.
pub(super) struct Tally {
    pub(super) transcoder: Transcoder,
    text: String,
    pub(super) characters: u64,
    /// Characters beyond ASCII.
    pub(super) wide: u64,
    /// Characters that take three bytes of UTF-8 or more, as all Chinese ones do.
    pub(super) long: u64,
    pub(super) private: u64,
    pub(super) lines: Lines,
    /// More is broken than whole: counting on would only cost time.
    hopeless: bool,
    /// The present line, where lines are looked at whole.
    line: Option<Vec<u8>>,
    /// What was taken last ends within a line.
    is_inside: bool,
}

/// Lines of the text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) all: u64,
    /// Those with something that does not decode.
    pub(super) broken: u64,
    /// Those that are UTF-8 in a text that is not.
    pub(super) utf8: u64,
    is_broken: bool,
}

impl Tally {
    /// Of a text from its beginning.
    pub(super) fn new(encoding: &'static Encoding) -> Tally {
        Tally::with(Transcoder::new(encoding), encoding)
    }

    /// Of a text from a line within it on, where a byte order mark is none.
    pub(super) fn within(encoding: &'static Encoding) -> Tally {
        Tally::with(Transcoder::within(encoding), encoding)
    }

    /// Together with what follows, from the beginning of a line on.
    pub(super) fn and(mut self, next: &Tally) -> Tally {
        self.transcoder.follow(&next.transcoder);
        self.characters += next.characters;
        self.wide += next.wide;
        self.long += next.long;
        self.private += next.private;
        self.lines.all += next.lines.all;
        self.lines.broken += next.lines.broken;
        self.lines.utf8 += next.lines.utf8;
        self
    }

    fn with(transcoder: Transcoder, encoding: &'static Encoding) -> Tally {
        Tally {
            transcoder,
            text: String::new(),
            characters: 0,
            wide: 0,
            long: 0,
            private: 0,
            lines: Lines::default(),
            hopeless: false,
            line: (encoding == GB18030).then(Vec::new),
            is_inside: false,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], last: bool) {
        if self.hopeless {
            return;
        }
        match self.line.take() {
            None => self.take(bytes, last),
            Some(line) => {
                self.line = Some(self.feed_lines(line, bytes, last));
            }
        }
    }

    /// Lines that are UTF-8 are counted and not taken; the beginning of the next line comes back.
    fn feed_lines(&mut self, mut line: Vec<u8>, bytes: &[u8], last: bool) -> Vec<u8> {
        let mut from = 0;
        if !line.is_empty()
            && let Some(end) = memchr(b'\n', bytes)
        {
            from = end + 1;
            line.extend_from_slice(&bytes[..from]);
            self.take_others(&line);
            line.clear();
        }
        let end = memrchr(b'\n', &bytes[from..]).map_or(from, |end| from + end + 1);
        self.take_others(&bytes[from..end]);
        line.extend_from_slice(&bytes[end..]);
        if last || line.len() > LINE_MAX {
            self.take_others(&line);
            line.clear();
        }
        if last {
            self.take(&[], true);
        }
        line
    }

    /// Takes these lines, but for those that are UTF-8.
    fn take_others(&mut self, lines: &[u8]) {
        let (mut from, mut at) = (0, 0);
        if !lines.is_ascii() {
            for end in memchr_iter(b'\n', lines).map(|end| end + 1).chain([lines.len()]) {
                let line = &lines[at..end];
                // Bytes of GBK are Chinese in UTF-8 for a character or two, never for a line.
                let is_utf8 = !line.is_ascii() && std::str::from_utf8(line).is_ok_and(is_chinese);
                let usual = if is_utf8 { None } else { usual(line).filter(|_| line.ends_with(b"\n") && !self.is_inside) };
                if is_utf8 || usual.is_some() {
                    self.take(&lines[from..at], false);
                    self.lines.utf8 += u64::from(is_utf8);
                    self.lines.all += 1;
                    from = end;
                }
                if let Some((ascii, hanzi)) = usual {
                    self.transcoder.pass(line.len());
                    self.characters += ascii + hanzi;
                    self.wide += hanzi;
                    self.long += hanzi;
                }
                at = end;
            }
        }
        self.take(&lines[from..], false);
    }

    fn take(&mut self, bytes: &[u8], last: bool) {
        self.text.clear();
        self.is_inside = bytes.last().map_or(self.is_inside, |last| *last != b'\n');
        self.transcoder.feed(bytes, last, &mut self.text);
        let lost = memmem::find_iter(self.text.as_bytes(), REPLACEMENT).count() as u64;
        self.lines.count(&self.text, last, lost > 0);
        if self.text.is_ascii() {
            self.characters += self.text.len() as u64;
            return;
        }
        // Counted by the first bytes of characters, many at a time: E0 begins those from U+0800 on, EE and EF A3 at most the private ones.
        let bytes = self.text.as_bytes();
        self.characters += count(bytes, |byte| byte & 0xc0 != 0x80);
        self.wide += count(bytes, |byte| byte >= 0xc0) - lost;
        self.long += count(bytes, |byte| byte >= 0xe0) - lost;
        let is_private = |at: &usize| bytes[*at] == 0xee || bytes.get(at + 1).is_some_and(|next| *next <= 0xa3);
        self.private += memchr2_iter(0xee, 0xef, bytes).filter(is_private).count() as u64;
        self.hopeless = self.malformed() > 100_000 && self.malformed() > self.wide;
    }

    pub(super) fn malformed(&self) -> u64 {
        self.transcoder.malformed
    }

    /// More than one character in a thousand does not decode, in more than one line of twenty: that is no dirt.
    pub(super) fn is_broken(&self) -> bool {
        self.malformed() > DIRT && self.malformed() * 1000 > self.characters && !self.has_few_broken_lines()
    }

    /// One line in twenty at most: they are refused one by one.
    pub(super) fn has_few_broken_lines(&self) -> bool {
        self.lines.broken * 20 <= self.lines.all
    }
}

/// How many characters of ASCII and how many hanzi a line has that has nothing else: those of GB 2312, whose pairs of bytes begin with B0 to F7,
/// and ASCII in full width. Counting them so takes a third of what decoding does, and such are nearly all lines.
fn usual(line: &[u8]) -> Option<(u64, u64)> {
    let (mut rest, mut ascii, mut wide) = (line, 0, 0);
    loop {
        rest = match rest {
            [] => return Some((ascii, wide)),
            // The end of row D7 is empty, and A3 has nothing that is not wide.
            [0xb0..=0xd6 | 0xd8..=0xf7 | 0xa3, 0xa1..=0xfe, rest @ ..] | [0xd7, 0xa1..=0xf9, rest @ ..] => {
                wide += 1;
                rest
            }
            [first, ..] if first.is_ascii() => {
                let length = ascii_length(rest);
                ascii += length as u64;
                &rest[length..]
            }
            _ => return None,
        }
    }
}

/// How many bytes of ASCII it begins with: eight are looked at together.
fn ascii_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    for eight in bytes.chunks_exact(8) {
        let high = eight.try_into().map_or(u64::MAX, u64::from_le_bytes) & 0x8080_8080_8080_8080;
        if high != 0 {
            return length + high.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + bytes[length..].iter().take_while(|byte| byte.is_ascii()).count()
}

impl Lines {
    fn count(&mut self, text: &str, last: bool, has_lost: bool) {
        let mut lines = text.split('\n');
        if has_lost {
            self.look(lines.next().unwrap_or_default());
            for line in lines {
                self.end();
                self.look(line);
            }
        } else if let Some(others) = memchr_iter(b'\n', text.as_bytes()).count().checked_sub(1) {
            self.end();
            self.all += others as u64;
        }
        if last && self.is_broken {
            self.end();
        }
    }

    fn end(&mut self) {
        self.all += 1;
        self.broken += u64::from(std::mem::take(&mut self.is_broken));
    }

    fn look(&mut self, line: &str) {
        self.is_broken |= line.contains(char::REPLACEMENT_CHARACTER);
    }
}

/// How many bytes are so: as many at a time as the processor compares, which needs counters no wider than a byte.
pub(super) fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    let few = |bytes: &[u8]| bytes.iter().map(|byte| u8::from(is(*byte))).sum::<u8>();
    bytes.chunks(usize::from(u8::MAX)).map(|bytes| u64::from(few(bytes))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_8;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_counted_without_decoding_is_what_decoding_counts(pairs in prop::collection::vec((0x20..=0xff_u8, 0x20..=0xff_u8, 0..4_usize), 0..40)) {
            let bytes: Vec<u8> = pairs.iter().flat_map(|(first, second, ascii)| [&[*first, *second][..], &b"12,"[..*ascii]].concat()).collect();
            if let Some((ascii, wide)) = usual(&bytes) {
                let (text, _, is_broken) = GB18030.decode(&bytes);
                prop_assert!(!is_broken);
                prop_assert_eq!(text.chars().filter(char::is_ascii).count() as u64, ascii);
                prop_assert_eq!(text.chars().filter(|character| *character >= '\u{800}').count() as u64, wide);
                let is_private = text.contains(|character| matches!(character, '\u{e000}'..='\u{f8ff}'));
                prop_assert!(!is_private);
            }
        }
    }

    #[test]
    fn every_usual_pair_is_a_character_of_three_bytes() {
        let pairs = (0x80..=0xff_u8).flat_map(|first| (0..=0xff_u8).map(move |second| [first, second]));
        let usual: Vec<[u8; 2]> = pairs.filter(|pair| usual(pair) == Some((0, 1))).collect();
        assert!(usual.len() > 6700, "{}", usual.len());
        for pair in usual {
            let (text, _, is_broken) = GB18030.decode(&pair);
            assert!(!is_broken && text.len() == 3 && !matches!(text.chars().next().unwrap(), '\u{e000}'..='\u{f8ff}'), "{pair:?}");
        }
    }

    #[test]
    fn lines_are_counted_wherever_the_pieces_are_cut() {
        let gbk = |text: &str| GB18030.encode(text).0.into_owned();
        let bytes = [gbk("王小明,东街\n"), "王小明,东街\n".as_bytes().to_vec(), b"a\n".to_vec(), b"\x81\n".to_vec(), gbk("李")].concat();
        for size in 1..9 {
            let mut tally = Tally::new(GB18030);
            bytes.chunks(size).for_each(|piece| tally.feed(piece, false));
            tally.feed(&[], true);
            let Lines { all, broken, utf8, .. } = tally.lines;
            assert_eq!((all, broken, utf8, tally.malformed(), tally.wide), (4, 1, 1, 1, 6), "{size}");
        }
        let mut tally = Tally::new(UTF_8);
        tally.feed("王\n\u{fffd}\n".as_bytes(), true);
        assert_eq!((tally.lines.all, tally.lines.broken), (2, 1));
    }
}
