//! What changed edges cost: a file of them over the one of the graph, beside a file made anew. Both have to answer alike.

use crate::{
    asked,
    city::{City, mix},
    made,
};
use std::time::Instant;
use wuwei_graph::csr::{Graph, Limits, Options, View, build, edges_of, neighbours, overlay};

/// In words of JSON, of a graph and the city that it was made of as that is now.
pub(crate) fn told(below: &Graph, city: City) -> String {
    let options = Options::new(2);
    let (built, costs, bytes) = made(&city, |write| overlay(below, |_| Ok(city.batches()), u32::MAX, &options, write).unwrap().unwrap());
    let started = Instant::now();
    let changed = below.with(bytes).unwrap();
    let opened = started.elapsed().as_secs_f64() * 1e3;
    let (_, anew_costs, bytes) = made(&city, |write| build(|_| Ok(city.batches()), &options, write).unwrap());
    let anew = Graph::open(bytes).unwrap();
    alike(&changed, &anew);
    let (changes, walks, walks_anew) = (built.changes.unwrap(), asked(&changed, &city), asked(&anew, &city));
    format!(
        r#""changed":{{"came":{},"went":{},"bytes":{},{costs},"open_ms":{opened:.3},{walks}}},"anew":{{{anew_costs},{walks_anew}}}"#,
        changes.came, changes.went, built.bytes
    )
}

/// Asserts it here and there.
fn alike(changed: &Graph, anew: &Graph) {
    assert_eq!((changed.nodes(), changed.edges(), changed.types()), (anew.nodes(), anew.edges(), anew.types()));
    let (view, limits) = (View::whole(), Limits { hops: 2, ..Limits::default() });
    for at in 0..2_000 {
        let node = u32::try_from(mix(at) % u64::from(anew.nodes())).unwrap();
        assert_eq!(changed.entity(node), anew.entity(node));
        assert!(edges_of(changed, node, &view).eq(edges_of(anew, node, &view)), "edges of {node}");
        assert_eq!(neighbours(changed, node, &view, &limits), neighbours(anew, node, &view, &limits));
    }
}
