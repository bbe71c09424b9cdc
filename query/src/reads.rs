//! Which tables and columns a plan really reads, as the optimiser leaves it: what it does not need is not read and not counted.

use crate::steps::Step;
use datafusion::{
    common::{Result, TableReference, tree_node::TreeNodeRecursion},
    logical_expr::LogicalPlan,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a plan reads, and whose numbers its answer hands on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// By full name.
    pub(crate) tables: BTreeSet<String>,
    /// Each with its table, e.g. `record.person.phone`.
    pub(crate) columns: BTreeSet<String>,
    /// Those of them that whoever asks uses: what figures are made of is none of it.
    pub(crate) used: BTreeSet<String>,
    /// Columns of the answer that hold numbers of persons or of their records.
    pub(crate) shown: BTreeSet<(usize, Number)>,
    /// What is done with it, where it is only to be told.
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
}

/// What a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Number {
    Person,
    Record,
}

impl Reads {
    /// What an optimised plan reads, subqueries in expressions included.
    pub(crate) fn of(plan: &LogicalPlan) -> Result<Reads> {
        let mut reads = Reads::default();
        plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                let projected = scan.projected_schema.fields().iter().map(|field| field.name().clone());
                let filtered = scan.filters.iter().flat_map(|filter| filter.column_refs()).map(|column| column.name().to_owned());
                reads.add(&full_name(&scan.table_name), projected.chain(filtered));
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(reads)
    }

    /// Whether most of the columns of a table are read of which that can be said: three in five of eight or more.
    pub(crate) fn sweep(&self, columns_of: impl Fn(&str) -> usize) -> bool {
        self.tables.iter().any(|table| {
            let prefix = format!("{table}.");
            let (read, all) = (self.used.iter().filter(|column| column.starts_with(&prefix)).count(), columns_of(table));
            all >= 8 && read * 5 > all * 3
        })
    }

    pub(crate) fn extend(&mut self, other: Reads) {
        self.used.extend(other.used);
        self.tables.extend(other.tables);
        self.columns.extend(other.columns);
    }

    /// Adds what figures are made of.
    pub(crate) fn extend_defined(&mut self, other: Reads) {
        self.extend(Reads { used: BTreeSet::new(), ..other });
    }

    pub(crate) fn add(&mut self, table: &str, columns: impl Iterator<Item = String>) {
        if table == crate::door::PARAMETERS || crate::table_function::is_call(table) {
            return;
        }
        let columns: Vec<String> = columns.map(|column| format!("{table}.{column}")).collect();
        self.used.extend(columns.iter().cloned());
        self.columns.extend(columns);
        self.tables.insert(table.to_owned());
    }
}

/// A table's name with its namespace.
pub(crate) fn full_name(name: &TableReference) -> String {
    format!("{}.{}", name.schema().unwrap_or(crate::door::NAMESPACE), name.table())
}
