//! What may be asked, decided on the parsed statement before anything is planned: one SELECT over tables that there are. It also keeps
//! statements small, because the engine's planner does not: a chain of 5,000 terms overflows its stack, 2,000 branches of a union or
//! sixteen expressions that each double the one before keep it busy for seconds that no deadline interrupts.

mod read;
mod spelled;
mod syntax;

use crate::{
    Error,
    catalogue::Tables,
    functions, graph_table, linkage,
    table_function::{Calls, calls, nearest},
};
use arrow_schema::SchemaRef;
use datafusion::sql::sqlparser::{
    ast::{Expr, ObjectName, Query, Select, SetExpr, Statement, TableFactor, Visit as _, Visitor},
    dialect::{Dialect, GenericDialect},
    parser::{Parser, ParserError},
    tokenizer::{Token, TokenWithSpan, Tokenizer},
};
pub use read::read_question;
use spelled::as_spelled;
pub(crate) use spelled::folded;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::ControlFlow,
    sync::Arc,
};

/// Bytes of a question's text.
const TEXT_BYTES: usize = 64 * 1024;
/// Brackets within brackets; the parser stops there.
const NESTING: usize = 50;
/// Words and signs, literals, commas and names of the asker's not counted; bounds the depth of what the parser builds.
const OPERATORS: usize = 4_000;
/// Expressions, literals not counted: a long IN list does no harm.
const EXPRESSIONS: usize = 2_000;
/// Expressions within expressions, hence terms of a chain.
const DEPTH: usize = 256;
/// Branches of set operations, over the whole statement.
const BRANCHES: usize = 64;
/// Tables read, a named subquery counted with all its tables wherever it is used.
const RELATIONS: usize = 32;
/// Columns in CUBE, each of which doubles the groupings.
const CUBE: usize = 8;

/// The tables that a statement may name.
pub(crate) trait Names {
    /// The columns of a table; none when there is no such table.
    fn schema(&self, table: &str) -> Result<Option<SchemaRef>, Error>;
    /// All names, in order.
    fn names(&self) -> Result<Vec<String>, Error>;
    /// The relations that edges may be of, where it is known.
    fn relations(&self) -> Result<Option<Vec<String>>, Error> {
        Ok(None)
    }
}

impl Names for Tables {
    fn schema(&self, table: &str) -> Result<Option<SchemaRef>, Error> {
        Ok(self.get(table).map(|table| Arc::clone(&table.schema)))
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.keys().cloned().collect())
    }
}

/// A statement that may be planned.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) statement: Statement,
    /// The catalogue's tables that it names, besides the `extra` ones.
    pub(crate) tables: BTreeSet<String>,
    /// Whether it calls a function that weighs by what was learned.
    pub(crate) links: bool,
    /// Whether it calls one that reads records by itself.
    pub(crate) explains: bool,
    /// The functions that it calls for rows.
    pub(crate) calls: Calls,
}

/// Parses and judges a question. `extra` are names without namespace that it may use.
pub(crate) fn guard(text: &str, tables: &dyn Names, extra: &[&str]) -> Result<Question, Error> {
    question(parse(text, tables, true)?, tables, extra, true)
}

/// The same of a view's SQL, which is as large as the model has types.
pub(crate) fn ours(text: &str, tables: &dyn Names, extra: &[&str]) -> Result<Question, Error> {
    question(parse(text, tables, false)?, tables, extra, false)
}

fn question(mut statement: Statement, tables: &dyn Names, extra: &[&str], is_bounded: bool) -> Result<Question, Error> {
    // A view calls none: what it reads is known without a question.
    let calls = if is_bounded { calls(&mut statement)? } else { Calls::default() };
    let extra: Vec<&str> = extra.iter().copied().chain(calls.behind_from.iter().map(|call| call.name.as_str())).collect();
    let Found { mut named, links, explains } = walked(&statement, tables, &extra, is_bounded)?;
    for (table, columns) in calls.reads() {
        seen(table, columns, tables)?;
        named.insert(table.to_owned());
    }
    as_spelled(&mut statement, &named, tables)?;
    Ok(Question { statement, tables: named, links, explains, calls })
}

