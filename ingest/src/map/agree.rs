//! What a row says twice of one person, held against each other: a citizen id contains a birth date and a sex, and nobody is registered
//! before birth. What contradicts is told; which of the two is right nobody knows here, so both stand: the number may be a parent's.

use crate::{Role, reject::Reject, source::Plan};
use wuwei_schema::{Fault, kind::citizen_id};

/// Nobody has grown older by so much as is known.
const AGE_MAX: i32 = 120;

/// Where a role says these things, among its properties.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    id: Option<usize>,
    sex: Option<usize>,
    birth: Option<usize>,
}

impl Said {
    pub(super) fn by(role: &Role) -> Said {
        let place = |name: &str| role.properties.iter().position(|(property, _)| property == name);
        Said { id: place("id_no"), sex: place("sex"), birth: place("birth_date") }
    }

    /// Tells where the number says something else than the columns beside it.
    pub(super) fn compare<'a, 'v>(self, value: impl Fn(usize) -> &'v str, plans: &[Plan<'a>], rejects: &mut Vec<Reject<'a>>) {
        let value = |place: Option<usize>| place.map_or("", &value);
        let (id, sex, birth) = (value(self.id), value(self.sex), value(self.birth));
        if id.is_empty() {
            return;
        }
        let is_other_sex = matches!(sex, "1" | "2") && citizen_id::sex(id).is_some_and(|said| said != sex);
        if let Some(place) = self.sex.filter(|_| is_other_sex) {
            rejects.push(told(&plans[place], "id_sex", "性别与证件号码不符，两者均按原样保留，请核对", sex));
        }
        let is_other_day = id.len() == 18 && !is_born_on(id, birth);
        if let Some(place) = self.birth.filter(|_| is_other_day) {
            let reason = "出生日期与证件号码不符，两者均按原样保留，请核对号码是否为本人的";
            rejects.push(told(&plans[place], "id_birth", reason, birth));
        }
    }

    /// The place of a birth that is later than the day of the row, or more than a long life before it.
    pub(super) fn age<'a, 'v>(
        self,
        value: impl Fn(usize) -> &'v str,
        plans: &[Plan<'a>],
        observed: &str,
        rejects: &mut Vec<Reject<'a>>,
    ) -> Option<usize> {
        let place = self.birth?;
        let birth = value(place);
        let year = |date: &str| match *date.as_bytes() {
            [a, b, c, d, ..] => Some([a, b, c, d].iter().fold(0, |year, digit| year * 10 + i32::from(digit.wrapping_sub(b'0')))),
            _ => None,
        };
        let (born, seen) = year(birth).zip(year(observed))?;
        let (rule, reason) = match () {
            () if later(birth, observed) => ("birth_future", "出生日期晚于该行的登记日期，未采用"),
            () if seen - born > AGE_MAX => ("birth_age", "按出生日期已超过120岁，未采用，请核对"),
            () => return None,
        };
        rejects.push(told(&plans[place], rule, reason, birth));
        Some(place)
    }
}

/// Whether a number of 18 digits has this birth date, as far as the date is known.
fn is_born_on(id: &str, birth: &str) -> bool {
    // Nearly every birth is a whole day.
    if let [a, b, c, d, b'-', e, f, b'-', g, h] = *birth.as_bytes()
        && let Some(said) = id.as_bytes().get(6..14)
    {
        return said == [a, b, c, d, e, f, g, h];
    }
    let digits = birth.bytes().filter(|byte| *byte != b'-');
    id.bytes().skip(6).zip(digits).all(|(said, digit)| said == digit)
}

/// Whether a day is later than another, as far as both are known.
fn later(day: &str, other: &str) -> bool {
    let known = day.len().min(other.len());
    day.get(..known) > other.get(..known)
}

fn told<'a>(plan: &Plan<'a>, rule: &'static str, reason: &str, value: &str) -> Reject<'a> {
    let fault = Fault { rule, reason: reason.to_owned(), proposal: None };
    Reject { column: plan.column(), fault, value: Some(value.to_owned()), refuses: false }
}
