//! Which encoding a text has, from the whole of it and with the reason in words. Statistics over the first kilobytes fail where an extract
//! is ASCII for twenty thousand lines and then names a street; one damaged byte must not turn a whole file into another alphabet.

use crate::decode::{Transcoder, label};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes shown to the statistical detector; what is counted is counted over the whole file.
const ADVISED: usize = 1 << 20;

/// So many sequences that do not decode are dirt, however short the file: one damaged byte makes up to three.
const DIRT: u64 = 10;

/// What a text consists of when read in one encoding.
pub(super) struct Tally {
    transcoder: Transcoder,
    text: String,
    characters: u64,
    wide: u64,
    /// Characters that take three bytes of UTF-8 or more, as all Chinese ones do.
    long: u64,
    private: u64,
    /// More is broken than whole: counting on would only cost time.
    hopeless: bool,
}

impl Tally {
    pub(super) fn new(encoding: &'static Encoding) -> Tally {
        let transcoder = Transcoder::new(encoding);
        Tally { transcoder, text: String::new(), characters: 0, wide: 0, long: 0, private: 0, hopeless: false }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], last: bool) {
        if self.hopeless {
            return;
        }
        self.text.clear();
        self.transcoder.feed(bytes, last, &mut self.text);
        if self.text.is_ascii() {
            self.characters += self.text.len() as u64;
            return;
        }
        for character in self.text.chars() {
            self.characters += 1;
            match character {
                '\0'..='\u{7f}' | char::REPLACEMENT_CHARACTER => {}
                _ => {
                    self.wide += 1;
                    self.long += u64::from(character >= '\u{800}');
                    self.private += u64::from(('\u{e000}'..='\u{f8ff}').contains(&character));
                }
            }
        }
        self.hopeless = self.malformed() > 100_000 && self.malformed() > self.wide;
    }

    fn malformed(&self) -> u64 {
        self.transcoder.malformed
    }

    /// One in a thousand is the most that can be called dirt.
    fn is_broken(&self) -> bool {
        self.malformed() > DIRT && self.malformed() * 1000 > self.characters
    }

    /// Big5 read as GB18030 decodes without a fault, into characters that nobody uses.
    fn is_big5(&self, detector: &EncodingDetector) -> bool {
        let believed = detector.guess(None, Utf8Detection::Allow) == BIG5;
        self.private > 2 && self.private * 20 > self.wide || self.private > 0 && believed
    }
}

/// What one pass over all bytes of a text tells.
pub(super) struct Survey {
    head: Vec<u8>,
    length: u64,
    /// Zero bytes at even and at odd places.
    zeros: [u64; 2],
    controls: u64,
    utf8: Tally,
    detector: EncodingDetector,
    advised: usize,
}

/// What the survey leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is this one, for this reason; `either` when nothing speaks against another one.
    Is { encoding: &'static Encoding, why: String, either: bool },
    /// Nothing that may be read without asking: what is odd, and what to do.
    Unsure { detail: String, hint: String },
}

impl Survey {
    pub(super) fn new() -> Survey {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        Survey { head: Vec::new(), length: 0, zeros: [0; 2], controls: 0, utf8: Tally::new(UTF_8), detector, advised: 0 }
    }

