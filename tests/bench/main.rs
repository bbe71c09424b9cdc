//! What each stage costs: the program is run stage after stage on an invented county, as its users run it, one process a stage, and each
//! prints one line of JSON. Nothing is computed here but rates.
//!
//! `cargo bench --bench stages -- --people 100000 [--people 1000000] [--seed 42]`. Several sizes give besides, for each stage that works
//! row by row, by what factor its processor time a row has grown from the smallest to the largest: 1 is linear. What was written stays
//! only while it runs, in the system's folder for temporary files (`TMPDIR`).

mod child;

use child::{Fault, Hub, Measured};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write as _};

/// A stage: what is run, and how many rows it worked on.
struct Stage {
    name: &'static str,
    /// `COUNTY` is the folder of the county, `PEOPLE` and `SEED` are numbers.
    arguments: &'static [&'static str],
    rows: Rows,
}

/// Where the number of rows is to be had.
enum Rows {
    /// In what the stage says of itself.
    Said(fn(&Value) -> u64),
    /// In the answer to a question afterwards.
    Asked(&'static str),
}

const STAGES: [Stage; 8] = [
    Stage {
        name: "synth",
        arguments: &["synth", "--people", "PEOPLE", "--seed", "SEED", "--out", "COUNTY"],
        rows: Rows::Said(rows_of_files),
    },
    Stage { name: "ingest", arguments: &["ingest", "COUNTY"], rows: Rows::Said(|said| whole(&said["ingest"]["read"])) },
    Stage { name: "resolve", arguments: &["resolve"], rows: Rows::Asked("SELECT count(*) AS n FROM graph.link") },
    Stage { name: "link", arguments: &["link"], rows: Rows::Asked("SELECT count(*) AS n FROM record.relation") },
    Stage { name: "index", arguments: &["index"], rows: Rows::Said(|said| sum(&said["stages"]["index"])) },
    Stage { name: "people", arguments: &["people", "wang wei"], rows: Rows::Said(|said| length(&said["hits"])) },
    Stage { name: "sql", arguments: &["sql", BY_NAME], rows: Rows::Asked("SELECT count(*) AS n FROM record.person") },
    Stage { name: "indicators", arguments: &["indicators"], rows: Rows::Said(|said| length(&said["figures"])) },
];

/// Groups every record, joins each to its entity: the shape of most questions.
const BY_NAME: &str = "SELECT p.department, count(*) AS records, count(DISTINCT l.entity_id) AS people \
                       FROM record.person p JOIN graph.link l ON l.record_id = p.record_id GROUP BY p.department ORDER BY p.department";

/// The stages whose cost is by the row; what the others do hardly depends on the size.
const BY_ROW: [&str; 5] = ["synth", "ingest", "resolve", "link", "index"];

/// What a stage cost. Wall time is what a user waits; on a busy machine only the processor's time can be compared.
#[derive(Serialize)]
struct Line {
    people: usize,
    stage: &'static str,
    rows: u64,
    seconds: f64,
    cpu_seconds: f64,
    rows_per_second: f64,
    peak_rss_mb: f64,
    /// What it left on disk.
    bytes: u64,
}

fn main() -> Result<(), Fault> {
    let asked = Asked::parse(std::env::args().skip(1))?;
    let mut costs: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for people in &asked.people {
        let hub = Hub::new()?;
        for stage in &STAGES {
            let line = run(stage, &hub, *people, asked.seed)?;
            costs.entry(stage.name).or_default().push(line.cpu_seconds / line.rows.max(1) as f64);
            print(&line)?;
        }
    }
    for stage in BY_ROW {
        if let Some([first, .., last]) = costs.get(stage).map(Vec::as_slice) {
            print(&json!({ "stage": stage, "growth": rounded(last / first) }))?;
        }
    }
    Ok(())
}

fn run(stage: &Stage, hub: &Hub, people: usize, seed: u64) -> Result<Line, Fault> {
    let (people_text, seed_text, county) = (people.to_string(), seed.to_string(), hub.county());
    let arguments = stage.arguments.iter().map(|argument| match *argument {
        "COUNTY" => county.as_str(),
        "PEOPLE" => people_text.as_str(),
        "SEED" => seed_text.as_str(),
        other => other,
    });
    let Measured { said, seconds, cpu_seconds, peak_rss_kb, bytes } = hub.measure(&arguments.collect::<Vec<_>>())?;
    let rows = match stage.rows {
        Rows::Said(rows) => rows(&said),
        Rows::Asked(question) => whole(&hub.measure(&["sql", question])?.said[0]["n"]),
    };
    Ok(Line {
        people,
        stage: stage.name,
        rows,
        seconds: rounded(seconds),
        cpu_seconds: rounded(cpu_seconds),
        rows_per_second: (rows as f64 / seconds).round(),
        peak_rss_mb: rounded(peak_rss_kb as f64 / 1024.0),
        bytes,
    })
}

/// What was asked for on the command line.
struct Asked {
    people: Vec<usize>,
    seed: u64,
}

impl Asked {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, Fault> {
        let mut asked = Asked { people: Vec::new(), seed: 42 };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--people" => asked.people.push(arguments.next().unwrap_or_default().parse()?),
                "--seed" => asked.seed = arguments.next().unwrap_or_default().parse()?,
                // Cargo says so to every bench.
                "--bench" => {}
                other => return Err(format!("unknown option `{other}`; hint: --people N (may be repeated), --seed N").into()),
            }
        }
        if asked.people.is_empty() {
            asked.people.push(100_000);
        }
        asked.people.sort_unstable();
        Ok(asked)
    }
}

fn print(line: &impl Serialize) -> Result<(), Fault> {
    Ok(writeln!(std::io::stdout().lock(), "{}", serde_json::to_string(line)?)?)
}

fn rows_of_files(said: &Value) -> u64 {
    said["rows"].as_object().into_iter().flatten().map(|(_, rows)| whole(rows)).sum()
}

fn sum(said: &Value) -> u64 {
    said.as_object().into_iter().flatten().map(|(_, number)| whole(number)).sum()
}

fn length(said: &Value) -> u64 {
    said.as_array().map_or(0, |array| array.len() as u64)
}

fn whole(said: &Value) -> u64 {
    said.as_u64().unwrap_or_default()
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
