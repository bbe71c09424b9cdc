//! `wuwei rejects`: the rows that a job refused, for their owner to repair.

use crate::{
    Error,
    cli::{Common, Format},
    clock, export,
    hub::Hub,
    jobs::Job,
};
use std::path::Path;

pub(super) async fn run(common: &Common, number: u64, out: Option<&Path>) -> Result<(), Error> {
    let hub = Hub::open(common).await?;
    let unknown = || Error::asked(format!("there is no job {number}"), "`wuwei jobs` lists them");
    let job = hub.jobs.all()?.into_iter().find(|job| job.job == number).ok_or_else(unknown)?;
    let Job { batch: Some(batch), .. } = job else {
        let why = job.reason.unwrap_or_default();
        return Err(Error::asked(format!("job {number} refused the whole file: {why}"), "mend the file and hand it in again"));
    };
    let columns = "sheet, row, \"column\", rule, reason, proposal, value";
    let question = format!("SELECT {columns} FROM raw.reject WHERE batch = '{batch}' ORDER BY sheet, row, \"column\"");
    let answer = hub.session()?.sql(&question, clock::now_ms()).await?;
    match out {
        Some(path) => export::write(Format::Xlsx, &answer.schema, &answer.batches, Some(path)),
        None if common.json => {
            let rows = export::rows(&answer.schema, &answer.batches)?;
            crate::output::print(common, &serde_json::json!({ "job": number, "rejects": rows }), |_| String::new())
        }
        None => export::write(Format::Table, &answer.schema, &answer.batches, None),
    }
}
