//! The footer of a Parquet file, its claims held against the file: the library believes them, and reserves memory by them.

use crate::Error;
use parquet::{
    arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    basic::Compression,
    file::metadata::{ColumnChunkMetaData, ParquetMetaData},
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    panic::catch_unwind,
    path::Path,
};

/// Bytes of a footer: read whole, and twenty times as large in memory.
const FOOTER_MAX: u64 = 8 << 20;

/// Groups of rows, and columns of each.
const GROUPS_MAX: usize = 32_768;
pub(super) const COLUMNS_MAX: usize = 4096;

/// Bytes that one column of one group may unpack to.
const UNPACKED_MAX: i64 = 1 << 30;

/// The footer, or the sentence that says what is wrong with it.
pub(crate) fn footer(path: &Path) -> Result<ArrowReaderMetadata, Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut tail = [0; 8];
    if length < 12 {
        return Err(damaged(path, "its end", "it is too short to have a footer"));
    }
    file.seek(SeekFrom::Start(length - 8)).and_then(|_| file.read_exact(&mut tail)).map_err(failed)?;
    let size = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    match &tail[4..] {
        b"PAR1" if size <= length - 12 => {}
        b"PARE" => return Err(refused(path, "an encrypted Parquet file", "write it without encryption")),
        _ => return Err(damaged(path, "its end", "the footer is missing, as if it were cut off")),
    }
    if size > FOOTER_MAX {
        return Err(limited(path, format!("its footer has more than {FOOTER_MAX} bytes")));
    }
    let load = || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).ok();
    let metadata = catch_unwind(std::panic::AssertUnwindSafe(load)).ok().flatten();
    let metadata = metadata.ok_or_else(|| damaged(path, "its footer", "it is not that of a Parquet file"))?;
    check(path, metadata.metadata(), length)?;
    Ok(metadata)
}

fn check(path: &Path, metadata: &ParquetMetaData, length: u64) -> Result<(), Error> {
    if metadata.num_row_groups() > GROUPS_MAX {
        return Err(limited(path, format!("it has more than {GROUPS_MAX} groups of rows")));
    }
    if metadata.file_metadata().schema_descr().num_columns() > COLUMNS_MAX {
        return Err(limited(path, format!("it has more than {COLUMNS_MAX} columns")));
    }
    let rows: i64 = metadata.row_groups().iter().map(|group| group.num_rows()).fold(0, i64::saturating_add);
    if rows != metadata.file_metadata().num_rows() || metadata.row_groups().iter().any(|group| group.num_rows() < 0) {
        return Err(damaged(path, "its footer", "its groups have other rows than it states"));
    }
    metadata.row_groups().iter().flat_map(|group| group.columns()).try_for_each(|column| check_column(path, column, length))
}

fn check_column(path: &Path, column: &ColumnChunkMetaData, length: u64) -> Result<(), Error> {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let end = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok()).and_then(|(start, size)| start.checked_add(size));
    if end.is_none_or(|end| end > length) || column.num_values() < 0 || column.uncompressed_size() < 0 {
        return Err(damaged(path, "its footer", "it names pages that are not in the file"));
    }
    if column.uncompressed_size() > UNPACKED_MAX {
        return Err(limited(path, format!("a column unpacks to more than {UNPACKED_MAX} bytes in one group of rows")));
    }
    match column.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) => Ok(()),
        _ => Err(refused(path, "a Parquet file packed in a way that is not read", "write it packed with SNAPPY or ZSTD, or not at all")),
    }
}

pub(super) fn damaged(path: &Path, place: &str, detail: &str) -> Error {
    Error::Damaged { path: path.display().to_string(), place: place.to_owned(), detail: detail.to_owned() }
}

pub(super) fn limited(path: &Path, limit: String) -> Error {
    Error::Limit { path: path.display().to_string(), place: "the Parquet file".to_owned(), limit, hint: "split it, or export it as CSV" }
}

fn refused(path: &Path, found: &str, hint: &str) -> Error {
    Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() }
}
