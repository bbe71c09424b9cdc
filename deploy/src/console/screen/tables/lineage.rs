//! Where a table comes from: of records and entities the extracts with the columns that become their properties, of an extract what its columns
//! become. It is told from the share catalogue, as far as whoever asks sees it; what is computed of other tables says so in its plan.

use super::Table;
use crate::{
    console::{
        guest::Visit,
        page::Page,
        screen::{
            plain,
            search::{department, kind_of},
        },
    },
    serve::problem::Problem,
};

/// The columns of extracts that become properties of a type.
const INTO: &str = "SELECT r.provider, r.rid, r.name_zh, i.item, i.property FROM contract.item i JOIN contract.resource r ON r.rid = i.rid \
     WHERE i.entity = '{name}' ORDER BY r.provider, r.rid, i.property, i.item";
/// What the columns of an extract become.
const FROM: &str = "SELECT i.entity, i.item, i.property FROM contract.item i WHERE i.rid = '{name}' AND i.entity IS NOT NULL \
     ORDER BY i.entity, i.property, i.item";

/// All of it; empty where it is not known, or not for whoever asks.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    /// Key of the words that say which way it is told.
    pub(super) way: &'static str,
    pub(super) parts: Vec<Part>,
}

/// An extract, or a type.
#[derive(Debug)]
pub(super) struct Part {
    /// The page of its table, as `raw.mz_hydj`.
    pub(super) table: String,
    /// Whether whoever asks sees it.
    pub(super) is_seen: bool,
    pub(super) name: String,
    /// Column and property.
    pub(super) pairs: Vec<(String, String)>,
}

impl Lineage {
    pub(super) async fn of(visit: &Visit, page: &Page, table: &Table, seen: &[Table]) -> Result<Lineage, Problem> {
        let mut lineage = match table.namespace.as_str() {
            "record" | "entity" => Lineage::into(visit, page, &table.name).await?,
            "raw" => Lineage::from(visit, page, &table.name).await?,
            _ => Lineage::default(),
        };
        let sees = |name: &str| seen.iter().any(|table| table.full() == name);
        lineage.parts.iter_mut().for_each(|part| part.is_seen = sees(&part.table));
        Ok(lineage)
    }

    async fn into(visit: &Visit, page: &Page, name: &str) -> Result<Lineage, Problem> {
        let mut parts: Vec<Part> = Vec::new();
        for row in asked(visit, INTO, name).await? {
            let [provider, rid, label, item, property] = row.as_slice() else { continue };
            let (table, pair) = (format!("raw.{}", plain(rid)), (plain(item), plain(property)));
            match parts.last_mut().filter(|last| last.table == table) {
                Some(last) => last.pairs.push(pair),
                None => {
                    let name = format!("{} · {}", department(page, visit, &plain(provider)), plain(label));
                    parts.push(Part { table, is_seen: false, name, pairs: vec![pair] });
                }
            }
        }
        Ok(Lineage { way: "tables.from_extracts", parts })
    }

    async fn from(visit: &Visit, page: &Page, name: &str) -> Result<Lineage, Problem> {
        let mut parts: Vec<Part> = Vec::new();
        for row in asked(visit, FROM, name).await? {
            let [entity, item, property] = row.as_slice() else { continue };
            let (entity, pair) = (plain(entity), (plain(item), plain(property)));
            let table = format!("record.{entity}");
            match parts.last_mut().filter(|last| last.table == table) {
                Some(last) => last.pairs.push(pair),
                None => parts.push(Part { table, is_seen: false, name: kind_of(page, visit, &entity), pairs: vec![pair] }),
            }
        }
        Ok(Lineage { way: "tables.into_records", parts })
    }

    pub(super) fn is_known(&self) -> bool {
        !self.parts.is_empty()
    }
}

/// Rows of the catalogue; none where whoever asks does not see it.
async fn asked(visit: &Visit, question: &str, name: &str) -> Result<Vec<Vec<serde_json::Value>>, Problem> {
    // It is the name of a table that there is, in which there is no quote.
    match visit.rows(&question.replace("{name}", &name.replace('\'', "''"))).await {
        Ok(found) => Ok(found.rows),
        Err(problem) if problem.code.about().0 == 422 => Ok(Vec::new()),
        Err(problem) => Err(problem),
    }
}
