//! `wuwei suggest`: what the columns of an unknown file are likely to be, and why; written down for a person to decide, and never applied. What is
//! saved waits where the proposals of the console do, and becomes a department file in no other way than theirs.

use crate::{
    Error,
    cli::{Common, HintArgs, LimitArgs},
    clock,
    definitions::{Definitions, confirmed::digest},
    given::Given,
    hub::Hub,
    output,
    upload::{Unsettled, hand_over},
    worker::Worker,
};
use serde::Serialize;
use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};
use wuwei_ingest::{Departments, Naming, Settled, Suggested, Suggestion};

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
    output::print(common, &suggestion, |suggestion| text_of(suggestion, file, out))
}

/// What is told of a proposal that waits.
#[derive(Serialize)]
struct Saved {
    #[serde(flatten)]
    suggestion: Suggestion,
    /// The number of the file that was handed in with it.
    upload: String,
    /// Where its text lies.
    mapping: PathBuf,
}

/// Hands the file in with what is proposed for it.
pub(super) async fn save(common: &Common, file: &Path, hint: &HintArgs, limits: LimitArgs) -> Result<(), Error> {
    let hub = Hub::open(common, "ingest").await?;
    let code = hint.department.clone().filter(|code| is_code(code)).ok_or(Unsettled::Name)?;
    if let Some(own) = hub.department().filter(|own| *own != code) {
        return Err(Unsettled::Department(own.to_owned()).into());
    }
    // A department that is new is no department yet in which to look for the file.
    let known = hub.definitions.departments.department(&code).is_some();
    let read = HintArgs { department: hint.department.clone().filter(|_| known), ..hint.clone() };
    let suggestion = Worker::suggest(&hub.definitions, &Given::at(file), &(&read).into(), &Settled::default(), limits).await?;
    let text = suggestion.department_file(&naming(&hub.definitions.departments, &code, Naming::default()));
    let account_for = |upload: &str| {
        let session = hub.session()?;
        session.look("suggest", upload, clock::now_ms())?;
        let told = format!("mapping handed over: {}", digest(&text));
        Ok(hub.audit().event("define", session.principal(), session.purpose(), &told, clock::now_ms())?)
    };
    let handed = hand_over(&hub.root, hub.asker(), file, &read, &text, account_for)?;
    let saved = Saved { suggestion, upload: handed.upload, mapping: handed.mapping };
    output::print(common, &saved, |saved| {
        let mut said = text_of(&saved.suggestion, file, None);
        said.push_str(&format!(
            "\nsaved as {}; it waits on the console, at /upload/{}/mapping, until somebody completes it and somebody else confirms it\n",
            output::one_line(&saved.mapping.display().to_string()),
            saved.upload
        ));
        said
    })
}

/// How a proposal is called where that is not said: a department that is known by its own label, the extract by the first name that none has.
pub(crate) fn naming(departments: &Departments, code: &str, said: Naming) -> Naming {
    let label = departments.department(code).map(|known| known.label.clone()).or(said.label);
    let free = |number: u32| Some(format!("{code}_{number}")).filter(|name| departments.extract(name).is_none());
    let extract = said.extract.filter(|name| !name.trim().is_empty());
    let extract = extract.or_else(|| if code.is_empty() { None } else { (1..1000).find_map(free) });
    Naming { code: code.to_owned(), label, extract, ..said }
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

fn text_of(suggestion: &Suggestion, file: &Path, out: Option<&Path>) -> String {
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
