//! `wuwei check`: how a file is understood and what would be refused; nothing is loaded.

use crate::{
    Error, cells,
    cli::{Common, HintArgs, LimitArgs},
    definitions::Definitions,
    output,
    worker::{Opened, Read, Worker},
};
use arrow_array::RecordBatch;
use serde::Serialize;
use std::path::Path;
use wuwei_ingest::{Held, Report, Understood};
use wuwei_schema::table;

/// Refused rows that are shown; all of them are counted.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Checked {
    department: String,
    extract: String,
    understood: Understood,
    #[serde(flatten)]
    report: Report,
    rejects: Vec<Shown>,
}

/// A refused row, without the value: the file has it.
#[derive(Serialize)]
struct Shown {
    sheet: Option<String>,
    row: i64,
    column: Option<String>,
    rule: String,
    reason: String,
}

pub(super) async fn run(common: &Common, file: &Path, hint: &HintArgs, limits: LimitArgs) -> Result<(), Error> {
    let definitions = Definitions::of(common)?;
    let mut worker = Worker::start(&definitions, file, &hint.into(), limits)?;
    let opened = worker.open(&definitions).await?;
    let mut reading = worker.read(&definitions, &opened, 0, Held::none())?;
    let mut rejects = Vec::new();
    let report = loop {
        match reading.next().await? {
            Read::Rows(table, batch) if table == table::REJECT => {
                for row in 0..batch.num_rows().min(SHOWN.saturating_sub(rejects.len())) {
                    rejects.push(shown(&batch, row)?);
                }
            }
            Read::Rows(..) => {}
            Read::Report(report) => break report,
        }
    };
    let Opened { department, extract, understood, .. } = opened;
    let checked = Checked { department: department.code.clone(), extract: extract.name.clone(), understood, report, rejects };
    output::print(common, &checked, |checked| text(checked, file))
}

fn shown(batch: &RecordBatch, row: usize) -> Result<Shown, Error> {
    let text = |name: &str| Ok::<_, Error>(cells::text(&cells::texts(batch, name)?, row).map(str::to_owned));
    Ok(Shown {
        sheet: text("sheet")?,
        row: cells::numbers(batch, "row")?.value(row),
        column: text("column")?,
        rule: text("rule")?.unwrap_or_default(),
        reason: text("reason")?.unwrap_or_default(),
    })
}

fn text(checked: &Checked, file: &Path) -> String {
    let Checked { understood, report, .. } = checked;
    let mut text = format!("{}: {} of {}\n", output::one_line(&file.display().to_string()), checked.extract, checked.department);
    for line in &understood.evidence {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&format!(
        "\n{} read = {} accepted + {} rejected + {} skipped; nothing was loaded\n",
        report.read, report.accepted, report.rejected, report.skipped
    ));
    for (reason, rows) in &report.excluded {
        text.push_str(&format!("  of these skipped {rows}: {reason}\n"));
    }
    if !checked.rejects.is_empty() {
        let rows: Vec<Vec<String>> = checked
            .rejects
            .iter()
            .map(|reject| {
                let column = reject.column.clone().unwrap_or_default();
                vec![reject.sheet.clone().unwrap_or_default(), reject.row.to_string(), column, reject.rule.clone(), reject.reason.clone()]
            })
            .collect();
        text.push_str(&format!("\n{}", output::table(&["sheet", "row", "column", "rule", "reason"], &rows)));
    }
    text
}
