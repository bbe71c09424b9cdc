//! Test help: batches from literals, and an invented county with its dirt and its truth.

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, new_null_array};
use arrow_schema::DataType;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::{EntityType, Model, kind::citizen_id, table};

pub(crate) fn person() -> EntityType {
    Model::embedded().unwrap().entity("person").unwrap().clone()
}

/// `record.person` from literals; what is not given is empty.
pub(crate) fn records(rows: &[(i64, &[(&str, &str)])]) -> RecordBatch {
    let rows: Vec<(i64, BTreeMap<String, String>)> = rows
        .iter()
        .map(|(id, cells)| (*id, cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()))
        .collect();
    batch(&person(), &rows)
}

/// A batch of `record.<type>`, in which numbers are left out.
pub(crate) fn batch(entity: &EntityType, rows: &[(i64, BTreeMap<String, String>)]) -> RecordBatch {
    let schema = entity.record_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "record_id" => Arc::new(rows.iter().map(|(id, _)| Some(*id)).collect::<Int64Array>()),
            "row" => Arc::new(rows.iter().map(|(id, _)| Some(id + 1)).collect::<Int64Array>()),
            _ if *field.data_type() == DataType::Float64 => new_null_array(field.data_type(), rows.len()),
            name if field.is_nullable() => Arc::new(rows.iter().map(|(_, cells)| cells.get(name).cloned()).collect::<StringArray>()),
            name => Arc::new(rows.iter().map(|(_, cells)| Some(cells.get(name).cloned().unwrap_or_default())).collect::<StringArray>()),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// `graph.link` from (record, entity).
pub(crate) fn link(links: &[(i64, i64)]) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(links.iter().map(|link| link.0))),
        Arc::new(Int64Array::from_iter_values(links.iter().map(|link| link.1))),
        Arc::new(StringArray::from_iter_values(links.iter().map(|_| "person"))),
        Arc::new(StringArray::from_iter_values(links.iter().map(|_| "id"))),
    ];
    RecordBatch::try_new(table::partition_schema(), columns).unwrap()
}

/// `record.relation` from (relation, source, target); the n-th stands in row n + 2.
pub(crate) fn relations(ties: &[(&str, i64, i64)]) -> RecordBatch {
    let schema = table::relation_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "relation" => Arc::new(StringArray::from_iter_values(ties.iter().map(|tie| tie.0))),
            "source" => Arc::new(Int64Array::from_iter_values(ties.iter().map(|tie| tie.1))),
            "target" => Arc::new(Int64Array::from_iter_values(ties.iter().map(|tie| tie.2))),
            "row" => Arc::new((2i64..).take(ties.len()).map(Some).collect::<Int64Array>()),
            _ if field.is_nullable() => Arc::new(ties.iter().map(|_| None::<&str>).collect::<StringArray>()),
            name => Arc::new(StringArray::from_iter_values(ties.iter().map(|_| name))),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// An edge as a test writes it: relation, source, target, since, until.
pub(crate) type Tie<'a> = (&'a str, i64, i64, Option<&'a str>, Option<&'a str>);

