//! `wuwei correct`: asks a department to put right what its record says, shows what was asked, and settles it.

use super::decide::grounded;
use crate::{
    Error,
    cli::{Common, Correct},
    correction::{self, Correction, Said, Settled, Wanted},
    hub::Hub,
    output,
};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    corrections: Vec<Correction>,
}

pub(super) async fn run(common: &Common, what: &Correct) -> Result<(), Error> {
    let mut hub = Hub::open(common, "correct").await?;
    let who = hub.session()?;
    let corrections = match what {
        Correct::List { all } => correction::list(&hub, &who, if *all { Wanted::All } else { Wanted::Open }).await?,
        Correct::Ask { record, property, ground } => {
            grounded(ground)?;
            let publisher = hub.publisher().await?;
            vec![correction::ask(&hub, publisher, &who, (*record, property, ground)).await?]
        }
        Correct::Settle { correction, refused, answer } => {
            grounded(answer)?;
            let publisher = hub.publisher().await?;
            let state = if *refused { "refused" } else { "corrected" };
            vec![correction::settle(&hub, publisher, &who, &Settled { correction: *correction, state, answer }).await?]
        }
    };
    output::print(common, &Shown { corrections }, |shown| text(&shown.corrections))
}

/// As lines, each with what other records say below it.
pub(super) fn text(corrections: &[Correction]) -> String {
    let mut text = String::new();
    let of = |said: &Said| format!("{} ({} {}:{})", said.value.as_deref().unwrap_or("–"), said.department, said.extract, said.row);
    for correction in corrections {
        let Correction { correction: number, department, property, state, ground, who, day, says, others, answer, .. } = correction;
        let said = says.as_ref().map_or_else(|| format!("r{}", correction.record_id), of);
        text.push_str(&format!(
            "{} {number} → {department}: {property} {said} [{state}; {day} {who}: {ground}]\n",
            output::words("更正", "correction")
        ));
        for other in others {
            text.push_str(&format!("    ≠ {}\n", of(other)));
        }
        if let Some(answer) = answer {
            text.push_str(&format!("    {}\n", answer));
        }
    }
    if text.is_empty() { output::words("没有更正申请。", "no correction was asked for").to_owned() } else { text }
}
