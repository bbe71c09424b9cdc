//! A file with what changed over it is the file that would be made anew, whatever is asked of it and by whom; and no bytes over it end the program.

use super::{Row, batch, bytes::walk, file, graph, mix, oracle::Asked, rows};
use crate::{
    Error,
    csr::{
        Changed, Graph, Limits, Options, View, all_shortest_paths, common_neighbours, component, components, edges_of, extract,
        header::checksum, lies_over, neighbours, overlay, shortest_path,
    },
};
use arrow_buffer::Buffer;
use petgraph::visit::EdgeRef as _;
use proptest::prelude::*;

/// What changed, as a file; none where that is more than `most`.
fn changes(below: &Graph, rows: &[Row], most: u32, options: &Options) -> Result<Option<(Changed, Vec<u8>)>, Error> {
    let mut file = Vec::new();
    let read = |_: &[&str]| Ok::<_, Error>(rows.chunks(89).map(batch).map(Ok).collect::<Vec<_>>().into_iter());
    let write = |position: u64, bytes: &[u8]| {
        let from = usize::try_from(position).unwrap();
        file.resize(file.len().max(from + bytes.len()), 0);
        file[from..from + bytes.len()].copy_from_slice(bytes);
        Ok(())
    };
    let built = overlay(below, read, most, options, write)?;
    assert!(built.as_ref().is_none_or(|built| built.bytes == file.len() as u64 && built.edges as usize == rows.len()));
    Ok(built.map(|built| (built.changes.unwrap(), file)))
}

/// What changed, over the file.
fn laid_over(below: &Graph, rows: &[Row]) -> Graph {
    let (changed, file) = changes(below, rows, u32::MAX, &Options::new(9)).unwrap().unwrap();
    if changed.is_nothing() {
        assert_eq!(file.len(), 0);
        return below.below();
    }
    assert_eq!(lies_over(&file).unwrap(), Some(7));
    let graph = below.with(Buffer::from_vec(file)).unwrap();
    graph.verify().unwrap();
    assert_eq!(graph.build(), 9);
    graph
}

/// What happens to edges until the next delivery, by chance.
fn next(rows: &[Row], seed: u64, entities: u64, more: u64) -> Vec<Row> {
    let dice = |what: u64, sides: u64| mix(seed * 32 + what) % sides;
    let someone = |what: u64| rows.get(usize::try_from(dice(what, 1 + rows.len() as u64)).unwrap()).map(|row| row.source);
    let (merged, into, gone) = (someone(1), someone(2), someone(3));
    // An entity keeps its type when another leads to it.
    let into = into.filter(|into| merged.is_some_and(|merged| super::type_of(merged) == super::type_of(*into)));
    let (lost, parity) = (super::DEPARTMENTS[usize::try_from(dice(4, 3)).unwrap()], i64::try_from(dice(5, 2)).unwrap());
    let moved = |entity: i64| if Some(entity) == merged { into.unwrap_or(entity) } else { entity };
    let stays = |at: u64, row: &Row| {
        let is_left_out = dice(6, 4) == 0 && row.department == lost || dice(7, 4) == 0 && row.row % 2 == parity;
        !is_left_out && Some(row.source) != gone && Some(row.target) != gone && !mix(seed ^ at << 20).is_multiple_of(8)
    };
    let kept = (0..).zip(rows).filter(|(at, row)| stays(*at, row)).map(|(at, row)| {
        let is_anew = mix(seed ^ at << 21).is_multiple_of(9);
        Row {
            source: moved(row.source),
            target: moved(row.target),
            until: row.until.or(Some("2022-07").filter(|_| mix(seed ^ at << 22).is_multiple_of(10))),
            row: if is_anew { row.row + 1 } else { row.row },
            ..row.clone()
        }
    });
    kept.chain(super::rows(seed + 1, entities + dice(8, 6), more)).collect()
}

