//! `wuwei rejects`: the rows that a job refused, for their owner to mend and hand in again.

use crate::{
    Error,
    cli::{Common, Format},
    clock, export,
    hub::Hub,
    jobs::Job,
    output, repair,
};
use serde_json::json;
use std::path::Path;
use wuwei_query::Session;

pub(super) async fn run(common: &Common, number: u64, out: Option<&Path>) -> Result<(), Error> {
    let hub = Hub::open(common, "rejects").await?;
    let session = hub.session()?;
    let job = super::jobs::one(&hub, &session, number)?;
    let Some(path) = out else {
        let (batch, _) = loaded(&job)?;
        return list(common, &hub, batch, number).await;
    };
    let rows = to_repair(&hub, &session, &job, path).await?;
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

/// The workbook to mend, with the refused rows only, for whoever has the session; how many rows it has.
pub(crate) async fn to_repair(hub: &Hub, session: &Session, job: &Job, path: &Path) -> Result<u32, Error> {
    let (batch, extract) = loaded(job)?;
    let gone = || Error::asked(format!("no department file defines `{extract}` any more"), "give --departments DIR as when it was loaded");
    let extract = hub.definitions.departments.extract(extract).ok_or_else(gone)?;
    let columns = "sheet, row, \"column\", reason, proposal, cells";
    let refused = format!("batch = '{batch}' AND rule NOT LIKE 'cell:%'");
    let question = format!("SELECT {columns} FROM raw.reject WHERE {refused} ORDER BY sheet, row, cells IS NULL, \"column\"");
    let answer = session.sql(&question, clock::now_ms()).await?;
    repair::write(path, extract, batch, &answer.batches)
}
