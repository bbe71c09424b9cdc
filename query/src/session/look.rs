//! A look that is not one question: somebody's file, a search, an explanation. It is accounted for before it is taken. The questions that it
//! is made of are the program's own, so they are planned and run in this process, and none of their answers leaves it by itself; when the look
//! is closed, what they read and whom it showed is in the audit, before anybody sees it.

use super::{Answer, Entry, Error, Parameters, Reads, Revealed, Session, account::Account, door, fingerprint};
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

/// A look that was begun. Whoever drops it before it is closed has it accounted for as given up.
#[derive(Debug)]
pub struct Look {
    account: Account,
    /// The session that asks its parts.
    session: Session,
}

/// What the parts of a look have in common.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The look's entry.
    pub(super) seq: u64,
    /// What they read so far.
    reads: Mutex<Reads>,
}

impl Part {
    pub(super) fn reads(&self) -> Reads {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Session {
    /// Begins a look: what kind of look, what was looked for, of which the audit keeps a fingerprint, and the columns that an index was asked
    /// by, each with its table, as `entity.person.phone`.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be taken.
    pub fn begin(&self, what: &str, detail: &str, columns: &[String], at_ms: i64) -> Result<Look, Error> {
        let mut reads = Reads::default();
        for (table, column) in columns.iter().filter_map(|column| column.rsplit_once('.')) {
            reads.add(table, std::iter::once(column.to_owned()));
        }
        let seq = self.asked(Entry { statement: Some(fingerprint(detail)), ..self.entry(what, at_ms) }, &reads)?;
        let part = Arc::new(Part { seq: self.part.as_ref().map_or(seq, |look| look.seq), reads: Mutex::default() });
        let account = Account::of_look(self, what, reads, Arc::clone(&part), seq, at_ms);
        Ok(Look { account, session: Session { part: Some(part), ..self.clone() } })
    }

    /// Answers a question that is a part of a look.
    pub(super) async fn part_of(&self, look: &Part, question: &str, at_ms: i64) -> Result<Answer, Error> {
        let planned = self.planned_with(question, at_ms, door::config(&self.limits), Parameters::none()).await?;
        look.reads.lock().unwrap_or_else(PoisonError::into_inner).extend(planned.reads.clone());
        self.run(planned).await
    }

    /// Lets a part of a look that is no question take as long as a question may.
    ///
    /// # Errors
    /// It takes longer, or its own.
    pub async fn in_time<T, E: From<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        tokio::time::timeout(self.limits.time, work).await.unwrap_or_else(|_| Err(self.limits.too_slow().into()))
    }
}

impl Look {
    /// The session for the questions that it is made of.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Accounts for the persons that it shows, among `rows` entities in all: only now it may be shown.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be shown.
    pub async fn close(mut self, persons: impl IntoIterator<Item = i64>, rows: u64) -> Result<(), Error> {
        self.account.revealed = Revealed::persons(persons);
        self.account.answered(rows).await
    }
}
