//! `wuwei schedules`: what has its time, when that is next, and what came of it last.

use crate::{
    Error,
    cli::Common,
    clock,
    hub::Hub,
    output,
    schedule::{Ran, Schedules, Shown, State, States},
};
use std::path::Path;

pub(super) async fn run(common: &Common, file: &Path) -> Result<(), Error> {
    let hub = Hub::open(common, "jobs").await?;
    let (schedules, states) = (Schedules::read(file)?, States::of(&hub.root)?);
    let shown: Vec<Shown> = schedules.0.iter().map(|schedule| states.shown(schedule, clock::now_ms())).collect();
    output::print(common, &shown, |shown| listed(shown))
}

/// What came of a run, in the reader's language; one of before there were codes in its own words.
fn came(last: &Ran) -> String {
    if last.results.is_empty() {
        return last.said.as_deref().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
    }
    last.results.iter().map(output::told).collect::<Vec<_>>().join(output::words("；", "; "))
}

fn listed(shown: &[Shown]) -> String {
    let row = |Shown { name, cron, run, next, last }: &Shown| {
        let next = next.as_deref().map(clock::local).unwrap_or_default();
        let (state, begun, said) = last.as_ref().map_or_else(Default::default, |last| {
            let state = match last.state {
                State::Running => "running",
                State::Done => "done",
                State::Failed => "failed",
                State::Interrupted => "interrupted",
            };
            (state.to_owned(), clock::local(&last.begun), came(last))
        });
        vec![name.clone(), cron.clone(), (*run).to_owned(), next, state, begun, said]
    };
    output::table(&["name", "cron", "runs", "next", "last", "begun", "said"], &shown.iter().map(row).collect::<Vec<_>>())
}
