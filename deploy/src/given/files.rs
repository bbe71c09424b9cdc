//! The files that paths mean: a folder means all files below it, and a memo file goes with its table. None is opened here.

use super::Given;
use crate::{Error, hub::Hub};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// The files meant: a folder means all files below it, in the order of their names, but for hidden ones, the truth that `synth` wrote, and
/// those of a hub.
///
/// # Errors
/// A folder cannot be read, or there is no file.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() { below(path, &mut found)? } else { found.push(path.clone()) }
    }
    if found.is_empty() {
        return Err(Error::asked("the folders given hold no file", "give the folder that the extracts are in"));
    }
    Ok(found)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        entries.push(entry.map_err(Error::file("reading", folder))?.path());
    }
    entries.sort();
    for path in entries {
        let name = Given::at(&path).name;
        let is_ours = name == "truth" || Hub::is_at(&path);
        match (path.is_symlink() || name.starts_with('.') || is_ours, path.is_dir()) {
            (true, _) => {}
            (false, true) => below(&path, found)?,
            (false, false) => found.push(path),
        }
    }
    Ok(())
}

/// Without the memo files of tables that are there too: they are read with those, and are no files of their own.
pub(super) fn without_memos(mut given: Vec<Given>) -> Vec<Given> {
    let is =
        |path: &Path, endings: &[&str]| path.extension().is_some_and(|is| endings.iter().any(|ending| is.eq_ignore_ascii_case(ending)));
    let stem = |given: &Given| given.path.with_extension("");
    let tables: HashSet<PathBuf> = given.iter().filter(|given| is(&given.path, &["dbf"])).map(stem).collect();
    given.retain(|given| !is(&given.path, &["dbt", "fpt"]) || !tables.contains(&stem(given)));
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_file_is_none_of_its_own_beside_its_table() {
        let given = ["a/甲.DBF", "a/甲.fpt", "b/甲.dbt", "a/乙.csv", "a/乙.fpt"].map(|path| Given::at(Path::new(path))).to_vec();
        let kept: Vec<PathBuf> = without_memos(given).into_iter().map(|given| given.path).collect();
        assert_eq!(kept, ["a/甲.DBF", "b/甲.dbt", "a/乙.csv", "a/乙.fpt"].map(PathBuf::from));
    }
}
