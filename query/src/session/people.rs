//! Whom a session keeps back, and whom it finds: restricted persons are in no answer, somebody under 14 is not found by name, and nobody is
//! found by a value that is masked.

use super::{Planned, Session, collect};
use crate::{
    Error, Limits,
    barrier::Protected,
    constant::BEIJING_MS,
    door::{self, Door},
    engine,
    functions::Ask,
    guard::{Names as _, guard},
    parameter::Parameters,
    protected::{Minors, Restricted},
    rights::{Rights, Seen, Sight, Visible, Which},
    table_function::{Ask as Rows, Calls, Given, Inside, neighbours_of},
};
use arrow_array::{Date32Array, RecordBatch, cast::AsArray as _};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::logical_expr::ScalarUDF;
use futures::{FutureExt as _, future::BoxFuture};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};

impl Session {
    /// The tables that whoever asks sees.
    pub(crate) fn visible(&self) -> Visible<'_> {
        Visible { catalogue: &self.catalogue, rights: &self.rights }
    }

    /// The program's own look at the same epoch.
    pub(super) fn program(&self) -> Session {
        Session { rights: Arc::new(Rights::program()), elsewhere: None, ..self.clone() }
    }

    /// What the program asks for the door's own use: no part of an answer, so it is neither audited nor counted.
    pub(crate) async fn own(&self, question: &str, at_ms: i64) -> Result<Vec<RecordBatch>, Error> {
        let planned = self.own_plan(question, at_ms).await?;
        let own = Arc::new(Limits { rows: usize::MAX, ..Limits::clone(&self.limits) });
        Ok(engine::run(&self.limits, collect(planned, own).boxed()).await?.batches)
    }

    /// The same, batch by batch.
    pub(crate) async fn own_stream(&self, question: &str, at_ms: i64) -> Result<super::Batches, Error> {
        let planned = self.own_plan(question, at_ms).await?;
        planned.stream()
    }

    /// Boxed, since a question may need such a look first, which is a question as well.
    fn own_plan<'a>(&'a self, question: &'a str, at_ms: i64) -> BoxFuture<'a, Result<Planned, Error>> {
        match self.rights.is_program() {
            true => self.planned_with(question, at_ms, door::config(&self.limits), Parameters::none()).boxed(),
            false => futures::future::ready(Err(Error::Engine { detail: "somebody asked as the program" })).boxed(),
        }
    }

    /// The asker's own questions inside another one of theirs, which is accounted for with all that they read.
    pub(crate) fn ask(&self, at_ms: i64) -> Arc<Ask> {
        let session = self.clone();
        Arc::new(move |question| {
            let session = session.clone();
            let answered = async move {
                let planned = session.planned_with(&question, at_ms, door::config(&session.limits), Parameters::none()).await?;
                Ok(session.run(planned).await?.batches)
            };
            answered.boxed()
        })
    }

    /// Lets the functions that a question calls for rows ask as whoever asks it.
    pub(super) fn call(&self, door: &mut Door<'_>, calls: &Calls, parameters: &Parameters, at_ms: i64) -> Result<(), Error> {
        if calls.are_none() {
            return Ok(());
        }
        let relations = self.visible().relations()?.unwrap_or_default();
        let types = self.visible().names()?.iter().filter_map(|name| name.strip_prefix("entity.").map(str::to_owned)).collect::<Vec<_>>();
        let today = day(at_ms + BEIJING_MS);
        let inside = Inside {
            ask: self.asks(at_ms),
            asker: self.asker_inside(at_ms),
            session: self.clone(),
            today: Arc::from(today.as_str()),
            at_ms,
        };
        let given = Given { parameters, today: &today, relations: &relations, types: &types, graph: &self.graph(at_ms) };
        door.call(calls, &inside, &given)
    }

    /// The function over a column of entities, where a question calls it.
    pub(super) fn of_column(&self, calls: &Calls, at_ms: i64) -> Result<Option<Arc<ScalarUDF>>, Error> {
        match calls.of_column {
            true => Ok(Some(neighbours_of(&self.asks(at_ms), &self.graph(at_ms), self.visible().relations()?.unwrap_or_default()))),
            false => Ok(None),
        }
    }

    /// Questions of whoever asks inside another one of theirs, batch by batch.
    pub(super) fn asks(&self, at_ms: i64) -> Arc<Rows> {
        let session = self.clone();
        Arc::new(move |question| {
            let session = session.clone();
            async move { session.planned_with(&question, at_ms, door::config(&session.limits), Parameters::none()).await?.stream() }.boxed()
        })
    }

    /// Names of the tables that keep rows as they stood in files.
    pub(crate) fn extracts(&self) -> impl Iterator<Item = &str> {
        let raw = self.catalogue.tables.keys().filter(|name| name.starts_with("raw.") && *name != wuwei_schema::table::REJECT);
        raw.map(String::as_str)
    }

    /// Whom a question has to keep back; nobody where it reads no table that speaks of people.
    pub(super) async fn protected(&self, question: &str, at_ms: i64) -> Result<Arc<Protected>, Error> {
        if self.rights.is_program() {
            return Ok(Arc::default());
        }
        let program = self.program();
        let read = || async { Restricted::read(&program, self.catalogue.model(), at_ms).await.map(Arc::new) };
        let restricted = Arc::clone(self.catalogue.restricted.get_or_try_init(read).await?);
        // A question that is refused is refused again where it is planned.
        let named = guard(question, &self.visible(), &[]).map(|question| question.tables).unwrap_or_default();
        let mut hides_minors = false;
        for table in named {
            let sight = self.rights.sight(&self.catalogue, &table)?;
            hides_minors |= matches!(sight, Some(Sight::Rows(seen)) if seen.minors != Which::All);
        }
        let minors = if hides_minors { self.minors(at_ms).await? } else { Arc::default() };
        Ok(Arc::new(Protected { restricted, minors }))
    }

    async fn minors(&self, at_ms: i64) -> Result<Arc<Minors>, Error> {
        let today = day(at_ms);
        if let Some((of, minors)) = &*self.catalogue.minors.lock().unwrap_or_else(PoisonError::into_inner)
            && *of == today
        {
            return Ok(Arc::clone(minors));
        }
        let minors = Arc::new(Minors::read(&self.program(), self.catalogue.model(), &today, at_ms).await?);
        *self.catalogue.minors.lock().unwrap_or_else(PoisonError::into_inner) = Some((today, Arc::clone(&minors)));
        Ok(minors)
    }

    /// Whether whoever asks sees rows of that department, of a table.
    ///
    /// # Errors
    /// A policy cannot be evaluated.
    pub fn sees_rows_of(&self, table: &str, department: &str) -> Result<bool, Error> {
        let sight = self.rights.sight(&self.catalogue, table)?;
        Ok(matches!(sight, Some(Sight::Rows(seen)) if seen.rows.has(department)))
    }

    /// By what, and who of a type, whoever asks may find: by properties that are clear to them of the entity and in the records of the
    /// department that states the value, and those that are in their answers.
    ///
    /// # Errors
    /// A policy cannot be evaluated, or the tables cannot be read.
    pub async fn findable(&self, entity: &str, at_ms: i64) -> Result<Findable, Error> {
        let table = format!("entity.{entity}");
        let Some(Sight::Rows(seen)) = self.rights.sight(&self.catalogue, &table)? else { return Ok(Findable::default()) };
        // An entity has no address to be told by, and is of no one department: it is found where all are.
        if seen.area.is_some() || seen.rows != Which::All {
            return Ok(Findable::default());
        }
        let of_records = format!("record.{entity}");
        let Some(Sight::Rows(stated)) = self.rights.sight(&self.catalogue, &of_records)? else { return Ok(Findable::default()) };
        let whose: BTreeMap<String, Which> = self.columns(&of_records).map(|(at, name)| (name, clear_of(&stated, at))).collect();
        let clear = self.columns(&table).filter(|(at, _)| is_clear(&seen, *at));
        let properties = clear.filter_map(|(_, name)| whose.get(&name).map(|whose| (name, whose.clone()))).collect();
        let protected = self.protected(&format!("SELECT entity_id FROM {table}"), at_ms).await?;
        Ok(Findable { properties, departments: stated.rows.clone(), protected })
    }

    /// Place and name of each column of a table.
    fn columns(&self, table: &str) -> impl Iterator<Item = (usize, String)> + use<'_> {
        let schema = self.catalogue.tables.get(table).map(|table| &table.schema);
        schema.into_iter().flat_map(|schema| schema.fields().iter().map(|field| field.name().clone()).enumerate())
    }
}

