//! A table that is a file of lines: its rows are made anew whenever it is scanned, so that a question sees every line before it. What the
//! lines say is told by whoever makes the rows.

use crate::Error;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{DataFusionError, Result as EngineResult},
    datasource::MemTable,
    logical_expr::{Expr, TableType},
    physical_plan::ExecutionPlan,
};
use std::{fmt, sync::Arc};

/// Rows of that schema, made by a function.
pub(crate) struct OnScan {
    schema: SchemaRef,
    rows: Box<dyn Fn() -> Result<RecordBatch, Error> + Send + Sync>,
}

impl OnScan {
    pub(crate) fn new(schema: SchemaRef, rows: impl Fn() -> Result<RecordBatch, Error> + Send + Sync + 'static) -> Arc<OnScan> {
        Arc::new(OnScan { schema, rows: Box::new(rows) })
    }
}

impl fmt::Debug for OnScan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OnScan").field("schema", &self.schema).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for OnScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        let rows = (self.rows)().map_err(|error| DataFusionError::External(Box::new(error)))?;
        MemTable::try_new(self.schema(), vec![vec![rows]])?.scan(state, projection, filters, limit).await
    }
}
