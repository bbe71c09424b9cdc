//! `wuwei suggest`: what the columns of an unknown file are likely to be, and why; written down for a person to decide, and never applied.

use crate::{
    Error,
    cli::{Common, HintArgs, LimitArgs},
    definitions::Definitions,
    given::Given,
    output,
    worker::Worker,
};
use std::{fs::File, io::Write as _, path::Path};
use wuwei_ingest::{Naming, Settled, Suggested, Suggestion};

pub(super) async fn run(common: &Common, file: &Path, out: Option<&Path>, hint: &HintArgs, limits: LimitArgs) -> Result<(), Error> {
    let code = out.map(code).transpose()?;
    let definitions = Definitions::of(common)?;
    let suggestion = Worker::suggest(&definitions, &Given::at(file), &hint.into(), &Settled::default(), limits).await?;
    if let (Some(out), Some(code)) = (out, code) {
        // What somebody has completed already is not written over.
        let mut written = File::create_new(out).map_err(Error::file("writing a new file", out))?;
        let naming = Naming { code: code.to_owned(), ..Naming::default() };
        written.write_all(suggestion.department_file(&naming).as_bytes()).map_err(Error::file("writing", out))?;
    }
    output::print(common, &suggestion, |suggestion| text(suggestion, file, out))
}

/// The department's code, after which its file has to be called.
fn code(out: &Path) -> Result<&str, Error> {
    let stem = out.file_stem().and_then(|stem| stem.to_str()).filter(|_| out.extension().is_some_and(|ending| ending == "toml"));
    stem.filter(|stem| is_code(stem)).ok_or_else(|| {
        let hint = "name the file after the department's code, in small letters, as in `--out departments/gjj.toml`";
        Error::asked(format!("`{}` is no name of a department file", output::one_line(&out.display().to_string())), hint)
    })
}

/// Whether a department can have that code.
pub(crate) fn is_code(code: &str) -> bool {
    code.starts_with(|first: char| first.is_ascii_lowercase())
        && code.len() <= 32
        && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn text(suggestion: &Suggestion, file: &Path, out: Option<&Path>) -> String {
    let path = output::one_line(&file.display().to_string());
    let found = suggestion.columns.iter().filter(|column| column.target.is_some()).count();
    let (columns, rows) = (suggestion.columns.len(), suggestion.rows);
    let mut text =
        format!("{path}: {found} of {columns} columns have a proposal, by their headings and {rows} rows; nothing was applied\n");
    if let Some(known) = &suggestion.known {
        text.push_str(&format!("the file is known already, as `{known}`: `wuwei check` says how it is read\n"));
    }
    text.push('\n');
    let lines: Vec<Vec<String>> = suggestion.columns.iter().map(line).collect();
    text.push_str(&output::table(&["column", "proposed", "sure", "reasons"], &lines));
    if let Some(out) = out {
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        text.push_str(&format!(
            "\nwritten to {}; decide what says TODO in it, then give --departments {}\n",
            output::one_line(&out.display().to_string()),
            output::one_line(&folder.display().to_string())
        ));
    }
    text
}

fn line(column: &Suggested) -> Vec<String> {
    let target = column.target.as_ref();
    let proposed = match target {
        Some(target) => format!("{} {}.{} {}", target.role, target.entity, target.property, target.label),
        None if column.is_protected => "drop".to_owned(),
        None => String::new(),
    };
    let sure = target.map_or_else(String::new, |target| format!("{} %", target.confidence));
    vec![output::one_line(&column.heading), proposed, sure, column.reasons.join("；")]
}
