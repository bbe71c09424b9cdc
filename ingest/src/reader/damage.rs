//! Text that was damaged before it came to us: bytes that did not decode, and bytes that were decoded as what they are not and then saved
//! (`锟斤拷`, `çŽ‹å°`, `鐜嬪皬`, `ÍõÐ¡`). It reads like characters and is nobody's name; what it was is not guessed back, its row is refused.
//! A file may have such rows among sound ones: two exports joined, or one table filled from two systems.

use crate::decode::is_chinese;
use encoding_rs::{GB18030, WINDOWS_1252};
use memchr::memchr2;
use std::sync::LazyLock;

/// Whether a text, or a part of it, is damaged. What is sound costs one look at each of its characters.
pub(super) fn is_damaged(text: &str) -> bool {
    !is_usual(text) && has_damage(text)
}

/// Whether a text is nothing but ASCII and hanzi that are not rare, as nearly every text is. Its bytes say so: E4 to E9 begin those from U+4000
/// to U+9FFF, of three bytes each.
fn is_usual(text: &str) -> bool {
    let rare = &*RARE;
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return true,
            [1..=0x7f, rest @ ..] => rest,
            [first @ 0xe4..=0xe9, second, third, rest @ ..] => {
                let [first, second, third] = [first, second, third].map(|byte| usize::from(byte & 0x3f));
                if rare.has((first & 0xf) << 12 | second << 6 | third) {
                    return false;
                }
                rest
            }
            _ => return false,
        };
    }
}

/// Whether text is sound for sure, by its bytes in GB18030, of which many are looked at at once: no hanzi but those of GB 2312, which have no byte
/// from 80 to A0, no Latin letter with an accent, and nothing of `LEFT`. What is not may be sound all the same.
pub(super) fn is_usual_gb18030(bytes: &[u8], text: &str) -> bool {
    let may_begin_left = |(one, next): (&u8, &u8)| (*one == 0xef) & (*next == 0xbf) | (one == next) & ((*one == 0xcc) | (*one == 0xcd));
    bytes.iter().fold(true, |all, byte| all & matches!(byte, 1..=0x7f | 0xa1..=0xfe))
        && memchr2(0xc2, 0xc3, text.as_bytes()).is_none()
        && !bytes.iter().zip(bytes.get(1..).unwrap_or_default()).fold(false, |any, pair| any | may_begin_left(pair))
}

fn has_damage(text: &str) -> bool {
    let (mut is_latin, mut is_rare) = (false, false);
    for character in text.chars() {
        match character {
            char::REPLACEMENT_CHARACTER | '\0' | '\u{80}'..='\u{9f}' => return true,
            // The first bytes of UTF-8 and of GBK's common characters are letters from U+00B0 on, where they are read as Latin.
            '\u{b0}'..='\u{f7}' => is_latin = true,
            _ => is_rare |= character >= '\u{4e00}' && RARE.has(character as usize),
        }
    }
    is_latin && is_latin_for_other(text) || is_rare && (LEFT.iter().any(|left| text.contains(left)) || is_gbk_for_utf8(text))
}

/// What other programs' replacement characters and cleared memory look like when they are read as GBK.
const LEFT: [&str; 3] = ["锟斤", "烫烫烫", "屯屯屯"];

/// UTF-8 or GBK that somebody read as Latin text: all beyond ASCII is Latin, and its bytes are one of the two.
fn is_latin_for_other(text: &str) -> bool {
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    if unmappable {
        return false;
    }
    // Marks and the vowels of pinyin, which Chinese text has of its own: `××××`, `····`.
    if text.chars().all(|character| character.is_ascii() || "¤§¨°±·×÷àáèéêìíòóùúü".contains(character)) {
        return false;
    }
    std::str::from_utf8(&bytes).is_ok()
        || bytes.split(u8::is_ascii).all(|run| run.len() % 2 == 0 && run.chunks(2).all(is_common)) && has_two(&bytes)
}

/// A hanzi of GB 2312's first level.
fn is_common(pair: &[u8]) -> bool {
    matches!(pair, [0xb0..=0xd7, 0xa1..=0xfe])
}

fn has_two(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| !byte.is_ascii()).count() >= 4
}

