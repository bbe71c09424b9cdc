//! How people call a numbered school or hospital: 一中 is 第一中学 and 第一初级中学, 县二小 is 县第二小学.

use super::{Question, all, phrase, term};
use crate::{Class, token};
use tantivy::schema::Field;

/// The last character of what people say, and how the name ends.
const ENDS: [(char, &str); 4] = [('小', "小学"), ('中', "中学"), ('幼', "幼儿园"), ('院', "医院")];

/// The numbers that schools of a county have.
const NUMBERS: &str = "一二三四五六七八九十";

/// The longest that people say, in characters.
const LONGEST: usize = 12;

/// What has all of it: what stands before the number, the number, and the end.
pub(super) fn questions(text: &str, pairs: Field) -> Option<Question> {
    let said: Vec<char> = text.chars().collect();
    let [before @ .., number, last] = said.as_slice() else { return None };
    let (_, end) = ENDS.iter().find(|(of, _)| of == last)?;
    // 第一中 is begun as it is written.
    if said.len() > LONGEST || !NUMBERS.contains(*number) || before.last() == Some(&'第') {
        return None;
    }
    let before: String = before.iter().collect();
    let mut parts = vec![term(pairs, &format!("第{number}"))];
    parts.extend(phrase(pairs, &token::pairs(end)));
    parts.extend(phrase(pairs, &token::pairs(&before)));
    Some((Class::Words, all(parts)))
}
