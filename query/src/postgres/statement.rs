//! What clients send about the catalogue: how it is told from questions about data, and what becomes of it before it is planned.

use crate::{Error, guard};
use datafusion::sql::sqlparser::{
    ast::{
        BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Query, SelectItem, SetExpr,
        Statement, TableFactor, Value, ValueWithSpan, VisitMut, VisitorMut, visit_expressions,
    },
    dialect::PostgreSqlDialect,
    parser::Parser,
    tokenizer::{Token, Word},
};
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use std::{collections::BTreeSet, ops::ControlFlow, sync::LazyLock};

static PARSER: LazyLock<PostgresCompatibilityParser> = LazyLock::new(PostgresCompatibilityParser::new);

/// Functions of PostgreSQL's own, besides those that begin with `pg_`.
const FUNCTIONS: [&str; 18] = [
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
    "to_regtype",
];
/// Words that are calls without brackets.
const CALLS: [&str; 5] = ["current_user", "session_user", "current_catalog", "current_role", "current_schema"];
/// Types of objects' numbers, by which a name is looked up.
const TYPES: [&str; 4] = ["regclass", "regtype", "regnamespace", "regproc"];

/// Functions by which clients ask for keys and indexes, of which a hub has none, in ways that cannot be planned (pgJDBC 42.5, SQLAlchemy 2.1).
const OF_KEYS: [&str; 3] = ["_pg_expandarray(", "generate_subscripts(", " pos(n)"];
/// How pgJDBC asks in which order namespaces are looked through, from where to where, and that there is one.
const PATH: [&str; 3] = ["( select s.r, (current_schemas(false))[s.r] as nspname", "as s(r) )", "(SELECT 1 AS r, 'public' AS nspname)"];
/// Tables without a row that concerns the hub; what is looked up in them is nothing.
const WITHOUT: [&str; 9] =
    ["pg_attrdef", "pg_collation", "pg_constraint", "pg_index", "pg_inherits", "pg_policy", "pg_rewrite", "pg_sequence", "pg_trigger"];
/// Tables of PostgreSQL's own that clients name as text, without their namespace.
const CLASSES: [&str; 5] = ["pg_class", "pg_namespace", "pg_proc", "pg_type", "pg_constraint"];
/// What already makes one of many.
const AGGREGATES: [&str; 9] = ["max", "min", "count", "sum", "array_agg", "string_agg", "bool_or", "bool_and", "coalesce"];

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
            name if TYPES.contains(&name) => matches!(before, Some(Token::DoubleColon)) || before.is_some_and(is_as),
            name if name.starts_with("pg_") => is_called || (!is_qualified && matches!(before, Some(token) if opens(token))),
            name if FUNCTIONS.contains(&name) && is_called => !is_qualified,
            name => CALLS.contains(&name) && !is_qualified && !matches!(after, Some(Token::Period)),
        }
    };
    tokens.iter().enumerate().any(told)
}

/// Whether a type may come next.
fn is_as(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("as"))
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
    let mut text = text.to_owned();
    for name in CLASSES {
        for kind in ["regclass", "REGCLASS", "pg_catalog.regclass"] {
            text = text.replace(&format!("'{name}'::{kind}"), &format!("'pg_catalog.{name}'::{kind}"));
        }
    }
    text = text.replace("typinput='pg_catalog.array_in'::regproc", "typinput = 'array_in'");
    let [from, to, instead] = PATH;
    if let Some(begin) = text.find(from)
        && let Some(length) = text[begin..].find(to)
    {
        text.replace_range(begin..begin + length + to.len(), instead);
    }
    let mut statement = guard::only(PARSER.parse(&text))?;
    if OF_KEYS.iter().any(|sign| text.contains(sign)) {
        return nothing(&statement);
    }
    let _: ControlFlow<()> = VisitMut::visit(&mut statement, &mut Rewriting);
    Ok(statement)
}

/// The same columns and parameters, and no row.
fn nothing(statement: &Statement) -> Result<Statement, Error> {
    let Statement::Query(query) = statement else { return guard::only(Ok(Vec::new())) };
    let items = if let SetExpr::Select(select) = query.body.as_ref() { select.projection.as_slice() } else { &[] };
    let name = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.clone(),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => names.last().map_or_else(String::new, |name| name.value.clone()),
        _ => "?column?".to_owned(),
    };
    let column = |(place, item): (usize, &SelectItem)| {
        // Names of a SELECT may repeat, those of a plan may not.
        let (name, again) = (name(item), items[..place].iter().any(|other| name(other) == name(item)));
        let name = if again { format!("{name}_{place}") } else { name };
        format!("NULL::TEXT AS \"{}\"", name.replace('"', "\"\""))
    };
    let columns: Vec<String> = items.iter().enumerate().map(column).collect();
    let mut parameters = BTreeSet::new();
    let _: ControlFlow<()> = visit_expressions(statement, |expression| {
        if let Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) = expression {
            parameters.insert(name.clone());
        }
        ControlFlow::Continue(())
    });
    let used: String = parameters.iter().map(|name| format!(" AND {name}::TEXT IS NULL")).collect();
    guard::only(PARSER.parse(&format!("SELECT {} WHERE false{used}", columns.join(", "))))
}

/// What the planner does not know, put in other words.
struct Rewriting;

impl VisitorMut for Rewriting {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        match expression {
            // The planner knows no other sign of escape than its own.
            Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } if escape_char.is_some() => {
                let sign = escape_char.take().and_then(|sign| sign.value.into_string()).unwrap_or_default();
                if let Some(other) = expression_of(&format!("replace({pattern}, '{}', '\\')", sign.replace('\'', "''"))) {
                    **pattern = other;
                }
            }
            Expr::Subquery(query) if reads_nothing(query) => *expression = null(),
            Expr::Subquery(query) => as_one(query),
            // A list of the rows of a subquery: clients ask so for privileges and members, of which there are none.
            Expr::Function(function) if matches!(function.args, FunctionArguments::Subquery(_)) => *expression = null(),
            Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } if is_null(left) || is_null(right) => *expression = null(),
            Expr::Function(function) if is_called(function, &["array_to_string"]) && first(function).is_some_and(is_null) => {
                *expression = null()
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Whether a subquery looks something up where there is nothing.
fn reads_nothing(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let names = select.from.iter().filter_map(|from| match &from.relation {
        TableFactor::Table { name, .. } => name.0.last().and_then(|part| part.as_ident()),
        _ => None,
    });
    names.map(|name| name.value.as_str()).next().is_some_and(|name| WITHOUT.contains(&name))
}

/// A subquery that stands for one value has to say that it has one row.
fn as_one(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_mut() else { return };
    let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] = select.projection.as_mut_slice() else { return };
    let is_aggregate = matches!(item, Expr::Function(function) if is_called(function, &AGGREGATES));
    if is_grouped || is_aggregate || query.order_by.is_some() || select.from.is_empty() {
        return;
    }
    if let Some(one) = expression_of(&format!("max({item})")) {
        *item = one;
        query.limit_clause = None;
    }
}

fn expression_of(text: &str) -> Option<Expr> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(text).ok()?.parse_expr().ok()
}

fn null() -> Expr {
    Expr::Value(Value::Null.with_empty_span())
}

fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(ValueWithSpan { value: Value::Null, .. }))
}

fn is_called(function: &Function, names: &[&str]) -> bool {
    let name = function.name.0.last().and_then(|part| part.as_ident());
    name.is_some_and(|name| names.contains(&name.value.to_ascii_lowercase().as_str()))
}

fn first(function: &Function) -> Option<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.first()? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    }
}
