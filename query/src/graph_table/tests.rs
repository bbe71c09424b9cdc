//! Patterns as they are written, what is wrong with those that are refused, and that nothing written makes the reader fall.

use super::*;
use crate::{
    catalogue::Tables,
    guard::{guard, located},
    testing::{
        self,
        words::{changed, changes, soup},
    },
};
use proptest::prelude::*;
use std::sync::LazyLock;

static TABLES: LazyLock<Tables> = LazyLock::new(testing::tables);

/// What a statement becomes; `!` and why where it is refused.
fn becomes(text: &str) -> String {
    guard(text, &*TABLES, &[]).map_or_else(|error| format!("!{error}"), |question| question.statement.to_string())
}

fn pattern(inside: &str) -> String {
    becomes(&format!("SELECT * FROM GRAPH_TABLE (graph MATCH {inside}) gt"))
}

#[test]
fn an_edge_tells_its_ends_and_a_vertex_is_read_for_its_columns() {
    assert_eq!(
        pattern("(a IS person)-[k IS owns]->(b) COLUMNS (a.entity_id, k.since AS bought, b.entity AS kind)"),
        "SELECT * FROM (SELECT \"k\".\"near\" AS \"entity_id\", \"k\".\"since\" AS \"bought\", \"k\".\"far_type\" AS \"kind\" FROM \
         (SELECT \"source\" AS near, \"source_type\" AS near_type, \"target\" AS far, \"target_type\" AS far_type, \"since\" FROM \
         graph.edge WHERE relation IN ('owns')) AS \"k\" WHERE \"k\".\"near_type\" IN ('person')) gt"
    );
    assert_eq!(
        pattern("(a IS person WHERE a.name = 'x')<-[IS owns|rents]-(b) COLUMNS (A.NAME)"),
        "SELECT * FROM (SELECT \"a\".\"name\" AS \"name\" FROM (SELECT entity_id, 'person' AS entity, \"name\" AS \"name\" FROM \
         entity.\"person\") AS \"a\" JOIN (SELECT \"target\" AS near, \"target_type\" AS near_type, \"source\" AS far, \"source_type\" AS \
         far_type FROM graph.edge WHERE relation IN ('owns', 'rents')) AS \"edge 1\" ON \"edge 1\".\"near\" = \"a\".\"entity_id\" WHERE \
         (\"a\".\"name\" = 'x')) gt"
    );
}