/// Everything that two graphs say is the same, numbers and order included.
fn same(one: &Graph, other: &Graph, seed: u64, limits: &Limits) {
    assert_eq!((one.nodes(), one.edges(), one.types()), (other.nodes(), other.edges(), other.types()));
    assert_eq!((one.relations(), one.departments()), (other.relations(), other.departments()));
    let sources = |graph: &Graph| (0..).map_while(|at| graph.source(at).cloned()).collect::<Vec<_>>();
    assert_eq!(sources(one), sources(other));
    let named =
        |graph: &Graph| (0..graph.nodes() + 1).map(|node| (graph.entity(node), graph.type_of(node).map(str::to_owned))).collect::<Vec<_>>();
    assert_eq!(named(one), named(other));
    for entity in -40..300 {
        assert_eq!(one.node(entity), other.node(entity), "{entity}");
    }
    for asked in [None, Some(Asked::at_random(seed)), Some(Asked::at_random(seed + 1))] {
        let sees = |node: u32| asked.as_ref().is_none_or(|asked| other.entity(node).is_some_and(|entity| asked.sees(entity)));
        let view = asked.as_ref().map_or(View::whole(), |asked| asked.view(other, &sees));
        assert_eq!(components(one, &view), components(other, &view));
        for node in 0..=one.nodes() {
            let to = u32::try_from(mix(seed ^ u64::from(node)) % u64::from(one.nodes() + 1)).unwrap();
            assert_eq!(said(one, node, to, &view, limits), said(other, node, to, &view, limits), "{node} to {to} of {asked:?}");
        }
    }
}

/// All that is said of one node and another.
fn said(graph: &Graph, node: u32, to: u32, view: &View<'_>, limits: &Limits) -> String {
    let edges: Vec<_> = edges_of(graph, node, view).collect();
    let taken = extract(graph, node, view, limits);
    let members: Vec<_> = taken.graph.node_weights().collect();
    let ties: Vec<_> = taken.graph.edge_references().map(|edge| (edge.source(), edge.target(), edge.weight())).collect();
    let walks = (
        neighbours(graph, node, view, limits),
        shortest_path(graph, node, to, view, limits),
        all_shortest_paths(graph, node, to, view, limits),
        common_neighbours(graph, node, to, view, limits),
        component(graph, node, view, limits),
    );
    format!("{edges:?} {} {walks:?} {members:?} {ties:?} {:?}", view.degree(graph, node), taken.hit)
}

fn some(rows: &[Row], seed: u64) -> Vec<Row> {
    // Names that come and go.
    let left_out = |what: u64| usize::try_from(mix(seed * 8 + what) % 9).unwrap();
    let is_there = |row: &&Row| {
        super::RELATIONS.get(left_out(0)) != Some(&row.relation) && super::DEPARTMENTS.get(left_out(1)) != Some(&row.department)
    };
    rows.iter().filter(is_there).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_file_with_changes_is_one_made_anew(
        seed in 0u64..1 << 24, entities in 2u64..40, before in 0u64..150, more in 0u64..30, hops in 1u8..4, degree in 1u32..9, budget in 1usize..200,
    ) {
        let mut now = some(&rows(seed, entities, before), seed);
        let below = graph(&now);
        let mut newest = below.clone();
        for step in 0..3 {
            now = next(&now, seed + step * 1_000, entities, more);
            // What was laid over before is replaced, not built upon.
            newest = laid_over(&newest, &now);
            let limits = Limits { hops, degree, visited: budget * 4, results: budget };
            same(&newest, &graph(&now), seed, &limits);
        }
        prop_assert_eq!(laid_over(&newest, &some(&rows(seed, entities, before), seed)).edges(), below.edges());
    }
}

#[test]
fn many_nodes_and_hubs_are_as_in_a_file_made_anew() {
    let old = rows(5, 6_000, 12_000);
    let (below, now) = (graph(&old), next(&old, 77, 6_100, 300));
    let (changed, anew) = (laid_over(&below, &now), graph(&now));
    assert!(anew.nodes() > 3_000, "so that there are blocks of nodes");
    let (view, limits) = (View::whole(), Limits { degree: 100, hops: 3, visited: 4_000, results: 500 });
    assert_eq!(components(&changed, &view), components(&anew, &view));
    for node in (0..60).chain((60..anew.nodes()).step_by(7)) {
        assert_eq!(changed.entity(node), anew.entity(node));
        assert_eq!(changed.node(anew.entity(node).unwrap()), Some(node));
        let ties = |graph| edges_of(graph, node, &view).collect::<Vec<_>>();
        assert_eq!(ties(&changed), ties(&anew));
        if node % 5 == 0 {
            assert_eq!(neighbours(&changed, node, &view, &limits), neighbours(&anew, node, &view, &limits));
        }
    }
}

#[test]
fn what_is_in_another_order_changed_just_so() {
    let (old, options) = (rows(1, 200, 900), Options::new(9));
    let (below, mut now) = (graph(&old), next(&old, 3, 210, 40));
    let ordered = changes(&below, &now, u32::MAX, &options).unwrap();
    now.reverse();
    assert!(changes(&below, &now, u32::MAX, &Options { threads: 1, ..options }).unwrap() == ordered);
}

