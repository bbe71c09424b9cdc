//! What somebody typed, taken plainly: words, each of one script, in the one or two ways in which they can be meant, and what was said of them
//! (`-word`, `"word"`, `born:1985`). What was taken for what is told ([`Chip`]). There are no brackets and no `OR`; other marks are passed over.

use crate::{
    birth,
    chip::{self, Chip, Meant, span},
    names::{self, Names},
    place, plate,
    title::Titled,
};
use wuwei_schema::{Codes, Kind};

/// The longest text that is looked for, in characters: longer than any name in pinyin. A longer one finds nothing.
const MAX_LENGTH: usize = 256;

/// The most words that are looked for together.
const MAX_WORDS: usize = 8;

/// A word, or several of one script that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) script: Script,
    pub(crate) meant: Meant,
    pub(crate) text: String,
}

/// What a word can be; in the order in which words are looked for, so that the one that finds least comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Script {
    /// It has a digit: a number or the end of one.
    Number,
    /// It has a letter that is not ASCII: a name or a part of one.
    Name,
    /// Latin letters: pinyin, initials or a Latin name.
    Latin,
}

/// All that was typed.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    /// The ways in which it can be meant: neighbours of one script together (`wang xiao ming`, `王 小明`, `120 1234 5678`), and every word
    /// by itself (`0017 5678`, `王小明0017`). All words of a way must be found.
    pub(crate) readings: Vec<Vec<Word>>,
    /// What must not be found.
    pub(crate) without: Vec<Word>,
    /// Only as these departments state it; as all where there are none.
    pub(crate) departments: Vec<String>,
    /// Only entities of these types; of all where there are none.
    pub(crate) types: Vec<String>,
    pub(crate) chips: Vec<Chip>,
}

/// Takes apart what was typed on that day (a number, as 20261129); without names departments and types are meant by their codes.
pub(crate) fn take(text: &str, today: u64, names: Option<&Names>) -> Typed {
    let mut typed = Typed::default();
    if text.chars().nth(MAX_LENGTH).is_some() {
        return typed;
    }
    let tidy = Kind::Text.clean(text, &Codes::default()).unwrap_or_default().replace(['ü', 'Ü'], "v");
    let (mut plain, mut said) = (Vec::new(), Vec::new());
    let pieces = pieces(&tidy, today);
    let is_beside_words = pieces.iter().any(|piece| piece.is_words(today));
    for piece in &pieces {
        let Piece { bare, value, meant, is_not } = *piece;
        let known = names.and_then(|names| names.known(meant));
        let code = known.map_or(Some(value), |known| names::code(known, value));
        match meant {
            _ if is_not => typed.without.push(Word::new(value, meant)),
            Meant::Department => typed.departments.push(code.unwrap_or(value).to_owned()),
            Meant::Type => typed.types.push(code.unwrap_or(value).to_owned()),
            Meant::Any => plain.push(value),
            _ => said.push(Word::new(value, meant)),
        }
        match known.filter(|_| code.is_none()) {
            Some(known) => {
                let key = if meant == Meant::Department { "dept" } else { "type" };
                typed.chips.push(Chip::unknown(bare, known.keys().map(|code| format!("{key}:{code}")), is_not));
            }
            None => piece.chips(today, is_beside_words, &mut typed.chips),
        }
    }
    for plain in [Some(untitled(&plain)).filter(|bare| *bare != plain), Some(plain)].into_iter().flatten().rev() {
        typed.readings.extend([together(&plain), apart(&plain)]);
        typed.readings.extend(with_birth(&plain, !said.is_empty(), today));
    }
    typed.readings.dedup();
    for words in &mut typed.readings {
        words.extend(said.iter().cloned());
        // What only narrows comes last: there is little left to hold it against.
        words.sort_by_key(|word| (span(word.meant).is_some(), word.script, std::cmp::Reverse(word.text.chars().count())));
    }
    typed.readings.retain(|words| !words.is_empty() && words.len() <= MAX_WORDS);
    typed.without.truncate(MAX_WORDS);
    typed
}

/// A word as it was typed, and what it is said to be.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    /// Without the sign that it must not be found.
    bare: &'a str,
    /// What of it is looked for.
    value: &'a str,
    meant: Meant,
    is_not: bool,
}

