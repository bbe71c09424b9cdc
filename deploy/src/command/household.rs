//! `wuwei household`: one household, one file 一户一档.

use super::person::{labels, source};
use crate::{Error, cli::Common, clock, gather, hub::Hub, output};
use wuwei_graph::{Dwelling, HouseholdFile, Member};
use wuwei_query::Session;

pub(super) async fn run(common: &Common, id: i64) -> Result<(), Error> {
    let hub = Hub::open(common, "household").await?;
    output::print(common, &file(&hub, &hub.session()?, id).await?, text)
}

/// The file of a household, for whoever has the session.
pub(crate) async fn file(hub: &Hub, session: &Session, id: i64) -> Result<HouseholdFile, Error> {
    let look = session.begin("household", &id.to_string(), &[], clock::now_ms())?;
    let (entity, gathered) = gather::household(look.session(), &hub.definitions.model, id).await?;
    if entity.name != "household" {
        return Err(Error::asked(format!("entity {id} belongs to no household"), "`wuwei person` shows what is known of it"));
    }
    let file = wuwei_graph::household_file(&hub.definitions.model, entity, &gathered)?;
    look.close(file.members.iter().map(|member| member.entity_id), 1).await?;
    Ok(file)
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
    let dwelling = |dwelling: &Dwelling| {
        vec![
            now(dwelling.present),
            dwelling.entity_id.to_string(),
            dwelling.caption.clone(),
            labels(&dwelling.relations),
            dwelling.members.len().to_string(),
        ]
    };
    format!(
        "{} {}  {}\n\n{}\n{}",
        output::said(&file.label),
        file.entity_id,
        file.caption,
        output::table(&["", "id", "member", "as", "kind", "source"], &file.members.iter().map(member).collect::<Vec<_>>()),
        output::table(&["", "id", "dwelling", "as", "members"], &file.dwellings.iter().map(dwelling).collect::<Vec<_>>()),
    )
}
