//! Looking a value up: which rows of a data file may hold it, by the file's [`crate::finder`]. Nothing found here is an answer: the filter
//! that asked is applied again to the rows, and where anything about a finder is unsound all rows may hold it.

use crate::finder::{BLOCK, ENDING, MAGIC, ROW_BITS, Segment, beside, checked, hash, is_looked_up};
use crate::rising::{self, Run};
use crate::store::Durable;
use arrow_schema::Schema;
use datafusion::common::ScalarValue;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, utils::split_conjunction};
use object_store::{ObjectStoreExt as _, path::Path};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Values of one column, one of which a row must have; by their hashes, and as they are where they are numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    column: String,
    hashes: Vec<u64>,
    numbers: Vec<i64>,
}

/// Values of a column that are looked up at once; more are a join, for which a scan is better.
pub const LOOKED_UP: usize = 256;

/// Rows of a file that are read one by one; a value that more rows have is not looked up.
pub(crate) const MOST_ROWS: usize = 4096;

/// Blocks of one segment in which a value may stand; more would only show that it is frequent.
const MOST_BLOCKS: usize = MOST_ROWS / BLOCK + 2;

/// Bytes of a footer that are believed to be one.
const LARGEST_FOOTER: u64 = 256 << 20;

/// What the filters of a scan want of columns that are looked up, the fewest values first. A row must have one of each.
pub(crate) fn wanted(filters: &[Expr], schema: &Schema) -> Vec<Wanted> {
    let all = filters.iter().flat_map(split_conjunction).filter_map(|filter| of_column(filter, schema));
    let mut few: Vec<Wanted> = all.filter(|wanted| wanted.hashes.len() <= LOOKED_UP).collect();
    few.sort_by_key(|wanted| wanted.hashes.len());
    few
}

/// `column = value`, `column IN (value, …)`, and several of these with OR.
fn of_column(filter: &Expr, schema: &Schema) -> Option<Wanted> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (left.as_ref(), right.as_ref()) {
            (Expr::Column(column), Expr::Literal(value, _)) | (Expr::Literal(value, _), Expr::Column(column)) => {
                values(&column.name, std::iter::once(value), schema)
            }
            _ => None,
        },
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
            let (mut one, other) = (of_column(left, schema)?, of_column(right, schema)?);
            one.hashes.extend(other.hashes);
            one.numbers.extend(other.numbers);
            (one.column == other.column).then_some(one)
        }
        Expr::InList(list) if !list.negated => {
            let Expr::Column(column) = list.expr.as_ref() else { return None };
            let literal = |value: &Expr| if let Expr::Literal(value, _) = value { Some(value.clone()) } else { None };
            let listed = list.list.iter().map(literal).collect::<Option<Vec<_>>>()?;
            values(&column.name, listed.iter(), schema)
        }
        _ => None,
    }
}

fn values<'a>(column: &str, values: impl Iterator<Item = &'a ScalarValue>, schema: &Schema) -> Option<Wanted> {
    let field = schema.field_with_name(column).ok().filter(|field| is_looked_up(field))?;
    let hashed = |value: &ScalarValue| match value {
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)) => {
            Some(hash(text.as_bytes()))
        }
        ScalarValue::Int64(Some(number)) => Some(hash(&number.to_le_bytes())),
        _ => None,
    };
    let same_type = |value: &ScalarValue| matches!(value, ScalarValue::Int64(_)) == (field.data_type() == &arrow_schema::DataType::Int64);
    let number = |value: &ScalarValue| if let ScalarValue::Int64(number) = value { *number } else { None };
    let values: Vec<_> = values.collect();
    let hashes = values.iter().map(|value| hashed(value).filter(|_| same_type(value))).collect::<Option<Vec<_>>>()?;
    Some(Wanted { column: column.to_owned(), hashes, numbers: values.into_iter().filter_map(number).collect() })
}

/// A finder, opened: where the entries of each column lie.
#[derive(Debug)]
pub(crate) struct Finder {
    location: Path,
    rows: u64,
    columns: BTreeMap<String, Vec<Segment>>,
    rising: BTreeMap<String, Vec<Run>>,
}

impl Finder {
    /// The finder of the data file at `data`, none when it has no sound one.
    pub(crate) async fn open(store: &Durable, data: &Path) -> Option<Finder> {
        let location = beside(data)?;
        let size = store.head(&location).await.ok()?.size;
        let tail = (2 * size_of::<u64>() + MAGIC.len()) as u64;
        let end = store.get_range(&location, size.checked_sub(tail)?..size).await.ok()?;
        let mut end = Numbers(&end);
        let (sum, length) = (end.next()?, end.next().filter(|length| *length <= LARGEST_FOOTER)?);
        let begin = size.checked_sub(tail)?.checked_sub(length)?;
        let footer = store.get_range(&location, begin..begin + length).await.ok()?;
        (end.0 == MAGIC && checked(&footer, begin) == sum).then_some(())?;
        let mut footer = Numbers(&footer);
        let (rows, columns) = (footer.next()?, footer.next()?);
        let columns = (0..columns).map(|_| column(&mut footer)).collect::<Option<_>>()?;
        let rising = (0..footer.next()?).map(|_| rising_column(&mut footer)).collect::<Option<_>>()?;
        Some(Finder { location, rows, columns, rising })
    }