#[test]
fn a_quantifier_is_one_path_of_each_length_and_both_ways_are_each_edge_twice() {
    let two = pattern("p = (a)-[IS spouse]-{1,2}(b) COLUMNS (path_length(p) AS n, a.entity_id AS a, b.entity_id AS b)");
    assert_eq!(two.matches("UNION ALL SELECT").count(), 4, "{two}");
    assert!(two.contains("SELECT 1 AS \"n\"") && two.contains("SELECT 2 AS \"n\""), "{two}");
    assert!(two.contains("\"edge 1 2\".\"near\" = \"edge 1 1\".\"far\""), "{two}");
    let from_the_end = pattern("(a)-[IS owns]->(v IS vehicle WHERE v.plate_no = 'x') COLUMNS (a.entity_id AS a)");
    assert!(from_the_end.contains("entity.\"vehicle\") AS \"v\" JOIN"), "what is looked for is read first: {from_the_end}");
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_write() {
    for (inside, words) in [
        ("(a COLUMNS (a.name)", "column 43: `)` is missing"),
        ("(a)-[k]>(b) COLUMNS (a.name)", "`-` or `->` behind an edge"),
        ("(a)-[k]->{1,5}(b) COLUMNS (a.entity_id)", "a quantifier of 1 to 5"),
        ("(a)-[k]->+(b) COLUMNS (a.entity_id)", "no quantifiers here"),
        ("(a)-[k]->{1,2}(b) COLUMNS (k.since)", "`k` stands for several edges"),
        ("(a)-[k]->{1,2}(b WHERE b.entity_id = 1) COLUMNS (c.entity_id)", "there is no vertex or edge `c`"),
        ("(a)-[k IS owns WHERE a.name = 'x']->{1,2}(b) COLUMNS (a.entity_id)", "the condition of a repeated edge"),
        ("(a) COLUMNS (a.name)", "say of which: (a IS person)"),
        ("(a IS person) COLUMNS (a.nam)", "did you mean `name`?"),
        ("(a IS persn) COLUMNS (a.name)", "did you mean `person`?"),
        ("(a IS person) COLUMNS (a.name, a.name)", "two columns are called `name`"),
        ("(a IS person) COLUMNS (lower(a.name))", "write `expression AS name`"),
        ("(a IS person WHERE a.name IN (SELECT name FROM record.person)) COLUMNS (a.name)", "a subquery stands in the pattern"),
        ("ANY SHORTEST (a)-[k]->(b) COLUMNS (a.entity_id)", "one edge with a quantifier"),
        ("p = (a)->(b) COLUMNS (path_length(q) AS n)", "there is no path `q`"),
        ("(a)->(b), (a)-[a]->(b) COLUMNS (a.entity_id)", "`a` is the name of something else"),
        ("(a)->(b) COLUMNS (a.entity_id.x AS y)", "a name is none of the pattern's"),
        ("(a)-{1,2}(b), (c)-{1,4}(d), (e)-{1,4}(f) COLUMNS (c.entity_id)", "more than 16 different paths"),
        ("(a)->(b) WHERE a.entity_id = 1) COLUMNS (a.entity_id", "`)` closes nothing"),
    ] {
        let told = pattern(inside);
        assert!(told.starts_with('!') && told.contains(words) && told.contains("hint: "), "{inside}: {told}");
    }
    assert!(becomes("SELECT * FROM GRAPH_TABLE (city MATCH (a) COLUMNS (a.entity_id))").contains("the one graph is called `graph`"));
    let second_line = becomes("SELECT *\nFROM GRAPH_TABLE (graph MATCH\n  (a)-[k]=>(b) COLUMNS (a.entity_id))");
    assert!(second_line.contains("line 3, column 10"), "{second_line}");
}

#[test]
fn a_pattern_is_found_among_words_only() {
    for text in
        ["SELECT 'GRAPH_TABLE (graph MATCH'", "SELECT 1 /* GRAPH_TABLE ( */", "SELECT 1 -- GRAPH_TABLE (\n", "SELECT 1 AS \"graph_table\""]
    {
        assert_eq!(patterns(text).unwrap(), 0, "{text}");
    }
    let twice = "SELECT * FROM graph_table (graph MATCH (a) COLUMNS (a.entity_id)) x, Graph_Table(graph MATCH ()->() COLUMNS (1 AS one)) y";
    assert_eq!(patterns(twice).unwrap(), 2);
    let many = ["SELECT * FROM GRAPH_TABLE (graph MATCH ()->() COLUMNS (1 AS one))"; 9].join(" UNION ALL ");
    assert!(becomes(&many).contains("more than 8 patterns"));
}

#[test]
fn a_text_of_whoever_asks_stays_a_text() {
    let asked = pattern("(a IS person WHERE a.name = 'x'') AS a; DROP TABLE y --') COLUMNS (a.entity_id)");
    assert!(asked.contains("'x'') AS a; DROP TABLE y --'"), "{asked}");
}

/// A pattern as it would be written, from what was read.
fn printed(table: &pattern::GraphTable) -> String {
    let paths: Vec<String> = table.paths.iter().map(path).collect();
    let condition = if table.condition.is_empty() { String::new() } else { format!(" WHERE {}", words(&table.condition)) };
    let columns: Vec<String> =
        table.columns.iter().map(|column| format!("{} AS \"{}\"", words(&column.expression), column.name.text)).collect();
    format!("{} MATCH {}{condition} COLUMNS ({}))", table.graph.text, paths.join(", "), columns.join(", "))
}

fn path(path: &pattern::Path) -> String {
    let variable = path.variable.as_ref().map_or_else(String::new, |name| format!("\"{}\" = ", name.text));
    let shortest = if path.is_shortest { "ANY SHORTEST " } else { "" };
    let steps: String = path.steps.iter().map(|(edge, vertex)| format!("{}({})", self::edge(edge), element(vertex))).collect();
    format!("{variable}{shortest}({}){steps}", element(&path.first))
}

fn edge(edge: &pattern::Edge) -> String {
    let (left, right) = match edge.direction {
        pattern::Direction::Right => ("", ">"),
        pattern::Direction::Left => ("<", ""),
        pattern::Direction::Either => ("", ""),
    };
    let hops = edge.hops.map_or_else(String::new, |(least, most)| format!("{{{least},{most}}}"));
    format!("{left}-[{}]-{right}{hops}", element(&edge.element))
}

fn element(element: &pattern::Element) -> String {
    let variable = element.variable.as_ref().map_or_else(String::new, |name| format!("\"{}\"", name.text));
    let labels: Vec<String> = element.labels.iter().map(|label| format!("\"{}\"", label.text)).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(" IS {}", labels.join("|")) };
    let condition = if element.condition.is_empty() { String::new() } else { format!(" WHERE {}", words(&element.condition)) };
    format!("{variable}{labels}{condition}")
}

fn words(words: &pattern::Words) -> String {
    words.iter().map(|word| word.token.to_string()).collect::<Vec<_>>().join(" ")
}

