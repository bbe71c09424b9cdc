//! What a department file says of one value: from which cells it comes, how the file writes it, and in which rows. What is done by it is told
//! in the room's own `source`.

use crate::source::Datum;
use serde::Deserialize;

/// A condition on a cell: what it says, compared as [`wuwei_schema::Kind::Text`] cleans it, or what it looks like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The column.
    pub column: String,
    /// What the cell may be; `""` stands for an empty one.
    #[serde(default)]
    pub is: Vec<String>,
    /// What the cell may not be.
    #[serde(default)]
    pub not: Vec<String>,
    /// Of which the cell has to contain one.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The shape it has to have: that of a kind of number such as `credit_code`, or `organization_name`.
    pub like: Option<String>,
    /// The shape it must not have.
    pub unlike: Option<String>,
}

/// Rows that may not be kept at all: no record, no row in `raw`, no reject, only a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Which rows.
    pub when: When,
    /// Why, with the law.
    pub reason: String,
}

/// Where a value comes from and how the file writes it. What it does to a cell, in this order: join, list, split, inside, map, codes,
/// dates; coordinates are turned into CGCS2000 together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// The columns: one, or those joined.
    pub columns: Vec<String>,
    /// Between joined cells; empty ones are left out.
    pub join_with: String,
    /// A value that no column states.
    pub constant: Option<String>,
    /// The formats of the date, tried in turn: `%Y %m %d %H %M %S`, `%-m %-d` without leading zero, or `excel_serial`.
    pub dates: Vec<String>,
    /// The code list the file uses, where it is not the property's own.
    pub codes: Option<String>,
    /// How the department writes a code; reading accepts every way.
    pub written: Written,
    /// The file's own words and what they mean; others are faults.
    pub map: Vec<(String, String)>,
    /// What stands between the values of a list cell.
    pub list: Option<String>,
    /// The separator and which piece to take, counted from 1.
    pub split: Option<(String, usize)>,
    /// What stands before the value in its cell: `T` before the citizen id of a licence number.
    pub inside: Option<String>,
    /// The datum of a longitude or latitude; what is kept is CGCS2000.
    pub datum: Option<Datum>,
    /// The unit that amounts of the column are in, and are kept in: 元, 万元. A cell that names another is converted.
    pub unit: Option<String>,
    /// Of which of a list's members a cell that is no list itself is said.
    pub of: Of,
    /// In which rows the cell is this value; in all when absent.
    pub when: Option<When>,
}

/// Of which of several, named side by side in list cells, a cell beside them is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Of each.
    #[default]
    Each,
    /// Of the first, as the form has it.
    First,
    /// Of the only one; where there are several nobody knows of whom.
    Sole,
}

impl Source {
    pub(super) fn reads(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str).chain(self.when.iter().map(|when| when.column.as_str()))
    }
}

/// How a department writes a code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// As the code: 01.
    #[default]
    Code,
    /// As the name: 汉族.
    Name,
    /// As the name in short: 汉, 男.
    Short,
}
