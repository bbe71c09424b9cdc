//! What a row says: from its cells, in the order of the extract's columns, to the values of each role and the relations between them.
//! A row is judged whole before anything of it is kept. Reading files and building batches are elsewhere.

mod agree;

use crate::{
    Exclusion, Extract, RelationMapping, Role, Source,
    recognise::{Again, Names},
    reject::Reject,
    remark::is_remark,
    source::{Condition, Datum, Plan, Position},
};
use agree::Said;
use std::borrow::Cow;
use wuwei_schema::{Codes, EntityType, Fault, Kind, Model};

/// As many things of a role as a row can reasonably name in one cell.
const LIST_LIMIT: usize = 200;

/// An extract's mapping, made ready for many rows.
#[derive(Debug)]
pub(crate) struct Mapping<'a> {
    pub(crate) roles: Vec<RolePlan<'a>>,
    pub(crate) relations: Vec<RelationPlan<'a>>,
    observed: Option<Plan<'a>>,
    exclusions: Vec<(Condition<'a>, &'a str)>,
    headings: Names,
}

/// What a row is, before anything of it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// A row of the table.
    Data,
    /// Blank, the headings once more, a line of totals or a remark below the table.
    None,
    /// Headings, but not those of this table.
    OtherHeading,
}

/// One role, with what the present row says of it.
#[derive(Debug)]
pub(crate) struct RolePlan<'a> {
    pub(crate) role: &'a Role,
    pub(crate) entity: &'a EntityType,
    when: Option<Condition<'a>>,
    plans: Vec<Plan<'a>>,
    /// Of each property of the entity, which of the plans gives it.
    pub(crate) slots: Vec<Option<usize>>,
    is_list: bool,
    /// Where its coordinates are among the plans.
    coordinates: Option<(usize, usize, Datum)>,
    said: Said,
    pub(crate) found: Vec<Found>,
}

/// One record that the present row yields.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Which of the list, from 0; 0 where there is no list.
    pub(crate) position: usize,
    /// In the order of the role's properties; empty where nothing is known.
    pub(crate) values: Vec<String>,
}

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
    pub(crate) found: Vec<Tie>,
}

/// One relation that the present row states, between records by their place in [`RolePlan::found`].
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tie {
    pub(crate) source: usize,
    pub(crate) target: usize,
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) qualifier: String,
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
        Mapping { relations, roles, observed, exclusions, headings: Names::of(columns.iter()) }
    }

    /// Judges a row and keeps what it says in `found` of roles and relations; the date at which the source knew it. What is wrong with it
    /// goes to `rejects`; if any of them refuses the row, what was found means nothing.
    pub(crate) fn row(&mut self, cells: &[String], rejects: &mut Vec<Reject<'a>>) -> String {
        for role in &mut self.roles {
            role.read(cells, rejects);
        }
        for relation in &mut self.relations {
            relation.read(cells, &self.roles, rejects);
        }
        let observed = self.observed.as_mut().map(|plan| value(plan, cells, rejects)).unwrap_or_default();
        for role in &mut self.roles {
            role.found.iter_mut().for_each(|found| role.said.age(found, &role.plans, &observed, rejects));
        }
        observed
    }

    /// Why nothing of the row may be kept, if so.
    pub(crate) fn excluded(&self, cells: &[String]) -> Option<&'a str> {
        self.exclusions.iter().find(|(condition, _)| condition.holds(cells)).map(|(_, reason)| *reason)
    }

    /// Whether rows of the extract have to be judged before anything of them is kept.
    pub(crate) fn has_exclusions(&self) -> bool {
        !self.exclusions.is_empty()
    }

    /// What the row is.
    pub(crate) fn standing(&self, cells: &[String]) -> Standing {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Standing::None;
        }
        match self.headings.again(cells.iter()) {
            Again::Partly => Standing::OtherHeading,
            Again::Whole => Standing::None,
            Again::No if is_remark(cells) => Standing::None,
            Again::No => Standing::Data,
        }
    }
}

