//! Each figure against the same count done the plain way, row by row, on an invented county of a few dozen.

use super::*;
use crate::{
    Audit, Limits, Principal, Purpose, Session,
    testing::{self, DAY, NOW, Rows},
};
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
    cast::AsArray as _,
};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::{contract, table};

const DEPARTMENTS: [&str; 4] = ["ga", "jy", "mz", "wj"];
const PROPERTIES: [&str; 4] = ["name", "birth_date", "sex", "id_no"];
const PEOPLE: usize = 70;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Cells by column; what is not among them is empty.
type Row = BTreeMap<&'static str, String>;

fn row<const N: usize>(cells: [(&'static str, &str); N]) -> Row {
    cells.into_iter().map(|(name, cell)| (name, cell.to_owned())).collect()
}

fn batch(schema: &SchemaRef, rows: &[Row]) -> RecordBatch {
    let column = |field: &Arc<Field>| -> ArrayRef {
        let cells = || rows.iter().map(|row| row.get(field.name().as_str()).map(String::as_str));
        let number = |cell: Option<&str>| cell.map(|cell| cell.parse::<i64>().unwrap()).or((!field.is_nullable()).then_some(0));
        match field.data_type() {
            DataType::Int64 => Arc::new(cells().map(number).collect::<Int64Array>()),
            DataType::Timestamp(..) => Arc::new(cells().map(number).collect::<TimestampMillisecondArray>()),
            DataType::Boolean => Arc::new(cells().map(|cell| Some(cell == Some("true"))).collect::<BooleanArray>()),
            DataType::Float64 => Arc::new(cells().map(|cell| cell.map(|cell| cell.parse::<f64>().unwrap())).collect::<Float64Array>()),
            DataType::Date32 => Arc::new(cells().map(|_| Some(0)).collect::<Date32Array>()),
            _ => Arc::new(cells().map(|cell| cell.or((!field.is_nullable()).then_some(""))).collect::<StringArray>()),
        }
    };
    RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(column).collect()).unwrap()
}

/// A record: the person, the department, and what it says.
#[derive(Clone)]
struct Record {
    person: usize,
    department: &'static str,
    said: [Option<String>; 4],
}

/// One or two records a person and department, with gaps and contradictions.
fn records(seed: u64) -> Vec<Record> {
    let mut dice = Dice(seed * 2 + 1);
    let mut all = Vec::new();
    for person in 0..PEOPLE {
        let born = format!("19{}-0{}-1{}", 50 + person % 40, 1 + person % 9, person % 10);
        let body = format!("990101{}{:03}", born.replace('-', ""), person);
        let id = format!("{body}{}", wuwei_schema::kind::citizen_id::check_digit(&body).unwrap());
        for department in DEPARTMENTS {
            for _ in 0..dice.below(3) {
                let mut one = |right: &str, wrong: &str| match dice.below(6) {
                    0 => None,
                    1 => Some(wrong.to_owned()),
                    _ => Some(right.to_owned()),
                };
                let said = [one("王小明", "王晓明"), one(&born, "1949-10-01"), one("1", "2"), one(&id, &id)];
                all.push(Record { person, department, said });
            }
        }
    }
    all
}

fn put(rows: &mut Rows, name: &str, schema: &SchemaRef, all: &[Row]) {
    rows.insert(name.to_owned(), batch(schema, all));
}

fn extract(department: &str) -> String {
    format!("{department}_x")
}

fn county(records: &[Record]) -> Rows {
    let mut rows = Rows::new();
    let person = Model::embedded().unwrap().entity("person").unwrap().record_schema();
    let numbered = || records.iter().enumerate();
    let stated = |(at, record): (usize, &Record)| {
        let mut row = row([
            ("record_id", &at.to_string()),
            ("role", if at % 2 == 0 { "person" } else { "person#2" }),
            ("department", record.department),
            ("extract", &extract(record.department)),
        ]);
        row.extend(PROPERTIES.into_iter().zip(record.said.clone()).filter_map(|(name, said)| Some((name, said?))));
        row
    };
    put(&mut rows, "record.person", &person, &numbered().map(stated).collect::<Vec<_>>());
    let linked = |(at, record): (usize, &Record)| {
        row([("record_id", &at.to_string()), ("entity_id", &(1000 + record.person).to_string()), ("entity", "person")])
    };
    put(&mut rows, table::LINK, &table::link_schema(), &numbered().map(linked).collect::<Vec<_>>());
    put(&mut rows, "contract.department", &contract::department(), &DEPARTMENTS.map(|code| row([("dept", code)])));
    let owed = |code| {
        row([
            ("rid", &extract(code)),
            ("provider", code),
            ("share_class", "2"),
            ("obliged", "true"),
            ("status", "published"),
            ("cycle_days", "10"),
        ])
    };
    put(&mut rows, "contract.resource", &contract::resource(), &DEPARTMENTS.map(owed));
    let fed = DEPARTMENTS.into_iter().flat_map(|code| {
        PROPERTIES.map(|name| row([("rid", &extract(code)), ("item", &name.to_uppercase()), ("entity", "person"), ("property", name)]))
    });
    put(&mut rows, "contract.item", &contract::item(), &fed.collect::<Vec<_>>());
    rows
}

fn session(folder: &std::path::Path, rows: &Rows) -> Session {
    let audit = Arc::new(Audit::open(folder).unwrap());
    let (principal, purpose) = (Principal::parse("operator:li@mz").unwrap(), Purpose::parse("低保核对").unwrap());
    let catalogue = Arc::new(testing::catalogue(rows).costing(100.0));
    Session::open(catalogue, &testing::policies(), audit, principal, purpose, Limits::default(), NOW).unwrap()
}

/// Numerator and denominator by the texts before them.
async fn figures(session: &Session, question: &str) -> BTreeMap<Vec<String>, (i64, i64)> {
    let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    let mut found = BTreeMap::new();
    for batch in &answer.batches {
        let texts: Vec<ArrayRef> = batch.columns().iter().map(|column| arrow_cast::cast(column, &DataType::Utf8).unwrap()).collect();
        for at in 0..batch.num_rows() {
            let cell = |column: usize| {
                let texts = texts[column].as_string::<i32>();
                if texts.is_valid(at) { texts.value(at).to_owned() } else { String::new() }
            };
            let count = texts.len();
            let number = |column: usize| cell(column).parse().unwrap();
            let key = (0..count - 2).map(cell).collect();
            assert!(found.insert(key, (number(count - 2), number(count - 1))).is_none(), "{question}: a figure stands twice");
        }
    }
    found
}

type Plain = BTreeMap<Vec<String>, (i64, i64)>;

/// Relation, person and place.
type Fact<'a> = (&'a str, i64, i64);

