//! Who asks and what for. Whether they may is decided by policies, not here.

use crate::Error;
use serde::{Deserialize, Serialize};

/// Longest purpose, in characters; it is written to the audit with every question.
const PURPOSE_LENGTH: usize = 200;
/// Longest name of a principal, in characters.
const NAME_LENGTH: usize = 64;
/// As the audit shows the program; nobody else can be called so.
const PROGRAM: &str = "wuwei";

/// Who asks: the program itself, or somebody in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    name: String,
    /// None for the program, which no text can name.
    role: Option<String>,
    department: Option<String>,
    area: Option<String>,
    /// From where; it proves nothing and decides nothing, the audit shows it.
    origin: Option<String>,
}

impl Principal {
    /// Somebody, written as `ROLE[:NAME][@DEPARTMENT[/AREA]]`: `case_worker:li@mz`. Without a name the role stands for it; an area is the
    /// beginning of the addresses that they answer for. Whether there is such a role, the policies know.
    ///
    /// # Errors
    /// It is not of that form, or the name is the program's.
    pub fn parse(text: &str) -> Result<Principal, Error> {
        let (who, place) = text.trim().split_once('@').map_or((text.trim(), None), |(who, place)| (who, Some(place)));
        let (role, name) = who.split_once(':').unwrap_or((who, who));
        let (department, area) = match place.map(|place| place.split_once('/').unwrap_or((place, ""))) {
            Some((department, area)) => (Some(department), Some(area).filter(|area| !area.is_empty())),
            None => (None, None),
        };
        let plain = |text: &str| !text.trim().is_empty() && text.chars().count() <= NAME_LENGTH && !text.contains(char::is_control);
        if ![Some(role), Some(name), department, area].into_iter().flatten().all(plain) || name == PROGRAM || role == PROGRAM {
            return Err(Error::Principal);
        }
        let owned = |text: &str| text.trim().to_owned();
        Ok(Principal { name: owned(name), role: Some(owned(role)), department: department.map(owned), area: area.map(owned), origin: None })
    }

    /// The program itself, at a stage that turns tables into tables. It sees everything, and its reading is no use of data by anybody.
    pub fn program() -> Principal {
        Principal { name: PROGRAM.to_owned(), role: None, department: None, area: None, origin: None }
    }

    /// The same principal, asking from there: `command line`, or an entrance with an address, as `http 10.0.0.7`. Of more than one line or 64
    /// characters the beginning is kept.
    #[must_use]
    pub fn at(self, origin: &str) -> Principal {
        let origin: String = origin.chars().take_while(|character| !character.is_control()).take(NAME_LENGTH).collect();
        Principal { origin: Some(origin).filter(|origin| !origin.is_empty()), ..self }
    }

    /// From where they ask, where it is known.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The name, as the audit shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role; none of the program.
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The department they act for. Reading what another department holds counts as use.
    pub fn department(&self) -> Option<&str> {
        self.department.as_deref()
    }

    /// The beginning of the addresses they answer for.
    pub fn area(&self) -> Option<&str> {
        self.area.as_deref()
    }

    /// Whether it is the program, with nobody waiting for an answer.
    pub(crate) fn is_program(&self) -> bool {
        self.role.is_none()
    }
}

/// What an answer is needed for. It is never blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose(String);

impl Purpose {
    /// A purpose in words.
    ///
    /// # Errors
    /// It is blank, longer than 200 characters, or not one line.
    pub fn parse(text: &str) -> Result<Purpose, Error> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > PURPOSE_LENGTH || text.contains(char::is_control) {
            return Err(Error::Purpose);
        }
        Ok(Purpose(text.to_owned()))
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_purpose_is_none() {
        for blank in ["", "  ", "\t\u{3000}", "a\nb"] {
            assert!(Purpose::parse(blank).is_err(), "{blank:?}");
        }
        assert_eq!(Purpose::parse(" 低保核对 ").unwrap().as_str(), "低保核对");
    }

    #[test]
    fn somebody_has_a_role_and_nobody_is_the_program() {
        let li = Principal::parse("case_worker:li@mz/云溪县城关镇").unwrap();
        assert_eq!((li.role(), li.name(), li.department(), li.area()), (Some("case_worker"), "li", Some("mz"), Some("云溪县城关镇")));
        let operator = Principal::parse("operator").unwrap();
        assert_eq!((operator.role(), operator.name(), operator.department()), (Some("operator"), "operator", None));
        for wrong in ["", " ", ":li", "case_worker:", "case_worker:li@", "case_worker:wuwei", "wuwei", "wuwei:li", "a\nb"] {
            assert!(Principal::parse(wrong).is_err(), "{wrong:?}");
        }
        assert!(Principal::program().is_program() && !operator.is_program());
    }
}
