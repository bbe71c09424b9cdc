//! `wuwei check`: how a file is understood and what would be refused; nothing is loaded.

use crate::{
    Error, cells,
    cli::{Common, HintArgs, LimitArgs},
    console::words::Language,
    definitions::Definitions,
    error::Kind,
    given::{Inbox, Next, Room},
    output,
    worker::{Opened, Read, Worker},
};
use arrow_array::RecordBatch;
use serde::Serialize;
use std::path::{Path, PathBuf};
use wuwei_ingest::{Held, Report, Understood};
use wuwei_schema::table;

/// Refused rows that are shown; all of them are counted.
const SHOWN: usize = 20;

/// First rows that are shown.
const FIRST: usize = 10;

/// What is in an archive.
#[derive(Serialize)]
struct Archive {
    files: Vec<Said>,
    /// What nobody packed on purpose.
    left_out: Vec<String>,
}

/// What is said of a file of an archive.
#[derive(Serialize)]
#[serde(untagged)]
enum Said {
    Checked(Box<Checked>),
    Refused(Refused),
}

/// A file of an archive that is none to load.
#[derive(Debug, Serialize)]
pub(crate) struct Refused {
    file: String,
    reason: String,
    /// Of what kind that is, a name of [`crate::error::Kind`].
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Checked {
    pub(crate) file: String,
    pub(crate) department: String,
    pub(crate) extract: String,
    pub(crate) understood: Understood,
    #[serde(flatten)]
    pub(crate) report: Report,
    pub(crate) rejects: Vec<Shown>,
    /// Only where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<First>,
}

/// The first rows that are accepted, as they are read.
#[derive(Debug, Default, Serialize)]
pub(crate) struct First {
    pub(crate) columns: Vec<String>,
    /// Of each the number that a spreadsheet gives it, and its cells.
    pub(crate) rows: Vec<(i64, Vec<Option<String>>)>,
}

/// A refused row, without the value: the file has it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    sheet: Option<String>,
    row: i64,
    column: Option<String>,
    rule: String,
    reason: String,
}

pub(super) async fn run(common: &Common, file: &Path, hint: &HintArgs, limits: LimitArgs) -> Result<(), Error> {
    let (definitions, hint) = (Definitions::of(common)?, hint.into());
    let mut inbox = Inbox::new(&definitions, &[file.to_owned()], &hint, limits, Room::Elsewhere(None));
    match inbox.next().await? {
        Some((given, Next::File(worker))) => {
            output::print(common, &checked(&definitions, *worker, |_| Ok(false)).await?, |checked| text(checked, &given.called))
        }
        Some((_, Next::Refused(error))) => Err(error),
        Some((_, Next::Archive(left_out))) => archive(common, &definitions, &mut inbox, left_out).await,
        None => Err(Error::asked("this is a memo file", "name the table that it belongs to")),
    }
}

/// The files of an archive, each as if it had been named alone.
async fn archive(common: &Common, definitions: &Definitions, inbox: &mut Inbox<'_>, left_out: Vec<String>) -> Result<(), Error> {
    let mut files = Vec::new();
    while let Some((given, next)) = inbox.next().await? {
        let said = match next {
            Next::File(worker) => checked(definitions, *worker, |_| Ok(false)).await,
            Next::Refused(error) => Err(error),
            Next::Archive(_) => Err(Error::defect("a file of an archive is taken apart")),
        };
        match said {
            Ok(checked) => files.push((given.called, Said::Checked(Box::new(checked)))),
            Err(error) if error.is_of_the_file() => files.push((given.called, Said::Refused(Refused::of(given.name, &error)))),
            Err(error) => return Err(error),
        }
    }
    let (all, refused) = (files.len(), files.iter().filter(|(_, said)| matches!(said, Said::Refused(_))).count());
    let (called, files): (Vec<PathBuf>, Vec<Said>) = files.into_iter().unzip();
    output::print(common, &Archive { files, left_out }, |archive| {
        let texts = archive.files.iter().zip(&called).map(|(said, called)| match said {
            Said::Checked(checked) => text(checked, called),
            Said::Refused(refused) => format!("{}\n", refused.reason),
        });
        let left_out = archive.left_out.iter().map(|name| format!("`{name}` is left out\n"));
        texts.chain(left_out).collect::<Vec<_>>().join("\n")
    })?;
    match refused {
        0 => Ok(()),
        _ => Err(Error::asked(format!("{refused} of {all} files would be refused"), "see what is said of each above")),
    }
}

/// How a file is read and what would be refused; with its first rows, if they may be shown of such a file.
pub(crate) async fn checked(
    definitions: &Definitions,
    mut worker: Worker,
    shows: impl Fn(&Opened<'_>) -> Result<bool, Error>,
) -> Result<Checked, Error> {
    let file = worker.given().name.clone();
    let opened = worker.open(definitions).await?;
    let raw = wuwei_ingest::raw_table(opened.extract);
    let columns = opened.extract.kept().map(|(_, column)| column.clone()).collect();
    let mut first = shows(&opened)?.then_some(First { columns, rows: Vec::new() });
    let mut reading = worker.read(definitions, &opened, 0, Held::none())?;
    let mut rejects = Vec::new();
    let report = loop {
        match reading.next().await? {
            Read::Rows(table, batch) if table == table::REJECT => {
                for row in 0..batch.num_rows().min(SHOWN.saturating_sub(rejects.len())) {
                    rejects.push(shown(&batch, row)?);
                }
            }
            Read::Rows(table, batch) if table == raw => first.iter_mut().try_for_each(|first| first.take(&batch))?,
            Read::Rows(..) => {}
            Read::Report(report) => break report,
        }
    };
    let Opened { department, extract, understood, .. } = opened;
    Ok(Checked { file, department: department.code.clone(), extract: extract.name.clone(), understood, report, rejects, first })
}

impl Refused {
    /// A file of that name, and why.
    pub(crate) fn of(file: String, error: &Error) -> Refused {
        Refused { file, reason: error.to_string(), kind: error.kind().map(Kind::name) }
    }
}

impl First {
    fn take(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let wanted = batch.num_rows().min(FIRST.saturating_sub(self.rows.len()));
        if wanted == 0 {
            return Ok(());
        }
        let batch = batch.slice(0, wanted);
        let columns = self.columns.iter().map(|name| cells::texts(&batch, name)).collect::<Result<Vec<_>, _>>()?;
        let numbers = cells::numbers(&batch, "row")?;
        let row = |at: usize| (numbers.value(at), columns.iter().map(|column| cells::text(column, at).map(str::to_owned)).collect());
        self.rows.extend((0..wanted).map(row));
        Ok(())
    }
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
    for told in understood.evidence.iter().chain(&understood.remarks) {
        text.push_str(&format!("  {}\n", Language::English.told(told)));
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
