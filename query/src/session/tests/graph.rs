//! Patterns of the graph as they are answered: against a walker that knows nothing of SQL, and what the accounts say of them.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::table;

/// An edge as (relation, source, target), of persons all.
type Tied = (&'static str, i64, i64);

/// Persons with a name each, and edges between them.
pub(super) fn tied(persons: &[(i64, &str)], edges: &[Tied]) -> Rows {
    let mut rows = Rows::new();
    let numbers: Vec<String> = persons.iter().map(|person| person.0.to_string()).collect();
    let persons: Vec<Vec<(&str, &str)>> =
        persons.iter().zip(&numbers).map(|(person, number)| vec![("entity_id", number.as_str()), ("name", person.1)]).collect();
    testing::of_type(&mut rows, "entity.person", &persons.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let numbers: Vec<[String; 2]> = edges.iter().map(|edge| [edge.1, edge.2].map(|end| end.to_string())).collect();
    let edge = |(edge, [source, target]): (&Tied, &'static [String; 2])| {
        vec![
            ("relation", edge.0),
            ("source", source.as_str()),
            ("target", target.as_str()),
            ("source_type", "person"),
            ("target_type", "person"),
            ("department", "ga"),
        ]
    };
    let numbers: &'static [[String; 2]] = Box::leak(numbers.into_boxed_slice());
    let edges: Vec<Vec<(&str, &str)>> = edges.iter().zip(numbers).map(edge).collect();
    testing::stated(&mut rows, table::EDGE, table::edge_schema(), &edges.iter().map(Vec::as_slice).collect::<Vec<_>>());
    rows
}

/// The numbers of an answer, row by row, in order.
pub(super) async fn numbers(session: &Session, question: &str) -> Vec<Vec<i64>> {
    let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    let mut rows = Vec::new();
    for batch in &answer.batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| arrow_cast::cast(column, &arrow_schema::DataType::Int64).unwrap()).collect();
        let cell = |column: &arrow_array::ArrayRef, row| column.as_primitive::<arrow_array::types::Int64Type>().value(row);
        rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>()));
    }
    rows.sort();
    rows
}

const FAMILY: [(i64, &str); 4] = [(1, "王一"), (2, "李二"), (3, "张三"), (4, "赵四")];
const TIES: [Tied; 4] = [("spouse", 1, 2), ("parent", 2, 3), ("parent", 1, 3), ("guardian", 3, 4)];

#[tokio::test]
async fn patterns_are_answered_with_what_the_tables_say() {
    let folder = tempfile::tempdir().unwrap();
    let session = over(&tied(&FAMILY, &TIES), folder.path());
    for (pattern, expected) in [
        ("(a IS person WHERE a.name = '王一')-[k IS parent]->(b IS person) COLUMNS (b.entity_id AS id)", vec![vec![3]]),
        ("(a)<-[k IS parent]-(b IS person WHERE b.name LIKE '李%') COLUMNS (a.entity_id AS a, b.entity_id AS b)", vec![vec![3, 2]]),
        ("(a WHERE a.entity_id = 2)-[IS spouse|guardian]-(b) COLUMNS (b.entity_id AS id)", vec![vec![1]]),
        (
            "(a)-[IS parent]->(c)<-[IS parent]-(b) WHERE a.entity_id < b.entity_id COLUMNS (a.entity_id AS a, b.entity_id AS b)",
            vec![vec![1, 2]],
        ),
        ("(a)-[IS parent]->(c), (b)-[IS parent]->(c), (a)-[IS spouse]->(b) COLUMNS (c.entity_id AS c)", vec![vec![3]]),
        ("(a IS person) WHERE a.name = '赵四' COLUMNS (a.entity_id AS id)", vec![vec![4]]),
        ("p = (a WHERE a.entity_id = 1)->{1,2}(b WHERE b.entity_id = 3) COLUMNS (path_length(p) AS n)", vec![vec![1], vec![2]]),
        (
            "p = ANY SHORTEST (a IS person WHERE a.name = '王一')-{1,4}(b IS person WHERE b.name = '赵四') COLUMNS (path_length(p) AS n)",
            vec![vec![2]],
        ),
        ("(a IS person WHERE a.name = '王一')-[IS spouse]->{0,1}(b) COLUMNS (b.entity_id AS id)", vec![vec![1], vec![2]]),
    ] {
        let found = numbers(&session, &format!("SELECT * FROM GRAPH_TABLE (graph MATCH {pattern}) gt")).await;
        assert_eq!(found, expected, "{pattern}");
    }
    let joined = "SELECT p.name FROM GRAPH_TABLE (graph MATCH (a)-[IS guardian]->(b) COLUMNS (a.entity_id AS id)) g JOIN entity.person p ON p.entity_id = g.id";
    assert!(shown(&session, joined).await.contains("张三"));
    let text = audit_text(folder.path());
    assert!(text.contains("graph.edge.relation") && text.contains("entity.person.name"), "{text}");
    assert!(text.contains("\"persons\":[1,2]"), "whose numbers an answer shows is told: {text}");
}