    /// The rows that may be wanted, in order and apart, by the first column that tells; none when none does.
    pub(crate) async fn rows(&self, store: &Durable, wanted: &[Wanted]) -> Option<Vec<Range<u64>>> {
        for wanted in wanted {
            if let Some(runs) = self.rising.get(&wanted.column) {
                let rows = rising::rows_of(runs, &wanted.numbers);
                return rows.last().is_none_or(|last| last.end <= self.rows).then_some(rows);
            }
            if let Some(rows) = self.of_one(store, wanted).await {
                return Some(rows.into_iter().map(|row| row..row + 1).collect());
            }
        }
        None
    }

    /// The rows of one column of hashes. None when that cannot be told, or they are too many to be read one by one.
    async fn of_one(&self, store: &Durable, wanted: &Wanted) -> Option<Vec<u64>> {
        let segments = self.columns.get(&wanted.column)?;
        let asked: Vec<_> = segments.iter().flat_map(|segment| wanted.hashes.iter().map(move |hash| (segment, *hash))).collect();
        let asked: Vec<_> = asked.into_iter().filter_map(|(segment, hash)| Some((segment, hash, segment.blocks(hash)?))).collect();
        if asked.iter().any(|(.., blocks)| blocks.len() > MOST_BLOCKS) {
            return None;
        }
        let ranges: Vec<_> = asked.iter().map(|(segment, _, blocks)| segment.bytes(blocks)).collect();
        let read = object_store::ObjectStore::get_ranges(store, &self.location, &ranges).await.ok()?;
        let mut rows = Vec::new();
        for ((segment, hash, _), (bytes, range)) in asked.iter().zip(read.iter().zip(&ranges)) {
            segment.find(*hash, bytes, range.start, &mut rows)?;
        }
        rows.sort_unstable();
        rows.dedup();
        (rows.len() <= MOST_ROWS && rows.last().is_none_or(|row| *row < self.rows)).then_some(rows)
    }

    /// A selection of rows of the whole file.
    pub(crate) fn selection(&self, rows: &[Range<u64>]) -> Option<ParquetRowSelection> {
        let (mut selectors, mut at) = (Vec::with_capacity(rows.len() * 2 + 1), 0);
        for rows in rows {
            selectors.push(RowSelector::skip(usize::try_from(rows.start.checked_sub(at)?).ok()?));
            selectors.push(RowSelector::select(usize::try_from(rows.end - rows.start).ok()?));
            at = rows.end;
        }
        selectors.push(RowSelector::skip(usize::try_from(self.rows - at).ok()?));
        Some(ParquetRowSelection::new(RowSelection::from(selectors)))
    }
}

fn rising_column(footer: &mut Numbers<'_>) -> Option<(String, Vec<Run>)> {
    let (name, runs) = (footer.name()?, footer.next()?);
    let run = |footer: &mut Numbers<'_>| {
        let (first_row, rows, last, fences) = (footer.next()?, footer.next()?, footer.next()?.cast_signed(), footer.next()?);
        let fences = (0..fences).map(|_| footer.next().map(u64::cast_signed)).collect::<Option<_>>()?;
        Some(Run { first_row, rows, last, fences })
    };
    Some((name, (0..runs).map(|_| run(footer)).collect::<Option<_>>()?))
}

fn column(footer: &mut Numbers<'_>) -> Option<(String, Vec<Segment>)> {
    let (name, segments) = (footer.name()?, footer.next()?);
    let segment = |footer: &mut Numbers<'_>| {
        let (first_row, entries, offset, fences) = (footer.next()?, footer.next()?, footer.next()?, footer.next()?);
        let fences = (0..fences).map(|_| footer.next()).collect::<Option<_>>()?;
        Some(Segment { first_row, entries, offset, fences })
    };
    Some((name, (0..segments).map(|_| segment(footer)).collect::<Option<_>>()?))
}

impl Segment {
    /// The blocks in which entries of that hash can stand.
    fn blocks(&self, hash: u64) -> Option<Range<usize>> {
        let key = hash >> ROW_BITS;
        let first = self.fences.partition_point(|fence| fence >> ROW_BITS < key).saturating_sub(1);
        let last = self.fences.partition_point(|fence| fence >> ROW_BITS <= key);
        (first < last).then_some(first..last)
    }