/// UTF-8 that somebody read as GBK: its bytes are UTF-8 of Chinese all over, and to be GBK they need characters that GB 2312 does not have.
/// Three ordinary hanzi may have bytes that are UTF-8 by chance; they are in GB 2312.
fn is_gbk_for_utf8(text: &str) -> bool {
    let (bytes, _, unmappable) = GB18030.encode(text);
    !unmappable && std::str::from_utf8(&bytes).is_ok_and(is_chinese)
}

/// The characters that two bytes of UTF-8 make in GBK and GB 2312 does not have, those with a byte from 80 to A0; and those of `LEFT`.
struct Rare(Vec<u64>);

static RARE: LazyLock<Rare> = LazyLock::new(|| {
    let first = (0x81..=0xa0_u8).flat_map(|first| (0x80..=0xf4_u8).map(move |second| [first, second]));
    let second = (0xa1..=0xf4_u8).flat_map(|first| (0x80..=0xa0_u8).map(move |second| [first, second]));
    let read = |pair: [u8; 2]| GB18030.decode_without_bom_handling_and_without_replacement(&pair)?.chars().next();
    let mut bits = vec![0; 1024];
    for character in first.chain(second).filter_map(read).chain(LEFT.iter().flat_map(|left| left.chars().take(1))) {
        let at = character as usize;
        if let Some(word) = bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    Rare(bits)
});

impl Rare {
    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & 1 << (at % 64) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn latin(bytes: &[u8]) -> String {
        WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
    }

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn text_that_was_read_as_what_it_is_not_is_known() {
        let names = ["王小明", "云溪县城关镇人民路12号", "欧阳雪", "买买提·吐尔逊"];
        for name in names {
            assert!(is_damaged(&latin(name.as_bytes())), "{name} in UTF-8 read as Latin");
            assert!(is_damaged(&latin(&gbk(name))) || name.contains('·'), "{name} in GBK read as Latin");
            assert!(is_damaged(&GB18030.decode_without_bom_handling(name.as_bytes()).0), "{name} in UTF-8 read as GBK");
        }
        for text in ["锟斤拷锟斤拷", "王锟斤拷", "烫烫烫烫", "a\0b", "\u{fffd}", "Ã¥", "10\u{82}1"] {
            assert!(is_damaged(text), "{text}");
        }
    }

    #[test]
    fn text_that_is_only_rare_is_not() {
        for text in [
            "",
            "王小明",
            "Ürümqi·Ā",
            "Müller",
            "José Ñandú",
            "café",
            "㛃𬭎",
            "喆堃",
            "鐜",
            "10°",
            "±5%",
            "（人）",
            "屯屯",
            "烫伤",
            "São Paulo",
            "·",
            "····",
            "××××",
        ] {
            assert!(!is_damaged(text), "{text}");
        }
    }

    #[test]
    fn what_the_bytes_call_usual_is_not_damaged() {
        fn usual(bytes: &[u8]) -> Option<String> {
            let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
            is_usual_gb18030(bytes, &text).then(|| text.into_owned())
        }
        let mut count = 0;
        for [first, second] in (0x81..=0xfe_u8).flat_map(|first| (0x30..=0xfe_u8).map(move |second| [first, second])) {
            let read = [usual(&[first, second]), usual(&[first, second, first, second]), usual(&[first, second, 0xa1, 0x30])];
            for text in read.into_iter().flatten() {
                assert!(!has_damage(&text), "{text}");
                count += 1;
            }
        }
        assert!(count > 10_000, "{count}");
        assert!(LEFT.iter().all(|left| usual(&gbk(&format!("王{left}"))).is_none()));
        assert!(usual(&gbk("王小明，云溪县城关镇人民路12号")).is_some() && usual(b"a\0b").is_none() && usual(&gbk("café")).is_none());
    }

    proptest! {
        #[test]
        fn what_is_damaged_is_never_called_usual(text in "[王李锟斤拷烫屯çŽÍõÐ¡鐜嬪皬\u{4e00}-\u{9fff}a-z0-9é]{0,9}") {
            prop_assert!(!is_usual_gb18030(&gbk(&text), &text) || !is_damaged(&text), "{}", text);
        }

        #[test]
        fn no_ordinary_name_is_taken_for_damage(name in "[\u{4e00}-\u{9fa5}]{1,4}") {
            // Of all pairs and triples of hanzi, those remain that somebody may bear: in GB 2312.
            let common = gbk(&name).chunks(2).all(|pair| pair.iter().all(|byte| *byte >= 0xa1));
            prop_assert!(!common || !is_damaged(&name), "{}", name);
        }
    }
}
