//! What was delivered of an extract before, as `contract.delivery` tells it, and what follows for the next file: whether it was loaded
//! already, whether it comes too late. What its rows become is ingest's.

use crate::{
    Error, cells, clock,
    error::{Kind, Sentence},
    hub::Hub,
};
use arrow_array::{Array as _, RecordBatch, cast::AsArray as _, types::TimestampMillisecondType};
use std::collections::BTreeSet;
use wuwei_ingest::{Contract, Extract, Report};

/// A day, by which a file may be ahead of the clock: the clock goes by UTC.
const DAY_MS: i64 = 86_400_000;

/// The table that tells it.
pub(super) const DELIVERY: &str = "contract.delivery";

/// The deliveries of one extract, oldest first.
#[derive(Debug)]
pub(super) struct Past {
    contract: Contract,
    deliveries: Vec<Delivered>,
}

#[derive(Debug)]
struct Delivered {
    batch: String,
    outcome: String,
    received_ms: i64,
    watermark_ms: Option<i64>,
    rows: i64,
}

impl Delivered {
    /// Whether the extract was brought up to date by it.
    fn counts(&self) -> bool {
        ["accepted", "partial"].contains(&self.outcome.as_str())
    }

    /// Whether rows of it may be held.
    fn is_loaded(&self) -> bool {
        self.counts() || ["rejected", "repair"].contains(&self.outcome.as_str())
    }
}

impl Past {
    /// The past of an extract, at the hub's pinned epoch.
    pub(super) async fn of(hub: &Hub, extract: &Extract) -> Result<Past, Error> {
        if !hub.lake.epoch().tables.contains_key(DELIVERY) {
            return Ok(Past { contract: extract.contract, deliveries: Vec::new() });
        }
        let columns = "batch, outcome, received_ts, watermark_ts, rows_total";
        let question = format!("SELECT {columns} FROM {DELIVERY} WHERE rid = '{}' ORDER BY received_ts", extract.name);
        let answer = hub.stage("past")?.sql(&question, clock::now_ms()).await?;
        let mut deliveries = Vec::new();
        for batch in &answer.batches {
            let (batches, outcomes) = (cells::texts(batch, "batch")?, cells::texts(batch, "outcome")?);
            let (received, watermarks) = (times(batch, "received_ts")?, times(batch, "watermark_ts")?);
            let rows = cells::numbers(batch, "rows_total")?;
            deliveries.extend((0..batch.num_rows()).map(|row| Delivered {
                batch: batches.value(row).to_owned(),
                outcome: outcomes.value(row).to_owned(),
                received_ms: received[row].unwrap_or_default(),
                watermark_ms: watermarks[row],
                rows: rows.value(row),
            }));
        }
        Ok(Past { contract: extract.contract, deliveries })
    }

    /// Whether rows of this very file are in the hub, and stand as far as later files leave them: loading it again would change nothing. A
    /// whole stock that another has replaced since is loaded again, and so is one without a row: that there is nothing new can be told as
    /// often as there is.
    pub(super) fn holds(&self, batch: &str) -> bool {
        let loaded = self.deliveries.iter().rposition(|delivered| delivered.batch == batch && delivered.is_loaded() && delivered.rows > 0);
        let is_replaced = |at: usize| self.contract == Contract::Full && self.later(at).any(Delivered::counts);
        loaded.is_some_and(|at| !is_replaced(at))
    }

    /// Whether its rows were refused or kept before, so that what was refused is written down.
    pub(super) fn knows(&self, batch: &str) -> bool {
        self.deliveries.iter().any(|delivered| delivered.batch == batch && delivered.is_loaded())
    }

    /// Whether the last that was said of this file is the same.
    pub(super) fn says(&self, batch: &str, outcome: &str) -> bool {
        let mut latest = self.deliveries.iter().rev();
        latest.find(|delivered| delivered.batch == batch).is_some_and(|delivered| delivered.outcome == outcome)
    }

    /// The name of the transaction that loads it: a file may be loaded more than once, each of its loads only once.
    pub(super) fn transaction(&self, batch: &str) -> String {
        match self.deliveries.iter().filter(|delivered| delivered.batch == batch).count() {
            0 => batch.to_owned(),
            before => format!("{batch}.{before}"),
        }
    }

    /// When the next delivery came, by that clock: after all others, though the clock may have been put back since.
    pub(super) fn next_ms(&self, now_ms: i64) -> i64 {
        self.deliveries.last().map_or(now_ms, |last| now_ms.max(last.received_ms.saturating_add(1)))
    }

    /// Whether the extract was ever delivered.
    pub(super) fn has_any(&self) -> bool {
        self.deliveries.iter().any(Delivered::counts)
    }

