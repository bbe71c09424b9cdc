//! What came of what runs by itself, as codes with what belongs into their sentences: pages, the API and the command line tell them in the language
//! of whoever asks (`notice.…` in `deploy/console/locale/`). What in particular is wrong stays in an error's own words, beside its code.

use crate::{
    Error,
    command::{audit::Verified, indicators::Kept},
    pipeline::{Linked, Resolved, Stage, Stages, State},
    watch::Handed,
};
use wuwei_graph::Way;
use wuwei_query::Error as Refused;
use wuwei_schema::Notice;

/// What became of the stages, in their order.
pub(crate) fn of_stages(stages: &Stages) -> Vec<Notice> {
    let told = |stage: Stage| stages.get(stage.name()).map(|state| of_stage(stage, state)).unwrap_or_default();
    [Stage::Resolve, Stage::Link, Stage::Index].into_iter().flat_map(told).collect()
}

fn of_stage(stage: Stage, state: &State) -> Vec<Notice> {
    match (state, stage) {
        (State::Unchanged(_), Stage::Resolve) => vec![Notice::new("resolve-unchanged")],
        (State::Unchanged(_), Stage::Link) => vec![Notice::new("link-unchanged")],
        (State::Unchanged(_), Stage::Index) => vec![Notice::new("index-unchanged")],
        (State::Resolved(reports), _) => reports.iter().flat_map(of_type).collect(),
        (State::Linked(linked), _) => of_links(linked),
        (State::Indexed(records), _) => {
            records.iter().map(|(entity, count)| Notice::new("indexed").with("type", entity).with("records", count)).collect()
        }
    }
}

fn of_type(Resolved { resolution: found, identity: now }: &Resolved) -> Vec<Notice> {
    if found.way == Some(Way::Unchanged) {
        return vec![Notice::new("type-unchanged").with("type", &found.entity).with("entities", found.entities)];
    }
    let resolved = Notice::new("resolved").with("type", &found.entity).with("records", found.records).with("entities", found.entities);
    let resolved = resolved.with("compared", found.compared).with("joined", found.joined);
    let changes = Notice::new("numbers-changed").with("type", &found.entity).with("born", now.born).with("merged", now.merged);
    let changes = changes.with("split", now.split).with("restored", now.restored).with("retired", now.retired);
    let has_any = now.born + now.merged + now.split + now.restored + now.retired > 0;
    std::iter::once(resolved).chain(has_any.then_some(changes)).collect()
}

fn of_links(Linked { link, graph }: &Linked) -> Vec<Notice> {
    let edges: u64 = link.edges.values().sum();
    let linked = Notice::new("linked").with("relations", link.read).with("edges", edges);
    let laid = Notice::new("graph-laid").with("entities", graph.nodes);
    let laid = match &graph.changes {
        None => laid,
        Some(changes) => Notice::new("graph-changed").with("entities", graph.nodes).with("came", changes.came).with("went", changes.went),
    };
    vec![linked.with("dangling", link.dangling).with("loops", link.loops), laid]
}

/// What became of keeping the figures.
pub(crate) fn of_figures(kept: &Kept) -> Notice {
    match kept.figures {
        0 => Notice::new("figures-unchanged"),
        figures => Notice::new("figures-kept").with("figures", figures).with("areas", kept.areas).with("epoch", kept.epoch),
    }
}

/// What the proof of the audit came to.
pub(crate) fn of_audit(Verified { chain, checkpoint, .. }: &Verified) -> Vec<Notice> {
    let whole = Notice::new("audit-whole").with("entries", chain.entries).with("segments", chain.segments);
    vec![whole.with("removed", chain.removed), Notice::new("audit-checkpoint").with("checkpoint", checkpoint)]
}

/// What became of a file in a watched folder.
pub(crate) fn of_file(Handed { department, file, lies, is_loaded, .. }: &Handed) -> Notice {
    let told = if *is_loaded { Notice::new("file-loaded") } else { Notice::new("file-refused") };
    told.with("department", department).with("file", file).with("lies", lies)
}

/// Why something failed, by whose turn it is.
pub(crate) fn of_failure(error: &Error) -> Notice {
    match error {
        Error::Query(Refused::Chain { .. }) => Notice::new("failed-chain"),
        Error::Query(Refused::Account { .. }) => Notice::new("failed-audit"),
        Error::Query(Refused::Limit { .. }) => Notice::new("failed-limit"),
        Error::Model(_) | Error::Ingest(_) => Notice::new("failed-definitions"),
        Error::File { .. } | Error::System(_) | Error::Lake(_) => Notice::new("failed-disk"),
        _ => Notice::new("failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_told_in_their_order_and_a_failure_by_whose_turn_it_is() {
        let states = [("index", State::Indexed([("person".to_owned(), 7)].into())), ("resolve", State::Unchanged("up to date"))];
        let told = of_stages(&states.into_iter().collect());
        assert_eq!(told, [Notice::new("resolve-unchanged"), Notice::new("indexed").with("type", "person").with("records", 7)]);
        let full = Error::file("writing", "/srv/hub/tables")(std::io::Error::other("full"));
        assert_eq!(of_failure(&full), Notice::new("failed-disk"), "where it lies is the operator's to know");
        assert_eq!(of_failure(&Error::defect("x")).code, "failed");
    }
}
