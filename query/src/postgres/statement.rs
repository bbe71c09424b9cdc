//! What clients send about the catalogue: how it is told from questions about data, and what becomes of it before it is planned.

use crate::{Error, guard};
use datafusion::sql::sqlparser::{
    ast::Statement,
    dialect::PostgreSqlDialect,
    tokenizer::{Token, Word},
};
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use std::sync::LazyLock;

static PARSER: LazyLock<PostgresCompatibilityParser> = LazyLock::new(PostgresCompatibilityParser::new);

/// Functions of PostgreSQL's own, besides those that begin with `pg_`.
const FUNCTIONS: [&str; 17] = [
    "version",
    "current_schema",
    "current_schemas",
    "current_database",
    "current_setting",
    "obj_description",
    "col_description",
    "shobj_description",
    "format_type",
    "has_table_privilege",
    "has_schema_privilege",
    "has_database_privilege",
    "has_any_column_privilege",
    "txid_current",
    "inet_server_addr",
    "inet_server_port",
    "to_regclass",
];
/// Words that are calls without brackets.
const CALLS: [&str; 5] = ["current_user", "session_user", "current_catalog", "current_role", "current_schema"];

/// Statements that ask for what a hub has none of, in a way that cannot be planned, by what they say and no other does; and the columns of
/// the empty answer. Primary keys as pgJDBC 42.5 asks for them, and a table's keys, as SQLAlchemy 2.1 does.
const NOTHING: [(&str, &[&str]); 1] =
    [("_pg_expandarray", &["TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "COLUMN_NAME", "KEY_SEQ", "PK_NAME"])];

/// Whether a text names a table or calls a function that only PostgreSQL has. What cannot be read is not: the door says why.
pub(super) fn is_of_catalogue(text: &str) -> bool {
    let Ok(tokens) = guard::tokens(text, &PostgreSqlDialect {}) else { return false };
    let tokens: Vec<&Token> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let at = |at: Option<usize>| at.and_then(|at| tokens.get(at).copied());
    let told = |(place, token): (usize, &&Token)| {
        let Token::Word(Word { value, .. }) = token else { return false };
        let (name, after, before) = (value.to_ascii_lowercase(), at(Some(place + 1)), at(place.checked_sub(1)));
        let is_called = matches!(after, Some(Token::LParen));
        let is_qualified = matches!(before, Some(Token::Period));
        match name.as_str() {
            "pg_catalog" | "information_schema" => matches!(after, Some(Token::Period)),
            name if name.starts_with("pg_") => is_called || (!is_qualified && matches!(before, Some(token) if opens(token))),
            name if FUNCTIONS.contains(&name) && is_called => !is_qualified,
            name => CALLS.contains(&name) && !is_qualified && !matches!(after, Some(Token::Period)),
        }
    };
    tokens.iter().enumerate().any(told)
}

/// Whether a table's name may come next.
fn opens(token: &Token) -> bool {
    match token {
        Token::Comma => true,
        Token::Word(word) => word.quote_style.is_none() && ["from", "join"].contains(&word.value.to_ascii_lowercase().as_str()),
        _ => false,
    }
}

/// The statement, as it can be planned.
pub(super) fn parsed(text: &str) -> Result<Statement, Error> {
    guard::tokens(text, &PostgreSqlDialect {})?;
    let nothing = NOTHING.iter().find(|(sign, _)| text.contains(sign)).map(|(_, columns)| {
        let columns: Vec<String> = columns.iter().map(|name| format!("NULL::TEXT AS \"{name}\"")).collect();
        format!("SELECT {} WHERE false", columns.join(", "))
    });
    guard::only(PARSER.parse(nothing.as_deref().unwrap_or(text)))
}
