//! `wuwei resolve`, `link`, `index`, `refresh`: the stages, one by one or all that are out of date.

use crate::{Error, cli::Common, hub::Hub, output, pipeline};
use pipeline::{Learning, Linked, Resolved, Stage, Stages, State};
use serde::Serialize;
use wuwei_graph::Way;

#[derive(Serialize)]
struct Ran {
    stages: Stages,
    epoch: u64,
}

pub(super) async fn resolve(common: &Common, learning: Learning) -> Result<(), Error> {
    let mut hub = Hub::open(common, "resolve").await?;
    let state = pipeline::resolve(&mut hub, learning).await?;
    print(common, &hub, [(Stage::Resolve.name(), state)].into())
}

pub(super) async fn link(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common, "link").await?;
    let state = pipeline::link(&mut hub, pipeline::Build::Anew).await?;
    print(common, &hub, [(Stage::Link.name(), state)].into())
}

pub(super) async fn index(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common, "index").await?;
    let state = pipeline::index(&mut hub, pipeline::Build::Anew).await?;
    print(common, &hub, [(Stage::Index.name(), state)].into())
}

pub(super) async fn refresh(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common, "refresh").await?;
    let stages = pipeline::refresh(&mut hub).await?;
    print(common, &hub, stages)
}

fn print(common: &Common, hub: &Hub, stages: Stages) -> Result<(), Error> {
    output::print(common, &Ran { stages, epoch: hub.lake.epoch().number }, |ran| text(&ran.stages))
}

/// Stages and what they say of themselves.
pub(crate) fn text(stages: &Stages) -> String {
    let said = |(name, state): (&&str, &State)| match state {
        State::Unchanged(words) => format!("{name}: {words}\n"),
        State::Resolved(reports) => format!("{name}:\n{}", resolved(reports)),
        State::Linked(Linked { link, graph }) => {
            let edges: u64 = link.edges.values().sum();
            let (read, dangling, loops) = (link.read, link.dangling, link.loops);
            let (nodes, bytes) = (graph.nodes, graph.bytes);
            let graph = match &graph.changes {
                None => format!("a graph of {nodes} entities in {bytes} bytes"),
                Some(changes) => {
                    let (came, went) = (changes.came, changes.went);
                    format!("a graph of {nodes} entities: {came} edges came, {went} went since its file was made, in {bytes} bytes")
                }
            };
            format!("{name}: {read} relations, {edges} edges, {dangling} without a record's entity, {loops} loops, {graph}\n")
        }
        State::Indexed(records) => records.iter().map(|(entity, count)| format!("{name}: {count} records of {entity}\n")).collect(),
    };
    // In the order in which they run.
    let order = |name: &str| [Stage::Resolve, Stage::Link, Stage::Index].iter().position(|stage| stage.name() == name);
    let mut ran: Vec<_> = stages.iter().collect();
    ran.sort_by_key(|(name, _)| order(name));
    ran.into_iter().map(said).collect()
}

fn resolved(reports: &[Resolved]) -> String {
    let row = |Resolved { resolution: found, identity: now }: &Resolved| {
        let counts = [found.records, found.entities, found.compared, found.carried, found.refused, found.joined, found.prevented];
        let changes = [now.born, now.merged, now.split, now.restored, now.retired];
        let words = [found.entity.clone(), way(found.way).to_owned()];
        words.into_iter().chain(counts.into_iter().chain(changes).map(|count| count.to_string())).collect::<Vec<_>>()
    };
    let headings = [
        "type",
        "weights",
        "records",
        "entities",
        "pairs compared",
        "kept from before",
        "refused by guard",
        "joined by weight",
        "prevented",
        "born",
        "merged",
        "split",
        "restored",
        "retired",
    ];
    output::table(&headings, &reports.iter().map(row).collect::<Vec<_>>())
}

/// By what pairs were weighed, and which were.
fn way(way: Option<Way>) -> &'static str {
    match way {
        None => "-",
        Some(Way::Learned) => "learned now",
        Some(Way::Weighed) => "learned before, all pairs",
        Some(Way::Increment) => "learned before, new pairs",
        Some(Way::Unchanged) => "nothing changed",
    }
}
