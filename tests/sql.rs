//! What SQL answers, as `.slt` files: one look at every namespace, and every statement that is refused. They run on one small county.

use crate::support::COUNTY;
use sqllogictest::{DB, DBOutput, DefaultColumnType, Runner};

/// The program as a database: one process a question.
struct Program;

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl DB for Program {
    type Error = Refused;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Refused> {
        let output = COUNTY.0.run(&["sql", sql, "--format", "csv"]);
        if !output.status.success() {
            return Err(Refused(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let columns = lines.next().unwrap_or_default().split(',').count();
        let rows = lines.map(|line| line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect()).collect();
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Text; columns], rows })
    }

    fn shutdown(&mut self) {}
}

#[test]
fn every_file_of_questions_holds() {
    let folder = crate::support::root().join("tests/sql");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 3);
    for file in files {
        let mut runner = Runner::new(|| async { Ok(Program) });
        runner.run_file(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
