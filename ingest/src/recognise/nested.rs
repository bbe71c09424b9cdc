//! Recognition of JSON and XML: by the names of what their records hold, wherever in the document the records are. Exactly an extract's
//! columns are known; empty members are left out of such files, so half of the columns have to show themselves in the first megabyte.

use super::{
    Hint, Layout, Line, NestedLayout, Understood,
    choice::choose,
    headings::{Fit, fit, near},
    text::{other_encoding, other_format},
    understood,
};
use crate::{
    Departments, Error, Extract, Format, decode,
    reader::{Head, Place, naming::shown_path},
};
use encoding_rs::Encoding;
use std::path::Path;
use wuwei_schema::Notice;

/// Places and names shown in a sentence.
const SHOWN: usize = 8;

/// The extract whose columns the records of one place are made of, and that place.
pub(super) fn nested<'a>(
    path: &Path,
    head: &Head,
    encoding: &'static Encoding,
    format: Format,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(Fit<'a>, Understood, Layout), Error> {
    if let (Format::Json, Some(said)) = (format, hint.declared()?) {
        said.suits_json(path, head.is_lines)?;
    }
    let lines: Vec<Vec<Line>> = head.places.iter().map(|place| vec![line(place)]).collect();
    let (at, fit) = match choose(path, &lines, format, departments, hint) {
        Err(none @ Error::Unmapped { .. }) if near(&lines, departments, |extract| hint.allows(extract)).is_none() => {
            return nothing(path, head, encoding, format, departments, hint)?.ok_or(none);
        }
        chosen => chosen?,
    };
    let at = only(path, head, at, &fit, &lines)?;
    let place = &head.places[at];
    let understood = Understood {
        encoding: Some(decode::label(encoding).to_owned()),
        evidence: evidence(&fit, place, head, format).into_iter().chain(other_encoding(fit.extract, encoding)).collect(),
        remarks: Vec::new(),
        ..understood(&fit, format)
    };
    let is_stated = is_stated(fit.extract, place);
    let layout = NestedLayout { encoding, rows: place.path.clone(), is_stated, is_lines: head.is_lines };
    Ok((fit, understood, of(format, layout)))
}

fn of(format: Format, layout: NestedLayout) -> Layout {
    if format == Format::Xml { Layout::Xml(layout) } else { Layout::Json(layout) }
}

/// A text that holds no record: a delivery of none, where somebody says of which extract; none where it is no such text.
fn nothing<'a>(
    path: &Path,
    head: &Head,
    encoding: &'static Encoding,
    format: Format,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<Option<(Fit<'a>, Understood, Layout)>, Error> {
    if head.empty.is_empty() {
        return Ok(None);
    }
    let unmapped =
        |detail: &str, hint: &str| Error::Unmapped { path: path.display().to_string(), detail: detail.to_owned(), hint: hint.to_owned() };
    let named = departments.extracts().find(|(_, extract)| hint.extract.as_ref() == Some(&extract.name));
    let Some((department, extract)) = named else {
        return Err(unmapped(
            "it holds no record, and so no name of one that says which extract it is",
            "where there is nothing to deliver, name the extract with --extract",
        ));
    };
    let stated: Option<Vec<String>> =
        extract.rows.as_ref().map(|rows| rows.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect());
    let leads = |stated: &Vec<String>| {
        head.empty.iter().any(|empty| if format == Format::Xml { stated.starts_with(empty) } else { stated == empty })
    };
    let rows = match (stated.filter(leads), &head.empty[..]) {
        (Some(stated), _) => stated,
        // Of XML it is the element that would hold the records, whatever they are called.
        (None, [only]) if format == Format::Xml => [&only[..], &["*".to_owned()]].concat(),
        (None, [only]) => only.clone(),
        (None, _) => {
            return Err(unmapped(
                &format!("it is empty in {} places, and any of them may be that of the records", head.empty.len()),
                "state the place of the records with `rows` in the department's file",
            ));
        }
    };
    let fit = fit(department, extract, &Line { is_records: true, ..Line::default() });
    let mut understood = understood(&fit, format);
    understood.encoding = Some(decode::label(encoding).to_owned());
    understood.evidence = vec![Notice::new("no-record").with("extract", &extract.name)];
    Ok(Some((fit, understood, of(format, NestedLayout { encoding, rows, is_stated: true, is_lines: false }))))
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
            let shown: Vec<String> = places.iter().take(SHOWN).map(|at| words(&head.places[*at])).collect();
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
    if place.path.is_empty() { "at the root".to_owned() } else { format!("at `{}`", place.shown) }
}

