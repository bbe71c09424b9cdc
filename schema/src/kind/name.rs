//! Names of people, Chinese and Latin: how they are written, read aloud and compared. Which reading a surname has is data
//! (`surnames/readings.csv`): 单 is shan and 曾 is zeng when they stand first.

mod agreement;

use super::{Fault, text};
pub(super) use agreement::{Appearance, agreement, appearance, blurred_sound};
pub use agreement::{SOUND, folded};
use pinyin::ToPinyin as _;
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

/// The name in pinyin without tones, syllables apart, surname read as a surname: 单小明 is `shan xiao ming`. Latin stays, in small letters.
pub fn pinyin(name: &str) -> String {
    let surname = surname(name);
    let mut out = String::with_capacity(name.len() * 2);
    match SURNAMES.get(surname) {
        Some(reading) => {
            out.push_str(reading);
            spell(&name[surname.len()..], &mut out);
        }
        None => spell(name, &mut out),
    }
    out
}

/// Any text in pinyin without tones, syllables apart: 单位 is `dan wei`. Nothing in it is taken for a surname.
pub fn reading(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    spell(text, &mut out);
    out
}

/// Whether the name is an organisation's: by how it ends, where no person's name of that length does. 云溪县老王面馆 is one, 王园 is none.
pub fn is_organization(name: &str) -> bool {
    let plain = name.trim_end_matches([')', '）']);
    let body = if plain.len() < name.len() { plain.rsplit_once(['(', '（']).map_or(plain, |(body, _)| body) } else { plain };
    let is_long = body.chars().count() >= 5 && !body.contains('·');
    ORGANIZATIONS.iter().any(|word| body.ends_with(word)) || (is_long && body.ends_with(ORGANIZATION_ENDS))
}

/// How names of organisations end, whatever their length.
const ORGANIZATIONS: [&str; 12] = ["公司", "集团", "工厂", "商店", "超市", "中心", "委员会", "合作社", "学校", "医院", "事务所", "银行"];

/// How longer names of organisations end.
const ORGANIZATION_ENDS: [char; 24] = [
    '厂', '店', '行', '部', '局', '所', '院', '校', '会', '社', '站', '馆', '园', '队', '办', '处', '室', '铺', '场', '坊', '吧', '户',
    '库', '堂',
];

/// The first letters of the pinyin: 单小明 is `sxm`.
pub fn initials(name: &str) -> String {
    pinyin(name).split(' ').filter_map(|syllable| syllable.chars().next()).collect()
}

/// The surname: one character, two of a compound surname, or the last word of a Latin name (all before the comma, where there is one).
pub fn surname(name: &str) -> &str {
    if !starts_han(name) {
        return name.split_once(',').map_or_else(|| name.rsplit(' ').next().unwrap_or(name), |(surname, _)| surname).trim();
    }
    let mut ends = name.char_indices().map(|(at, character)| at + character.len_utf8());
    let (one, two) = (ends.next().unwrap_or(0), ends.next());
    let compound = two.and_then(|two| name.get(..two)).filter(|text| text.len() < name.len() && SURNAMES.contains_key(text));
    compound.unwrap_or(&name[..one])
}

/// What is not the surname.
pub fn given(name: &str) -> &str {
    let surname = surname(name);
    match name.strip_prefix(surname) {
        Some(rest) if starts_han(name) || rest.starts_with(',') => rest.trim_start_matches([',', ' ']),
        _ => name.strip_suffix(surname).unwrap_or(name).trim_end(),
    }
}

/// Soundex of a Latin word (Russell 1918, as the US census used it): a letter and three digits; empty when there is no Latin letter.
pub fn sound(word: &str) -> String {
    let mut letters = word.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_uppercase());
    let Some(first) = letters.next() else { return String::new() };
    let mut code = String::from(first);
    let mut last = soundex_digit(first);
    for letter in letters {
        let digit = soundex_digit(letter);
        if digit != last && digit != '0' {
            code.push(digit);
        }
        // H and W do not part two letters of the same sound; a vowel does.
        if !matches!(letter, 'H' | 'W') {
            last = digit;
        }
        if code.len() == 4 {
            break;
        }
    }
    while code.len() < 4 {
        code.push('0');
    }
    code
}

/// Spaces inside a Chinese name go, the dot of a long name becomes one kind of dot, a Latin name is written in capitals as passports do.
pub(super) fn clean(value: &str) -> Result<Cow<'_, str>, Fault> {
    if is_anonymous(value) {
        return Ok(Cow::Borrowed(""));
    }
    // Most names are hanzi and nothing else; they are kept as they stand.
    if is_han(value.as_bytes()) {
        return han_fault(value).map(|()| Cow::Borrowed(value));
    }
    if value.contains('*') || value.contains('某') {
        return Err(Fault::new("masked", "姓名已脱敏，请提供全名"));
    }
    if value.contains(['?', '\u{fffd}', '□']) {
        return Err(Fault::new("name_lost_character", "姓名中有字在转码时丢失，请从原系统以GB18030重新导出"));
    }
    if starts_han(value) {
        han_fault(value)?;
    }
    if value.chars().any(|character| character.is_ascii_digit()) {
        return Err(Fault::new("name_digits", "姓名中含有数字"));
    }
    if starts_han(value) {
        return Ok(Cow::Owned(value.chars().filter(|character| *character != ' ').map(one_dot).collect()));
    }
    Ok(Cow::Owned(value.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()))
}