/// Whether a table is seen with these columns.
fn seen(table: &str, columns: &[&str], tables: &dyn Names) -> Result<(), Error> {
    let Some(schema) = tables.schema(table)? else { return Err(no_table(table, &tables.names()?)) };
    match columns.iter().find(|column| schema.index_of(column).is_err()) {
        Some(column) => Err(Error::unknown("column", column, schema.fields().iter().map(|field| field.name().as_str()))),
        None => Ok(()),
    }
}

/// What a statement names and calls.
struct Found {
    named: BTreeSet<String>,
    /// Whether it calls a function of record linkage, and the one that reads records.
    links: bool,
    explains: bool,
}

/// Judges a parsed statement.
pub(crate) fn judge(statement: &Statement, tables: &dyn Names, extra: &[&str]) -> Result<(), Error> {
    walked(statement, tables, extra, true).map(drop)
}

fn walked(statement: &Statement, tables: &dyn Names, extra: &[&str], is_bounded: bool) -> Result<Found, Error> {
    let (named, scopes, used) = (BTreeSet::new(), Vec::new(), Used::default());
    let mut walk = Walk { tables, extra, is_bounded, named, links: false, explains: false, scopes, used };
    match statement.visit(&mut walk) {
        ControlFlow::Break(error) => Err(*error),
        ControlFlow::Continue(()) => Ok(Found { named: walk.named, links: walk.links, explains: walk.explains }),
    }
}

fn parse(text: &str, tables: &dyn Names, is_bounded: bool) -> Result<Statement, Error> {
    let tokens = graph_table::rewritten(&tokenized(text, &GenericDialect {}, is_bounded)?, tables)?;
    few(tokens.iter().map(|word| &word.token), is_bounded)?;
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(NESTING).with_tokens_with_locations(tokens);
    only(parser.parse_statements())
}

/// The words of a text that is no longer than what may be parsed.
pub(crate) fn tokens(text: &str, dialect: &dyn Dialect) -> Result<Vec<Token>, Error> {
    Ok(tokenized(text, dialect, true)?.into_iter().map(|word| word.token).collect())
}

/// The same of a question, with where each stands.
pub(crate) fn located(text: &str) -> Result<Vec<TokenWithSpan>, Error> {
    tokenized(text, &GenericDialect {}, true)
}

fn tokenized(text: &str, dialect: &dyn Dialect, is_bounded: bool) -> Result<Vec<TokenWithSpan>, Error> {
    if is_bounded && text.len() > TEXT_BYTES {
        return refused("size", format!("it has {} bytes", text.len()), "64 KiB are the most; load long lists of values as a table");
    }
    if text.contains('\0') {
        return refused("syntax", "it holds a NUL character", "remove it");
    }
    let tokens = Tokenizer::new(dialect, text).tokenize_with_location().map_err(|error| syntax::unread(error.location))?;
    few(tokens.iter().map(|word| &word.token), is_bounded)?;
    Ok(tokens)
}

/// Whether words and signs are few enough to be parsed.
fn few<'a>(tokens: impl Iterator<Item = &'a Token>, is_bounded: bool) -> Result<(), Error> {
    match is_bounded && tokens.filter(|token| is_operator(token)).count() > OPERATORS {
        true => refused("operators", format!("it has more than {OPERATORS} operators"), "use IN lists, or several questions"),
        false => Ok(()),
    }
}

/// The one SELECT among what was parsed.
pub(crate) fn only(parsed: Result<Vec<Statement>, ParserError>) -> Result<Statement, Error> {
    let mut statements = parsed.map_err(|error| syntax::unparsed(&error))?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement @ Statement::Query(_)), true) => Ok(statement),
        (Some(_), true) => refused("select only", "it is no SELECT", "questions are one SELECT, or WITH … SELECT"),
        (Some(_), false) => refused("one statement", "it has several statements", "ask them one by one"),
        (None, _) => refused("syntax", "it is empty", "write one SELECT"),
    }
}

