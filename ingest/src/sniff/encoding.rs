//! Which encoding a text has, from the whole of it and with the reason. Statistics over the first kilobytes fail where an extract
//! is ASCII for twenty thousand lines and then names a street; one damaged byte must not turn a whole file into another alphabet.

use super::{
    tally::{DIRT, Tally, count},
    utf7::Utf7,
};
use crate::decode::label;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};
use wuwei_schema::Notice;

/// Bytes shown to the statistical detector; what is counted is counted over the whole file.
const ADVISED: usize = 1 << 20;

/// What one pass over all bytes of a text tells.
pub(super) struct Survey {
    head: Vec<u8>,
    length: u64,
    /// Zero bytes at even and at odd places.
    zeros: [u64; 2],
    /// Bytes there, among zeros, that stand in every text in ASCII and for no character that is usual when they are half of one.
    plain: [u64; 2],
    controls: u64,
    utf8: Tally,
    utf7: Utf7,
    /// What the statistical detector is shown when somebody asks it: it is slow, and nearly always nobody does.
    sample: Vec<u8>,
}

/// What the survey leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is this one, for this reason; `either` when nothing speaks against another one.
    Is { encoding: &'static Encoding, why: Vec<Notice>, either: bool },
    /// Nothing that may be read without asking: what is odd, and what to do.
    Unsure { detail: String, hint: String },
}

impl Survey {
    pub(super) fn new() -> Survey {
        Survey {
            head: Vec::new(),
            length: 0,
            zeros: [0; 2],
            plain: [0; 2],
            controls: 0,
            utf8: Tally::new(UTF_8),
            utf7: Utf7::default(),
            sample: Vec::new(),
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], last: bool) {
        self.head.extend(bytes.iter().take(4 - self.head.len().min(4)));
        if bytes.contains(&0) {
            for (at, byte) in bytes.iter().enumerate() {
                let place = usize::from((self.length + at as u64) % 2 == 1);
                self.zeros[place] += u64::from(*byte == 0);
                self.plain[place] += u64::from(matches!(byte, b'\n' | b'\r' | 0x21..=0x2f | 0x31..=0x4d));
            }
        }
        self.controls += count(bytes, |byte| matches!(byte, 0..=8 | 14..=25 | 28..=31 | 127));
        self.length += bytes.len() as u64;
        if !bytes.is_ascii() && self.sample.len() < ADVISED {
            self.sample.extend_from_slice(bytes);
        }
        self.utf8.feed(bytes, last);
        self.utf7.feed(bytes);
    }

    /// The encoding to read the text in. `tally` counts the whole text again in another encoding than UTF-8.
    pub(super) fn verdict<E>(
        &self,
        declared: Option<&'static Encoding>,
        tally: impl FnOnce(&'static Encoding) -> Result<Tally, E>,
    ) -> Result<Verdict, E> {
        let (encoding, mut why, either) = match self.choose(declared) {
            Verdict::Is { encoding, why, either } => (encoding, why, either),
            unsure => return Ok(unsure),
        };
        let other = if encoding == UTF_8 { None } else { Some(tally(encoding)?) };
        let counted = other.as_ref().unwrap_or(&self.utf8);
        if let Some(unsure) = self.doubt(encoding, counted, declared.is_some()) {
            return Ok(unsure);
        }
        if let (count @ 1.., Some(place)) = (counted.malformed(), counted.transcoder.first_malformed) {
            why.push(Notice::new("bytes-undecodable").with("count", count).with("byte", place));
        }
        if counted.lines.utf8 > 0 {
            why.push(Notice::new("lines-of-utf8").with("count", counted.lines.utf8));
        }
        Ok(Verdict::Is { encoding, why, either })
    }

    fn choose(&self, declared: Option<&'static Encoding>) -> Verdict {
        if matches!(self.head[..], [0xff, 0xfe, 0, 0] | [0, 0, 0xfe, 0xff]) {
            let (detail, hint) =
                ("its byte order mark is that of UTF-32, which is not read".to_owned(), "export it again as UTF-8".to_owned());
            return Verdict::Unsure { detail, hint };
        }
        let is = |encoding, why: Notice| Verdict::Is { encoding, why: vec![why], either: false };
        let marked = Encoding::for_bom(&self.head).map(|(encoding, _)| encoding);
        let utf16 = marked.filter(|encoding| *encoding != UTF_8).or_else(|| self.utf16());
        if let Some(declared) = declared {
            let ordered = if declared == UTF_16LE || declared == UTF_16BE { utf16.unwrap_or(declared) } else { declared };
            return is(ordered, Notice::new("encoding-declared").with("encoding", label(ordered)));
        }
        if let Some(encoding) = marked {
            return is(encoding, Notice::new("encoding-marked").with("encoding", label(encoding)));
        }
        if let Some(encoding) = utf16 {
            let zeros = Notice::new("encoding-zeros").with("count", self.zeros[0] + self.zeros[1]).with("bytes", self.length);
            return is(encoding, zeros.with("encoding", label(encoding)));
        }
        let (whole, broken) = (self.utf8.long, self.utf8.malformed());
        match (whole, broken) {
            (0, 0) if self.utf8.wide == 0 => Verdict::Is { encoding: UTF_8, why: vec![Notice::new("encoding-ascii")], either: true },
            (0, 0) => Verdict::Is { encoding: GB18030, why: vec![Notice::new("encoding-gb18030-likelier")], either: true },
            _ if whole >= broken && (broken <= DIRT || broken * 100 <= whole + broken || self.utf8.has_few_broken_lines()) => {
                is(UTF_8, Notice::new("encoding-utf8").with("count", whole).with("all", whole + broken))
            }
            // Of GB18030 text, one sequence in nine was the most that was seen to look like UTF-8.
            _ if whole * 4 >= whole + broken => Verdict::Unsure {
                detail: format!("{whole} multi-byte sequences are UTF-8 and {broken} are not, as if files of two encodings were joined"),
                hint: "export it again in one encoding, or name one with --encoding".to_owned(),
            },
            _ => is(GB18030, Notice::new("encoding-gb18030")),
        }
    }

    /// UTF-16 without a mark: ASCII has its zero bytes in every other place, and nothing but them there. Zeros in a table that some program
    /// fills up with them are another thing.
    fn utf16(&self) -> Option<&'static Encoding> {
        let enough = |at: usize| {
            let (zeros, others) = (self.zeros[at], self.zeros[1 - at]);
            zeros > 2 && zeros * 100 > self.length && zeros > others * 4 && zeros > self.plain[at]
        };
        if enough(1) { Some(UTF_16LE) } else { Some(UTF_16BE).filter(|_| enough(0)) }
    }

