//! `wuwei place`: everybody of a room, a unit or a building, now and before.

use super::person::{labels, source};
use crate::{
    Error,
    cli::Common,
    file::{self, Asked, Level, Place, hidden},
    hub::Hub,
    output,
};
use wuwei_graph::Member;

pub(super) async fn run(common: &Common, place: &str, level: Option<&str>) -> Result<(), Error> {
    let hub = Hub::open(common, "place").await?;
    let asked = Asked { place, level: level.and_then(Level::of) };
    output::print(common, &file::place(&hub.session()?, &hub.definitions.model, asked).await?, text)
}

fn text(place: &Place) -> String {
    let mut text = format!("{}\n", place.address);
    for home in &place.homes {
        text.push_str(&format!("\n{}  {}\n", home.entity_id, home.address));
        text.push_str(&output::table(
            &["", "id", "who", "as", "since – until", "source"],
            &home.residents.iter().map(row).collect::<Vec<_>>(),
        ));
    }
    format!("{text}{}", hidden::text(&place.withheld))
}

fn row(resident: &Member) -> Vec<String> {
    let now = if resident.present { output::words("现在", "now") } else { output::words("以前", "before") };
    let span = format!("{} – {}", resident.since.as_deref().unwrap_or("?"), resident.until.as_deref().unwrap_or(""));
    let sources = resident.sources.iter().map(source).collect::<Vec<_>>().join("; ");
    vec![now.to_owned(), resident.entity_id.to_string(), resident.caption.clone(), labels(&resident.relations), span, sources]
}