/// Everything that can make an expression deeper without opening a bracket.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != datafusion::sql::sqlparser::keywords::Keyword::NoKeyword,
        Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_) => false,
        _ => true,
    }
}

fn refused<T>(rule: &'static str, detail: impl Into<String>, hint: &str) -> Result<T, Error> {
    Err(Error::Refused { rule, detail: detail.into(), hint: hint.to_owned() })
}

/// What of the limits is used up.
#[derive(Default)]
struct Used {
    expressions: usize,
    depth: usize,
    branches: usize,
    relations: usize,
    cube: usize,
}

/// A query within the statement: what it reads, and the names it gives to its subqueries.
struct Scope {
    weight: usize,
    named: BTreeMap<String, usize>,
    /// Names of WITH whose queries are still to come; the visitor hands them out first and in order.
    coming: VecDeque<String>,
}

struct Walk<'a> {
    tables: &'a dyn Names,
    extra: &'a [&'a str],
    /// Whether limits hold.
    is_bounded: bool,
    named: BTreeSet<String>,
    links: bool,
    explains: bool,
    scopes: Vec<Scope>,
    used: Used,
}

type Judged = ControlFlow<Box<Error>>;

fn judged(result: Result<(), Error>) -> Judged {
    result.map_or_else(|error| ControlFlow::Break(Box::new(error)), ControlFlow::Continue)
}

