//! The workbook around its sheets: which sheets there are, in which part each is, which of them are hidden, and how days are counted.

use super::xml::{Broken, STRANGE, Xml, attribute, is_on};
use crate::Error;
use quick_xml::events::Event;
use std::{collections::HashMap, fs::File, io::BufReader, path::Path};
use zip::{ZipArchive, read::ZipFile};

/// A part as it is unpacked.
pub(super) type Part<'z> = Xml<Unpacked<'z>>;
pub(super) type Unpacked<'z> = ZipFile<'z, BufReader<File>>;

/// Sheets of a workbook; a spreadsheet program is lost long before.
const SHEETS_MAX: usize = 10_000;

const MISSING: Broken = Broken::Damaged("it names a sheet that is not in it");

/// An open workbook.
pub(super) struct Package {
    zip: ZipArchive<BufReader<File>>,
    /// Where each part is, by its name in small letters.
    parts: HashMap<String, usize>,
    /// The sheets with cells, in the workbook's order.
    pub(super) sheets: Vec<SheetPart>,
    /// Whether day 0 is 1 January 1904 instead of 31 December 1899.
    pub(super) is_1904: bool,
    strings: Option<String>,
    styles: Option<String>,
}

/// A sheet and the part that holds it.
#[derive(Debug, Clone)]
pub(super) struct SheetPart {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    part: String,
}

impl Package {
    /// Reads what stands around the sheets; charts and macros are no sheets.
    pub(super) fn open(path: &Path) -> Result<Package, Error> {
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        let broken = |broken: Broken| broken.at(path, "the workbook");
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|_| broken(Broken::Damaged("a part of it cannot be unpacked")))?;
        let parts = zip.file_names_raw().enumerate().map(|(at, name)| (plain(&String::from_utf8_lossy(name)), at)).collect();
        let mut package = Package { zip, parts, sheets: Vec::new(), is_1904: false, strings: None, styles: None };
        package.read().map_err(broken)?;
        Ok(package)
    }

    /// A part that must be there.
    pub(super) fn sheet(&mut self, sheet: &SheetPart) -> Result<Part<'_>, Broken> {
        self.part(&sheet.part)?.ok_or(Broken::Damaged("its part is not in the workbook"))
    }

    /// The strings that cells share, if they do.
    pub(super) fn strings(&mut self) -> Result<Option<Part<'_>>, Broken> {
        self.strings.clone().map_or(Ok(None), |name| self.part(&name))
    }

    /// How cells are shown, if that is said.
    pub(super) fn styles(&mut self) -> Result<Option<Part<'_>>, Broken> {
        self.styles.clone().map_or(Ok(None), |name| self.part(&name))
    }

    fn part(&mut self, name: &str) -> Result<Option<Part<'_>>, Broken> {
        let Some(at) = self.parts.get(&plain(name)) else { return Ok(None) };
        let part = self.zip.by_index(*at).map_err(|_| Broken::Damaged("a part of it cannot be unpacked"))?;
        Ok(Some(Xml::new(part)))
    }

    fn read(&mut self) -> Result<(), Broken> {
        let roots = self.relations("")?;
        let root = roots.values().find(|relation| relation.kind == "officeDocument");
        let workbook = root.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.part.clone());
        let relations = self.relations(&workbook)?;
        let of = |kind: &str| relations.values().find(|relation| relation.kind == kind).map(|relation| relation.part.clone());
        (self.strings, self.styles) = (of("sharedStrings"), of("styles"));
        let mut xml = self.part(&workbook)?.ok_or(STRANGE)?;
        let (mut sheets, mut is_1904, mut has_module) = (Vec::new(), false, false);
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "workbookPr" => is_1904 = is_on(&tag, "date1904"),
                Event::Start(tag) if tag.local_name().as_ref() == "sheet" => {
                    // A module of macros stands there as a sheet without a part.
                    let Some(id) = attribute(&tag, "id").filter(|id| !id.is_empty()) else {
                        has_module = true;
                        continue;
                    };
                    let relation = relations.get(&id).ok_or(MISSING)?;
                    if relation.kind == "worksheet" {
                        let name = attribute(&tag, "name").ok_or(STRANGE)?;
                        let is_hidden = attribute(&tag, "state").is_some_and(|state| state != "visible");
                        sheets.push(SheetPart { name, is_hidden, part: relation.part.clone() });
                    }
                }
                Event::Eof => break,
                _ => {}
            }
            if sheets.len() > SHEETS_MAX {
                return Err(Broken::Limit(format!("it has more than {SHEETS_MAX} sheets")));
            }
        }
        drop(xml);
        let is_named = |relation: &&Relation| sheets.iter().any(|sheet| sheet.part == relation.part);
        if has_module && !relations.values().filter(|relation| relation.kind == "worksheet").all(|relation| is_named(&relation)) {
            return Err(MISSING);
        }
        (self.sheets, self.is_1904) = (sheets, is_1904);
        Ok(())
    }

    /// What a part refers to, by the name it gives each.
    fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>, Broken> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let mut all = HashMap::new();
        let Some(mut xml) = self.part(&format!("{folder}/_rels/{file}.rels"))? else { return Ok(all) };
        loop {
            match xml.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "Relationship" => {
                    let [id, kind, target] = ["Id", "Type", "Target"].map(|name| attribute(&tag, name).unwrap_or_default());
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    all.insert(id, Relation { kind, part: resolve(folder, &target) });
                }
                Event::Eof => return Ok(all),
                _ => {}
            }
        }
    }
}

struct Relation {
    /// The last piece of its type: `worksheet`, `styles`.
    kind: String,
    part: String,
}

/// A target as a name from the root of the archive.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut pieces: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for piece in target.split('/') {
        match piece {
            "" | "." => {}
            ".." => {
                pieces.pop();
            }
            other => pieces.push(other),
        }
    }
    pieces.join("/")
}

/// A name of a part as it is compared: some writers begin it with a slash, turn the slashes or change the case.
fn plain(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_from_where_it_is_named() {
        for (folder, target) in [("xl", "worksheets/a.xml"), ("xl", "/xl/worksheets/a.xml"), ("xl/x", "../worksheets\\a.xml")] {
            assert_eq!(resolve(folder, target), "xl/worksheets/a.xml");
        }
    }
}
