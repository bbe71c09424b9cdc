//! What a file of an extract costs on its way to batches: looking at it (which extract, which encoding, which hash), then reading and
//! mapping its rows. Nothing is written. `cargo bench -p wuwei-ingest --bench map -- FILE… [--departments DIR]` prints a JSON line a file,
//! the median of five: wall time, and processor time of all threads, which is what can be compared on a busy machine; `tests/bench/ingest_against.py --keep DIR` and `wuwei synth` make files.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures and may stop")]

use std::{path::Path, time::Instant};
use wuwei_ingest::{Departments, Held, Hint, open, read};
use wuwei_schema::{Model, SourceFile};

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let (mut files, mut folder) = (Vec::new(), None);
    while let Some(argument) = arguments.next() {
        if argument == "--departments" { folder = arguments.next() } else { files.push(argument) }
    }
    let model = Model::embedded().unwrap();
    let departments = match folder {
        Some(folder) => Departments::parse(&sources(Path::new(&folder)), &model).unwrap(),
        None => Departments::embedded(&model).unwrap(),
    };
    for file in files {
        let mut runs: Vec<Run> = (0..5).map(|_| run(Path::new(&file), &departments, &model)).collect();
        let rows = runs[0].rows;
        let mut median = |of: fn(&Run) -> f64| {
            runs.sort_by(|left, right| of(left).total_cmp(&of(right)));
            (of(&runs[2]) / rows as f64 * 1e9).round()
        };
        let looking = [median(|run| run.looking.0), median(|run| run.looking.1)];
        let mapping = [median(|run| run.mapping.0), median(|run| run.mapping.1)];
        println!("{{\"file\": \"{file}\", \"rows\": {rows}, \"looking_ns\": {looking:?}, \"mapping_ns\": {mapping:?}}}");
    }
}

fn sources(folder: &Path) -> Vec<SourceFile> {
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths
        .map(|path| SourceFile {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect()
}

/// Rows of a file, and seconds: on the wall, and of the processor.
struct Run {
    rows: u64,
    looking: (f64, f64),
    mapping: (f64, f64),
}

fn run(path: &Path, departments: &Departments, model: &Model) -> Run {
    let start = (Instant::now(), cpu());
    let opened = open(path, departments, &Hint::default()).unwrap();
    let looked = (Instant::now(), cpu());
    let mut reading = read(opened, model, 1, Held::none()).unwrap();
    let chunks = reading.by_ref().map(Result::unwrap).count();
    let rows = reading.report().read;
    assert!(chunks > 0 && rows > 0);
    let ended = (Instant::now(), cpu());
    let between = |from: (Instant, f64), to: (Instant, f64)| ((to.0 - from.0).as_secs_f64(), to.1 - from.1);
    Run { rows, looking: between(start, looked), mapping: between(looked, ended) }
}

/// Processor seconds of this process, those of threads that have ended among them: the 14th and 15th field, in hundredths.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
    fields.map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}
