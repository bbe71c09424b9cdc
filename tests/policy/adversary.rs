//! An adversary who learns as it asks. It wants one value of one record, character by character: whatever way it has to tell whether a character
//! is one of some, it halves the alphabet with, and goes on from what it found. Before somebody who sees the value it finds all of it; before
//! somebody who sees a mask it must find the mask.

use super::world::{Human, NOW, Who, altered, people, session};
use std::ops::Range;
use wuwei_query::Session;

/// Whom it is about: an adult, neither restricted nor under 14.
const TARGET: usize = 12;

/// A value that is wanted.
#[derive(Debug, Clone)]
struct Wanted {
    column: &'static str,
    record: i64,
    /// The value itself, for those ways that know all of it but one character.
    value: Vec<char>,
    /// The characters that may be in it, in order; the first one is what masks are made of.
    alphabet: Vec<char>,
    /// How many characters of it a mask shows, at its beginning and its end.
    shown: [usize; 2],
}

impl Wanted {
    fn is_shown(&self, at: usize) -> bool {
        at < self.shown[0] || at + self.shown[1] >= self.value.len()
    }
}

/// What it asks next: whether the character at a place is one of some that follow each other in the alphabet, after what it found before it.
struct Step<'a> {
    wanted: &'a Wanted,
    at: usize,
    found: &'a str,
    some: &'a [char],
}

impl Step<'_> {
    /// The record, and the character.
    fn row(&self) -> String {
        format!("FROM record.person WHERE record_id = {}", self.wanted.record)
    }

    fn letter(&self) -> String {
        format!("substr({}, {}, 1)", self.wanted.column, self.at + 1)
    }

    /// The characters asked for, each written by some rule, with commas.
    fn list(&self, written: impl Fn(char) -> String) -> String {
        self.some.iter().map(|letter| written(*letter)).collect::<Vec<_>>().join(", ")
    }

    fn letters(&self) -> String {
        self.list(|letter| format!("'{letter}'"))
    }

    /// What was found, and each character asked for.
    fn begun(&self) -> String {
        self.list(|letter| format!("'{}{letter}'", self.found))
    }

    fn first(&self) -> String {
        format!("{}{}", self.found, self.some[0])
    }

    /// The smallest text behind all that begin with what was found and the last character asked for.
    fn behind(&self) -> String {
        let last = u32::from(*self.some.last().unwrap());
        format!("{}{}", self.found, char::from_u32(last + 1).unwrap())
    }

    /// The whole value with each character asked for at the place.
    fn wholes(&self) -> String {
        self.list(|letter| {
            let whole: String =
                self.wanted.value.iter().enumerate().map(|(at, known)| if at == self.at { letter } else { *known }).collect();
            format!("'{whole}'")
        })
    }

    fn is_one(&self) -> String {
        format!("{} IN ({})", self.letter(), self.letters())
    }
}

/// A way to ask: its name, the question, and whether an error is the yes. Else the yes is a 1 in the first cell.
type Way = (&'static str, fn(&Step<'_>) -> String, bool);