/// Whether it is nothing but hanzi, and no word in place of a name, as it stands.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let ends_as_words_do = |last: &[u8; 3]| {
        let [first, second, third] = last.map(|byte| usize::from(byte & 0x3f));
        let character = (first & 0xf) << 12 | second << 6 | third;
        WORD_ENDS[character / 64] & 1 << (character % 64) != 0
    };
    let is_word = |value: &str| is_anonymous(value) || text::is_placeholder(value) || han_fault(value).is_err();
    is_han(value) && !(value.last_chunk().is_some_and(ends_as_words_do) && std::str::from_utf8(value).is_ok_and(is_word))
}

/// Whether a text is hanzi from U+4E00 to U+9FFF and nothing else, and does not hide any: E5 to E9, and E4 before B8 and what follows, begin
/// those, of three bytes each.
fn is_han(value: &[u8]) -> bool {
    let is_one = |han: &[u8]| matches!(han, [0xe5..=0xe9, ..] | [0xe4, 0xb8..=0xbf, _]) && han != "某".as_bytes();
    value.len().is_multiple_of(3) && value.chunks_exact(3).all(is_one)
}

/// The last characters of words for nobody, for nothing, for several people and of titles, a bit each.
static WORD_ENDS: [u64; 1024] = {
    let ends = [
        '名', '露', '民', '众', '无', '详', '知', '填', '有', '空', '明', '楚', '人', '生', '士', '姐', '师', '傅', '姨', '爷', '妈', '哥',
        '叔', '奶', '志', '板', '太',
    ];
    let (mut bits, mut at) = ([0; 1024], 0);
    while at < ends.len() {
        bits[ends[at] as usize / 64] |= 1 << (ends[at] as usize % 64);
        at += 1;
    }
    bits
};

/// What stands for the name of somebody who did not give it. A pattern and no list, as below, since every name is asked.
fn is_anonymous(value: &str) -> bool {
    matches!(value, "匿名" | "不愿透露" | "未留姓名" | "市民" | "热心市民" | "群众")
}

/// How people are addressed whose given name is not known: two characters behind the surname.
fn is_title(word: &str) -> bool {
    matches!(
        word,
        "先生"
            | "女士"
            | "小姐"
            | "老师"
            | "师傅"
            | "阿姨"
            | "大爷"
            | "大妈"
            | "大哥"
            | "大姐"
            | "叔叔"
            | "奶奶"
            | "爷爷"
            | "同志"
            | "老板"
            | "太太"
    )
}

/// Why Chinese text is not the name of one person.
fn han_fault(value: &str) -> Result<(), Fault> {
    let is_group = value.strip_suffix('人').is_some_and(|text| text.trim_end_matches(|digit: char| digit.is_ascii_digit()).ends_with('等'));
    if is_group || value.contains(['、', ',', ';', '/']) {
        return Err(Fault::new("name_several", "一格中写了多人的姓名，该列约定只有一人，请每人一行"));
    }
    let ends = value.len().checked_sub("先生".len()).and_then(|at| value.split_at_checked(at));
    if ends.is_some_and(|(rest, title)| is_title(title) && !rest.is_empty() && surname(value) == rest) {
        return Err(Fault::new("name_title", "只有姓氏和称呼，不是全名"));
    }
    if value.chars().any(|character| character.is_ascii_alphabetic()) {
        return Err(Fault::new("name_spelled", "姓名中有字以拼音字母代替，请填写原字"));
    }
    Ok(())
}

fn spell(text: &str, out: &mut String) {
    let mut in_word = false;
    for character in text.chars() {
        let reading = character.to_pinyin();
        let joins = reading.is_none() && in_word && character.is_alphanumeric();
        in_word = reading.is_none() && character.is_alphanumeric();
        if !(in_word || reading.is_some()) {
            continue;
        }
        if !joins && !out.is_empty() {
            out.push(' ');
        }
        match reading {
            // As people type it: lü is lv.
            Some(reading) => out.extend(reading.plain().chars().map(|letter| if letter == 'ü' { 'v' } else { letter })),
            None => out.extend(character.to_lowercase()),
        }
    }
}

fn one_dot(character: char) -> char {
    if matches!(character, '•' | '‧' | '・' | '．' | '.' | '∙' | '●') { '·' } else { character }
}

/// Han, and the scripts written like it, without spaces: kana, Yi, Hangul.
fn starts_han(name: &str) -> bool {
    let is_han = |character: char| {
        matches!(u32::from(character), 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..) && character.is_alphabetic()
    };
    name.chars().next().is_some_and(|first| matches!(first, '\u{4e00}'..='\u{9fff}') || is_han(first))
}

