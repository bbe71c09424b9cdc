//! Questions with parameters, and what is said of a question before it is asked: the columns that its answer will have. That reveals names and
//! types of what whoever asks sees, and nothing else, and is accounted for as `describe`.

use super::{Planned, Session, Taken};
use crate::{
    Entry, Error,
    audit::fingerprint,
    parameter::{Described, Parameters},
};
use arrow_array::ArrayRef;
use arrow_schema::DataType;

impl Session {
    /// What the answer to one SELECT will be, and of what types its parameters are. The types that whoever asks tells are held to; the others
    /// are those that the question's own expressions want, or text. Nothing is run.
    ///
    /// # Errors
    /// It is refused, cannot be planned, or cannot be accounted for.
    pub async fn describe(&self, question: &str, types: Vec<Option<DataType>>, at_ms: i64) -> Result<Described, Error> {
        let planned = self.foretold(["describe", "described"], question, types, at_ms).await?;
        Ok(Described { schema: planned.schema(), parameters: planned.parameters })
    }

    /// A question planned and not run, accounted for as that kind with that outcome.
    pub(super) async fn foretold(
        &self,
        [kind, outcome]: [&str; 2],
        question: &str,
        types: Vec<Option<DataType>>,
        at_ms: i64,
    ) -> Result<Planned, Error> {
        let entry = Entry { statement: Some(fingerprint(question)), ..self.entry(kind, at_ms) };
        match self.planned_for(question, Parameters::Typed(types), at_ms).await {
            Ok(planned) => {
                self.asked(Entry { outcome: outcome.to_owned(), ..entry }, &planned.reads)?;
                Ok(planned)
            }
            Err(error) => Err(self.refused(entry, error)),
        }
    }

    /// Begins to answer one SELECT whose parameters have these values, each an array of one row. The entry that it was asked is on disk when
    /// this returns.
    ///
    /// # Errors
    /// It is refused, cannot be planned, a value is missing or of no type that fits, or it cannot be accounted for.
    pub async fn take_with(&self, question: &str, values: Vec<ArrayRef>, at_ms: i64) -> Result<Taken, Error> {
        let entry = Entry { statement: Some(fingerprint(question)), ..self.entry("sql", at_ms) };
        let planned = match self.planned_for(question, Parameters::Given(values), at_ms).await {
            Ok(planned) => planned,
            Err(error) => return Err(self.refused(entry, error)),
        };
        let seq = self.asked(entry, &planned.reads)?;
        Taken::begin(self, planned, seq, at_ms)
    }
}
