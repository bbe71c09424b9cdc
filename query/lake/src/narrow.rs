//! Which rows of a file a filter may let through, by what the file says of its pages: asked before rows are dealt out, so that those who read side
//! by side share what is read, and the engine knows how much that is. Where a table lies in the order of what is asked for, as edges do relation
//! by relation, one reader would have all of it and the others nothing. Nothing found here is an answer: the filter is applied again to the rows.

use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::DFSchema;
use datafusion::datasource::physical_plan::parquet::{
    PagePruningAccessPlanFilter, ParquetAccessPlan, ParquetFileMetrics, ParquetRowSelection, RowGroupAccess,
};
use datafusion::logical_expr::{Expr, utils::conjunction};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::file::metadata::ParquetMetaData;
use parquet::schema::types::TypePtr;
use std::ops::Range;
use std::sync::Arc;

/// What the filters of one scan want of columns whose pages tell their smallest and largest value.
pub(crate) struct Narrow {
    pages: PagePruningAccessPlanFilter,
    schema: SchemaRef,
    metrics: ParquetFileMetrics,
}

impl Narrow {
    /// None where no page can be told apart by these filters.
    pub(crate) fn by(filters: &[Expr], schema: &SchemaRef, session: &dyn Session) -> Option<Narrow> {
        let filter = conjunction(filters.iter().cloned())?;
        let named = DFSchema::try_from(Arc::clone(schema)).ok()?;
        let filter = session.create_physical_expr(filter, &named).ok()?;
        let pages = PagePruningAccessPlanFilter::new(&filter, Arc::clone(schema));
        let metrics = ParquetFileMetrics::new(0, "", &ExecutionPlanMetricsSet::new());
        (pages.filter_number() > 0).then(|| Narrow { pages, schema: Arc::clone(schema), metrics })
    }

    /// The rows of a file that may be let through; none when all may. The footer has the index of its pages, or nothing is told.
    pub(crate) fn rows(&self, file: &ParquetMetaData) -> Option<ParquetRowSelection> {
        let groups = file.row_groups();
        let (columns, all) = (file.file_metadata().schema_descr(), ParquetAccessPlan::new_all(groups.len()));
        let schema = in_order_of(columns.root_schema().get_fields(), &self.schema);
        let plan = self.pages.prune_plan_with_page_index(all, &schema, columns, file, &self.metrics);
        let whole = |group: usize| groups.get(group).and_then(|group| usize::try_from(group.num_rows()).ok()).unwrap_or_default();
        let selected = plan.into_inner().into_iter().enumerate().flat_map(|(group, access)| match access {
            RowGroupAccess::Skip => vec![RowSelector::skip(whole(group))],
            RowGroupAccess::Scan => vec![RowSelector::select(whole(group))],
            RowGroupAccess::Selection(rows) => rows.into(),
        });
        let selection: RowSelection = selected.collect();
        (selection.skipped_row_count() > 0).then(|| ParquetRowSelection::new(selection))
    }
}

/// The table's columns as they stand in a file, since what is told of a column is found by its place. One that the table does not have is of no type.
fn in_order_of(columns: &[TypePtr], table: &Schema) -> Schema {
    let field = |column: &TypePtr| match table.fields().find(column.name()) {
        Some((_, field)) => Arc::clone(field),
        None => Arc::new(Field::new(column.name(), DataType::Null, true)),
    };
    Schema::new(columns.iter().map(field).collect::<Vec<FieldRef>>())
}

/// Of the rows that are selected (of a file of so many), those from the first to the last of that range.
pub(crate) fn part(selected: Option<&ParquetRowSelection>, rows: usize, range: &Range<usize>) -> Option<ParquetRowSelection> {
    let of = [RowSelector::skip(range.start), RowSelector::select(range.len()), RowSelector::skip(rows - range.end)];
    let of = RowSelection::from(of.to_vec());
    match selected {
        Some(selected) => Some(ParquetRowSelection::new(selected.selection().and_then(&of))),
        None => (range.len() < rows).then(|| ParquetRowSelection::new(of)),
    }
}
