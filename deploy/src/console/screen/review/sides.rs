//! Two records side by side: what both say, with what differs marked. What is masked is not said to agree or to differ, since below a mask it
//! may be either.

use super::told::Compared;
use crate::console::{guest::Visit, page::Page, screen::file::coded};

/// A property of both.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) sides: [Marked; 2],
    /// `same`, `differs`, `masked` or `silent`, a key of `agrees`.
    pub(crate) agrees: &'static str,
    pub(crate) sign: &'static str,
}

/// A text, and which part of it is not in the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) before: String,
    pub(crate) mark: String,
    pub(crate) after: String,
}

/// The properties of which one of the two says something.
pub(super) fn rows(page: &Page, visit: &Visit, entity: &str, compared: &[Compared]) -> Vec<Row> {
    let said = compared.iter().filter(|compared| compared.left.is_some() || compared.right.is_some());
    said.map(|compared| row(page, visit, entity, compared)).collect()
}

fn row(page: &Page, visit: &Visit, entity: &str, compared: &Compared) -> Row {
    let named = |side: &Option<String>| side.as_deref().map(|value| coded(visit, entity, &compared.property, value));
    let (left, right) = (named(&compared.left).unwrap_or_default(), named(&compared.right).unwrap_or_default());
    // Two records never have a source in common, and need not.
    let agrees = if compared.property == "source" { "silent" } else { agreement(&left, &right) };
    let sides = if agrees == "differs" { marked(&left, &right) } else { [left, right].map(plain) };
    let sign = match agrees {
        "same" => "=",
        "differs" => "≠",
        "masked" => "◇",
        _ => "",
    };
    Row { label: page.said(&compared.label).to_owned(), sides, agrees, sign }
}

fn agreement(left: &str, right: &str) -> &'static str {
    match (left.is_empty() || right.is_empty(), left.contains('*') || right.contains('*')) {
        (true, _) => "silent",
        (false, true) => "masked",
        _ if left == right => "same",
        _ => "differs",
    }
}

fn plain(text: String) -> Marked {
    Marked { before: text, ..Marked::default() }
}

/// Both, with what is between the beginning and the end that they have in common.
fn marked(left: &str, right: &str) -> [Marked; 2] {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let shorter = left.len().min(right.len());
    let start = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let end = left.iter().rev().zip(right.iter().rev()).take(shorter - start).take_while(|(left, right)| left == right).count();
    let cut = |text: &[char]| {
        let part = |part: &[char]| part.iter().collect::<String>();
        Marked { before: part(&text[..start]), mark: part(&text[start..text.len() - end]), after: part(&text[text.len() - end..]) }
    };
    [cut(&left), cut(&right)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(marked: &Marked) -> String {
        format!("{}{}{}", marked.before, marked.mark, marked.after)
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost_by_marking_it(left in "[王小明晓ab]{0,8}", right in "[王小明晓ab]{0,8}") {
            let [one, other] = marked(&left, &right);
            prop_assert_eq!((whole(&one), whole(&other)), (left.clone(), right.clone()));
            prop_assert_eq!(one.before, other.before);
            prop_assert_eq!(one.after, other.after);
            prop_assert_eq!(one.mark.is_empty() && other.mark.is_empty(), left == right);
        }
    }

    #[test]
    fn what_is_below_a_mask_is_not_said_to_agree() {
        assert_eq!(agreement("9901**********1234", "9901**********1234"), "masked");
        assert_eq!((agreement("1984-09-03", "1984-09-03"), agreement("a", "b"), agreement("a", "")), ("same", "differs", "silent"));
    }
}
