//! What one principal sees of each table for one purpose: which rows, which columns masked. The answers of the policies, department by
//! department and class by class, put together. It is asked for tables as questions name them; how rows and values are then kept back is
//! `barrier`'s.

mod kept;

use crate::{
    Catalogue, Error, Policies, Principal, Purpose,
    catalogue::Source,
    guard::{Names, guard},
    policy::{Action, Asker, Part},
    quality,
    session::day,
    shape::{Owner, Shape, word},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
pub(crate) use kept::Kept;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};
use wuwei_schema::{Sensitivity, table};

/// The class of whatever is said of somebody under 14.
const MINOR: &str = "minor";

/// What somebody may see.
#[derive(Debug)]
pub(crate) struct Rights {
    who: Who,
    /// What was decided of a table already: none where it is not seen at all.
    decided: Mutex<BTreeMap<String, Option<Sight>>>,
}

#[derive(Debug)]
enum Who {
    /// The program at a stage: everything.
    Program,
    /// Whoever defined an indicator: everything but restricted persons.
    Definer,
    Asker {
        policies: Arc<Policies>,
        asker: Box<Asker>,
        area: Option<String>,
    },
}

/// What is seen of a table.
#[derive(Debug, Clone)]
pub(crate) enum Sight {
    /// Rows.
    Rows(Arc<Seen>),
    /// No rows, but how many there are by these columns.
    Cells(Vec<usize>),
}

/// Which rows are seen, and what of them.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) rows: Which,
    /// The beginning of an address that a row must have.
    pub(crate) area: Option<String>,
    /// Of each column, for whose rows it is clear; none where it always is.
    pub(crate) clear: Vec<Option<Which>>,
    /// For whose rows those under 14 are seen like others.
    pub(crate) minors: Which,
    /// Entity types and relations that rows may name; none where they may name all.
    pub(crate) types: Option<BTreeSet<String>>,
    pub(crate) relations: Option<BTreeSet<String>>,
}

/// Departments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Only(BTreeSet<String>),
}

impl Which {
    pub(crate) fn has(&self, department: &str) -> bool {
        match self {
            Which::All => true,
            Which::Only(some) => some.contains(department),
        }
    }

    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Which::Only(some) if some.is_empty())
    }
}

impl Seen {
    pub(crate) fn everything(columns: usize) -> Seen {
        Seen { rows: Which::All, area: None, clear: vec![None; columns], minors: Which::All, types: None, relations: None }
    }

    /// Whether nothing is kept back.
    pub(crate) fn is_everything(&self) -> bool {
        self.rows == Which::All
            && self.area.is_none()
            && self.clear.iter().all(Option::is_none)
            && self.minors == Which::All
            && self.types.is_none()
            && self.relations.is_none()
    }
}

impl Rights {
    /// Those of a principal with a purpose that is registered for them on that day.
    ///
    /// # Errors
    /// No policy knows the role, or the purpose is not registered for whoever asks.
    pub(crate) fn registered(principal: &Principal, purpose: &Purpose, policies: &Arc<Policies>, at_ms: i64) -> Result<Rights, Error> {
        if principal.is_program() {
            return Ok(Rights::program());
        }
        let asker = Asker::new(principal, policies.registered(principal, purpose, &day(at_ms))?)?;
        let who = Who::Asker { policies: Arc::clone(policies), asker: Box::new(asker), area: principal.area().map(str::to_owned) };
        Ok(Rights { who, decided: Mutex::default() })
    }

    pub(crate) fn program() -> Rights {
        Rights { who: Who::Program, decided: Mutex::default() }
    }

    pub(crate) fn definer() -> Rights {
        Rights { who: Who::Definer, decided: Mutex::default() }
    }

    /// Whether nothing at all is kept back, not even restricted persons.
    pub(crate) fn is_program(&self) -> bool {
        matches!(self.who, Who::Program)
    }

    /// Whether a verb of the program may be used.
    pub(crate) fn may_run(&self, verb: &str) -> Result<bool, Error> {
        match &self.who {
            Who::Program => Ok(true),
            Who::Definer => Ok(false),
            Who::Asker { policies, asker, .. } => policies.may_run(asker, verb),
        }
    }

