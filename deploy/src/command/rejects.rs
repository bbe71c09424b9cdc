//! `wuwei rejects`: the rows that a job refused, for their owner to mend and hand in again.

use crate::{
    Error,
    cli::{Common, Format},
    clock,
    console::words::Language,
    export,
    hub::Hub,
    jobs::Job,
    output, repair,
};
use serde_json::json;
use std::path::Path;
use wuwei_query::Session;
use wuwei_schema::table;

/// The column of `raw.reject` with all cells of a row.
const CELLS: &str = "cells";

pub(super) async fn run(common: &Common, number: u64, out: Option<&Path>) -> Result<(), Error> {
    let hub = Hub::open(common, "rejects").await?;
    let session = hub.session()?;
    let job = super::jobs::one(&hub, &session, number)?;
    let Some(path) = out else {
        let (batch, _) = loaded(&job)?;
        return list(common, &hub, batch, number).await;
    };
    let rows = to_repair(&hub, &session, &job, path, Language::Chinese).await?;
    let said = |_: &_| format!("{rows} rows to mend in `{}`; then hand it in: wuwei ingest FILE", path.display());
    output::print(common, &json!({ "rows": rows, "file": path }), said)
}

/// Batch and extract of a job that loaded something.
fn loaded(job: &Job) -> Result<(&str, &str), Error> {
    match (&job.batch, &job.extract) {
        (Some(batch), Some(extract)) => Ok((batch, extract)),
        _ => {
            let why = job.reason.clone().unwrap_or_default();
            Err(Error::asked(format!("job {} refused the whole file: {why}", job.job), "mend the file and hand it in again"))
        }
    }
}

/// What a job noted, cell by cell.
async fn list(common: &Common, hub: &Hub, batch: &str, number: u64) -> Result<(), Error> {
    let columns = "sheet, row, \"column\", rule, reason, proposal, value";
    let question = format!("SELECT {columns} FROM raw.reject WHERE batch = '{batch}' ORDER BY sheet, row, \"column\"");
    let answer = hub.session()?.sql(&question, clock::now_ms()).await?;
    if !common.json {
        return export::write(Format::Table, &answer.schema, &answer.batches, None);
    }
    let rows = export::rows(&answer.schema, &answer.batches)?;
    output::print(common, &json!({ "job": number, "rejects": rows }), |_| String::new())
}

/// Whether there is a workbook to mend for whoever has the session: rows were refused, and their cells are shown in clear.
///
/// # Errors
/// The policies cannot be asked.
pub(crate) fn mends(session: &Session, job: &Job) -> Result<bool, Error> {
    Ok(job.rejected > 0 && job.batch.is_some() && shows_cells(session, job)?)
}

/// Whether the cells of the rows that a job refused are shown in clear to whoever has the session. Masked ones are no row any more.
fn shows_cells(session: &Session, job: &Job) -> Result<bool, Error> {
    let of = session.withheld(table::REJECT)?;
    let is_of_it = |codes: &[String]| job.department.as_ref().is_some_and(|department| codes.contains(department));
    let mut masked = of.masked.iter().filter(|masked| masked.columns.iter().any(|column| column == CELLS));
    Ok(!of.closed && masked.all(|masked| is_of_it(&masked.clear_of)))
}

/// The workbook to mend, with the refused rows only, for whoever has the session; how many rows it has.
///
/// # Errors
/// Nothing of the file was loaded, no row was refused, or its cells are masked for whoever asks.
pub(crate) async fn to_repair(hub: &Hub, session: &Session, job: &Job, path: &Path, language: Language) -> Result<u32, Error> {
    let (batch, extract) = loaded(job)?;
    if job.rejected > 0 && !shows_cells(session, job)? {
        let hint = "whoever hands in for that department fetches the workbook; `raw.reject` has row, column and reason";
        return Err(Error::asked("the cells of these rows are masked for your role and purpose", hint));
    }
    let gone = || Error::asked(format!("no department file defines `{extract}` any more"), "give --departments DIR as when it was loaded");
    let extract = hub.definitions.departments.extract(extract).ok_or_else(gone)?;
    let columns = format!("sheet, row, \"column\", rule, reason, proposal, {CELLS}");
    let refused = format!("batch = '{batch}' AND rule NOT LIKE 'cell:%'");
    let question = format!("SELECT {columns} FROM raw.reject WHERE {refused} ORDER BY sheet, row, cells IS NULL, \"column\"");
    let answer = session.sql(&question, clock::now_ms()).await?;
    repair::write(path, extract, batch, &answer.batches, language)
}
