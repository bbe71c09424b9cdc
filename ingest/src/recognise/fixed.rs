//! Texts of fixed width, which have no headings: known by the length of their records, over all of the file, and by nothing else. So it is
//! looked at only when no headings are found, and of two extracts with records of one length somebody has to name one.

use super::{
    Fit, Hint, Layout, Understood,
    headings::{Line, fit},
    understood,
};
use crate::{
    Department, Departments, Error, Extract, Format,
    decode::label,
    reader::{FixedLayout, fixed, half_characters},
};
use encoding_rs::Encoding;
use std::path::Path;
use wuwei_schema::Notice;

/// The extract of fixed width that the text is; none when it is none.
pub(super) fn fixed<'a>(
    path: &Path,
    encoding: &'static Encoding,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<Option<(Fit<'a>, Understood, Layout)>, Error> {
    let mut likely = Vec::new();
    for (department, extract) in departments.extracts().filter(|(_, extract)| !extract.widths.is_empty() && hint.allows(extract)) {
        let candidate = fixed::survey(path, encoding, &extract.widths, &extract.columns)?;
        let is_named = hint.extract.is_some();
        if candidate.is_likely() || is_named && candidate.is_possible() {
            likely.push((department, extract, candidate));
        } else if is_named {
            return Err(other_length(path, extract, &candidate));
        }
    }
    if likely.len() > 1 {
        let known = likely.iter().map(|(_, extract, _)| format!("`{}`", extract.name)).collect::<Vec<_>>().join(", ");
        return Err(Error::Ambiguous { path: path.display().to_string(), known });
    }
    Ok(likely.pop().map(|(department, extract, candidate)| taken(encoding, department, extract, &candidate)))
}

/// That it is none, where it was said to be one.
pub(super) fn none(path: &Path) -> Error {
    let detail = "its records have the length of no extract of fixed width".to_owned();
    let hint = "name no format, and its content decides; or state its widths in a department file".to_owned();
    Error::Unmapped { path: path.display().to_string(), detail, hint }
}

fn taken<'a>(
    encoding: &'static Encoding,
    department: &'a Department,
    extract: &'a Extract,
    candidate: &fixed::Candidate,
) -> (Fit<'a>, Understood, Layout) {
    let cells = extract.columns.iter().cloned().enumerate().collect();
    let line = Line { number: candidate.heading_row, cells, width: extract.columns.len(), ..Line::default() };
    let fit = fit(department, extract, &line);
    let mut understood = understood(&fit, Format::Fixed);
    let width: usize = extract.widths.iter().sum();
    let fixed::Candidate { right, records, .. } = candidate;
    let found = if candidate.has_lines { Notice::new("lines-of-width") } else { Notice::new("records-of-width") };
    understood.encoding = Some(label(encoding).to_owned());
    understood.evidence[0] = found.with("extract", &extract.name).with("count", right).with("all", records).with("bytes", width);
    if candidate.heading_row > 0 {
        understood.evidence.push(Notice::new("headings-in-first-line"));
    }
    if candidate.cut > 0 {
        understood.remarks.push(half_characters(candidate.cut));
    }
    let (widths, has_lines, heading_row) = (extract.widths.clone(), candidate.has_lines, candidate.heading_row);
    (fit, understood, Layout::Fixed(FixedLayout { encoding, widths, has_lines, heading_row }))
}