/// `graph.edge` from literals; what does not matter is `x`.
pub(crate) fn edges(ties: &[Tie<'_>]) -> RecordBatch {
    let schema = table::edge_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "relation" => Arc::new(StringArray::from_iter_values(ties.iter().map(|tie| tie.0))),
            "source" => Arc::new(Int64Array::from_iter_values(ties.iter().map(|tie| tie.1))),
            "target" => Arc::new(Int64Array::from_iter_values(ties.iter().map(|tie| tie.2))),
            "since" => Arc::new(ties.iter().map(|tie| tie.3).collect::<StringArray>()),
            "until" => Arc::new(ties.iter().map(|tie| tie.4).collect::<StringArray>()),
            "row" => Arc::new((2i64..).take(ties.len()).map(Some).collect::<Int64Array>()),
            _ => Arc::new(StringArray::from_iter_values(ties.iter().map(|_| "x"))),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// A citizen id of nobody: a division of 99, that birth date and order.
pub(crate) fn id_no(birth_date: &str, order: usize) -> String {
    let body = format!("99{:04}{}{:03}", 101 + order / 1000, birth_date.replace('-', ""), order % 1000);
    format!("{body}{}", citizen_id::check_digit(&body).unwrap())
}

/// What a record says.
pub(crate) type Cells = BTreeMap<String, String>;

/// A record and the person it is of.
pub(crate) type Known = (i64, BTreeMap<String, String>, String);

/// An invented county: households of parents, children and twins; departments that mistype, forget ids, write the guardian's id on children
/// and a clerk's phone on many.
pub(crate) fn county(households: usize, seed: u64) -> Vec<Known> {
    let mut dice = Dice(seed);
    let mut known = Vec::new();
    for household in 0..households {
        let surname = *dice.pick(&SURNAMES);
        let address = format!(
            "云溪县城关镇{}路{}号{}室",
            dice.pick(&["人民", "解放", "东河", "柳树", "新华"]),
            dice.below(300) + 1,
            dice.below(900) + 100
        );
        let phone = format!("12{:09}", dice.below(900_000_000));
        let twins = dice.below(20) == 0;
        let twin_day = day(&mut dice, 2010);
        let mut ids: Vec<String> = Vec::new();
        for member in 0..4 {
            let (from, own) = if member < 2 { (1955 + dice.below(40), true) } else { (2005 + dice.below(15), false) };
            let born = if twins && member >= 2 { twin_day.clone() } else { day(&mut dice, from) };
            let name = format!("{surname}{}{}", if twins && member >= 2 { "子" } else { *dice.pick(&GIVEN) }, dice.pick(&GIVEN));
            let id = id_no(&born, household * 4 + member);
            ids.push(id.clone());
            let phone = if own { format!("11{:09}", dice.below(900_000_000)) } else { phone.clone() };
            let person = format!("{household}-{member}");
            for department in ["ga", "wg", "jy", "mz", "ws"] {
                if dice.below(10) < 2 {
                    continue;
                }
                let mut cells: BTreeMap<String, String> = [("department", department), ("extract", department), ("role", "person")]
                    .into_iter()
                    .chain([("name", &*name), ("birth_date", &*born), ("phone", &*phone), ("live_address", &*address), ("id_no", &*id)])
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                dirty(&mut dice, &mut cells, if member >= 2 { &ids[0] } else { &id });
                known.push((0, cells, person.clone()));
            }
        }
    }
    known.iter_mut().zip(1..).for_each(|(known, number)| known.0 = number);
    known
}

/// A county with the cases that are hard to resolve step by step and in any order: copies, hubs, contested values, blocks too big.
pub(crate) fn town() -> Vec<Cells> {
    let mut said: Vec<Cells> = county(70, 7).into_iter().map(|(_, cells, _)| cells).collect();
    let cells = |cells: &[(&str, &str)]| -> Cells { cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() };
    // Copies, of which now one and now another speaks.
    let twice: Vec<Cells> = said.iter().step_by(5).cloned().collect();
    said.extend(twice);
    // A clerk's own permit on strangers, one that two of two ids carry, and a number that many of one person do.
    let (one, two) = (id_no("1985-03-07", 901), id_no("1985-03-07", 902));
    for (at, name) in ["王建国", "李大伟", "张静", "刘洋"].iter().enumerate() {
        let day = format!("19{}0-05-0{}", at + 4, at + 1);
        said.push(cells(&[("name", name), ("birth_date", &day), ("permit_no", "J99010120260001")]));
        said.push(cells(&[("name", name), ("birth_date", &day), ("phone", &format!("1200000000{at}"))]));
    }
    let known = [("name", "欧阳海"), ("birth_date", "1985-03-07"), ("phone", "12000000077")];
    for id in [&one, &two] {
        said.push(cells(&[&known[..], &[("id_no", id), ("permit_no", "J99010120260002")]].concat()));
        said.push(cells(&[&known[..2], &[("id_no", id)]].concat()));
    }
    said.push(cells(&[&known[..2], &[("permit_no", "J99010120260002")]].concat()));
    said.push(cells(&known[1..]));
    // Too many of one name born in one month: their block is refined, and with some fewer it is not.
    for at in 0..78 {
        let mut of = cells(&[
            ("name", "李静"),
            ("birth_date", &format!("1990-06-{:02}", at % 28 + 1)),
            ("sex", if at % 2 == 0 { "1" } else { "2" }),
        ]);
        if at % 3 == 0 {
            of.insert("phone".to_owned(), format!("120000001{:02}", at / 6));
        }
        if at % 4 == 0 {
            of.insert("live_address".to_owned(), format!("云溪县城关镇新华路{}号", at % 8));
        }
        if at % 9 == 0 {
            of.insert("id_no".to_owned(), id_no(&format!("1990-06-{:02}", at % 28 + 1), 700 + at % 27));
        }
        said.push(of);
    }
    // Too many on one phone, of two names that sound alike: refined by name, the block holds no pair of both, and no other key does.
    for at in 0..88 {
        let name = if at % 3 == 0 { "王晓明" } else { "王小明" };
        said.push(cells(&[("name", name), ("phone", "12000000555"), ("insurance_no", &format!("A{at:04}"))]));
    }
    said
}

fn dirty(dice: &mut Dice, cells: &mut BTreeMap<String, String>, guardian: &str) {
    let mut set = |name: &str, value: Option<String>| match value {
        Some(value) => drop(cells.insert(name.to_owned(), value)),
        None => drop(cells.remove(name)),
    };
    match dice.below(100) {
        0..12 => set("id_no", None),
        12..15 => set("id_no", Some(guardian.to_owned())),
        _ => {}
    }
    match dice.below(100) {
        0..10 => set("birth_date", None),
        10..12 => set("birth_date", Some(format!("{}-01", 1950 + dice.below(60)))),
        _ => {}
    }
    match dice.below(100) {
        0..15 => set("phone", None),
        15..20 => set("phone", Some("12099999999".to_owned())),
        _ => {}
    }
    if dice.below(100) < 30 {
        set("live_address", None);
    }
    let name = cells["name"].clone();
    let typed = match dice.below(100) {
        0..2 => name.replace('明', "铭").replace('伟', "玮").replace('静', "婧"),
        2..3 => name.chars().take(2).collect(),
        _ => name,
    };
    cells.insert("name".to_owned(), typed);
}

fn day(dice: &mut Dice, year: usize) -> String {
    format!("{year}-{:02}-{:02}", dice.below(12) + 1, dice.below(28) + 1)
}

const SURNAMES: [&str; 16] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙", "马", "朱", "胡", "欧阳"];
const GIVEN: [&str; 24] = [
    "明", "伟", "静", "建", "国", "芳", "丽", "军", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "超", "秀", "霞", "平", "刚", "桂",
    "英", "海",
];

/// So many record numbers, from 1, in some order.
pub(crate) fn shuffled(dice: &mut Dice, records: usize) -> Vec<i64> {
    let mut order: Vec<i64> = (1..=i64::try_from(records).unwrap()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice.below(at + 1));
    }
    order
}

/// A fixed sequence of throws.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = crate::column::mix(self.0, 7);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}