impl Piece<'_> {
    /// Whether a year beside it is that of a birth: it is a name, an address or other words, and no number.
    fn is_words(&self, today: u64) -> bool {
        let is_said = matches!(self.meant, Meant::Exactly | Meant::Name | Meant::Address | Meant::Text);
        let is_plain = self.meant == Meant::Any && self.value.contains(char::is_alphabetic) && birth::born(self.value, today).is_none();
        !self.is_not && (is_said || is_plain)
    }

    /// What it was taken for; a name and the year or title at it are two.
    fn chips(&self, today: u64, is_beside_words: bool, chips: &mut Vec<Chip>) {
        let Piece { bare, value, meant, is_not } = *self;
        let is_open = meant == Meant::Any && !is_not;
        let date = Some(value).filter(|_| is_open).and_then(|value| birth::born(value, today));
        match (date, birth::beside(value, today).filter(|_| is_open)) {
            (Some(_), _) if is_beside_words || birth::says_so(value) => chips.push(Chip::born(value)),
            (Some(iso), _) => chips.push(Chip::of(bare, value, meant, is_not).or_born(&iso)),
            (None, Some(parts)) => chips.extend(parts.map(|part| match birth::born(part, today) {
                Some(_) => Chip::born(part),
                None => Chip::of(part, part, meant, is_not),
            })),
            (None, None) => match Titled::of(value).filter(|_| is_open) {
                Some(titled) => chips.extend(Chip::titled(value, titled)),
                None => chips.push(Chip::of(bare, value, meant, is_not)),
            },
        }
    }
}

/// The words, with what is said of each; what has no letter and no digit is none.
fn pieces(text: &str, today: u64) -> Vec<Piece<'_>> {
    let cut = cut(text);
    let mut pieces = Vec::with_capacity(cut.len());
    for (at, piece) in cut.iter().enumerate() {
        let is_not = at.checked_sub(1).is_some_and(|before| cut[before] == "NOT") || is_negated(piece);
        let bare = if is_negated(piece) { &piece[1..] } else { piece };
        if *piece == "NOT" && at + 1 < cut.len() || !bare.contains(char::is_alphanumeric) {
            continue;
        }
        let (meant, value) = Meant::of(bare, today);
        pieces.push(Piece { bare, value, meant, is_not });
    }
    pieces
}

/// The most dates that are tried as that of a birth.
const MOST_DATES: usize = 2;

/// The ways in which one of the words is when somebody was born: a year or date beside others, or one that can be nothing else (1985年).
fn with_birth(plain: &[&str], is_beside: bool, today: u64) -> Vec<Vec<Word>> {
    let parts: Vec<&str> = plain.iter().flat_map(|word| birth::beside(word, today).map_or_else(|| vec![*word], Vec::from)).collect();
    let dates = parts.iter().enumerate().filter_map(|(at, word)| Some((at, chip::born(&birth::born(word, today)?)?)));
    let mut readings = Vec::new();
    for (at, born) in dates.take(MOST_DATES) {
        let others: Vec<&str> = [&parts[..at], &parts[at + 1..]].concat();
        if !others.is_empty() || is_beside || birth::says_so(parts[at]) {
            let born = Word::new(parts[at], born);
            readings.extend([together(&others), apart(&others)].map(|words| [words, vec![born.clone()]].concat()));
        }
    }
    readings
}

/// Cut at spaces, but not inside quotation marks that have their second, nor inside a plate.
fn cut(text: &str) -> Vec<&str> {
    let (words, mut pieces, mut at) = (at_spaces(text), Vec::new(), 0);
    while let Some((start, end)) = words.get(at).copied() {
        let parted = words[at..].iter().take(plate::PARTS).enumerate().skip(1).rev();
        let plate = parted.map(|(more, (_, end))| (more, *end)).find(|(_, end)| plate::is_plate(&text[start..*end]));
        let (more, end) = plate.unwrap_or((0, end));
        pieces.push(&text[start..end]);
        at += more + 1;
    }
    pieces
}

/// Where each word begins and ends.
fn at_spaces(text: &str) -> Vec<(usize, usize)> {
    let (mut pieces, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted && text[at + 1..].contains('"'),
            ' ' if !quoted => {
                pieces.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push((start, text.len()));
    pieces.retain(|(start, end)| start < end);
    pieces
}

/// The words without titles.
fn untitled<'a>(words: &[&'a str]) -> Vec<&'a str> {
    words.iter().map(|word| Titled::of(word).map_or(*word, |titled| titled.name)).collect()
}

