//! Code lists and the crosswalks between their editions: CSV files whose first line is `# title; standard`. What a department's own
//! column means is said in its mapping, not here.

use crate::Error;
use std::collections::{BTreeMap, HashMap};

/// All code lists and crosswalks.
#[derive(Debug, Clone, Default)]
pub struct Codes {
    lists: BTreeMap<String, CodeList>,
    /// By the list that codes are of, then by the list that they become one of.
    crosswalks: BTreeMap<String, BTreeMap<String, HashMap<String, String>>>,
}

impl Codes {
    /// Reads files of name and text. `<list>.csv` has the columns `code,name` and may have `alias`, what else a code is called; `<from>_to_<to>.csv` has `from,to`. A later file of
    /// the same name replaces the earlier one.
    ///
    /// # Errors
    /// [`Error::CodeList`], with file and line.
    pub fn parse<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Codes, Error> {
        let mut codes = Codes::default();
        for (file, text) in files {
            let name = file.trim_end_matches(".csv");
            let (heading, rows, aliases) = read(file, text)?;
            match name.split_once("_to_") {
                Some((from, to)) => {
                    codes.crosswalks.entry(from.to_owned()).or_default().insert(to.to_owned(), rows.into_iter().collect());
                }
                None => {
                    codes.lists.insert(name.to_owned(), CodeList::new(name, heading, rows, aliases));
                }
            }
        }
        codes.check()?;
        Ok(codes)
    }

    /// The list of that name.
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.lists.get(name)
    }

    /// Every list, by name.
    pub fn lists(&self) -> impl Iterator<Item = &CodeList> {
        self.lists.values()
    }

    /// A code of list `from` as a code of list `to`; the same list gives the code itself.
    pub fn crosswalk(&self, from: &str, to: &str, code: &str) -> Option<&str> {
        if from == to {
            return self.list(to)?.entry(code).map(|(code, _)| code.as_str());
        }
        self.crosswalks.get(from)?.get(to)?.get(code).map(String::as_str)
    }

    /// Whether codes of `from` can be turned into codes of `to`.
    pub fn has_crosswalk(&self, from: &str, to: &str) -> bool {
        from == to || self.crosswalks.get(from).is_some_and(|known| known.contains_key(to))
    }

    /// The other lists whose codes become codes of this one: editions of it, in which the same digits may mean something else.
    pub fn editions(&self, list: &str) -> impl Iterator<Item = &str> {
        self.crosswalks.iter().filter(move |(_, known)| known.contains_key(list)).map(|(from, _)| from.as_str())
    }

    /// A crosswalk speaks only of codes that its two lists have.
    fn check(&self) -> Result<(), Error> {
        let crosswalks = self.crosswalks.iter().flat_map(|(from, known)| known.iter().map(move |(to, pairs)| (from, to, pairs)));
        for (from, to, pairs) in crosswalks {
            for (list, code) in pairs.iter().flat_map(|(left, right)| [(from, left), (to, right)]) {
                if self.list(list).and_then(|list| list.name_of(code)).is_none() {
                    return Err(wrong(&format!("{from}_to_{to}.csv"), format!("it names `{code}`, which `{list}.csv` does not have")));
                }
            }
        }
        Ok(())
    }
}

/// One edition of one list of codes.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// The file's name without ending, e.g. `gbt3304`.
    pub name: String,
    /// What it lists, in Chinese.
    pub title: String,
    /// The standard and its edition.
    pub standard: String,
    /// Code and name, in the file's order.
    pub entries: Vec<(String, String)>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl CodeList {
    fn new(name: &str, heading: (String, String), entries: Rows, aliases: Aliases) -> CodeList {
        let by_code = entries.iter().enumerate().map(|(at, (code, _))| (code.clone(), at)).collect();
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for (at, (_, name)) in entries.iter().enumerate() {
            by_name.insert(name.clone(), at);
        }
        for (at, (_, name)) in entries.iter().enumerate() {
            by_name.entry(short(name).to_owned()).or_insert(at);
        }
        for (alias, at) in aliases {
            by_name.entry(alias).or_insert(at);
        }
        CodeList { name: name.to_owned(), title: heading.0, standard: heading.1, entries, by_code, by_name }
    }

    /// The name of a code.
    pub fn name_of(&self, code: &str) -> Option<&str> {
        self.entry(code).map(|(_, name)| name.as_str())
    }

    /// The code of a name; 男 is found as 男性, 汉 as 汉族, and what else a code is called whatever its capitals.
    pub fn code_of(&self, name: &str) -> Option<&str> {
        let known = |name: &str| self.by_name.get(name);
        let is_latin = name.bytes().all(|byte| byte.is_ascii_alphabetic());
        known(name)
            .or_else(|| known(short(name)))
            .or_else(|| known(&name.to_uppercase()).filter(|_| is_latin))
            .and_then(|&at| self.entries.get(at))
            .map(|(code, _)| code.as_str())
    }

    fn entry(&self, code: &str) -> Option<&(String, String)> {
        self.by_code.get(code).and_then(|&at| self.entries.get(at))
    }
}

