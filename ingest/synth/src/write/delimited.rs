//! Text files: cells between delimiters, quoted and encoded as the department does it.

use super::{Place, Table, encoded::Encoded};
use crate::{dirt::Cell, error::Error, material::Habits};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};
use wuwei_ingest::{Extract, Quote};

pub(super) struct Delimited<'a> {
    path: PathBuf,
    file: Encoded,
    extract: &'a Extract,
    row: u64,
    line: Vec<u8>,
}

impl<'a> Delimited<'a> {
    /// The file with its title and heading.
    pub(super) fn create(folder: &Path, extract: &'a Extract, habits: &Habits) -> Result<Delimited<'a>, Error> {
        let path = folder.join(format!("{}.csv", extract.name));
        let file = Encoded::create(path.clone(), extract.encoding)?;
        let mut table = Delimited { path, file, extract, row: 0, line: Vec::new() };
        if habits.bom {
            table.file.write("\u{feff}")?;
        }
        for _ in 0..extract.title_rows {
            table.write(&[Cow::Owned(habits.title())])?;
        }
        let heading: Vec<Cow<'_, str>> = extract.columns.iter().map(|column| Cow::Borrowed(column.as_str())).collect();
        table.write(&heading)?;
        Ok(table)
    }

    fn write(&mut self, cells: &[Cow<'_, str>]) -> Result<(), Error> {
        self.row += 1;
        self.line.clear();
        let style = match self.extract.quote {
            Quote::None => csv::QuoteStyle::Never,
            Quote::Minimal => csv::QuoteStyle::Necessary,
            Quote::All => csv::QuoteStyle::Always,
        };
        let mut builder = csv::WriterBuilder::new();
        let builder = builder.delimiter(self.extract.delimiter).quote_style(style).terminator(csv::Terminator::CRLF).flexible(true);
        let mut writer = builder.from_writer(std::mem::take(&mut self.line));
        let written = writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
        written.map_err(|error| Error::file("write", &self.path)(error.into()))?;
        self.line = writer.into_inner().map_err(|error| Error::file("write", &self.path)(error.into_error()))?;
        self.file.write(&String::from_utf8_lossy(&self.line))
    }
}

impl Table for Delimited<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        let texts: Vec<Cow<'_, str>> = cells.iter().map(|cell| self.text(cell)).collect();
        self.write(&texts)?;
        Ok(Place { sheet: String::new(), row: self.row })
    }

    /// A text file of a system has no line of totals.
    fn finish(&mut self) -> Result<(), Error> {
        self.file.finish()
    }
}

impl Delimited<'_> {
    fn text<'c>(&self, cell: &'c Cell) -> Cow<'c, str> {
        match cell {
            Cell::Number(_) => Cow::Owned(cell.clone().into_text()),
            // Where cells are not quoted, nothing in them may look like the end of one.
            Cell::Text(text) if self.extract.quote == Quote::None && text.contains(char::from(self.extract.delimiter)) => {
                Cow::Owned(text.replace(char::from(self.extract.delimiter), " "))
            }
            Cell::Text(text) => Cow::Borrowed(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Material;
    use encoding_rs::GB18030;
    use wuwei_ingest::Departments;
    use wuwei_schema::Model;

    /// The second line of a file of that extract, as bytes, for a row whose every cell is this text.
    fn line(extract: &Extract, text: &str) -> Vec<u8> {
        let (folder, material) = (tempfile::TempDir::new().unwrap(), Material::embedded().unwrap());
        let mut table = Delimited::create(folder.path(), extract, &material.extracts[&extract.name]).unwrap();
        let place = table.row(&vec![Cell::Text(text.to_owned()); extract.columns.len()]).unwrap();
        assert_eq!((place.sheet.as_str(), place.row), ("", 2));
        table.finish().unwrap();
        let bytes = std::fs::read(folder.path().join(format!("{}.csv", extract.name))).unwrap();
        bytes.split(|byte| *byte == b'\n').nth(1).unwrap().to_vec()
    }

    #[test]
    fn each_department_s_quotes_bars_and_characters_survive() {
        let model = Model::embedded().unwrap();
        let departments = Departments::embedded(&model).unwrap();
        let rare = line(departments.extract("ga_hjrk").unwrap(), "王㛃𬭎");
        assert!(rare.windows(4).any(|bytes| bytes == [0x82, 0x30, 0xb7, 0x31]), "㛃 has four bytes in GB 18030");
        assert!(GB18030.decode(&rare).0.starts_with("\"王㛃𬭎\",\"王㛃𬭎\""));
        let bars = line(departments.extract("ga_jdc").unwrap(), "东|西");
        assert_eq!(bars.iter().filter(|byte| **byte == b'|').count(), departments.extract("ga_jdc").unwrap().columns.len() - 1);
    }
}
