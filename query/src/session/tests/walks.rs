//! Functions that walk over the graph: against a walker that holds all edges, with hubs, dates, old numbers and limits, and what they refuse.

use super::{graph::numbers, *};
use arrow_array::{ArrayRef, Int64Array};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use wuwei_schema::{history, table};

/// An edge as (relation, source, target, since, until).
type Tied = (&'static str, i64, i64, &'static str, &'static str);

fn tied(edges: &[Tied]) -> Rows {
    let numbers: Vec<[String; 2]> = edges.iter().map(|edge| [edge.1, edge.2].map(|end| end.to_string())).collect();
    let cells = |(edge, ends): (&Tied, &[String; 2])| {
        let kind = |id: i64| if id < 100 { "person" } else { "dwelling" };
        let mut cells = vec![
            ("relation", edge.0.to_owned()),
            ("source", ends[0].clone()),
            ("target", ends[1].clone()),
            ("source_type", kind(edge.1).to_owned()),
            ("target_type", kind(edge.2).to_owned()),
            ("department", "ga".to_owned()),
        ];
        let dates = [("since", edge.3), ("until", edge.4)];
        cells.extend(dates.into_iter().filter(|date| !date.1.is_empty()).map(|(name, date)| (name, date.to_owned())));
        cells
    };
    let owned: Vec<Vec<(&str, String)>> = edges.iter().zip(&numbers).map(cells).collect();
    let borrowed: Vec<Vec<(&str, &str)>> =
        owned.iter().map(|cells| cells.iter().map(|(name, cell)| (*name, cell.as_str())).collect()).collect();
    let mut rows = Rows::new();
    testing::stated(&mut rows, table::EDGE, table::edge_schema(), &borrowed.iter().map(Vec::as_slice).collect::<Vec<_>>());
    rows
}

fn plain(pairs: &[(i64, i64)]) -> Vec<Tied> {
    pairs.iter().map(|(source, target)| ("parent", *source, *target, "", "")).collect()
}

/// Steps from one to each other, through nothing of more neighbours than `most`, each once for each direction.
fn distances(edges: &[Tied], start: i64, most: usize) -> BTreeMap<i64, i64> {
    let ends = |edge: &Tied| [(edge.1, edge.2, "out"), (edge.2, edge.1, "in")];
    let degree = |id: i64| edges.iter().flat_map(ends).filter(|end| end.0 == id).collect::<BTreeSet<_>>().len();
    let (mut found, mut open) = (BTreeMap::from([(start, 0)]), VecDeque::from([start]));
    while let Some(at) = open.pop_front() {
        if at != start && degree(at) > most {
            continue;
        }
        for edge in edges.iter().filter(|edge| edge.1 == at || edge.2 == at) {
            let other = edge.1 + edge.2 - at;
            if !found.contains_key(&other) {
                found.insert(other, found[&at] + 1);
                open.push_back(other);
            }
        }
    }
    found
}

#[tokio::test]
async fn walks_agree_with_a_walker_on_graphs_drawn_at_random() {
    let mut state = 11u64;
    let mut dice = move |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for _ in 0..10 {
        let pairs: Vec<(i64, i64)> = (0..8 + dice(14)).map(|_| (1 + dice(14) as i64, 1 + dice(14) as i64)).collect();
        let (edges, most) = (plain(&pairs), 3 + usize::try_from(dice(4)).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let session = over(&tied(&edges), folder.path());
        let (start, end) = (pairs[0].0, pairs[pairs.len() - 1].1);
        let known = distances(&edges, start, most);
        let near = known.iter().filter(|(_, hops)| (1..=3).contains(*hops)).map(|(id, hops)| vec![*id, *hops]).collect::<Vec<_>>();
        let question = format!("SELECT entity_id, hops FROM neighbours({start}, 3, max_degree => {most})");
        assert_eq!(numbers(&session, &question).await, near, "{pairs:?} {start} {most}");
        let whole: Vec<Vec<i64>> = known.iter().filter(|_| known.len() > 1).map(|(id, hops)| vec![*id, *hops]).collect();
        let question = format!("SELECT entity_id, hops FROM component({start}, max_degree => {most})");
        assert_eq!(numbers(&session, &question).await, whole, "{pairs:?} {start} {most}");
        let steps = distances(&edges, start, usize::MAX).get(&end).copied().filter(|steps| *steps <= 6).unwrap_or(0);
        let question = format!("SELECT step, from_id, to_id FROM shortest_path({start}, {end})");
        let path = numbers(&session, &question).await;
        assert_eq!(path.len() as i64, steps, "{pairs:?} {start} {end}");
        let mut at = start;
        for step in &path {
            assert!(step[1] == at && pairs.iter().any(|pair| *pair == (at, step[2]) || *pair == (step[2], at)), "{path:?} {pairs:?}");
            at = step[2];
        }
        assert!(path.is_empty() || at == end);
        let question = format!("SELECT path, step, from_id, to_id FROM all_shortest_paths({start}, {end})");
        let all = numbers(&session, &question).await;
        let all_of = |step: &[Vec<i64>]| step.iter().map(|step| step[1..].to_vec()).collect::<Vec<_>>();
        let is_one = all.chunk_by(|one, other| one[0] == other[0]).any(|steps| all_of(steps) == path);
        assert!(is_one || path.is_empty() && all.is_empty(), "the one is one of all");
        let paths: BTreeSet<Vec<(i64, i64)>> =
            all.chunk_by(|one, other| one[0] == other[0]).map(|steps| steps.iter().map(|step| (step[2], step[3])).collect()).collect();
        assert_eq!(paths.len() as i64, counted(&edges, start, end, steps), "{pairs:?} {start} {end}");
    }
}

/// Walks over different entities of exactly so many steps between two; all of them are shortest if that many is the least.
fn counted(edges: &[Tied], start: i64, end: i64, steps: i64) -> i64 {
    if steps == 0 {
        return 0;
    }
    let ties: BTreeSet<(i64, i64)> = edges.iter().flat_map(|edge| [(edge.1, edge.2), (edge.2, edge.1)]).collect();
    let mut paths = BTreeMap::from([(start, 1i64)]);
    for _ in 0..steps {
        let mut longer = BTreeMap::<i64, i64>::new();
        for (at, count) in &paths {
            ties.iter().filter(|(from, _)| from == at).for_each(|(_, to)| *longer.entry(*to).or_default() += count);
        }
        paths = longer;
    }
    paths.get(&end).copied().unwrap_or(0)
}

const LIVES: [Tied; 6] = [
    ("lives_at", 1, 101, "2010-01-01", "2015-06"),
    ("lives_at", 2, 101, "2015-06-20", ""),
    ("registered_at", 3, 101, "", ""),
    ("lives_at", 4, 101, "2016-01-01", ""),
    ("spouse", 1, 2, "2012", ""),
    ("guardian", 5, 1, "2011-01-01", "2012-01-01"),
];

#[tokio::test]
async fn relations_and_days_choose_which_edges_are_walked_over() {
    let folder = tempfile::tempdir().unwrap();
    let session = over(&tied(&LIVES), folder.path());
    // The tests ask on 1972-09-27, before any of it.
    for (call, expected) in [
        ("neighbours(1, types => 'spouse', as_of => '2026-01-01')", vec![2]),
        ("neighbours(1, as_of => '2011-05-05')", vec![5, 101]),
        ("neighbours(1, as_of => '2015-06-30')", vec![2, 101]),
        ("neighbours(1, as_of => '2015-07')", vec![2]),
        ("neighbours(1, 1, NULL, NULL)", vec![2, 5, 101]),
        ("neighbours(1)", vec![]),
        ("neighbours(3)", vec![101]),
        ("neighbours(NULL, as_of => NULL)", vec![]),
        ("neighbours(77, as_of => NULL)", vec![]),
        ("component(77, as_of => NULL)", vec![]),
        ("component(5, types => 'guardian, spouse', as_of => NULL)", vec![1, 2, 5]),
        ("common_neighbours(1, 2, as_of => NULL)", vec![101]),
        ("co_residents(1)", vec![2, 3]),
        ("co_residents(1, \"to\" => '2015-05-31')", vec![3]),
        ("co_residents(2, '2016-02-02', '2016-03-03')", vec![3, 4]),
    ] {
        let found = numbers(&session, &format!("SELECT entity_id FROM {call}")).await.concat();
        assert_eq!(found, expected, "{call}");
    }
    for (most, is_hub) in [(2, 1), (3, 0)] {
        let hub = format!(
            "SELECT entity_id, CAST(is_hub AS BIGINT) AS h FROM neighbours(1, 2, as_of => NULL, max_degree => {most}) n WHERE hops = 1 AND entity_id > 100"
        );
        assert_eq!(numbers(&session, &hub).await, [[101, is_hub]], "three live there, a fourth is registered, which is another relation");
    }
    let of_both = shown(&session, "SELECT relations_a, relations_b FROM common_neighbours(1, 3, as_of => NULL)").await;
    assert!(of_both.contains("| lives_at    | registered_at |"), "{of_both}");
    let evidence = shown(
        &session,
        "SELECT step, relation, is_forward, since, department, edges FROM shortest_path(2, 5, as_of => NULL) ORDER BY step",
    )
    .await;
    assert!(evidence.contains("| 1    | spouse   | false      | 2012       | ga         | 1     |"), "{evidence}");
    let text = audit_text(folder.path());
    assert!(
        text.contains("graph.edge.since") && text.contains("\"persons\":[2,5,101]"),
        "what it reads and shows is accounted for: {text}"
    );
    assert!(!text.contains("neighbours 1"), "a call is no table: {text}");
}

/// A marriage of 2011, and a benefit, whose day is sensitive, so that linking gave its edge none.
const HAPPENED: [Tied; 2] = [("party_to", 1, 61, "2011-05-20", ""), ("party_to", 1, 62, "", "")];

#[tokio::test]
async fn what_happened_is_there_from_its_day_on_and_what_has_none_always() {
    let folder = tempfile::tempdir().unwrap();
    let session = over(&tied(&HAPPENED), folder.path());
    for (as_of, expected) in [
        ("'2005'", vec![62]),
        ("'2011-05-19'", vec![62]),
        ("'2011-05-20'", vec![61, 62]),
        ("'2011-05'", vec![61, 62]),
        ("'2040-01-01'", vec![61, 62]),
        ("NULL", vec![61, 62]),
    ] {
        let question = format!("SELECT entity_id FROM neighbours(1, as_of => {as_of})");
        assert_eq!(numbers(&session, &question).await.concat(), expected, "{as_of}");
        let path = format!("SELECT step FROM shortest_path(61, 62, as_of => {as_of})");
        assert_eq!(numbers(&session, &path).await.len(), if expected.len() == 2 { 2 } else { 0 }, "{as_of}");
    }
}

#[tokio::test]
async fn neighbours_of_a_column_are_lists_and_who_is_in_them_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = tied(&LIVES);
    testing::of_type(&mut rows, "entity.person", &[&[("entity_id", "1")], &[("entity_id", "2")], &[("entity_id", "9")]]);
    let session = over(&rows, folder.path());
    let all =
        "SELECT x.id, x.n['entity_id'] AS other FROM (SELECT entity_id AS id, unnest(neighbours_of(entity_id)) AS n FROM entity.person) x";
    assert_eq!(numbers(&session, all).await, [[1, 2], [1, 5], [1, 101], [2, 1], [2, 101]]);
    let some = "SELECT x.n['entity_id'] AS other FROM (SELECT unnest(neighbours_of(entity_id, 'guardian')) AS n FROM entity.person) x WHERE x.n['direction'] = 'in'";
    assert_eq!(numbers(&session, some).await, [[5]]);
    let closed = audit_text(folder.path()).lines().last().unwrap().to_owned();
    assert!(closed.contains("\"persons\":[5]"), "{closed}");
    assert!(audit_text(folder.path()).contains("graph.edge.source"));
    let lists = "SELECT entity_id, cardinality(neighbours_of(entity_id, 'spouse')) AS n FROM entity.person";
    assert_eq!(numbers(&session, lists).await, [[1, 1], [2, 1], [9, 0]]);
    let error = session.sql("SELECT neighbours_of(entity_id, 'spous') FROM entity.person", NOW).await.unwrap_err().to_string();
    assert!(error.contains("did you mean `spouse`?"), "{error}");
}

#[tokio::test]
async fn each_step_of_a_walk_names_the_row_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = tied(&LIVES);
    testing::of_type(&mut rows, "entity.person", &[&[("entity_id", "1")], &[("entity_id", "2")]]);
    let session = over(&rows, folder.path());
    let evidence = "SELECT n.entity_id, n.from_id, n.relation, n.is_forward, n.department, n.extract, n.row FROM";
    let found = shown(&session, &format!("{evidence} neighbours(2, 2, as_of => NULL, types => 'spouse,guardian') n ORDER BY 1")).await;
    assert!(found.contains("| 1         | 2       | spouse   | false      | ga         | x       | 5   |"), "{found}");
    assert!(found.contains("| 5         | 1       | guardian | false      | ga         | x       | 6   |"), "{found}");
    let start = shown(&session, &format!("{evidence} component(5, as_of => NULL, types => 'guardian') n ORDER BY 1")).await;
    assert!(start.contains("| 5         |         |          |            |            |         |     |"), "nothing led there: {start}");
    let both = "SELECT row_a, row_b FROM common_neighbours(1, 2, as_of => NULL) c WHERE c.entity_id = 101";
    assert_eq!(numbers(&session, both).await, [[1, 2]]);
    for as_of in ["NULL", "'2015-06-30'", "'2011-05-05'"] {
        let each = format!(
            "SELECT x.n['entity_id'], x.n['hops'], x.n['from_id'], x.n['row'] FROM (SELECT unnest(neighbours_of(entity_id, NULL, {as_of}, 3)) AS n FROM entity.person WHERE entity_id = 1) x"
        );
        let one = format!("SELECT n.entity_id, n.hops, n.from_id, n.row FROM neighbours(1, 3, as_of => {as_of}) n");
        assert_eq!(numbers(&session, &each).await, numbers(&session, &one).await, "{as_of}");
    }
    let rows = "SELECT x.n['row'] AS r, x.n['hops'] AS h FROM (SELECT unnest(neighbours_of(entity_id)) AS n FROM entity.person) x";
    assert_eq!(numbers(&session, rows).await.len(), 5);
    let closed = audit_text(folder.path()).lines().last().unwrap().to_owned();
    assert!(!closed.contains("\"persons\":["), "rows and steps are nobody's numbers: {closed}");
    for (given, says) in [("NULL, 'today'", "from 1901 to 2078"), ("NULL, NULL, 5", "from 1 to 4"), ("'spous'", "did you mean `spouse`?")] {
        let error =
            session.sql(&format!("SELECT neighbours_of(entity_id, {given}) FROM entity.person"), NOW).await.unwrap_err().to_string();
        assert!(error.contains(says), "{given}: {error}");
    }
}

