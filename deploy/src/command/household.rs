//! `wuwei household`: one household, one file 一户一档.

use super::{
    correct,
    person::{labels, source},
};
use crate::{
    Error,
    cli::Common,
    file::{self, hidden},
    hub::Hub,
    output,
};
use wuwei_graph::{HouseholdFile, Joint, Member};

pub(super) async fn run(common: &Common, id: i64) -> Result<(), Error> {
    let hub = Hub::open(common, "household").await?;
    output::print(common, &file::household(&hub.session()?, &hub.definitions.model, id).await?, |shown| {
        let corrections = if shown.corrections.is_empty() { String::new() } else { correct::text(&shown.corrections) };
        format!("{}{corrections}{}", text(&shown.file), hidden::text(&shown.withheld))
    })
}

fn text(file: &HouseholdFile) -> String {
    let now = |present: bool| if present { "now" } else { "before" }.to_owned();
    let member = |member: &Member| {
        let sources: Vec<String> = member.sources.iter().map(source).collect();
        vec![
            now(member.present),
            member.entity_id.to_string(),
            member.caption.clone(),
            labels(&member.relations),
            member.qualifiers.join(", "),
            sources.join("; "),
        ]
    };
    let shared = |shared: &Joint| {
        vec![
            now(shared.present),
            shared.entity_id.to_string(),
            shared.caption.clone(),
            labels(&shared.relations),
            shared.members.len().to_string(),
        ]
    };
    let tied = |what: &str, of: &[Joint]| output::table(&["", "id", what, "as", "members"], &of.iter().map(shared).collect::<Vec<_>>());
    let beside = if file.households.is_empty() { String::new() } else { format!("\n{}", tied("household beside", &file.households)) };
    format!(
        "{} {}  {}\n\n{}\n{}{beside}",
        output::said(&file.label),
        file.entity_id,
        file.caption,
        output::table(&["", "id", "member", "as", "kind", "source"], &file.members.iter().map(member).collect::<Vec<_>>()),
        tied("dwelling", &file.dwellings),
    )
}
