//! What is around an entity, with what each is called: the graph as a picture shows it, for whoever has the session. Nothing is said of who in
//! it matters more.

mod path;

use crate::{Error, cells, clock, hub::Hub};
pub(crate) use path::{Between, path};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_query::{Around, Neighbour, Session, Surroundings};

/// Entities named in one question.
const TOGETHER: usize = 1_000;

/// Nodes and edges.
#[derive(Debug, Serialize)]
pub(crate) struct Picture {
    nodes: Vec<Called>,
    #[serde(flatten)]
    around: Surroundings,
}

/// An entity with its caption, where whoever asks sees one.
#[derive(Debug, Serialize)]
struct Called {
    #[serde(flatten)]
    node: Neighbour,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
}

impl Called {
    fn of(node: Neighbour, captions: &mut BTreeMap<i64, String>) -> Called {
        Called { caption: captions.remove(&node.entity_id).filter(|caption| !caption.is_empty()), node }
    }
}

/// The picture around an entity.
///
/// # Errors
/// A relation is unknown to whoever asks, the graph cannot be walked, or the look cannot be accounted for.
pub(crate) async fn picture(hub: &Hub, session: &Session, wanted: Around) -> Result<Picture, Error> {
    let look = session.begin("graph", &format!("{wanted:?}"), &Session::surroundings_read(), clock::now_ms())?;
    let mut around = look.session().surroundings(wanted, clock::now_ms()).await?;
    let nodes = std::mem::take(&mut around.nodes);
    let mut captions = captions(hub, look.session(), &nodes).await?;
    let shown = nodes.iter().map(|node| (node.entity.as_str(), node.entity_id));
    look.close(hub.persons(shown), nodes.len() as u64).await?;
    Ok(Picture { nodes: nodes.into_iter().map(|node| Called::of(node, &mut captions)).collect(), around })
}

/// What entities are called, of types whose rows are seen: the first property of their caption that says something.
async fn captions(hub: &Hub, session: &Session, nodes: &[Neighbour]) -> Result<BTreeMap<i64, String>, Error> {
    let mut of_type = BTreeMap::<&str, BTreeSet<i64>>::new();
    for node in nodes {
        of_type.entry(&node.entity).or_default().insert(node.entity_id);
    }
    let mut captions = BTreeMap::new();
    for (name, ids) in of_type {
        let Some(entity) = hub.definitions.model.entity(name) else { continue };
        let table = format!("entity.{name}");
        if entity.caption.is_empty() || !session.sees_rows_of(&table, "")? {
            continue;
        }
        let columns: Vec<String> = entity.caption.iter().map(|column| format!("CAST(\"{column}\" AS VARCHAR)")).collect();
        for some in ids.into_iter().collect::<Vec<_>>().chunks(TOGETHER) {
            let some = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let question =
                format!("SELECT entity_id, coalesce({}, '') AS caption FROM {table} WHERE entity_id IN ({some})", columns.join(", "));
            for batch in session.sql(&question, clock::now_ms()).await?.batches {
                let (ids, texts) = (cells::numbers(&batch, "entity_id")?, cells::texts(&batch, "caption")?);
                captions.extend(ids.values().iter().copied().zip(texts.iter().map(|text| text.unwrap_or_default().to_owned())));
            }
        }
    }
    Ok(captions)
}
