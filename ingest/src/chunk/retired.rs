//! Rows that stand no more, on their way into a batch. Why they do not is decided elsewhere.

use super::repeat;
use crate::held::Retired;
use arrow_array::{RecordBatch, StringArray, builder::Int64Builder};
use arrow_schema::ArrowError;
use std::sync::Arc;
use wuwei_schema::table;

#[derive(Debug, Default)]
pub(super) struct RetiredBuilder {
    first: Int64Builder,
    last: Int64Builder,
    why: Vec<&'static str>,
}

impl RetiredBuilder {
    pub(super) fn push(&mut self, retired: Retired) {
        self.first.append_value(retired.first);
        self.last.append_value(retired.last);
        self.why.push(retired.why.name());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.why.is_empty()
    }

    pub(super) fn finish(&mut self, extract: &str, batch: &str) -> Result<Option<RecordBatch>, ArrowError> {
        let why = std::mem::take(&mut self.why);
        if why.is_empty() {
            return Ok(None);
        }
        let (first, last) = (Arc::new(self.first.finish()), Arc::new(self.last.finish()));
        let columns = vec![repeat(extract, why.len()), first, last, repeat(batch, why.len()), Arc::new(StringArray::from(why))];
        RecordBatch::try_new(table::retired_schema(), columns).map(Some)
    }
}