    /// Where those blocks lie.
    fn bytes(&self, blocks: &Range<usize>) -> Range<u64> {
        let block = (BLOCK as u64 + 1) * 8;
        let end = self.entries * 8 + self.fences.len() as u64 * 8;
        self.offset + blocks.start as u64 * block..self.offset + (blocks.end as u64 * block).min(end)
    }

    /// Adds the rows of that hash; none when a block is not as it was written.
    fn find(&self, hash: u64, bytes: &[u8], offset: u64, rows: &mut Vec<u64>) -> Option<()> {
        for (number, block) in bytes.chunks((BLOCK + 1) * 8).enumerate() {
            let (entries, sum) = block.split_last_chunk::<8>()?;
            let place = offset + (number * (BLOCK + 1) * 8) as u64;
            (checked(entries, place) == u64::from_le_bytes(*sum)).then_some(())?;
            let mut entries = Numbers(entries);
            while let Some(entry) = entries.next() {
                if entry >> ROW_BITS == hash >> ROW_BITS {
                    rows.push(self.first_row + (entry & ((1 << ROW_BITS) - 1)));
                }
            }
        }
        Some(())
    }
}

/// Bytes that are read from their beginning.
struct Numbers<'b>(&'b [u8]);

impl<'b> Numbers<'b> {
    fn next(&mut self) -> Option<u64> {
        self.bytes(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn name(&mut self) -> Option<String> {
        let length = usize::try_from(self.next()?).ok()?;
        String::from_utf8(self.bytes(length)?.to_vec()).ok()
    }

    fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

/// Whether a file of that name is a finder; then the name of its data file.
pub(crate) fn data_of(name: &str) -> Option<String> {
    name.strip_suffix(ENDING).map(|stem| format!("{stem}.parquet"))
}

/// A handle on the finder of one data file, opened when it is first asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lazy(Arc<tokio::sync::OnceCell<Option<Finder>>>);

impl Lazy {
    pub(crate) async fn get(&self, store: &Durable, data: &Path) -> Option<&Finder> {
        self.0.get_or_init(|| Finder::open(store, data)).await.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Commit, Lake};
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use arrow_schema::{DataType, Field, SchemaRef};
    use datafusion::prelude::SessionContext;

    const TABLE: &str = "record.person";
    const ROWS: i64 = 50_000;

    fn schema() -> SchemaRef {
        let looked_up = |field: Field| field.with_metadata([("lookup".to_owned(), "exact".to_owned())].into());
        let rising = |field: Field| field.with_metadata([("lookup".to_owned(), "rising".to_owned())].into());
        let fields = [
            rising(Field::new("record_id", DataType::Int64, false)),
            looked_up(Field::new("phone", DataType::Utf8, true)),
            looked_up(Field::new("entity_id", DataType::Int64, false)),
        ];
        Arc::new(Schema::new(fields.to_vec()))
    }

    /// Phones that three rows far from each other have, one that every tenth row has, and empty cells.
    fn rows(from: i64, until: i64) -> RecordBatch {
        let phone = |row: i64| match row % 10 {
            0 => Some("12000000000".to_owned()),
            1 => None,
            _ => Some(format!("1{:010}", row * 7919 % (ROWS / 3))),
        };
        let numbers = |of: fn(i64) -> i64| Arc::new(Int64Array::from_iter_values((from..until).map(of))) as ArrayRef;
        let columns = vec![numbers(|row| row), Arc::new(StringArray::from_iter((from..until).map(phone))), numbers(|row| row / 4)];
        RecordBatch::try_new(schema(), columns).unwrap()
    }

    async fn lake(root: &std::path::Path) -> Lake {
        let mut publisher = Lake::open(root).await.unwrap().publisher(0).await.unwrap();
        for from in (0..ROWS).step_by(8192) {
            publisher.write(TABLE, &rows(from, ROWS.min(from + 8192))).await.unwrap();
        }
        publisher.commit(Commit::Append { batch: "a".to_owned() }, TABLE).await.unwrap();
        publisher.publish(|_| ()).await.unwrap();
        Lake::open(root).await.unwrap()
    }

    /// The records that a question finds, and how many rows were read for it.
    async fn ask(lake: &Lake, condition: &str) -> (Vec<i64>, usize) {
        let session = SessionContext::new();
        session.register_table("t", lake.provider(TABLE, schema()).unwrap()).unwrap();
        let sql = format!("SELECT record_id FROM t WHERE {condition} ORDER BY record_id");
        let plan = session.sql(&sql).await.unwrap().create_physical_plan().await.unwrap();
        let found = datafusion::physical_plan::collect(Arc::clone(&plan), session.task_ctx()).await.unwrap();
        let ids = found.iter().flat_map(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec());
        let (ids, mut read) = (ids.collect(), 0);
        let mut nodes = vec![plan];
        while let Some(node) = nodes.pop() {
            nodes.extend(node.children().into_iter().map(Arc::clone));
            if node.children().is_empty() {
                read += node.metrics().and_then(|metrics| metrics.output_rows()).unwrap_or_default();
            }
        }
        (ids, read)
    }

    fn finder(root: &std::path::Path) -> std::path::PathBuf {
        let folder = root.join("tables/record/person");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.into_iter().find(|path| path.to_string_lossy().ends_with(ENDING)).unwrap()
    }

    const CONDITIONS: [&str; 8] = [
        "phone = '10000000077'",
        "'10000000077' = phone AND record_id > 20000",
        "phone IN ('10000000077', '10000000078', '12999999999')",
        "phone = '10000000077' OR phone = '10000000099'",
        "entity_id = 12499",
        "entity_id IN (0, 1, 12)",
        "phone = '12999999999'",
        "phone = '12000000000' AND entity_id = 5",
    ];

    #[tokio::test]
    async fn a_value_is_found_as_a_scan_finds_it_and_few_rows_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake(folder.path()).await;
        let mut found = Vec::new();
        for condition in CONDITIONS {
            let (ids, read) = ask(&lake, condition).await;
            assert!(read <= ids.len().max(4) * 4, "{condition}: {read} rows for {}", ids.len());
            found.push(ids);
        }
        let many = (0..200).map(|number| (number * 251).to_string()).collect::<Vec<_>>().join(", ");
        for (condition, numbers, most) in
            [("record_id = 49999", 1, 256), ("record_id IN (7, 8, 30000)", 3, 512), ("record_id = 50000", 0, 0)]
        {
            let (ids, read) = ask(&lake, condition).await;
            assert!(ids.len() == numbers && read <= most, "{condition}: {read} rows for {}", ids.len());
        }
        assert_eq!(ask(&lake, &format!("record_id IN ({many})")).await.0.len(), 200, "more than a scan prunes pages for");
        assert!(found[0].len() == 3 && found[4] == [49_996, 49_997, 49_998, 49_999] && found[6].is_empty(), "{found:?}");
        let (frequent, read) = ask(&lake, "phone = '12000000000'").await;
        assert_eq!((frequent.len(), read), (5000, 50_000), "what many rows have is scanned");
        assert_eq!(ask(&lake, "phone = '10000000077' OR record_id = 3").await.0.len(), 4, "another column may hold too");
        assert_eq!(ask(&lake, "phone <> '10000000077' AND record_id < 3").await.0, [0, 2]);

        let path = finder(folder.path());
        let whole = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let scanned = Lake::open(folder.path()).await.unwrap();
        for (condition, ids) in CONDITIONS.iter().zip(&found) {
            assert_eq!(&ask(&scanned, condition).await.0, ids, "{condition} without a finder");
        }
        for at in (0..whole.len()).step_by(whole.len() / 97) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, &damaged).unwrap();
            let damaged = Lake::open(folder.path()).await.unwrap();
            for condition in [0, 4] {
                assert_eq!(ask(&damaged, CONDITIONS[condition]).await.0, found[condition], "byte {at} of {}", whole.len());
            }
        }
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(ask(&Lake::open(folder.path()).await.unwrap(), CONDITIONS[0]).await.0, found[0], "half a finder");
    }

