//! What all records of a table tell before one is read: how many are deleted, whether the file ends where its header says, and in which
//! code page its text makes sense. The language byte is a claim that many programs never set; the text decides, and the reason is told.

use super::{
    super::{
        cell::half_characters,
        page::{Ending, Page, trimmed},
    },
    field,
    header::{self, Header},
    memo::Memo,
};
use crate::{Encoding, Error};
use encoding_rs::{BIG5, GB18030, UTF_8};
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};
use wuwei_schema::Notice;

/// So many broken cells are dirt, however small the table.
const DIRT: u64 = 3;

/// What the records are.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) deleted: u64,
    /// Bytes of the last record that are missing.
    pub(crate) missing: u64,
    /// Bytes behind the last record.
    pub(crate) extra: u64,
    counts: Vec<Counts>,
}

/// The text of a table as one page reads it.
#[derive(Debug)]
struct Counts {
    page: Page,
    /// Characters beyond ASCII, and those beyond the second byte of UTF-8.
    wide: u64,
    long: u64,
    /// Pairs of bytes that are among the 3,755 characters in everyday use, of all pairs that are characters; only for GB 18030.
    common: u64,
    pairs: u64,
    broken: u64,
    halves: u64,
}

/// Walks through all records once.
pub(crate) fn survey(path: &Path, header: &Header, memo: Option<&Path>) -> Result<Survey, Error> {
    walk(path, header, memo).map_err(|error| Error::file(path, &error))?.map_err(|detail| super::damaged(path, &detail))
}

fn walk(path: &Path, header: &Header, memo: Option<&Path>) -> io::Result<Result<Survey, String>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let end = header.start + header.records * header.width as u64;
    let missing = end.saturating_sub(length);
    if missing >= header.width as u64 {
        let whole = (length - header.start.min(length)) / header.width as u64;
        return Ok(Err(format!("its header counts {} records, the file ends after {whole}", header.records)));
    }
    file.seek(SeekFrom::Start(header.start))?;
    let mut file = BufReader::with_capacity(crate::decode::PIECE, file);
    let mut survey = Survey::new(header, missing, length.saturating_sub(end));
    let mut memo = memo.map(|memo| Memo::open(memo, header.version)).transpose()?;
    let mut record = vec![0; header.width];
    for _ in 0..header.records - u64::from(missing > 0) {
        file.read_exact(&mut record)?;
        survey.take(header, &record, memo.as_mut())?;
    }
    let mut rest = Vec::new();
    file.take(REST).read_to_end(&mut rest)?;
    let counts = format!("its header counts {} records", header.records);
    Ok(match rest.first() {
        Some(b' ' | b'*') if survey.extra >= header.width as u64 => Err(format!("{counts}, and more follow them")),
        _ if begins_again(&rest) => Err(format!("{counts}, and behind them another table begins, as if two files were joined")),
        _ => Ok(survey),
    })
}

/// Bytes behind the last record that are looked at.
const REST: u64 = 1024;

/// Whether the header of a table stands behind the end of this one, and what fills its last block.
fn begins_again(rest: &[u8]) -> bool {
    let filled = rest.iter().take_while(|byte| matches!(byte, 0x1a | 0 | b'\r' | b'\n')).count();
    (0..=filled).any(|at| header::is_table(&rest[at..]))
}

impl Survey {
    fn new(header: &Header, missing: u64, extra: u64) -> Survey {
        let mut pages = vec![Page::Coded(UTF_8), Page::Coded(GB18030), Page::Coded(BIG5)];
        pages.extend(said(header).filter(|page| !pages.contains(page)));
        let counts = pages.into_iter().map(Counts::new).collect();
        let mut survey = Survey { deleted: 0, missing, extra, counts };
        header.fields.iter().for_each(|field| survey.text(&field.name));
        survey
    }

    fn take(&mut self, header: &Header, record: &[u8], memo: Option<&mut Memo>) -> io::Result<()> {
        if record[0] == b'*' {
            self.deleted += 1;
            return Ok(());
        }
        header.fields.iter().filter(|field| field.is_text()).for_each(|field| self.text(field.of(record)));
        let Some(memo) = memo else { return Ok(()) };
        let mut text = Vec::new();
        for field in header.fields.iter().filter(|field| field.is_memo()) {
            let number = field::memo(field.of(record)).unwrap_or(0);
            if number > 0 && memo.read(number, &mut text)? {
                self.text(&text);
            }
        }
        Ok(())
    }

    fn text(&mut self, bytes: &[u8]) {
        let bytes = trimmed(bytes);
        if !bytes.is_ascii() {
            self.counts.iter_mut().for_each(|counts| counts.take(bytes));
        }
    }

    fn of(&self, page: Page) -> Option<&Counts> {
        self.counts.iter().find(|counts| counts.page == page)
    }