/// Why the file is this extract, and what is other than expected.
fn evidence(fit: &Fit<'_>, place: &Place, head: &Head, format: Format) -> Vec<Notice> {
    let extract = fit.extract;
    let found = match (head.is_lines, place.path.is_empty()) {
        (true, _) => Notice::new("records-by-line"),
        (false, true) => Notice::new("records-at-root"),
        (false, false) => Notice::new("records-at").with("place", &place.shown),
    };
    let mut evidence = vec![found.with("extract", &extract.name).with("count", place.names.len())];
    if !fit.is_complete() {
        evidence.push(Notice::new("members-not-met").with("names", fit.left_out()));
    }
    if let Some(rows) = extract.rows.as_ref().filter(|rows| !rows.is_empty() && !is_stated(extract, place)) {
        evidence.push(Notice::new("records-expected-at").with("place", rows));
    }
    let outer = head.places.first().filter(|_| !place.path.is_empty() && format == Format::Json);
    let leads = |name: &&String| name.split('/').next() == place.path.first().map(String::as_str);
    let names = (1..).zip(outer.iter().flat_map(|outer| &outer.names)).filter(|(_, name)| !leads(name)).take(SHOWN);
    let beside: Vec<String> = names.map(|(place, name)| shown_path(name, place)).collect();
    if !beside.is_empty() {
        evidence.push(Notice::new("beside-not-read").with("names", beside.join(", ")));
    }
    evidence.extend(other_format(extract, format));
    evidence
}

#[cfg(test)]
mod tests {
    use crate::{
        Hint, open,
        reader::sample::{Folder, nested, rows_of, told_nested},
    };

    /// How many rows a text is a delivery of when its extract is named, and what is said when it is not.
    fn told(name: &str, text: &str, stated: &str) -> (Result<usize, String>, String) {
        let (folder, departments) = (Folder::new(), nested(stated));
        let path = folder.write(name, text);
        let hint = Hint { extract: Some("jy_nested".to_owned()), ..Hint::default() };
        let named = open(&path, &departments, &hint).map_err(|error| error.to_string()).map(|opened| {
            let (mut reader, mut row, mut rows) = (crate::reader::reader(&opened).unwrap(), crate::reader::Row::default(), 0);
            while reader.next(&mut row).unwrap() {
                rows += 1;
            }
            rows
        });
        (named, rows_of(&path, &departments).unwrap_err().to_string())
    }

    #[test]
    fn a_delivery_of_nothing_is_one_of_no_rows_once_it_is_named() {
        for (name, text) in [
            ("a.json", "[]"),
            ("a.json", " { \"data\" : [ ] } "),
            ("a.json", r#"{"code":0,"message":"ok","data":{"total":0,"list":[]}}"#),
            ("a.json", r#"{"code":0,"data":null}"#),
            ("a.xml", "<data/>"),
            ("a.xml", "<answer><code>0</code><records> </records></answer>"),
        ] {
            let (named, unnamed) = told(name, text, "");
            assert_eq!(named, Ok(0), "{text}");
            assert!(
                unnamed.contains("it holds no record")
                    && unnamed.contains("hint: where there is nothing to deliver, name the extract with --extract"),
                "{unnamed}"
            );
        }
        assert_eq!(told("a.xml", "<d><head/><list/></d>", "rows = \"d/list/r\"").0, Ok(0), "the place that is stated");
        assert!(told("a.json", r#"{"a":[],"b":[]}"#, "").0.unwrap_err().contains("it is empty in 2 places"));
    }

    #[test]
    fn what_holds_something_else_is_no_delivery_of_nothing() {
        for text in [r#"{"rows":[{"x":1}]}"#, "[1]", "[{}]", r#"{"data":[[]]}"#] {
            assert!(told("a.json", text, "").0.unwrap_err().contains("no name of its records is one"), "{text}");
        }
    }

    #[test]
    fn names_that_are_values_of_people_are_told_by_their_place() {
        let record = r#"{"@no":1,"name":"a","area":"b"}"#;
        let of = |text: String| told_nested(&Folder::new().write("a.json", text)).unwrap_err();
        let error = of(format!(r#"{{"count":2,"990101198503070017":{record},"王小明":{record}}}"#));
        assert!(error.contains("are at `$.*[2]` and at `$.*[3]`") && !error.contains("王小明") && !error.contains("1985"), "{error}");
        let error = of(format!(r#"[{}]"#, record.replace("}", r#","12012340001":1}"#)));
        assert!(error.contains("unknown are `$.*[4]`") && !error.contains("1201"), "{error}");
        let folder = Folder::new();
        let path = folder.write("a.json", format!(r#"{{"王小明":"x","list":[{record}]}}"#));
        let evidence = open(&path, &nested(""), &Hint::default()).unwrap().understood.codes();
        assert!(evidence.contains("beside-not-read names=$.*[1]") && !evidence.contains("王小明"), "{evidence}");
    }
}
