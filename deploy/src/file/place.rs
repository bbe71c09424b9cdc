//! Everybody of a room, a unit or a building, now and before. A place is what an address leads to, however it is written: the homes whose
//! addresses lead there too, down to the level that is asked for, as far as whoever asks sees addresses in clear.

use super::Hidden;
use crate::{
    Error, cells, clock, gather,
    gather::{numbers, rows},
};
use arrow_array::RecordBatch;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::{Member, residents};
use wuwei_query::Session;
use wuwei_schema::{Category, Kind, Model, Property, kind::address};
use wuwei_search::{Class, Spot};

/// Homes of one answer, at most: a tower has fewer.
const HOMES: usize = 2_000;
/// Numbers in one question.
const TOGETHER: usize = 4_000;

/// How much of an address is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The home itself.
    Room,
    /// All homes of its unit 单元.
    Unit,
    /// All homes of its building 栋.
    Building,
}

impl Level {
    /// What a word says.
    pub fn of(word: &str) -> Option<Level> {
        [("room", Level::Room), ("unit", Level::Unit), ("building", Level::Building)]
            .into_iter()
            .find(|(name, _)| *name == word)
            .map(|(_, level)| level)
    }

    fn class(self) -> Class {
        match self {
            Level::Room => Class::Room,
            Level::Unit => Class::Unit,
            Level::Building => Class::Building,
        }
    }

    /// How much of an address leads so far in; a house that has no buildings is one.
    fn at(class: Class) -> Level {
        match class {
            Class::Room => Level::Room,
            Class::Unit => Level::Unit,
            _ => Level::Building,
        }
    }
}

/// Everybody of a place.
#[derive(Debug, Serialize)]
pub struct Place {
    /// The address as far as it is meant.
    pub address: String,
    /// How much of it.
    pub level: Level,
    /// Its homes, by address.
    pub homes: Vec<Home>,
    /// What is kept back from this reader, by the policies alone.
    pub withheld: Vec<Hidden>,
}

/// A home with everybody in it.
#[derive(Debug, Serialize)]
pub struct Home {
    /// The dwelling.
    pub entity_id: i64,
    /// Its address.
    pub address: String,
    /// Who is or was there, present ones first.
    pub residents: Vec<Member>,
}

/// What is asked for: a dwelling by its number, or an address; and how much of it, else as much as it says.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// A number, or an address.
    pub place: &'a str,
    /// How much of it is meant.
    pub level: Option<Level>,
}

/// Everybody of a place, for whoever has the session; the look is in the audit before it is given.
///
/// # Errors
/// Nothing of it names a house, there are too many homes, or a question is refused.
pub async fn place(session: &Session, model: &Model, asked: Asked<'_>) -> Result<Place, Error> {
    let look = session.begin("place", asked.place, &[], clock::now_ms())?;
    let session = look.session();
    let typed = match asked.place.trim().parse::<i64>() {
        Ok(id) => address_of(session, model, gather::present(session, id).await?).await?.ok_or_else(|| gather::nobody(id))?,
        Err(_) => asked.place.to_owned(),
    };
    let typed = Kind::Address.clean(&typed, &model.codes).map(|clean| clean.into_owned()).unwrap_or_default();
    let Some(spot) = Spot::of(&typed, asked.level.unwrap_or(Level::Room).class()) else {
        return Err(Error::asked("the address names no house", "give it down to the number of the house, the building or the room"));
    };
    let level = Level::at(spot.class());
    let address = address::parts(&typed)[..=depth(level)].concat();
    let homes = homes(session, model, &spot).await?;
    let withheld = session.hidden("dwelling")?;
    let persons = homes.iter().flat_map(|home| &home.residents).map(|resident| resident.entity_id).collect::<BTreeSet<_>>();
    look.close(persons, homes.len() as u64).await?;
    Ok(Place { address, level, homes, withheld })
}

/// The level of buildings and so on, in the order of [`address::levels`].
const BUILDING: usize = 9;
const UNIT: usize = 10;
const ROOM: usize = 12;

fn depth(level: Level) -> usize {
    match level {
        Level::Room => ROOM,
        Level::Unit => UNIT,
        Level::Building => BUILDING,
    }
}

