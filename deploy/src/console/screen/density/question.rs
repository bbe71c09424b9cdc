//! What can be counted, and the one question for it: by the finest place, kind and quarter of a year. What whoever looks sees of events, their
//! places and dates is what the catalogue says of it.

use crate::{
    console::{guest::Visit, screen::plain},
    serve::problem::Problem,
};
use serde_json::Value;
use std::collections::BTreeMap;
use wuwei_schema::{Category, EntityType, Kind, Model, Property, Sensitivity};

/// Cells of a degree, each way: half a kilometre and somewhat more.
pub(super) const CELLS: i64 = 200;
/// The relation that says in what something lies.
const LIES_IN: &str = "located_in";
const SEEN: &str =
    "SELECT namespace, table_name, rows, clear FROM contract.table_comment WHERE namespace IN ('entity', 'record') OR table_name = 'edge'";

/// By what events have a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Coordinates,
    Place,
    Township,
}

impl Where {
    /// Key of the words for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Where::Coordinates => "density.by_cell",
            Where::Place => "density.by_place",
            Where::Township => "density.by_township",
        }
    }

    /// What a place is called: of a cell its south-western corner, of an entity what stands behind its number.
    pub(super) fn name(self, place: &str) -> String {
        match self {
            Where::Coordinates => match corner(place) {
                Some((x, y)) => format!("{:.3} E {:.3} N", degrees(x), degrees(y)),
                None => place.to_owned(),
            },
            Where::Place => place.split_once(' ').map_or(place, |(number, name)| if name.is_empty() { number } else { name }).to_owned(),
            Where::Township => place.to_owned(),
        }
    }
}

/// The numbers of a cell, from its key.
pub(super) fn corner(place: &str) -> Option<(i64, i64)> {
    let (x, y) = place.split_once(' ')?;
    Some((x.parse().ok()?, y.parse().ok()?))
}

#[expect(clippy::cast_precision_loss, reason = "a degree has 200 cells")]
pub(super) fn degrees(cell: i64) -> f64 {
    cell as f64 / CELLS as f64
}

/// Events that can be counted.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) entity: String,
    pub(super) at: Where,
    table: String,
    date: String,
    kind: Option<String>,
    /// The property of an address, where that is the place.
    address: String,
    /// Types that events lie in, each with the columns that it is called by.
    targets: Vec<(String, Vec<String>)>,
}

/// What is seen of a table: rows, and classes in clear.
type Seen = BTreeMap<String, (String, String)>;

/// All that whoever looks can count, in the order of the model, those with coordinates first.
pub(super) async fn sources(visit: &Visit) -> Result<Vec<Source>, Problem> {
    let rows = visit.rows(SEEN).await?.rows;
    let table = |row: &Vec<Value>| match row.as_slice() {
        [namespace, name, rows, clear] => Some((format!("{}.{}", plain(namespace), plain(name)), (plain(rows), plain(clear)))),
        _ => None,
    };
    let seen: Seen = rows.iter().filter_map(table).collect();
    let hub = visit.guest.console.state.hub();
    Ok(of(&hub.definitions.model, &seen))
}

fn of(model: &Model, seen: &Seen) -> Vec<Source> {
    let events = model.entities.values().filter(|entity| entity.category == Category::Event);
    let mut sources: Vec<Source> = events.filter_map(|entity| source(model, entity, seen)).collect();
    sources.sort_by_key(|source| source.at as u8);
    sources
}

/// A type that is seen with a date and some place in clear.
fn source(model: &Model, entity: &EntityType, seen: &Seen) -> Option<Source> {
    let is_seen = |table: &String| seen.get(table).is_some_and(|(rows, _)| rows != "cells" && !rows.is_empty());
    let table = ["entity", "record"].map(|namespace| format!("{namespace}.{}", entity.name)).into_iter().find(is_seen)?;
    let clear = &seen.get(&table)?.1;
    let is_clear = |property: &&Property| clear.split(' ').any(|class| class == word(property.sensitivity));
    let known = |name: &str| entity.property(name).filter(is_clear);
    let named = |name: &String| entity.property(name).filter(|property| property.kind == Kind::Date);
    let date = entity.caption.iter().find_map(named).or_else(|| entity.properties.iter().find(|property| property.kind == Kind::Date));
    let date = date.filter(is_clear)?.name.clone();
    let address = entity.properties.iter().find(|property| property.kind == Kind::Address).filter(is_clear);
    let targets = targets(model, entity, &table, &is_seen);
    let at = match address {
        _ if known("longitude").is_some() && known("latitude").is_some() => Where::Coordinates,
        _ if !targets.is_empty() => Where::Place,
        Some(_) => Where::Township,
        None => return None,
    };
    Some(Source {
        entity: entity.name.clone(),
        at,
        table,
        date,
        kind: known("kind").map(|kind| kind.name.clone()),
        address: address.map(|address| address.name.clone()).unwrap_or_default(),
        targets,
    })
}

