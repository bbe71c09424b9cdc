//! How two entities hang together: one shortest path along what whoever has the session sees, and of each step the row that asserts it. It is
//! asked of `shortest_path`, so no other way to the graph is opened here.

use super::{Called, captions};
use crate::{Error, cells, clock, hub::Hub};
use arrow_array::{Array as _, RecordBatch, cast::AsArray as _};
use serde::Serialize;
use wuwei_query::{AsOf, Neighbour, Session};

/// Between whom, and along what.
#[derive(Debug, Clone)]
pub(crate) struct Between {
    /// The numbers that the two have or had.
    pub(crate) ends: [i64; 2],
    /// Steps at most.
    pub(crate) hops: u8,
    /// Relations; all where none is named.
    pub(crate) relations: Vec<String>,
    /// The day on which edges hold.
    pub(crate) as_of: AsOf,
}

/// A path: none of its parts where there is no path in sight.
#[derive(Debug, Serialize)]
pub(crate) struct Path {
    /// Entities from the one to the other; `hops` are steps from the first.
    nodes: Vec<Called>,
    steps: Vec<Step>,
}

/// A step, with one of the edges that it can be gone by.
#[derive(Debug, Serialize)]
struct Step {
    from: i64,
    to: i64,
    relation: String,
    /// Whether the edge leads the way that is gone.
    forward: bool,
    /// How many edges there are between the two.
    edges: i64,
    since: Option<String>,
    until: Option<String>,
    department: String,
    extract: String,
    batch: String,
    sheet: Option<String>,
    row: i64,
}

/// One shortest path.
///
/// # Errors
/// A relation is unknown to whoever asks, the graph cannot be walked, or the look cannot be accounted for.
pub(crate) async fn path(hub: &Hub, session: &Session, wanted: &Between) -> Result<Path, Error> {
    let look = session.begin("graph", &format!("{wanted:?}"), &Session::surroundings_read(), clock::now_ms())?;
    let (mut nodes, mut steps) = (Vec::<Neighbour>::new(), Vec::new());
    for batch in &look.session().sql(&question(wanted), clock::now_ms()).await?.batches {
        read(batch, &mut nodes, &mut steps)?;
    }
    let mut captions = captions(hub, look.session(), &nodes).await?;
    let shown = nodes.iter().map(|node| (node.entity.as_str(), node.entity_id));
    look.close(hub.persons(shown), nodes.len() as u64).await?;
    let nodes = nodes.into_iter().map(|node| Called::of(node, &mut captions)).collect();
    Ok(Path { nodes, steps })
}

fn question(wanted: &Between) -> String {
    let Between { ends: [from, to], hops, relations, as_of } = wanted;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let relations = if relations.is_empty() { String::new() } else { format!(", types => {}", quoted(&relations.join(","))) };
    let as_of = match as_of {
        AsOf::Today => String::new(),
        AsOf::Day(day) => format!(", as_of => {}", quoted(day)),
        AsOf::Any => ", as_of => NULL".to_owned(),
    };
    format!("SELECT * FROM shortest_path({from}, {to}, max_hops => {hops}{relations}{as_of}) s ORDER BY s.step")
}

/// The steps of a batch, with the entities that they lead to; before the first, the one that they lead from.
fn read(batch: &RecordBatch, nodes: &mut Vec<Neighbour>, steps: &mut Vec<Step>) -> Result<(), Error> {
    let numbers = ["from_id", "to_id", "edges", "row"].map(|name| cells::numbers(batch, name));
    let [from, to, edges, rows] = numbers;
    let (from, to, edges, rows) = (from?, to?, edges?, rows?);
    let names = ["from_entity", "to_entity", "relation", "department", "extract", "batch", "since", "until", "sheet"];
    let texts = names.iter().map(|name| cells::texts(batch, name)).collect::<Result<Vec<_>, _>>()?;
    let forward = batch.column_by_name("is_forward").and_then(|column| column.as_boolean_opt());
    let forward = forward.ok_or_else(|| Error::defect("a path does not say which way its edges lead"))?;
    for at in 0..batch.num_rows() {
        let known = |column: usize| cells::text(&texts[column], at).map(str::to_owned);
        let sure = |column: usize| known(column).unwrap_or_default();
        let node = |entity_id: i64, column: usize, hops: usize| Neighbour {
            entity_id,
            entity: sure(column),
            hops: u8::try_from(hops).unwrap_or(u8::MAX),
            hubs: Vec::new(),
        };
        if nodes.is_empty() {
            nodes.push(node(from.value(at), 0, 0));
        }
        nodes.push(node(to.value(at), 1, steps.len() + 1));
        steps.push(Step {
            from: from.value(at),
            to: to.value(at),
            relation: sure(2),
            forward: forward.is_valid(at) && forward.value(at),
            edges: edges.value(at),
            since: known(6),
            until: known(7),
            department: sure(3),
            extract: sure(4),
            batch: sure(5),
            sheet: known(8),
            row: rows.value(at),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_holds_names_as_texts_and_days_as_told() {
        let wanted = |relations: &[&str], as_of| Between {
            ends: [7, 9],
            hops: 4,
            relations: relations.iter().map(|name| (*name).to_owned()).collect(),
            as_of,
        };
        assert_eq!(question(&wanted(&[], AsOf::Today)), "SELECT * FROM shortest_path(7, 9, max_hops => 4) s ORDER BY s.step");
        let quoted = question(&wanted(&["spouse", "o'r"], AsOf::Any));
        assert!(quoted.contains("types => 'spouse,o''r', as_of => NULL"), "{quoted}");
        assert!(question(&wanted(&[], AsOf::Day("2026-11".to_owned()))).contains("as_of => '2026-11'"));
    }
}
