//! SQL put together of words, never of text: what whoever asks wrote stays the words that it was read as.

use datafusion::sql::sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, Tokenizer},
};

pub(super) type Sql = Vec<Token>;

/// Words of a fixed text, each `?` in it the next of `parts`.
pub(super) fn sql(text: &str, parts: &[&[Token]]) -> Sql {
    let (mut all, mut parts) = (Sql::new(), parts.iter());
    // A fixed text can be read, or no test of patterns would pass.
    for token in Tokenizer::new(&GenericDialect {}, text).tokenize().unwrap_or_default() {
        match token {
            Token::Placeholder(_) => all.extend_from_slice(parts.next().copied().unwrap_or_default()),
            token => all.push(token),
        }
    }
    all
}

/// A name in quotes.
pub(super) fn name(text: &str) -> Sql {
    vec![Token::make_word(text, Some('"'))]
}

/// A column of a table.
pub(super) fn column(table: &str, column: &str) -> Sql {
    sql("?.?", &[&name(table), &name(column)])
}

/// A text.
pub(super) fn literal(text: &str) -> Sql {
    vec![Token::SingleQuotedString(text.to_owned())]
}

/// Parts with a fixed text between them.
pub(super) fn joined(parts: &[Sql], between: &str) -> Sql {
    parts
        .iter()
        .enumerate()
        .fold(Sql::new(), |all, (at, part)| if at == 0 { part.clone() } else { sql(&format!("? {between} ?"), &[&all, part]) })
}
