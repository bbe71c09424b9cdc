//! `wuwei synth`: an invented county's extracts, with the truth beside them.

use crate::{Error, cli::Common, definitions::Definitions, output};
use std::path::Path;

pub(super) fn run(common: &Common, people: usize, seed: u64, out: &Path) -> Result<(), Error> {
    let definitions = Definitions::of(common)?;
    let summary = wuwei_synth::write(out, people, seed, &definitions.departments, &definitions.model)?;
    output::print(common, &summary, |summary| {
        let rows: Vec<Vec<String>> = summary.rows.iter().map(|(extract, rows)| vec![extract.clone(), rows.to_string()]).collect();
        format!("{people} people, seed {seed}, in {}\n\n{}", out.display(), output::table(&["extract", "rows"], &rows))
    })
}