/// The earliest day of a registration and its last.
type Span<'a> = (&'a str, &'a str);

fn count(into: &mut Plain, key: &[&str], is_so: bool) {
    let figure = into.entry(key.iter().map(|text| (*text).to_owned()).collect()).or_default();
    *figure = (figure.0 + i64::from(is_so), figure.1 + 1);
}

/// What each department states of each person: the last in order of its values.
fn stated(records: &[Record]) -> BTreeMap<(usize, usize), BTreeMap<&'static str, String>> {
    let mut all: BTreeMap<(usize, usize), BTreeMap<&str, String>> = BTreeMap::new();
    for record in records {
        for (property, said) in record.said.iter().enumerate() {
            if let Some(said) = said {
                let slot = all.entry((record.person, property)).or_default().entry(record.department).or_default();
                *slot = slot.clone().max(said.clone());
            }
        }
    }
    all
}

#[tokio::test]
async fn completeness_counts_what_is_stated() {
    let records = records(1);
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &county(&records));
    let mut plain = Plain::new();
    for record in &records {
        for (property, said) in PROPERTIES.into_iter().zip(&record.said) {
            count(&mut plain, &[record.department, &extract(record.department), "person", property], said.is_some());
        }
    }
    let found = figures(&session, "SELECT department, extract, role, property, numerator, denominator FROM quality.completeness").await;
    assert_eq!(found, plain, "of roles that are repeated in a row, and of no property that no column feeds");
}

