//! What each word was taken for, as a chip that can be changed: what else it may mean comes with what to type for it. Chips follow from the
//! text alone, never from what an index has.

use crate::{birth, number, title::Titled, typed::Script};
use serde::Serialize;
use wuwei_schema::{Label, kind::address};

/// What a word was taken for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// The word.
    pub text: String,
    /// What it was taken for: `name`, `title`, `pinyin`, `number`, `address`, `text`, `exactly`, `born`, `area`, `department` or `type`; or that
    /// its key or what follows it is [not known](UNKNOWN).
    pub meant: &'static str,
    /// Whether it must not be found.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without: bool,
    /// What to type for it to mean something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

/// What a word is meant as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant {
    /// Whatever it can be.
    Any,
    /// As it is written, in whatever it stands.
    Exactly,
    Name,
    Number,
    Address,
    Text,
    /// Born from one day to another, as numbers (19850307).
    Born(u64, u64),
    /// An id that begins so, as the first and the last number of six places.
    Area(u64, u64),
    Department,
    Type,
}

/// What a word is taken for whose key, or what follows it, is none: it is looked for as it stands.
pub const UNKNOWN: &str = "unknown";

/// What is passed over beside a surname or name.
const TITLE: &str = "title";

/// The words before a colon, in Chinese too.
pub const KEYS: [(&str, &[&str]); 9] = [
    ("name", &["姓名"]),
    ("number", &["号码"]),
    ("address", &["地址"]),
    ("text", &["文字"]),
    ("born", &["出生"]),
    ("age", &["年龄"]),
    ("area", &["区划", "地区"]),
    ("dept", &["部门"]),
    ("type", &["类型", "类别"]),
];

/// The ways to say what a word is meant as, where nothing else is known of it.
const WAYS: [&str; 4] = ["name", "number", "address", "text"];

impl Meant {
    /// What a word is meant as and what is left of it; with a key that there is not, or a value that does not fit, it is only a word.
    pub(crate) fn of(word: &str, today: u64) -> (Meant, &str) {
        if let Some(quoted) = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            return (Meant::Exactly, quoted);
        }
        let Some((key, value)) = word.split_once(':') else { return (Meant::Any, word) };
        let key = KEYS.iter().find(|(english, chinese)| key.eq_ignore_ascii_case(english) || chinese.contains(&key));
        let meant = match key.map_or("", |(english, _)| *english) {
            "name" => Some(Meant::Name),
            "number" => Some(Meant::Number),
            "address" => Some(Meant::Address),
            "text" => Some(Meant::Text),
            "born" => between(value, 8).or_else(|| between(&birth::born(value, today)?, 8)).map(|(from, to)| Meant::Born(from, to)),
            "age" => aged(value, today),
            "area" => between(value, 6).filter(|_| !value.contains("..")).map(|(from, to)| Meant::Area(from, to)),
            "dept" => Some(Meant::Department),
            "type" => Some(Meant::Type),
            _ => None,
        };
        meant.filter(|_| value.contains(char::is_alphanumeric)).map_or((Meant::Any, word), |meant| (meant, value))
    }

    fn name(self, text: &str) -> &'static str {
        match self {
            Meant::Any => guess(text),
            Meant::Exactly => "exactly",
            Meant::Name => "name",
            Meant::Number => "number",
            Meant::Address => "address",
            Meant::Text => "text",
            Meant::Born(..) => "born",
            Meant::Area(..) => "area",
            Meant::Department => "department",
            Meant::Type => "type",
        }
    }
}

/// The least and the greatest that only narrows what other words find.
pub(crate) fn span(meant: Meant) -> Option<(u64, u64)> {
    match meant {
        Meant::Born(from, to) | Meant::Area(from, to) => Some((from, to)),
        _ => None,
    }
}

/// What is meant first, where nobody says: nothing else is left out by it.
fn guess(text: &str) -> &'static str {
    let levels = address::parts(text).iter().filter(|part| !part.is_empty()).count();
    match Script::of(text) {
        _ if number::covered(text).is_some() => "number",
        Script::Name | Script::Number if !text.is_ascii() && levels > 0 && text.chars().count() > 2 => "address",
        Script::Number => "number",
        Script::Name => "name",
        Script::Latin => "pinyin",
    }
}

