//! Conditions on a cell of the row: what it says, or what it looks like. They choose between roles and properties; they refuse nothing.

use super::tidy;
use crate::When;
use wuwei_schema::{Codes, Kind, kind::name};

/// A condition with its heading found.
#[derive(Debug)]
pub(crate) struct Condition<'a> {
    column: usize,
    test: Test<'a>,
}

#[derive(Debug)]
enum Test<'a> {
    Is(&'a [String]),
    Like(Shape),
    Unlike(Shape),
}

impl<'a> Condition<'a> {
    pub(crate) fn new(when: &'a When, columns: &[String]) -> Option<Condition<'a>> {
        let column = columns.iter().position(|column| *column == when.column)?;
        let test = match (&when.like, &when.unlike) {
            (Some(shape), _) => Test::Like(Shape::parse(shape)?),
            (_, Some(shape)) => Test::Unlike(Shape::parse(shape)?),
            (None, None) => Test::Is(&when.is),
        };
        Some(Condition { column, test })
    }

    pub(crate) fn holds(&self, cells: &[String]) -> bool {
        let cell = cells.get(self.column).map_or("", String::as_str);
        match &self.test {
            // Most cells are tidy as they stand.
            Test::Is(known) => known.iter().any(|known| known == cell) || known.contains(&tidy(cell)),
            Test::Like(shape) => shape.fits(cell),
            Test::Unlike(shape) => !shape.fits(cell),
        }
    }
}

/// What a cell can look like: a number that holds by its check digit or layout, or the name of an organisation.
#[derive(Debug)]
pub(crate) enum Shape {
    Number(Kind),
    OrganizationName,
}

impl Shape {
    /// The names that [`Shape::parse`] takes.
    pub(crate) const NAMES: [&'static str; 8] =
        ["citizen_id", "credit_code", "permit_no", "student_no", "licence_no", "business_no", "realty_unit_no", "organization_name"];

    pub(crate) fn parse(name: &str) -> Option<Shape> {
        match name {
            "organization_name" => Some(Shape::OrganizationName),
            other => Kind::parse(other).filter(Kind::is_identifier).map(Shape::Number),
        }
    }

    fn fits(&self, cell: &str) -> bool {
        match self {
            Shape::Number(kind) => kind.clean(cell, &Codes::default()).is_ok_and(|number| !number.is_empty()),
            Shape::OrganizationName => name::is_organization(&tidy(cell)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_told_by_what_it_looks_like() {
        for name in Shape::NAMES {
            assert!(Shape::parse(name).is_some(), "{name}");
        }
        assert!(Shape::parse("name").is_none());
        for (shape, cell, fits) in [
            ("credit_code", "91990101MA0WUWE14C", true),
            ("credit_code", "91990101MA0WUWE14D", false),
            ("credit_code", "990101198503070017", false),
            ("credit_code", "无", false),
            ("citizen_id", " 990101198503070017", true),
            ("organization_name", "云溪机械有限公司（分公司）", true),
            ("organization_name", "云溪县老王面馆", true),
            ("organization_name", "王园", false),
            ("organization_name", "买买提·吐尔逊·艾会", false),
        ] {
            assert_eq!(Shape::parse(shape).unwrap().fits(cell), fits, "{shape} {cell}");
        }
    }

    #[test]
    fn a_cell_that_must_not_look_so_may_be_empty() {
        let when = When { column: "号码".to_owned(), unlike: Some("credit_code".to_owned()), ..When::default() };
        let columns = ["号码".to_owned()];
        let condition = Condition::new(&when, &columns).unwrap();
        assert!(condition.holds(&[String::new()]) && !condition.holds(&["91990101MA0WUWE14C".to_owned()]));
    }
}
