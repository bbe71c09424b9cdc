//! What is kept back from whoever reads a file, and why: departments, classes and fields, by the policies and the contract of the tables alone.
//! No row is asked, so it is the same whether there is something to keep back or not, and tells neither how much nor what.

use super::{Session, Withheld};
use crate::Error;
use serde::Serialize;
use std::collections::BTreeMap;
use wuwei_schema::table;

/// Something that is kept back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hidden {
    /// Of which entity types, or `relations`.
    pub of: Vec<String>,
    /// They are not shown at all.
    pub closed: bool,
    /// Departments whose rows are not shown.
    pub departments: Vec<String>,
    /// What is outside the area that the reader answers for is not shown.
    pub elsewhere: bool,
    /// Whoever is under 14 is shown masked.
    pub minors: bool,
    /// Classes of which values are masked.
    pub classes: Vec<String>,
    /// The fields of these classes, of the file's own type.
    pub fields: Vec<String>,
    /// Why: the role and the purpose that it follows from.
    pub because: String,
}

impl Session {
    /// All that is kept back of a file of that type.
    ///
    /// # Errors
    /// The policies cannot be asked.
    pub fn hidden(&self, own: &str) -> Result<Vec<Hidden>, Error> {
        let because = format!("{} · {}", self.principal().role().unwrap_or_default(), self.purpose().as_str());
        // What is kept back alike is said once, of all types of which it is so.
        let mut alike: BTreeMap<Hidden, Vec<String>> = BTreeMap::new();
        let tables = self.catalogue().model().entities.keys().map(|name| (name.clone(), format!("record.{name}")));
        for (name, table) in tables.chain([("relations".to_owned(), table::EDGE.to_owned())]) {
            let of = self.withheld(&table)?;
            if !of.is_nothing() {
                let fields = if name == own { fields(&of) } else { Vec::new() };
                let hidden = Hidden {
                    of: Vec::new(),
                    closed: of.closed,
                    classes: of.masked.iter().map(|masked| masked.class.clone()).collect(),
                    departments: of.departments,
                    elsewhere: of.elsewhere,
                    minors: of.minors,
                    fields,
                    because: because.clone(),
                };
                alike.entry(hidden).or_default().push(name);
            }
        }
        Ok(alike.into_iter().map(|(hidden, of)| Hidden { of, ..hidden }).collect())
    }
}

fn fields(of: &Withheld) -> Vec<String> {
    of.masked.iter().flat_map(|masked| masked.columns.iter().cloned()).collect()
}