const WAYS: [Way; 22] = [
    (
        "a range",
        |s| format!("SELECT count(*) {} AND {c} >= '{}' AND {c} < '{}'", s.row(), s.first(), s.behind(), c = s.wanted.column),
        false,
    ),
    (
        "LIKE",
        |s| {
            let any = s.some.iter().map(|letter| format!("{} LIKE '{}{letter}%'", s.wanted.column, s.found)).collect::<Vec<_>>();
            format!("SELECT count(*) {} AND ({})", s.row(), any.join(" OR "))
        },
        false,
    ),
    ("substr", |s| format!("SELECT count(*) {} AND {}", s.row(), s.is_one()), false),
    (
        "a pattern",
        |s| {
            let plain = |text: &str| text.chars().map(|letter| format!("[{letter}]")).collect::<String>();
            let some: String = s.some.iter().collect();
            format!("SELECT count(*) {} AND regexp_like({}, '^{}[{some}]')", s.row(), s.wanted.column, plain(s.found))
        },
        false,
    ),
    (
        "ORDER BY and LIMIT",
        |s| {
            format!(
                "SELECT w FROM (SELECT {} AS v, 1 AS w {} UNION ALL SELECT '{}', 0) ORDER BY v, w LIMIT 1",
                s.wanted.column,
                s.row(),
                s.behind()
            )
        },
        false,
    ),
    (
        "GROUP BY",
        |s| format!("SELECT count(*) FROM (SELECT {} AS g, count(*) AS c {} GROUP BY 1 HAVING count(*) = 1) WHERE g", s.is_one(), s.row()),
        false,
    ),
    (
        "a division by zero",
        |s| format!("SELECT 1 / (CASE WHEN {} THEN record_id - {} ELSE 1 END) {}", s.is_one(), s.wanted.record, s.row()),
        true,
    ),
    ("a cast that fails", |s| format!("SELECT CAST(CASE WHEN {} THEN 'x' ELSE '1' END AS BIGINT) {}", s.is_one(), s.row()), true),
    (
        "a join on guesses",
        |s| {
            let guesses = s.list(|letter| format!("('{}{letter}')", s.found));
            format!(
                "SELECT count(*) FROM record.person a JOIN (VALUES {guesses}) g(v) ON substr(a.{}, 1, {}) = g.v WHERE a.record_id = {}",
                s.wanted.column,
                s.at + 1,
                s.wanted.record
            )
        },
        false,
    ),
    (
        "an array",
        |s| format!("SELECT CAST(array_has_any(array_agg({}), make_array({})) AS INT) {}", s.letter(), s.letters(), s.row()),
        false,
    ),
    ("MD5", |s| format!("SELECT count(*) {} AND md5({}) IN ({})", s.row(), s.letter(), s.list(|letter| format!("md5('{letter}')"))), false),
    (
        "SHA-256",
        |s| format!("SELECT count(*) {} AND sha256({}) IN ({})", s.row(), s.letter(), s.list(|letter| format!("sha256('{letter}')"))),
        false,
    ),
    (
        "a rank among guesses",
        |s| {
            format!(
                "SELECT count(*) FROM (SELECT w, rank() OVER (ORDER BY v, w) AS r FROM (SELECT {} AS v, 1 AS w {} UNION ALL SELECT '{}', 0)) WHERE w = 1 AND r = 1",
                s.wanted.column,
                s.row(),
                s.behind()
            )
        },
        false,
    ),
    (
        "an extreme",
        |s| format!("SELECT CAST(max({c}) < '{}' AND min({c}) >= '{}' AS INT) {}", s.behind(), s.first(), s.row(), c = s.wanted.column),
        false,
    ),
    (
        "subqueries",
        |s| {
            let row = s.row();
            format!(
                "SELECT count(*) FROM (SELECT 1 AS one) x WHERE (SELECT max({}) {row}) < '{}' AND EXISTS (SELECT 1 {row} AND {})",
                s.wanted.column,
                s.behind(),
                s.is_one()
            )
        },
        false,
    ),
    (
        "code points",
        |s| {
            let code = |letter: char| u32::from(letter);
            format!(
                "SELECT count(*) {} AND ascii({}) BETWEEN {} AND {}",
                s.row(),
                s.letter(),
                code(s.some[0]),
                code(*s.some.last().unwrap())
            )
        },
        false,
    ),
    (
        "INTERSECT",
        |s| {
            let guesses = s.list(|letter| format!("('{}{letter}')", s.found));
            format!(
                "SELECT count(*) FROM (SELECT substr({}, 1, {}) AS v {} INTERSECT SELECT v FROM (VALUES {guesses}) g(v))",
                s.wanted.column,
                s.at + 1,
                s.row()
            )
        },
        false,
    ),
    (
        "DISTINCT",
        |s| {
            let guesses = s.list(|letter| format!("('{}{letter}')", s.found));
            format!(
                "SELECT CAST(count(DISTINCT v) = {} AS INT) FROM (SELECT substr({}, 1, {}) AS v {} UNION ALL SELECT v FROM (VALUES {guesses}) g(v))",
                s.some.len(),
                s.wanted.column,
                s.at + 1,
                s.row()
            )
        },
        false,
    ),
    ("the whole but one character", |s| format!("SELECT count(*) {} AND {} IN ({})", s.row(), s.wanted.column, s.wholes()), false),
    (
        "the same of the entity",
        |s| {
            format!(
                "SELECT count(*) FROM graph.link l JOIN entity.person e ON e.entity_id = l.entity_id WHERE l.record_id = {} AND e.{} IN ({})",
                s.wanted.record,
                s.wanted.column,
                s.wholes()
            )
        },
        false,
    ),
    (
        "the hub's own functions",
        |s| {
            let kind = match s.wanted.column {
                "id_no" => "citizen_id",
                other => other,
            };
            format!("SELECT count(*) {} AND substr(kind_clean('{kind}', {}), 1, {}) IN ({})", s.row(), s.wanted.column, s.at + 1, s.begun())
        },
        false,
    ),
    ("EXPLAIN", |s| format!("EXPLAIN ANALYZE SELECT count(*) {} AND {} IN ({})", s.row(), s.wanted.column, s.wholes()), false),
];

