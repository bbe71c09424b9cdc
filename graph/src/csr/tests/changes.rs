//! A file with changes is the graph that a file made anew would be.

use super::{
    Row, batch, graph,
    oracle::Asked,
    rows, said,
    walks::{WIDE, World},
};
use crate::{
    Error,
    csr::{Graph, View, edges_of},
};
use proptest::prelude::*;

/// Every edge at either end, in words.
fn all(graph: &Graph) -> Vec<String> {
    let view = View::whole();
    let said = |node| edges_of(graph, node, &view).map(|edge| format!("{:?}", said(graph, &edge))).collect::<Vec<_>>();
    let mut all: Vec<String> = (0..graph.nodes()).flat_map(said).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_file_with_changes_is_one_made_anew(seed in 0u64..1 << 20, entities in 2u64..14, before in 0u64..40, came in 0u64..30, went in 2usize..9) {
        let old = rows(seed, entities, before);
        let new: Vec<Row> = rows(seed + 1, entities + 4, came);
        let is_gone = |at: usize| at.is_multiple_of(went);
        let gone: Vec<Row> = old.iter().enumerate().filter(|(at, _)| is_gone(*at)).map(|(_, row)| row.clone()).collect();
        let stays: Vec<Row> = old.iter().enumerate().filter(|(at, _)| !is_gone(*at)).map(|(_, row)| row.clone()).collect();
        let half = new.len() / 2;
        let changed = graph(&old).with(&[batch(&new[..half])], &[batch(&gone)]).unwrap();
        let changed = changed.with(&[batch(&new[half..]), batch(&gone)], &[]).unwrap().with(&[], &[batch(&gone)]).unwrap();
        let now = [stays, new].concat();
        let anew = graph(&now);
        prop_assert_eq!(all(&changed), all(&anew));
        prop_assert_eq!(changed.edges(), anew.edges());
        prop_assert!(changed.verify().is_ok());
        prop_assert!((0..changed.nodes()).all(|node| changed.node(changed.entity(node).unwrap()) == Some(node)));
        prop_assert!((0..changed.nodes()).all(|node| changed.type_of(node) == Some(super::type_of(changed.entity(node).unwrap()))));
        let entities = super::oracle::ordered(&now);
        let world = World::of(changed, now, Asked::at_random(seed), WIDE);
        for from in &entities {
            world.around(*from);
            world.together(*from);
            entities.iter().for_each(|to| world.all_paths(*from, *to));
        }
    }
}

#[test]
fn what_is_not_there_cannot_go() {
    let held = rows(1, 20, 30);
    let mut other = held[0].clone();
    other.row += 1_000;
    for gone in [vec![other], vec![held[5].clone(); 40]] {
        assert!(matches!(graph(&held).with(&[], &[batch(&gone)]), Err(Error::Changed)));
    }
}
