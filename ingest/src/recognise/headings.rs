//! Headings against extracts: which row of the first ones is the heading of which extract, and if none is, which comes nearest and what is
//! wrong with it. Names only; a column is never guessed from what stands in it.

use super::{rows::readings, text::other_format};
use crate::{
    Department, Departments, Extract, Format,
    reader::{letters, naming::shown_path},
};
use encoding_rs::Encoding;
use wuwei_schema::{Notice, kind::tidy, nearest};

/// Rows among which a heading is looked for.
pub(crate) const HEAD_ROWS: u64 = 30;

/// Names shown in a sentence.
const SHOWN: usize = 8;

/// A row that may be the heading: its cells that are not empty, each with its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// The row, or the last of those that it was read from.
    pub(crate) number: u64,
    /// How many above it belong to it.
    pub(crate) above: u64,
    pub(crate) cells: Vec<(usize, String)>,
    /// All cells, empty ones too.
    pub(crate) width: usize,
    pub(crate) is_quoted: bool,
    /// How the file cuts names, where it does.
    pub(crate) cut: Option<Cut>,
    /// No row: the names met in records that leave out what is empty.
    pub(crate) is_records: bool,
    /// Its cells that belong to a merged range, by place.
    pub(crate) covered: Vec<Covered>,
}

impl Line {
    /// The first of the rows that it was read from.
    pub(crate) fn first(&self) -> u64 {
        self.number - self.above
    }
}

/// A cell that belongs to a merged range, and the cell that has the range's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Covered {
    pub(crate) place: usize,
    pub(crate) row: u64,
    pub(crate) left: usize,
}

/// Names that end after so many bytes of that encoding, as those of a dBASE table do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) bytes: usize,
    pub(crate) encoding: &'static Encoding,
}

impl Cut {
    /// The names as they stand in the file; of those that are the same once they are cut, the second ends in `_2`, the third in `_3`.
    pub(crate) fn names(&self, names: impl Iterator<Item = impl AsRef<str>>) -> Vec<String> {
        let mut cut: Vec<String> = Vec::new();
        for name in names {
            let name = self.name(name.as_ref());
            let taken = |wanted: &str| cut.iter().any(|known| known.eq_ignore_ascii_case(wanted));
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|wanted| !taken(wanted));
            cut.push(free.unwrap_or(name));
        }
        cut
    }

    /// Its first characters, as many as fit whole.
    fn name(&self, name: &str) -> String {
        let mut left = self.bytes;
        let mut fits = |character: &char| {
            let size = self.encoding.encode(character.encode_utf8(&mut [0; 4])).0.len();
            left.checked_sub(size).map(|rest| left = rest).is_some()
        };
        name.trim().chars().take_while(|character| fits(character)).collect()
    }
}

/// How a row fits an extract as its heading.
#[derive(Debug, Clone)]
pub(super) struct Fit<'a> {
    pub(super) department: &'a Department,
    pub(super) extract: &'a Extract,
    pub(super) line: Line,
    /// For each place in the file, the column of the extract that stands there.
    pub(super) places: Vec<Option<usize>>,
    missing: Vec<&'a str>,
    /// With its place, from 1.
    unknown: Vec<(usize, String)>,
}

impl Fit<'_> {
    /// Every column is there, once, and nothing else is. Of records that leave out what is empty, half of the columns have to be.
    pub(super) fn is_exact(&self) -> bool {
        self.unknown.is_empty() && (self.missing.is_empty() || self.line.is_records && self.is_near())
    }

    /// Every column is there.
    pub(super) fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// The columns that are not there, in words.
    pub(super) fn left_out(&self) -> String {
        names(self.missing.iter().copied())
    }

    /// Half of the columns are there: this is meant to be the extract.
    pub(super) fn is_near(&self) -> bool {
        self.shared() * 2 >= self.extract.columns.len()
    }

    /// The headings as they stand in the file.
    pub(super) fn headings(&self) -> Vec<String> {
        self.line.cells.iter().map(|(_, heading)| short(heading)).collect()
    }

    /// Why the file is this extract, and what is other than expected.
    pub(super) fn evidence(&self, format: Format) -> Vec<Notice> {
        let row = self.line.first();
        let found = match self.line.number {
            0 => Notice::new("columns-named"),
            last if last == row => Notice::new("headings-in-row").with("row", row),
            last => Notice::new("headings-in-rows").with("row", row).with("last", last),
        };
        let mut evidence = vec![found.with("extract", &self.extract.name).with("count", self.extract.columns.len())];
        if !self.places.iter().flatten().is_sorted() {
            evidence.push(Notice::new("columns-in-another-order"));
        }
        if row > 1 {
            evidence.push(Notice::new("title-above").with("row", row));
        }
        evidence.extend(other_format(self.extract, format));
        evidence
    }

    fn shared(&self) -> usize {
        self.extract.columns.len() - self.missing.len()
    }

    /// Shared names per thousand of all names.
    fn nearness(&self) -> usize {
        self.shared() * 1000 / (self.extract.columns.len() + self.unknown.len()).max(1)
    }

    /// What is wrong, in a sentence. Unknown names are told only of a near heading: else the row may be data.
    pub(super) fn fault(&self) -> String {
        let (all, shared) = (self.extract.columns.len(), self.shared());
        let what = if self.line.is_records { "its records come".to_owned() } else { format!("row {} comes", self.line.number) };
        let mut text = format!("{what} nearest to `{}`: {shared} of its {all} columns are there", self.extract.name);
        if self.is_near() && !self.missing.is_empty() {
            text += &format!(", missing are {}", names(self.missing.iter().copied()));
        }
        if self.is_near() && !self.unknown.is_empty() {
            let shown: Vec<String> = self.unknown.iter().map(|(place, name)| shown_path(name, *place)).collect();
            text += &format!(", unknown are {}", names(shown.iter().map(String::as_str)));
        }
        if let Some(place) = self.beside() {
            text += &format!("; beyond an empty column, from column {} on, a second table seems to stand beside it", letters(place));
        }
        text
    }

    /// Where another table begins in the same row: all headings are there, and what is unknown stands beyond a gap.
    fn beside(&self) -> Option<usize> {
        let is_known = |place: &usize| self.places.get(*place).is_some_and(Option::is_some);
        let places: Vec<usize> = self.line.cells.iter().map(|(place, _)| *place).collect();
        let gap = places.windows(2).find(|pair| pair[1] > pair[0] + 1 && is_known(&pair[0]) != is_known(&pair[1]))?;
        self.missing.is_empty().then_some(gap[1])
    }

    /// What to do about it.
    pub(super) fn hint(&self) -> String {
        if self.beside().is_some() {
            return "put each table on a sheet of its own".to_owned();
        }
        let meant = self.unknown.first().filter(|_| self.is_near() && !self.missing.is_empty());
        let meant = meant.map(|(place, name)| shown_path(name, *place)).filter(|name| !name.contains("$.*["));
        let meant = meant.map(|name| (nearest(&name, self.missing.iter().copied()), name));
        let meant = meant.map(|(known, name)| format!("`{name}`: {known}{} ", if known.ends_with('?') { "" } else { ";" }));
        format!("{}correct the headings, or state the new layout in the department's file", meant.unwrap_or_default())
    }
}