/// The name as people write it in a hurry.
fn short(name: &str) -> &str {
    let cut = name.strip_suffix(['性', '族']).unwrap_or(name);
    if cut.is_empty() { name } else { cut }
}

type Rows = Vec<(String, String)>;

/// What else a code is called, with the place of its row.
type Aliases = Vec<(String, usize)>;

fn wrong(file: &str, detail: String) -> Error {
    Error::CodeList { file: file.to_owned(), detail }
}

fn read(file: &str, text: &str) -> Result<((String, String), Rows, Aliases), Error> {
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    let heading = first.trim().strip_prefix("# ").and_then(|line| line.split_once("; "));
    let (title, standard) = heading.ok_or_else(|| wrong(file, "line 1 is not `# title; standard`".to_owned()))?;
    let mut reader = csv::ReaderBuilder::new().from_reader(body.as_bytes());
    let (mut rows, mut aliases) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let odd = || wrong(file, format!("line {} is not two columns, or three with what else a code is called", at + 3));
        let record = record.map_err(|_| odd())?;
        let (Some(code), Some(name), 2 | 3) = (record.get(0), record.get(1), record.len()) else { return Err(odd()) };
        rows.push((code.to_owned(), name.to_owned()));
        let others = record.get(2).unwrap_or_default().split(' ').filter(|alias| !alias.is_empty());
        aliases.extend(others.map(|alias| (alias.to_uppercase(), at)));
    }
    Ok(((title.to_owned(), standard.to_owned()), rows, aliases))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    #[test]
    fn names_are_found_as_people_write_them() {
        let codes = Model::embedded().unwrap().codes;
        let sex = codes.list("gbt2261_1").unwrap();
        assert_eq!((sex.code_of("男"), sex.code_of("女性"), sex.code_of("猫")), (Some("1"), Some("2"), None));
        assert_eq!((sex.code_of("M"), sex.code_of("f"), sex.code_of("x")), (Some("1"), Some("2"), None));
        let ethnicity = codes.list("gbt3304").unwrap();
        assert_eq!((ethnicity.code_of("汉"), ethnicity.code_of("Han"), ethnicity.code_of("Uygur")), (Some("01"), Some("01"), Some("05")));
    }

    #[test]
    fn the_same_digits_mean_another_level_in_another_edition() {
        let codes = Model::embedded().unwrap().codes;
        assert_eq!(codes.crosswalk("gbt4658_1984", "gbt4658_2006", "10"), Some("20"));
        assert_eq!(codes.crosswalk("gbt4658_2006", "gbt4658_2006", "10"), Some("10"));
        assert_eq!(codes.crosswalk("gbt4658_2006", "gbt4658_1984", "10"), None, "there is no such file");
    }

    #[test]
    fn every_carried_list_names_its_standard_and_has_no_code_twice() {
        for list in Model::embedded().unwrap().codes.lists() {
            assert!(!list.standard.is_empty() && !list.title.is_empty(), "{}", list.name);
            assert_eq!(list.by_code.len(), list.entries.len(), "{} has a code twice", list.name);
        }
    }

    #[test]
    fn a_broken_list_is_named_with_its_line() {
        let error = Codes::parse([("a.csv", "# 甲; own\ncode,name\n1,一\n2\n")].into_iter()).unwrap_err();
        assert!(error.to_string().starts_with("code list `a.csv`: line 4"), "{error}");
        assert!(Codes::parse([("a.csv", "code,name\n")].into_iter()).is_err());
    }
}
