//! UTF-7 (RFC 2152), which looks like plain ASCII: Chinese stands in it as `+` and letters (`+c4tcD2YO-`). Old mail programs still write it.
//! It is known, to be refused, since as ASCII it would be loaded as if it were somebody's name.

/// Letters of a run that are kept; no cell has more, and a longer one is none.
const RUN_MAX: usize = 1 << 12;

/// Runs seen so far, wherever the pieces are cut.
#[derive(Debug, Default)]
pub(super) struct Utf7 {
    run: Option<Vec<u8>>,
    /// Runs that are Chinese when they are decoded.
    pub(super) chinese: u64,
    /// All other runs of three letters or more.
    pub(super) others: u64,
}

impl Utf7 {
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if self.run.is_none() && memchr::memchr(b'+', bytes).is_none() {
            return;
        }
        for byte in bytes {
            match &mut self.run {
                Some(run) if value(*byte).is_some() && run.len() < RUN_MAX => run.push(*byte),
                Some(_) => {
                    self.end();
                    self.run = (*byte == b'+').then(Vec::new);
                }
                None => self.run = (*byte == b'+').then(Vec::new),
            }
        }
    }

    fn end(&mut self) {
        let run = self.run.take().unwrap_or_default();
        match is_chinese(&run) {
            true => self.chinese += 1,
            false => self.others += u64::from(run.len() >= 3),
        }
    }

    /// Whether the text is UTF-7: several runs are Chinese, and few are not.
    pub(super) fn is_it(&self) -> bool {
        self.chinese >= 2 && self.chinese > self.others
    }
}

/// What a letter of base 64 stands for.
fn value(letter: u8) -> Option<u16> {
    match letter {
        b'A'..=b'Z' => Some(u16::from(letter - b'A')),
        b'a'..=b'z' => Some(u16::from(letter - b'a') + 26),
        b'0'..=b'9' => Some(u16::from(letter - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// UTF-16 in base 64 without padding: whole units, what is over is zero, and each unit a hanzi or a mark that goes with them.
fn is_chinese(run: &[u8]) -> bool {
    let (mut bits, mut count, mut units) = (0_u32, 0, 0);
    for letter in run {
        bits = bits << 6 | u32::from(value(*letter).unwrap_or(0));
        count += 6;
        if count >= 16 {
            count -= 16;
            let unit = bits >> count & 0xffff;
            bits &= (1 << count) - 1;
            if !matches!(unit, 0x2010..=0x206f | 0x3000..=0x303f | 0x3400..=0x9fff | 0xd840..=0xdfff | 0xff00..=0xffef) {
                return false;
            }
            units += 1;
        }
    }
    units > 0 && count < 6 && bits == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str) -> bool {
        let mut seen = Utf7::default();
        text.as_bytes().chunks(3).for_each(|piece| seen.feed(piece));
        seen.feed(b"\n");
        seen.is_it()
    }

    #[test]
    fn chinese_in_utf_7_is_told_from_ascii_with_plus_signs() {
        assert!(is("+WdNUDQ-,+Tk9XQA-\n+c4tcD2YO-,+TpFuqg-1+U/c-\n"));
        for text in ["a+b,c+d\n", "+8612012345678,+8612012345679\n", "A+,C++,x+y=z\n", "1+Tel,2+Fax\n", "+AAA,+BBBB,+CCCC\n", ""] {
            assert!(!is(text), "{text}");
        }
    }
}
