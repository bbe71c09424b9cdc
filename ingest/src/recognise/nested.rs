//! Recognition of JSON and XML: by the names of what their records hold, wherever in the document the records are. Exactly an extract's
//! columns are known; empty members are left out of such files, so half of the columns have to show themselves in the first megabyte.

use super::{
    Hint, Layout, Line, NestedLayout, Understood,
    choice::choose,
    headings::{Fit, fit},
    text::other_encoding,
    understood,
};
use crate::{
    Departments, Error, Extract, Format, decode,
    reader::{Head, Place},
};
use encoding_rs::Encoding;
use std::path::Path;

/// The extract whose columns the records of one place are made of, and that place.
pub(super) fn nested<'a>(
    path: &Path,
    head: &Head,
    encoding: &'static Encoding,
    format: Format,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(Fit<'a>, Understood, Layout), Error> {
    let lines: Vec<Vec<Line>> = head.places.iter().map(|place| vec![line(place)]).collect();
    let (at, fit) = choose(path, &lines, format, departments, hint)?;
    let at = only(path, head, at, &fit, &lines)?;
    let place = &head.places[at];
    let understood = Understood {
        encoding: Some(decode::label(encoding).to_owned()),
        evidence: evidence(&fit, place, head, format).into_iter().chain(other_encoding(fit.extract, encoding)).collect(),
        ..understood(&fit, format)
    };
    let layout = NestedLayout { encoding, rows: place.path.clone(), is_lines: head.is_lines };
    let layout = if format == Format::Xml { Layout::Xml(layout) } else { Layout::Json(layout) };
    Ok((fit, understood, layout))
}

fn line(place: &Place) -> Line {
    let cells: Vec<(usize, String)> = place.names.iter().cloned().enumerate().collect();
    Line { width: cells.len(), cells, is_records: true, ..Line::default() }
}

/// The one place where the extract's records are; the one that its department's file states, where there are several.
fn only(path: &Path, head: &Head, chosen: usize, fit_chosen: &Fit<'_>, lines: &[Vec<Line>]) -> Result<usize, Error> {
    let (department, extract) = (fit_chosen.department, fit_chosen.extract);
    let fits = |at: &usize| lines[*at].iter().any(|line| fit(department, extract, line).is_exact());
    let places: Vec<usize> = (0..head.places.len()).filter(fits).collect();
    let stated = places.iter().copied().find(|at| is_stated(extract, &head.places[*at]));
    match (stated, places.len()) {
        (Some(at), _) => Ok(at),
        (None, 0 | 1) => Ok(chosen),
        (None, _) => {
            let shown: Vec<String> = places.iter().map(|at| words(&head.places[*at])).collect();
            let detail = format!("records of `{}` are {}, and only one of these is read", extract.name, shown.join(" and "));
            let hint = "state the one with `rows` in the department's file".to_owned();
            Err(Error::Unmapped { path: path.display().to_string(), detail, hint })
        }
    }
}

fn is_stated(extract: &Extract, place: &Place) -> bool {
    extract.rows.as_deref().is_some_and(|rows| rows == place.path.join("/"))
}

fn words(place: &Place) -> String {
    if place.path.is_empty() { "at the root".to_owned() } else { format!("at `{}`", place.path.join("/")) }
}

/// Why the file is this extract, and what is other than expected.
fn evidence(fit: &Fit<'_>, place: &Place, head: &Head, format: Format) -> Vec<String> {
    let extract = fit.extract;
    let place_words = if head.is_lines { "one a line".to_owned() } else { words(place) };
    let mut evidence = vec![format!(
        "`{}`: its records are {place_words}, and what they hold are its columns ({} names met)",
        extract.name,
        place.names.len()
    )];
    if !fit.is_complete() {
        evidence.push(format!("no record of the first megabyte has {}; they are taken for empty", fit.left_out()));
    }
    if extract.rows.as_ref().is_some_and(|rows| !rows.is_empty()) && !is_stated(extract, place) {
        evidence.push(format!("its records are expected at `{}`", extract.rows.as_deref().unwrap_or_default()));
    }
    let outer = head.places.first().filter(|_| !place.path.is_empty() && format == Format::Json);
    let leads = |name: &&String| name.split('/').next() == place.path.first().map(String::as_str);
    let beside: Vec<&str> = outer.iter().flat_map(|outer| &outer.names).filter(|name| !leads(name)).map(String::as_str).take(8).collect();
    if !beside.is_empty() {
        evidence.push(format!("what stands beside the records is not read: `{}`", beside.join("`, `")));
    }
    if format != extract.format {
        evidence.push(format!("`{}` is expected as {}, this file is {}", extract.name, extract.format.words(), format.words()));
    }
    evidence
}