impl Chip {
    /// A word, unless it says what it is meant as, without which nobody would know of its key.
    pub(crate) fn of(typed: &str, value: &str, meant: Meant, without: bool) -> Chip {
        match unkeyed(value).filter(|_| meant == Meant::Any) {
            Some(rest) => {
                let ways = WAYS.iter().map(|way| format!("{way}:{rest}"));
                Chip::unknown(value, std::iter::once(rest.to_owned()).chain(ways), without)
            }
            None => Chip::new(typed, value, meant, without),
        }
    }

    /// How people call what it was taken for.
    pub fn label(&self) -> Label {
        let (zh, en) = match self.meant {
            "name" => ("姓名", "name"),
            TITLE => ("称谓", "form of address"),
            "pinyin" => ("拼音", "pinyin"),
            "number" => ("号码", "number"),
            "address" => ("地址", "address"),
            "text" => ("文字", "text"),
            "exactly" => ("原样", "as written"),
            "born" => ("出生", "born"),
            "area" => ("地区", "division"),
            "department" => ("部门", "department"),
            "type" => ("类别", "type"),
            _ => ("不认识", "not known"),
        };
        Label { zh: zh.to_owned(), en: en.to_owned() }
    }

    /// A word whose key is not known, or what follows it; with what there is instead.
    pub(crate) fn unknown(text: &str, others: impl Iterator<Item = String>, without: bool) -> Chip {
        Chip { text: text.to_owned(), meant: UNKNOWN, without, others: others.collect() }
    }

    /// A year or a date beside other words.
    pub(crate) fn born(text: &str) -> Chip {
        let others = ["number", "address", "text"].map(|way| format!("{way}:{text}"));
        Chip { text: text.to_owned(), meant: "born", without: false, others: others.into() }
    }

    /// The same with what to type for it to mean when somebody was born.
    pub(crate) fn or_born(mut self, iso: &str) -> Chip {
        self.others.push(format!("born:{iso}"));
        self
    }

    /// A name or surname and the title at it, in their order; the title is not looked for, and what to type for that it is stands with it.
    pub(crate) fn titled(typed: &str, titled: Titled<'_>) -> [Chip; 2] {
        let others = ["name", "text"].map(|way| format!("{way}:{typed}"));
        let title = Chip { text: titled.title.to_owned(), meant: TITLE, without: false, others: others.into() };
        let name = Chip::new(titled.name, titled.name, Meant::Any, false);
        if typed.starts_with(titled.name) { [name, title] } else { [title, name] }
    }

    fn new(typed: &str, value: &str, meant: Meant, without: bool) -> Chip {
        let taken = meant.name(value);
        let ways: &[&str] = match Script::of(value) {
            _ if !matches!(meant, Meant::Any | Meant::Exactly | Meant::Name | Meant::Number | Meant::Address | Meant::Text) => &[],
            Script::Number => &["number", "address", "text"],
            Script::Name => &["name", "address", "text"],
            Script::Latin => &["name", "text"],
        };
        let mut others: Vec<String> = ways.iter().filter(|way| **way != taken).map(|way| format!("{way}:{value}")).collect();
        if meant != Meant::Any && !ways.is_empty() {
            others.insert(0, value.to_owned());
        }
        others.retain(|other| other != typed);
        Chip { text: value.to_owned(), meant: taken, without, others }
    }
}

/// What follows the colon of a word that looks as if it had a key.
fn unkeyed(word: &str) -> Option<&str> {
    let (key, rest) = word.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(char::is_alphabetic) && rest.contains(char::is_alphanumeric);
    is_key.then_some(rest)
}

/// The day, month or year as what only narrows.
pub(crate) fn born(iso: &str) -> Option<Meant> {
    between(iso, 8).map(|(from, to)| Meant::Born(from, to))
}

