//! The file: it is the same whatever order, memory and threads it was built with, and one that is not whole is refused.

use super::{Row, file, graph, rows, said};
use crate::{
    Error,
    csr::{
        FOREVER, Graph, Limits, Options, View, all_shortest_paths, build, component, components, days, edges_of, header::checksum,
        neighbours,
    },
};
use arrow_buffer::Buffer;
use proptest::prelude::*;

fn open(file: Vec<u8>) -> Result<Graph, Error> {
    Graph::open(Buffer::from_vec(file))
}

#[test]
fn a_file_depends_on_what_was_read_alone() {
    let mut rows = rows(1, 9_000_000, 50_000);
    let (once, expected) = file(&rows, &Options { build: 7, memory: usize::MAX, threads: 1 }).unwrap();
    assert_eq!((once.edges, once.reads), (50_000, 2));
    rows.sort();
    for (memory, threads) in [(200_000, 1), (0, 3), (usize::MAX, 5)] {
        let (built, bytes) = file(&rows, &Options { build: 7, memory, threads }).unwrap();
        assert!(bytes == expected, "{memory} bytes, {threads} threads");
        assert_eq!(built.reads > 2, memory < usize::MAX, "little memory reads more often");
    }
}

#[test]
fn a_graph_says_what_its_edges_say() {
    let rows = rows(2, 500, 3_000);
    let graph = graph(&rows);
    let view = View::whole();
    let mut found: Vec<_> =
        (0..graph.nodes()).flat_map(|node| edges_of(&graph, node, &view).map(|edge| said(&graph, &edge)).collect::<Vec<_>>()).collect();
    let words = |row: &Row| {
        let [since, until] = [row.since.map_or(0, |date| days(date).unwrap().0), row.until.map_or(FOREVER, |date| days(date).unwrap().1)];
        let evidence = [if row.row % 2 == 0 { "even" } else { "odd" }, "9000000000000001", if row.row % 3 == 0 { "Sheet1" } else { "" }];
        let (relation, department) = (row.relation.to_owned(), row.department.to_owned());
        (
            Some(row.source),
            Some(row.target),
            relation,
            department,
            [since, until],
            evidence.map(str::to_owned),
            u32::try_from(row.row).unwrap(),
        )
    };
    // At either end.
    let mut expected: Vec<_> = rows.iter().chain(&rows).map(words).collect();
    found.sort();
    expected.sort();
    assert!(found == expected);
    assert_eq!((graph.edges(), graph.build()), (3_000, 7));
    assert_eq!(graph.types().iter().map(|kind| kind.name.as_str()).collect::<Vec<_>>(), ["person", "place"]);
    for node in 0..graph.nodes() {
        assert_eq!(graph.type_of(node), Some(super::type_of(graph.entity(node).unwrap())));
    }
    assert_eq!((graph.type_of(graph.nodes()), graph.entity(graph.nodes()), graph.node(0)), (None, None, None));
}

#[test]
fn no_edges_are_a_graph_too() {
    let empty = graph(&[]);
    assert_eq!((empty.nodes(), empty.edges()), (0, 0));
    assert!(components(&empty, &View::whole()).is_empty());
}

#[test]
fn edges_that_change_between_readings_are_no_graph() {
    let rows = rows(4, 50, 100);
    for second in [&rows[1..], &[rows.clone(), vec![rows[0].clone()]].concat()[..], &super::rows(5, 50, 100)[..]] {
        let mut times = 0;
        let read = |_: &[&str]| {
            times += 1;
            Ok(std::iter::once(Ok(super::batch(if times == 1 { &rows } else { second }))))
        };
        assert!(matches!(build(read, &Options::new(0), |_, _: &[u8]| Ok(())), Err(Error::Changed)));
    }
}

/// Asks everything of it.
pub(super) fn walk(graph: &Graph) {
    let (view, limits) = (View::whole(), Limits { degree: 3, ..Limits::default() });
    for node in (0..graph.nodes().min(40)).chain([u32::MAX]) {
        let found = neighbours(graph, node, &view, &limits);
        found
            .nodes
            .iter()
            .for_each(|reached| _ = (graph.entity(reached.node), graph.type_of(reached.node), graph.source(reached.by.evidence)));
        all_shortest_paths(graph, node, 7, &view, &limits);
        component(graph, node, &view, &limits);
    }
    components(graph, &view);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_byte_is_found_and_ends_nothing(seed in 0u64..8, at in any::<prop::sample::Index>(), bits in 1u8..) {
        let (_, mut bytes) = file(&rows(seed, 20, 60), &Options::new(0)).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        if let Ok(graph) = open(bytes) {
            prop_assert!(matches!(graph.verify(), Err(Error::Damaged { .. })), "byte {at}");
            walk(&graph);
        }
    }

    #[test]
    fn a_file_that_is_cut_or_longer_is_refused(seed in 0u64..8, at in any::<prop::sample::Index>(), more in 1usize..100) {
        let (_, bytes) = file(&rows(seed, 20, 60), &Options::new(0)).unwrap();
        prop_assert!(open(bytes[..at.index(bytes.len())].to_vec()).is_err());
        prop_assert!(open([bytes, vec![0; more]].concat()).is_err());
    }

    #[test]
    fn a_header_that_lies_ends_nothing(at in 1usize..20, word in any::<u64>(), small in 0u64..200, is_small in any::<bool>()) {
        let (_, mut bytes) = file(&rows(3, 20, 60), &Options::new(0)).unwrap();
        bytes[8 * at..8 * at + 8].copy_from_slice(&if is_small { small } else { word }.to_le_bytes());
        let signed = checksum(&bytes[..160]);
        bytes[160..168].copy_from_slice(&signed.to_le_bytes());
        if let Ok(graph) = open(bytes) {
            walk(&graph);
        }
    }

    #[test]
    fn names_and_edges_that_lie_end_nothing(at in any::<prop::sample::Index>(), word in any::<u32>()) {
        let (_, mut bytes) = file(&rows(3, 20, 60), &Options::new(0)).unwrap();
        let at = 192 + at.index(bytes.len() - 196) / 4 * 4;
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        for section in 0..5 {
            let number = |at: usize| usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap();
            let (from, length) = (number(40 + 24 * section), number(48 + 24 * section));
            let sum = checksum(&bytes[from..from + length]);
            bytes[56 + 24 * section..64 + 24 * section].copy_from_slice(&sum.to_le_bytes());
        }
        let signed = checksum(&bytes[..160]);
        bytes[160..168].copy_from_slice(&signed.to_le_bytes());
        if let Ok(graph) = open(bytes) {
            drop(graph.verify());
            walk(&graph);
        }
    }
}
