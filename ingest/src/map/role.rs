//! One role of an extract: what rows say of its records. Where a row names one at most, whole columns are judged, a block at a time; lists and
//! coordinates are read row by row. Which rows are asked is not known here.

use super::{agree::Said, refuse, value};
use crate::{
    Role, Source,
    block::{Block, Cells},
    reject::Reject,
    source::{Condition, Datum, Judged, Plan, Position},
    texts::Texts,
};
use arrow_array::StringArray;
use arrow_schema::ArrowError;
use std::borrow::Cow;
use wuwei_schema::{EntityType, Fault, Model};

/// As many things of a role as a row can reasonably name in one cell.
const LIST_LIMIT: usize = 200;

/// The row says something of the role.
const EXISTS: u8 = 1;
/// Something that it says of it is wrong.
const FAULTY: u8 = 2;

/// One role, with what the present row says of it.
#[derive(Debug)]
pub(crate) struct RolePlan<'a> {
    pub(crate) role: &'a Role,
    pub(crate) entity: &'a EntityType,
    when: Option<Condition<'a>>,
    plans: Vec<Plan<'a>>,
    /// Of each property of the entity, which of the plans gives it.
    pub(crate) slots: Vec<Option<usize>>,
    pub(super) is_list: bool,
    /// Whether its values are those of whole columns: a row names one at most, and no value is made of others.
    pub(crate) is_by_column: bool,
    /// Where its coordinates are among the plans.
    coordinates: Option<(usize, usize, Datum)>,
    said: Said,
    /// What its plans make of the present block, unless rows are read one by one.
    columns: Vec<Judged>,
    /// Of each row of the block, whether it says anything of the role, and whether anything in it is wrong.
    marks: Vec<u8>,
    /// The present row.
    at: usize,
    /// The records that the present row yields: which of the list each is, from 0; 0 where there is no list.
    pub(crate) found: Vec<usize>,
    /// What is said of each where rows are read one by one, in the order of the role's properties; empty where nothing is known.
    values: Texts,
}

impl<'a> RolePlan<'a> {
    pub(super) fn new(role: &'a Role, columns: &[String], model: &'a Model) -> Option<RolePlan<'a>> {
        let entity = model.entity(&role.entity)?;
        let plan = |name: &str, source: &'a Source| Some(Plan::new(source, &entity.property(name)?.kind, columns, &model.codes));
        let plans = role.properties.iter().map(|(name, source)| plan(name, source)).collect::<Option<Vec<_>>>()?;
        let slots = entity.properties.iter().map(|property| role.properties.iter().position(|(name, _)| *name == property.name)).collect();
        let when = role.when.as_ref().and_then(|when| Condition::new(when, columns));
        let (is_list, coordinates, said) = (role.is_list(), role.coordinates(), Said::by(role));
        Some(RolePlan {
            role,
            entity,
            when,
            plans,
            slots,
            is_list,
            is_by_column: !is_list && coordinates.is_none(),
            coordinates,
            said,
            columns: Vec::new(),
            marks: Vec::new(),
            at: 0,
            found: Vec::new(),
            values: Texts::default(),
        })
    }

    /// Judges the columns of a block, in the rows that are asked for and are of this role.
    pub(super) fn judge(&mut self, block: &Block, asked: &[bool]) -> Result<(), ArrowError> {
        if !self.is_by_column {
            return Ok(());
        }
        let is_of_role = |when: &Condition<'_>| (0..asked.len()).map(|row| asked[row] && when.holds(block.cells(row))).collect();
        let asked: Cow<'_, [bool]> = self.when.as_ref().map_or(Cow::Borrowed(asked), |when| Cow::Owned(is_of_role(when)));
        self.columns = self.plans.iter_mut().map(|plan| plan.judge(block, &asked)).collect::<Result<_, _>>()?;
        self.marks.clear();
        self.marks.resize(asked.len(), 0);
        for (plan, column) in self.plans.iter().zip(&self.columns) {
            if !plan.is_constant() {
                self.marks.iter_mut().zip(column.are_known()).for_each(|(mark, is_known)| *mark |= u8::from(is_known) * EXISTS);
            }
            column.faulty().for_each(|row| self.marks[row] |= FAULTY);
        }
        self.marks.iter_mut().zip(asked.iter()).for_each(|(mark, is_asked)| *mark *= u8::from(*is_asked));
        Ok(())
    }

    /// What the block says of a property, by its place among the role's, in the end.
    pub(crate) fn column_of(&mut self, property: usize) -> Option<&StringArray> {
        self.columns.get_mut(property).map(Judged::settle)
    }

    /// What the present row says of its record, in the order of the role's properties.
    pub(crate) fn value(&self, record: usize, property: usize) -> &str {
        match self.columns.get(property) {
            Some(column) => column.get(self.at),
            None => self.values.get(record * self.plans.len() + property),
        }
    }

    /// The heading of a property, by its place among the role's.
    pub(super) fn column(&self, property: usize) -> Option<&'a str> {
        self.plans.get(property).and_then(Plan::column)
    }

    /// Whether it says anything of that property of an entity.
    pub(crate) fn gives(&self, entity: &EntityType, property: usize) -> bool {
        self.entity.name == entity.name && self.slots.get(property).copied().flatten().is_some()
    }

    /// Leaves out births that the day of the row contradicts.
    pub(super) fn age(&mut self, observed: &str, rejects: &mut Vec<Reject<'a>>) {
        for record in 0..self.found.len() {
            if let Some(place) = self.said.age(|place| self.value(record, place), &self.plans, observed, rejects) {
                match self.columns.get_mut(place) {
                    Some(column) => column.empty(self.at),
                    None => self.values.empty(record * self.plans.len() + place),
                }
            }
        }
    }

    /// Reads the row of that place in the block.
    pub(super) fn read(&mut self, at: usize, cells: Cells<'_>, rejects: &mut Vec<Reject<'a>>) {
        self.found.clear();
        if self.is_by_column {
            return self.take(at, cells, rejects);
        }
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

    /// Takes what the columns say in that row.
    fn take(&mut self, at: usize, cells: Cells<'_>, rejects: &mut Vec<Reject<'a>>) {
        self.at = at;
        let mark = self.marks.get(at).copied().unwrap_or_default();
        if mark & FAULTY != 0 {
            for (plan, column) in self.plans.iter().zip(&self.columns) {
                if let Some(fault) = column.fault(at) {
                    refuse(plan, &plan.text(cells), fault.clone(), rejects);
                }
            }
        }
        if mark & EXISTS != 0 {
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
    fn read_list(&mut self, cells: Cells<'_>, rejects: &mut Vec<Reject<'a>>) {
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
                exists |= super::judge(plan, piece.unwrap_or_default(), &mut self.values, rejects) && plan.is_list();
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
