//! What a session owes to its accounts when something was asked: the entry that closes the first, and the items that were used.

use super::{Answer, Entry, Error, Items, Reads, Revealed, Session, Use, look::Part};
use std::sync::Arc;

/// What is owed to the audit until it is closed; whoever drops it before has it accounted for as given up.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) session: Session,
    pub(super) kind: String,
    reads: Reads,
    /// Of a look, what its parts read: it is told when it is closed.
    parts: Option<Arc<Part>>,
    pub(super) revealed: Revealed,
    seq: u64,
    at_ms: i64,
    is_closed: bool,
}

impl Account {
    pub(super) fn new(session: &Session, kind: &str, reads: Reads, seq: u64, at_ms: i64) -> Account {
        let (session, revealed) = (session.clone(), session.revealed(&reads));
        Account { session, kind: kind.to_owned(), reads, parts: None, revealed, seq, at_ms, is_closed: false }
    }

    pub(super) fn of_look(session: &Session, kind: &str, reads: Reads, parts: Arc<Part>, seq: u64, at_ms: i64) -> Account {
        let mut account = Account::new(session, kind, reads, seq, at_ms);
        account.parts = Some(parts);
        account
    }

    /// What its parts read, if it has any.
    fn of_parts(&self) -> Reads {
        self.parts.as_ref().map(|parts| parts.reads()).unwrap_or_default()
    }

    /// Closes it as answered, with what was used.
    pub(super) async fn answered(&mut self, rows: u64) -> Result<(), Error> {
        let mut reads = self.of_parts();
        reads.extend(self.reads.clone());
        self.session.use_of(&self.kind, rows, &reads, self.at_ms).await?;
        self.end(Ok(rows))
    }

    pub(super) fn end(&mut self, rows: Result<u64, &Error>) -> Result<(), Error> {
        self.is_closed = true;
        self.session.close_with(&self.kind, self.seq, rows, &self.revealed, &self.of_parts(), self.at_ms)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if !self.is_closed {
            // Nobody is left to be told when this fails; that it was asked is written already.
            let entry = Entry { outcome: "failed: given up".to_owned(), of: Some(self.seq), ..self.session.entry(&self.kind, self.at_ms) };
            drop(self.session.asked(entry, &self.of_parts()));
        }
    }
}

impl Session {
    /// Whom an answer will show; of a question that is a part of a look, the look tells it.
    pub(super) fn revealed(&self, reads: &Reads) -> Revealed {
        if self.part.is_some() || self.principal.is_program() { Revealed::default() } else { Revealed::of(reads) }
    }

    /// Closes what was asked: how it ended, and whom it showed.
    pub(super) fn close(&self, kind: &str, seq: u64, rows: Result<u64, &Error>, revealed: &Revealed, at_ms: i64) -> Result<(), Error> {
        self.close_with(kind, seq, rows, revealed, &Reads::default(), at_ms)
    }

    /// The same, with what its parts read.
    fn close_with(
        &self,
        kind: &str,
        seq: u64,
        rows: Result<u64, &Error>,
        revealed: &Revealed,
        parts: &Reads,
        at_ms: i64,
    ) -> Result<(), Error> {
        let (outcome, rows) = match rows {
            Ok(rows) => ("answered".to_owned(), Some(rows)),
            Err(error) => (format!("failed: {}", error.reason()), None),
        };
        let entry = Entry { outcome, of: Some(seq), rows, ..self.entry(kind, at_ms) };
        self.asked(if rows.is_some() { revealed.tell(entry) } else { entry }, parts).map(drop)
    }

    /// Writes down which items an answer was made of, and hands it on.
    pub(super) async fn used(&self, answered: Result<Answer, Error>, reads: &Reads, at_ms: i64) -> Result<Answer, Error> {
        let answer = answered?;
        self.use_of("sql", answer.rows(), reads, at_ms).await?;
        Ok(answer)
    }

    /// Writes down which items were read.
    pub(super) async fn use_of(&self, kind: &str, rows: u64, reads: &Reads, at_ms: i64) -> Result<(), Error> {
        let items = self.catalogue.items.get_or_try_init(|| self.items(at_ms)).await?.behind(&reads.used);
        if items.is_empty() {
            return Ok(());
        }
        let columns_of = |table: &str| self.catalogue.tables.get(table).map_or(0, |table| table.schema.fields().len());
        self.use_log.append(&Use {
            ts: at_ms,
            consumer: self.principal.department().map(str::to_owned),
            purpose: self.purpose.as_str().to_owned(),
            permitted: true,
            rows_returned: rows,
            automated: self.principal.is_program(),
            // Of the parts of a look the program chose the columns.
            swept: self.part.is_none() && kind == "sql" && reads.sweep(columns_of),
            items,
        })
    }

    /// The catalogue's items, for the hub's own account.
    async fn items(&self, at_ms: i64) -> Result<Items, Error> {
        Ok(Items::of(&self.program().own("SELECT rid, item, entity, property FROM contract.item", at_ms).await?))
    }
}