fn read(text: &str) -> Option<pattern::GraphTable> {
    parser::parsed(Location::new(1, 1), &located(text).ok()?).ok().map(|(table, _)| table)
}

fn an_element() -> impl Strategy<Value = String> {
    let name = "(|[a-c]|\"[d-f]\"|丙)";
    let labels = prop_oneof![Just(""), Just(" IS person"), Just(" : dwelling | person"), Just(" is owns|rents")];
    let condition = prop_oneof![Just(""), Just(" WHERE a.name = 'x)]' AND (b.since[1] > 0)"), Just(" where path_length(p) > 1")];
    (name, labels, condition).prop_map(|(name, labels, condition)| format!("{name}{labels}{condition}"))
}

prop_compose! {
    fn an_edge()(inside in an_element(), form in 0..7, hops in prop_oneof![Just(""), Just("{2}"), Just("{1,4}"), Just("{,3}")]) -> String {
        let edge = match form {
            0 => format!("-[{inside}]->"),
            1 => format!("<-[{inside}]-"),
            2 => format!("-[{inside}]-"),
            3 => format!("<-[{inside}]->"),
            4 => "->".to_owned(),
            5 => "<-".to_owned(),
            _ => "-".to_owned(),
        };
        format!("{edge}{hops}")
    }
}

prop_compose! {
    fn a_pattern()(
        first in an_element(),
        steps in prop::collection::vec((an_edge(), an_element()), 0..4),
        variable in prop_oneof![Just(""), Just("p = ")],
        condition in prop_oneof![Just(""), Just(" WHERE (a.columns) = 1 -- columns (\n")],
    ) -> String {
        let steps: String = steps.into_iter().map(|(edge, vertex)| format!("{edge}({vertex})")).collect();
        format!("graph MATCH {variable}({first}){steps}{condition} COLUMNS (a.name, f(a.x, 2) AS y))")
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(text in a_pattern()) {
        let table = read(&text).expect("a pattern of the grammar");
        let again = printed(&table);
        prop_assert_eq!(printed(&read(&again).expect("what was printed")), again);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ -~甲\n]{0,60}", cut in 0usize..200) {
        drop(guard(&format!("SELECT * FROM GRAPH_TABLE ({text}"), &*TABLES, &[]));
        let whole = "SELECT * FROM GRAPH_TABLE (graph MATCH p = (a IS person WHERE a.name = 'x')-[k IS owns]->{1,2}(b) COLUMNS (a.name, path_length(p) AS n))";
        let cut: String = whole.chars().take(cut).collect();
        drop(guard(&format!("{cut}{text}"), &*TABLES, &[]));
    }

    #[test]
    fn a_pattern_of_the_grammar_becomes_sql_or_is_refused_by_name(text in a_pattern()) {
        if let Err(error) = guard(&format!("SELECT * FROM GRAPH_TABLE ({text}"), &*TABLES, &[]) {
            prop_assert!(["graph pattern", "unknown name", "relations"].contains(&error.reason()), "{}: {}", text, error);
        }
    }

    #[test]
    fn words_in_any_order_are_a_pattern_or_refused(words in soup(), of_patterns in of_patterns()) {
        for inside in [&words, &format!("graph MATCH {words}"), &of_patterns, &format!("graph MATCH {of_patterns} COLUMNS (1 AS one))")] {
            becomes_itself(&format!("SELECT * FROM GRAPH_TABLE ({inside}"))?;
        }
    }

    #[test]
    fn a_pattern_with_a_few_words_changed_is_a_pattern_or_refused(text in a_pattern(), changes in changes()) {
        becomes_itself(&changed(&format!("SELECT * FROM GRAPH_TABLE ({text}"), &changes))?;
    }
}

/// Words of patterns in any order.
fn of_patterns() -> impl Strategy<Value = String> {
    const WORDS: [&str; 30] = [
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
        ",",
        "=",
        ".",
        "|",
        ":",
        "1",
        "4",
        "a",
        "b",
        "p",
        "IS",
        "person",
        "owns",
        "WHERE",
        "COLUMNS (",
        "ANY SHORTEST",
        "MATCH",
        "path_length(p)",
        "a.entity_id",
        "'x'",
    ];
    prop::collection::vec(prop::sample::select(WORDS.as_slice()), 0..40).prop_map(|words| words.join(" "))
}

/// What a pattern becomes is a question without one, and stays as it is; what is refused says what to write.
fn becomes_itself(text: &str) -> Result<(), TestCaseError> {
    let becomes = becomes(text);
    match becomes.strip_prefix('!') {
        Some(refused) => prop_assert!(refused.contains("; hint: "), "{}: {}", text, refused),
        None => prop_assert_eq!(self::becomes(&becomes), becomes, "{}", text),
    }
    Ok(())
}
