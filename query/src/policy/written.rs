//! Policies as they are written, for whoever has to read them: nothing is decided by what stands here.

use super::Policies;
use cedar_policy::EntityUid;
use serde::Serialize;
use std::collections::BTreeSet;

/// The policies of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Its name: the role's with `.cedar`, or that of what binds all roles.
    pub file: String,
    /// Each in Cedar, in the order of the file.
    pub policies: Vec<String>,
}

impl Policies {
    /// The files of policies, by name.
    pub fn written(&self) -> Vec<Written> {
        let place = |id: &str| {
            let (file, number) = id.split_once('#').unwrap_or((id, ""));
            (file.to_owned(), number.trim_start_matches(|sign: char| !sign.is_ascii_digit()).parse::<u32>().unwrap_or_default())
        };
        let mut all: Vec<_> =
            self.set.policies().filter_map(|policy| Some((place(policy.id().as_ref()), policy.to_cedar()?.trim().to_owned()))).collect();
        all.sort();
        let mut files: Vec<Written> = Vec::new();
        for ((file, _), text) in all {
            match files.last_mut().filter(|last| last.file == file) {
                Some(last) => last.policies.push(text),
                None => files.push(Written { file, policies: vec![text] }),
            }
        }
        files
    }

    /// The verbs that a policy speaks of, by name: what any role may do that is not permitted everything.
    pub fn verbs(&self) -> BTreeSet<String> {
        let is_verb = |literal: &EntityUid| literal.type_name().to_string() == "Verb";
        let literals = self.set.policies().flat_map(cedar_policy::Policy::entity_literals);
        literals.filter(is_verb).map(|verb| AsRef::<str>::as_ref(verb.id()).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_told_as_they_are_written_and_verbs_as_policies_name_them() {
        let policies = Policies::embedded().unwrap();
        let written = policies.written();
        assert!(written.iter().map(|file| file.file.as_str()).is_sorted() && written.iter().any(|file| file.file == "purpose.cedar"));
        for file in &written {
            let text = super::super::files_of(&file.file).unwrap().text;
            let mut rest = text.as_str();
            for policy in &file.policies {
                let (_, after) = rest.split_once(policy.as_str()).unwrap_or_else(|| panic!("{} has no `{policy}` there", file.file));
                rest = after;
            }
        }
        let verbs = policies.verbs();
        assert!(["sql", "person", "user", "policies"].iter().all(|verb| verbs.contains(*verb)), "{verbs:?}");
        assert!(!verbs.contains("engineer") && !verbs.contains("read"), "{verbs:?}");
    }
}
