//! Which number each entity has, carried over from the resolution before: what the tables say of it goes in, what changed comes out and is
//! written with what was resolved, so that both count from the same moment. The rules are graph's.

use super::{
    anew::anew,
    past::times,
    stages::{blocking, names, stream},
};
use crate::{Error, clock, hub::Hub};
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use futures::StreamExt as _;
use std::collections::BTreeSet;
use tokio::{runtime::Handle, task::block_in_place};
use wuwei_graph::{
    Decisions, Resolution,
    decision::ledger::Ledger,
    identity::{self, IdentityReport, Member, Membership, Partition, Successors},
};
use wuwei_lake::Publisher;
use wuwei_query::Session;
use wuwei_schema::{EntityType, history, table};

/// What is known of entities before a resolution, and becomes what is known after it.
pub(super) struct Known {
    membership: Membership,
    successors: Successors,
    ledger: identity::Ledger,
    at_ms: i64,
    is_redirected: bool,
    /// What people decided.
    pub(super) decisions: Decisions,
    /// The records that they ever decided of.
    pub(super) decided: BTreeSet<i64>,
}

impl Known {
    /// As the pinned epoch has it, with the rows that came anew since it was resolved. What is found of these is written down.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) async fn read(hub: &Hub, session: &Session, publisher: &mut Publisher) -> Result<Known, Error> {
        let run = i64::try_from(publisher.epoch().number + 1).map_err(|_| Error::defect("the epochs cannot be counted any more"))?;
        let links = all(session, table::LINK, &table::link_schema()).await?;
        let membership = block_in_place(|| identity::members(blocking(links)))?;
        let anew = anew(hub, session, &membership).await?;
        if !anew.is_empty() {
            publisher.write(history::SUCCESSOR, &identity::successions(&anew, run)?).await?;
        }
        let known = all(session, history::SUCCESSOR, &history::successor_schema()).await?;
        let successors = block_in_place(|| identity::successors(blocking(known), anew))?;
        let redirects = all(session, history::REDIRECT, &history::redirect_schema()).await?;
        let redirects = block_in_place(|| identity::redirects_of(blocking(redirects)))?;
        let decided = all(session, history::DECISION, &history::decision_schema()).await?;
        let book = block_in_place(|| Ledger::read(blocking(decided)))?;
        let (decisions, decided) = (book.counting(&successors), book.everyone(&successors));
        let ledger = identity::Ledger { run, next: publisher.epoch().next_entity, redirects };
        let at_ms = last_run(session).await?.max(clock::now_ms());
        Ok(Known { membership, successors, ledger, at_ms, is_redirected: false, decisions, decided })
    }

    /// The records of a type that there were, ascending.
    pub(super) fn stood(&self, entity: &str) -> Vec<i64> {
        self.membership.get(entity).map(|members| members.iter().map(|member| member.record).collect()).unwrap_or_default()
    }

    /// Leaves the memberships of a type as they are, and tells them.
    pub(super) fn keep(&mut self, entity: &str) -> Vec<Member> {
        self.membership.remove(entity).unwrap_or_default()
    }

    /// Gives the entities of a type their numbers, and writes down what changed. Returns what each record is of.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) async fn carry(
        &mut self,
        session: &Session,
        publisher: &mut Publisher,
        entity: &EntityType,
        found: &Resolution,
    ) -> Result<(Vec<Member>, IdentityReport), Error> {
        let (records, smallest) = (found.link.records().values(), found.link.entities().values());
        let now = Partition { records, smallest, verified: &found.verified };
        self.carry_over(session, publisher, &entity.name, &now).await
    }

    async fn carry_over(
        &mut self,
        session: &Session,
        publisher: &mut Publisher,
        entity: &str,
        now: &Partition<'_>,
    ) -> Result<(Vec<Member>, IdentityReport), Error> {
        let before = self.membership.remove(entity).unwrap_or_default();
        let former = identity::former(lazily(session, history::FORMER, &history::former_schema()));
        let (ledger, successors) = (self.ledger.clone(), &self.successors);
        let found = block_in_place(|| identity::carry(&before, now, successors, former, ledger))?;
        if !found.former.is_empty() {
            publisher.write(history::FORMER, &identity::former_rows(entity, &found.former)?).await?;
        }
        if !found.events.is_empty() {
            publisher.write(history::LINEAGE, &identity::events(entity, &found.events, self.ledger.run, self.at_ms)?).await?;
        }
        let report = found.report();
        self.is_redirected |= found.ledger.redirects != self.ledger.redirects;
        self.ledger = found.ledger;
        Ok((found.members, report))
    }

    /// Ends: the entities of types that are no more, the run itself, and where numbers lead. Returns the tables that were written whole, and
    /// the number of the next entity.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) async fn finish(mut self, session: &Session, publisher: &mut Publisher) -> Result<(Vec<(String, SchemaRef)>, i64), Error> {
        let nothing = Partition { records: &[], smallest: &[], verified: &[] };
        let gone: Vec<String> = self.membership.keys().cloned().collect();
        for entity in &gone {
            self.carry_over(session, publisher, entity, &nothing).await?;
        }
        publisher.write(history::RUN, &identity::runs(self.ledger.run, self.at_ms)?).await?;
        let mut whole = Vec::new();
        if self.is_redirected {
            publisher.write(history::REDIRECT, &identity::redirects(&self.ledger.redirects)?).await?;
            whole.push((history::REDIRECT.to_owned(), history::redirect_schema()));
        }
        Ok((whole, self.ledger.next))
    }
}

async fn all(session: &Session, table: &str, schema: &SchemaRef) -> Result<wuwei_query::Batches, Error> {
    stream(session, table, &names(schema)).await
}

/// The rows of a table, which is opened when the first is asked for. Only where blocking is allowed.
fn lazily(session: &Session, table: &'static str, schema: &SchemaRef) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<> {
    let (session, columns) = (session.clone(), names(schema));
    let opened = move || -> Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>> {
        match Handle::current().block_on(stream(&session, table, &columns)) {
            Ok(batches) => Box::new(blocking(batches)),
            Err(error) => Box::new(std::iter::once(Err(ArrowError::ExternalError(Box::new(error))))),
        }
    };
    std::iter::once_with(opened).flatten()
}

/// When the last resolution was published; a clock that goes back does not turn history round.
async fn last_run(session: &Session) -> Result<i64, Error> {
    let mut last = i64::MIN;
    let mut batches = all(session, history::RUN, &history::run_schema()).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        last = times(&batch, "at")?.into_iter().flatten().fold(last, i64::max);
    }
    Ok(last)
}
