//! Purposes as they are registered in `purposes.toml`: by whom they may be stated, on which legal basis, and what they need.

use super::{Part, wrong};
use crate::{Error, Principal};
use serde::{Deserialize, Serialize};
use wuwei_schema::SourceFile;

/// All of them, in a list of types, departments or classes.
const ALL: &str = "*";

/// A registered purpose.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// As it is stated.
    pub(crate) name: String,
    /// The law or order that it follows from.
    pub(crate) basis: String,
    /// Who may state it.
    pub(crate) roles: Vec<String>,
    /// Of which departments; of any when empty.
    #[serde(default)]
    departments: Vec<String>,
    /// Entity types that it needs.
    types: Vec<String>,
    /// Departments whose rows it needs.
    sources: Vec<String>,
    /// Classes that it needs in clear; what is public is never masked.
    classes: Vec<String>,
    /// Its last day, ISO 8601; none when it lasts.
    #[serde(default)]
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    purpose: Vec<Registered>,
}

/// The purposes of a file.
pub(super) fn parse(file: &SourceFile) -> Result<Vec<Registered>, Error> {
    let parsed: File = toml::from_str(&file.text)
        .map_err(|slip| wrong(&file.name, &super::line(slip.message()), "see the one that the program carries"))?;
    for (at, purpose) in parsed.purpose.iter().enumerate() {
        if parsed.purpose[..at].iter().any(|before| before.name == purpose.name) {
            return Err(wrong(&file.name, &format!("`{}` stands twice", purpose.name), "give each purpose a name of its own"));
        }
        if purpose.basis.trim().is_empty() {
            return Err(wrong(
                &file.name,
                &format!("`{}` has no legal basis", purpose.name),
                "say in `basis` which law or order it follows from",
            ));
        }
    }
    Ok(parsed.purpose)
}

impl Registered {
    /// Whether this principal may state it on that day.
    pub(super) fn is_for(&self, principal: &Principal, day: &str) -> bool {
        self.roles.iter().any(|role| Some(role.as_str()) == principal.role())
            && (self.departments.is_empty()
                || self.departments.iter().any(|department| Some(department.as_str()) == principal.department()))
            && self.until.as_deref().is_none_or(|until| day <= until)
    }

    /// Whether it needs that part of a table: its type, its department's rows, its class. A table of no type speaks of no one type and is
    /// kept to the types in its rows; one whose rows are of several departments together needs all of them.
    pub(super) fn needs(&self, part: Part<'_>) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|listed| listed == ALL || listed == wanted);
        let of_type = part.kind.is_empty() || has(&self.types, part.kind);
        let of_source = match part.department {
            "" => part.kind.is_empty() || has(&self.sources, ALL),
            department => has(&self.sources, department),
        };
        let of_class = matches!(part.class, "" | "public") || has(&self.classes, part.class);
        of_type && of_source && of_class
    }
}