    #[tokio::test]
    async fn segments_are_searched_one_by_one_and_a_small_file_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Durable::new(&folder.path().canonicalize().unwrap()).unwrap());
        let data = Path::from("tables/record/person/a.parquet");
        let mut writing = crate::finder::Finder::new(&store, &data, &schema()).unwrap();
        for from in (0..ROWS).step_by(10_000) {
            writing.write(&rows(from, from + 10_000)).await.unwrap();
            writing.seal().await.unwrap();
        }
        writing.finish().await.unwrap();
        let finder = Finder::open(&store, &data).await.unwrap();
        let wanted = Wanted {
            column: "entity_id".to_owned(),
            numbers: Vec::new(),
            hashes: vec![hash(&2500_i64.to_le_bytes()), hash(&12_499_i64.to_le_bytes())],
        };
        let rows_found = finder.of_one(&store, &wanted).await.unwrap();
        assert_eq!(rows_found, [10_000, 10_001, 10_002, 10_003, 49_996, 49_997, 49_998, 49_999]);
        let unknown = Wanted { column: "name".to_owned(), ..wanted };
        assert_eq!(finder.of_one(&store, &unknown).await, None, "a column without entries tells nothing");

        let small = Path::from("tables/record/person/b.parquet");
        let mut writing = crate::finder::Finder::new(&store, &small, &schema()).unwrap();
        writing.write(&rows(0, 1000)).await.unwrap();
        writing.finish().await.unwrap();
        assert!(Finder::open(&store, &small).await.is_none());
    }
}