/// `1985`, `1985-03` or `1980..1989`: the least and the greatest number of so many places that begin so.
fn between(value: &str, places: usize) -> Option<(u64, u64)> {
    let (from, to) = value.split_once("..").unwrap_or((value, value));
    let padded = |text: &str, with: char| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let fits = (2..=places).contains(&digits.len()) && text.chars().all(|character| character.is_ascii_digit() || character == '-');
        fits.then(|| digits.chars().chain(std::iter::repeat(with)).take(places).collect::<String>().parse().ok()).flatten()
    };
    Some((padded(from, '0')?, padded(to, '9')?))
}

/// `30` or `30..40` years of age on that day.
fn aged(value: &str, today: u64) -> Option<Meant> {
    let (young, old) = value.split_once("..").unwrap_or((value, value));
    let years = |text: &str| text.parse::<u64>().ok().filter(|years| *years <= 150);
    let before = |years: u64| today.saturating_sub(years * 10_000);
    Some(Meant::Born(before(years(old)? + 1) + 1, before(years(young)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_say_what_is_meant() {
        let today = 20_261_129;
        for (word, meant, value) in [
            ("王小明", Meant::Any, "王小明"),
            ("\"王小明\"", Meant::Exactly, "王小明"),
            ("姓名:王小明", Meant::Name, "王小明"),
            ("born:1985", Meant::Born(19_850_000, 19_859_999), "1985"),
            ("出生:1980..1989", Meant::Born(19_800_000, 19_899_999), "1980..1989"),
            ("born:1985-03", Meant::Born(19_850_300, 19_850_399), "1985-03"),
            ("年龄:30..40", Meant::Born(19_851_130, 19_961_129), "30..40"),
            ("area:990101", Meant::Area(990_101, 990_101), "990101"),
            ("area:9901", Meant::Area(990_100, 990_199), "9901"),
            ("born:1985年3月", Meant::Born(19_850_300, 19_850_399), "1985年3月"),
            ("类别:person", Meant::Type, "person"),
            ("dept:police", Meant::Department, "police"),
            ("born:x", Meant::Any, "born:x"),
            ("nothing:x", Meant::Any, "nothing:x"),
            ("name:*", Meant::Any, "name:*"),
        ] {
            assert_eq!(Meant::of(word, today), (meant, value), "{word}");
        }
    }

    #[test]
    fn a_title_is_a_chip_of_its_own() {
        let chips = |word: &str| Chip::titled(word, Titled::of(word).unwrap()).map(|chip| (chip.text, chip.meant));
        let said = |chips: [(&str, &'static str); 2]| chips.map(|(text, meant)| (text.to_owned(), meant));
        assert_eq!(chips("许女士"), said([("许", "name"), ("女士", "title")]));
        assert_eq!(chips("老李"), said([("老", "title"), ("李", "name")]));
        assert_eq!(Chip::titled("许女士", Titled::of("许女士").unwrap())[1].others, ["name:许女士", "text:许女士"]);
    }

    #[test]
    fn a_chip_says_what_was_taken_and_what_else_there_is() {
        let check = |word: &str, expected: &str, others: &[&str]| {
            let (meant, value) = Meant::of(word, 20_261_129);
            let chip = Chip::of(word, value, meant, false);
            assert_eq!((chip.meant, chip.others), (expected, others.iter().map(|other| (*other).to_owned()).collect()), "{word}");
        };
        check("王小明", "name", &["address:王小明", "text:王小明"]);
        check("name:王小明", "name", &["王小明", "address:王小明", "text:王小明"]);
        check("人民路12号", "address", &["number:人民路12号", "text:人民路12号"]);
        check("wang", "pinyin", &["name:wang", "text:wang"]);
        check("120****5678", "number", &["address:120****5678", "text:120****5678"]);
        check("1985", "number", &["address:1985", "text:1985"]);
        check("born:1985", "born", &[]);
        check("phone:0017", UNKNOWN, &["0017", "name:0017", "number:0017", "address:0017", "text:0017"]);
        check("born:x", UNKNOWN, &["x", "name:x", "number:x", "address:x", "text:x"]);
        check("12:30", "number", &["address:12:30", "text:12:30"]);
    }
}