/// Types of which people live in one, each with the property that says where it is.
fn housing(model: &Model) -> impl Iterator<Item = (&str, &str)> {
    let houses = model.entities.values().filter(|entity| entity.category == Category::Place);
    houses.filter_map(|entity| {
        let captioned = |property: &&Property| property.kind == Kind::Address && entity.caption.contains(&property.name);
        entity.properties.iter().find(captioned).map(|property| (entity.name.as_str(), property.name.as_str()))
    })
}

async fn address_of(session: &Session, model: &Model, id: i64) -> Result<Option<String>, Error> {
    for (name, property) in open(session, model)? {
        let of = ids(&rows(session, &format!("SELECT record_id FROM graph.link WHERE entity_id = {id} LIMIT {TOGETHER}")).await?)?;
        if of.is_empty() {
            continue;
        }
        let question = format!("SELECT min(\"{property}\") AS address FROM record.{name} WHERE record_id IN ({})", numbers(&of));
        for batch in rows(session, &question).await? {
            if let Some(found) = cells::text(&cells::texts(&batch, "address")?, 0) {
                return Ok(Some(found.to_owned()));
            }
        }
    }
    Ok(None)
}

/// Those of [`housing`] of which whoever asks sees something.
fn open<'a>(session: &Session, model: &'a Model) -> Result<Vec<(&'a str, &'a str)>, Error> {
    let mut open = Vec::new();
    for (name, property) in housing(model) {
        if !session.withheld(&format!("record.{name}"))?.closed {
            open.push((name, property));
        }
    }
    Ok(open)
}

async fn homes(session: &Session, model: &Model, spot: &Spot) -> Result<Vec<Home>, Error> {
    let mut found: BTreeMap<i64, String> = BTreeMap::new();
    for (name, property) in open(session, model)? {
        // What a name may hold of the signs of a pattern, matches itself too; what it matches besides is told by where it leads.
        let named = spot.names().iter().map(|name| format!("\"{property}\" LIKE '%{}%'", name.replace('\'', "''")));
        let named = named.collect::<Vec<_>>().join(" OR ");
        let question = format!("SELECT record_id, \"{property}\" AS address FROM record.{name} WHERE {named} ORDER BY address");
        let mut addressed: BTreeMap<i64, String> = BTreeMap::new();
        for batch in rows(session, &question).await? {
            let (records, addresses) = (cells::numbers(&batch, "record_id")?, cells::texts(&batch, "address")?);
            for row in 0..batch.num_rows() {
                let address = cells::text(&addresses, row).unwrap_or_default();
                if spot.holds(address) {
                    addressed.insert(records.value(row), address.to_owned());
                }
            }
        }
        for (record, entity) in linked(session, &addressed.keys().copied().collect::<Vec<_>>()).await? {
            let address = addressed.get(&record).cloned().unwrap_or_default();
            // Of several ways to write it the first by its letters.
            found.entry(entity).and_modify(|known| *known = known.clone().min(address.clone())).or_insert(address);
        }
    }
    if found.len() > HOMES {
        return Err(Error::asked(format!("that is more than {HOMES} homes"), "give more of the address"));
    }
    let mut gathered = session.asker(clock::now_ms()).residents(&found.keys().copied().collect()).await?;
    let mut homes = Vec::new();
    for (entity_id, address) in found {
        gathered.entity_id = entity_id;
        homes.push(Home { entity_id, address, residents: residents(model, &gathered)? });
    }
    homes.sort_by(|left, right| left.address.cmp(&right.address).then(left.entity_id.cmp(&right.entity_id)));
    Ok(homes)
}

/// The entities of records, each with its record.
async fn linked(session: &Session, records: &[i64]) -> Result<Vec<(i64, i64)>, Error> {
    let mut found = Vec::new();
    for some in records.chunks(TOGETHER) {
        let question = format!("SELECT record_id, entity_id FROM graph.link WHERE record_id IN ({}) ORDER BY record_id", numbers(some));
        for batch in rows(session, &question).await? {
            let (records, entities) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
            found.extend(records.values().iter().copied().zip(entities.values().iter().copied()));
        }
    }
    Ok(found)
}

fn ids(batches: &[RecordBatch]) -> Result<Vec<i64>, Error> {
    let mut ids = Vec::new();
    for batch in batches {
        ids.extend(cells::numbers(batch, "record_id")?.values());
    }
    Ok(ids)
}
