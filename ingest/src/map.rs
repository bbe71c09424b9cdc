//! What a row says: from its cells, in the order of the extract's columns, to the values of each role and the relations between them.
//! A row is judged whole before anything of it is kept. Reading files and building batches are elsewhere.

mod agree;
mod require;

use crate::{
    Exclusion, Extract, RelationMapping, Role, Source,
    recognise::{Again, Names},
    reject::Reject,
    remark::is_remark,
    source::{Condition, Datum, Plan, Position},
    texts::Texts,
};
use agree::Said;
use require::Required;
use std::borrow::Cow;
use wuwei_schema::{Codes, EntityType, Fault, Kind, Model};

/// As many things of a role as a row can reasonably name in one cell.
const LIST_LIMIT: usize = 200;

/// An extract's mapping, made ready for many rows.
#[derive(Debug)]
pub(crate) struct Mapping<'a> {
    pub(crate) roles: Vec<RolePlan<'a>>,
    pub(crate) relations: Vec<RelationPlan<'a>>,
    required: Vec<Required<'a>>,
    observed: Option<Plan<'a>>,
    /// The date at which the source knew the present row.
    day: Texts,
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
    /// The records that the present row yields: which of the list each is, from 0; 0 where there is no list.
    pub(crate) found: Vec<usize>,
    /// What is said of each, in the order of the role's properties; empty where nothing is known.
    values: Texts,
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
    /// The relations that the present row states: source and target by their place in [`RolePlan::found`].
    pub(crate) found: Vec<(usize, usize)>,
    /// What is said of all of them: since, until, qualifier.
    said: Texts,
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
            day: Texts::default(),
            until: None,
            exclusions,
            headings: Names::of(columns.iter()),
        }
    }

    /// Judges a row and keeps what it says in `found` of roles and relations. What is wrong with it goes to `rejects`; if any of them refuses
    /// the row, what was found means nothing.
    pub(crate) fn row(&mut self, cells: &[String], rejects: &mut Vec<Reject<'a>>) {
        for role in &mut self.roles {
            role.read(cells, rejects);
        }
        for relation in &mut self.relations {
            relation.read(cells, &self.roles, rejects);
        }
        for required in &self.required {
            required.hold(&self.roles, cells, rejects);
        }
        self.day.truncate(0);
        if let Some(plan) = &mut self.observed {
            value(plan, cells, &mut self.day, rejects);
            // A day that is still to come would make all that follows look late.
            if let Some(day) = self.until.as_ref().map(|_| self.day.get(0)).filter(|day| Some(*day) > self.until.as_deref()) {
                let fault = Fault { rule: "date_future", reason: "日期尚未到来，请核对".to_owned(), proposal: None };
                rejects.push(Reject { column: plan.column(), fault, value: Some(day.to_owned()), refuses: false });
                self.day.empty(0);
            }
        }
        for role in &mut self.roles {
            role.age(self.day.get(0), rejects);
        }
    }

    /// The date at which the source knew the present row, ISO 8601; empty where it does not say.
    pub(crate) fn observed(&self) -> &str {
        self.day.get(0)
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
            Again::Whole => Standing::Heading,
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
        Some(RolePlan { role, entity, when, plans, slots, is_list, coordinates, said, found: Vec::new(), values: Texts::default() })
    }

    /// What the present row says of its record, in the order of the role's properties.
    pub(crate) fn value(&self, record: usize, property: usize) -> &str {
        self.values.get(record * self.plans.len() + property)
    }

    /// The heading of a property, by its place among the role's.
    fn column(&self, property: usize) -> Option<&'a str> {
        self.plans.get(property).and_then(Plan::column)
    }

    /// Whether it says anything of that property of an entity.
    pub(crate) fn gives(&self, entity: &EntityType, property: usize) -> bool {
        self.entity.name == entity.name && self.slots.get(property).copied().flatten().is_some()
    }

    /// Leaves out births that the day of the row contradicts.
    fn age(&mut self, observed: &str, rejects: &mut Vec<Reject<'a>>) {
        for record in 0..self.found.len() {
            if let Some(place) = self.said.age(|place| self.value(record, place), &self.plans, observed, rejects) {
                self.values.empty(record * self.plans.len() + place);
            }
        }
    }

    fn read(&mut self, cells: &[String], rejects: &mut Vec<Reject<'a>>) {
        self.found.clear();
        self.values.truncate(0);
        if self.when.as_ref().is_some_and(|when| !when.holds(cells)) {
            return;
        }
        if self.is_list {
            return self.read_list(cells, rejects);
        }
        let mut exists = false;
        for plan in &mut self.plans {
            exists |= value(plan, cells, &mut self.values, rejects) && !plan.is_constant();
        }
        if exists {
            self.place(rejects);
            self.keep(0, rejects);
        }
    }

    /// Keeps the record whose values stand last.
    fn keep(&mut self, position: usize, rejects: &mut Vec<Reject<'a>>) {
        self.said.compare(|place| self.value(self.found.len(), place), &self.plans, rejects);
        self.found.push(position);
    }

    /// Turns coordinates into CGCS2000. What is no place in China empties both cells; exchanged ones are put right and that is told.
    fn place(&mut self, rejects: &mut Vec<Reject<'a>>) {
        let Some((longitude, latitude, datum)) = self.coordinates else { return };
        let values: Vec<String> = (0..self.plans.len()).map(|at| self.values.get(at).to_owned()).collect();
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
        self.values.truncate(0);
        for (at, value) in values.iter().enumerate() {
            match at {
                _ if at == longitude => self.values.push(&text(x)),
                _ if at == latitude => self.values.push(&text(y)),
                _ => self.values.push(value),
            }
        }
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
            for (plan, pieces) in self.plans.iter_mut().zip(&pieces) {
                let place = if plan.is_list() { position } else { 0 };
                let piece = pieces.get(place).copied().filter(|_| plan.is_said_of(position, length));
                exists |= judge(plan, piece.unwrap_or_default(), &mut self.values, rejects) && plan.is_list();
            }
            if exists {
                self.keep(position, rejects);
            } else {
                self.values.truncate(self.found.len() * self.plans.len());
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
            said: Texts::default(),
        })
    }

    /// Since when, until when and as what, of each relation found; ISO 8601 and a code or text, or empty.
    pub(crate) fn said(&self) -> [&str; 3] {
        [0, 1, 2].map(|at| self.said.get(at))
    }

    fn read(&mut self, cells: &[String], roles: &[RolePlan<'a>], rejects: &mut Vec<Reject<'a>>) {
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

fn value<'a>(plan: &mut Plan<'a>, cells: &[String], values: &mut Texts, rejects: &mut Vec<Reject<'a>>) -> bool {
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
    let reject = Reject { column: plan.column(), fault, value: Some(text.to_owned()), refuses: plan.identifies() };
    // One cell may be read by two roles; its owner is told once.
    if !rejects.contains(&reject) {
        rejects.push(reject);
    }
    false
}
