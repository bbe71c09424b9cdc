//! Answers to questions in SQL while their pages are turned: whole, in files without a name, as they were accounted for. Few are kept, and
//! none is large; what is beyond that is exported.

use super::{api::Column, sessions::Key};
use crate::{
    Error,
    account::token::{hexadecimal, random},
    serve::problem::{Code, Problem},
};
use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, DataType};
use axum::{body::Body, http::header, response::Response};
use futures::StreamExt as _;
use std::{
    collections::VecDeque,
    fs::File,
    io::{BufReader, Seek as _, Write as _},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Answers that are kept; a new one takes the place of the oldest.
const MOST: usize = 16;
/// Bytes of one.
const BYTES: u64 = 128 << 20;
/// Rows of a page.
pub(crate) const ROWS: usize = 1000;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// What it is found by, with the session that asked.
    pub(crate) id: String,
    owner: Key,
    pub(crate) sql: String,
    pub(crate) rows: u64,
    file: Arc<Mutex<File>>,
}

#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<VecDeque<Answer>>);

/// A page of an answer: its columns, and each row's cells; none where there is no value.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl Kept {
    /// Keeps the answer of the API, an Arrow stream, for the session that asked.
    ///
    /// # Errors
    /// It is too large, or cannot be written.
    pub(crate) async fn keep(&self, owner: Key, sql: &str, response: Response, folder: &Path) -> Result<Answer, Problem> {
        let rows = number(&response, &header::HeaderName::from_static("wuwei-rows")).unwrap_or_default();
        if number(&response, &header::CONTENT_LENGTH).is_none_or(|bytes| bytes > BYTES) {
            return Err(Problem::because(Code::Limit, "the answer is too large to be shown in pages", "export it, or ask for less"));
        }
        let file = tempfile::tempfile_in(folder).map_err(Error::file("creating", folder))?;
        let file = written(file, response.into_body()).await?;
        let id = hexadecimal(&random::<8>()?);
        let answer = Answer { id, owner, sql: sql.to_owned(), rows, file: Arc::new(Mutex::new(file)) };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(answer.clone());
        if all.len() > MOST {
            all.pop_front();
        }
        Ok(answer)
    }

    /// The answer of that number, for the session that asked.
    pub(crate) fn find(&self, owner: Key, id: &str) -> Option<Answer> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|answer| answer.owner == owner && answer.id == id).cloned()
    }

    /// Forgets what a session was answered.
    pub(crate) fn forget(&self, owner: Key) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|answer| answer.owner != owner);
    }
}

/// A number in a header.
fn number(response: &Response, name: &header::HeaderName) -> Option<u64> {
    response.headers().get(name)?.to_str().ok()?.parse().ok()
}

async fn written(mut file: File, body: Body) -> Result<File, Problem> {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Error::defect("an answer breaks off"))?;
        let written = tokio::task::spawn_blocking(move || file.write_all(&piece).map(|()| file)).await;
        file = written.map_err(|_| Error::defect("an answer was not written"))?.map_err(|error| Error::Output(error.to_string()))?;
    }
    Ok(file)
}

impl Answer {
    /// Pages that it has, one at least.
    pub(crate) fn pages(&self) -> u64 {
        self.rows.div_ceil(ROWS as u64).max(1)
    }

    /// One page of it, from 1.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn leaf(&self, page: u64) -> Result<Leaf, Problem> {
        self.part(usize::try_from(page.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(ROWS), ROWS).await
    }

    /// Its first rows.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn head(&self, rows: usize) -> Result<Leaf, Problem> {
        self.part(0, rows).await
    }

    async fn part(&self, skip: usize, most: usize) -> Result<Leaf, Problem> {
        let file = Arc::clone(&self.file);
        let read = tokio::task::spawn_blocking(move || read(&file, skip, most)).await;
        read.map_err(|_| Error::defect("an answer was not read"))?.map_err(|error| Error::Output(error.to_string()).into())
    }
}

fn read(file: &Mutex<File>, mut skip: usize, most: usize) -> Result<Leaf, ArrowError> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.rewind()?;
    let reader = StreamReader::try_new(BufReader::new(&*file), None)?;
    let of_field = |field: &Arc<arrow_schema::Field>| Column { name: field.name().clone(), kind: kind(field.data_type()) };
    let mut leaf = Leaf { columns: reader.schema().fields().iter().map(of_field).collect(), rows: Vec::new() };
    for batch in reader {
        let batch = batch?;
        if skip >= batch.num_rows() {
            skip -= batch.num_rows();
            continue;
        }
        let wanted = (batch.num_rows() - skip).min(most - leaf.rows.len());
        cells(&batch.slice(skip, wanted), &mut leaf.rows)?;
        skip = 0;
        if leaf.rows.len() == most {
            break;
        }
    }
    Ok(leaf)
}

fn cells(batch: &RecordBatch, rows: &mut Vec<Vec<Option<String>>>) -> Result<(), ArrowError> {
    let options = FormatOptions::default();
    let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options)).collect::<Result<Vec<_>, _>>()?;
    for at in 0..batch.num_rows() {
        let cell =
            |(column, format): (&arrow_array::ArrayRef, &ArrayFormatter<'_>)| column.is_valid(at).then(|| format.value(at).to_string());
        rows.push(batch.columns().iter().zip(&columns).map(cell).collect());
    }
    Ok(())
}

/// What a column holds, as people call it: `number` stands at the right.
fn kind(of: &DataType) -> String {
    let name = match of {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Boolean => "boolean",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "time",
        numeric if numeric.is_numeric() => "number",
        _ => "other",
    };
    name.to_owned()
}
