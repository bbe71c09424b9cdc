//! Conditions on a cell of the row: what it says, or what it looks like. They choose between roles and properties; they refuse nothing.

use super::tidy;
use crate::{When, block::Cells};
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
    Not(&'a [String]),
    Contains(&'a [String]),
    Like(Shape),
    Unlike(Shape),
}

impl<'a> Condition<'a> {
    pub(crate) fn new(when: &'a When, columns: &[String]) -> Option<Condition<'a>> {
        let column = columns.iter().position(|column| *column == when.column)?;
        let test = match (&when.like, &when.unlike) {
            (Some(shape), _) => Test::Like(Shape::parse(shape)?),
            (_, Some(shape)) => Test::Unlike(Shape::parse(shape)?),
            (None, None) if !when.not.is_empty() => Test::Not(&when.not),
            (None, None) if !when.contains.is_empty() => Test::Contains(&when.contains),
            (None, None) => Test::Is(&when.is),
        };
        Some(Condition { column, test })
    }

    pub(crate) fn holds(&self, cells: Cells<'_>) -> bool {
        let cell = cells.get(self.column);
        match &self.test {
            // Most cells are tidy as they stand.
            Test::Is(known) => is_among(cell, known) || is_among(&tidy(cell), known),
            Test::Not(known) => !is_among(&tidy(cell), known),
            Test::Contains(words) => says_any(cell, words),
            Test::Like(shape) => shape.fits(cell),
            Test::Unlike(shape) => !shape.fits(cell),
        }
    }
}

fn is_among(text: &str, known: &[String]) -> bool {
    known.iter().any(|known| known == text)
}

/// Whether a word stands in the cell, whatever spaces have got into it.
fn says_any(cell: &str, words: &[String]) -> bool {
    let text = tidy(cell).replace(' ', "");
    words.iter().any(|word| text.contains(word.as_str()))
}

/// What a cell can look like: a number that holds by its check digit or layout, or the name of an organisation.
#[derive(Debug)]
pub(crate) enum Shape {
    Number(Kind),
    OrganizationName,
}

impl Shape {
    /// The names that [`Shape::parse`] takes.
    pub(crate) const NAMES: [&'static str; 10] = [
        "citizen_id",
        "credit_code",
        "permit_no",
        "student_no",
        "licence_no",
        "business_no",
        "realty_unit_no",
        "organization_code",
        "masked_id",
        "organization_name",
    ];

    pub(crate) fn parse(name: &str) -> Option<Shape> {
        match name {
            "organization_name" => Some(Shape::OrganizationName),
            other => Kind::parse(other).filter(|_| Shape::NAMES.contains(&other)).map(Shape::Number),
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
            ("masked_id", "990101********0017", true),
            ("masked_id", "990101198503070017", false),
            ("organization_code", "MA0WUWE1-4", true),
            ("organization_name", "云溪机械有限公司（分公司）", true),
            ("organization_name", "云溪县老王面馆", true),
            ("organization_name", "王园", false),
            ("organization_name", "买买提·吐尔逊·艾会", false),
        ] {
            assert_eq!(Shape::parse(shape).unwrap().fits(cell), fits, "{shape} {cell}");
        }
    }

    fn holds(when: When, cell: &str) -> bool {
        let when = When { column: "列".to_owned(), ..when };
        Condition::new(&when, &["列".to_owned()]).unwrap().holds(Cells::Alone(&[cell.to_owned()]))
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_cell_is_compared_as_it_is_meant() {
        let is = || When { is: words(&["01", ""]), ..When::default() };
        assert!(holds(is(), " ０１ ") && holds(is(), "  ") && !holds(is(), "02"));
        let not = || When { not: words(&["", "股东"]), ..When::default() };
        assert!(holds(not(), "监事") && !holds(not(), "\u{3000}") && !holds(not(), "股东 "));
    }

    #[test]
    fn a_word_that_keeps_a_row_out_is_found_through_spaces_and_inside_others() {
        let contains = || When { contains: words(&["检举", "控告"]), ..When::default() };
        for cell in ["检举控告", "纪检/检 举类", "【控\u{3000}告】"] {
            assert!(holds(contains(), cell), "{cell}");
        }
        assert!(!holds(contains(), "求决") && !holds(contains(), ""));
    }

    #[test]
    fn a_cell_that_must_not_look_so_may_be_empty() {
        let when = When { column: "号码".to_owned(), unlike: Some("credit_code".to_owned()), ..When::default() };
        let columns = ["号码".to_owned()];
        let condition = Condition::new(&when, &columns).unwrap();
        assert!(condition.holds(Cells::NONE) && !condition.holds(Cells::Alone(&["91990101MA0WUWE14C".to_owned()])));
    }
}
