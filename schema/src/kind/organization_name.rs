//! Names of organisations: what stands in the register, over the door and in somebody's report of it. They differ by legal form, by brackets, and by
//! the places that a name begins with, which a sign leaves out (企业名称登记管理规定 2020, article 6: division, trade name, trade, form).

use super::similarity;
use std::borrow::Cow;

/// How names end by law; a sign says none of it.
const FORMS: [&str; 9] =
    ["股份有限公司", "有限责任公司", "有限公司", "普通合伙企业", "有限合伙企业", "(普通合伙)", "(有限合伙)", "(个人独资)", "(个体工商户)"];

/// How the names of places end that stand in front.
const PLACES: [char; 8] = ['省', '市', '县', '区', '旗', '镇', '乡', '州'];

/// The same in Latin letters, as last words.
const LATIN_FORMS: [&str; 26] = [
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kg",
    "kk",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "oy",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "spa",
    "srl",
];

/// Characters that places in front take up at most, and that a name has behind them at least.
const IN_FRONT: usize = 16;
const BEHIND: usize = 3;
/// The least characters of names between which a slip is one: 东河面馆 and 西河面馆 are two.
const TYPED: usize = 5;

/// Spaces inside a Chinese name go; other names keep one between words.
pub(super) fn clean(value: &str) -> Cow<'_, str> {
    if !value.contains(' ') || value.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.replace(' ', ""))
}

/// 4 the same but for legal form and brackets; 3 also but for places in front that only one of the two states, or the order of Latin words; 2 one slip
/// apart, in the same places; 1 alike (six pairs of neighbours in ten are shared, or all Latin words of the shorter), in places that do not differ;
/// 0 else.
pub(super) fn agreement(left: &str, right: &str) -> u8 {
    let (ours, theirs) = (bare(left), bare(right));
    if ours == theirs {
        return 4;
    }
    let ((ours_in, ours), (theirs_in, theirs)) = (apart(&ours), apart(&theirs));
    if !may_be_one(ours_in, theirs_in) {
        return 0;
    }
    let worded = by_words(ours, theirs);
    if ours == theirs || worded == CORE {
        return CORE;
    }
    let size = |text: &str| text.chars().count();
    let is_slip = similarity::one_slip(ours, theirs) || is_one_left_out(ours, theirs);
    if is_slip && size(ours).min(size(theirs)) >= TYPED {
        return 2;
    }
    worded.max(u8::from(similarity::dice(ours, theirs) >= 0.6))
}

/// The level from which on two names have the same core.
pub const CORE: u8 = 3;

/// The name without legal form, brackets and places in front: by it the same organisation is found under different names.
pub fn core(name: &str) -> String {
    apart(&bare(name)).1.to_owned()
}

fn bare(name: &str) -> String {
    if is_latin(name) {
        return bare_latin(name);
    }
    let end = FORMS.iter().find_map(|form| name.strip_suffix(form)).filter(|rest| !rest.is_empty());
    end.unwrap_or(name).chars().filter(|character| !matches!(character, '(' | ')' | '·' | '-' | '"' | '“' | '”')).collect()
}

fn is_latin(name: &str) -> bool {
    name.bytes().any(|byte| byte.is_ascii_alphabetic()) && name.chars().all(|character| u32::from(character) < 0x2e80)
}

/// The words in small letters without legal forms at the end: `b.v.` is `bv`.
fn bare_latin(name: &str) -> String {
    let lower = name.to_lowercase().replace(['.', '\''], "");
    let mut words: Vec<&str> = lower.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    while words.len() > 1 && words.last().is_some_and(|word| LATIN_FORMS.contains(word)) {
        words.pop();
    }
    words.join(" ")
}

/// How far the words of two Latin names agree: 3 the same in another order, 1 all of the shorter's in the longer; 0 else, and for Chinese ones.
fn by_words(left: &str, right: &str) -> u8 {
    if !(is_latin(left) && is_latin(right)) {
        return 0;
    }
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (left.split(' ').collect(), right.split(' ').collect());
    let (few, many) = if ours.len() > theirs.len() { (&theirs, &ours) } else { (&ours, &theirs) };
    match few.iter().all(|word| many.contains(word)) {
        true if few.len() == many.len() => CORE,
        true => 1,
        false => 0,
    }
}

/// The places in front, and the rest.
fn apart(name: &str) -> (&str, &str) {
    let ends = name.char_indices().take(IN_FRONT).filter(|(_, character)| PLACES.contains(character));
    let end = ends.map(|(at, character)| at + character.len_utf8()).filter(|&end| name[end..].chars().count() >= BEHIND).last();
    name.split_at(end.unwrap_or(0))
}

/// Whether one of two places in front says a part of the other, or nothing.
fn may_be_one(left: &str, right: &str) -> bool {
    left.starts_with(right) || left.ends_with(right) || right.starts_with(left) || right.ends_with(left)
}

/// Whether one has a single character more.
fn is_one_left_out(left: &str, right: &str) -> bool {
    let (long, short) = if left.len() > right.len() { (left, right) } else { (right, left) };
    let same = long.chars().zip(short.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let mut rest = long[same..].chars();
    rest.next().is_some() && rest.as_str() == &short[same..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_the_registered_name_and_the_next_village_is_another() {
        for (left, right, level) in [
            ("云溪县丰源粮油有限公司", "云溪县丰源粮油有限责任公司", 4),
            ("云溪县城关镇东河面馆(个体工商户)", "云溪县城关镇东河面馆", 4),
            ("云溪县城关镇东河面馆", "东河面馆", 3),
            ("云溪县城关镇东河面馆", "城关镇东河面馆", 3),
            ("云溪县丰源粮油有限公司", "丰源粮油", 3),
            ("云溪县城关镇东河面馆", "云溪县柳树乡东河面馆", 0),
            ("云溪县丰源粮油加工厂", "云溪县丰原粮油加工厂", 2),
            ("云溪县丰源粮油加工厂", "丰源粮油加工", 2),
            ("云溪县丰源粮油批发加工厂", "丰源粮油加工厂", 1),
            ("东河面馆", "西河面馆", 1),
            ("面馆", "饭馆", 0),
            ("云溪县民政局", "云溪县公安局", 0),
            ("GENERAL ELECTRIC CO.", "General Electric Company, Inc.", 4),
            ("Hotel Bel-Air", "bel air hotel", 3),
            ("Restaurant Katsu", "katsu", 1),
            ("Philips N.V.", "Siemens N.V.", 0),
        ] {
            assert_eq!((agreement(left, right), agreement(right, left)), (level, level), "{left} {right}");
        }
        assert_eq!((core("云溪县丰源粮油有限公司"), core("云溪县民政局")), ("丰源粮油".to_owned(), "民政局".to_owned()));
    }

    #[test]
    fn spaces_go_between_hanzi_only() {
        assert_eq!(clean("云溪县 机械厂"), "云溪县机械厂");
        assert_eq!(clean("YUNXI TEA Ltd"), "YUNXI TEA Ltd");
    }
}
