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

pub(super) async fn run(common: &Common, number: u64, out: Option<&Path>) -> Result<(), Error> {
    let hub = Hub::open(common, "rejects").await?;
    let unknown = || Error::asked(format!("there is no job {number}"), "`wuwei jobs` lists them");
    let job = super::jobs::of_asker(&hub, &hub.session()?)?.into_iter().find(|job| job.job == number).ok_or_else(unknown)?;
    let Job { batch: Some(batch), extract: Some(extract), .. } = job else {
        let why = job.reason.unwrap_or_default();
        return Err(Error::asked(format!("job {number} refused the whole file: {why}"), "mend the file and hand it in again"));
    };
    match out {
        Some(path) => to_repair(common, &hub, &batch, &extract, path).await,
        None => list(common, &hub, &batch, number).await,
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

/// The workbook to mend, with the refused rows only.
async fn to_repair(common: &Common, hub: &Hub, batch: &str, extract: &str, path: &Path) -> Result<(), Error> {
    let gone = || Error::asked(format!("no department file defines `{extract}` any more"), "give --departments DIR as when it was loaded");
    let extract = hub.definitions.departments.extract(extract).ok_or_else(gone)?;
    let columns = "sheet, row, \"column\", reason, proposal, cells";
    let refused = format!("batch = '{batch}' AND rule NOT LIKE 'cell:%'");
    let question = format!("SELECT {columns} FROM raw.reject WHERE {refused} ORDER BY sheet, row, cells IS NULL, \"column\"");
    let answer = hub.session()?.sql(&question, clock::now_ms()).await?;
    let rows = repair::write(path, extract, batch, &answer.batches)?;
    let said = |_: &_| format!("{rows} rows to mend in `{}`; then hand it in: wuwei ingest FILE", path.display());
    output::print(common, &json!({ "rows": rows, "file": path }), said)
}
