//! The file of accounts, `accounts/accounts.json` of the hub. It is small, replaced whole by a rename, by one writer at a time over all
//! processes, and read again when it was replaced: what is closed on the command line is closed for a server that runs, at its next request.

use super::{
    ADMIN, Account, Wrong,
    outside::SignIn,
    scram,
    second::{KEY, Seal},
    token::random,
};
use crate::{Error, clock, spill::private_folder};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

/// The accounts of a hub.
#[derive(Debug)]
pub(crate) struct Accounts {
    folder: PathBuf,
    known: Mutex<Known>,
}

/// What was read last, and of which file.
#[derive(Debug, Default)]
struct Known {
    mark: Option<Mark>,
    accounts: Arc<Vec<Account>>,
}

/// By what a file that was replaced is known. Its name is given to another file then, which was made later.
#[derive(Debug, PartialEq, Eq)]
struct Mark {
    changed: SystemTime,
    length: u64,
    number: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct Written {
    accounts: Vec<Account>,
}

impl Accounts {
    /// The accounts of the hub in `root`.
    ///
    /// # Errors
    /// Their folder cannot be made.
    pub(crate) fn of(root: &Path) -> Result<Accounts, Error> {
        let folder = root.join("accounts");
        private_folder(&folder).map_err(Error::file("creating", &folder))?;
        Ok(Accounts { folder, known: Mutex::default() })
    }

    /// All accounts, as they stand now.
    ///
    /// # Errors
    /// The file cannot be read, or is none of accounts.
    pub(crate) fn all(&self) -> Result<Arc<Vec<Account>>, Error> {
        let path = self.path();
        let mark = mark(&path).map_err(Error::file("reading", &path))?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.mark != mark {
            *known = Known { accounts: Arc::new(self.read()?.accounts), mark };
        }
        Ok(Arc::clone(&known.accounts))
    }

    /// Changes the accounts, on disk when this returns.
    ///
    /// # Errors
    /// `change` refuses, in which case nothing changes; or the file cannot be read or written.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Vec<Account>) -> Result<T, Error>) -> Result<T, Error> {
        let lock = self.folder.join("accounts.lock");
        let held = File::create(&lock).map_err(Error::file("creating", &lock))?;
        held.lock().map_err(Error::file("locking", &lock))?;
        let mut written = self.read()?;
        let changed = change(&mut written.accounts)?;
        self.write(&written)?;
        Ok(changed)
    }

    /// Changes one account.
    ///
    /// # Errors
    /// As [`Accounts::change`]; or there is no account of that name.
    pub(crate) fn change_one<T>(&self, name: &str, change: impl FnOnce(&mut Account) -> Result<T, Error>) -> Result<T, Error> {
        self.change(|accounts| {
            let found = accounts.iter_mut().find(|account| account.name == name);
            change(found.ok_or(Wrong::Unknown)?)
        })
    }

    /// Adds an account, with a password to be shown once where it has one. `account_for` is called before it is there, and once it is known that it can be.
    ///
    /// # Errors
    /// As [`Accounts::change`]; or there is one of that name, or it is not accounted for.
    pub(crate) fn add(&self, mut account: Account, account_for: impl FnOnce() -> Result<(), Error>) -> Result<Option<String>, Error> {
        self.change(|accounts| {
            if accounts.iter().any(|known| known.name == account.name) {
                return Err(Wrong::Exists.into());
            }
            let password = match account.sign_in() {
                SignIn::Password => Some(account.reset()?),
                SignIn::Oidc => None,
            };
            account_for()?;
            accounts.push(account);
            Ok(password)
        })
    }

    /// The first account of a hub without any, with its password to be shown once.
    ///
    /// # Errors
    /// As [`Accounts::change`].
    pub(crate) fn first(&self) -> Result<Option<String>, Error> {
        if !self.all()?.is_empty() {
            return Ok(None);
        }
        self.change(|accounts| {
            if !accounts.is_empty() {
                return Ok(None);
            }
            let mut admin = Account::new(ADMIN, ADMIN, None, clock::now())?;
            let password = admin.reset()?;
            accounts.push(admin);
            Ok(Some(password))
        })
    }

