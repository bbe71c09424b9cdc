//! Looks at the audit itself. Whoever sees `audit.entry` may search it; each look is an entry like any other.

use super::{Entry, Error, Revealed, Session, fingerprint};
use crate::{
    audit::{Chain, Checkpoint, Hits, Pruned, Wanted},
    rights::Sight,
};
use arrow_array::{cast::AsArray as _, types::Int64Type};
use std::collections::BTreeSet;

/// The table of entries.
const ENTRIES: &str = "audit.entry";

impl Session {
    /// Finds entries, newest first. Persons are found under every number that leads to them or that they lead to, and by their records.
    ///
    /// # Errors
    /// Whoever asks does not see `audit.entry`, or the look cannot be accounted for.
    pub async fn audit_search(&self, wanted: Wanted, at_ms: i64) -> Result<Hits, Error> {
        let entry = Entry { statement: Some(fingerprint(&format!("{wanted:?}"))), ..self.entry("audit", at_ms) };
        let entry = Entry { tables: [ENTRIES.to_owned()].into(), ..entry };
        if !matches!(self.rights.sight(&self.catalogue, ENTRIES)?, Some(Sight::Rows(seen)) if seen.is_everything()) {
            let hint = "an auditor may, or `--policies` opens it".to_owned();
            return Err(self.refused(entry, Error::Denied { what: "the role of whoever asks does not see the audit".to_owned(), hint }));
        }
        let seq = self.audit.append(entry)?;
        let found = self.audit_found(wanted, at_ms).await;
        self.close("audit", seq, found.as_ref().map(|found| found.hits.len() as u64), &Revealed::default(), at_ms)?;
        found
    }

    async fn audit_found(&self, wanted: Wanted, at_ms: i64) -> Result<Hits, Error> {
        let wanted = if wanted.persons.is_empty() { wanted } else { self.known_as(wanted, at_ms).await? };
        self.audit.search(&wanted)
    }

    /// The same persons under all their numbers, with their records.
    async fn known_as(&self, wanted: Wanted, at_ms: i64) -> Result<Wanted, Error> {
        let asked = listed(&wanted.persons);
        let redirect = wuwei_schema::history::REDIRECT;
        let mut persons = wanted.persons.clone();
        persons.extend(self.numbers(&format!("SELECT to_id FROM {redirect} WHERE from_id IN ({asked})"), at_ms).await?);
        persons.extend(self.numbers(&format!("SELECT from_id FROM {redirect} WHERE to_id IN ({})", listed(&persons)), at_ms).await?);
        let stand = "ended IS NULL OR ended = 'retired'";
        let members = format!("SELECT record_id FROM graph.member WHERE entity_id IN ({}) AND ({stand})", listed(&persons));
        let records = self.numbers(&members, at_ms).await?;
        Ok(Wanted { persons, records, ..wanted })
    }

    /// The program's own look at numbers; no part of the answer.
    async fn numbers(&self, question: &str, at_ms: i64) -> Result<BTreeSet<i64>, Error> {
        let mut found = BTreeSet::new();
        for batch in self.program().own(question, at_ms).await? {
            found.extend(batch.column(0).as_primitive::<Int64Type>().iter().flatten());
        }
        Ok(found)
    }

    /// Proves the audit, from a checkpoint on if there is one. The look is an entry too, behind those that it proves.
    ///
    /// # Errors
    /// The audit is not as it was written: the error says where; or the look cannot be accounted for.
    pub fn audit_verify(&self, known: Option<&Checkpoint>, at_ms: i64) -> Result<Chain, Error> {
        let proven = known.map_or_else(|| self.audit.verify(), |known| self.audit.verify_since(known));
        let outcome = proven.as_ref().map_or_else(|error| format!("failed: {}", error.reason()), |_| "answered".to_owned());
        let told = self.audit.append(Entry { outcome, ..self.entry("audit", at_ms) });
        // A broken audit cannot always be written to; that it is broken is said in any case.
        let chain = proven?;
        told.map(|_| chain)
    }

    /// Removes sealed segments all of whose entries are before a time; written down before it is done.
    ///
    /// # Errors
    /// The time is within the floor of retention, or it cannot be accounted for.
    pub fn audit_prune(&self, before_ms: i64, at_ms: i64) -> Result<Pruned, Error> {
        let entry = self.entry("prune", at_ms);
        self.audit.prune(before_ms, entry.clone()).map_err(|error| match error {
            Error::Retention { .. } => self.refused(entry, error),
            other => other,
        })
    }
}

fn listed(numbers: &BTreeSet<i64>) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}
