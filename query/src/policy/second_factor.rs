//! Who signs in with a second factor besides the password: `second_factor.toml`. What that factor is, is not known here.

use super::{SECOND_FACTOR, files_of, wrong};
use crate::Error;
use serde::Deserialize;
use wuwei_schema::SourceFile;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    roles: Vec<String>,
}

/// The roles of the file among these, or of the one carried. A role that a hub has no policies of is no mistake: nobody has it.
pub(super) fn of(files: &[SourceFile]) -> Result<Vec<String>, Error> {
    let carried = files_of(SECOND_FACTOR);
    match files.iter().find(|file| file.name == SECOND_FACTOR).or(carried.as_ref()) {
        Some(file) => parse(file),
        None => Ok(Vec::new()),
    }
}

fn parse(file: &SourceFile) -> Result<Vec<String>, Error> {
    let parsed: Result<File, _> = toml::from_str(&file.text);
    parsed
        .map(|parsed| parsed.roles)
        .map_err(|slip| wrong(&file.name, &super::line(slip.message()), "write `roles = [\"case_worker\"]`, or `roles = []` for nobody"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_sees_people_or_keeps_the_hub_has_a_second_factor_unless_a_file_says_otherwise() {
        let carried = of(&[]).unwrap();
        for role in ["case_worker", "reviewer", "engineer", "auditor", "admin"] {
            assert!(carried.iter().any(|known| known == role), "{role}");
        }
        let file = |text: &str| SourceFile { name: SECOND_FACTOR.to_owned(), text: text.to_owned() };
        assert!(of(&[file("roles = []")]).unwrap().is_empty());
        assert!(of(&[file("role = []")]).unwrap_err().to_string().contains("second_factor.toml"));
    }
}