    /// What is seen of a table of the catalogue; none where it is as if there were no such table.
    pub(crate) fn sight(&self, catalogue: &Catalogue, name: &str) -> Result<Option<Sight>, Error> {
        if let Some(decided) = self.decided.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(decided.clone());
        }
        let sight = self.decide(catalogue, name)?;
        self.decided.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), sight.clone());
        Ok(sight)
    }

    fn decide(&self, catalogue: &Catalogue, name: &str) -> Result<Option<Sight>, Error> {
        let Some(found) = catalogue.tables.get(name) else { return Ok(None) };
        let Who::Asker { policies, asker, area } = &self.who else {
            return Ok(Some(Sight::Rows(Arc::new(Seen::everything(found.schema.fields().len())))));
        };
        if let Source::View { sql, .. } = &found.source
            && !is_defined(name)
            && !self.sees_all(catalogue, &guard(sql, &catalogue.tables, &["p"])?.tables)?
        {
            return Ok(None);
        }
        // Only a catalogue for the program's own stages has tables without a shape.
        let Some(shape) = catalogue.shapes.get(name) else { return Ok(None) };
        let asked = Asked { policies, asker, name, shape, departments: &catalogue.departments };
        let rows = asked.which(Action::Read, "", &Which::All)?;
        let (types, relations) = if shape.types.is_empty() && shape.relation.is_none() { (None, None) } else { self.types(catalogue)? };
        if rows.is_none() {
            let columns = asked.counted(&found.schema)?;
            return Ok(Some(columns).filter(|columns| !columns.is_empty()).map(Sight::Cells));
        }
        let clear = asked.clear(&rows)?;
        let minors = if shape.born.is_some() { asked.which(Action::Clear, MINOR, &rows)? } else { Which::All };
        // Like others in all rows that are seen is like others always.
        let minors = if minors == rows { Which::All } else { minors };
        let area = area.clone().filter(|_| !shape.addresses.is_empty());
        let types = types.filter(|_| !shape.types.is_empty());
        let relations = relations.filter(|_| shape.relation.is_some());
        Ok(Some(Sight::Rows(Arc::new(Seen { rows, area, clear, minors, types, relations }))))
    }

    /// Whether each of these tables is seen in some way; a view is seen by those who see what it is made of.
    fn sees_all(&self, catalogue: &Catalogue, tables: &BTreeSet<String>) -> Result<bool, Error> {
        for table in tables {
            if self.sight(catalogue, table)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The entity types of which anything is seen, and the relations that have only such ends; none where all are.
    #[expect(clippy::type_complexity, reason = "the two are found together and used together")]
    fn types(&self, catalogue: &Catalogue) -> Result<(Option<BTreeSet<String>>, Option<BTreeSet<String>>), Error> {
        let mut types = BTreeSet::new();
        for kind in &catalogue.types {
            if self.sight(catalogue, &format!("entity.{kind}"))?.is_some() || self.sight(catalogue, &format!("record.{kind}"))?.is_some() {
                types.insert(kind.clone());
            }
        }
        if types.len() == catalogue.types.len() {
            return Ok((None, None));
        }
        let ends_seen = |ends: &BTreeSet<String>| ends.is_subset(&types);
        let relations = catalogue.relations.iter().filter(|(_, ends)| ends_seen(ends)).map(|(name, _)| name.clone()).collect();
        Ok((Some(types), Some(relations)))
    }
}

/// One table that is asked for.
struct Asked<'a> {
    policies: &'a Policies,
    asker: &'a Asker,
    name: &'a str,
    shape: &'a Shape,
    departments: &'a BTreeSet<String>,
}

impl Asked<'_> {
    fn may(&self, action: Action, department: &str, class: &str, column: &str) -> Result<bool, Error> {
        let located = !self.shape.addresses.is_empty();
        let part = Part { table: self.name, kind: &self.shape.kind, department, class, column, located };
        self.policies.may(self.asker, action, part)
    }

    /// The departments, among those seen, for whose rows something is permitted. Rows of departments that no file names any more are
    /// among them only where everything is.
    fn which(&self, action: Action, class: &str, among: &Which) -> Result<Which, Error> {
        let one = |is: bool| if is { Which::All } else { Which::Only(BTreeSet::new()) };
        match &self.shape.owner {
            Owner::Nobody => return Ok(one(self.may(action, "", class, "")?)),
            Owner::One(department) => return Ok(one(self.may(action, department, class, "")?)),
            Owner::Column(_) => {}
        }
        let mut some = BTreeSet::new();
        for department in self.departments.iter().filter(|department| among.has(department)) {
            if self.may(action, department, class, "")? {
                some.insert(department.clone());
            }
        }
        let all = some.len() == self.departments.len() && self.may(action, "", class, "")?;
        Ok(if all { Which::All } else { Which::Only(some) })
    }

    /// Of each column, for whose rows it is clear.
    fn clear(&self, rows: &Which) -> Result<Vec<Option<Which>>, Error> {
        let mut by_class: BTreeMap<Sensitivity, Option<Which>> = BTreeMap::new();
        for class in self.shape.classes() {
            let clear = self.which(Action::Clear, word(class), rows)?;
            // Clear for all rows that are seen is clear always.
            let always = clear == Which::All || clear == *rows;
            by_class.insert(class, Some(clear).filter(|_| !always));
        }
        Ok(self.shape.columns.iter().map(|column| by_class.get(&column.class).cloned().flatten()).collect())
    }

    /// The columns by which rows may be counted, over all departments.
    fn counted(&self, schema: &Schema) -> Result<Vec<usize>, Error> {
        let mut columns = Vec::new();
        for (at, field) in schema.fields().iter().enumerate() {
            if self.may(Action::Count, "", "", field.name())? {
                columns.push(at);
            }
        }
        Ok(columns)
    }
}

