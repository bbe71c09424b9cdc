//! What a row has to say to be kept, held against what it says: the requirements of the extract, ready for many rows.

use super::RolePlan;
use crate::{Bound, Requirement, block::Cells, reject::Reject, source::Condition};
use wuwei_schema::Fault;

/// One requirement with its places found.
#[derive(Debug)]
pub(super) struct Required<'a> {
    requirement: &'a Requirement,
    role: usize,
    property: usize,
    at_most: Option<Limit>,
    when: Option<Condition<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    Number(f64),
    Property(usize),
}

impl<'a> Required<'a> {
    pub(super) fn new(requirement: &'a Requirement, roles: &[RolePlan<'a>], columns: &[String]) -> Option<Required<'a>> {
        let role = roles.iter().position(|plan| plan.role.role == requirement.role)?;
        let place = |name: &str| roles[role].role.properties.iter().position(|(property, _)| property == name);
        let at_most = match &requirement.at_most {
            Some(Bound::Number(number)) => Some(Limit::Number(*number)),
            Some(Bound::Property(name)) => Some(Limit::Property(place(name)?)),
            None => None,
        };
        let when = requirement.when.as_ref().and_then(|when| Condition::new(when, columns));
        Some(Required { requirement, role, property: place(&requirement.property)?, at_most, when })
    }

    /// Refuses the row for each of the role's records that does not hold to it; a row without one is not asked.
    pub(super) fn hold(&self, roles: &[RolePlan<'a>], cells: Cells<'_>, rejects: &mut Vec<Reject<'a>>) {
        let role = &roles[self.role];
        if self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return;
        }
        for record in 0..role.found.len() {
            let said = role.value(record, self.property);
            let (rule, holds) = match self.at_most {
                None => ("required", !said.is_empty()),
                Some(Limit::Number(most)) => ("at_most", !above(said, Some(most))),
                Some(Limit::Property(other)) => ("at_most", !above(said, role.value(record, other).parse().ok())),
            };
            if !holds {
                let fault = Fault { rule, reason: self.requirement.reason.clone(), proposal: None };
                let value = Some(said.to_owned()).filter(|said| !said.is_empty());
                rejects.push(Reject { column: role.column(self.property), fault, value, refuses: true });
            }
        }
    }
}

/// Whether a number is above another; what is not said is not.
fn above(said: &str, most: Option<f64>) -> bool {
    said.parse::<f64>().ok().zip(most).is_some_and(|(said, most)| said > most)
}