#[tokio::test]
async fn an_old_number_leads_to_the_entity_of_today() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = tied(&LIVES);
    let led = [[("from_id", "41"), ("to_id", "1")], [("from_id", "42"), ("to_id", "5")], [("from_id", "43"), ("to_id", "77")]];
    testing::stated(&mut rows, history::REDIRECT, history::redirect_schema(), &led.each_ref().map(|led| &led[..]));
    testing::of_type(&mut rows, "entity.person", &[&[("entity_id", "41")], &[("entity_id", "2")]]);
    let session = over(&rows, folder.path());
    for (call, expected) in [
        ("neighbours(41, types => 'spouse', as_of => NULL)", vec![2]),
        ("component(42, types => 'guardian', as_of => NULL)", vec![1, 5]),
        ("neighbours(43, as_of => NULL)", vec![]),
        ("common_neighbours(41, 2, as_of => NULL)", vec![101]),
        ("co_residents(41)", vec![2, 3]),
    ] {
        assert_eq!(numbers(&session, &format!("SELECT entity_id FROM {call}")).await.concat(), expected, "{call}");
    }
    let path = "SELECT from_id, to_id FROM shortest_path(2, 42, as_of => NULL)";
    assert_eq!(numbers(&session, path).await, [[1, 5], [2, 1]]);
    let lists = "SELECT entity_id, cardinality(neighbours_of(entity_id, 'spouse')) AS n FROM entity.person";
    assert_eq!(numbers(&session, lists).await, [[2, 1], [41, 1]]);
    assert!(audit_text(folder.path()).contains("graph.redirect.to_id"), "what is followed is accounted for");
}