    pub(super) fn feed(&mut self, bytes: &[u8], last: bool) {
        self.head.extend(bytes.iter().take(4 - self.head.len().min(4)));
        if bytes.contains(&0) {
            for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == 0) {
                self.zeros[usize::from((self.length + at as u64) % 2 == 1)] += 1;
            }
        }
        self.controls += bytes.iter().filter(|byte| matches!(byte, 0..=8 | 14..=25 | 28..=31 | 127)).count() as u64;
        self.length += bytes.len() as u64;
        if !bytes.is_ascii() && self.advised < ADVISED {
            self.detector.feed(bytes, false);
            self.advised += bytes.len();
        }
        self.utf8.feed(bytes, last);
    }

    /// The encoding to read the text in. `tally` counts the whole text again in another encoding than UTF-8.
    pub(super) fn verdict<E>(
        &self,
        declared: Option<&'static Encoding>,
        tally: impl FnOnce(&'static Encoding) -> Result<Tally, E>,
    ) -> Result<Verdict, E> {
        let (encoding, why, either) = match self.choose(declared) {
            Verdict::Is { encoding, why, either } => (encoding, why, either),
            unsure => return Ok(unsure),
        };
        let other = if encoding == UTF_8 { None } else { Some(tally(encoding)?) };
        let counted = other.as_ref().unwrap_or(&self.utf8);
        if let Some(unsure) = self.doubt(encoding, counted, declared.is_some()) {
            return Ok(unsure);
        }
        let dirt = match (counted.malformed(), counted.transcoder.first_malformed) {
            (count @ 1.., Some(place)) => {
                format!(
                    "; {count} byte sequences do not decode, the first before byte {place}: their rows are refused, unless the width of a column cut them off"
                )
            }
            _ => String::new(),
        };
        Ok(Verdict::Is { encoding, why: why + &dirt, either })
    }

    fn choose(&self, declared: Option<&'static Encoding>) -> Verdict {
        let is = |encoding, why: String| Verdict::Is { encoding, why, either: false };
        let marked = Encoding::for_bom(&self.head).map(|(encoding, _)| encoding);
        let utf16 = marked.filter(|encoding| *encoding != UTF_8).or_else(|| self.utf16());
        if let Some(declared) = declared {
            let ordered = if declared == UTF_16LE || declared == UTF_16BE { utf16.unwrap_or(declared) } else { declared };
            return is(ordered, format!("{}, as declared", label(ordered)));
        }
        if let Some(encoding) = marked {
            return is(encoding, format!("{}: its byte order mark says so", label(encoding)));
        }
        if let Some(encoding) = utf16 {
            return is(
                encoding,
                format!("{}: {} of {} bytes are zero, in every other place", label(encoding), self.zeros[0] + self.zeros[1], self.length),
            );
        }
        let (whole, broken) = (self.utf8.long, self.utf8.malformed());
        match (whole, broken) {
            (0, 0) if self.utf8.wide == 0 => {
                Verdict::Is { encoding: UTF_8, why: "plain ASCII, the same in every encoding".to_owned(), either: true }
            }
            (0, 0) => Verdict::Is {
                encoding: GB18030,
                why: "GB18030: as UTF-8 it would decode too, but no character in it would be Chinese".to_owned(),
                either: true,
            },
            _ if whole >= broken && (broken <= DIRT || broken * 100 <= whole + broken) => {
                is(UTF_8, format!("UTF-8: {whole} of {} multi-byte sequences are characters of it", whole + broken))
            }
            // Of GB18030 text, one sequence in nine was the most that was seen to look like UTF-8.
            _ if whole * 4 >= whole + broken => Verdict::Unsure {
                detail: format!("{whole} multi-byte sequences are UTF-8 and {broken} are not, as if files of two encodings were joined"),
                hint: "export it again in one encoding, or name one with --encoding".to_owned(),
            },
            _ => is(GB18030, "GB18030: it is not UTF-8, and all of it decodes".to_owned()),
        }
    }

    /// UTF-16 without a mark: ASCII has its zero bytes in every other place.
    fn utf16(&self) -> Option<&'static Encoding> {
        let [even, odd] = self.zeros;
        let enough = |zeros: u64, others: u64| zeros * 100 > self.length && zeros > others * 4;
        if enough(odd, even) { Some(UTF_16LE) } else { Some(UTF_16BE).filter(|_| enough(even, odd)) }
    }

    /// Why the text may not be read so after all.
    fn doubt(&self, encoding: &'static Encoding, counted: &Tally, declared: bool) -> Option<Verdict> {
        let unsure = |detail, hint: &str| Some(Verdict::Unsure { detail, hint: hint.to_owned() });
        let is_text = encoding == UTF_16LE || encoding == UTF_16BE || self.controls <= DIRT || self.controls * 1000 <= self.length;
        if !is_text {
            return unsure(
                format!("{} of {} bytes are control characters, which no text has", self.controls, self.length),
                "export it as CSV or XLSX",
            );
        }
        if counted.is_broken() {
            let detail = format!("read as {}, {} of {} characters do not decode", label(encoding), counted.malformed(), counted.characters);
            let guess = self.detector.guess(Some(b"cn"), Utf8Detection::Allow);
            let guess = if guess == GBK { GB18030 } else { guess };
            let hint = if guess == encoding {
                "export it again as UTF-8 or GB18030".to_owned()
            } else {
                format!("it may be {}; export it again as UTF-8 or GB18030, or name the encoding with --encoding", label(guess))
            };
            return unsure(detail, &hint);
        }
        if encoding == GB18030 && !declared && counted.is_big5(&self.detector) {
            let detail =
                format!("read as GB18030, {} of {} characters would be private ones, as in Big5 text", counted.private, counted.wide);
            return unsure(detail, "if it comes from Big5, read it with --encoding big5; if not, with --encoding gb18030");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::encode;

    fn verdict(bytes: &[u8], declared: Option<&'static Encoding>) -> Verdict {
        let mut survey = Survey::new();
        bytes.chunks(7).for_each(|piece| survey.feed(piece, false));
        survey.feed(&[], true);
        let tally = |encoding| {
            let mut tally = Tally::new(encoding);
            tally.feed(bytes, true);
            Ok::<_, ()>(tally)
        };
        survey.verdict(declared, tally).unwrap()
    }

    /// The encoding, or `?`.
    fn name(bytes: &[u8]) -> &'static str {
        match verdict(bytes, None) {
            Verdict::Is { encoding, .. } => encoding.name(),
            Verdict::Unsure { .. } => "?",
        }
    }

    const TEXT: &str = "姓名,住址\n王小明,云溪县城关镇人民路12号\n㛃𬭎,云溪县东街\n";

    #[test]
    fn each_encoding_is_told_from_the_others() {
        assert_eq!(name(TEXT.as_bytes()), "UTF-8");
        assert_eq!(name(format!("\u{feff}{TEXT}").as_bytes()), "UTF-8");
        assert_eq!(name(b"a,b\n1,2\n"), "UTF-8");
        assert_eq!(name(&encode(TEXT, GB18030)), "gb18030");
        assert_eq!(name(&encode("张三", GB18030)), "gb18030");
        for encoding in [UTF_16LE, UTF_16BE] {
            assert_eq!(name(&encode(TEXT, encoding)), encoding.name());
            assert_eq!(name(&encode(&format!("\u{feff}{TEXT}"), encoding)), encoding.name());
        }
    }

    #[test]
    fn one_chinese_line_after_much_ascii_decides() {
        let mut bytes = b"990101,A,20260101\n".repeat(1200);
        bytes.extend(encode("云溪县城关镇\n", GB18030));
        assert_eq!(name(&bytes), "gb18030");
    }

    #[test]
    fn one_damaged_byte_does_not_turn_the_file_into_another_alphabet() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes[8] = 0xff;
        let Verdict::Is { encoding, why, .. } = verdict(&bytes, None) else { panic!("refused") };
        assert_eq!(encoding, UTF_8);
        assert!(why.contains("3 byte sequences do not decode, the first before byte 8"), "{why}");
    }

    #[test]
    fn joined_files_and_binary_ones_are_refused() {
        let joined = [TEXT.as_bytes(), &encode(TEXT, GB18030)].concat();
        assert_eq!(name(&joined), "?");
        assert_eq!(name(&(0..=255).cycle().take(5000).collect::<Vec<u8>>()), "?");
        assert_eq!(name(&[b'a', 0, 0, 0].repeat(50)), "?", "UTF-32 is not read");
    }

    #[test]
    fn big5_is_not_taken_for_gb18030_unless_declared() {
        let text = "姓名,住址\n王小明,雲溪縣城關鎮人民路的一號,在東街之中有一間房屋\n".repeat(3);
        assert_eq!(name(&encode(&text, BIG5)), "?");
        assert!(matches!(verdict(&encode(&text, BIG5), Some(BIG5)), Verdict::Is { .. }));
    }

    #[test]
    fn a_rare_name_in_the_private_use_area_is_no_big5() {
        assert_eq!(name(&encode("姓名\n王\u{e000}明\n云溪县城关镇人民路东街\n", GB18030)), "gb18030");
    }

    #[test]
    fn two_byte_words_that_would_be_utf_8_as_well_are_chinese_first() {
        let Verdict::Is { encoding, either, .. } = verdict(&encode("name\n路\n", GB18030), None) else { panic!("refused") };
        assert_eq!((encoding, either), (GB18030, true));
    }

    #[test]
    fn a_declared_encoding_that_does_not_hold_is_refused() {
        let text = TEXT.repeat(20);
        assert!(matches!(verdict(&encode(&text, GB18030), Some(UTF_8)), Verdict::Unsure { .. }));
        assert!(matches!(verdict(text.as_bytes(), Some(GB18030)), Verdict::Unsure { .. }));
    }
}