#[test]
fn too_much_is_made_anew_and_nothing_needs_no_file() {
    let old = rows(1, 50, 400);
    let (below, options) = (graph(&old), Options::new(9));
    let now = [&old[7..], &rows(2, 50, 12)].concat();
    let edges = |most| changes(&below, &now, most, &options).unwrap().map(|(changed, _)| changed);
    let Some(changed) = edges(u32::MAX) else { panic!("it may be all") };
    assert!(changed.came > 0 && changed.came - changed.went + 400 == u32::try_from(now.len()).unwrap());
    let count = changed.came + changed.went;
    assert_eq!((edges(count), edges(count - 1), edges(0)), (Some(changed), None, None));
    assert_eq!(changes(&below, &now, u32::MAX, &Options { memory: 100, ..options }).unwrap(), None, "there is no memory for so many");
    assert_eq!(changes(&below, &old, 0, &options).unwrap(), Some((Changed::default(), vec![])));
    assert_eq!(laid_over(&below, &[]).nodes(), 0, "all went");
    assert_eq!(laid_over(&graph(&[]), &old).edges(), 400, "all came");
}

#[test]
fn it_lies_over_the_file_that_it_was_made_for() {
    let (old, now) = (rows(1, 50, 100), rows(2, 50, 100));
    let (_, over) = changes(&graph(&old), &now, u32::MAX, &Options::new(9)).unwrap().unwrap();
    let other = graph(&old[1..]);
    assert!(matches!(other.with(Buffer::from_vec(over.clone())), Err(Error::Damaged { .. })));
    let (_, whole) = file(&old, &Options::new(7)).unwrap();
    assert!(matches!(Graph::open(Buffer::from_vec(over)), Err(Error::Damaged { .. })), "alone it is no graph");
    assert_eq!(lies_over(&whole).unwrap(), None);
    assert!(graph(&old).with(Buffer::from_vec(whole.clone())).is_err());
    let mut sick = whole;
    let last = sick.len() - 5;
    sick[last] ^= 1;
    let sick = Graph::open(Buffer::from_vec(sick)).unwrap();
    assert!(matches!(changes(&sick, &now, u32::MAX, &Options::new(9)), Err(Error::Damaged { .. })), "damage is not built upon");
}

/// A graph, and the bytes of what changed since.
fn both(seed: u64) -> (Graph, Vec<u8>) {
    let old = rows(seed, 20, 60);
    let below = graph(&old);
    let (_, over) = changes(&below, &next(&old, seed, 25, 12), u32::MAX, &Options::new(9)).unwrap().unwrap();
    (below, over)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_damaged_byte_over_it_is_found_and_ends_nothing(seed in 0u64..8, at in any::<prop::sample::Index>(), bits in 1u8..) {
        let (below, mut bytes) = both(seed);
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        if let Ok(graph) = below.with(Buffer::from_vec(bytes)) {
            prop_assert!(matches!(graph.verify(), Err(Error::Damaged { .. })), "byte {at}");
            walk(&graph);
        }
    }

    #[test]
    fn what_is_cut_or_longer_is_refused(seed in 0u64..8, at in any::<prop::sample::Index>(), more in 1usize..100) {
        let (below, bytes) = both(seed);
        prop_assert!(below.with(Buffer::from_vec(bytes[..at.index(bytes.len())].to_vec())).is_err());
        prop_assert!(below.with(Buffer::from_vec([bytes, vec![0; more]].concat())).is_err());
    }

    #[test]
    fn bytes_that_lie_end_nothing(seed in 0u64..8, at in any::<prop::sample::Index>(), word in any::<u32>(), small in 0u32..64, is_small in any::<bool>()) {
        let (below, mut bytes) = both(seed);
        let at = 16 + at.index(bytes.len() - 20) / 4 * 4;
        bytes[at..at + 4].copy_from_slice(&if is_small { small } else { word }.to_le_bytes());
        for section in 0..9 {
            let from = 16 + 8 * 11 + 24 * section;
            let number = |at: usize| usize::try_from(u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())).unwrap_or(usize::MAX);
            let (position, length) = (number(from), number(from + 8));
            if let Some(part) = position.checked_add(length).and_then(|end| bytes.get(position..end)) {
                let sum = checksum(part);
                bytes[from + 16..from + 24].copy_from_slice(&sum.to_le_bytes());
            }
        }
        let signed = 16 + 8 * 11 + 24 * 9;
        let sum = checksum(&bytes[..signed]);
        bytes[signed..signed + 8].copy_from_slice(&sum.to_le_bytes());
        if let Ok(graph) = below.with(Buffer::from_vec(bytes)) {
            drop(graph.verify());
            walk(&graph);
        }
    }
}
