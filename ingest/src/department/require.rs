//! What a row has to say to be kept, as a department file states it: that a property says something, or that its number is not above another.
//! What becomes of a row that does not is told in the room's own `map`.

use super::{Role, Source, When, check::Check};
use crate::Error;
use serde::Deserialize;
use toml::Spanned;
use wuwei_schema::Kind;

/// What is asked of one property; a row that does not hold to it is refused, with the reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// The role.
    pub role: String,
    /// Its property.
    pub property: String,
    /// What its number may not be above; none where it has only to say something.
    pub at_most: Option<Bound>,
    /// In which rows; in all when absent.
    pub when: Option<When>,
    /// What to tell the owner of the file, in Chinese.
    pub reason: String,
}

/// What a number may not be above.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Bound {
    /// A number.
    Number(f64),
    /// What the row says of another property of the role.
    Property(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequireFile {
    role: Spanned<String>,
    property: Spanned<String>,
    at_most: Option<Spanned<Bound>>,
    when: Option<Spanned<When>>,
    reason: Spanned<String>,
}

impl Requirement {
    /// The columns that it reads beside those of the role.
    pub(super) fn reads(&self) -> impl Iterator<Item = &str> {
        self.when.iter().map(|when| when.column.as_str())
    }
}

impl Check<'_> {
    pub(super) fn requirement(&self, stated: RequireFile, roles: &[Role]) -> Result<Requirement, Error> {
        let Some(role) = roles.iter().find(|role| role.role == *stated.role.get_ref()) else {
            return Err(self.unknown(&stated.role.span(), "role", stated.role.get_ref(), roles.iter().map(|role| role.role.as_str())));
        };
        self.property_of(role, &stated.property)?;
        let at_most = match stated.at_most.map(|bound| (bound.span(), bound.into_inner())) {
            Some((span, Bound::Property(name))) => {
                self.property_of(role, &Spanned::new(span, name.clone()))?;
                self.number(role, &stated.property)?;
                Some(Bound::Property(name))
            }
            Some((_, bound)) => {
                self.number(role, &stated.property)?;
                Some(bound)
            }
            None => None,
        };
        if stated.reason.get_ref().trim().is_empty() {
            return Err(self.wrong(&stated.reason.span(), "rows are refused without a reason", "tell the owner of the file what to write"));
        }
        Ok(Requirement {
            role: stated.role.into_inner(),
            property: stated.property.into_inner(),
            at_most,
            when: self.when(stated.when)?,
            reason: stated.reason.into_inner(),
        })
    }

    fn property_of<'r>(&self, role: &'r Role, name: &Spanned<String>) -> Result<&'r Source, Error> {
        let known = role.properties.iter().find(|(property, _)| property == name.get_ref()).map(|(_, source)| source);
        let names = role.properties.iter().map(|(property, _)| property.as_str());
        known.ok_or_else(|| self.unknown(&name.span(), &format!("property of role `{}`", role.role), name.get_ref(), names))
    }

    fn number(&self, role: &Role, name: &Spanned<String>) -> Result<(), Error> {
        let kind = self.model.entity(&role.entity).and_then(|entity| entity.property(name.get_ref())).map(|property| &property.kind);
        match kind {
            Some(Kind::Number) => Ok(()),
            _ => Err(self.wrong(&name.span(), &format!("`{}` is no number", name.get_ref()), "leave out `at_most`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::parse_with;

    /// The requirement stands before the relation of the file.
    fn says(requirement: &str) -> String {
        let by = format!("[[extract.require]]\n{requirement}\n[[extract.relation]]");
        parse_with("[[extract.relation]]", &by).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_requirement_names_what_there_is_and_why() {
        assert_eq!(says("role = \"person\"\nproperty = \"name\"\nreason = \"没有姓名\""), "");
        for (requirement, told) in [
            ("role = \"persn\"\nproperty = \"name\"\nreason = \"x\"", "did you mean `person`?"),
            ("role = \"person\"\nproperty = \"nam\"\nreason = \"x\"", "did you mean `name`?"),
            ("role = \"person\"\nproperty = \"name\"\nreason = \" \"", "refused without a reason"),
            ("role = \"person\"\nproperty = \"name\"\nat_most = 3\nreason = \"x\"", "`name` is no number"),
            ("role = \"person\"\nproperty = \"name\"\nat_most = \"phon\"\nreason = \"x\"", "unknown property of role `person`"),
        ] {
            assert!(says(requirement).contains(told), "{requirement}: {}", says(requirement));
        }
    }
}