impl<'a> RolePlan<'a> {
    fn new(role: &'a Role, columns: &[String], model: &'a Model) -> Option<RolePlan<'a>> {
        let entity = model.entity(&role.entity)?;
        let plan = |name: &str, source: &'a Source| Some(Plan::new(source, &entity.property(name)?.kind, columns, &model.codes));
        let plans = role.properties.iter().map(|(name, source)| plan(name, source)).collect::<Option<Vec<_>>>()?;
        let slots = entity.properties.iter().map(|property| role.properties.iter().position(|(name, _)| *name == property.name)).collect();
        let when = role.when.as_ref().and_then(|when| Condition::new(when, columns));
        let (is_list, coordinates, said) = (role.is_list(), role.coordinates(), Said::by(role));
        Some(RolePlan { role, entity, when, plans, slots, is_list, coordinates, said, found: Vec::new() })
    }

    fn read(&mut self, cells: &[String], rejects: &mut Vec<Reject<'a>>) {
        self.found.clear();
        if self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return;
        }
        if self.is_list {
            return self.read_list(cells, rejects);
        }
        let mut exists = false;
        let mut values = Vec::with_capacity(self.plans.len());
        for plan in &mut self.plans {
            let value = value(plan, cells, rejects);
            exists |= !value.is_empty() && !plan.is_constant();
            values.push(value);
        }
        if exists {
            self.place(&mut values, rejects);
            self.said.compare(&values, &self.plans, rejects);
            self.found.push(Found { position: 0, values });
        }
    }

    /// Turns coordinates into CGCS2000. What is no place in China empties both cells; exchanged ones are put right and that is told.
    fn place(&self, values: &mut [String], rejects: &mut Vec<Reject<'a>>) {
        let Some((longitude, latitude, datum)) = self.coordinates else { return };
        if values[longitude].is_empty() && values[latitude].is_empty() {
            return;
        }
        let degrees = |at: usize| values[at].parse::<f64>().unwrap_or_default();
        let (position, rule, reason) = match datum.read(degrees(longitude), degrees(latitude)) {
            Position::Known(x, y) => (Some((x, y)), "", ""),
            Position::Swapped(x, y) => (Some((x, y)), "coordinates_swapped", "经度与纬度填反，已对调"),
            Position::Elsewhere => (None, "coordinates_range", "坐标不在中国境内，或为地方坐标系，请提供经纬度"),
        };
        if !rule.is_empty() {
            let value = format!("{} {}", values[longitude], values[latitude]);
            let fault = Fault { rule, reason: reason.to_owned(), proposal: None };
            rejects.push(Reject { column: self.plans[longitude].column(), fault, value: Some(value), refuses: false });
        }
        let text = |degrees: f64| position.map_or_else(String::new, |_| degrees.to_string());
        let (x, y) = position.unwrap_or_default();
        (values[longitude], values[latitude]) = (text(x), text(y));
    }

    /// One record per place of the list; all list cells of the role are walked in step, what is no list is said of each.
    fn read_list(&mut self, cells: &[String], rejects: &mut Vec<Reject<'a>>) {
        let texts: Vec<Cow<'_, str>> = self.plans.iter().map(|plan| plan.text(cells)).collect();
        let pieces: Vec<Vec<&str>> = self.plans.iter().zip(&texts).map(|(plan, text)| plan.pieces(text)).collect();
        let lists = || self.plans.iter().zip(&pieces).filter(|(plan, pieces)| plan.is_list() && !pieces.is_empty());
        let length = lists().map(|(_, pieces)| pieces.len()).max().unwrap_or(0);
        if let Some((plan, _)) = lists().find(|(_, pieces)| pieces.len() != length || length > LIST_LIMIT) {
            return refuse_list(plan.column(), rejects);
        }
        for position in 0..length {
            let mut exists = false;
            let mut values = Vec::with_capacity(self.plans.len());
            for (plan, pieces) in self.plans.iter_mut().zip(&pieces) {
                let place = if plan.is_list() { position } else { 0 };
                let piece = pieces.get(place).copied().filter(|_| plan.is_said_of(position, length));
                let value = judge(plan, piece.unwrap_or_default(), rejects);
                exists |= !value.is_empty() && plan.is_list();
                values.push(value);
            }
            if exists {
                self.said.compare(&values, &self.plans, rejects);
                self.found.push(Found { position, values });
            }
        }
    }
}

/// Which number belongs to whom is not guessed.
fn refuse_list<'a>(column: Option<&'a str>, rejects: &mut Vec<Reject<'a>>) {
    let reason = "同一行各列所列的个数不一致或过多，无法对应，请逐一补齐".to_owned();
    rejects.push(Reject { column, fault: Fault { rule: "list_length", reason, proposal: None }, value: None, refuses: true });
}

impl<'a> RelationPlan<'a> {
    fn new(mapping: &'a RelationMapping, roles: &[RolePlan<'a>], columns: &[String], codes: &'a Codes) -> Option<RelationPlan<'a>> {
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
        })
    }

    fn read(&mut self, cells: &[String], roles: &[RolePlan<'a>], rejects: &mut Vec<Reject<'a>>) {
        self.found.clear();
        let (sources, targets) = (&roles[self.source], &roles[self.target]);
        let none = sources.found.is_empty() || targets.found.is_empty();
        if none || self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return;
        }
        let mut said = |plan: &mut Option<Plan<'a>>| plan.as_mut().map(|plan| value(plan, cells, rejects)).unwrap_or_default();
        let (since, until, qualifier) = (said(&mut self.since), said(&mut self.until), said(&mut self.qualifier));
        let in_step = sources.is_list && targets.is_list;
        for (source, left) in sources.found.iter().enumerate() {
            for (target, right) in targets.found.iter().enumerate() {
                if !in_step || left.position == right.position {
                    let (since, until, qualifier) = (since.clone(), until.clone(), qualifier.clone());
                    self.found.push(Tie { source, target, since, until, qualifier });
                }
            }
        }
    }
}

fn value<'a>(plan: &mut Plan<'a>, cells: &[String], rejects: &mut Vec<Reject<'a>>) -> String {
    let text = plan.text(cells);
    judge(plan, &text, rejects)
}

/// The canonical value, or none and a reject; a wrong identifier refuses the row.
fn judge<'a>(plan: &mut Plan<'a>, text: &str, rejects: &mut Vec<Reject<'a>>) -> String {
    let fault = match plan.read(text) {
        Ok(value) => return value,
        Err(fault) => fault,
    };
    let reject = Reject { column: plan.column(), fault, value: Some(text.to_owned()), refuses: plan.identifies() };
    // One cell may be read by two roles; its owner is told once.
    if !rejects.contains(&reject) {
        rejects.push(reject);
    }
    String::new()
}
