//! What a row says: from its cells, in the order of the extract's columns, to the values of each role and the relations between them.
//! A row is judged whole before anything of it is kept. Reading files and building batches are elsewhere.

mod agree;
mod relation;
mod require;
mod role;

use crate::{
    Exclusion, Extract,
    block::{Block, Cells},
    recognise::{Again, Names},
    reject::Reject,
    remark::is_remark,
    source::{Condition, Judged, Plan},
    texts::Texts,
};
use arrow_schema::ArrowError;
pub(crate) use relation::RelationPlan;
use require::Required;
pub(crate) use role::RolePlan;
use wuwei_schema::{Fault, Kind, Model};

/// An extract's mapping, made ready for many rows.
#[derive(Debug)]
pub(crate) struct Mapping<'a> {
    pub(crate) roles: Vec<RolePlan<'a>>,
    pub(crate) relations: Vec<RelationPlan<'a>>,
    required: Vec<Required<'a>>,
    observed: Option<Plan<'a>>,
    /// What it makes of the present block.
    days: Option<Judged>,
    /// The date at which the source knew the present row.
    day: String,
    /// The last day at which anybody can have known anything, ISO 8601.
    pub(crate) until: Option<String>,
    exclusions: Vec<(Condition<'a>, &'a str)>,
    headings: Names,
}

/// What a row is, before anything of it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A row of the table.
    Data,
    /// Blank, a line of totals or a remark below the table.
    None,
    /// The headings once more.
    Heading,
    /// Headings, but not those of this table.
    OtherHeading,
}

impl<'a> Mapping<'a> {
    /// The mapping of a checked extract; a role whose type the model does not have would be left out.
    pub(crate) fn new(extract: &'a Extract, model: &'a Model) -> Mapping<'a> {
        let columns = &extract.columns;
        let roles: Vec<RolePlan<'a>> = extract.roles.iter().filter_map(|role| RolePlan::new(role, columns, model)).collect();
        let relations = extract.relations.iter().filter_map(|mapping| RelationPlan::new(mapping, &roles, columns, &model.codes)).collect();
        let observed = extract.observed.as_ref().map(|source| Plan::new(source, &Kind::Date, columns, &model.codes));
        let exclude = |rows: &'a Exclusion| Some((Condition::new(&rows.when, columns)?, rows.reason.as_str()));
        let exclusions = extract.exclude.iter().filter_map(exclude).collect();
        let required = extract.require.iter().filter_map(|asked| Required::new(asked, &roles, columns)).collect();
        Mapping {
            required,
            relations,
            roles,
            observed,
            days: None,
            day: String::new(),
            until: None,
            exclusions,
            headings: Names::of(columns.iter()),
        }
    }

    /// Judges the columns of a block, in the rows that are asked for: afterwards they can be read, in their order.
    ///
    /// # Errors
    /// There are more values than a column can have, which a block has not.
    pub(crate) fn judge(&mut self, block: &Block, asked: &[bool]) -> Result<(), ArrowError> {
        self.roles.iter_mut().try_for_each(|role| role.judge(block, asked))?;
        self.days = self.observed.as_mut().map(|plan| plan.judge(block, asked)).transpose()?;
        Ok(())
    }

    /// Reads the row of that place in the block that was judged, and keeps what it says in `found` of roles and relations. What is wrong with
    /// it goes to `rejects`; if any of them refuses the row, what was found means nothing.
    pub(crate) fn row(&mut self, at: usize, cells: Cells<'_>, rejects: &mut Vec<Reject<'a>>) {
        for role in &mut self.roles {
            role.read(at, cells, rejects);
        }
        for relation in &mut self.relations {
            relation.read(cells, &self.roles, rejects);
        }
        for required in &self.required {
            required.hold(&self.roles, cells, rejects);
        }
        self.day.clear();
        if let (Some(plan), Some(days)) = (&self.observed, &self.days) {
            if let Some(fault) = days.fault(at) {
                refuse(plan, &plan.text(cells), fault.clone(), rejects);
            }
            let day = days.get(at);
            // A day that is still to come would make all that follows look late.
            if self.until.as_deref().is_some_and(|until| day > until) {
                let fault = Fault { rule: "date_future", reason: "日期尚未到来，请核对".to_owned(), proposal: None };
                rejects.push(Reject { column: plan.column(), fault, value: Some(day.to_owned()), refuses: false });
            } else {
                self.day.push_str(day);
            }
        }
        for role in &mut self.roles {
            role.age(&self.day, rejects);
        }
    }

    /// The date at which the source knew the present row, ISO 8601; empty where it does not say.
    pub(crate) fn observed(&self) -> &str {
        &self.day
    }

    /// Why nothing of the row may be kept, if so.
    pub(crate) fn excluded(&self, cells: Cells<'_>) -> Option<&'a str> {
        self.exclusions.iter().find(|(condition, _)| condition.holds(cells)).map(|(_, reason)| *reason)
    }

    /// Whether rows of the extract have to be judged before anything of them is kept.
    pub(crate) fn has_exclusions(&self) -> bool {
        !self.exclusions.is_empty()
    }

    /// What the row is.
    pub(crate) fn standing(&self, cells: Cells<'_>) -> Standing {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Standing::None;
        }
        match self.headings.again(cells.iter()) {
            Again::Partly => Standing::OtherHeading,
            Again::Whole => Standing::Heading,
            Again::No if is_remark(cells) => Standing::None,
            Again::No => Standing::Data,
        }
    }
}

fn value<'a>(plan: &mut Plan<'a>, cells: Cells<'_>, values: &mut Texts, rejects: &mut Vec<Reject<'a>>) -> bool {
    let text = plan.text(cells);
    judge(plan, &text, values, rejects)
}

/// Adds the canonical value, or an empty one and a reject; whether anything is known. A wrong identifier refuses the row.
fn judge<'a>(plan: &mut Plan<'a>, text: &str, values: &mut Texts, rejects: &mut Vec<Reject<'a>>) -> bool {
    let fault = match plan.read(text) {
        Ok(value) => {
            values.push(&value);
            return !value.is_empty();
        }
        Err(fault) => fault,
    };
    values.push("");
    refuse(plan, text, fault, rejects);
    false
}

/// Adds what is wrong with a text. One cell may be read by two roles; its owner is told once.
fn refuse<'a>(plan: &Plan<'a>, text: &str, fault: Fault, rejects: &mut Vec<Reject<'a>>) {
    let reject = Reject { column: plan.column(), fault, value: Some(text.to_owned()), refuses: plan.identifies() };
    if !rejects.contains(&reject) {
        rejects.push(reject);
    }
}
