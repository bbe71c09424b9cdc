//! Department files that were confirmed in a hub: one for each mapping, in its folder `departments`, read beside those that are carried or
//! given. A file is there whole or not at all, and none is written over: to change or withdraw one is for the operator, by hand. Who may
//! confirm, and what has to be seen first, is not asked here.

use super::Definitions;
use crate::{Error, account::put, spill::private_folder};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};
use wuwei_schema::SourceFile;

/// Files that a hub may have, and bytes of one.
const MOST: usize = 1_000;
pub(crate) const BYTES: u64 = 200 << 10;

fn folder(root: &Path) -> PathBuf {
    root.join("departments")
}

/// Those of the hub in `root`, by name; none where there is no hub yet.
///
/// # Errors
/// One cannot be read, or they are more or larger than any that was confirmed.
pub(super) fn read(root: &Path) -> Result<Vec<SourceFile>, Error> {
    let folder = folder(root);
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Error::file("reading", &folder))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::file("reading", &folder))?.path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        if files.len() == MOST || fs::metadata(&path).map_err(Error::file("reading", &path))?.len() > BYTES {
            let what = format!("`{}` holds more department files than {MOST}, or one of more than {} KiB", folder.display(), BYTES >> 10);
            return Err(Error::asked(what, "look which of them is none that was confirmed, and take it away"));
        }
        let text = fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
        files.push(SourceFile { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text });
    }
    files.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(files)
}

/// What becomes of a file that is to be kept.
pub(crate) enum Kept {
    /// It is there now.
    Now,
    /// It was there already, as it is.
    Before,
}

/// Keeps one in the hub of these definitions, on disk when this returns; `account_for` is called before, and once it is known that it holds
/// beside all others.
///
/// # Errors
/// It does not hold, would take the place of another, is not accounted for, or cannot be written. Nothing is changed then.
pub(crate) fn keep(
    root: &Path,
    definitions: &Definitions,
    file: &SourceFile,
    account_for: impl FnOnce() -> Result<(), Error>,
) -> Result<Kept, Error> {
    let folder = folder(root);
    private_folder(&folder).and_then(|()| File::open(root)?.sync_all()).map_err(Error::file("creating", &folder))?;
    let lock = folder.join("lock");
    let held = File::create(&lock).map_err(Error::file("creating", &lock))?;
    held.lock().map_err(Error::file("locking", &lock))?;
    let known = read(root)?;
    if known.iter().any(|known| known.name == file.name && known.text == file.text) {
        return Ok(Kept::Before);
    }
    let path = folder.join(&file.name);
    if known.len() >= MOST || file.text.len() as u64 > BYTES || path.exists() {
        return Err(Error::asked("there is no room for this department file, or one of its name", "the operator looks into `departments`"));
    }
    // Others may have been confirmed since whoever asks looked.
    definitions.at(known)?.with(file.clone())?;
    account_for()?;
    put(&path, file.text.as_bytes()).map_err(Error::file("writing", &path))?;
    Ok(Kept::Now)
}

/// By what the text of a file is known: its SHA-256 in hexadecimal digits.
pub(crate) fn digest(text: &str) -> String {
    crate::account::token::hexadecimal(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"department = "gjj"
label = { zh = "公积金中心", en = "Fund" }
[[extract]]
name = "gjj_zh"
label = { zh = "账户", en = "Accounts" }
format = "csv"
encoding = "utf-8"
contract = "full"
cycle_days = 30
share_class = 2
obliged = false
columns = ["姓名"]
[extract.record.person]
entity = "person"
name = "姓名"
"#;

    fn file(name: &str, from: &str, by: &str) -> SourceFile {
        SourceFile { name: name.to_owned(), text: TEXT.replace(from, by) }
    }

    fn definitions() -> Definitions {
        Definitions::carried().unwrap()
    }

    #[test]
    fn what_was_confirmed_is_known_from_then_on_and_takes_nothing_away() {
        let root = tempfile::tempdir().unwrap();
        let (root, known) = (root.path(), definitions());
        assert!(read(root).unwrap().is_empty());
        let first = file("gjj.gjj_zh.toml", "", "");
        assert!(matches!(keep(root, &known, &first, || Ok(())).unwrap(), Kept::Now));
        assert!(matches!(keep(root, &known, &first, || Err(Error::defect("told twice"))).unwrap(), Kept::Before));
        let now = known.newest(root).unwrap().expect("other definitions");
        assert!(now.departments.extract("gjj_zh").is_some() && now.newest(root).unwrap().is_none());
        let renamed = file("gjj.gjj_b.toml", "gjj_zh", "gjj_b");
        for (wrong, told) in [
            (file("gjj.gjj_zh.toml", "30", "31"), "of its name"),
            (file("gjj.gjj_zwei.toml", "", ""), "is defined twice"),
            (file("mz.gjj_a.toml", "gjj_zh", "gjj_a"), "is called"),
            (SourceFile { text: renamed.text.replace("Fund", "Other"), ..renamed }, "already"),
        ] {
            let error = keep(root, &known, &wrong, || Ok(())).err().unwrap().to_string();
            assert!(error.contains(told), "{told}: {error}");
        }
        let unaccounted = file("gjj.gjj_c.toml", "gjj_zh", "gjj_c");
        assert!(keep(root, &known, &unaccounted, || Err(Error::defect("the audit is full"))).is_err());
        assert_eq!(read(root).unwrap().len(), 1, "nothing of these is there");
    }
}
