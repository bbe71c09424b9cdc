//! Refused rows without what may not be kept any more: a column that a department file drops today may have been kept when the row was
//! refused. What a department's file says is known from the schemas of its extracts, not here.

use arrow_array::{Array as _, ArrayRef, StringArray, cast::AsArray as _};
use arrow_schema::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, Expr, ScalarUDF, TableProviderFilterPushDown, TableType, Volatility, create_udf};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr, expressions::Column};
use datafusion::physical_plan::{ExecutionPlan, projection::ProjectionExec};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The headings that are kept, by extract.
pub(crate) type Headings = BTreeMap<String, BTreeSet<String>>;

/// The columns that say what stood in a refused row, each with the column by which it is judged, if it is no object of headings.
const TOLD: [(&str, Option<&str>); 2] = [("cells", None), ("value", Some("column"))];

/// `raw.reject`, of which only headings that are kept show what stands under them.
#[derive(Debug)]
pub(crate) struct Kept {
    inner: Arc<dyn TableProvider>,
    headings: Arc<Headings>,
}

impl Kept {
    pub(crate) fn new(inner: Arc<dyn TableProvider>, headings: Headings) -> Kept {
        Kept { inner, headings: Arc::new(headings) }
    }

    /// The test of a value: the extract, the heading, the value.
    fn value(&self) -> ScalarUDF {
        self.told("kept_value", |headings, [extracts, columns, values]| {
            let is_kept = |at: usize| headings.get(extracts.value(at)).is_some_and(|kept| kept.contains(columns.value(at)));
            (0..values.len()).map(|at| is_kept(at).then(|| values.value(at).to_owned())).collect()
        })
    }

    /// The test of all cells of a row: the extract, the cells twice.
    fn cells(&self) -> ScalarUDF {
        self.told("kept_cells", |headings, [extracts, _, cells]| {
            let left = |at: usize| {
                let mut named: serde_json::Map<String, serde_json::Value> = serde_json::from_str(cells.value(at)).ok()?;
                let kept = headings.get(extracts.value(at))?;
                named.retain(|heading, _| kept.contains(heading));
                serde_json::to_string(&named).ok()
            };
            (0..cells.len()).map(left).collect()
        })
    }

    fn told(&self, name: &str, tell: fn(&Headings, [&StringArray; 3]) -> Vec<Option<String>>) -> ScalarUDF {
        let headings = Arc::clone(&self.headings);
        let test = move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let [extracts, columns, told] = [0, 1, 2].map(|at| arrays[at].as_string::<i32>());
            let mut found = tell(&headings, [extracts, columns, told]);
            for (at, told) in told.iter().enumerate().filter(|(_, told)| told.is_none()) {
                found[at] = told.map(str::to_owned);
            }
            Ok(ColumnarValue::Array(Arc::new(StringArray::from(found)) as ArrayRef))
        };
        create_udf(name, vec![DataType::Utf8; 3], DataType::Utf8, Volatility::Immutable, Arc::new(test))
    }
}

#[async_trait]
impl TableProvider for Kept {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// What is asked of a cell is asked of what is shown of it, so not below.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let is_told = |filter: &Expr| filter.column_refs().iter().any(|column| TOLD.iter().any(|(told, _)| *told == column.name));
        let below = self.inner.supports_filters_pushdown(filters)?;
        let may = filters.iter().zip(below);
        Ok(may.map(|(filter, below)| if is_told(filter) { TableProviderFilterPushDown::Unsupported } else { below }).collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = self.schema();
        let wanted = projection.cloned().unwrap_or_else(|| (0..schema.fields().len()).collect());
        let told = |at: &usize| TOLD.iter().find(|(told, _)| told == schema.field(*at).name());
        if !wanted.iter().any(|at| told(at).is_some()) {
            return self.inner.scan(session, projection, filters, limit).await;
        }
        let mut read = wanted.clone();
        for name in ["extract", "column"] {
            let at = schema.index_of(name)?;
            if !read.contains(&at) {
                read.push(at);
            }
        }
        let input = self.inner.scan(session, Some(&read), filters, limit).await?;
        let below = input.schema();
        let column = |name: &str| {
            Ok::<_, datafusion::error::DataFusionError>(Arc::new(Column::new_with_schema(name, &below)?) as Arc<dyn PhysicalExpr>)
        };
        let options = Arc::new(session.config_options().clone());
        let mut shown = Vec::new();
        for at in &wanted {
            let name = schema.field(*at).name();
            let expression = match told(at) {
                None => column(name)?,
                Some((_, by)) => {
                    let test = if by.is_some() { self.value() } else { self.cells() };
                    let arguments = vec![column("extract")?, column(by.unwrap_or(name))?, column(name)?];
                    Arc::new(ScalarFunctionExpr::try_new(Arc::new(test), arguments, &below, Arc::clone(&options))?)
                }
            };
            shown.push((expression, name.clone()));
        }
        Ok(Arc::new(ProjectionExec::try_new(shown, input)?))
    }
}
