//! What ties the proposed roles of a row together: what known departments state between roles called so, or, where they only ever state one
//! thing between two types, that. A proposal stands in the file as a comment: a tie that does not hold is worse than none.

use super::Suggested;
use crate::Departments;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::Model;

/// A relation that the row may state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tie {
    /// The relation type.
    pub relation: String,
    /// What people call it.
    pub label: String,
    /// The role it starts from.
    pub source: String,
    /// The role it leads to.
    pub target: String,
    /// How many known extracts state it so.
    pub extracts: usize,
}

/// Relation types by the names, or the types, of what they tie, and in which extracts.
type Stated<'a> = BTreeMap<(&'a str, &'a str), BTreeMap<&'a str, BTreeSet<&'a str>>>;

/// The ties between the roles that columns were given.
pub(super) fn ties(columns: &[Suggested], departments: &Departments, model: &Model) -> Vec<Tie> {
    let roles: BTreeMap<&str, &str> =
        columns.iter().filter_map(|column| column.target.as_ref()).map(|target| (target.role.as_str(), target.entity.as_str())).collect();
    let (by_role, by_type) = stated(departments);
    let mut ties = Vec::new();
    for (source, source_type) in &roles {
        for (target, target_type) in roles.iter().filter(|(target, _)| *target != source) {
            let ends = (numberless(source), numberless(target));
            let of_types =
                || by_type.get(&(*source_type, *target_type)).filter(|relations| relations.len() == 1 && source_type != target_type);
            for (relation, extracts) in by_role.get(&ends).or_else(of_types).into_iter().flatten() {
                let Some(known) = model.relation(relation) else { continue };
                if known.source.iter().any(|end| end == source_type) && known.target.iter().any(|end| end == target_type) {
                    ties.push(Tie {
                        relation: (*relation).to_owned(),
                        label: known.label.zh.clone(),
                        source: (*source).to_owned(),
                        target: (*target).to_owned(),
                        extracts: extracts.len(),
                    });
                }
            }
        }
    }
    ties
}

fn stated(departments: &Departments) -> (Stated<'_>, Stated<'_>) {
    let (mut by_role, mut by_type) = (Stated::new(), Stated::new());
    for (_, extract) in departments.extracts() {
        for relation in &extract.relations {
            let (Some(source), Some(target)) = (extract.role(&relation.source), extract.role(&relation.target)) else { continue };
            for (stated, ends) in [(&mut by_role, (&source.role, &target.role)), (&mut by_type, (&source.entity, &target.entity))] {
                let extracts = stated.entry((numberless(ends.0), numberless(ends.1))).or_default().entry(&relation.relation).or_default();
                extracts.insert(&extract.name);
            }
        }
    }
    (by_role, by_type)
}

/// A role of several alike is tied as each of them is.
fn numberless(role: &str) -> &str {
    role.trim_end_matches(|character: char| character.is_ascii_digit())
}