fn soundex_digit(letter: char) -> char {
    match letter {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        _ => '0',
    }
}

static SURNAMES: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| include_str!("../../surnames/readings.csv").lines().skip(2).filter_map(|line| line.split_once(',')).collect());

#[cfg(test)]
mod tests {
    use super::*;
    use ::pinyin::ToPinyinMulti as _;

    #[test]
    fn a_surname_is_read_as_one() {
        for (name, reading, first) in [
            ("单小明", "shan xiao ming", "sxm"),
            ("欧阳明", "ou yang ming", "oym"),
            ("曾单", "zeng dan", "zd"),
            ("单单", "shan dan", "sd"),
            ("仇区解", "qiu qu jie", "qqj"),
            ("区仇", "ou chou", "oc"),
            ("解盖", "xie gai", "xg"),
            ("查朴", "zha pu", "zp"),
            ("盖查", "ge cha", "gc"),
            ("朴单", "piao dan", "pd"),
            ("尉迟单", "yu chi dan", "ycd"),
            ("长孙无忌", "zhang sun wu ji", "zswj"),
            ("乐正乐", "yue zheng le", "yzl"),
            ("吕布", "lv bu", "lb"),
            ("万俟雪", "mo qi xue", "mqx"),
            ("买买提·吐尔逊", "mai mai ti tu er xun", "mmttex"),
            ("JOHN SMITH", "john smith", "js"),
        ] {
            assert_eq!((pinyin(name).as_str(), initials(name).as_str()), (reading, first), "{name}");
        }
    }

    #[test]
    fn the_list_has_what_the_characters_alone_do_not_say() {
        let has_several = |surname: &str| {
            let readings = surname.chars().filter_map(|character| character.to_pinyin_multi()).flatten().map(|reading| reading.plain());
            readings.collect::<std::collections::BTreeSet<_>>().len() > 1
        };
        let (mut compound, mut single) = (0, 0);
        for (surname, reading) in SURNAMES.iter() {
            let characters = surname.chars().count();
            assert_eq!(reading.split(' ').count(), characters, "{surname}");
            assert!(characters == 2 || self::reading(surname) != *reading || has_several(surname), "{surname} needs no line");
            *if characters == 2 { &mut compound } else { &mut single } += 1;
        }
        assert!(compound >= 100 && single >= 60, "{compound} and {single}");
        assert_eq!((reading("单位"), reading("单")), ("dan wei".to_owned(), "dan".to_owned()));
    }

    #[test]
    fn surname_and_given_name_make_the_name() {
        for (name, expected) in [
            ("王小明", ("王", "小明")),
            ("欧阳明", ("欧阳", "明")),
            ("欧阳", ("欧", "阳")),
            ("JOHN SMITH", ("SMITH", "JOHN")),
            ("SMITH, JOHN", ("SMITH", "JOHN")),
            ("王", ("王", "")),
        ] {
            assert_eq!((surname(name), given(name)), expected, "{name}");
        }
    }

    #[test]
    fn writing_habits_do_not_make_another_name() {
        for (raw, expected) in
            [("王 小明", "王小明"), ("买买提．吐尔逊", "买买提·吐尔逊"), ("买买提•吐尔逊", "买买提·吐尔逊"), ("john  smith", "JOHN SMITH")]
        {
            assert_eq!(clean(raw).as_deref(), Ok(expected));
        }
    }

    /// Found by fuzzing: U+A7AC, the capital of a phonetic g, stands among the scripts of the far east but is Latin.
    #[test]
    fn a_latin_letter_from_afar_is_latin() {
        let once = clean("\u{261}eorge  li").unwrap();
        assert_eq!((&*once, clean(&once).as_deref()), ("\u{a7ac}EORGE LI", Ok(&*once)));
    }

    #[test]
    fn a_damaged_name_is_not_a_name() {
        for (raw, rule) in [
            ("王*明", "masked"),
            ("王某某", "masked"),
            ("王?明", "name_lost_character"),
            ("王小明2", "name_digits"),
            ("王yan", "name_spelled"),
            ("王先生", "name_title"),
            ("欧阳女士", "name_title"),
            ("张三、李四等15人", "name_several"),
            ("张三等人", "name_several"),
        ] {
            assert_eq!(clean(raw).unwrap_err().rule, rule, "{raw}");
        }
        assert_eq!(clean("匿名").as_deref(), Ok(""));
        for name in ["王人", "王同", "师傅明", "SMITH, JOHN"] {
            assert_eq!(clean(name).as_deref(), Ok(name), "{name}");
        }
    }

    #[test]
    fn soundex_gives_the_codes_of_the_census() {
        for (word, code) in [
            ("Robert", "R163"),
            ("Rupert", "R163"),
            ("Ashcraft", "A261"),
            ("Tymczak", "T522"),
            ("Pfister", "P236"),
            ("Lee", "L000"),
            ("王", ""),
        ] {
            assert_eq!(sound(word), code, "{word}");
        }
    }
}
