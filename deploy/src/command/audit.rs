//! `wuwei audit`: proves that the audit is whole, finds who saw whom, shows alarms, and removes what need not be kept.

use crate::{
    Error,
    cli::{Audit, Common, Searched},
    clock,
    hub::Hub,
    output,
};
use serde::Serialize;
use wuwei_query::{Chain, Checkpoint, Hits, RETENTION_DAYS, Session, Wanted};

/// Entries that are shown at most.
const MOST: usize = 10_000;

pub(super) async fn run(common: &Common, what: &Audit) -> Result<(), Error> {
    match what {
        Audit::Verify { since } => {
            let hub = Hub::open(common, "audit").await?;
            output::print(common, &verified(&hub.session()?, since.as_deref())?, said)
        }
        Audit::Search(searched) => {
            let hub = Hub::open(common, "audit").await?;
            output::print(common, &found(&hub.session()?, searched).await?, listed)
        }
        Audit::Alarms { limit } => {
            let hub = Hub::open(common, "audit").await?;
            hub.watch()?;
            let searched = Searched { kind: Some("alarm".to_owned()), limit: *limit, ..Searched::default() };
            output::print(common, &found(&hub.session()?, &searched).await?, listed)
        }
        Audit::Prune { before } => prune(common, before.as_deref()).await,
    }
}

/// A proof, and what to keep of it.
#[derive(Serialize)]
pub(crate) struct Verified {
    #[serde(flatten)]
    pub(crate) chain: Chain,
    pub(crate) checkpoint: String,
    /// Whether it goes on from a checkpoint that was given.
    since: Option<u64>,
}

/// Proves the audit, for whoever has the session.
pub(crate) fn verified(session: &Session, since: Option<&str>) -> Result<Verified, Error> {
    let known = since.map(str::parse::<Checkpoint>).transpose()?;
    let chain = session.audit_verify(known.as_ref(), clock::now_ms())?;
    Ok(Verified { checkpoint: chain.checkpoint().to_string(), chain, since: known.map(|known| known.entries) })
}

pub(crate) fn said(Verified { chain, checkpoint, since }: &Verified) -> String {
    let since = since.map_or_else(String::new, |entry| format!(", and goes on from entry {entry} of the checkpoint"));
    let Chain { entries, segments, removed, .. } = chain;
    format!(
        "the chain is whole: {entries} entries, {segments} sealed segments of which {removed} were removed by retention{since}\n\
         checkpoint {checkpoint}\nkeep it where nobody who runs this hub can change it; `wuwei audit verify --since CHECKPOINT` proves the rest\n"
    )
}

/// Finds entries, for whoever has the session.
pub(crate) async fn found(session: &Session, searched: &Searched) -> Result<Hits, Error> {
    let Searched { person, who, table, kind, stated, outcome, since, until, before, limit } = searched;
    let wanted = Wanted {
        persons: person.iter().copied().collect(),
        principal: who.clone(),
        table: table.clone(),
        kind: kind.clone(),
        purpose: stated.clone(),
        outcome: outcome.clone(),
        since: since.as_deref().map(time).transpose()?,
        until: until.as_deref().map(time).transpose()?,
        before: *before,
        limit: (*limit).min(MOST),
        ..Wanted::default()
    };
    Ok(session.audit_search(wanted, clock::now_ms()).await?)
}

fn time(text: &str) -> Result<i64, Error> {
    clock::date_ms(text).ok_or(Error::Date)
}

fn listed(Hits { hits, more }: &Hits) -> String {
    let row = |hit: &wuwei_query::Hit| {
        let entry = &hit.entry;
        let count = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
        let who = entry.department.as_ref().map_or_else(|| entry.principal.clone(), |code| format!("{}@{code}", entry.principal));
        let persons = entry.persons.len() as u64 + entry.more.unwrap_or_default();
        let possible = if hit.possible { "?" } else { "" };
        vec![
            entry.seq.to_string(),
            clock::time(entry.at),
            who,
            entry.role.clone().unwrap_or_default(),
            entry.origin.clone().unwrap_or_default(),
            entry.purpose.clone(),
            entry.kind.clone(),
            entry.outcome.clone(),
            count(entry.of),
            count(entry.rows),
            format!("{}{possible}", count(Some(persons).filter(|persons| *persons > 0))),
        ]
    };
    if hits.is_empty() {
        return "nothing is found".to_owned();
    }
    let headings = ["entry", "time", "who", "role", "from", "purpose", "kind", "outcome", "of", "rows", "persons"];
    let table = output::table(&headings, &hits.iter().map(row).collect::<Vec<_>>());
    let last = hits.last().map_or(0, |hit| hit.entry.seq);
    let rest = if *more { format!("there are more: --before {last}\n") } else { String::new() };
    format!("{table}{rest}")
}

async fn prune(common: &Common, before: Option<&str>) -> Result<(), Error> {
    let hub = Hub::open(common, "prune").await?;
    let before = before.map_or_else(|| Ok(clock::now_ms() - RETENTION_DAYS * 86_400_000), time)?;
    // What is removed has to be what was written.
    let session = hub.session()?;
    session.audit_verify(None, clock::now_ms())?;
    output::print(common, &session.audit_prune(before, clock::now_ms())?, |pruned| {
        format!("{} segments with {} entries of before {} were removed", pruned.segments, pruned.entries, clock::date(before))
    })
}
