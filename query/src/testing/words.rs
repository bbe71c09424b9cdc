//! Words for whatever reads SQL: statements with a few words changed, and words in any order.

use crate::guard::located;
use proptest::prelude::*;

/// Words of which statements are made, and some that do not belong into any.
const WORDS: [&str; 64] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "-",
    "->",
    "<-",
    "<",
    ">",
    "=",
    ",",
    ".",
    ":",
    "::",
    "|",
    "||",
    "*",
    ";",
    "$1",
    "$x",
    "?",
    "1",
    "1e999",
    "99999999999999999999",
    "'x'",
    "'it''s'",
    "\"a b\"",
    "E'\\n'",
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "WITH",
    "AS",
    "UNION ALL",
    "JOIN",
    "ON",
    "LATERAL",
    "VALUES",
    "CASE WHEN",
    "END",
    "IN",
    "NOT",
    "NULL",
    "AND",
    "EXISTS",
    "CAST",
    "INTERVAL",
    "record.person",
    "graph.edge",
    "entity.person",
    "neighbours",
    "shortest_path",
    "neighbours_of",
    "name",
    "XM",
    "p",
    "甲",
    "-- x\n",
    "/* x */",
];

/// Words in any order.
pub(crate) fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS.as_slice()), 0..60).prop_map(|words| words.join(" "))
}

/// What is done to a word of a statement, by its place.
type Change = (prop::sample::Index, usize, &'static str);

/// A few of them.
pub(crate) fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..4usize, prop::sample::select(WORDS.as_slice())), 1..5)
}

/// A statement with words left out, said twice, exchanged for their neighbours or put in place of others.
pub(crate) fn changed(text: &str, changes: &[Change]) -> String {
    let mut words: Vec<String> = located(text).unwrap().iter().map(|word| word.token.to_string()).collect();
    for (at, what, word) in changes {
        let at = at.index(words.len());
        match what {
            0 if words.len() > 1 => drop(words.remove(at)),
            1 => words.insert(at, words[at].clone()),
            2 => words.swap(at, at.saturating_sub(1)),
            _ => words[at] = (*word).to_owned(),
        }
    }
    words.join(" ")
}