fn other_length(path: &Path, extract: &Extract, candidate: &fixed::Candidate) -> Error {
    let width: usize = extract.widths.iter().sum();
    let fixed::Candidate { right, records, torn, .. } = candidate;
    Error::Unmapped {
        path: path.display().to_string(),
        detail: format!(
            "{right} of its {records} lines have the {width} bytes of `{}`, and in {torn} of those a column ends within a character",
            extract.name
        ),
        hint: "compare the layout that the file was written by with the widths in the department's file".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Departments, Hint, open,
        reader::{Row, reader, sample},
    };
    use encoding_rs::GB18030;
    use proptest::prelude::*;
    use sample::{Folder, shown};

    /// `rs_people`: 18, 10 and 20 bytes.
    fn departments() -> Departments {
        sample::departments_of("rs", "format = \"fixed\"\nwidths = [18, 10, 20]")
    }

    fn told(bytes: &[u8], extract: &str) -> Result<(Vec<String>, String), String> {
        let (folder, departments) = (Folder::new(), departments());
        let path = folder.write("a.txt", bytes);
        let hint = Hint { extract: Some(extract.to_owned()).filter(|name| !name.is_empty()), ..Hint::default() };
        let opened = open(&path, &departments, &hint).map_err(|error| error.to_string())?;
        let (mut reader, mut row, mut rows) = (reader(&opened).unwrap(), Row::default(), Vec::new());
        while reader.next(&mut row).unwrap() {
            rows.push(shown(&row));
        }
        Ok((rows, opened.understood.codes()))
    }

    fn line(cells: [&str; 3]) -> Vec<u8> {
        let cell = |(text, width): (&str, usize)| {
            let mut bytes = GB18030.encode(text).0.into_owned();
            bytes.resize(width, b' ');
            bytes
        };
        cells.into_iter().zip([18, 10, 20]).flat_map(cell).collect()
    }

    const ID: &str = "990101198503070017";

    #[test]
    fn a_text_without_headings_is_known_by_the_length_of_its_lines() {
        let lines = [line([ID, "王小明", "云溪县东街"]), line(["", "阿卜杜拉·", ""])];
        let rows = [format!("1: {ID}|王小明|云溪县东街"), "2: |阿卜杜拉·|".to_owned()];
        for end in [&b"\r\n"[..], b"\n", b""] {
            let (told, evidence) = told(&lines.join(end), "").unwrap();
            assert_eq!(told, rows);
            let found = if end.is_empty() { "records-of-width" } else { "lines-of-width" };
            assert!(evidence.contains(&format!("{found} all=2 bytes=48 count=2 extract=rs_people")), "{evidence}");
        }
    }

    #[test]
    fn a_first_line_of_headings_is_none_of_the_rows() {
        for heading in [line(["证件号码", "姓名", "住址"]), GB18030.encode("证件号码 姓名  住址").0.into_owned()] {
            let (rows, evidence) = told(&[heading, line([ID, "", ""])].join(&b'\n'), "").unwrap();
            assert_eq!(rows, [format!("2: {ID}||")]);
            assert!(evidence.contains("headings-in-first-line"), "{evidence}");
        }
    }

    #[test]
    fn a_character_cut_off_is_left_out_and_one_cut_through_refuses_its_row() {
        let mut cut = line([ID, "", "东街"]);
        cut[18..28].copy_from_slice(&GB18030.encode("a阿卜杜拉克").0[..10]);
        let mut shifted = line(["", "一阿卜杜拉", "东街"]);
        shifted.insert(18, b'x');
        shifted.pop();
        let lines = [cut, shifted, line(["3", "", ""]), line(["4", "", ""])];
        let (rows, evidence) = told(&lines.join(&b'\n'), "").unwrap();
        assert_eq!(rows[0], format!("1: {ID}|a阿卜杜拉|东街"));
        assert!(rows[1].ends_with("! row_shifted"), "{rows:?}");
        assert!(evidence.contains("half-characters count=1"), "{evidence}");
    }

    #[test]
    fn a_line_of_another_length_is_refused_with_its_reason() {
        let mut lines = vec![line(["1", "", ""]); 20];
        lines[3].pop();
        lines[4].push(b'x');
        let (rows, _) = told(&lines.join(&b'\n'), "").unwrap();
        assert!(rows[3].ends_with("! row_length") && rows[4].ends_with("! row_length"), "{rows:?}");
        assert_eq!(rows.iter().filter(|row| row.contains('!')).count(), 2);
        let other = vec![line(["1", "", ""])[..40].to_vec(); 9].join(&b'\n');
        assert!(told(&other, "").unwrap_err().contains("no heading of any extract"));
        let error = told(&other, "rs_people").unwrap_err();
        assert!(error.contains("0 of its 9 lines have the 48 bytes of `rs_people`"), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_fits_its_column_comes_back(cells in prop::collection::vec(("[a-z0-9]{0,18}", "[王小明·]{0,5}", "[东西街0-9㐀]{0,5}"), 1..20)) {
            let written: Vec<Vec<u8>> = cells.iter().map(|(a, b, c)| line([a, b, c])).collect();
            prop_assume!(written[0].iter().any(|byte| *byte != b' '));
            let (rows, _) = told(&written.join(&b"\r\n"[..]), "rs_people").unwrap();
            for (at, ((a, b, c), row)) in cells.iter().zip(&rows).enumerate() {
                prop_assert_eq!(row, &format!("{}: {}|{}|{}", at + 1, a, b, c));
            }
            prop_assert_eq!(rows.len(), cells.len());
        }
    }
}
