//! Suites of bad input against the readers: `judge <suite> <folder> [show]` prints a line a file, then the totals, and fails when an
//! expectation does not hold. The suites are other people's files, named on the command line; nothing of them is kept here.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

mod csv_spectrum;
mod csv_test_data;
mod dbf;
mod nested;
mod pollock;
mod score;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    process::ExitCode,
};
use wuwei_ingest::{Departments, Error, Hint, Report, Understood, open, read};
use wuwei_schema::{Model, SourceFile};

/// A suite: its name, the endings of its files, and what one of them is judged by.
type Suite = (&'static str, &'static [&'static str], fn(&Path) -> Verdict);

const SUITES: [Suite; 5] = [
    ("csv-spectrum", &["csv"], csv_spectrum::judge),
    ("csv-test-data", &["csv"], csv_test_data::judge),
    ("dbf", &["dbf"], dbf::judge),
    ("json", &["json"], nested::json),
    ("xml", &["xml"], nested::xml),
];

/// Whether a file passes, and what became of it.
struct Verdict {
    passes: bool,
    words: String,
}

/// What became of a file that was read.
struct Outcome {
    understood: Understood,
    report: Report,
    first: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    // This suite has scores of its own, over all files together.
    if let [_, suite, folder, rest @ ..] = &arguments[..]
        && suite == "pollock"
    {
        return pollock::judge(Path::new(folder), rest);
    }
    let suite = arguments.get(1).and_then(|name| SUITES.iter().find(|(known, ..)| known == name));
    let (Some((_, endings, judge)), Some(folder)) = (suite, arguments.get(2)) else {
        println!("judge <suite> <folder> [show]; suites: pollock, {}", SUITES.map(|(name, ..)| name).join(", "));
        return ExitCode::FAILURE;
    };
    let mut files = Vec::new();
    gather(Path::new(folder), endings, &mut files);
    files.sort();
    let mut passed = 0;
    for path in &files {
        let verdict = catch_unwind(AssertUnwindSafe(|| judge(path)));
        let verdict = verdict.unwrap_or_else(|_| Verdict { passes: false, words: "PANIC".to_owned() });
        passed += usize::from(verdict.passes);
        let name = path.strip_prefix(folder).unwrap_or(path).display();
        println!("{}\t{name}\t{}", if verdict.passes { "pass" } else { "FAIL" }, verdict.words);
    }
    println!("{passed} of {} pass; most memory: {}", files.len(), memory());
    if passed == files.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn gather(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, endings, files);
        } else if path.extension().is_some_and(|is| endings.iter().any(|ending| is.eq_ignore_ascii_case(ending))) {
            files.push(path);
        }
    }
}

/// Reads a file as an extract of these columns, of which the first is mapped, so that no value is judged by what it means.
fn outcome(path: &Path, format: &str, columns: &[String]) -> Result<Outcome, Error> {
    let model = Model::embedded().map_err(|_| unknown())?;
    let quoted = |text: &String| format!("{text:?}");
    let columns_text = columns.iter().map(quoted).collect::<Vec<_>>().join(", ");
    let ignored: String = columns.iter().skip(1).map(|column| format!("{} = \"not asked\"\n", quoted(column))).collect();
    let text = format!(
        "department = \"xx\"\nlabel = {{ zh = \"测试\", en = \"Test\" }}\n[[extract]]\nname = \"xx_file\"\n\
         label = {{ zh = \"测试\", en = \"Test\" }}\nformat = \"{format}\"\nencoding = \"gb18030\"\ncontract = \"full\"\ncycle_days = 1\n\
         share_class = 2\nobliged = true\ncolumns = [{columns_text}]\n[extract.ignore]\n{ignored}[extract.record.person]\n\
         entity = \"person\"\nemployer = {}\n",
        columns.first().map(quoted).unwrap_or_default()
    );
    let departments = Departments::parse(&[SourceFile { name: "xx.toml".to_owned(), text }], &model)?;
    let opened = open(path, &departments, &Hint::default())?;
    let understood = opened.understood.clone();
    let mut reading = read(opened, &model, 1, wuwei_ingest::Held::default())?;
    let mut first = String::new();
    for chunk in reading.by_ref() {
        let raw = chunk?.raw;
        for at in 0..if first.is_empty() { raw.num_rows().min(2) } else { 0 } {
            let cells =
                raw.columns().iter().skip(1).map(|column| arrow_cast::display::array_value_to_string(column, at).unwrap_or_default());
            first += &format!("\n\t{}", cells.collect::<Vec<_>>().join("|"));
        }
    }
    Ok(Outcome { understood, report: reading.report().clone(), first })
}

fn unknown() -> Error {
    Error::Unknown { what: "model", name: String::new(), hint: "build it again".to_owned() }
}

/// Whether the command line asks for rows.
fn shows() -> bool {
    std::env::args().nth(3).is_some_and(|word| word == "show")
}

/// The most memory that this process had resident, as the system counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map_or("unknown".to_owned(), |size| size.trim().to_owned())
}
