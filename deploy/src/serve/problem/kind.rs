//! What kind of refusal an error is, as a key of `refusal` in `deploy/console/locale/`: the sentence that says what is wrong and what to do.
//! What in particular is wrong stays in the error's own words.

use crate::Error;
use wuwei_query::Error as Refused;

/// The kind, where an error tells more than its code.
pub(super) fn of(error: &Error) -> Option<String> {
    let refused = match error {
        Error::Query(refused) => refused,
        Error::Ground(unfounded) => return Some(unfounded.kind().to_owned()),
        Error::Account(wrong) => return Some(wrong.kind().to_owned()),
        Error::Upload(untaken) => return Some(untaken.kind().to_owned()),
        Error::Mapping(unsettled) => return Some(unsettled.kind().to_owned()),
        Error::Date => return Some("date".to_owned()),
        _ => return None,
    };
    match refused {
        Refused::Refused { rule, .. } => Some(rule.replace(' ', "-")),
        Refused::Unknown { what, .. } => match *what {
            "table" | "column" => Some(format!("unknown-{what}")),
            _ => None,
        },
        Refused::Checkpoint => Some("checkpoint".to_owned()),
        Refused::Limit { limit, .. } => of_limit(limit).map(str::to_owned),
        Refused::Denied { what, .. } if what.contains("does not use `") => Some("denied-verb".to_owned()),
        Refused::Denied { what, .. } if what.starts_with("the purpose") => Some("denied-purpose".to_owned()),
        _ => None,
    }
}

/// Which limit it is, from its unit.
fn of_limit(limit: &str) -> Option<&'static str> {
    let kinds = [
        ("seconds", "limit-time"),
        ("memory", "limit-memory"),
        ("bytes", "limit-memory"),
        ("rows", "limit-rows"),
        ("depth", "limit-depth"),
        ("edges", "limit-edges"),
    ];
    kinds.into_iter().find(|(unit, _)| limit.contains(unit)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_by_its_unit() {
        for (limit, kind) in [
            ("120 seconds", "limit-time"),
            ("2048 MiB of memory", "limit-memory"),
            ("1000000 rows", "limit-rows"),
            ("depth of a plan", "limit-depth"),
            ("200000 edges held at once", "limit-edges"),
        ] {
            assert_eq!(of_limit(limit), Some(kind), "{limit}");
        }
        assert_eq!(of_limit("something"), None);
    }
}
