//! The header of a dBASE or FoxPro table: its columns, how many records it counts, where they begin. Every number in it is a claim: none
//! reserves memory, each is held against the others and against the file's length. What cells mean is not asked here.

use wuwei_schema::Notice;

/// Which of the layouts that have been called dBASE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// dBASE II: 16 bytes a column, 32 columns at most.
    Two,
    /// dBASE III to V, Clipper, FoxBASE and FoxPro: 32 bytes a column.
    Three,
    /// dBASE 7: 48 bytes a column, long names, numbers with the high byte first.
    Seven,
    /// Visual FoxPro: as dBASE III, with binary numbers, nulls and cells of varying length.
    Visual,
}

/// First bytes of tables.
const VERSIONS: [(u8, Family); 20] = [
    (0x02, Family::Two),
    (0x03, Family::Three),
    (0x04, Family::Seven),
    (0x05, Family::Three),
    (0x30, Family::Visual),
    (0x31, Family::Visual),
    (0x32, Family::Visual),
    (0x43, Family::Three),
    (0x63, Family::Three),
    (0x7b, Family::Three),
    (0x83, Family::Three),
    (0x8b, Family::Three),
    (0x8c, Family::Seven),
    (0x8e, Family::Three),
    (0xcb, Family::Three),
    (0xe5, Family::Three),
    (0xeb, Family::Three),
    (0xf5, Family::Three),
    (0xfb, Family::Three),
    (0xfd, Family::Three),
];

/// Types of columns, and those whose content is no text: pictures, objects, bytes.
const KINDS: &[u8] = b"CNFDTLIBYM0GPWQVO+@";
const OBJECTS: &[u8] = b"GPWQ";

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// As the file writes it, in the file's encoding.
    pub(super) name: Vec<u8>,
    pub(super) kind: u8,
    /// Where it stands in a record.
    pub(super) at: usize,
    pub(super) width: usize,
    /// Its bit in the record's flags that tells it is null.
    pub(super) null: Option<usize>,
    /// Its bit that tells it is shorter than its width.
    pub(super) short: Option<usize>,
}

impl Field {
    /// Whether its bytes are characters.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, b'C' | b'V')
    }

    /// Whether its content is nothing that a cell could say; what Visual FoxPro calls B is a number.
    pub(super) fn is_object(&self, family: Family) -> bool {
        OBJECTS.contains(&self.kind) || self.kind == b'B' && family != Family::Visual
    }

    /// Whether its content is a text in the memo file.
    pub(super) fn is_memo(&self) -> bool {
        self.kind == b'M'
    }

    /// Its bytes of a record; none when the record is too short.
    pub(super) fn of<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        record.get(self.at..self.at + self.width).unwrap_or_default()
    }
}

/// What the header states, as far as it holds together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(super) version: u8,
    pub(super) family: Family,
    /// Records counted by the header.
    pub(super) records: u64,
    /// Where the first one begins.
    pub(super) start: u64,
    /// Bytes of a record, with the mark of deletion before its cells.
    pub(super) width: usize,
    /// The columns; the one that holds flags is not among them.
    pub(super) fields: Vec<Field>,
    /// Where the flags of a record stand.
    pub(super) flags: Option<std::ops::Range<usize>>,
    /// The byte that names the code page.
    pub(super) language: u8,
    /// The number in the name of the language driver of dBASE 7.
    pub(super) driver: Option<u16>,
    /// What is odd and does no harm.
    pub(super) remarks: Vec<Notice>,
}

/// Whether these first bytes begin such a table. Some versions begin like a text, so the first column is looked at as well.
pub(crate) fn is_table(head: &[u8]) -> bool {
    let Some(family) = family(head) else { return false };
    let (first, name, _) = family.columns();
    let (Some(descriptor), Some(&kind)) = (head.get(first..first + name + 1), head.get(first + name)) else {
        return family != Family::Two && head.len() >= 33 && head[32] == 0x0d && head[12..28].iter().all(|byte| *byte == 0);
    };
    let named = descriptor[0] > b' ' && descriptor[..name].contains(&0) || name == 11 && descriptor[..name].iter().all(|byte| *byte > b' ');
    let is_empty = family != Family::Two && descriptor[0] == 0x0d;
    head.iter().take(32).any(|byte| *byte == 0) && (is_empty || named && KINDS.contains(&kind))
}

fn family(head: &[u8]) -> Option<Family> {
    VERSIONS.iter().find(|(version, _)| head.first() == Some(version)).map(|(_, family)| *family)
}

impl Family {
    /// Where the columns begin in the header, bytes of a name, bytes of a column.
    fn columns(self) -> (usize, usize, usize) {
        match self {
            Family::Two => (8, 11, 16),
            Family::Three | Family::Visual => (32, 11, 32),
            Family::Seven => (68, 32, 48),
        }
    }

    /// Bytes of a name that every program keeps.
    pub(super) fn name_max(self) -> usize {
        if self == Family::Seven { 31 } else { 10 }
    }
}

