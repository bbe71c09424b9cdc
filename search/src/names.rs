//! What departments and types are called: a word after `dept:` or `type:` is a code, a name or a part of one. Which there are is the same for
//! whoever asks; which of them an index has is not asked here.

use crate::chip::Meant;
use std::collections::BTreeMap;
use wuwei_schema::{Label, Model};

/// Departments and entity types by their codes, with their names.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The departments.
    pub departments: BTreeMap<String, Label>,
    /// The types that are looked for.
    pub types: BTreeMap<String, Label>,
}

impl Names {
    /// The types of a model that are looked for, and these departments.
    pub fn of(model: &Model, departments: BTreeMap<String, Label>) -> Names {
        let found = model.entities.values().filter(|entity| entity.is_found());
        Names { departments, types: found.map(|entity| (entity.name.clone(), entity.label.clone())).collect() }
    }

    /// The codes of what a word can be meant as.
    pub(crate) fn known(&self, meant: Meant) -> Option<&BTreeMap<String, Label>> {
        match meant {
            Meant::Department => Some(&self.departments),
            Meant::Type => Some(&self.types),
            _ => None,
        }
    }
}

/// The code that was typed, or the one of what is called so; of a part of names, that of the only one that has it.
pub(crate) fn code<'a>(known: &'a BTreeMap<String, Label>, typed: &str) -> Option<&'a str> {
    let lower = typed.to_lowercase();
    let by = |fits: &dyn Fn(&str, &Label) -> bool| {
        let mut fitting = known.iter().filter(|(code, label)| fits(code, label)).map(|(code, _)| code.as_str());
        fitting.next().filter(|_| fitting.next().is_none())
    };
    by(&|code, _| code == lower)
        .or_else(|| by(&|_, label| label.zh == typed || label.en.to_lowercase() == lower))
        .or_else(|| by(&|_, label| label.zh.contains(typed) || label.en.to_lowercase().contains(&lower)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_department_is_known_by_its_code_its_name_and_a_part_that_only_it_has() {
        let label = |zh: &str, en: &str| Label { zh: zh.to_owned(), en: en.to_owned() };
        let known = BTreeMap::from([
            ("ga".to_owned(), label("公安局", "Public security bureau")),
            ("jy".to_owned(), label("教育局", "Education bureau")),
        ]);
        for (typed, expected) in [
            ("ga", Some("ga")),
            ("GA", Some("ga")),
            ("公安局", Some("ga")),
            ("公安", Some("ga")),
            ("education bureau", Some("jy")),
            ("局", None),
            ("xx", None),
        ] {
            assert_eq!(code(&known, typed), expected, "{typed}");
        }
        let names = Names::of(&Model::embedded().unwrap(), known);
        assert_eq!(names.known(Meant::Type).and_then(|types| code(types, "机动车")), Some("vehicle"));
        assert_eq!(names.known(Meant::Type).and_then(|types| code(types, "人")), Some("person"));
        assert!(names.known(Meant::Name).is_none());
    }
}
