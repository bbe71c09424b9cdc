//! `wuwei person`: one person, one file 一人一档, or the file of any other entity.

use super::correct;
use crate::{
    Error,
    cli::Common,
    file::{self, PersonFile, hidden},
    hub::Hub,
    output,
};
use wuwei_graph::{EntityFile, Related, Source};
use wuwei_schema::Label;

pub(super) async fn run(common: &Common, id: i64) -> Result<(), Error> {
    let hub = Hub::open(common, "person").await?;
    output::print(common, &file::person(&hub.session()?, &hub.definitions.model, id).await?, |shown| {
        let corrections = if shown.corrections.is_empty() { String::new() } else { correct::text(&shown.corrections) };
        format!("{}{}{}{corrections}{}", said(shown), text(&shown.file), seam(&shown.file), hidden::text(&shown.withheld))
    })
}

fn said(shown: &PersonFile) -> String {
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

/// Where it would come apart, and what that needs.
fn seam(file: &EntityFile) -> String {
    let Some(seam) = &file.merged.seam else { return String::new() };
    let records = |part: &[i64]| part.iter().map(|record| format!("r{record}")).collect::<Vec<_>>().join(" ");
    let by = seam.links.iter().map(|tie| format!("r{} – r{} {}", tie.left, tie.right, tie.by)).collect::<Vec<_>>().join("; ");
    let second = if seam.second_person { output::words("，须第二人复核", ", with a second person") } else { "" };
    format!(
        "\n{}: {} | {} ({by}); {} {}{second}\n",
        output::words("最弱连接", "weakest where"),
        records(&seam.left),
        records(&seam.right),
        output::words("拆分需判定不同的记录对", "to split, pairs to decide different:"),
        seam.pairs
    )
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
            sources(related),
        ]
    };
    output::table(&["relation", "", "id", "to", "since – until", "source"], &relations.iter().map(row).collect::<Vec<_>>())
}

fn sources(related: &Related) -> String {
    std::iter::once(&related.source).chain(&related.also).map(source).collect::<Vec<_>>().join("; ")
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