    /// What the owner of the table should know of it.
    pub(crate) fn remarks(&self, page: Page) -> Vec<Notice> {
        let halves = self.of(page).map_or(0, |counts| counts.halves);
        let deleted = (self.deleted > 0).then(|| Notice::new("records-deleted").with("count", self.deleted));
        let missing = (self.missing > 0).then(|| Notice::new("record-cut"));
        [deleted, (halves > 0).then(|| half_characters(halves)), missing].into_iter().flatten().collect()
    }

    /// The page to read the text in, and why. `expected` is what the department says it sends.
    pub(crate) fn page(&self, header: &Header, expected: Option<Encoding>) -> Result<(Page, Vec<Notice>), String> {
        let said = said(header);
        let number = format!("0x{:02x}", header.language);
        let byte = match said {
            Some(page) => Notice::new("language-byte").with("byte", number).with("encoding", page.label()),
            None => Notice::new("language-byte-unknown").with("byte", number),
        };
        let [utf8, gb, big5] = [UTF_8, GB18030, BIG5].map(|encoding| self.of(Page::Coded(encoding)));
        let (Some(utf8), Some(gb), Some(big5)) = (utf8, gb, big5) else { return Err("its text was not looked at".to_owned()) };
        if utf8.wide + utf8.broken + utf8.halves == 0 {
            let page = expected.map_or(said.unwrap_or(Page::Coded(GB18030)), |expected| Page::Coded(of(expected)));
            return Ok((page, vec![Notice::new("encoding-ascii")]));
        }
        let is = |counts: &Counts, why: Notice| Ok((counts.page, vec![why.with("encoding", counts.page.label()), byte.clone()]));
        let said_counts = said.and_then(|page| self.of(page));
        if utf8.broken == 0 && (utf8.long > utf8.halves || said == Some(utf8.page)) {
            return is(utf8, Notice::new("text-is-utf8"));
        }
        if let Some(counts) = said_counts.filter(|counts| counts.page.is_wide() && counts.is_readable()) {
            return is(counts, Notice::new("text-decodes"));
        }
        if expected == Some(Encoding::Big5) && big5.is_readable() {
            return is(big5, Notice::new("text-as-expected"));
        }
        let deliberate = said.filter(|page| !page.is_default() && !page.is_wide());
        if let (Some(page), true) = (deliberate, gb.is_chinese()) {
            return Err(format!("its language byte names {}, its text reads as Chinese in GB18030", page.label()));
        }
        if gb.is_chinese() && deliberate.is_none() {
            return is(gb, Notice::new("text-is-chinese"));
        }
        match said_counts {
            Some(counts) => is(counts, Notice::new("text-as-named")),
            None if expected == Some(Encoding::Gb18030) && gb.is_expected(big5) => is(gb, Notice::new("text-as-expected")),
            None => Ok((Page::Ascii(0), vec![byte.clone(), Notice::new("text-is-ascii-only")])),
        }
    }
}

/// The page that the header names.
fn said(header: &Header) -> Option<Page> {
    header.driver.map(Page::of_number).or_else(|| Page::of_language(header.language))
}

fn of(expected: Encoding) -> &'static encoding_rs::Encoding {
    match expected {
        Encoding::Utf8 => UTF_8,
        Encoding::Big5 => BIG5,
        Encoding::Gb18030 | Encoding::Utf16 => GB18030,
    }
}

impl Counts {
    fn new(page: Page) -> Counts {
        Counts { page, wide: 0, long: 0, common: 0, pairs: 0, broken: 0, halves: 0 }
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut text = String::new();
        match self.page.decode(bytes, &mut text) {
            Ending::Whole => {}
            Ending::Half => self.halves += 1,
            Ending::Broken => self.broken += 1,
        }
        self.wide += text.chars().filter(|character| !character.is_ascii()).count() as u64;
        self.long += text.chars().filter(|character| *character >= '\u{800}' && *character != '\u{fffd}').count() as u64;
        let mut rest = bytes;
        while let [lead, after @ ..] = rest {
            rest = after;
            if let (0x81.., [trail, after @ ..]) = (*lead, after) {
                rest = after;
                let is_sign = (0xa1..0xaa).contains(lead);
                self.pairs += u64::from(!is_sign);
                self.common += u64::from((0xb0..=0xd7).contains(lead) && *trail >= 0xa1);
            }
        }
    }

    fn is_readable(&self) -> bool {
        self.broken <= DIRT && self.broken < self.wide || self.broken * 1000 <= self.wide
    }

    /// Whether most of it, read as GB 18030, is in everyday use: text of another alphabet is not, even where it decodes.
    fn is_chinese(&self) -> bool {
        self.is_readable() && self.common * 2 > self.pairs
    }

    /// Decodes, and it is not Big5 either.
    fn is_expected(&self, big5: &Counts) -> bool {
        self.broken == 0 && big5.broken > 0
    }
}
