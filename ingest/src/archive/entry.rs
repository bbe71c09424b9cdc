//! One entry of an archive as its list describes it: what it is called, and whether it may be unpacked. Nothing is unpacked here, and no
//! byte of what an entry holds is looked at.

use super::ArchiveLimits;
use crate::{decode::is_chinese, reader::page::Page};
use encoding_rs::GB18030;
use memchr::memmem;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};
use zip::{CompressionMethod, read::ZipFile};

/// Characters of a name in a sentence.
const SHOWN: usize = 60;

/// What becomes of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    File(String),
    Folder,
    /// Left by a system, for itself.
    Ignored(String),
    /// Why the archive is not to be trusted.
    Refused {
        what: String,
        hint: &'static str,
    },
}

pub(super) fn judge<R: Read>(entry: &ZipFile<'_, R>, limits: &ArchiveLimits) -> Verdict {
    let name = decode(entry.name_raw(), entry.flags().as_u16() & IS_UTF8 != 0);
    let refused = |what: &str, hint| Verdict::Refused { what: format!("{what} (`{}`)", shown(&name)), hint };
    let again = "pack the files themselves again, without folders above them";
    match () {
        () if name.len() > limits.name || name.contains('\0') => refused("with a name that no file can have", again),
        () if leads_elsewhere(&name) => refused("with an entry that would lie outside of it", again),
        () if entry.is_symlink() || is_special(entry.unix_mode()) => refused("with an entry that is a link and no file", again),
        () if entry.is_dir() || name.ends_with(['/', '\\']) => Verdict::Folder,
        () if is_litter(&name) => Verdict::Ignored(shown(&name)),
        () if entry.encrypted() => refused("behind a password", "pack the files again without a password"),
        () if !is_read(entry.compression()) => {
            refused("packed by a method that is not read", "pack the files again as ZIP by Deflate, as is usual")
        }
        () => Verdict::File(tame(&name)),
    }
}

/// Deflate, or nothing at all: what every program writes unless it is told otherwise.
fn is_read(method: CompressionMethod) -> bool {
    matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated)
}

/// General purpose bit 11: the name is UTF-8 (APPNOTE 4.4.4).
const IS_UTF8: u16 = 1 << 11;

/// A name in the encoding it was most likely written in: UTF-8 where it says so; else the GBK of Chinese Windows, unless it is UTF-8 all
/// over, which macOS and some programs write without saying so; else that of old DOS.
pub(super) fn decode(raw: &[u8], is_utf8: bool) -> String {
    let utf8 = std::str::from_utf8(raw).ok();
    if let Some(text) = utf8.filter(|text| is_utf8 || is_chinese(text)) {
        return text.to_owned();
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(raw) {
        Some(text) if !text.chars().any(|character| ('\u{e000}'..='\u{f8ff}').contains(&character)) => text.into_owned(),
        _ => utf8.map_or_else(|| of_dos(raw), str::to_owned),
    }
}

/// A name as DOS wrote it: code page 437 has a character for every byte.
fn of_dos(raw: &[u8]) -> String {
    let mut name = String::new();
    Page::of_number(437).decode(raw, &mut name);
    name
}

fn leads_elsewhere(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|piece| piece == "..")
}

/// Devices, pipes and sockets, as systems other than Windows note them in the upper half of the attributes.
fn is_special(mode: Option<u32>) -> bool {
    mode.is_some_and(|mode| ![0, 0o100_000, 0o040_000].contains(&(mode & 0o170_000)))
}

/// What file managers leave behind.
fn is_litter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let is_of_mac = name.split(['/', '\\']).any(|piece| piece == "__MACOSX") || file.starts_with("._");
    is_of_mac || file.starts_with("~$") || [".ds_store", "thumbs.db", "desktop.ini"].contains(&file.to_lowercase().as_str())
}

/// A name on one line.
fn tame(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).collect()
}

/// A name that can stand in a sentence.
pub(super) fn shown(name: &str) -> String {
    let whole = tame(name);
    let over = whole.chars().count().saturating_sub(SHOWN);
    if over == 0 { whole } else { format!("…{}", whole.chars().skip(over).collect::<String>()) }
}

/// The greatest number of entries that any of the records at the end of an archive states, before a list of that length is read.
pub(crate) fn count(file: &mut File) -> io::Result<u64> {
    const END: &[u8] = b"PK\x05\x06";
    const END64: &[u8] = b"PK\x06\x06";
    // The record, its longest comment, and the two records of 64 bits before it.
    const TAIL: u64 = 22 + 65_535 + 20 + 56;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail)?;
    let number = |at: usize, bytes: usize| {
        let digits = tail.get(at..at + bytes).unwrap_or_default();
        digits.iter().rev().fold(0, |sum: u64, digit| sum << 8 | u64::from(*digit))
    };
    let short = memmem::find_iter(&tail, END).map(|at| number(at + 10, 2));
    let long = memmem::find_iter(&tail, END64).map(|at| number(at + 32, 8));
    file.seek(SeekFrom::Start(0))?;
    Ok(short.chain(long).max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_in_the_encoding_of_whoever_packed_it() {
        let gbk = |name: &str| GB18030.encode(name).0.into_owned();
        assert_eq!(decode(&gbk("常住人口/一月.csv"), false), "常住人口/一月.csv");
        assert_eq!(decode(&gbk("联通.csv"), false), "联通.csv", "bytes that are UTF-8 as well");
        assert_eq!(decode("常住人口/路.csv".as_bytes(), false), "常住人口/路.csv", "macOS does not say that it is UTF-8");
        assert_eq!(decode("Ürümqi.csv".as_bytes(), true), "Ürümqi.csv");
        assert_eq!(decode(b"r\x82sum\x82.csv", false), "résumé.csv");
    }

    #[test]
    fn names_that_lead_elsewhere_or_say_nothing_are_known() {
        for name in ["../a", "a/../../b", "/etc/a", "\\a", "C:\\a", "c:a", "a\\..\\b"] {
            assert!(leads_elsewhere(name), "{name}");
        }
        assert!(!leads_elsewhere("a..b/c...csv") && !leads_elsewhere("人口：一月.csv"));
        for name in ["__MACOSX/._a.csv", "a/.DS_Store", "a\\Thumbs.db", "~$人口.xlsx"] {
            assert!(is_litter(name), "{name}");
        }
        assert!(!is_litter("a/人口.csv"));
        assert_eq!(shown(&"长".repeat(100)).chars().count(), SHOWN + 1);
    }
}
