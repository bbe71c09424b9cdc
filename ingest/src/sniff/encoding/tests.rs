//! Texts in every encoding, sound, damaged and joined, and what they are taken for.

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
fn zeros_in_a_table_do_not_make_it_utf_16() {
    assert_eq!(name(b"a|b|c\n1|x\0|y\n"), "UTF-8");
    assert_eq!(name(&b"990101,A\0,20260101\n".repeat(50)), "?", "each row as long as the other, a zero in the same place");
    assert_eq!(name(&[&b"id,name\n"[..], &b"1,A\0\n".repeat(3), &b"2,BCDEFGH,IJKLMNOP\n".repeat(50)].concat()), "UTF-8");
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
    assert!(why.contains(&Notice::new("bytes-undecodable").with("count", 3).with("byte", 8)), "{why:?}");
}

#[test]
fn joined_files_and_binary_ones_are_refused() {
    let joined = [TEXT.as_bytes(), &encode(TEXT, GB18030)].concat();
    assert_eq!(name(&joined), "?");
    assert_eq!(name(&(0..=255).cycle().take(5000).collect::<Vec<u8>>()), "?");
    assert_eq!(name(&b"990101,A,20260101\x02\n".repeat(50)), "?");
    assert_eq!(name(&[b"990101,A\x02,20260101\n".repeat(20), b"990101,A,20260101\n".repeat(200)].concat()), "UTF-8");
    assert_eq!(name(&[b'a', 0, 0, 0].repeat(50)), "?", "UTF-32 is not read");
    let marked = [&[0xff, 0xfe, 0, 0][..], &[b'a', 0, 0, 0]].concat();
    assert!(matches!(verdict(&marked, None), Verdict::Unsure { detail, .. } if detail.contains("UTF-32")));
}

#[test]
fn text_of_the_west_is_not_taken_for_gb18030_unless_declared() {
    let text = "name;city\nMaría;Málaga\nJürgen;Köln\nBjørn;Århus\n";
    for encoding in [encoding_rs::WINDOWS_1252, encoding_rs::MACINTOSH] {
        let Verdict::Unsure { detail, hint } = verdict(&encode(text, encoding), None) else { panic!("read") };
        assert!(detail.contains("as in text of the West") && hint.contains("windows-1252"), "{detail} {hint}");
        assert!(matches!(verdict(&encode(text, encoding), Some(encoding)), Verdict::Is { .. }));
    }
    assert_eq!(name(&encode("XM\n王㛃\n李㐱\n", GB18030)), "gb18030", "names with rare characters");
    assert!(matches!(verdict(&encode("name\nMaría\n", encoding_rs::WINDOWS_1252), Some(GB18030)), Verdict::Is { .. }));
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

/// Lines as departments write them, many and few, with rare characters and without.
fn texts() -> Vec<String> {
    let line = |at: usize| {
        format!("{at},{},云溪县城关镇人民路{at}号,2026-01-{:02}\r\n", ["王小明", "欧阳雪", "李建国", "赵䶮"][at % 4], at % 28 + 1)
    };
    let head = "序号,姓名,住址,日期\r\n".to_owned();
    let of = |rows: usize| head.clone() + &(0..rows).map(line).collect::<String>();
    let ascii = head.clone() + &"1,A,B,2026-01-01\r\n".repeat(3000) + &line(1);
    vec![head.clone(), of(1), of(20), of(500), ascii, of(5).replace(',', "\t"), of(5).replace('\r', "")]
}

#[test]
fn every_text_is_known_in_every_encoding_that_may_be_known() {
    for text in texts() {
        for encoding in [UTF_8, GB18030, UTF_16LE, UTF_16BE] {
            assert_eq!(name(&encode(&text, encoding)), encoding.name(), "{} {}", encoding.name(), text.len());
        }
        let text = text
            .replace("赵䶮", "趙")
            .replace("云溪县城关镇", "雲溪縣城關鎮")
            .replace("号", "號")
            .replace("欧阳", "歐陽")
            .replace("国", "國")
            .replace("序號", "序")
            .replace("路", "路街");
        let Some(big5) = Some(BIG5.encode(&text)).filter(|(_, _, unmappable)| !unmappable) else { continue };
        assert_ne!(name(&big5.0), "UTF-8");
        assert!(matches!(verdict(&big5.0, Some(BIG5)), Verdict::Is { encoding, .. } if encoding == BIG5));
    }
}

#[test]
fn a_file_of_one_encoding_with_some_lines_of_another_stays_and_says_so() {
    let lines = |count: usize, encoding| encode(&"1,王小明,云溪县城关镇人民路12号\n".repeat(count), encoding);
    for (bytes, is, says) in [
        ([lines(200, GB18030), lines(6, UTF_8)].concat(), GB18030, "lines-of-utf8 count=6"),
        ([lines(200, UTF_8), lines(6, GB18030)].concat(), UTF_8, "bytes-undecodable"),
    ] {
        let Verdict::Is { encoding, why, .. } = verdict(&bytes, None) else { panic!("refused") };
        assert!(encoding == is && why.iter().any(|why| why.to_string().starts_with(says)), "{why:?}");
    }
    assert_eq!(name(&[lines(50, GB18030), lines(50, UTF_8)].concat()), "?");
}

#[test]
fn utf_7_is_not_taken_for_ascii() {
    let Verdict::Unsure { detail, hint } = verdict(b"+WdNUDQ-,+Tk9XQA-\n+c4tcD2YO-,+TpFuqg-1+U/c-\n", None) else { panic!("taken") };
    assert!(detail.contains("Chinese in UTF-7") && hint.contains("export it again"), "{detail} {hint}");
    assert_eq!(name(b"name,phone\nA+B,+8612012345678\n"), "UTF-8");
}