#[tokio::test]
async fn arguments_are_literals_or_parameters_and_what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let session = over(&tied(&LIVES), folder.path());
    for (call, says) in [
        ("neighbours()", "an argument is missing; hint: it takes id bigint"),
        ("neighbours(1, hops => 5)", "`hops` is a whole number from 1 to 4"),
        ("neighbours(1, id => 2)", "given twice"),
        ("neighbours(1, depth => 2)", "is none of it"),
        ("neighbours('x')", "`id` is the number of an entity"),
        ("neighbours(1, types => 'spous')", "did you mean `spouse`?"),
        ("neighbours(1, as_of => 'today')", "`as_of` is a date"),
        ("neighbours(1, as_of => '1066-10-14')", "from 1901 to 2078"),
        ("neighbours((SELECT 1))", "neither a literal nor a parameter"),
        ("neighbours(p.entity_id)", "join the function's rows"),
        ("neighbour(1)", "it reads from a function that there is not; hint: did you mean `neighbours`?"),
    ] {
        let error = session.sql(&format!("SELECT * FROM {call}"), NOW).await.unwrap_err().to_string();
        assert!(error.contains(says), "{call}: {error}");
    }
    let question = "SELECT n.entity_id FROM neighbours($1, as_of => $2) n WHERE n.entity_id > $3";
    let described = session.describe(question, vec![None, None, None], NOW).await.unwrap();
    assert_eq!(described.parameters, [arrow_schema::DataType::Int64, arrow_schema::DataType::Utf8, arrow_schema::DataType::Int64]);
    let values: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![1])),
        Arc::new(arrow_array::StringArray::from(vec!["2011-05-05"])),
        Arc::new(Int64Array::from(vec![50])),
    ];
    let answer = session.take_with(question, values, NOW).await.unwrap().whole().await.unwrap();
    assert_eq!(answer.batches[0].column(0).as_primitive::<arrow_array::types::Int64Type>().value(0), 101);
}