    /// The salt of a name that has no account or no keys: always the same, as that of an account would be, and not to be told from one.
    ///
    /// # Errors
    /// The file of the secret that it is made from cannot be read or written.
    pub(crate) fn salt_of_nobody(&self, name: &str) -> Result<Vec<u8>, Error> {
        let secret = self.secret("nobody.salt")?;
        Ok(scram::hmac(&secret, name.as_bytes())[..scram::SALT].to_vec())
    }

    /// What seals the secrets of second factors.
    ///
    /// # Errors
    /// The file of its key cannot be read or written.
    pub(crate) fn seal(&self) -> Result<Seal, Error> {
        Seal::of(&self.secret("second_factor.key")?)
    }

    /// Random bytes of a file of that name, which is made when it is first asked for.
    fn secret(&self, name: &str) -> Result<Vec<u8>, Error> {
        let path = self.folder.join(name);
        match std::fs::read(&path) {
            Ok(secret) if !secret.is_empty() => Ok(secret),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::file("reading", &path)(error)),
            _ => {
                let secret = random::<KEY>()?;
                put(&path, &secret).map_err(Error::file("writing", &path))?;
                Ok(secret.to_vec())
            }
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("accounts.json")
    }

    fn read(&self) -> Result<Written, Error> {
        let path = self.path();
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| {
                let what = format!("`{}` is no file of accounts", path.display());
                Error::asked(what, "bring back a copy of it; nobody comes in meanwhile")
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Written::default()),
            Err(error) => Err(Error::file("reading", &path)(error)),
        }
    }

    fn write(&self, written: &Written) -> Result<(), Error> {
        let path = self.path();
        let bytes = serde_json::to_vec_pretty(written).map_err(|_| Error::defect("the accounts cannot be written down"))?;
        put(&path, &bytes).map_err(Error::file("writing", &path))
    }
}

/// Puts a file that only its owner reads there, whole or not at all: written beside, forced to disk, renamed.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_added_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn mark(path: &Path) -> std::io::Result<Option<Mark>> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(Some(Mark { changed: about.modified()?, length: about.len(), number: number(&about) })),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn number(about: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn number(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn li() -> Account {
        Account::new("li", "case_worker", Some("mz"), clock::now()).unwrap()
    }

    #[test]
    fn accounts_outlive_the_process_and_another_sees_what_one_changes() {
        let root = tempfile::tempdir().unwrap();
        let (one, other) = (Accounts::of(root.path()).unwrap(), Accounts::of(root.path()).unwrap());
        assert!(one.all().unwrap().is_empty() && other.all().unwrap().is_empty());
        let password = one.add(li(), || Ok(())).unwrap().unwrap();
        assert_eq!(other.all().unwrap()[0].name, "li");
        assert!(one.add(li(), || Ok(())).is_err(), "a name is given once");
        other
            .change_one("li", |account| {
                account.disabled = true;
                Ok(())
            })
            .unwrap();
        assert!(one.all().unwrap()[0].disabled, "at once");
        let written = std::fs::read_to_string(root.path().join("accounts/accounts.json")).unwrap();
        assert!(!written.contains(&password), "no password is in it");
    }

    #[test]
    fn the_first_account_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let accounts = Accounts::of(root.path()).unwrap();
        let password = accounts.first().unwrap().unwrap();
        assert!(accounts.first().unwrap().is_none());
        let admin = accounts.all().unwrap()[0].clone();
        assert!(admin.one_time && super::super::password::is_right(&password, admin.password.as_deref()));
    }

    #[test]
    fn what_is_refused_changes_nothing_and_a_broken_file_lets_nobody_in() {
        let root = tempfile::tempdir().unwrap();
        let accounts = Accounts::of(root.path()).unwrap();
        accounts.add(li(), || Ok(())).unwrap();
        let refused: Result<(), Error> = accounts.change(|all| {
            all.clear();
            Err(Error::asked("no", "no"))
        });
        assert!(refused.is_err() && accounts.all().unwrap().len() == 1);
        std::fs::write(root.path().join("accounts/accounts.json"), "{").unwrap();
        assert!(accounts.all().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        Accounts::of(root.path()).unwrap().first().unwrap();
        let mode = std::fs::metadata(root.path().join("accounts/accounts.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
