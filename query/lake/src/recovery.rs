//! What a crash leaves behind, and how it goes away: log entries, data files and staged files that no epoch names. All of it works on names
//! alone, because a file that a power cut tore cannot be read.

use crate::{Epoch, Error, finder, found, store};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The name of the data file that the `load`-th load of the publisher of epoch `epoch` writes into each table it touches.
///
/// Nothing in it is random: there is one publisher at a time and epochs are counted, so an epoch that was never published is the only one
/// that can have left a file of the same name, and recovery has removed it.
pub(crate) fn file_name(epoch: u64, load: u64) -> String {
    format!("{epoch:010}-{load:06}.parquet")
}

/// The epoch in the name of a data file or its finder; none for a file that is not ours.
fn epoch_of(name: &str) -> Option<u64> {
    let (epoch, load) = name.strip_suffix(".parquet").or(name.strip_suffix(finder::ENDING))?.split_once('-')?;
    load.parse::<u64>().ok().and(epoch.parse().ok())
}

/// The version in the name of a log entry or checkpoint, whose names begin with 20 digits.
fn version_of(name: &str) -> Option<i64> {
    name.get(..20).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?.parse().ok()
}

/// Whether a file never got its name: ours end with `.tmp`, the local store's with `#` and a number.
fn is_staged(name: &str) -> bool {
    let numbered =
        name.rsplit_once('#').is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()));
    numbered || name.ends_with(store::STAGED)
}

/// Takes every table back to the version that the epoch pins, and to nothing where it pins none.
///
/// This deletes entries of a Delta log, which otherwise must never be done. It is sound because an entry above the pinned version was never
/// acknowledged to anybody: a load is acknowledged when the manifest that names its versions is on the disk, and readers open a table at the
/// version the manifest names. The caller holds the publisher's lock, so that nobody is writing those entries now.
///
/// Where something cannot be removed, the rest still is; the first failure is told.
pub(crate) fn roll_back(root: &Path, epoch: &Epoch) -> Result<(), Error> {
    let mut done = Ok(());
    for namespace in entries(&root.join("tables"))? {
        for folder in entries(&namespace.1)? {
            let pinned = epoch.tables.get(&format!("{}.{}", namespace.0, folder.0)).copied();
            let log = remove(&folder.1.join("_delta_log"), |name| {
                let above = version_of(name).is_some_and(|version| pinned.is_none_or(|pinned| version > pinned));
                above || is_staged(name) || (pinned.is_none() && name == "_last_checkpoint")
            });
            let data = remove(&folder.1, |name| is_staged(name) || epoch_of(name).is_some_and(|of| of > epoch.number));
            done = done.and(log).and(data);
        }
    }
    done
}

/// Deletes the data files of one table that are not among those named, with their finders.
pub(crate) fn remove_unnamed(folder: &Path, named: &BTreeSet<String>) -> Result<(), Error> {
    let is_named = |name: &str| named.contains(found::data_of(name).as_deref().unwrap_or(name));
    remove(folder, |name| epoch_of(name).is_some() && !is_named(name))
}

fn remove(folder: &Path, doomed: impl Fn(&str) -> bool) -> Result<(), Error> {
    let doomed: Vec<_> = entries(folder)?.into_iter().filter(|(name, path)| path.is_file() && doomed(name)).collect();
    for (_, path) in &doomed {
        std::fs::remove_file(path).map_err(Error::file(path))?;
    }
    if doomed.is_empty() { Ok(()) } else { store::sync(folder).map_err(Error::file(folder)) }
}

/// Names and paths in a folder, in no order; none when it is not there. A name that is no text is not ours.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let named = |entry: std::fs::DirEntry| Some((entry.file_name().into_string().ok()?, entry.path()));
    let listed = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>).map_err(Error::file(folder))?;
    Ok(listed.into_iter().filter_map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_may_go() {
        assert_eq!(epoch_of(&file_name(12, 3)), Some(12));
        assert_eq!(epoch_of("part-00000-c000.snappy.parquet"), None);
        assert_eq!(version_of("00000000000000000017.json"), Some(17));
        assert_eq!(version_of("00000000000000000017.checkpoint.parquet"), Some(17));
        assert_eq!(version_of("_last_checkpoint"), None);
        assert!(is_staged("00000000000000000017.json.tmp") && is_staged("0000000012-000003.parquet.tmp#1"));
        assert!(!is_staged("00000000000000000017.json") && !is_staged("notes#draft"));
    }

    #[test]
    fn a_table_goes_back_to_its_pinned_version_and_a_file_of_somebody_else_s_stays() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("tables/record/person/_delta_log");
        std::fs::create_dir_all(&log).unwrap();
        let table = log.parent().unwrap().to_owned();
        let log_entry = |version: u64| log.join(format!("{version:020}.json"));
        let files =
            [log_entry(0), log_entry(1), log_entry(2), table.join(file_name(1, 1)), table.join(file_name(2, 1)), table.join("readme.txt")];
        files.iter().for_each(|file| std::fs::write(file, "").unwrap());
        let epoch = Epoch { number: 1, tables: [("record.person".to_owned(), 1)].into(), ..Epoch::default() };
        roll_back(root.path(), &epoch).unwrap();
        assert_eq!(files.map(|file| file.exists()), [true, true, false, true, false, true]);
    }
}
