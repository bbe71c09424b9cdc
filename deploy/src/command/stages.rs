//! `wuwei resolve`, `link`, `index`, `refresh`: the stages, one by one or all that are out of date.

use crate::{Error, cli::Common, hub::Hub, output, pipeline};
use pipeline::{Stage, Stages, State};
use serde::Serialize;

#[derive(Serialize)]
struct Ran {
    stages: Stages,
    epoch: u64,
}

pub(super) async fn resolve(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common).await?;
    let state = pipeline::resolve(&mut hub).await?;
    print(common, &hub, [(Stage::Resolve.name(), state)].into())
}

pub(super) async fn link(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common).await?;
    let state = pipeline::link(&mut hub).await?;
    print(common, &hub, [(Stage::Link.name(), state)].into())
}

pub(super) async fn index(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common).await?;
    let state = pipeline::index(&mut hub).await?;
    print(common, &hub, [(Stage::Index.name(), state)].into())
}

pub(super) async fn refresh(common: &Common) -> Result<(), Error> {
    let mut hub = Hub::open(common).await?;
    let stages = pipeline::refresh(&mut hub).await?;
    print(common, &hub, stages)
}

fn print(common: &Common, hub: &Hub, stages: Stages) -> Result<(), Error> {
    output::print(common, &Ran { stages, epoch: hub.lake.epoch().number }, |ran| text(&ran.stages))
}

/// Stages and what they say of themselves.
pub(super) fn text(stages: &Stages) -> String {
    let mut text = String::new();
    for (name, state) in stages {
        match state {
            State::UpToDate => text.push_str(&format!("{name}: up to date\n")),
            State::Ran(report) => said(name, report, &mut text),
        }
    }
    text
}

/// One line a report: its plain numbers, by name.
fn said(name: &str, report: &serde_json::Value, text: &mut String) {
    match report {
        serde_json::Value::Array(reports) => reports.iter().for_each(|report| said(name, report, text)),
        serde_json::Value::Object(fields) => {
            let plain = fields.iter().filter(|(_, value)| value.is_number() || value.is_string());
            let words: Vec<String> = plain.map(|(key, value)| format!("{key} {}", value.to_string().trim_matches('"'))).collect();
            text.push_str(&format!("{name}: {}\n", words.join(", ")));
        }
        other => text.push_str(&format!("{name}: {other}\n")),
    }
}
