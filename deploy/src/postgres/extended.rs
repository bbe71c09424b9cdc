//! The extended protocol: statements that are prepared once and bound to values, portals from which rows are fetched so many at a time.

use super::{
    ask::{Question, Wanted},
    command::Command,
    connection::{Connection, is_empty},
    message::{Bind, Message, Which},
    parameter,
    refusal::Refusal,
    reply,
    rows::{Fields, Rows, fields},
};
use arrow_array::ArrayRef;
use arrow_pg::datatypes::into_pg_type;
use arrow_schema::{DataType, Field, Schema};
use std::{collections::BTreeMap, sync::Arc};
use wuwei_query::Described;

/// Statements and portals that a connection may keep.
const STATEMENTS: usize = 512;
const PORTALS: usize = 64;

/// What a connection keeps for the extended protocol.
#[derive(Default)]
pub(super) struct Extended {
    pub(super) statements: BTreeMap<String, Arc<Statement>>,
    pub(super) portals: BTreeMap<String, Portal>,
    /// Whether the message at hand belongs to it.
    pub(super) is_in: bool,
    /// Whether messages are left out until the next `Sync`, after an error.
    pub(super) is_skipping: bool,
}

/// A statement that was prepared.
pub(super) struct Statement {
    kind: Kind,
    /// Numbers of its parameters' types, as the client was or will be told.
    types: Vec<u32>,
}

enum Kind {
    Empty,
    Command(Command),
    Question(Question, Described),
}

/// A statement with its values.
pub(super) struct Portal {
    statement: Arc<Statement>,
    values: Vec<ArrayRef>,
    forms: Vec<i16>,
    /// What the client was told of its columns.
    told: Option<Fields>,
    rows: Option<Rows>,
}

impl Connection {
    /// Answers one message; false when the client is gone.
    pub(super) async fn extended(&mut self, message: Message) -> Result<bool, Refusal> {
        match message {
            Message::Parse { name, sql, types } => self.parse(name, &sql, types).await?,
            Message::Bind(bind) => self.bind(bind)?,
            Message::Describe(Which::Statement, name) => self.describe_statement(&name)?,
            Message::Describe(Which::Portal, name) => self.describe_portal(&name)?,
            Message::Execute { portal, rows } => return self.execute(&portal, rows).await,
            Message::Close(which, name) => {
                match which {
                    Which::Statement => drop(self.extended.statements.remove(&name)),
                    Which::Portal => drop(self.extended.portals.remove(&name)),
                }
                reply::plain(self.wire.out(), b'3');
            }
            Message::Sync => {
                (self.extended.is_in, self.extended.is_skipping) = (false, false);
                // Without a transaction each `Sync` ends one.
                if self.status == b'I' {
                    self.extended.portals.clear();
                }
                reply::ready(self.wire.out(), self.status);
            }
            _ => {}
        }
        Ok(true)
    }

    async fn parse(&mut self, name: String, sql: &str, mut types: Vec<u32>) -> Result<(), Refusal> {
        let statements = &self.extended.statements;
        if !name.is_empty() && statements.contains_key(&name) {
            return Err(Refusal::new("42P05", "there is a statement of that name", "close it, or take another name"));
        }
        if statements.len() >= STATEMENTS {
            return Err(Refusal::new("53400", "there are too many prepared statements", "close some, or DEALLOCATE ALL"));
        }
        let kind = match Command::read(sql) {
            _ if is_empty(sql) => Kind::Empty,
            Some(command) => Kind::Command(command),
            None => {
                self.is_open()?;
                let (asker, question) = (self.asker.clone(), Question::new(sql));
                let (asked, told) = (question.clone(), types.clone());
                let described = self.awaited(async move { asker.describe(&asked, &told).await }).await?;
                // So that what cannot be sent is refused before it is asked.
                fields(&described.schema, &[])?;
                types.resize(described.parameters.len(), 0);
                for (number, kind) in types.iter_mut().zip(&described.parameters).filter(|(number, _)| **number == 0) {
                    *number = into_pg_type(kind).map_or(25, |known| known.oid());
                }
                Kind::Question(question, described)
            }
        };
        self.extended.statements.insert(name, Arc::new(Statement { kind, types }));
        reply::plain(self.wire.out(), b'1');
        Ok(())
    }

