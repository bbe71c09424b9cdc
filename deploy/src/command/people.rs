//! `wuwei people`: finds people by what is known of them. The index gives numbers and match classes; the rows come through the door.

pub(super) mod caption;
mod distribution;

use crate::{Error, cli::Common, clock, hub::Hub, output};
use caption::{Captions, plain};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use wuwei_query::Session;
use wuwei_search::{Ask, Chip, Facets, Hit, KEYS, UNKNOWN};

/// Who was found, best first.
#[derive(Serialize)]
pub(crate) struct Found {
    /// How many there are, shown or not.
    total: usize,
    /// What each word was taken for.
    chips: Vec<Chip>,
    /// By type, those of which there are any.
    types: Vec<OfType>,
    hits: Vec<Shown>,
    /// Why no hit is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// How what was found of a type is distributed.
#[derive(Serialize)]
struct OfType {
    entity: String,
    total: usize,
    facets: Facets,
}

/// Which part of what is found is shown.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A hit with the line that stands for the entity.
#[derive(Serialize)]
struct Shown {
    entity: String,
    #[serde(flatten)]
    hit: Hit,
    #[serde(flatten)]
    caption: Map<String, Value>,
}

pub(super) async fn run(common: &Common, query: &str, page: Page) -> Result<(), Error> {
    let hub = Hub::open(common, "people").await?;
    let found = find(&hub, &hub.session()?, query, page).await?;
    output::print(common, &found, |found| match &found.note {
        Some(note) => note.clone(),
        None => format!("{}{}{}", taken(&found.chips), text(&hub, &found.hits), distribution::text(&hub, &found.types)),
    })
}

/// Finds people, for whoever has the session.
pub(crate) async fn find(hub: &Hub, session: &Session, query: &str, page: Page) -> Result<Found, Error> {
    let today = clock::today();
    let ask = Ask { typed: query, today: &today, names: None, offset: page.offset, limit: page.limit };
    let Some(found) = session.find(&ask, None, clock::now_ms()).await? else {
        return Err(Error::asked("there is no index yet", "run `wuwei refresh`"));
    };
    let types: Vec<OfType> = found.types.into_iter().map(|(entity, total, facets)| OfType { entity, total, facets }).collect();
    let mut hits: Vec<Shown> = found.hits.into_iter().map(|(entity, hit)| Shown { entity, hit, caption: Map::new() }).collect();
    // By what they were found was read as well, if only in the index.
    let of_hit = |shown: &Shown| {
        let by = shown.hit.matched_by.iter().map(|by| format!("entity.{}.{}", shown.entity, by.property));
        by.collect::<Vec<_>>()
    };
    let found_by: Vec<String> = hits.iter().flat_map(of_hit).collect::<BTreeSet<_>>().into_iter().collect();
    let wanted = || hits.iter().map(|shown| (shown.entity.as_str(), shown.hit.entity_id));
    let look = session.begin("people", &caption::numbers(wanted()), &found_by, clock::now_ms())?;
    let captions = Captions::of(hub, look.session(), wanted()).await?;
    hits.iter_mut().for_each(|shown| shown.caption = captions.get(&shown.entity, shown.hit.entity_id));
    look.close(hub.persons(hits.iter().map(|shown| (shown.entity.as_str(), shown.hit.entity_id))), hits.len() as u64).await?;
    let found = Found { total: types.iter().map(|of| of.total).sum(), chips: found.chips, types, hits, note: None };
    Ok(Found { note: found.hits.is_empty().then(|| nothing(&found)), ..found })
}

/// What each word was taken for, on one line.
fn taken(chips: &[Chip]) -> String {
    let chip = |chip: &Chip| {
        let sign = if chip.without { "-" } else { "" };
        format!("{sign}{} ({})", output::one_line(&chip.text), output::said(&chip.label()))
    };
    let chips = chips.iter().map(chip).collect::<Vec<_>>().join("  ");
    format!("{}: {chips}\n", output::words("按这样理解", "taken for"))
}

fn text(hub: &Hub, hits: &[Shown]) -> String {
    let row = |shown: &Shown| {
        let who = caption::who(hub, &shown.entity, &shown.caption);
        let known = |column: &str| shown.caption.get(column).map(plain).unwrap_or_default();
        let label = output::said(&shown.hit.class.label()).to_owned();
        vec![shown.hit.entity_id.to_string(), label, shown.hit.by(), who, known("departments"), known("records")]
    };
    let rows: Vec<_> = hits.iter().map(row).collect();
    let headings = ["id", "match", "by", "who", "departments", "records"];
    output::table(&headings, &rows)
}

/// Why nothing is shown.
fn nothing(found: &Found) -> String {
    if found.chips.is_empty() {
        return "nothing to look for was typed; hint: type a name, its pinyin, a number or its last digits, an address".to_owned();
    }
    if found.total > 0 {
        return format!("found in all: {}, none of them so far behind; hint: give a smaller `--offset`", found.total);
    }
    let mut lines = vec!["nobody is found".to_owned()];
    for chip in &found.chips {
        let others = chip.others.iter().map(|other| format!("`{}`", output::one_line(other))).collect::<Vec<_>>().join(", ");
        let text = output::one_line(&chip.text);
        if chip.meant == UNKNOWN {
            let keys = KEYS.map(|(key, _)| format!("{key}:")).join(", ");
            lines.push(format!("`{text}` has a key or a value that is not known; hint: there are {keys}; type {others}"));
        } else if chip.others.iter().any(|other| other.starts_with("born:")) || chip.meant == "born" && !others.is_empty() {
            lines.push(format!("`{text}` was taken for {}; it may also be {others}", chip.meant));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_nothing_is_shown_is_said() {
        let chip = |text: &str, meant, others: &[&str]| Chip {
            text: text.to_owned(),
            meant,
            without: false,
            others: others.iter().map(|other| (*other).to_owned()).collect(),
        };
        let said = |total, chips| nothing(&Found { total, chips, types: Vec::new(), hits: Vec::new(), note: None });
        assert!(said(0, vec![]).starts_with("nothing to look for"));
        assert!(said(3, vec![chip("王", "name", &[])]).starts_with("found in all: 3"));
        assert_eq!(said(0, vec![chip("王", "name", &["text:王"])]), "nobody is found");
        let unknown = said(0, vec![chip("dept:xx", UNKNOWN, &["dept:ga"])]);
        assert!(unknown.contains("`dept:xx` has a key or a value that is not known") && unknown.contains("`dept:ga`"), "{unknown}");
        let year = said(0, vec![chip("1985", "number", &["text:1985", "born:1985"])]);
        assert!(year.contains("`1985` was taken for number; it may also be `text:1985`, `born:1985`"), "{year}");
    }
}