/// Walks of a length from each vertex to each other, counted one by one.
fn walked(edges: &[Tied], form: usize, length: usize) -> BTreeMap<(i64, i64), u64> {
    let mut steps: Vec<(i64, i64)> = Vec::new();
    for (_, source, target) in edges {
        match form {
            0 => steps.push((*source, *target)),
            1 => steps.push((*target, *source)),
            _ if source == target => steps.push((*source, *target)),
            _ => steps.extend([(*source, *target), (*target, *source)]),
        }
    }
    let mut paths: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    steps.iter().for_each(|step| *paths.entry(*step).or_default() += 1);
    let one = paths.clone();
    for _ in 1..length {
        let mut longer: BTreeMap<(i64, i64), u64> = BTreeMap::new();
        for ((from, over), count) in &paths {
            for ((_, to), more) in one.iter().filter(|((begin, _), _)| begin == over) {
                *longer.entry((*from, *to)).or_default() += count * more;
            }
        }
        paths = longer;
    }
    paths
}

#[tokio::test]
async fn quantifiers_and_shortest_paths_agree_with_a_walker_on_graphs_drawn_at_random() {
    let mut state = 7u64;
    let mut dice = move |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for round in 0..12 {
        let edges: Vec<Tied> = (0..4 + dice(7)).map(|_| ("owns", 1 + dice(6) as i64, 1 + dice(6) as i64)).collect();
        let folder = tempfile::tempdir().unwrap();
        let session = over(&tied(&FAMILY, &edges), folder.path());
        let (least, most) = (1 + usize::try_from(dice(2)).unwrap(), 2 + usize::try_from(dice(3)).unwrap());
        let form = round % 3;
        let arrow = ["-[k IS owns]->", "<-[k IS owns]-", "-[k IS owns]-"][form];
        let mut expected: BTreeMap<Vec<i64>, u64> = BTreeMap::new();
        let mut shortest: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for length in least..=most {
            for ((from, to), count) in walked(&edges, form, length) {
                expected.insert(vec![from, to, length as i64, count as i64], 1);
                shortest.entry((from, to)).or_insert(length as i64);
            }
        }
        let ends = "a.entity_id AS a, b.entity_id AS b, path_length(p) AS n";
        let question = |path: &str| {
            format!("SELECT a, b, n, count(*) AS c FROM GRAPH_TABLE (graph MATCH {path} COLUMNS ({ends})) gt GROUP BY a, b, n")
        };
        let all = numbers(&session, &question(&format!("p = (a){arrow}{{{least},{most}}}(b)"))).await;
        assert_eq!(all, expected.into_keys().collect::<Vec<_>>(), "{arrow} {least} {most} {edges:?}");
        let least_of_each = numbers(&session, &question(&format!("p = ANY SHORTEST (a){arrow}{{{least},{most}}}(b)"))).await;
        let shortest: BTreeSet<Vec<i64>> = shortest.into_iter().map(|((from, to), length)| vec![from, to, length, 1]).collect();
        assert_eq!(least_of_each, shortest.into_iter().collect::<Vec<_>>(), "{arrow} {least} {most} {edges:?}");
    }
}

