//! Invented rows of what departments owe each other: resources with their cycles, files that came, requests, days that are worked.

use super::{DAY, Rows, put, texts};
use arrow_array::{BooleanArray, Date32Array, Int64Array, StringArray, TimestampMillisecondArray};
use std::sync::Arc;
use wuwei_schema::contract;

/// A file that came.
#[derive(Clone, Copy)]
pub(crate) struct Delivered<'a> {
    pub(crate) rid: &'a str,
    pub(crate) batch: &'a str,
    pub(crate) outcome: &'a str,
    pub(crate) received_ms: i64,
    pub(crate) watermark_ms: Option<i64>,
    /// Rows of it, all accepted.
    pub(crate) rows: i64,
    pub(crate) origin: Option<&'a str>,
}

impl<'a> Delivered<'a> {
    /// One row, accepted, that says nothing of its date.
    pub(crate) fn of(rid: &'a str, received_ms: i64) -> Delivered<'a> {
        Delivered { rid, batch: "b", outcome: "accepted", received_ms, watermark_ms: None, rows: 1, origin: None }
    }
}

/// Files that came.
pub(crate) fn delivered(rows: &mut Rows, all: &[Delivered<'_>]) {
    let count = |of: fn(&Delivered<'_>) -> i64| Arc::new(all.iter().map(of).collect::<Int64Array>());
    put(
        rows,
        "contract.delivery",
        contract::delivery(),
        vec![
            texts(all.iter().map(|file| file.rid)),
            texts(all.iter().map(|file| file.batch)),
            Arc::new(all.iter().map(|file| Some(file.received_ms)).collect::<TimestampMillisecondArray>()),
            Arc::new(all.iter().map(|file| file.watermark_ms).collect::<TimestampMillisecondArray>()),
            texts(all.iter().map(|file| file.outcome)),
            count(|file| file.rows),
            count(|file| if file.outcome == "rejected" { 0 } else { file.rows }),
            count(|file| if file.outcome == "rejected" { 0 } else { file.rows }),
            count(|_| 0),
            count(|_| 0),
            Arc::new(all.iter().map(|file| file.origin).collect::<StringArray>()),
        ],
    );
}

/// Resources (rid, provider, days of a cycle) that are published, owed and unconditional.
pub(crate) fn resources(rows: &mut Rows, resources: &[(&str, &str, i64)]) {
    put(
        rows,
        "contract.resource",
        contract::resource(),
        vec![
            texts(resources.iter().map(|resource| resource.0)),
            texts(resources.iter().map(|resource| resource.1)),
            texts(resources.iter().map(|resource| resource.0)),
            Arc::new(Int64Array::from(vec![1; resources.len()])),
            Arc::new(BooleanArray::from(vec![true; resources.len()])),
            texts(resources.iter().map(|_| "published")),
            Arc::new(resources.iter().map(|resource| resource.2).collect::<Int64Array>()),
        ],
    );
}

/// Requests of `mz` for one task (rid, days of asking and of the answer, working days for it).
pub(crate) fn requests(rows: &mut Rows, requests: &[(&str, i64, Option<i64>, i64)]) {
    put(
        rows,
        "contract.request",
        contract::request(),
        vec![
            texts(requests.iter().map(|request| request.0)),
            texts(requests.iter().map(|_| "mz")),
            texts(requests.iter().map(|_| "task")),
            Arc::new(requests.iter().map(|request| Some(request.1 * DAY)).collect::<TimestampMillisecondArray>()),
            Arc::new(requests.iter().map(|request| request.2.map(|day| day * DAY)).collect::<TimestampMillisecondArray>()),
            Arc::new(requests.iter().map(|request| request.3).collect::<Int64Array>()),
        ],
    );
}

/// The calendar: days since 1970-01-01, and whether they are worked.
pub(crate) fn workdays(rows: &mut Rows, days: &[(i32, bool)]) {
    let columns = vec![
        Arc::new(Date32Array::from_iter_values(days.iter().map(|day| day.0))) as _,
        Arc::new(days.iter().map(|day| Some(day.1)).collect::<BooleanArray>()) as _,
        Arc::new(StringArray::new_null(days.len())) as _,
    ];
    put(rows, "contract.workday", contract::workday(), columns);
}