/// The first reading of the first rows that fits exactly, for each extract.
pub(super) fn exact<'a>(head: &[Line], departments: &'a Departments) -> impl Iterator<Item = Fit<'a>> {
    departments.extracts().filter_map(|(department, extract)| fits(head, department, extract).find(Fit::is_exact))
}

/// How each reading of the first rows fits that extract.
pub(super) fn fits<'a>(head: &[Line], department: &'a Department, extract: &'a Extract) -> impl Iterator<Item = Fit<'a>> {
    readings(head, extract).map(move |line| fit(department, extract, &line))
}

/// The row and the extract that come nearest, among the extracts that may be meant; none when no name is known.
pub(super) fn near<'a>(heads: &[Vec<Line>], departments: &'a Departments, may_be: impl Fn(&Extract) -> bool) -> Option<Fit<'a>> {
    let mut best: Option<Fit<'a>> = None;
    for (department, extract) in departments.extracts().filter(|(_, extract)| may_be(extract)) {
        for fit in heads.iter().flat_map(|head| fits(head, department, extract)) {
            if fit.nearness() > best.as_ref().map_or(0, Fit::nearness) {
                best = Some(fit);
            }
        }
    }
    best
}

/// How that row fits that extract.
pub(super) fn fit<'a>(department: &'a Department, extract: &'a Extract, line: &Line) -> Fit<'a> {
    let cut = line.cut.map(|cut| cut.names(extract.columns.iter()));
    let columns: Vec<String> = cut.as_ref().unwrap_or(&extract.columns).iter().map(|column| fold(column)).collect();
    let mut places = vec![None; line.cells.last().map_or(0, |(place, _)| place + 1)];
    let mut found = vec![false; columns.len()];
    let mut unknown = Vec::new();
    for (place, heading) in &line.cells {
        let name = fold(heading);
        match columns.iter().position(|column| *column == name) {
            Some(column) if !found[column] => (places[*place], found[column]) = (Some(column), true),
            // Nothing stands at a name that leads to columns, so far; where something does, the row says so.
            None if line.is_records && columns.iter().any(|column| leads(&name, column)) => {}
            _ => unknown.push((place + 1, heading.clone())),
        }
    }
    let missing = extract.columns.iter().zip(found).filter(|(_, found)| !found).map(|(column, _)| column.as_str()).collect();
    Fit { department, extract, line: line.clone(), places, missing, unknown }
}

/// A heading as it is compared: half width, no white space, no invisible characters, capitals; a unit below it is part of it.
pub(crate) fn fold(heading: &str) -> String {
    let folded: String = tidy(heading).chars().filter(|character| *character != ' ').flat_map(char::to_uppercase).collect();
    if folded.contains("/(") { folded.replace("/(", "(") } else { folded }
}

fn leads(name: &str, column: &str) -> bool {
    column.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'))
}

fn short(heading: &str) -> String {
    heading.trim().chars().filter(|character| !character.is_control()).take(20).collect()
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let more = all.len().saturating_sub(SHOWN);
    let shown = all[..all.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_compared_without_width_spaces_case_and_marks() {
        assert_eq!(fold("\u{feff} 姓　名 "), "姓名");
        assert_eq!(fold("证件\n号码（ｉｄ）"), "证件号码(ID)");
        assert_eq!(fold("从业人数/（人）"), fold("从业人数(人)"));
    }

    #[test]
    fn a_long_list_of_names_is_cut_short() {
        assert_eq!(names(["a", "b"].into_iter()), "`a`, `b`");
        assert!(names((0..20).map(|_| "x")).ends_with("and 12 more"));
    }
}
