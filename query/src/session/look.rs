//! A look that is not one question: somebody's file, a search, an explanation. It is accounted for before it is taken; the questions that it
//! is made of are its parts; and when it is closed, whom it showed is in the audit, before anybody sees it.

use super::{Entry, Error, Reads, Revealed, Session, account::Account, fingerprint};
use std::future::Future;

/// A look that was begun. Whoever drops it before it is closed has it accounted for as given up.
#[derive(Debug)]
pub struct Look {
    account: Account,
    /// The session that asks its parts.
    session: Session,
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
        let account = Account::new(self, what, reads, seq, at_ms);
        Ok(Look { account, session: Session { part: self.part.or(Some(seq)), ..self.clone() } })
    }
}

impl Session {
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