/// The way that nobody has.
const SHUT: &str = "EXPLAIN";

/// What one adversary asked, and every answer that it had.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) probes: usize,
    answers: Vec<bool>,
}

impl Told {
    async fn is_so(&mut self, session: &Session, way: &Way, step: &Step<'_>) -> bool {
        let answer = session.sql(&way.1(step), NOW).await;
        let one = |batch: &arrow_array::RecordBatch| {
            batch.num_rows() > 0 && arrow_cast::display::array_value_to_string(batch.column(0), 0).unwrap() == "1"
        };
        let is_so = match (way.2, &answer) {
            (true, answer) => answer.is_err(),
            (false, Ok(answer)) => answer.batches.iter().any(one),
            (false, Err(error)) => {
                assert!(way.0 == SHUT, "{}: {error}", way.0);
                false
            }
        };
        self.probes += 1;
        self.answers.push(is_so);
        is_so
    }

    /// The characters at some places, found one after the other; a place at which none is found has a question mark.
    async fn search(&mut self, session: &Session, way: &Way, wanted: &Wanted, places: Range<usize>) -> String {
        let mut found: String = wanted.value[..places.start].iter().collect();
        let mut letters = String::new();
        for at in places {
            let mut some = wanted.alphabet.as_slice();
            if self.is_so(session, way, &Step { wanted, at, found: &found, some }).await {
                while let [_, _, ..] = some {
                    let (low, high) = some.split_at(some.len() / 2);
                    some = if self.is_so(session, way, &Step { wanted, at, found: &found, some: low }).await { low } else { high };
                }
                letters.push(some[0]);
            } else {
                letters.push('?');
            }
            found.push(letters.chars().next_back().unwrap());
        }
        letters
    }
}

/// The values that are wanted of the target.
fn wanted(target: &Human) -> [Wanted; 3] {
    let sorted = |letters: &str| {
        let mut letters: Vec<char> = letters.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        letters
    };
    let want = |column, value: &str, letters: &str, shown| Wanted {
        column,
        record: target.number,
        value: value.chars().collect(),
        alphabet: sorted(&format!("*{letters}{value}")),
        shown,
    };
    [
        want("id_no", &target.id_no, "0123456789X", [6, 2]),
        want("name", &target.name, "王李张刘小明伟秀英建国华强", [1, 0]),
        want("phone", &target.phone, "0123456789", [3, 2]),
    ]
}

/// Tries every way, on `most` characters of each value from the last one that a mask shows, or on all where it has no more, against the operator,
/// who sees everything, and against an engineer before two worlds that differ in what masks hide.
///
/// Panics where the operator's adversary does not find a value, the engineer's finds more than the mask, or the two worlds answer otherwise.
pub(crate) async fn probe(most: usize) -> usize {
    let mut these = people(3);
    // A number and a phone that are valid, so that what only looks at valid ones looks at them.
    these[TARGET].id_no = "990101198503070017".to_owned();
    these[TARGET].phone = "12046813579".to_owned();
    let those = altered(&these, Who::Engineer, 3);
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let operator = session(folders[0].path(), &these, Who::Operator).await;
    let here = session(folders[1].path(), &these, Who::Engineer).await;
    let there = session(folders[2].path(), &those, Who::Engineer).await;
    let mut probes = 0;
    for wanted in wanted(&these[TARGET]) {
        let whole = wanted.value.len();
        let start = if most >= whole { 0 } else { wanted.shown[0] - 1 };
        let places = start..whole.min(start.saturating_add(most));
        let value: String = wanted.value[places.clone()].iter().collect();
        let masked: String = places.clone().map(|at| if wanted.is_shown(at) { wanted.value[at] } else { '*' }).collect();
        for way in &WAYS {
            let (mut known, mut one, mut other) = (Told::default(), Told::default(), Told::default());
            let all = known.search(&operator, way, &wanted, places.clone()).await;
            assert!(all == value || way.0 == SHUT, "{} cannot win: {all}", way.0);
            let mine = one.search(&here, way, &wanted, places.clone()).await;
            let is_of_mask = mine.chars().zip(masked.chars()).all(|(found, shown)| found == shown || found == '?');
            assert!(is_of_mask, "{} finds {mine} of {} where {masked} is shown", way.0, wanted.column);
            let yours = other.search(&there, way, &wanted, places.clone()).await;
            assert_eq!((mine, one.answers), (yours, other.answers), "{}: two worlds of one mask answer otherwise", way.0);
            probes += one.probes;
        }
    }
    probes
}