    /// Why a full delivery must not undo what is held: that speaks of a later time.
    pub(super) fn late(&self, report: &Report) -> Option<Sentence> {
        let watermark = report.watermark.as_deref().filter(|_| self.contract == Contract::Full)?;
        let known = self.deliveries.iter().filter(|delivered| delivered.counts());
        // A date that was still to come when it came is a slip of somebody's.
        let known = known.filter_map(|delivered| delivered.watermark_ms.filter(|date| *date <= delivered.received_ms + DAY_MS)).max()?;
        (clock::date_ms(watermark)? < known).then(|| {
            let of = clock::date(known);
            let hint = "hint: if it is to replace that, hand it in with --late";
            Sentence::of(Kind::Late, &format!("its latest date is {watermark}, and what is held is of {of}; {hint}"))
        })
    }

    /// Why rows mended are not added: a whole stock came after the one that they were refused in, and has them as they are now.
    pub(super) fn late_repair(&self, origin: &str) -> Option<Sentence> {
        let is_late = self.contract == Contract::Full && self.after(origin).any(Delivered::counts);
        let why = "since the delivery in which its rows were refused a whole one has come; hint: mend those that were refused in that one";
        is_late.then(|| Sentence::of(Kind::LateRepair, why))
    }

    /// The batches that came after that one.
    pub(super) fn since(&self, origin: &str) -> BTreeSet<&str> {
        self.after(origin).filter(|delivered| delivered.is_loaded()).map(|delivered| delivered.batch.as_str()).collect()
    }

    fn after(&self, origin: &str) -> impl Iterator<Item = &Delivered> {
        let at = self.deliveries.iter().rposition(|delivered| delivered.batch == origin);
        at.into_iter().flat_map(|at| self.later(at))
    }

    /// What came after one of them; parts of one delivery come at once.
    fn later(&self, at: usize) -> impl Iterator<Item = &Delivered> {
        let received = self.deliveries[at].received_ms;
        self.deliveries[at + 1..].iter().filter(move |delivered| delivered.received_ms > received)
    }
}

pub(crate) fn times(batch: &RecordBatch, name: &str) -> Result<Vec<Option<i64>>, Error> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
    let column = column.ok_or_else(|| Error::defect(format!("column `{name}` is missing or holds no times")))?;
    Ok((0..column.len()).map(|row| column.is_valid(row).then(|| column.value(row))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deliveries of a whole stock: batch, outcome, day of arrival, day of its content.
    fn past(deliveries: &[(&str, &str, i64, Option<i64>)]) -> Past {
        let delivered = |(batch, outcome, received, watermark): &(&str, &str, i64, Option<i64>)| Delivered {
            batch: (*batch).to_owned(),
            outcome: (*outcome).to_owned(),
            received_ms: received * DAY_MS,
            watermark_ms: watermark.map(|day| day * DAY_MS),
            rows: 1,
        };
        Past { contract: Contract::Full, deliveries: deliveries.iter().map(delivered).collect() }
    }

    #[test]
    fn a_stock_that_another_replaced_is_loaded_again_and_only_then() {
        assert!(past(&[("a", "accepted", 1, None)]).holds("a"));
        assert!(past(&[("a", "partial", 1, None), ("r", "repair", 2, None), ("x", "rejected", 3, None)]).holds("a"));
        let replaced = past(&[("a", "accepted", 1, None), ("b", "accepted", 2, None)]);
        assert!(!replaced.holds("a") && replaced.holds("b") && replaced.knows("a"));
        assert_eq!(["a", "c"].map(|batch| replaced.transaction(batch)), ["a.1", "c"]);
        assert!(!past(&[("a", "late", 1, None)]).holds("a"), "what came late can still be loaded");
    }

    #[test]
    fn a_clock_put_back_changes_no_order() {
        let known = past(&[("a", "accepted", 1, None), ("b", "accepted", 2, None)]);
        assert_eq!((known.next_ms(DAY_MS), known.next_ms(3 * DAY_MS)), (2 * DAY_MS + 1, 3 * DAY_MS));
    }

    #[test]
    fn a_date_to_come_makes_nothing_late() {
        let of = |date: &str| Report { watermark: Some(date.to_owned()), ..Report::default() };
        let known = past(&[("a", "accepted", 20_000, Some(19_999)), ("b", "accepted", 20_001, Some(40_000))]);
        // Day 19,999 is 2024-10-03.
        assert_eq!(known.late(&of("2024-10-03")), None);
        assert!(known.late(&of("2024-10-02")).is_some_and(|why| why.to_string().contains("is of 2024-10-03")));
        assert_eq!(known.late(&Report::default()), None);
    }

    #[test]
    fn rows_mended_are_late_after_a_whole_delivery() {
        let known = past(&[("a", "partial", 1, None), ("r", "repair", 2, None)]);
        assert_eq!((known.late_repair("a"), known.since("a")), (None, BTreeSet::from(["r"])));
        assert!(past(&[("a", "rejected", 1, None), ("b", "accepted", 2, None)]).late_repair("a").is_some());
    }
}