    fn bind(&mut self, bind: Bind) -> Result<(), Refusal> {
        let statement = Arc::clone(self.statement(&bind.statement)?);
        let wanted: &[DataType] = if let Kind::Question(_, described) = &statement.kind { &described.parameters } else { &[] };
        if bind.values.len() != wanted.len() {
            return Err(Refusal::new(
                "08P01",
                format!("there are {} values for {} parameters", bind.values.len(), wanted.len()),
                "bind one for each",
            ));
        }
        let form = |at: usize| match bind.formats.as_slice() {
            [] => 0,
            [one] => *one,
            each => each.get(at).copied().unwrap_or(0),
        };
        let mut values = Vec::with_capacity(wanted.len());
        for (at, ((value, kind), number)) in bind.values.iter().zip(wanted).zip(&statement.types).enumerate() {
            values.push(parameter::value(*number, kind, form(at), value.as_deref())?);
        }
        let portals = &mut self.extended.portals;
        if portals.len() >= PORTALS && !portals.contains_key(&bind.portal) {
            return Err(Refusal::new("53400", "there are too many open portals", "close some, or end the transaction"));
        }
        portals.insert(bind.portal, Portal { statement, values, forms: bind.results, told: None, rows: None });
        reply::plain(self.wire.out(), b'2');
        Ok(())
    }

    fn statement(&self, name: &str) -> Result<&Arc<Statement>, Refusal> {
        let none = || Refusal::new("26000", "there is no such prepared statement", "prepare it first");
        self.extended.statements.get(name).ok_or_else(none)
    }

    fn describe_statement(&mut self, name: &str) -> Result<(), Refusal> {
        let statement = Arc::clone(self.statement(name)?);
        let columns = statement.columns(&[])?;
        reply::parameters(self.wire.out(), &statement.types);
        match columns {
            Some(columns) => reply::columns(self.wire.out(), &columns),
            None => reply::plain(self.wire.out(), b'n'),
        }
        Ok(())
    }

    fn describe_portal(&mut self, name: &str) -> Result<(), Refusal> {
        let portal = self.extended.portals.get_mut(name).ok_or_else(no_portal)?;
        portal.told = portal.statement.columns(&portal.forms)?;
        match &portal.told {
            Some(columns) => reply::columns(self.wire.out(), columns),
            None => reply::plain(self.wire.out(), b'n'),
        }
        Ok(())
    }

    async fn execute(&mut self, name: &str, most: u32) -> Result<bool, Refusal> {
        let mut portal = self.extended.portals.remove(name).ok_or_else(no_portal)?;
        let statement = Arc::clone(&portal.statement);
        let mut rows = match (&statement.kind, portal.rows.take()) {
            (_, Some(rows)) => {
                self.is_open()?;
                rows
            }
            (Kind::Empty, None) => {
                reply::plain(self.wire.out(), b'I');
                self.extended.portals.insert(name.to_owned(), portal);
                return Ok(true);
            }
            (Kind::Command(Command::Show(setting)), None) => self.shown(setting, &portal.forms).await?,
            (Kind::Command(command), None) => {
                let tag = self.command(command)?;
                reply::complete(self.wire.out(), tag);
                return Ok(true);
            }
            (Kind::Question(question, _), None) => {
                // The columns have to be those of which the client was told, if not for the portal then for the statement.
                let told = match portal.told.take() {
                    Some(told) => Some(told),
                    None => statement.columns(&portal.forms)?,
                };
                let wanted = Wanted { values: portal.values.clone(), forms: portal.forms.clone(), told };
                self.ask(question.clone(), wanted).await?
            }
        };
        let Some(more) = rows.fetch(most, &mut self.wire).await? else { return Ok(false) };
        match more {
            true => reply::plain(self.wire.out(), b's'),
            false => reply::complete(self.wire.out(), &format!("SELECT {}", rows.sent)),
        }
        portal.rows = Some(rows);
        self.extended.portals.insert(name.to_owned(), portal);
        Ok(true)
    }
}

impl Statement {
    /// The columns of its answer; none when it has none.
    fn columns(&self, forms: &[i16]) -> Result<Option<Fields>, Refusal> {
        match &self.kind {
            Kind::Question(_, described) => fields(&described.schema, forms).map(Some),
            Kind::Command(Command::Show(name)) => fields(&Schema::new(vec![Field::new(name, DataType::Utf8, false)]), forms).map(Some),
            Kind::Command(_) | Kind::Empty => Ok(None),
        }
    }
}

fn no_portal() -> Refusal {
    Refusal::new("34000", "there is no such portal", "bind it first; without a transaction it ends with the next Sync")
}