    /// Why the text may not be read so after all.
    fn doubt(&self, encoding: &'static Encoding, counted: &Tally, declared: bool) -> Option<Verdict> {
        let unsure = |detail, hint: &str| Some(Verdict::Unsure { detail, hint: hint.to_owned() });
        let is_text = encoding == UTF_16LE || encoding == UTF_16BE || self.controls <= DIRT || self.controls * 100 <= self.length;
        if !is_text {
            return unsure(
                format!("{} of {} bytes are control characters, which no text has", self.controls, self.length),
                "export it as CSV or XLSX",
            );
        }
        if counted.is_broken() {
            let detail = format!("read as {}, {} of {} characters do not decode", label(encoding), counted.malformed(), counted.characters);
            let guess = self.guess(Some(b"cn"));
            let guess = if guess == GBK { GB18030 } else { guess };
            let hint = if guess == encoding {
                "export it again as UTF-8 or GB18030".to_owned()
            } else {
                format!("it may be {}; export it again as UTF-8 or GB18030, or name the encoding with --encoding", label(guess))
            };
            return unsure(detail, &hint);
        }
        if counted.lines.utf8 * 4 > counted.lines.all {
            let (utf8, all) = (counted.lines.utf8, counted.lines.all);
            let detail = format!("{utf8} of {all} lines are UTF-8 and the others are not, as if files of two encodings were joined");
            return unsure(detail, "export it again in one encoding");
        }
        if self.utf7.is_it() && !declared && self.utf8.wide == 0 && encoding == UTF_8 {
            let detail = format!("it is plain ASCII, but {} pieces of it are Chinese in UTF-7", self.utf7.chinese);
            return unsure(detail, "export it again as UTF-8 or GB18030; if it is no UTF-7, read it with --encoding utf-8");
        }
        if encoding == GB18030 && !declared && self.is_western() {
            let (odd, all) = pairs(&self.sample);
            let detail =
                format!("read as GB18030, {odd} of {all} characters would be rare ones that end in a letter, as in text of the West");
            return unsure(detail, "export it again as UTF-8; or name its encoding with --encoding: windows-1252, or gb18030 after all");
        }
        if encoding == GB18030 && !declared && self.is_big5(counted) {
            let detail =
                format!("read as GB18030, {} of {} characters would be private ones, as in Big5 text", counted.private, counted.wide);
            return unsure(detail, "if it comes from Big5, read it with --encoding big5; if not, with --encoding gb18030");
        }
        None
    }

    /// Text with accents, read as GB18030, consists of characters that hardly anybody uses.
    pub(super) fn is_western(&self) -> bool {
        let (odd, all) = pairs(&self.sample);
        odd * 2 > all
    }

    /// Big5 read as GB18030 decodes without a fault, into characters that nobody uses.
    fn is_big5(&self, counted: &Tally) -> bool {
        counted.private > 2 && counted.private * 20 > counted.wide || counted.private > 0 && self.guess(None) == BIG5
    }

    /// What statistics say, for a reader of that country.
    fn guess(&self, country: Option<&[u8]>) -> &'static Encoding {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&self.sample, false);
        detector.guess(country, Utf8Detection::Allow)
    }
}

/// Of the pairs of bytes that are characters of GB18030, how many end in a byte of ASCII, and all. What people write in Chinese has few of
/// those; of text in a Latin alphabet nothing else is left, since a letter with an accent takes the next one along.
fn pairs(bytes: &[u8]) -> (u64, u64) {
    let (mut odd, mut all, mut at) = (0, 0, 0);
    while let Some(first) = bytes[at..].iter().position(|byte| *byte > 0x80) {
        at += first + 1;
        match bytes.get(at) {
            Some(0x80..=0xfe) => (all, at) = (all + 1, at + 1),
            Some(0x40..=0x7e) => (odd, all, at) = (odd + 1, all + 1, at + 1),
            // Four bytes, or nothing that is one character.
            Some(0x30..=0x39) if bytes.get(at + 1).is_some_and(|byte| *byte > 0x80) => (all, at) = (all + 1, (at + 3).min(bytes.len())),
            _ => {}
        }
    }
    (odd, all)
}

#[cfg(test)]
mod tests;