fn is_negated(piece: &str) -> bool {
    piece.strip_prefix('-').is_some_and(|rest| rest.starts_with(|character: char| character.is_alphanumeric() || character == '"'))
}

fn together(words: &[&str]) -> Vec<Word> {
    let runs = words.chunk_by(|left, right| Script::of(left) == Script::of(right));
    runs.map(|run| Word::new(&run.join(" "), Meant::Any)).collect()
}

fn apart(words: &[&str]) -> Vec<Word> {
    words.iter().flat_map(|word| before_digits(word)).map(|word| Word::new(word, Meant::Any)).collect()
}

/// A word is cut where digits follow letters: 王小明0017 is a name and a tail. An address is one word, and so is a plate.
fn before_digits(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    if !word.is_ascii() && (plate::is_plate(word) || !place::keys(word).is_empty()) {
        return vec![word];
    }
    let (mut start, mut after_letter) = (0, false);
    for (at, character) in word.char_indices() {
        if after_letter && character.is_ascii_digit() {
            parts.push(&word[start..at]);
            start = at;
        }
        after_letter = character.is_alphabetic();
    }
    parts.push(&word[start..]);
    parts
}

impl Word {
    pub(crate) fn new(text: &str, meant: Meant) -> Word {
        Word { script: Script::of(text), meant, text: text.to_owned() }
    }
}

impl Script {
    pub(crate) fn of(text: &str) -> Script {
        match text {
            _ if text.contains(|character: char| character.is_ascii_digit()) => Script::Number,
            _ if text.chars().any(|character| character.is_alphabetic() && !character.is_ascii()) => Script::Name,
            _ => Script::Latin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: u64 = 20_261_129;

    fn check(text: &str, expected: &[&[&str]]) {
        let words = |words: Vec<Word>| words.into_iter().map(|word| word.text).collect();
        let found: Vec<Vec<String>> = take(text, TODAY, None).readings.into_iter().map(words).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_of_one_script_are_meant_together_or_apart() {
        check("王小明", &[&["王小明"]]);
        check(" 王小明　００１７ ", &[&["0017", "王小明"]]);
        check("wang xiao ming", &[&["wang xiao ming"], &["wang", "xiao", "ming"]]);
        check("120 1234 5678", &[&["120 1234 5678"], &["1234", "5678", "120"]]);
        check("王小明0017", &[&["王小明0017"], &["0017", "王小明"]]);
        check("Lü Bu 003x", &[&["003x", "Lv Bu"], &["003x", "Lv", "Bu"]]);
        check("born:1985 王小明", &[&["王小明", "1985"]]);
        check("许女士", &[&["许女士"], &["许"]]);
        check("老李 0017", &[&["0017", "老李"], &["0017", "李"]]);
        check("溪A 12345", &[&["溪A 12345"]]);
        check("溪 A·12345 王小明", &[&["溪 A·12345", "王小明"]]);
    }

    #[test]
    fn what_says_nothing_or_too_much_is_not_looked_for() {
        for text in ["", "  ", "\"", "()[]*?^~", "😀 🀄", "无", "-王小明", "NOT 王小明", "dept:police", &"王".repeat(257)] {
            check(text, &[]);
        }
        check("a b c d e f g h i", &[&["a b c d e f g h i"]]);
    }

    #[test]
    fn what_is_said_of_a_word_is_heard() {
        let typed = take("\"王 小明\" -李 NOT \"张 伟\" dept:police 类型:person", TODAY, None);
        let texts = |words: &[Word]| words.iter().map(|word| (word.text.clone(), word.meant)).collect::<Vec<_>>();
        assert_eq!(texts(&typed.readings[0]), [("王 小明".to_owned(), Meant::Exactly)]);
        assert_eq!(texts(&typed.without), [("李".to_owned(), Meant::Any), ("张 伟".to_owned(), Meant::Exactly)]);
        assert_eq!((typed.departments, typed.types), (vec!["police".to_owned()], vec!["person".to_owned()]));
        assert_eq!(typed.chips.len(), 5);
        assert!(take("NOT", TODAY, None).readings.len() == 1, "not is a word where it stands alone");
    }
}
