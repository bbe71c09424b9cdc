//! Questions in SQL that accounts keep, in the folder `accounts/queries` of the hub: a file an account, called after the hash of its name,
//! which only its owner reads, replaced whole by one writer at a time. A question may hold what somebody typed of a person, so it is told to
//! nobody but the account that keeps it.

use super::{Wrong, store::put, token::hexadecimal};
use crate::{Error, clock, spill::private_folder};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Questions that one account keeps, and bytes of one, which are those of the longest that is answered.
const MOST: usize = 100;
pub(super) const BYTES: usize = 64 * 1024;
/// Characters of a name.
pub(super) const NAME: usize = 100;

/// Where they are kept.
#[derive(Debug)]
pub(crate) struct Queries {
    folder: PathBuf,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Query {
    pub(crate) name: String,
    pub(crate) sql: String,
    /// When it was kept, RFC 3339.
    pub(crate) kept: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Written {
    account: String,
    queries: Vec<Query>,
}

impl Queries {
    /// Those of the hub in `root`.
    pub(crate) fn of(root: &Path) -> Queries {
        Queries { folder: root.join("accounts").join("queries") }
    }

    /// Those of an account, by name.
    ///
    /// # Errors
    /// Its file cannot be read.
    pub(crate) fn all(&self, account: &str) -> Result<Vec<Query>, Error> {
        Ok(self.read(account)?.queries)
    }

    /// Keeps one, in place of the one that has the name; on disk when this returns.
    ///
    /// # Errors
    /// The name is none, it is empty or too long, or there are too many; or the file cannot be read or written.
    pub(crate) fn keep(&self, account: &str, name: &str, sql: &str) -> Result<(), Error> {
        check(name, sql)?;
        self.change(account, |queries| {
            queries.retain(|known| known.name != name);
            if queries.len() >= MOST {
                return Err(Wrong::Queries.into());
            }
            queries.push(Query { name: name.to_owned(), sql: sql.to_owned(), kept: clock::now() });
            queries.sort_by(|left, right| left.name.cmp(&right.name));
            Ok(())
        })
    }

    /// Forgets one; whether it was there.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn forget(&self, account: &str, name: &str) -> Result<bool, Error> {
        self.change(account, |queries| {
            let before = queries.len();
            queries.retain(|known| known.name != name);
            Ok(queries.len() < before)
        })
    }

    fn change<T>(&self, account: &str, change: impl FnOnce(&mut Vec<Query>) -> Result<T, Error>) -> Result<T, Error> {
        private_folder(&self.folder).map_err(Error::file("creating", &self.folder))?;
        let lock = self.folder.join("queries.lock");
        let held = File::create(&lock).map_err(Error::file("creating", &lock))?;
        held.lock().map_err(Error::file("locking", &lock))?;
        let mut queries = self.read(account)?.queries;
        let changed = change(&mut queries)?;
        let bytes = serde_json::to_vec(&Written { account: account.to_owned(), queries });
        let path = self.path(account);
        put(&path, &bytes.map_err(|_| Error::defect("queries cannot be written down"))?).map_err(Error::file("writing", &path))?;
        Ok(changed)
    }

    fn read(&self, account: &str) -> Result<Written, Error> {
        let path = self.path(account);
        let written: Written = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| {
                Error::asked(format!("`{}` is no file of queries", path.display()), "bring back a copy of it, or remove it")
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Written::default(),
            Err(error) => return Err(Error::file("reading", &path)(error)),
        };
        // What was copied from another account's file is not shown for it.
        Ok(if written.account == account { written } else { Written::default() })
    }

    /// A name may hold what a file's must not.
    fn path(&self, account: &str) -> PathBuf {
        self.folder.join(format!("{}.json", hexadecimal(&Sha256::digest(account)[..16])))
    }
}

fn check(name: &str, sql: &str) -> Result<(), Error> {
    let is_plain = !name.trim().is_empty() && name.trim() == name && !name.chars().all(|character| character == '.');
    if !is_plain || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(Wrong::QueryName.into());
    }
    if sql.trim().is_empty() || sql.len() > BYTES {
        return Err(Wrong::QueryLong.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_has_its_own_and_a_name_one_question() {
        let root = tempfile::tempdir().unwrap();
        let queries = Queries::of(root.path());
        assert!(queries.all("li").unwrap().is_empty() && !queries.forget("li", "x").unwrap());
        queries.keep("li", "各部门/人数 1", "SELECT 1 AS one").unwrap();
        queries.keep("li", "各部门/人数 1", "SELECT 2 AS two").unwrap();
        queries.keep("..", "a", "SELECT 3 AS three").unwrap();
        let kept = Queries::of(root.path()).all("li").unwrap();
        assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].sql.as_str()), (1, "各部门/人数 1", "SELECT 2 AS two"));
        assert_eq!(queries.all("..").unwrap().len(), 1);
        assert!(queries.forget("li", "各部门/人数 1").unwrap() && queries.all("li").unwrap().is_empty());
        std::fs::copy(queries.path(".."), queries.path("li")).unwrap();
        assert!(queries.all("li").unwrap().is_empty(), "a file of another account is none of its own");
    }

    #[test]
    fn their_number_names_and_length_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        let queries = Queries::of(root.path());
        for wrong in ["", " ", " a", "a\nb", "..", &"x".repeat(NAME + 1)] {
            assert!(queries.keep("li", wrong, "SELECT 1").is_err(), "{wrong:?}");
        }
        assert!(queries.keep("li", "a", " ").is_err() && queries.keep("li", "a", &"x".repeat(BYTES + 1)).is_err());
        (0..MOST).for_each(|at| queries.keep("li", &format!("q{at}"), "SELECT 1").unwrap());
        assert!(queries.keep("li", "one more", "SELECT 1").is_err());
        queries.keep("li", "q7", &"x".repeat(BYTES)).unwrap();
        assert_eq!(queries.all("li").unwrap().len(), MOST);
    }

    #[cfg(unix)]
    #[test]
    fn only_their_owner_reads_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let queries = Queries::of(root.path());
        queries.keep("li", "a", "SELECT 1").unwrap();
        let mode = std::fs::metadata(queries.path("li")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
