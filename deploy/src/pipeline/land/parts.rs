//! A full delivery that takes several files. All of them together are the whole stock: nothing is gone before the last of them was read, and
//! they are published together or not at all. Which files belong together their names say, and only where the extract has parts.

use super::{
    DELIVERY, Job, Kind, Opened, Outcome, Past, Publisher, Report, Sentence, Worker, counted, delivery, held, judge, land, of, retired,
    unchanged, write_catalogue, write_empty, write_rows, written,
};
use crate::{Error, catalogue, cells, clock, hub::Hub};
use arrow_array::{Int64Array, RecordBatch, StringArray};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use wuwei_ingest::{Contract, Extract, Held, Hint};
use wuwei_lake::{Commit, Epoch};
use wuwei_schema::table;

/// Takes in one file after the other.
#[derive(Debug, Default)]
pub(crate) struct Landing(Option<Series>);

/// Files that the names say belong together, of which more come.
#[derive(Debug)]
enum Series {
    /// Parts of one delivery.
    Loading(Box<Parts>),
    /// One of them was refused, under this name: what it may hold is not gone, so none is loaded.
    Refused(String),
}

impl Landing {
    /// Loads one file, or says why its process does not open it, and writes down what became of it. `has_more` tells that the next file
    /// continues it by its name; what became of a part is known with the last one.
    ///
    /// # Errors
    /// The hub itself failed. A file that is refused is no error here but a job that says why.
    pub(crate) async fn file(
        &mut self,
        hub: &mut Hub,
        name: String,
        worker: Result<Worker, Error>,
        has_more: bool,
    ) -> Result<Vec<Job>, Error> {
        let definitions = Arc::clone(&hub.definitions);
        let opened = match worker {
            Ok(mut worker) => worker.open(&definitions).await.map(|opened| (worker, opened)),
            Err(error) => Err(error),
        };
        let has_parts = |extract: &Extract| extract.parts && extract.contract == Contract::Full;
        let is_part = opened.as_ref().is_ok_and(|(_, opened)| has_parts(opened.extract) && opened.understood.repairs.is_none());
        let series = self.0.take();
        let (series, jobs) = match (series, opened) {
            (None, Ok((worker, opened))) if !(is_part && has_more) => {
                let landed = land(hub, worker, opened).await;
                (None, vec![written(hub, name, landed)?])
            }
            (Some(Series::Refused(part)), Ok((worker, opened))) if !is_part => {
                let landed = land(hub, worker, opened).await;
                (Some(Series::Refused(part)), vec![written(hub, name, landed)?])
            }
            (None | Some(Series::Refused(_)), Err(error)) => (Some(Series::Refused(name.clone())), vec![written(hub, name, Err(error))?]),
            (Some(Series::Refused(part)), Ok(_)) => {
                let job = written(hub, name, Err(beside(&part)))?;
                (Some(Series::Refused(part)), vec![job])
            }
            (None, Ok((worker, opened))) => match Parts::begin(hub, &worker, opened.extract).await {
                Ok(parts) => Box::new(parts).take(hub, name, Ok((worker, opened)), has_more).await?,
                Err(error) => (Some(Series::Refused(name.clone())), vec![written(hub, name, Err(error))?]),
            },
            (Some(Series::Loading(parts)), opened) => parts.take(hub, name, opened, has_more).await?,
        };
        self.0 = series.filter(|_| has_more);
        Ok(jobs)
    }

    /// Refuses parts whose last one turned out to be no file of rows: nobody else would say what became of them.
    ///
    /// # Errors
    /// The record of jobs cannot be written.
    pub(crate) fn end(self, hub: &Hub) -> Result<Vec<Job>, Error> {
        let Some(Series::Loading(parts)) = self.0 else { return Ok(Vec::new()) };
        let hint = "hint: hand in all parts together";
        let why = Sentence::of(Kind::PartOpen, &format!("it is a part of a delivery whose last part has no rows; {hint}")).into();
        refused(hub, parts.taken.iter().map(|taken| taken.job.file.clone()).collect(), &why)
    }
}

/// Parts of a delivery, of which nothing is published yet.
#[derive(Debug)]
struct Parts {
    extract: String,
    publisher: Publisher,
    past: Past,
    hint: Hint,
    catalogue: BTreeMap<String, i64>,
    held: Held,
    /// First records of rows held that every part so far lacks, sorted; none before the first part.
    lacking: Option<Vec<i64>>,
    next_record: i64,
    taken: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    batch: String,
    job: Job,
    report: Report,
}