#[tokio::test]
async fn a_walk_says_which_bound_ended_it() {
    let folder = tempfile::tempdir().unwrap();
    let chain: Vec<(i64, i64)> = (1..80).map(|id| (id, id + 1)).collect();
    let session = over(&tied(&plain(&chain)), folder.path());
    let error = session.sql("SELECT * FROM component(1)", NOW).await.unwrap_err().to_string();
    assert!(error.contains("64 steps from one entity") && error.contains("hint: "), "{error}");
    assert_eq!(numbers(&session, "SELECT count(*) FROM component(40)").await, [[80]]);
    assert_eq!(numbers(&session, "SELECT count(*) FROM shortest_path(1, 13, max_hops => 12)").await, [[12]]);
    assert_eq!(numbers(&session, "SELECT count(*) FROM shortest_path(1, 14, max_hops => 12)").await, [[0]]);
    let ladder: Vec<(i64, i64)> = (0..10)
        .flat_map(|at| {
            [
                (4 * at, 4 * at + 1),
                (4 * at, 4 * at + 2),
                (4 * at, 4 * at + 3),
                (4 * at + 1, 4 * at + 4),
                (4 * at + 2, 4 * at + 4),
                (4 * at + 3, 4 * at + 4),
            ]
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let wide = over(&tied(&plain(&ladder)), folder.path());
    assert_eq!(numbers(&wide, "SELECT count(DISTINCT path) FROM all_shortest_paths(0, 24, max_hops => 12)").await, [[729]]);
    assert_eq!(numbers(&wide, "SELECT count(*) FROM shortest_path(0, 24, max_hops => 12)").await, [[12]]);
    let error = wide.sql("SELECT * FROM all_shortest_paths(0, 28, max_hops => 12)", NOW).await.map(|_| ()).err();
    assert!(error.is_none(), "14 steps are more than were asked for: {error:?}");
}
