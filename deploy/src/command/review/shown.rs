//! Two records side by side, as whoever asks may see them, with what the agreement of each property weighs.

use crate::{Error, cells, gather::rows, output};
use arrow_array::RecordBatch;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::Doubt;
use wuwei_query::Session;
use wuwei_schema::{EntityType, Label, Property, learned};

/// Records asked for in one question.
const TOGETHER: usize = 2_000;

/// One property of two records.
#[derive(Debug, Serialize)]
pub(super) struct Compared {
    /// The property; `source` is department, extract and row.
    property: String,
    label: Label,
    left: Option<String>,
    right: Option<String>,
    /// The level of agreement; none where it is not compared or one says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<i64>,
    /// What that level weighs in bits, before the rarity of the values.
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<f64>,
}

/// What of a weight is not of one property.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Weights {
    /// Before anything is compared, in bits.
    prior: f64,
    /// What the rarity of the values adds, in bits.
    rarity: f64,
}

/// What is known of some records of a type: their rows, and what was learned of the type where whoever asks sees that.
pub(super) struct Known {
    rows: BTreeMap<i64, (RecordBatch, usize)>,
    prior: Option<f64>,
    /// By property and level.
    bits: BTreeMap<(String, i64), f64>,
}

impl Known {
    /// Reads them.
    ///
    /// # Errors
    /// A question is refused.
    pub(super) async fn read(session: &Session, entity: &EntityType, records: &BTreeSet<i64>) -> Result<Known, Error> {
        let mut known = Known { rows: BTreeMap::new(), prior: None, bits: BTreeMap::new() };
        let records: Vec<i64> = records.iter().copied().collect();
        for part in records.chunks(TOGETHER) {
            let list = part.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            for batch in rows(session, &format!("SELECT * FROM record.{} WHERE record_id IN ({list})", entity.name)).await? {
                let numbers = cells::numbers(&batch, "record_id")?;
                known.rows.extend(numbers.values().iter().enumerate().map(|(row, number)| (*number, (batch.clone(), row))));
            }
        }
        if session.sees_whole(learned::MODEL, &[])? && session.sees_whole(learned::LEVEL, &[])? {
            known.weights(session, entity).await?;
        }
        Ok(known)
    }

    async fn weights(&mut self, session: &Session, entity: &EntityType) -> Result<(), Error> {
        let of = format!("WHERE entity = '{}'", entity.name);
        for batch in rows(session, &format!("SELECT prior FROM {} {of}", learned::MODEL)).await? {
            self.prior = cells::decimals(&batch, "prior")?.values().first().copied().or(self.prior);
        }
        for batch in rows(session, &format!("SELECT property, level, bits FROM {} {of}", learned::LEVEL)).await? {
            let (properties, levels, bits) =
                (cells::texts(&batch, "property")?, cells::numbers(&batch, "level")?, cells::decimals(&batch, "bits")?);
            self.bits.extend((0..batch.num_rows()).map(|row| ((properties.value(row).to_owned(), levels.value(row)), bits.value(row))));
        }
        Ok(())
    }

    /// The records of a doubt, property by property, and its weight apart.
    pub(super) fn compared(&self, entity: &EntityType, doubt: &Doubt) -> (Vec<Compared>, Option<Weights>) {
        let levels = levels(&doubt.levels);
        let bits = |property: &str| self.bits.get(&(property.to_owned(), *levels.get(property)?)).copied();
        let label = Label { zh: "来源".to_owned(), en: "Source".to_owned() };
        let (left, right) = (self.source(doubt.left), self.source(doubt.right));
        let mut found = vec![Compared { property: "source".to_owned(), label, left, right, level: None, bits: None }];
        for Property { name, label, .. } in &entity.properties {
            let (left, right) = (self.said(doubt.left, name), self.said(doubt.right, name));
            if left.is_some() || right.is_some() {
                let (level, bits) = (levels.get(name).copied(), bits(name));
                found.push(Compared { property: name.clone(), label: label.clone(), left, right, level, bits });
            }
        }
        // Two properties that were compared across stand in a line of their own.
        for (name, level) in levels.iter().filter(|(name, _)| name.contains('/')) {
            let label = Label { zh: name.clone(), en: name.clone() };
            found.push(Compared { property: name.clone(), label, left: None, right: None, level: Some(*level), bits: bits(name) });
        }
        let sum: f64 = levels.keys().filter_map(|property| bits(property)).sum();
        (found, self.prior.map(|prior| Weights { prior, rarity: doubt.weight - prior - sum }))
    }

    fn source(&self, record: i64) -> Option<String> {
        let (batch, row) = self.rows.get(&record)?;
        let number = cells::numbers(batch, "row").ok()?.value(*row);
        Some(format!("{} {}:{number}", self.said(record, "department")?, self.said(record, "extract")?))
    }

    fn said(&self, record: i64, column: &str) -> Option<String> {
        let (batch, row) = self.rows.get(&record)?;
        let texts = cells::texts(batch, column).ok()?;
        cells::text(&texts, *row).filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

/// `name=6 birth_date=4`, taken apart.
fn levels(text: &str) -> BTreeMap<String, i64> {
    let level = |part: &str| part.split_once('=').and_then(|(name, level)| Some((name.to_owned(), level.parse().ok()?)));
    text.split_whitespace().filter_map(level).collect()
}

/// As a table.
pub(super) fn table(compared: &[Compared]) -> String {
    let row = |compared: &Compared| {
        let said = |side: &Option<String>| side.clone().unwrap_or_default();
        let level = compared.level.map_or_else(String::new, |level| level.to_string());
        let bits = compared.bits.map_or_else(String::new, |bits| format!("{bits:+.2}"));
        vec![output::said(&compared.label).to_owned(), said(&compared.left), said(&compared.right), level, bits]
    };
    let headings = [("属性", "property"), ("左", "left"), ("右", "right"), ("等级", "level"), ("比特", "bits")];
    output::table(&headings.map(|(zh, en)| output::words(zh, en)), &compared.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_taken_apart() {
        assert_eq!(levels("name=6 a/b=1 x=? y"), [("name".to_owned(), 6), ("a/b".to_owned(), 1)].into());
    }
}