impl Parts {
    async fn begin(hub: &mut Hub, worker: &Worker, extract: &Extract) -> Result<Parts, Error> {
        worker.hint().switches_on(extract, &worker.given().called)?;
        let mut publisher = hub.publisher().await?;
        let past = Past::of(hub, extract).await?;
        let held = held::held(hub, extract, worker, &std::collections::BTreeSet::new()).await?;
        let catalogue = write_catalogue(hub, &mut publisher).await?;
        let (extract, hint, next_record) = (extract.name.clone(), worker.hint().clone(), publisher.epoch().next_record);
        Ok(Parts { extract, publisher, past, hint, catalogue, held, lacking: None, next_record, taken: Vec::new() })
    }

    /// Takes a part in; with the last one all are settled, and so they are with one that is refused.
    async fn take(
        mut self: Box<Self>,
        hub: &mut Hub,
        name: String,
        opened: Result<(Worker, Opened<'_>), Error>,
        has_more: bool,
    ) -> Result<(Option<Series>, Vec<Job>), Error> {
        let read = match opened {
            Ok((worker, opened)) => self.read(hub, worker, &opened).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(()) if has_more => Ok((Some(Series::Loading(self)), Vec::new())),
            Ok(()) => {
                let names: Vec<String> = self.taken.iter().map(|taken| taken.job.file.clone()).collect();
                let jobs = match self.publish(hub).await {
                    Ok(jobs) => jobs.into_iter().map(|job| hub.jobs.append(job)).collect::<Result<_, _>>()?,
                    Err(error) if error.is_of_the_file() => refused(hub, names, &error)?,
                    Err(error) => return Err(error),
                };
                Ok((None, jobs))
            }
            Err(error) => {
                let names = self.taken.iter().map(|taken| taken.job.file.clone()).collect();
                drop(self);
                let mut jobs = refused(hub, names, &beside(&name))?;
                jobs.push(written(hub, name.clone(), Err(error))?);
                Ok((Some(Series::Refused(name)), jobs))
            }
        }
    }

    async fn read(&mut self, hub: &Hub, worker: Worker, opened: &Opened<'_>) -> Result<(), Error> {
        let (batch, extract, job) = (opened.batch.clone(), opened.extract, of(&worker.given().name, opened));
        if extract.name != self.extract || self.taken.iter().any(|taken| taken.batch == batch) {
            let (kind, what) = match extract.name == self.extract {
                true => (Kind::PartTwice, "it is the same file as another part"),
                false => (Kind::PartOther, "it is of another extract than its other parts"),
            };
            return Err(Error::unread(&worker.given().called, kind, what, "look what was put together"));
        }
        let mut lacking = Vec::new();
        let is_known = self.past.knows(&batch);
        let mut reading = worker.read(&hub.definitions, opened, self.next_record, self.held.clone())?;
        let mut report = write_rows(&mut self.publisher, &mut reading, is_known, Some(&mut lacking)).await?;
        report.retired.remove("absent");
        let raw = wuwei_ingest::raw_table(extract);
        write_empty(hub, &mut self.publisher, extract, &raw).await?;
        self.publisher.commit(Commit::Append { batch: self.past.transaction(&batch) }, &raw).await?;
        self.next_record = report.next_record;
        lacking.sort_unstable();
        if let Some(before) = &self.lacking {
            lacking.retain(|first| before.binary_search(first).is_ok());
        }
        self.lacking = Some(lacking);
        self.taken.push(Taken { batch, job, report });
        Ok(())
    }

    /// Publishes all parts, without the rows held that all of them lack.
    async fn publish(mut self: Box<Self>, hub: &mut Hub) -> Result<Vec<Job>, Error> {
        let gone = self.gone()?;
        let whole = self.whole(gone.as_ref().map_or(0, RecordBatch::num_rows));
        let holds = |taken: &Taken| self.past.holds(&taken.batch);
        let has_all = self.taken.iter().any(holds) && self.taken.iter().all(|taken| taken.report.read == 0 || holds(taken));
        if whole.new == 0 && retired(&whole) == 0 && has_all {
            drop(self.publisher);
            let mut jobs = Vec::new();
            for taken in self.taken {
                jobs.push(unchanged(hub, taken.job).await?);
            }
            return Ok(jobs);
        }
        let verdict = judge(&self.past, None, &self.hint, &whole);
        if verdict.outcome != Outcome::Late && !self.hint.shrunk {
            held::check_shrinkage(&self.names(), &whole)?;
        }
        let is_published = verdict.outcome == Outcome::Published;
        if !is_published {
            // What was committed for the parts goes with the publisher.
            drop(self.publisher);
            self.publisher = hub.publisher().await?;
            let nothing = |report: &mut Report| (report.new, report.spared, report.retired) = (0, 0, BTreeMap::new());
            self.taken.iter_mut().for_each(|taken| nothing(&mut taken.report));
        } else if let (Some(gone), Some(last)) = (gone, self.taken.last_mut()) {
            self.publisher.write(table::RETIRED, &gone).await?;
            last.report.retired.insert("absent".to_owned(), gone.num_rows() as u64);
        }
        let received = self.past.next_ms(clock::now_ms());
        for Taken { batch, report, .. } in &self.taken {
            let word =
                if is_published { judge(&self.past, None, &Hint { late: true, ..self.hint.clone() }, report).word } else { verdict.word };
            self.publisher.write(DELIVERY, &delivery(&self.extract, batch, report, word, None, received)?).await?;
        }
        let first = self.taken.first().map(|taken| self.past.transaction(&taken.batch)).unwrap_or_default();
        self.publisher.commit(Commit::Append { batch: first }, DELIVERY).await?;
        let (next_record, catalogue) = (self.next_record, self.catalogue);
        let noted = |epoch: &mut Epoch| {
            if is_published {
                epoch.next_record = next_record;
                epoch.stages.insert("catalogue".to_owned(), catalogue);
            }
        };
        self.publisher.publish(noted).await?;
        hub.turn_to_newest().await?;
        let settled = |taken: Taken| {
            let job = Job { outcome: verdict.outcome, ..taken.job }.because(verdict.why.clone());
            counted(job, &taken.report)
        };
        Ok(self.taken.into_iter().map(settled).collect())
    }

    /// Of [`table::retired_schema`]: the rows held that no part has.
    fn gone(&self) -> Result<Option<RecordBatch>, Error> {
        let (Some(lacking), Some(last)) = (self.lacking.as_ref().filter(|lacking| !lacking.is_empty()), self.taken.last()) else {
            return Ok(None);
        };
        let ends: HashMap<i64, i64> = self.held.records().collect();
        let same = |text: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(text, lacking.len())));
        let last_records = lacking.iter().map(|first| ends.get(first).copied().unwrap_or(*first));
        let columns: Vec<arrow_array::ArrayRef> = vec![
            same(&self.extract),
            Arc::new(Int64Array::from(lacking.clone())),
            Arc::new(Int64Array::from_iter_values(last_records)),
            same(&last.batch),
            same("absent"),
        ];
        catalogue::batch(table::retired_schema(), columns).map(Some)
    }

    /// The account of all parts together, of which so many rows held are gone.
    fn whole(&self, gone: usize) -> Report {
        let mut whole = Report { held: self.held.len() as u64, next_record: self.next_record, ..Report::default() };
        for Taken { report, .. } in &self.taken {
            whole.accepted += report.accepted;
            whole.rejected += report.rejected;
            whole.new += report.new;
            whole.watermark = whole.watermark.max(report.watermark.clone());
            report.excluded.iter().for_each(|(why, rows)| *whole.excluded.entry(why.clone()).or_default() += rows);
            report.retired.iter().for_each(|(why, rows)| *whole.retired.entry(why.clone()).or_default() += rows);
        }
        if gone > 0 {
            whole.retired.insert("absent".to_owned(), gone as u64);
        }
        whole
    }

    fn names(&self) -> String {
        self.taken.iter().map(|taken| taken.job.file.as_str()).collect::<Vec<_>>().join("`, `")
    }
}

/// Of rows that stand no more those that the file lacks are gathered, since another part may have them; the others are written down.
pub(super) async fn gather(publisher: &mut Publisher, rows: &RecordBatch, lacking: &mut Vec<i64>) -> Result<(), Error> {
    let (first, why) = (cells::numbers(rows, "first_record")?, cells::texts(rows, "why")?);
    for row in 0..rows.num_rows() {
        match why.value(row) {
            "absent" => lacking.push(first.value(row)),
            _ => publisher.write(table::RETIRED, &rows.slice(row, 1)).await?,
        }
    }
    Ok(())
}

/// What is said of a part beside one that was refused.
fn beside(part: &str) -> Error {
    let hint = "hint: put that right, and hand in all parts together";
    Sentence::of(Kind::PartRefused, &format!("it is a part of a delivery of which `{part}` was refused; {hint}")).into()
}

fn refused(hub: &Hub, names: Vec<String>, why: &Error) -> Result<Vec<Job>, Error> {
    names.into_iter().map(|name| hub.jobs.append(Job::refused(clock::now(), name, why))).collect()
}