/// How many bytes the header has, by its first 32; the most is 64 KiB.
pub(super) fn length(head: &[u8]) -> u64 {
    match family(head) {
        Some(Family::Two) => 521,
        _ => u64::from(short(head, 8)),
    }
}

/// The header from its bytes, held against the file's `length`; or what does not hold.
pub(super) fn parse(bytes: &[u8], length: u64) -> Result<Header, String> {
    let family = family(bytes).ok_or("it begins like no dBASE table")?;
    let (records, width) = match family {
        Family::Two => (u64::from(short(bytes, 1)), usize::from(short(bytes, 6))),
        _ => (u64::from(long(bytes, 4)), usize::from(short(bytes, 10))),
    };
    let start = self::length(bytes);
    if start > length || bytes.len() as u64 != start || bytes.len() <= family.columns().0 {
        return Err(format!("it states a header of {start} bytes, the file has {length}"));
    }
    if family != Family::Two && bytes[15] == 1 {
        return Err("it is encrypted".to_owned());
    }
    let mut header = Header {
        version: bytes[0],
        family,
        records,
        start,
        width,
        fields: fields(bytes, family)?,
        flags: None,
        language: if family == Family::Two { 0 } else { bytes[29] },
        driver: driver(bytes, family),
        remarks: Vec::new(),
    };
    header.settle_widths(bytes, length)?;
    header.lay_out();
    Ok(header)
}

fn fields(bytes: &[u8], family: Family) -> Result<Vec<Field>, String> {
    let (first, name, step) = family.columns();
    let mut fields = Vec::new();
    for descriptor in bytes[first..].chunks_exact(step).take_while(|descriptor| descriptor[0] != 0x0d && descriptor[0] != 0) {
        let kind = descriptor[name];
        if !KINDS.contains(&kind) {
            return Err(format!("column {} has no type that is known", fields.len() + 1));
        }
        let name_ends = descriptor[..name].iter().position(|byte| *byte == 0).unwrap_or(name);
        let width = descriptor[if family == Family::Three || family == Family::Visual { 16 } else { name + 1 }];
        let flags = if family == Family::Visual { descriptor[18] } else { 0 };
        fields.push(Field {
            name: descriptor[..name_ends].trim_ascii().to_vec(),
            kind,
            at: 0,
            width: usize::from(width),
            null: (flags & 2 != 0).then_some(0),
            short: matches!(kind, b'V' | b'Q').then_some(0),
        });
    }
    if fields.is_empty() { Err("it has no columns".to_owned()) } else { Ok(fields) }
}

/// `DB936CN0` says that it is code page 936.
fn driver(bytes: &[u8], family: Family) -> Option<u16> {
    let name = bytes.get(32..64).filter(|_| family == Family::Seven)?;
    let digits: String = name
        .iter()
        .skip_while(|byte| byte.is_ascii_alphabetic())
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    digits.get(..3).and_then(|digits| digits.parse().ok())
}

impl Header {
    fn sum(&self) -> usize {
        1 + self.fields.iter().map(|field| field.width).sum::<usize>()
    }

    /// The bytes of a record, by the columns and by the header. Long text columns keep the high byte of their width where numbers have
    /// their decimals; some writers forget the mark of deletion, and only the file's length tells who is right.
    fn settle_widths(&mut self, bytes: &[u8], length: u64) -> Result<(), String> {
        if self.sum() != self.width && self.family != Family::Seven && self.family != Family::Two {
            let plain = self.fields.clone();
            for (field, descriptor) in self.fields.iter_mut().zip(bytes[32..].chunks_exact(32)).filter(|(field, _)| field.kind == b'C') {
                field.width += usize::from(descriptor[17]) << 8;
            }
            if self.sum() != self.width {
                self.fields = plain;
            }
        }
        let (sum, stated) = (self.sum(), self.width);
        if sum == stated {
            return Ok(());
        }
        let rest = length.checked_sub(self.start + self.records * sum as u64);
        self.remarks.push(Notice::new("record-width").with("stated", stated).with("sum", sum));
        match rest {
            Some(0 | 1) => self.width = sum,
            _ if sum < stated => {}
            _ => return Err(format!("its columns have {} bytes, its records {stated}", sum - 1)),
        }
        Ok(())
    }

    /// Where each column stands, and its bits: of one column first the one for its length, then the one for null.
    fn lay_out(&mut self) {
        let (mut at, mut bit) = (1, 0);
        let mut next = |has: &mut Option<usize>| {
            if let Some(place) = has {
                *place = bit;
                bit += 1;
            }
        };
        for field in &mut self.fields {
            field.at = at;
            at += field.width;
            next(&mut field.short);
            next(&mut field.null);
        }
        self.flags = self.fields.iter().find(|field| field.kind == b'0').map(|field| field.at..field.at + field.width);
        self.fields.retain(|field| field.kind != b'0');
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}
