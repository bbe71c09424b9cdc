//! Landing: one file becomes rows of `raw`, `record` and `contract` tables, in one epoch; files that are parts of one delivery do so
//! together (`parts`). What the rows mean is ingest's.

mod parts;

pub(crate) use parts::Landing;

use super::{
    held,
    past::{DELIVERY, Past},
};
use crate::{
    Error, catalogue, cells, clock,
    error::{Kind, Sentence},
    hub::Hub,
    jobs::{Job, Outcome},
    worker::{Opened, Read, Reading, Worker},
};
use arrow_array::{Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use std::{collections::BTreeMap, sync::Arc};
use wuwei_ingest::{Extract, Hint, Report};
use wuwei_lake::{Commit, Epoch, Publisher};
use wuwei_schema::{contract, table};

/// Writes down what became of a file.
///
/// # Errors
/// The hub itself failed. A file that is refused is no error here but a job that says why.
fn written(hub: &Hub, name: String, landed: Result<Job, Error>) -> Result<Job, Error> {
    let job = match landed {
        Ok(job) => job,
        Err(error) if error.is_of_the_file() => Job::refused(clock::now(), name, &error),
        Err(error) => return Err(error),
    };
    hub.jobs.append(job)
}

/// Loads one file that was opened.
async fn land(hub: &mut Hub, worker: Worker, opened: Opened<'_>) -> Result<Job, Error> {
    let definitions = Arc::clone(&hub.definitions);
    worker.hint().switches_on(opened.extract, &worker.given().called)?;
    let mut publisher = hub.publisher().await?;
    let past = Past::of(hub, opened.extract).await?;
    let job = of(&worker.given().name, &opened);
    if past.holds(&opened.batch) {
        drop((publisher, worker));
        return unchanged(hub, job).await;
    }
    let (extract, batch, hint) = (opened.extract, opened.batch.clone(), worker.hint().clone());
    let origin = opened.understood.repairs.as_deref();
    check_origin(&past, origin, &job)?;
    let later = origin.map(|origin| past.since(origin)).unwrap_or_default();
    // Nobody else publishes while this publisher lives: what is held now is what the file is held against.
    let held = held::held(hub, extract, &worker, &later).await?;
    let mut reading = worker.read(&definitions, &opened, publisher.epoch().next_record, held)?;
    // While that goes on: the first rows wait.
    let catalogue = write_catalogue(hub, &mut publisher).await?;
    let mut report = write_rows(&mut publisher, &mut reading, past.knows(&batch), None).await?;
    let verdict = judge(&past, origin, &hint, &report);
    if verdict.outcome != Outcome::Late && !hint.shrunk {
        held::check_shrinkage(&job.file, &report)?;
    }
    if verdict.outcome != Outcome::Published {
        publisher.discard();
        report = Report { next_record: publisher.epoch().next_record, new: 0, retired: BTreeMap::new(), spared: 0, ..report };
    }
    let job = counted(Job { outcome: verdict.outcome, ..job }.because(verdict.why), &report);
    if verdict.outcome != Outcome::Published && past.says(&batch, verdict.word) {
        return Ok(job);
    }
    publisher.write(DELIVERY, &delivery(&extract.name, &batch, &report, verdict.word, origin, past.next_ms(clock::now_ms()))?).await?;
    let raw = wuwei_ingest::raw_table(extract);
    let last = if verdict.outcome == Outcome::Published { &raw } else { DELIVERY };
    write_empty(hub, &mut publisher, extract, last).await?;
    publisher.commit(Commit::Append { batch: past.transaction(&batch) }, last).await?;
    let noted = |epoch: &mut Epoch| {
        epoch.next_record = report.next_record;
        epoch.stages.insert("catalogue".to_owned(), catalogue);
    };
    publisher.publish(noted).await?;
    hub.turn_to_newest().await?;
    Ok(job)
}

/// Refuses mended rows of which nobody here knows what they were refused in.
fn check_origin(past: &Past, origin: Option<&str>, job: &Job) -> Result<(), Error> {
    let Some(origin) = origin.filter(|origin| !past.knows(origin)) else { return Ok(()) };
    let Job { file, extract, .. } = job;
    let extract = extract.as_deref().unwrap_or_default();
    let what = format!("file `{file}` has mended rows of batch `{origin}`, of which this hub has none of `{extract}`");
    Err(Sentence::of(Kind::Origin, &format!("{what}; hint: hand it in to the hub that wrote it")).into())
}

/// What is to become of a file that was read.
#[derive(Debug)]
struct Verdict {
    outcome: Outcome,
    /// The same in the word of [`DELIVERY`].
    word: &'static str,
    why: Option<Sentence>,
}

fn judge(past: &Past, origin: Option<&str>, hint: &Hint, report: &Report) -> Verdict {
    let late = match origin {
        Some(origin) => past.late_repair(origin),
        None => past.late(report).filter(|_| !hint.late),
    };
    let rows = report.accepted + report.rejected + report.excluded.values().sum::<u64>();
    let is_empty = rows == 0 && !(hint.shrunk && past.has_any());
    let (outcome, word) = match (report.accepted, report.rejected) {
        _ if late.is_some() => (Outcome::Late, "late"),
        _ if is_empty => (Outcome::Empty, "empty"),
        _ if origin.is_some() => (Outcome::Published, "repair"),
        (_, 0) => (Outcome::Published, "accepted"),
        (0, _) => (Outcome::Published, "rejected"),
        _ => (Outcome::Published, "partial"),
    };
    let empty = || {
        let why = "it has no row, and counts as no delivery; hint: if there is really nothing to tell, hand it in with --shrunk";
        is_empty.then(|| Sentence::of(Kind::NoRows, why))
    };
    Verdict { outcome, word, why: late.or_else(empty) }
}

/// An extract without a row is delivered as well; its table must be there to say so.
async fn write_empty(hub: &Hub, publisher: &mut Publisher, extract: &Extract, table: &str) -> Result<(), Error> {
    let raw = wuwei_ingest::raw_table(extract);
    if table != raw {
        return Ok(());
    }
    let none = RecordBatch::new_empty(wuwei_ingest::raw_schema(extract, &hub.definitions.model));
    Ok(publisher.write(&raw, &none).await?)
}

/// Writes the rows down; those that were refused only once, however often the file is loaded. Where it is a part of a delivery, what it
/// lacks is not gone yet: the first records of such rows are gathered.
async fn write_rows(
    publisher: &mut Publisher,
    reading: &mut Reading,
    is_known: bool,
    mut lacking: Option<&mut Vec<i64>>,
) -> Result<Report, Error> {
    loop {
        match reading.next().await? {
            Read::Rows(table, _) if is_known && table == table::REJECT => {}
            Read::Rows(table, rows) => match lacking.as_mut().filter(|_| table == table::RETIRED) {
                None => publisher.write(&table, &rows).await?,
                Some(lacking) => parts::gather(publisher, &rows, lacking).await?,
            },
            Read::Report(report) => return Ok(report),
        }
    }
}

/// The share catalogue is written whenever the department files say something new. Returns what to note of it.
async fn write_catalogue(hub: &Hub, publisher: &mut Publisher) -> Result<BTreeMap<String, i64>, Error> {
    let now = [("files".to_owned(), catalogue::fingerprint(&hub.definitions.departments))].into();
    if publisher.epoch().stages.get("catalogue") == Some(&now) {
        return Ok(now);
    }
    let tables = catalogue::tables(&hub.definitions.departments)?;
    for (name, batch) in &tables {
        publisher.write(name, batch).await?;
    }
    let names = tables.iter().map(|(name, batch)| ((*name).to_owned(), batch.schema())).collect();
    publisher.commit(Commit::Replace { tables: names }, "contract.department").await?;
    Ok(now)
}

fn delivery(
    extract: &str,
    batch: &str,
    report: &Report,
    outcome: &str,
    origin: Option<&str>,
    received_ms: i64,
) -> Result<RecordBatch, Error> {
    let watermark = report.watermark.as_deref().and_then(clock::date_ms);
    let whole = |number: u64| Arc::new(Int64Array::from(vec![number.cast_signed()]));
    catalogue::batch(
        contract::delivery(),
        vec![
            Arc::new(StringArray::from(vec![extract])),
            Arc::new(StringArray::from(vec![batch])),
            Arc::new(TimestampMillisecondArray::from(vec![received_ms])),
            Arc::new(TimestampMillisecondArray::from(vec![watermark])),
            Arc::new(StringArray::from(vec![outcome])),
            whole(report.read),
            whole(report.accepted),
            whole(report.new),
            whole(retired(report)),
            whole(report.spared),
            Arc::new(StringArray::from(vec![origin])),
        ],
    )
}

/// Rows of earlier files that stand no more.
fn retired(report: &Report) -> u64 {
    report.retired.iter().filter(|(why, _)| !["repeated", "undone"].contains(&why.as_str())).map(|(_, rows)| rows).sum()
}

/// The same bytes again change nothing; the counts are those of the first time.
async fn unchanged(hub: &Hub, job: Job) -> Result<Job, Error> {
    let before = hub.jobs.all()?.into_iter().rev().find(|before| before.batch == job.batch && before.outcome == Outcome::Published);
    if let Some(before) = before {
        return Ok(Job { ended: job.ended, file: job.file, outcome: Outcome::Unchanged, ..before });
    }
    recounted(hub, job).await
}

/// A kill after publishing and before the job was written leaves the counts to the tables.
async fn recounted(hub: &Hub, job: Job) -> Result<Job, Error> {
    let batch = job.batch.clone().unwrap_or_default();
    let session = hub.stage("recount")?;
    let rows = async |question: String| Ok::<_, Error>(session.sql(&question, clock::now_ms()).await?.batches);
    let delivered = rows(format!("SELECT {COUNTS} FROM {DELIVERY} WHERE batch = '{batch}' {LATEST}")).await?;
    let refused = "SELECT count(*) AS rows FROM (SELECT DISTINCT sheet, row FROM raw.reject WHERE batch = '";
    let refused = rows(format!("{refused}{batch}' AND rule NOT LIKE 'cell:%') r")).await?;
    let rules = rows(format!("SELECT rule, count(*) AS rows FROM raw.reject WHERE batch = '{batch}' GROUP BY rule")).await?;
    let [read, accepted, rejected] = [sum(&delivered, "rows_total")?, sum(&delivered, "rows_ok")?, sum(&refused, "rows")?];
    let [new, retired, spared] = [sum(&delivered, "rows_new")?, sum(&delivered, "rows_retired")?, sum(&delivered, "rows_spared")?];
    let mut rejects_by_rule = BTreeMap::new();
    for found in &rules {
        let (names, counts) = (cells::texts(found, "rule")?, cells::numbers(found, "rows")?);
        rejects_by_rule.extend(counts.values().iter().enumerate().map(|(at, count)| (names.value(at).to_owned(), count.cast_unsigned())));
    }
    Ok(Job { read, accepted, new, retired, spared, rejected, skipped: read.saturating_sub(accepted + rejected), rejects_by_rule, ..job })
}

/// What a delivery says of its rows.
const COUNTS: &str = "rows_total, rows_ok, rows_new, rows_retired, rows_spared";

/// A file may have been loaded more than once.
const LATEST: &str = "AND outcome NOT IN ('late', 'empty') ORDER BY received_ts DESC LIMIT 1";

fn sum(batches: &[RecordBatch], column: &str) -> Result<u64, Error> {
    let mut sum = 0;
    for batch in batches {
        sum += cells::numbers(batch, column)?.values().iter().sum::<i64>();
    }
    Ok(sum.cast_unsigned())
}

fn of(name: &str, opened: &Opened<'_>) -> Job {
    Job {
        department: Some(opened.department.code.clone()),
        extract: Some(opened.extract.name.clone()),
        batch: Some(opened.batch.clone()),
        remarks: opened.understood.remarks.clone(),
        ..Job::empty(clock::now(), name.to_owned())
    }
}

/// The job with the report's counts.
fn counted(job: Job, report: &Report) -> Job {
    Job {
        read: report.read,
        accepted: report.accepted,
        new: report.new,
        retired: retired(report),
        spared: report.spared,
        rejected: report.rejected,
        skipped: report.skipped,
        rejects_by_rule: report.rejects_by_rule.clone(),
        ..job
    }
}
