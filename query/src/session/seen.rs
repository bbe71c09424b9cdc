//! What whoever asks does not see, in the words of the policies: departments, classes and columns of a table. It is computed from the
//! policies and the table's contract alone and never from a row, so that it tells nothing of how much there is or of what.

use super::Session;
use crate::{
    Error, Principal, Purpose,
    catalogue::Source,
    comment,
    guard::Names as _,
    rights::{Sight, Which},
    shape::word,
};
use arrow_schema::SchemaRef;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is kept back of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// The table.
    pub table: String,
    /// Nothing at all is seen of it.
    pub closed: bool,
    /// Departments whose rows are not seen.
    pub departments: Vec<String>,
    /// Only rows within the area that whoever asks answers for are seen.
    pub elsewhere: bool,
    /// Whoever is under 14 is masked.
    pub minors: bool,
    /// Classes of which values are masked.
    pub masked: Vec<Masked>,
}

/// A class whose values are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Masked {
    /// `personal`, `identifier` or `special`.
    pub class: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Departments whose values of them are clear all the same.
    pub clear_of: Vec<String>,
}

/// A table that whoever asks sees, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenTable {
    /// `raw`, `record`, `entity` …
    pub namespace: String,
    /// Its name in that.
    pub name: String,
    /// What it holds, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Which rows: `all`, departments with blanks between, or `cells`.
    pub rows: String,
    /// Classes in clear, with blanks between; of cells the columns.
    pub clear: String,
}

/// A table that whoever asks sees, with its columns: what clients of other wires ask the catalogue for.
#[derive(Debug, Clone)]
pub struct Listed {
    /// `raw`, `record`, `entity` …
    pub namespace: String,
    /// Its name in that.
    pub name: String,
    /// Whether it is computed by a question of the program's own.
    pub is_view: bool,
    /// What it holds, in Chinese.
    pub zh: String,
    /// Its columns, as far as they are seen.
    pub schema: SchemaRef,
}

impl Withheld {
    /// Whether nothing is kept back.
    pub fn is_nothing(&self) -> bool {
        !self.closed && self.departments.is_empty() && !self.elsewhere && !self.minors && self.masked.is_empty()
    }
}

impl Session {
    /// Who asks.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What for.
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// The tables that whoever asks sees, and what of them. It follows from the policies and tells nothing of what a table holds, so it is no
    /// look at one.
    ///
    /// # Errors
    /// The policies cannot be asked.
    pub fn tables_seen(&self) -> Result<Vec<SeenTable>, Error> {
        let rows = comment::seen_tables(self.visible())?;
        Ok(rows.into_iter().map(|[namespace, name, zh, en, rows, clear]| SeenTable { namespace, name, zh, en, rows, clear }).collect())
    }

    /// The same tables with their columns, by name. It tells as little of what they hold.
    ///
    /// # Errors
    /// The policies cannot be asked.
    pub fn tables_listed(&self) -> Result<Vec<Listed>, Error> {
        let visible = self.visible();
        let mut listed = Vec::new();
        for full in visible.names()? {
            let (Some((namespace, name)), Some(schema)) = (full.split_once('.'), visible.schema(&full)?) else { continue };
            let Some(known) = visible.catalogue.tables.get(&full) else { continue };
            let (is_view, zh) = (matches!(known.source, Source::View { .. }), known.zh.clone());
            listed.push(Listed { namespace: namespace.to_owned(), name: name.to_owned(), is_view, zh, schema });
        }
        Ok(listed)
    }

    /// What is kept back of a table of the catalogue; of one that it has not, nothing at all is seen.
    ///
    /// # Errors
    /// The policies cannot be asked.
    pub fn withheld(&self, table: &str) -> Result<Withheld, Error> {
        let closed = |closed| Withheld {
            table: table.to_owned(),
            closed,
            departments: Vec::new(),
            elsewhere: false,
            minors: false,
            masked: Vec::new(),
        };
        let Some(Sight::Rows(seen)) = self.rights.sight(&self.catalogue, table)? else { return Ok(closed(true)) };
        let (Some(shape), Some(found)) = (self.catalogue.shapes.get(table), self.catalogue.tables.get(table)) else {
            return Ok(closed(!seen.is_everything()));
        };
        let mut masked: BTreeMap<&str, (Vec<String>, BTreeSet<String>)> = BTreeMap::new();
        for ((column, clear), field) in shape.columns.iter().zip(&seen.clear).zip(found.schema.fields()) {
            if let Some(clear) = clear {
                let of = masked.entry(word(column.class)).or_default();
                of.0.push(field.name().clone());
                if let Which::Only(some) = clear {
                    of.1.extend(some.iter().cloned());
                }
            }
        }
        let masked = masked.into_iter().map(|(class, (columns, clear_of))| Masked {
            class: class.to_owned(),
            columns,
            clear_of: clear_of.into_iter().collect(),
        });
        let departments = self.catalogue.departments.iter().filter(|department| !seen.rows.has(department)).cloned();
        Ok(Withheld {
            departments: departments.collect(),
            elsewhere: seen.area.is_some(),
            minors: shape.born.is_some() && seen.minors != Which::All,
            masked: masked.collect(),
            ..closed(false)
        })
    }

    /// Whether every row of a table is seen with these columns in clear, but for restricted persons.
    ///
    /// # Errors
    /// The policies cannot be asked.
    pub fn sees_whole(&self, table: &str, columns: &[&str]) -> Result<bool, Error> {
        let of = self.withheld(table)?;
        let is_clear = |column: &&str| of.masked.iter().all(|masked| masked.columns.iter().all(|name| name != column));
        Ok(!of.closed && of.departments.is_empty() && !of.elsewhere && !of.minors && columns.iter().all(is_clear))
    }
}