#[tokio::test]
async fn paths_of_several_edges_agree_with_a_walker_on_graphs_drawn_at_random() {
    let mut state = 23u64;
    let mut dice = move |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    for _ in 0..12 {
        let person = |number: usize| 1 + i64::try_from(number).unwrap();
        let edges: Vec<Tied> = (0..4 + dice(5)).map(|_| (["owns", "parent"][dice(2)], person(dice(5)), person(dice(5)))).collect();
        let folder = tempfile::tempdir().unwrap();
        let session = over(&tied(&FAMILY, &edges), folder.path());
        let (mut path, mut walks) = ("p = (v0)".to_owned(), BTreeMap::from_iter((1..6).map(|from| ((from, from, 0), 1u64))));
        for place in 1..=1 + dice(3) {
            // One question reads no more than 32 tables.
            let (least, most) = if place < 3 { [(1, 1), (1, 2), (2, 2)][dice(3)] } else { (1, 1) };
            let (form, relations) = (dice(3), [&["owns"][..], &["parent"], &["owns", "parent"]][dice(3)]);
            let [before, after] = [["-", "->"], ["<-", "-"], ["-", "-"]][form];
            path += &format!("{before}[IS {}]{after}{{{least},{most}}}(v{place})", relations.join("|"));
            let seen: Vec<Tied> = edges.iter().filter(|edge| relations.contains(&edge.0)).copied().collect();
            walks = longer(&walks, least..=most, |length| walked(&seen, form, length));
            let last = format!("v{place}");
            let ends = format!("v0.entity_id AS a, {last}.entity_id AS b, path_length(p) AS n");
            let question =
                format!("SELECT a, b, n, count(*) AS c FROM GRAPH_TABLE (graph MATCH {path} COLUMNS ({ends})) gt GROUP BY a, b, n");
            let expected: Vec<Vec<i64>> =
                walks.iter().map(|((from, to, length), count)| vec![*from, *to, *length, i64::try_from(*count).unwrap()]).collect();
            assert_eq!(numbers(&session, &question).await, expected, "{path} over {edges:?}");
        }
    }
}

/// Walks as (from, to, edges) with how many there are, each led on by so many edges more.
fn longer(
    walks: &BTreeMap<(i64, i64, i64), u64>,
    lengths: std::ops::RangeInclusive<usize>,
    steps: impl Fn(usize) -> BTreeMap<(i64, i64), u64>,
) -> BTreeMap<(i64, i64, i64), u64> {
    let mut longer = BTreeMap::new();
    for length in lengths {
        let steps = steps(length);
        for ((from, over, before), count) in walks {
            for ((_, to), more) in steps.iter().filter(|((begin, _), _)| begin == over) {
                *longer.entry((*from, *to, before + i64::try_from(length).unwrap())).or_default() += count * more;
            }
        }
    }
    longer
}

#[tokio::test]
async fn a_restricted_person_is_in_no_pattern_and_on_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = tied(&FAMILY, &[("spouse", 1, 2), ("parent", 2, 3), ("guardian", 3, 4)]);
    let whole = over(&rows, folder.path());
    let questions = [
        "SELECT count(*) FROM GRAPH_TABLE (graph MATCH (a)-[]->(b) COLUMNS (a.entity_id AS a)) gt",
        "SELECT count(*) FROM GRAPH_TABLE (graph MATCH (a IS person) COLUMNS (a.name)) gt",
        "SELECT count(*) FROM GRAPH_TABLE (graph MATCH ANY SHORTEST (a WHERE a.entity_id = 1)-{1,3}(b WHERE b.entity_id = 4) COLUMNS (1 AS one)) gt",
        "SELECT count(*) FROM neighbours(1, as_of => NULL)",
        "SELECT count(*) FROM component(1, as_of => NULL)",
        "SELECT count(*) FROM shortest_path(1, 4, as_of => NULL)",
        "SELECT count(*) FROM common_neighbours(1, 3, as_of => NULL)",
    ];
    let counts = async |session: &Session| {
        let mut counts = Vec::new();
        for question in questions {
            counts.push(numbers(session, question).await[0][0]);
        }
        counts
    };
    assert_eq!(counts(&whole).await, [3, 4, 1, 1, 4, 3, 1]);
    let restricted = [
        ("restriction", "1"),
        ("entity", "person"),
        ("entity_id", "2"),
        ("record_id", "2"),
        ("state", "restricted"),
        ("ground", "2026-1"),
        ("who", "a"),
    ];
    testing::stated(&mut rows, wuwei_schema::contract::RESTRICTED, wuwei_schema::contract::restricted(), &[&restricted]);
    assert_eq!(counts(&over(&rows, folder.path())).await, [1, 3, 0, 0, 0, 0, 0]);
}
