//! The choice of the extract from what fits, within what somebody said beforehand; and the sentence when there is no choice, or several. How
//! one row fits one extract is found in `headings`; no cell below the headings is looked at here.

use super::{
    Hint,
    headings::{Fit, Line, exact, near},
};
use crate::{Departments, Error, Extract, Format};
use std::path::Path;
use wuwei_schema::nearest;

/// Whether the names in the hint are names, before the file is touched.
pub(super) fn check_hint(departments: &Departments, hint: &Hint) -> Result<(), Error> {
    let unknown = |what, name: &str, hint: String| Err(Error::Unknown { what, name: name.to_owned(), hint });
    let codes = || departments.list.iter().map(|department| department.code.as_str());
    if let Some(code) = hint.department.as_deref().filter(|code| !codes().any(|known| known == *code)) {
        return unknown("department", code, nearest(code, codes()));
    }
    let names = || departments.extracts().map(|(_, extract)| extract.name.as_str());
    if let Some(name) = hint.with.iter().find(|name| departments.extract(name).is_none()) {
        return unknown("extract", name, nearest(name, names()));
    }
    let Some(name) = hint.extract.as_deref() else { return Ok(()) };
    match departments.extract(name) {
        None => unknown("extract", name, nearest(name, names())),
        Some(extract) if hint.department.as_ref().is_some_and(|code| *code != extract.department) => {
            unknown("extract of that department", name, format!("it is one of department `{}`", extract.department))
        }
        Some(_) => Ok(()),
    }
}

impl Hint {
    pub(super) fn allows(&self, extract: &Extract) -> bool {
        let same = |said: &Option<String>, is: &str| said.as_ref().is_none_or(|said| said == is);
        same(&self.extract, &extract.name) && same(&self.department, &extract.department)
    }

    fn words(&self) -> String {
        match (&self.extract, &self.department) {
            (Some(extract), _) => format!("`{extract}`"),
            (None, Some(department)) => format!("department `{department}`"),
            (None, None) => "any".to_owned(),
        }
    }
}

/// The extract whose headings stand in one of the heads, and in which. A head is the first rows of a sheet, or of the text as one delimiter
/// divides it.
pub(super) fn choose<'a>(
    path: &Path,
    heads: &[Vec<Line>],
    format: Format,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(usize, Fit<'a>), Error> {
    let all: Vec<(usize, Fit<'a>)> =
        heads.iter().enumerate().flat_map(|(at, head)| exact(head, departments).map(move |fit| (at, fit))).collect();
    let Some((_, first)) = all.first() else { return Err(unmapped(path, heads, departments, hint)) };
    let elsewhere = Error::Elsewhere {
        path: path.display().to_string(),
        extract: first.extract.name.clone(),
        department: first.department.code.clone(),
        given: hint.words(),
    };
    let mut allowed: Vec<(usize, Fit<'a>)> = all.into_iter().filter(|(_, fit)| hint.allows(fit.extract)).collect();
    // Two extracts may have the same columns and differ in format.
    if names(&allowed).len() > 1 && allowed.iter().any(|(_, fit)| fit.extract.format == format) {
        allowed.retain(|(_, fit)| fit.extract.format == format);
    }
    if names(&allowed).len() > 1 && allowed.iter().any(|(_, fit)| fit.is_complete()) {
        allowed.retain(|(_, fit)| fit.is_complete());
    }
    match names(&allowed)[..] {
        [] => Err(elsewhere),
        [_] => Ok(allowed.swap_remove(0)),
        ref several => {
            let known = several.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Err(Error::Ambiguous { path: path.display().to_string(), known })
        }
    }
}

fn names<'a>(fits: &[(usize, Fit<'a>)]) -> Vec<&'a str> {
    let mut names: Vec<&str> = fits.iter().map(|(_, fit)| fit.extract.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn unmapped(path: &Path, heads: &[Vec<Line>], departments: &Departments, hint: &Hint) -> Error {
    let (detail, hint) = match near(heads, departments, |extract| hint.allows(extract)) {
        Some(fit) => (fit.fault(), fit.hint()),
        None => (
            "no heading of any extract stands in its first rows, and no name of its records is one".to_owned(),
            "put the headings above the data, or write a department file for this layout".to_owned(),
        ),
    };
    Error::Unmapped { path: path.display().to_string(), detail, hint }
}