#[tokio::test]
async fn consistency_and_accuracy_are_those_of_a_count_by_hand() {
    for seed in 1..4 {
        let records = records(seed);
        let folder = tempfile::tempdir().unwrap();
        let session = session(folder.path(), &county(&records));
        let (mut agree, mut right) = (Plain::new(), Plain::new());
        for ((_, property), by) in stated(&records) {
            for (one, said) in &by {
                for (other, told) in by.iter().filter(|(other, _)| *other != one) {
                    count(&mut agree, &[one, other, PROPERTIES[property]], said == told);
                }
            }
            let votes = |value: &str| by.values().filter(|said| *said == value).count();
            let majority = by.values().find(|value| by.len() > 1 && 2 * votes(value) > by.len());
            for (department, said) in by.iter().filter(|_| majority.is_some()) {
                count(&mut right, &[department, PROPERTIES[property], "majority"], Some(said) == majority);
            }
        }
        for record in &records {
            if let [_, born, sex, Some(id)] = &record.said {
                let held = (wuwei_schema::kind::citizen_id::birth_date(id).unwrap(), wuwei_schema::kind::citizen_id::sex(id).unwrap());
                for (name, said, held) in [("birth_date", born, held.0.as_str()), ("sex", sex, held.1)] {
                    if let Some(said) = said {
                        count(&mut right, &[record.department, name, "id"], held.starts_with(said.as_str()));
                    }
                }
            }
        }
        let question = "SELECT department, counterpart, property, numerator, denominator FROM quality.consistency";
        assert_eq!(figures(&session, question).await, agree, "seed {seed}");
        let question = "SELECT department, property, judged_by, numerator, denominator FROM quality.accuracy";
        assert_eq!(figures(&session, question).await, right, "seed {seed}");
    }
}

#[tokio::test]
async fn what_files_brought_is_counted_by_file() {
    let mut rows = county(&records(2));
    let came = |batch: &str, age: i64, content: i64, outcome: &str, rows: i64, ok: i64| {
        let ago = |days: i64| (NOW - days * DAY).to_string();
        row([
            ("rid", "ga_x"),
            ("batch", batch),
            ("received_ts", &ago(age)),
            ("watermark_ts", &ago(content)),
            ("outcome", outcome),
            ("rows_total", &rows.to_string()),
            ("rows_ok", &ok.to_string()),
        ])
    };
    // The second file is news, the third is old when it comes, the fourth was not loaded, the first is out of the window.
    let deliveries = [
        came("b0", 200, 200, "accepted", 90, 90),
        came("b1", 30, 31, "partial", 100, 97),
        came("b2", 20, 40, "accepted", 50, 50),
        came("b3", 10, 10, "late", 7, 7),
    ];
    put(&mut rows, "contract.delivery", &contract::delivery(), &deliveries);
    let refused = |batch: &str, at: &str, column: &str, rule: &str| {
        row([("batch", batch), ("department", "ga"), ("extract", "ga_x"), ("row", at), ("column", column), ("rule", rule)])
    };
    let rejects = [
        refused("b1", "2", "ID_NO", "id_check_digit"),
        refused("b1", "3", "ID_NO", "id_format"),
        refused("b1", "3", "ID_NO", "excel_precision_lost"),
        refused("b2", "2", "NAME", "cell:masked"),
        refused("b0", "2", "NAME", "cell:masked"),
        refused("b3", "2", "SEX", "cell:code_unknown"),
    ];
    put(&mut rows, table::REJECT, &table::reject_schema(), &rejects);
    let retired = |batch: &str, why: &str| row([("extract", "ga_x"), ("batch", batch), ("why", why)]);
    let retired = [retired("b1", "repeated"), retired("b1", "repeated"), retired("b1", "absent"), retired("b0", "repeated")];
    put(&mut rows, table::RETIRED, &table::retired_schema(), &retired);
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &rows);
    let of = |key: &[&str], figure: (i64, i64)| (key.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), figure);
    let conform = figures(&session, "SELECT extract, item, property, numerator, denominator FROM quality.conformity").await;
    let expected: Plain = [("BIRTH_DATE", "birth_date", 150), ("ID_NO", "id_no", 148), ("NAME", "name", 149), ("SEX", "sex", 150)]
        .map(|(item, property, good)| of(&["ga_x", item, property], (good, 150)))
        .into();
    assert_eq!(conform, expected, "two faults of one cell are one, and only what came within the window counts");
    let once = figures(&session, "SELECT department, extract, numerator, denominator FROM quality.uniqueness").await;
    assert_eq!(once, [of(&["ga", "ga_x"], (145, 147))].into());
    let timely = figures(&session, "SELECT extract, cycle_days, age_days, numerator, denominator FROM quality.timeliness").await;
    assert_eq!(timely, [of(&["ga_x", "10", "31"], (1, 2))].into());
}

