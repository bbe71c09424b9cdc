//! Records of a BIFF8 stream (MS-XLS): a number, a length of at most 64 KiB, bytes; what does not fit goes on in records of its own, which
//! texts know of and numbers do not.

use super::compound::{Stream, four, pair};
use std::io::{self, Read};

const CONTINUE: u16 = 0x3c;

/// The records, one at a time.
#[derive(Debug)]
pub(super) struct Records {
    stream: Stream,
    /// The present record.
    pub(super) id: u16,
    pub(super) data: Vec<u8>,
    /// Where texts are read from.
    at: usize,
    /// Bytes that may still be read: sheets that overlap would cost time without end.
    budget: u64,
}

impl Records {
    pub(super) fn new(stream: Stream) -> Records {
        let budget = stream.length.saturating_mul(3) + (1 << 20);
        Records { stream, id: 0, data: Vec::new(), at: 0, budget }
    }

    pub(super) fn turn_to(&mut self, at: u64) {
        self.stream.turn_to(at);
    }

    pub(super) fn length(&self) -> u64 {
        self.stream.length
    }

    /// Takes the next record; false at the end of the stream.
    pub(super) fn next(&mut self) -> io::Result<bool> {
        self.at = 0;
        let mut head = [0; 4];
        if !fill(&mut self.stream, &mut head)? {
            return Ok(false);
        }
        self.id = pair(&head, 0);
        self.data.resize(usize::from(pair(&head, 2)), 0);
        self.budget = self.budget.checked_sub(4 + self.data.len() as u64).ok_or_else(invalid)?;
        if fill(&mut self.stream, &mut self.data)? { Ok(true) } else { Err(invalid()) }
    }

    /// Goes on with the continuation of the present record, if it has one.
    fn go_on(&mut self) -> io::Result<bool> {
        let place = self.stream.place();
        let mut head = [0; 4];
        if !fill(&mut self.stream, &mut head)? || pair(&head, 0) != CONTINUE {
            self.stream.turn_to(place);
            return Ok(false);
        }
        self.stream.turn_to(place);
        let id = self.id;
        self.next()?;
        self.id = id;
        Ok(true)
    }

    /// Begins to read texts at that byte of the record.
    pub(super) fn begin(&mut self, at: usize) {
        self.at = at;
    }

    /// The next byte, in the next record if need be.
    pub(super) fn byte(&mut self) -> io::Result<u8> {
        while self.at >= self.data.len() {
            if !self.go_on()? {
                return Err(invalid());
            }
        }
        self.at += 1;
        Ok(self.data[self.at - 1])
    }

    /// Whether a byte follows, in the next record if need be.
    pub(super) fn has_more(&mut self) -> io::Result<bool> {
        while self.at >= self.data.len() {
            if !self.go_on()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn short(&mut self) -> io::Result<u16> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: u64) -> io::Result<()> {
        while count > 0 {
            let here = (self.data.len().saturating_sub(self.at)) as u64;
            let step = here.min(count);
            self.at += usize::try_from(step).unwrap_or(0);
            count -= step;
            if count > 0 && !self.go_on()? {
                return Err(invalid());
            }
        }
        Ok(())
    }

    /// Appends a text of so many characters, with the byte of options before it, and passes over how it is shown. Whether it is one of
    /// two bytes a character is told anew in each record it goes on in.
    pub(super) fn text(&mut self, count: u16, out: &mut String) -> io::Result<()> {
        let options = self.byte()?;
        let runs = if options & 8 != 0 { u64::from(self.short()?) * 4 } else { 0 };
        let phonetic = if options & 4 != 0 { u64::from(self.short()?) | u64::from(self.short()?) << 16 } else { 0 };
        let (mut units, mut left, mut is_wide) = (Vec::new(), usize::from(count), options & 1 != 0);
        while left > 0 {
            if self.at >= self.data.len() {
                if !self.go_on()? {
                    return Err(invalid());
                }
                is_wide = self.byte()? & 1 != 0;
            }
            let size = if is_wide { 2 } else { 1 };
            let here = (self.data.len() - self.at) / size;
            if here == 0 {
                // Half a unit at the end of a record: no writer cuts so.
                self.at = self.data.len();
                continue;
            }
            let take = here.min(left);
            let bytes = &self.data[self.at..self.at + take * size];
            match is_wide {
                true => units.extend(bytes.chunks_exact(2).map(|unit| pair(unit, 0))),
                false => units.extend(bytes.iter().map(|byte| u16::from(*byte))),
            }
            self.at += take * size;
            left -= take;
        }
        out.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        self.skip(runs + phonetic)
    }
}

/// Fills the bytes; false when the stream is at its end before the first.
fn fill(stream: &mut Stream, bytes: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < bytes.len() {
        match stream.read(&mut bytes[filled..])? {
            0 if filled == 0 => return Ok(false),
            0 => return Err(invalid()),
            count => filled += count,
        }
    }
    Ok(true)
}

pub(super) fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its records are not those of a workbook")
}

/// A number in four bytes: a whole one or the upper half of a float, perhaps of hundredths.
pub(super) fn packed(bytes: &[u8], at: usize) -> f64 {
    let bits = four(bytes, at);
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & 0xffff_fffc) << 32),
        _ => f64::from(bits.cast_signed() >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

pub(super) fn float(bytes: &[u8], at: usize) -> f64 {
    f64::from_bits(u64::from(four(bytes, at)) | u64::from(four(bytes, at + 4)) << 32)
}