impl Visitor for Walk<'_> {
    type Break = Box<Error>;

    fn pre_visit_query(&mut self, query: &Query) -> Judged {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        let coming = with.map(|table| folded(&table.alias.name)).collect();
        self.scopes.push(Scope { weight: 0, named: BTreeMap::new(), coming });
        judged(self.query(query))
    }

    fn post_visit_query(&mut self, _: &Query) -> Judged {
        let weight = self.scopes.pop().map_or(0, |scope| scope.weight);
        let Some(parent) = self.scopes.last_mut() else { return Judged::Continue(()) };
        match parent.coming.pop_front() {
            Some(name) => {
                parent.named.insert(name, weight);
                Judged::Continue(())
            }
            None => judged(self.weigh(weight)),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> Judged {
        judged(plain_select(select))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Judged {
        judged(plain_table(factor))
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> Judged {
        judged(self.relation(name))
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> Judged {
        judged(self.expression(expression))
    }

    fn post_visit_expr(&mut self, _: &Expr) -> Judged {
        self.used.depth -= 1;
        Judged::Continue(())
    }
}

impl Walk<'_> {
    fn query(&mut self, query: &Query) -> Result<(), Error> {
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            return refused("recursion", "WITH RECURSIVE may never end", "join the table to itself as often as needed");
        }
        let odd = !query.locks.is_empty() || query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some();
        if odd || !query.pipe_operators.is_empty() {
            return refused("select only", "it has FOR, SETTINGS, FORMAT or a pipe", "leave the clause out");
        }
        let mut open = vec![query.body.as_ref()];
        while let Some(part) = open.pop() {
            self.used.branches += 1;
            match part {
                SetExpr::SetOperation { left, right, .. } => open.extend([left.as_ref(), right.as_ref()]),
                SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => {}
                _ => {
                    return refused(
                        "select only",
                        "it would change a table, or is no SELECT",
                        "questions are one SELECT, or WITH … SELECT",
                    );
                }
            }
        }
        match self.is_bounded && self.used.branches > 2 * BRANCHES {
            true => refused("branches", format!("it has more than {BRANCHES} branches of UNION and the like"), "use IN, OR or VALUES"),
            false => Ok(()),
        }
    }

    fn relation(&mut self, name: &ObjectName) -> Result<(), Error> {
        let parts: Option<Vec<String>> = name.0.iter().map(|part| part.as_ident().map(folded)).collect();
        let Some(parts) = parts else { return refused("table", "a table's name is an expression", "write namespace.table") };
        if let [only] = parts.as_slice() {
            if let Some(weight) = self.scopes.iter().rev().find_map(|scope| scope.named.get(only)).copied() {
                return self.weigh(weight);
            }
            if self.extra.contains(&only.as_str()) {
                return self.weigh(1);
            }
        }
        let full = parts.join(".");
        if parts.len() != 2 || self.tables.schema(&full)?.is_none() {
            return Err(no_table(&full, &self.tables.names()?));
        }
        self.named.insert(full);
        self.weigh(1)
    }

    /// Adds tables to the query at hand; those of a named subquery count wherever it is used, since the planner copies it there.
    fn weigh(&mut self, weight: usize) -> Result<(), Error> {
        self.used.relations += 1;
        let Some(scope) = self.scopes.last_mut() else { return Ok(()) };
        scope.weight = scope.weight.saturating_add(weight);
        match self.is_bounded && (scope.weight > RELATIONS || self.used.relations > 2 * RELATIONS) {
            true => refused("relations", format!("it reads more than {RELATIONS} tables"), "ask in several steps"),
            false => Ok(()),
        }
    }

    fn expression(&mut self, expression: &Expr) -> Result<(), Error> {
        self.used.depth += 1;
        self.used.expressions += usize::from(!matches!(expression, Expr::Value(_)));
        if let Expr::Function(function) = expression {
            let name = function.name.0.last().and_then(|part| part.as_ident());
            let name = name.map(folded).unwrap_or_default();
            self.explains |= name == functions::EXPLAIN_LINK;
            self.links |= self.explains || name.starts_with(linkage::PREFIX);
        }
        if let Expr::Cube(sets) = expression {
            self.used.cube += sets.len();
        }
        if self.used.depth > DEPTH {
            return refused("depth", format!("an expression is more than {DEPTH} deep, or a chain that long"), "use IN lists");
        }
        if self.is_bounded && self.used.expressions > EXPRESSIONS {
            return refused("expressions", format!("it has more than {EXPRESSIONS} expressions"), "ask in several steps");
        }
        match self.used.cube > CUBE {
            true => refused("cube", format!("CUBE over more than {CUBE} columns"), "name the groupings with GROUPING SETS"),
            false => Ok(()),
        }
    }
}

fn plain_select(select: &Select) -> Result<(), Error> {
    if select.into.is_some() {
        return refused("select only", "SELECT INTO would make a table", "leave INTO out");
    }
    match select.projection.is_empty() {
        true => refused("syntax", "a SELECT names no column", "name one, or *"),
        false => Ok(()),
    }
}

/// A table by its name, a subquery or a join: no functions, files, versions or samples.
fn plain_table(factor: &TableFactor) -> Result<(), Error> {
    match factor {
        TableFactor::Table { args: None, version: None, json_path: None, sample: None, .. } => Ok(()),
        TableFactor::Derived { sample: None, .. } | TableFactor::NestedJoin { .. } => Ok(()),
        TableFactor::Table { name, args: Some(_), .. } => refused("table", "it reads from a function that there is not", &nearest(name)),
        _ => refused("table", "it reads from a function, a file, a version or a sample", "read tables by their names"),
    }
}

fn no_table(name: &str, tables: &[String]) -> Error {
    let same = tables.iter().find(|table| table.split_once('.').is_some_and(|(_, bare)| bare == name));
    match same {
        Some(table) => Error::Unknown { what: "table", name: name.to_owned(), hint: format!("did you mean `{table}`?") },
        // A quoted path is no name of a table, and may be anything.
        None if name.contains(['/', '\\', ':', '*']) => {
            Error::Unknown { what: "table", name: "…".to_owned(), hint: "files are not read by questions; load them first".to_owned() }
        }
        None => Error::unknown("table", name, tables.iter().map(String::as_str)),
    }
}

#[cfg(test)]
mod tests;
