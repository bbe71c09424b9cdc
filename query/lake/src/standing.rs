//! Rows that stand: a table without the rows whose number another table retires. The files are not rewritten when a row is retired, since a
//! daily snapshot retires a few rows out of millions; the ranges are read once an epoch, 16 bytes each, and rows left out as they are read.

use crate::provider::{Pinned, Scan};
use arrow_array::{Array as _, BooleanArray, RecordBatch, cast::AsArray as _, types::Int64Type};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result, exec_datafusion_err};
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarUDF, TableProviderFilterPushDown, TableType, Volatility, create_udf};
use datafusion::physical_expr::{ScalarFunctionExpr, expressions::Column};
use datafusion::physical_plan::{ExecutionPlan, collect, filter::FilterExecBuilder};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The ranges of numbers that one table retires, at one epoch.
#[derive(Debug)]
pub(crate) struct Retired {
    table: Option<Arc<Pinned>>,
    schema: SchemaRef,
    ranges: OnceCell<Arc<Ranges>>,
}

impl Retired {
    /// `schema` has the first and the last number of each range.
    pub(crate) fn new(table: Option<Arc<Pinned>>, schema: SchemaRef) -> Retired {
        Retired { table, schema, ranges: OnceCell::new() }
    }

    async fn ranges(&self, session: &dyn Session) -> Result<&Arc<Ranges>> {
        let read = async || {
            let scan = Scan::new(self.table.clone(), Arc::clone(&self.schema)).scan(session, None, &[], None).await?;
            Ranges::of(&collect(scan, session.task_ctx()).await?).map(Arc::new)
        };
        self.ranges.get_or_try_init(read).await
    }
}

/// Sorted, without overlap.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    fn of(batches: &[RecordBatch]) -> Result<Ranges> {
        let mut all = Vec::new();
        for batch in batches {
            let [first, last] = [batch.column(0), batch.column(1)].map(|column| column.as_primitive_opt::<Int64Type>());
            let (Some(first), Some(last)) = (first, last) else { return Err(exec_datafusion_err!("retired ranges are no numbers")) };
            all.extend(first.values().iter().copied().zip(last.values().iter().copied()));
        }
        all.sort_unstable();
        let mut ranges: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match ranges.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => ranges.push((first, last)),
            }
        }
        Ok(Ranges(ranges))
    }

    /// From that number on, the last of which the same is true, and whether they stand.
    fn stretch(&self, number: i64) -> (i64, i64, bool) {
        let after = self.0.partition_point(|(first, _)| *first <= number);
        let next = self.0.get(after).map_or(i64::MAX, |(first, _)| first - 1);
        match after.checked_sub(1).map(|before| self.0[before]) {
            Some((first, last)) if last >= number => (first, last, false),
            Some((_, last)) => (last + 1, next, true),
            None => (i64::MIN, next, true),
        }
    }

    /// Which of them stand; nothing when all do. Numbers of one file mostly follow each other, so what is true of one is mostly true of
    /// the next.
    fn stand(&self, numbers: &[i64]) -> Option<BooleanBuffer> {
        let (least, most) = (numbers.iter().copied().min()?, numbers.iter().copied().max()?);
        let (_, until, stands) = self.stretch(least);
        if stands && most <= until {
            return None;
        }
        let mut stretch = (0, -1, true);
        let test = |at: usize| {
            let number = numbers[at];
            if number < stretch.0 || number > stretch.1 {
                stretch = self.stretch(number);
            }
            stretch.2
        };
        Some(BooleanBuffer::collect_bool(numbers.len(), test))
    }

    /// The test that a scan makes of its rows.
    fn stands(self: &Arc<Self>) -> ScalarUDF {
        let ranges = Arc::clone(self);
        let test = move |arguments: &[ColumnarValue]| {
            let [numbers] = &ColumnarValue::values_to_arrays(arguments)?[..] else {
                return Err(exec_datafusion_err!("one column says whether a row stands"));
            };
            let numbers = numbers.as_primitive::<Int64Type>();
            let all = || BooleanBuffer::new_set(numbers.len());
            let stand = ranges.stand(numbers.values()).unwrap_or_else(all);
            Ok(ColumnarValue::Array(Arc::new(BooleanArray::new(stand, numbers.nulls().cloned()))))
        };
        create_udf("stands", vec![DataType::Int64], DataType::Boolean, Volatility::Immutable, Arc::new(test))
    }
}

/// A table of which only what stands is shown.
#[derive(Debug)]
pub(crate) struct Standing {
    scan: Scan,
    /// The column of the row's number.
    number: usize,
    retired: Arc<Retired>,
}

impl Standing {
    pub(crate) fn new(scan: Scan, number: usize, retired: Arc<Retired>) -> Standing {
        Standing { scan, number, retired }
    }

    /// The same rows with texts as views.
    pub(crate) fn viewed(&self) -> Standing {
        Standing { scan: self.scan.viewed(), number: self.number, retired: Arc::clone(&self.retired) }
    }
}

#[async_trait]
impl TableProvider for Standing {
    fn schema(&self) -> SchemaRef {
        self.scan.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        self.scan.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let ranges = self.retired.ranges(session).await?;
        if ranges.0.is_empty() {
            return self.scan.scan(session, projection, filters, limit).await;
        }
        let wanted = projection.cloned().unwrap_or_else(|| (0..self.scan.schema().fields().len()).collect());
        let (mut read, known) = (wanted.clone(), wanted.iter().position(|column| *column == self.number));
        let at = known.unwrap_or_else(|| {
            read.push(self.number);
            wanted.len()
        });
        // A limit counts rows that stand: it is applied above.
        let input = self.scan.scan(session, Some(&read), filters, None).await?;
        let schema: &Schema = &input.schema();
        let number = Arc::new(Column::new(schema.field(at).name(), at));
        let options = Arc::new(session.config_options().clone());
        let test = ScalarFunctionExpr::try_new(Arc::new(ranges.stands()), vec![number], schema, options)?;
        let filter = FilterExecBuilder::new(Arc::new(test), input).apply_projection(Some((0..wanted.len()).collect()))?;
        Ok(Arc::new(filter.build()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_asked() {
        let ranges = |pairs: &[(i64, i64)]| {
            let column = |of: fn(&(i64, i64)) -> i64| Arc::new(arrow_array::Int64Array::from_iter_values(pairs.iter().map(of))) as _;
            let batch = RecordBatch::try_from_iter([("first", column(|pair| pair.0)), ("last", column(|pair| pair.1))]).unwrap();
            Ranges::of(&[batch]).unwrap()
        };
        let found = ranges(&[(10, 12), (1, 3), (4, 4), (20, 20), (11, 11)]);
        assert_eq!(found, Ranges(vec![(1, 4), (10, 12), (20, 20)]));
        let numbers: Vec<i64> = (0..=21).chain([3, 30, 12, 0, 20, 5]).collect();
        let gone: Vec<i64> = numbers.iter().zip(&found.stand(&numbers).unwrap()).filter(|(_, stands)| !stands).map(|(n, _)| *n).collect();
        assert_eq!(gone, [1, 2, 3, 4, 10, 11, 12, 20, 3, 12, 20]);
        for (numbers, all) in
            [(vec![5, 9, 7], true), (vec![21, i64::MAX], true), (vec![i64::MIN, 0], true), (vec![5, 10], false), (vec![2], false)]
        {
            assert_eq!(found.stand(&numbers).is_none(), all, "{numbers:?}");
        }
        assert_eq!(ranges(&[]).stand(&[1]), None);
    }
}
