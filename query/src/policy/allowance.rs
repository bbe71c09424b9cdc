//! What a question may take, by role, as `limits.toml` has it. It can only take away from what the program itself allows.

use super::wrong;
use crate::{Error, Limits};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wuwei_schema::SourceFile;

/// Stands for the roles that are not named.
pub(super) const OTHERS: &str = "*";

/// The limits of a role; what it does not name is the program's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Whose; `*` for those of every role that is not named.
    #[serde(default)]
    roles: Vec<String>,
    /// Seconds to plan a question, and again to run it.
    seconds: Option<u64>,
    /// Rows of an answer.
    rows: Option<usize>,
    /// MiB of working memory; beyond it sorts and aggregates spill.
    memory_mb: Option<usize>,
    /// Questions that one account runs at a time; its others wait.
    running: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    limit: Vec<Allowance>,
}

/// The limits of a file.
pub(super) fn parse(file: &SourceFile) -> Result<Vec<Allowance>, Error> {
    let parsed: File = toml::from_str(&file.text)
        .map_err(|slip| wrong(&file.name, &super::line(slip.message()), "see the one that the program carries"))?;
    let mut named: Vec<&str> = parsed.limit.iter().flat_map(|limit| &limit.roles).map(String::as_str).collect();
    let count = named.len();
    named.sort_unstable();
    named.dedup();
    if named.len() != count || parsed.limit.iter().any(|limit| limit.roles.is_empty()) {
        return Err(wrong(&file.name, "a role stands twice, or a limit is of no role", "name each role once, and all others as `*`"));
    }
    let nothing = |limit: &Allowance| [limit.rows, limit.memory_mb, limit.running].contains(&Some(0)) || limit.seconds == Some(0);
    match parsed.limit.iter().any(nothing) {
        true => Err(wrong(&file.name, "a limit is 0", "who may ask nothing needs no limit, but no policy")),
        false => Ok(parsed.limit),
    }
}

impl Allowance {
    pub(super) fn is_of(&self, role: &str) -> bool {
        self.roles.iter().any(|named| named == role)
    }

    /// A role that is named and that there is not.
    pub(super) fn unknown_role(&self, roles: &[String]) -> Option<&str> {
        self.roles.iter().map(String::as_str).find(|named| *named != OTHERS && !roles.iter().any(|role| role == named))
    }

    /// The program's limits, lowered to these.
    #[must_use]
    pub fn within(&self, limits: Limits) -> Limits {
        Limits {
            time: self.seconds.map_or(limits.time, |seconds| limits.time.min(Duration::from_secs(seconds))),
            rows: self.rows.map_or(limits.rows, |rows| limits.rows.min(rows)),
            memory_bytes: self.memory_mb.map_or(limits.memory_bytes, |mb| limits.memory_bytes.min(mb.saturating_mul(1 << 20))),
            ..limits
        }
    }

    /// How many questions one account runs at a time, where that is said.
    pub fn running(&self) -> Option<usize> {
        self.running
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policies, Principal};

    fn allowed(text: &str, role: &str) -> Result<Allowance, Error> {
        let mut files = crate::policy::files();
        files.retain(|file| file.name != "limits.toml");
        files.push(SourceFile { name: "limits.toml".to_owned(), text: text.to_owned() });
        Ok(Policies::parse(&files)?.allowed(&Principal::parse(role).unwrap()))
    }

    #[test]
    fn a_role_has_its_own_limits_and_all_others_those_of_all_others() {
        let text = "[[limit]]\nroles = [\"auditor\"]\nrows = 5\nseconds = 9000\n[[limit]]\nroles = [\"*\"]\nmemory_mb = 64\nrunning = 2";
        let own = allowed(text, "auditor").unwrap();
        let limits = own.within(Limits::default());
        assert_eq!((limits.rows, limits.time, own.running()), (5, Limits::default().time, None), "they only take away");
        let others = allowed(text, "engineer").unwrap();
        assert_eq!((others.within(Limits::default()).memory_bytes, others.running()), (64 << 20, Some(2)));
        assert_eq!(Policies::parse(&crate::policy::files()).unwrap().allowed(&Principal::program()), Allowance::default());
    }

    #[test]
    fn a_file_that_says_nothing_clear_is_refused() {
        for text in [
            "[[limit]]\nroles = [\"nobody\"]",
            "[[limit]]\nroles = []",
            "[[limit]]\nroles = [\"auditor\", \"auditor\"]",
            "[[limit]]\nroles = [\"auditor\"]\nrows = 0",
            "[[limit]]\nroles = [\"auditor\"]\nminutes = 1",
        ] {
            assert!(allowed(text, "auditor").unwrap_err().to_string().contains("limits.toml"), "{text}");
        }
    }
}
