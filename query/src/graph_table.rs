//! Patterns of the graph in SQL: `GRAPH_TABLE (graph MATCH … COLUMNS (…))` of ISO/IEC 9075-16 (SQL/PGQ), in the spelling of PostgreSQL 19. The
//! engine's parser has no such table, so a pattern is found among the words of a statement and becomes a subquery over `entity.<type>` and
//! `graph.edge` before the statement is parsed: what guards, plans, hides and accounts for questions need not know that there are patterns.
//!
//! - The one graph is called `graph`: entities are its vertices, labelled by their types; edges are its edges, labelled by their relations.
//! - A vertex has the columns of its type's entities, `entity_id`, and its type as `entity`; of several labels, what one lacks is NULL. An edge
//!   has the columns of `graph.edge`.
//! - `->` and `<-` follow the direction of a relation, `-` goes both ways. A quantifier `{m,n}` repeats an edge, four times at most.
//! - What repeats may repeat (WALK, the standard's default): going there and back along one edge is a path.
//! - `ANY SHORTEST` keeps, of the paths between the same two vertices, one of the least length. It stands before one edge with a quantifier.
//! - `path_length(p)`, of `p = (a)-[…]->(b)`, counts edges.
//!
//! Each different path is a row, and two rows of two departments that say one relation are two edges: who wants ends writes `DISTINCT`.

mod expand;
mod from;
mod parser;
mod pattern;
mod plan;
mod scope;
mod shortest;
mod sql;
#[cfg(test)]
mod tests;

use crate::{Error, functions::Documented, guard::Names};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

/// Patterns of one statement.
const TABLES: usize = 8;

/// The words of a statement with its patterns made subqueries, whose words stand where the pattern does.
pub(crate) fn rewritten(words: &[TokenWithSpan], tables: &dyn Names) -> Result<Vec<TokenWithSpan>, Error> {
    let mut statement = Vec::with_capacity(words.len());
    let (mut rest, mut found) = (words, 0);
    while let Some((word, after)) = rest.split_first() {
        let Some(opened) = opened(word, after) else {
            statement.push(word.clone());
            rest = after;
            continue;
        };
        found += 1;
        if found > TABLES {
            return wrong(word.span.start, format!("more than {TABLES} patterns"), "ask in several steps");
        }
        let (table, after) = parser::parsed(word.span.start, opened)?;
        statement.extend(plan::subquery(&table, tables)?.into_iter().map(|token| TokenWithSpan::new(token, word.span)));
        rest = after;
    }
    Ok(statement)
}

/// What a pattern says of itself, where functions do.
pub(crate) fn documented() -> Documented {
    Documented {
        name: "GRAPH_TABLE",
        arguments: "graph MATCH path, … [WHERE condition] COLUMNS (expression AS name, …)".to_owned(),
        returns: "rows(the columns)".to_owned(),
        zh: "图模式查询（SQL/PGQ，写法同 PostgreSQL 19），用在 FROM 之后。点 (a IS 类型 WHERE …)，类型即 entity 下的表名，可用 | 并列；边 -[k IS 关系 WHERE …]->、<-[…]-、-[…]-（双向），关系即 graph.edge 的 relation；{1,4} 为重复次数，最多 4 次，点边可重复（WALK）；p = ANY SHORTEST (a)-[k]-{1,4}(b) 每对端点只取一条最短；path_length(p) 为边数；a.entity_id 为实体号，a.entity 为类型。同一关系由两行数据分别说明即为两条边",
        en: "A pattern of the graph (SQL/PGQ, as PostgreSQL 19 spells it), behind FROM. A vertex is (a IS type WHERE …), the types are the tables of `entity`, several with |; an edge is -[k IS relation WHERE …]->, <-[…]- or -[…]- for both ways, the relations are those of graph.edge; {1,4} repeats an edge, 4 times at most, and what repeats may repeat (WALK); p = ANY SHORTEST (a)-[k]-{1,4}(b) keeps one shortest for each two ends; path_length(p) counts edges; a.entity_id is the entity's number, a.entity its type. One relation that two rows say is two edges",
        example: "SELECT gt.name, gt.plate_no FROM GRAPH_TABLE (graph MATCH (p IS person)-[k IS owns]->(v IS vehicle) COLUMNS (p.name, v.plate_no, k.department)) gt",
        shows: None,
    }
}

/// Reads the patterns of a text and says how many there are, without looking at any table.
///
/// # Errors
/// A pattern is none: where, and what to write instead.
pub fn patterns(text: &str) -> Result<usize, Error> {
    let words = crate::guard::located(text)?;
    let (mut rest, mut found) = (words.as_slice(), 0);
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        if let Some(opened) = opened(word, after) {
            (_, rest) = parser::parsed(word.span.start, opened)?;
            found += 1;
        }
    }
    Ok(found)
}

/// What stands behind `GRAPH_TABLE (`, where a word begins one.
fn opened<'a>(word: &TokenWithSpan, after: &'a [TokenWithSpan]) -> Option<&'a [TokenWithSpan]> {
    if !is_word(&word.token, "GRAPH_TABLE") {
        return None;
    }
    let bracket = after.iter().position(|word| !matches!(word.token, Token::Whitespace(_)))?;
    (after[bracket].token == Token::LParen).then(|| &after[bracket + 1..])
}

/// Whether a word is that one, without quotes.
fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted))
}

/// What is wrong with a pattern, and where in the statement.
fn wrong<T>(at: Location, detail: impl AsRef<str>, hint: &str) -> Result<T, Error> {
    let detail = format!("line {}, column {}: {}", at.line, at.column, detail.as_ref());
    Err(Error::Refused { rule: "graph pattern", detail, hint: hint.to_owned() })
}