#[tokio::test]
async fn a_duplicate_is_told_once_with_who_held_it_and_what_it_cost() {
    let mut dice = Dice(9);
    let days = ["2024-01-01", "2024-06-01", "2025-01-01", "2025-06-01"];
    let edges: Vec<testing::Edge<'_>> = (0..160)
        .map(|_| {
            let since = days[usize::try_from(dice.below(4)).unwrap()];
            let until = Some(days[usize::try_from(dice.below(4)).unwrap()]).filter(|until| *until > since);
            let relation = ["lives_at", "registered_at", "owns"][usize::try_from(dice.below(3)).unwrap()];
            let (person, place) = (i64::try_from(dice.below(9)).unwrap(), 100 + i64::try_from(dice.below(3)).unwrap());
            (relation, person, place, Some(since), until, DEPARTMENTS[usize::try_from(dice.below(4)).unwrap()])
        })
        .collect();
    let mut rows = Rows::new();
    testing::edges(&mut rows, &edges);
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &rows);
    let mut registered: BTreeMap<Fact<'_>, BTreeMap<&str, Span<'_>>> = BTreeMap::new();
    for (relation, person, place, since, until, department) in &edges {
        let (since, until) = (since.unwrap(), until.unwrap_or("9999"));
        let slot = registered.entry((relation, *person, *place)).or_default().entry(department).or_insert((since, until));
        *slot = (slot.0.min(since), slot.1.max(until));
    }
    let (mut held, mut whole) = (Plain::new(), BTreeMap::<(&str, &str), i64>::new());
    for ((relation, ..), by) in registered.iter().filter(|((relation, ..), _)| *relation != "owns") {
        let order: BTreeSet<(&str, &str, &str)> = by.iter().map(|(department, (since, until))| (*since, *department, *until)).collect();
        for (since, department, _) in &order {
            *whole.entry((relation, department)).or_default() += 1;
            let before = order.iter().filter(|(s, d, _)| (s, d) < (since, department)).map(|(_, d, until)| (until, d)).max();
            if let Some((_, holder)) = before.filter(|(until, _)| *until > since) {
                count(&mut held, &[department, holder, relation], true);
            }
        }
    }
    held.iter_mut().for_each(|(key, figure)| figure.1 = whole[&(key[2].as_str(), key[0].as_str())]);
    assert!(held.len() > 4, "{held:?}");
    let found = figures(&session, "SELECT department, counterpart, fact, numerator, denominator FROM quality.duplicate_registration").await;
    assert_eq!(found, held);
    let sum = "SELECT sum(numerator), CAST(sum(cost_yuan) AS BIGINT) FROM quality.duplicate_registration";
    let indicated = "SELECT numerator, 100 * numerator FROM indicator.duplicate_registration WHERE department IS NULL";
    assert_eq!(figures(&session, sum).await, figures(&session, indicated).await, "as many as the indicator counts, at 100 yuan each");
}

#[tokio::test]
async fn figures_of_few_are_for_those_who_see_the_rows() {
    let records: Vec<Record> = records(1).into_iter().filter(|record| record.department != "wj" || record.person < 8).collect();
    let folder = tempfile::tempdir().unwrap();
    let rows = county(&records);
    let policies = Arc::new(crate::Policies::embedded().unwrap());
    let as_ = |who: &str, purpose: &str| {
        let audit = Arc::new(Audit::open(folder.path()).unwrap());
        let (principal, purpose) = (Principal::parse(who).unwrap(), Purpose::parse(purpose).unwrap());
        Session::open(Arc::new(testing::catalogue(&rows)), &policies, audit, principal, purpose, Limits::default(), NOW)
    };
    let question = "SELECT department, property, numerator, denominator FROM quality.completeness";
    let all = figures(&session(folder.path(), &rows), question).await;
    let seen = figures(&as_("engineer", "数据治理").unwrap(), question).await;
    assert_eq!(seen, all, "who sees all rows, masked, sees all figures");
    for (who, purpose) in [("analyst", "统计分析"), ("liaison:li@ga", "数据报送与核对")] {
        let told = figures(&as_(who, purpose).unwrap(), question).await;
        let is_small = |number: i64| number > 0 && number < 10;
        let large = all.iter().filter(|(_, (reached, all))| ![*reached, *all, all - reached].into_iter().any(is_small));
        let large: Plain = large.map(|(key, figure)| (key.clone(), *figure)).collect();
        assert!(large.len() < all.len() && !large.is_empty());
        assert_eq!(told, large, "{who}");
    }
    for (who, purpose) in [("case_worker:li@mz", "低保核对"), ("admin", "账号与权限管理")] {
        assert!(as_(who, purpose).unwrap().sql(question, NOW).await.unwrap_err().to_string().contains("quality.completeness"), "{who}");
    }
}