impl Sight {
    /// The table's columns, as they are seen.
    pub(crate) fn schema(&self, stored: &SchemaRef) -> SchemaRef {
        match self {
            Sight::Rows(seen) if seen.is_everything() => Arc::clone(stored),
            // What is masked may be shown as nothing.
            Sight::Rows(seen) => {
                let masked = |at: usize| seen.clear.get(at).is_some_and(Option::is_some) || seen.minors != Which::All;
                let fields = stored.fields().iter().enumerate();
                let field = |(at, field): (usize, &Arc<Field>)| {
                    let nullable = field.is_nullable() || masked(at) && *field.data_type() != DataType::Utf8;
                    Arc::new(Field::clone(field).with_nullable(nullable))
                };
                Arc::new(Schema::new_with_metadata(fields.map(field).collect::<Vec<_>>(), stored.metadata().clone()))
            }
            Sight::Cells(columns) => {
                let mut fields: Vec<Arc<Field>> = columns.iter().map(|at| Arc::clone(&stored.fields()[*at])).collect();
                let (zh, en) = ("行数，少于10的不列", "Number of rows; what has fewer than 10 is left out");
                fields.push(Arc::new(table::comment(Field::new(ROWS, DataType::Int64, false), zh, en)));
                Arc::new(Schema::new(fields))
            }
        }
    }
}

/// Whether a view answers with its author's rights: figures of departments are the same for whoever asks.
pub(crate) fn is_defined(view: &str) -> bool {
    view.starts_with("indicator.") || view.starts_with(quality::NAMESPACE)
}

/// What the number of rows of a cell is called.
pub(crate) const ROWS: &str = "rows";

/// The tables of a catalogue that somebody sees.
#[derive(Clone, Copy)]
pub(crate) struct Visible<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) rights: &'a Rights,
}

impl Visible<'_> {
    /// Which rows of a table are seen, and what of them is clear, in words.
    pub(crate) fn told(&self, name: &str, schema: &Schema) -> Result<[String; 2], Error> {
        let names = |columns: Vec<usize>| columns.into_iter().map(|at| schema.field(at).name().as_str()).collect::<Vec<_>>().join(" ");
        let shape = self.catalogue.shapes.get(name);
        Ok(match (self.rights.sight(self.catalogue, name)?, shape) {
            (Some(Sight::Rows(seen)), Some(shape)) => {
                let rows = match &seen.rows {
                    Which::All => "all".to_owned(),
                    Which::Only(some) => some.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
                };
                let clear = |class: &Sensitivity| {
                    shape.columns.iter().zip(&seen.clear).all(|(column, clear)| column.class != *class || clear.is_none())
                };
                let minor = (shape.born.is_some() && seen.minors == Which::All).then_some(MINOR);
                let classes = shape.classes().into_iter().filter(clear).map(word).chain(minor);
                [rows, classes.collect::<Vec<_>>().join(" ")]
            }
            (Some(Sight::Cells(columns)), _) => ["cells".to_owned(), names(columns)],
            _ => [String::new(), String::new()],
        })
    }
}

impl Names for Visible<'_> {
    fn schema(&self, table: &str) -> Result<Option<SchemaRef>, Error> {
        let Some(found) = self.catalogue.tables.get(table) else { return Ok(None) };
        Ok(self.rights.sight(self.catalogue, table)?.map(|sight| sight.schema(&found.schema)))
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for name in self.catalogue.tables.keys() {
            if self.rights.sight(self.catalogue, name)?.is_some() {
                names.push(name.clone());
            }
        }
        Ok(names)
    }

    fn relations(&self) -> Result<Option<Vec<String>>, Error> {
        let (types, _) = self.rights.types(self.catalogue)?;
        let seen = |ends: &[String]| types.as_ref().is_none_or(|types| ends.iter().any(|end| types.contains(end)));
        let relations = self.catalogue.model().relations.values();
        let relations = relations.filter(|relation| seen(&relation.source) && seen(&relation.target));
        Ok(Some(relations.map(|relation| relation.name.clone()).collect()))
    }
}
