//! `wuwei person`: one person, one file 一人一档, or the file of any other entity.

use crate::{Error, cli::Common, clock, gather, hub::Hub, output};
use serde::Serialize;
use wuwei_graph::{EntityFile, Related, Source};
use wuwei_query::Session;
use wuwei_schema::Label;

pub(super) async fn run(common: &Common, id: i64) -> Result<(), Error> {
    let hub = Hub::open(common, "person").await?;
    output::print(common, &file(&hub, &hub.session()?, id).await?, |shown| format!("{}{}", said(shown), text(&shown.file)))
}

/// The file of an entity, for whoever has the session.
pub(crate) async fn file(hub: &Hub, session: &Session, id: i64) -> Result<Shown, Error> {
    let look = session.begin("person", &id.to_string(), &[], clock::now_ms())?;
    let (entity, gathered) = gather::entity(look.session(), &hub.definitions.model, id).await?;
    let file = wuwei_graph::entity_file(&hub.definitions.model, entity, &gathered)?;
    let related = file.relations.iter().map(|related| (related.entity.as_str(), related.entity_id));
    look.close(hub.persons([(file.entity.as_str(), file.entity_id)].into_iter().chain(related)), 1).await?;
    let merged = (file.entity_id != id).then_some(id);
    Ok(Shown { merged_from: merged, file })
}

/// A file, and the number that was asked for when it is not the entity's any more.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<i64>,
    #[serde(flatten)]
    file: EntityFile,
}

fn said(shown: &Shown) -> String {
    shown.merged_from.map(|old| format!("{old} was merged into {}\n\n", shown.file.entity_id)).unwrap_or_default()
}

fn text(file: &EntityFile) -> String {
    let mut text = format!("{} {}  {}\n", output::said(&file.label), file.entity_id, file.caption);
    text.push_str(&format!("{} · {} conflicts\n\n", file.departments.join(", "), file.conflicts));
    let mut rows = Vec::new();
    for property in &file.identity {
        for (at, asserted) in property.values.iter().enumerate() {
            let name = if at == 0 { output::said(&property.label).to_owned() } else { String::new() };
            let mark = if property.conflict { "▲" } else { "" };
            let note = property.note.as_ref().filter(|_| at == 0).map_or_else(String::new, |note| format!("（{note}）"));
            let value = format!("{}{note}", asserted.value);
            rows.push(vec![name, mark.to_owned(), value, source(&asserted.source), asserted.source.observed.clone()]);
        }
    }
    text.push_str(&output::table(&["property", "", "value", "source", "observed"], &rows));
    if !file.relations.is_empty() {
        text.push_str(&format!("\n{}", related(&file.relations)));
    }
    text
}

/// Relations as a table.
fn related(relations: &[Related]) -> String {
    let row = |related: &Related| {
        let arrow = if related.outward { "→" } else { "←" };
        let span = format!("{} – {}", related.since.as_deref().unwrap_or("?"), related.until.as_deref().unwrap_or(""));
        vec![
            output::said(&related.label).to_owned(),
            arrow.to_owned(),
            related.entity_id.to_string(),
            related.caption.clone(),
            span,
            source(&related.source),
        ]
    };
    output::table(&["relation", "", "id", "to", "since – until", "source"], &relations.iter().map(row).collect::<Vec<_>>())
}

/// Department, extract, sheet and row.
pub(super) fn source(source: &Source) -> String {
    let sheet = if source.sheet.is_empty() { String::new() } else { format!(" {}", source.sheet) };
    format!("{} {}{sheet}:{}", source.department, source.extract, source.row)
}

/// Labels in the reader's language.
pub(super) fn labels(labels: &[Label]) -> String {
    labels.iter().map(output::said).collect::<Vec<_>>().join(", ")
}