/// By what, and who, may be found; nobody and by nothing at first.
#[derive(Debug)]
pub struct Findable {
    /// With the departments whose values are clear.
    properties: BTreeMap<String, Which>,
    /// Departments whose records are seen.
    departments: Which,
    protected: Arc<Protected>,
}

impl Default for Findable {
    fn default() -> Findable {
        Findable { properties: BTreeMap::new(), departments: Which::Only(BTreeSet::new()), protected: Arc::default() }
    }
}

impl Findable {
    /// Whether by that property, as that department states it.
    pub fn by(&self, property: &str, department: &str) -> bool {
        self.departments.has(department) && self.properties.get(property).is_some_and(|whose| whose.has(department))
    }

    /// Whether that entity; somebody under 14 only by those to whom they are like others.
    pub fn is(&self, id: i64) -> bool {
        !self.protected.restricted.entities.has(id) && !self.protected.minors.entities.has(id)
    }
}

/// Tables of entities are of several departments together, so a column is clear for all of their rows or for none.
fn is_clear(seen: &Seen, column: usize) -> bool {
    seen.clear.get(column).is_some_and(Option::is_none)
}

/// The departments in whose records a column is clear.
fn clear_of(seen: &Seen, column: usize) -> Which {
    match seen.clear.get(column) {
        Some(None) => Which::All,
        Some(Some(whose)) => whose.clone(),
        None => Which::Only(BTreeSet::new()),
    }
}

/// The day of a time in milliseconds, ISO 8601, in UTC.
pub(crate) fn day(at_ms: i64) -> String {
    let days = i32::try_from(at_ms.div_euclid(86_400_000)).unwrap_or(i32::MAX);
    let text = cast(&Date32Array::from(vec![days]), &DataType::Utf8);
    text.map(|text| text.as_string::<i32>().value(0).to_owned()).unwrap_or_default()
}
