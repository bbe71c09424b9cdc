//! `wuwei synth`: an invented county's extracts as its departments deliver them, with the truth beside them.

use crate::{Error, cli::Common, definitions::Definitions, output};
use std::path::Path;
use wuwei_synth::Plan;

pub(super) fn run(common: &Common, plan: &Plan, out: &Path) -> Result<(), Error> {
    let definitions = Definitions::of(common)?;
    let summary = wuwei_synth::write(out, plan, &definitions.departments, &definitions.model)?;
    output::print(common, &summary, |summary| {
        let rows: Vec<Vec<String>> = summary.rows.iter().map(|(extract, rows)| vec![extract.clone(), rows.to_string()]).collect();
        format!(
            "{} people, seed {}, {} deliveries of {} files in {}\n\n{}",
            summary.people,
            plan.seed,
            summary.deliveries.len(),
            summary.files,
            out.display(),
            output::table(&["extract", "rows"], &rows)
        )
    })
}
