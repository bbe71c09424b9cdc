//! One relation of an extract: which records of a row it ties, and what is said of the tie.

use super::{RolePlan, value};
use crate::{
    RelationMapping, Source,
    block::Cells,
    reject::Reject,
    source::{Condition, Plan},
    texts::Texts,
};
use wuwei_schema::{Codes, Kind};

/// One relation, with its ends found.
#[derive(Debug)]
pub(crate) struct RelationPlan<'a> {
    pub(crate) mapping: &'a RelationMapping,
    pub(crate) source: usize,
    pub(crate) target: usize,
    when: Option<Condition<'a>>,
    since: Option<Plan<'a>>,
    until: Option<Plan<'a>>,
    qualifier: Option<Plan<'a>>,
    /// The relations that the present row states: source and target by their place in [`RolePlan::found`].
    pub(crate) found: Vec<(usize, usize)>,
    /// What is said of all of them: since, until, qualifier.
    said: Texts,
}

impl<'a> RelationPlan<'a> {
    pub(super) fn new(
        mapping: &'a RelationMapping,
        roles: &[RolePlan<'a>],
        columns: &[String],
        codes: &'a Codes,
    ) -> Option<RelationPlan<'a>> {
        let end = |name: &str| roles.iter().position(|plan| plan.role.role == name);
        let date = |source: &'a Option<Source>| source.as_ref().map(|source| Plan::new(source, &Kind::Date, columns, codes));
        let qualifier = mapping.qualifier.as_ref().map(|source| Plan::new(source, &source.qualifier_kind(), columns, codes));
        Some(RelationPlan {
            mapping,
            source: end(&mapping.source)?,
            target: end(&mapping.target)?,
            when: mapping.when.as_ref().and_then(|when| Condition::new(when, columns)),
            since: date(&mapping.since),
            until: date(&mapping.until),
            qualifier,
            found: Vec::new(),
            said: Texts::default(),
        })
    }

    /// Since when, until when and as what, of each relation found; ISO 8601 and a code or text, or empty.
    pub(crate) fn said(&self) -> [&str; 3] {
        [0, 1, 2].map(|at| self.said.get(at))
    }

    pub(super) fn read(&mut self, cells: Cells<'_>, roles: &[RolePlan<'a>], rejects: &mut Vec<Reject<'a>>) {
        self.found.clear();
        let (sources, targets) = (&roles[self.source], &roles[self.target]);
        let none = sources.found.is_empty() || targets.found.is_empty();
        if none || self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return;
        }
        self.said.truncate(0);
        for plan in [&mut self.since, &mut self.until, &mut self.qualifier] {
            match plan {
                Some(plan) => _ = value(plan, cells, &mut self.said, rejects),
                None => self.said.push(""),
            }
        }
        let in_step = sources.is_list && targets.is_list;
        for (source, left) in sources.found.iter().enumerate() {
            let ties = targets.found.iter().enumerate().filter(|(_, right)| !in_step || left == *right);
            self.found.extend(ties.map(|(target, _)| (source, target)));
        }
    }
}
