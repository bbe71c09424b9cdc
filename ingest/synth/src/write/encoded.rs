//! A text file in the encoding of its department.

use crate::error::Error;
use encoding_rs::{BIG5, GB18030};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
};
use wuwei_ingest::Encoding;

pub(super) struct Encoded {
    path: PathBuf,
    file: BufWriter<File>,
    encoding: Encoding,
}

impl Encoded {
    pub(super) fn create(path: PathBuf, encoding: Encoding) -> Result<Encoded, Error> {
        let file = BufWriter::new(File::create(&path).map_err(Error::file("create", &path))?);
        let mut encoded = Encoded { path, file, encoding };
        if encoding == Encoding::Utf16 {
            encoded.put(&[0xff, 0xfe])?;
        }
        Ok(encoded)
    }

    pub(super) fn write(&mut self, text: &str) -> Result<(), Error> {
        match self.encoding {
            Encoding::Utf8 => self.put(text.as_bytes()),
            // Every character has a place in GB 18030, those outside the basic plane one of four bytes.
            Encoding::Gb18030 => self.put(&GB18030.encode(text).0),
            Encoding::Big5 => self.put(&BIG5.encode(text).0),
            Encoding::Utf16 => self.put(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
        }
    }

    pub(super) fn finish(&mut self) -> Result<(), Error> {
        self.file.flush().map_err(Error::file("write", &self.path))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(Error::file("write", &self.path))
    }
}