/// The types of what events lie in, as far as they are seen; edges are of entities, so none where only records are.
fn targets(model: &Model, entity: &EntityType, table: &str, is_seen: &dyn Fn(&String) -> bool) -> Vec<(String, Vec<String>)> {
    let relation = model.relation(LIES_IN).filter(|relation| relation.source.contains(&entity.name));
    let (Some(relation), true, true) = (relation, table.starts_with("entity."), is_seen(&"graph.edge".to_owned())) else {
        return Vec::new();
    };
    let target = |name: &String| {
        let caption = model.entity(name).map(|target| target.caption.clone()).filter(|caption| !caption.is_empty())?;
        is_seen(&format!("entity.{name}")).then(|| (name.clone(), caption))
    };
    relation.target.iter().filter_map(target).collect()
}

fn word(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Personal => "personal",
        Sensitivity::Identifier => "identifier",
        Sensitivity::Special => "special",
    }
}

impl Source {
    /// The question for a year's counts, so many at most. All names in it are the model's.
    pub(super) fn question(&self, year: &str, most: usize) -> String {
        let Source { table, date, kind, .. } = self;
        let kind = kind.as_ref().map_or_else(|| "''".to_owned(), |kind| format!("coalesce(e.\"{kind}\", '')"));
        let month = format!("substr(e.\"{date}\", 6, 2)");
        let quarters = [("'01', '02', '03'", 1), ("'04', '05', '06'", 2), ("'07', '08', '09'", 3), ("'10', '11', '12'", 4)];
        let whens: String = quarters.iter().map(|(months, quarter)| format!(" WHEN {month} IN ({months}) THEN {quarter}")).collect();
        let (with, join, place, also) = self.place();
        format!(
            "{with}SELECT {place} AS place, {kind} AS kind, CASE{whens} ELSE 0 END AS quarter, count(*) AS events \
             FROM {table} e{join} WHERE substr(e.\"{date}\", 1, 4) = '{year}'{also} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT {most}"
        )
    }

    /// What stands before the question, what is joined, the place, and what else has to hold.
    fn place(&self) -> (String, &'static str, String, String) {
        match self.at {
            Where::Coordinates => {
                let cell = |column: &str| format!("CAST(CAST(floor(e.\"{column}\" * {CELLS}) AS BIGINT) AS VARCHAR)");
                let both = " AND e.\"longitude\" IS NOT NULL AND e.\"latitude\" IS NOT NULL".to_owned();
                (String::new(), "", format!("{} || ' ' || {}", cell("longitude"), cell("latitude")), both)
            }
            Where::Township => {
                let part = |level: &str| format!("coalesce(address_part(e.\"{}\", '{level}'), '')", self.address);
                let place = format!("concat({}, {})", part("county"), part("township"));
                let also = format!(" AND {place} <> ''");
                (String::new(), "", place, also)
            }
            Where::Place => {
                let types = self.targets.iter().map(|(name, _)| format!("'{name}'")).collect::<Vec<_>>().join(", ");
                let called = |(name, caption): &(String, Vec<String>)| {
                    let texts: Vec<String> = caption.iter().map(|column| format!("CAST(\"{column}\" AS VARCHAR)")).collect();
                    format!("SELECT entity_id, coalesce({}, '') AS called FROM entity.{name}", texts.join(", "))
                };
                let named = self.targets.iter().map(called).collect::<Vec<_>>().join(" UNION ALL ");
                // What lies in several is counted once.
                let with = format!(
                    "WITH lies AS (SELECT source, min(target) AS target FROM graph.edge WHERE relation = '{LIES_IN}' \
                     AND source_type = '{}' AND target_type IN ({types}) GROUP BY source), named AS ({named}) ",
                    self.entity
                );
                let join = " JOIN lies ON lies.source = e.entity_id JOIN named ON named.entity_id = lies.target";
                (with, join, "CAST(named.entity_id AS VARCHAR) || ' ' || named.called".to_owned(), String::new())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(all: &[(&str, &str, &str)]) -> Seen {
        all.iter().map(|(table, rows, clear)| ((*table).to_owned(), ((*rows).to_owned(), (*clear).to_owned()))).collect()
    }

    #[test]
    fn where_events_are_is_told_by_the_best_that_is_seen() {
        let model = Model::embedded().unwrap();
        let told = |all: &[(&str, &str, &str)]| {
            of(&model, &seen(all)).into_iter().map(|source| (source.entity, source.at, source.table)).collect::<Vec<_>>()
        };
        let of_record = ("incident".to_owned(), Where::Coordinates, "record.incident".to_owned());
        assert_eq!(told(&[("record.incident", "wg", "public personal")]), [of_record]);
        let of_place = ("incident".to_owned(), Where::Place, "entity.incident".to_owned());
        let masked = [("entity.incident", "all", "public"), ("graph.edge", "all", "public"), ("entity.grid", "all", "public")];
        assert_eq!(told(&masked), [of_place]);
        assert_eq!(told(&masked[..1]), [], "neither coordinates nor places nor addresses are seen");
        assert_eq!(told(&[("record.hotline_request", "xf", "public personal")])[0].1, Where::Township);
        assert_eq!(told(&[("record.hotline_request", "xf", "public")]), [], "the date is masked");
        assert_eq!(told(&[("record.incident", "cells", "kind")]), [], "who counts cells is told cells");
    }

    #[test]
    fn places_have_names() {
        assert_eq!(Where::Coordinates.name("24700 5900"), "123.500 E 29.500 N");
        assert_eq!((Where::Place.name("3829 东坡社区"), Where::Place.name("3829 ")), ("东坡社区".to_owned(), "3829".to_owned()));
    }
}
