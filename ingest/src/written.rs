//! What is written in the code of this room and of schema, apart from tests: what a list of everything that the code can say is held against.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The code of each file.
pub(crate) fn code() -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    [here.join("src"), here.join("../schema/src")].iter().for_each(|folder| walk(folder, &mut files));
    let tests: BTreeSet<String> = files.iter().flat_map(|(_, text)| tests(text)).collect();
    let is_test = |path: &Path| path.with_extension("").iter().any(|part| part.to_str().is_some_and(|part| tests.contains(part)));
    let code = files.into_iter().filter(|(path, _)| !is_test(path.strip_prefix(here).unwrap_or(path)));
    code.map(|(_, text)| text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()).collect()
}

fn walk(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
        }
    }
}

/// The modules of a file that are only for tests.
fn tests(text: &str) -> Vec<String> {
    let marked = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.lines().next());
    let named = marked.filter_map(|line| line.strip_suffix(';')?.split_once("mod ").map(|(_, name)| name.to_owned()));
    named.collect()
}

/// What stands in quotes in a text, each with what stands before and behind it.
pub(crate) fn quoted(text: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let marks: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let pairs: Vec<(usize, usize)> = marks.windows(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter().map(|(start, end)| (text[..start].trim_end(), &text[start + 1..end], &text[end + 1..]))
}
