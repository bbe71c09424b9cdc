//! `wuwei doctor`: whether the hub can work here; where it cannot, what to do.

use crate::{
    Error,
    cli::{Common, LimitArgs},
    clock,
    confined::limit::Confinement,
    definitions::Definitions,
    given::Given,
    hub::Hub,
    output, pipeline,
    worker::Worker,
};
use serde::Serialize;
use std::{path::Path, sync::Arc};
use wuwei_ingest::Hint;

#[derive(Serialize)]
struct Report {
    version: &'static str,
    data: String,
    checks: Vec<Check>,
    epoch: u64,
    tables: usize,
    audit_entries: u64,
    /// To keep elsewhere: it shows later that nothing was cut off.
    audit_checkpoint: Option<String>,
}

#[derive(Serialize)]
struct Check {
    check: &'static str,
    well: bool,
    detail: String,
}

pub(super) async fn run(common: &Common) -> Result<(), Error> {
    let mut checks = vec![of("definitions", definitions(common)), of("calendar", calendar()), of("folder", writable(common))];
    let mut hub = Hub::open(common, "doctor").await;
    let (mut epoch, mut tables, mut audit_entries, mut audit_checkpoint) = (0, 0, 0, None);
    match &mut hub {
        Ok(hub) => {
            (epoch, tables) = (hub.lake.epoch().number, hub.lake.tables().count());
            checks.push(of("tables", Ok(format!("{tables} tables, epoch {epoch}"))));
            let verified = hub.audit().verify();
            audit_entries = verified.as_ref().map_or(0, |chain| chain.entries);
            audit_checkpoint = verified.as_ref().ok().map(|chain| chain.checkpoint().to_string());
            checks.push(of(
                "audit",
                verified
                    .map(|chain| format!("{} entries, chain whole, checkpoint {}", chain.entries, chain.checkpoint()))
                    .map_err(Error::from),
            ));
            checks.push(of("alarms", hub.watch().map(|watched| format!("{}, see `wuwei audit alarms`", watched.alarms))));
            checks.push(of("index", index(hub)));
            checks.push(of("graph", graph(hub)));
            checks.push(of("reader", reader(&hub.definitions).await));
            checks.push(of("answers", answers(hub).await));
        }
        Err(error) => checks.push(Check { check: "tables", well: false, detail: error.to_string() }),
    }
    let sick = checks.iter().filter(|check| !check.well).count();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        data: common.data.display().to_string(),
        checks,
        epoch,
        tables,
        audit_entries,
        audit_checkpoint,
    };
    output::print(common, &report, |report| {
        let mark = |well: bool| if well { "● well" } else { "■ sick" };
        let row = |check: &Check| vec![check.check.to_owned(), mark(check.well).to_owned(), check.detail.clone()];
        output::table(&["check", "state", "detail"], &report.checks.iter().map(row).collect::<Vec<_>>())
    })?;
    if sick == 0 { Ok(()) } else { Err(Error::asked(format!("{sick} checks failed"), "do what the lines above say")) }
}

fn of(check: &'static str, result: Result<String, Error>) -> Check {
    match result {
        Ok(detail) => Check { check, well: true, detail },
        Err(error) => Check { check, well: false, detail: error.to_string() },
    }
}

fn definitions(common: &Common) -> Result<String, Error> {
    let Definitions { model, departments, indicators, .. } = Definitions::of(common)?;
    let extracts = departments.extracts().count();
    Ok(format!(
        "{} entity types, {} relation types, {} departments with {extracts} extracts, {} indicators",
        model.entities.len(),
        model.relations.len(),
        departments.list.len(),
        indicators.list.len()
    ))
}

/// Until when working days are known; behind that the week is all there is to go by, which is no illness but has to be said.
fn calendar() -> Result<String, Error> {
    let last = wuwei_schema::calendar::workdays()?.last().map_or(0, |known| i64::from(known.day));
    let until = clock::date(last * 86_400_000);
    if until >= clock::today() {
        return Ok(format!("working days are known until {until}"));
    }
    Ok(format!(
        "working days were known until {until}; since then Monday to Friday count as such, until schema/calendar has the year's notice"
    ))
}

/// A file can be made, forced to disk and removed.
fn writable(common: &Common) -> Result<String, Error> {
    let probe = common.data.join(".doctor");
    let tried = std::fs::create_dir_all(&common.data)
        .and_then(|()| std::fs::write(&probe, b"probe"))
        .and_then(|()| std::fs::File::open(&probe)?.sync_all())
        .and_then(|()| std::fs::remove_file(&probe));
    tried.map(|()| "can be written and forced to disk".to_owned()).map_err(Error::file("writing", &probe))
}

/// Whether a process that reads others' files is confined as it should be. It has nothing to read here.
async fn reader(definitions: &Definitions) -> Result<String, Error> {
    let mut worker = Worker::start(definitions, &Given::at(Path::new("")), &Hint::default(), LimitArgs::default())?;
    confined("reads others' files", &worker.confinement().await?)
}

/// Whether a process that answers questions in SQL is confined as it should be, and opens the hub.
async fn answers(hub: &mut Hub) -> Result<String, Error> {
    hub.answer_elsewhere(1, Arc::default());
    match hub.answerers() {
        Some(answerers) => confined("answers questions", &answerers.confinement().await?),
        None => Err(Error::defect("nobody answers")),
    }
}

fn confined(does: &str, confinement: &Confinement) -> Result<String, Error> {
    let Confinement { unset, landlock } = confinement;
    if !unset.is_empty() {
        let what = format!("a process that {does} is without a limit of {}", unset.join(", "));
        return Err(Error::asked(what, "see what limits the system allows: `ulimit -aH`"));
    }
    Ok(format!("memory and time are limited; Landlock keeps it from other files and the network: {landlock}"))
}

fn graph(hub: &Hub) -> Result<String, Error> {
    Ok(match pipeline::verify_graph(hub)? {
        Some(graph) => format!("{} nodes, {} edges, every byte as it was written", graph.nodes(), graph.edges()),
        None => "none yet; `wuwei refresh` builds it".to_owned(),
    })
}

fn index(hub: &Hub) -> Result<String, Error> {
    let mut opened = 0;
    for entity in hub.indexed() {
        if let Some(folder) = hub.index_folder(&entity.name).filter(|folder| folder.exists()) {
            wuwei_search::Index::open(&folder, entity)?;
            opened += 1;
        }
    }
    Ok(if opened == 0 { "none yet; `wuwei refresh` builds it".to_owned() } else { format!("{opened} types") })
}
