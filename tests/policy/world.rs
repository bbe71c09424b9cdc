//! Small worlds of invented people, in pairs that differ only in what somebody may not see. What that is, is said here a second time and by
//! itself: nothing of the policies is asked.

use super::ties::{doubted, indexed, led, owned};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::{DataType, SchemaRef};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use wuwei_ingest::Departments;
use wuwei_lake::{Commit, Lake};
use wuwei_query::{Audit, Catalogue, Indicators, Limits, Policies, Principal, Purpose, Session};
use wuwei_schema::{Model, contract, history, table};

/// The day on which everybody asks: 2026-11-28.
pub(crate) const NOW: i64 = 20_785 * 86_400_000;
/// The person who is restricted.
pub(crate) const RESTRICTED: usize = 18;
/// From this number on a person came since the last resolution.
pub(crate) const NEW: i64 = 400;
const DEPARTMENTS: [&str; 3] = ["ga", "jy", "mz"];

/// Somebody who asks, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Operator,
    Engineer,
    Liaison,
    School,
    Benefit,
    Area,
    Analyst,
    Auditor,
    Admin,
    Reviewer,
}

pub(crate) const EVERYBODY: [Who; 10] = [
    Who::Operator,
    Who::Engineer,
    Who::Liaison,
    Who::School,
    Who::Benefit,
    Who::Area,
    Who::Analyst,
    Who::Auditor,
    Who::Admin,
    Who::Reviewer,
];

/// The area of whoever answers for one.
const AREA: &str = "云溪县城关镇人民路1";

impl Who {
    /// As `--as` and `--purpose` take them.
    pub(crate) fn stated(self) -> (&'static str, &'static str) {
        match self {
            Who::Operator => ("operator", "local operation"),
            Who::Engineer => ("engineer:zhao", "数据治理"),
            Who::Liaison => ("liaison:qian@mz", "数据报送与核对"),
            Who::School => ("case_worker:sun@jy", "学龄人口入学审核"),
            Who::Benefit => ("case_worker:li@mz", "低保核对"),
            Who::Area => ("case_worker:feng@mz/云溪县城关镇人民路1", "低保核对"),
            Who::Analyst => ("analyst:zhou", "统计分析"),
            Who::Auditor => ("auditor:wu", "审计"),
            Who::Admin => ("admin:zheng", "账号与权限管理"),
            Who::Reviewer => ("reviewer:chen", "归并复核"),
        }
    }
}

/// Numbers that look random and are the same every time.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    pub(crate) fn of<'a, T>(&mut self, some: &'a [T]) -> &'a T {
        &some[self.below(some.len())]
    }

    /// The text with all but its first and last characters drawn anew, each from those of its kind.
    fn redrawn(&mut self, text: &str, head: usize, tail: usize) -> String {
        let count = text.chars().count();
        if count <= head + tail {
            return text.chars().map(|_| self.letter('x')).collect();
        }
        text.chars().enumerate().map(|(at, letter)| if at < head || at >= count - tail { letter } else { self.letter(letter) }).collect()
    }

    fn letter(&mut self, like: char) -> char {
        match like {
            '0'..='9' => char::from_digit(u32::try_from(self.below(10)).unwrap(), 10).unwrap(),
            '-' => '-',
            _ => *self.of(&['云', '溪', '明', '华', '强', '丽', '军', '芳']),
        }
    }
}

/// One person, with one record, and perhaps a vehicle.
#[derive(Debug, Clone)]
pub(crate) struct Human {
    pub(crate) number: i64,
    pub(crate) department: &'static str,
    pub(crate) name: String,
    pub(crate) id_no: String,
    pub(crate) phone: String,
    pub(crate) birth: String,
    pub(crate) sex: String,
    pub(crate) address: String,
    pub(crate) marital: String,
    pub(crate) plate: Option<String>,
    /// Since when they own what they own.
    pub(crate) since: String,
}

impl Human {
    fn is_young(&self) -> bool {
        self.birth.as_str() > "2012-11-28"
    }
}

/// Everybody in a world.
pub(crate) fn people(seed: u64) -> Vec<Human> {
    let mut dice = Dice(seed * 2 + 1);
    let human = |number: usize| {
        let birth = if number % 6 == 3 {
            format!("20{}-0{}-1{}", 13 + dice.below(10), 1 + dice.below(9), dice.below(10))
        } else {
            format!("19{}-0{}-1{}", 50 + dice.below(49), 1 + dice.below(9), dice.below(10))
        };
        Human {
            number: i64::try_from(number).unwrap(),
            department: DEPARTMENTS[number % 3],
            name: format!("{}{}", dice.of(&["王", "李", "张", "刘"]), dice.of(&["小明", "伟", "秀英", "建国"])),
            id_no: format!("990101{}{:03}{}", birth.replace('-', ""), number, dice.below(10)),
            phone: format!("120{:08}", dice.below(99_999_999)),
            birth,
            sex: (1 + dice.below(2)).to_string(),
            address: format!("云溪县城关镇人民路{}号{}室", 1 + dice.below(90), 101 + dice.below(20)),
            marital: format!("{}0", 1 + dice.below(4)),
            plate: match number {
                RESTRICTED => Some("云A00018".to_owned()),
                _ => number.is_multiple_of(4).then(|| format!("云A{:05}", dice.below(99_999))),
            },
            since: since(&mut Dice(seed * 173 + 7 + number as u64), 6),
        }
    };
    (0..72).map(human).collect()
}

/// The same people, but for what `who` may not see of them.
pub(crate) fn altered(people: &[Human], who: Who, seed: u64) -> Vec<Human> {
    let mut dice = Dice(seed * 2 + 77);
    people.iter().map(|human| altered_one(human, who, &mut dice)).collect()
}

fn altered_one(human: &Human, who: Who, dice: &mut Dice) -> Human {
    let anybody = Human {
        name: dice.redrawn("甲乙丙", 0, 0),
        id_no: format!("990101198{}0505{:04}", dice.below(10), dice.below(10_000)),
        phone: dice.redrawn("12100000000", 3, 0),
        birth: format!("19{}-05-05", 60 + dice.below(30)),
        sex: (1 + dice.below(2)).to_string(),
        address: dice.redrawn("云溪县城关镇胜利路八号", 2, 0),
        marital: "10".to_owned(),
        plate: (dice.below(2) == 0).then(|| format!("云B{:05}", dice.below(99_999))),
        since: since(dice, 8),
        ..human.clone()
    };
    let masked = Human {
        name: dice.redrawn(&human.name, 1, 0),
        id_no: dice.redrawn(&human.id_no, 6, 2),
        phone: dice.redrawn(&human.phone, 3, 2),
        birth: format!("{}-02-02", &human.birth[..4]),
        sex: (1 + dice.below(2)).to_string(),
        address: dice.redrawn(&human.address, 6, 0),
        marital: format!("{}0", 1 + dice.below(4)),
        plate: human.plate.as_ref().map(|plate| dice.redrawn(plate, 1, 0)),
        since: since(dice, 7),
        ..human.clone()
    };
    let is_restricted = usize::try_from(human.number).unwrap() == RESTRICTED;
    match who {
        _ if is_restricted => Human { plate: human.plate.clone(), ..anybody },
        Who::Operator | Who::Reviewer => human.clone(),
        // Plates are texts of their own type: what is masked of them is all but the first character.
        Who::Engineer => masked,
        Who::Liaison if human.department == "mz" => human.clone(),
        Who::School if human.department == "ga" => {
            Human { id_no: masked.id_no, phone: masked.phone, plate: anybody.plate, ..human.clone() }
        }
        Who::Benefit if human.is_young() => {
            Human { birth: later(&human.birth), plate: human.plate.clone(), since: human.since.clone(), ..masked }
        }
        Who::Benefit => human.clone(),
        Who::Area if human.address.starts_with(AREA) => {
            // That it is in the area is what makes it seen.
            let rest = dice.redrawn(&human.address[AREA.len()..], 0, 0);
            let address = if human.is_young() { format!("{AREA}{rest}") } else { human.address.clone() };
            Human { address, ..altered_one(human, Who::Benefit, dice) }
        }
        Who::Liaison | Who::School | Who::Area | Who::Auditor | Who::Admin => anybody,
        Who::Analyst => {
            let plate = human.plate.as_ref().map(|plate| dice.redrawn(plate, 0, 0));
            Human { sex: human.sex.clone(), marital: human.marital.clone(), plate, ..anybody }
        }
    }
}

/// A day of that month of some year.
fn since(dice: &mut Dice, month: u32) -> String {
    format!("20{}-0{month}-0{}", 10 + dice.below(16), 1 + dice.below(9))
}

/// Another day of the same year on which somebody is under 14 as well.
fn later(birth: &str) -> String {
    format!("{}-12-12", &birth[..4])
}

/// A hub of such people in a folder, and the session of somebody before it.
pub(crate) async fn session(folder: &Path, people: &[Human], who: Who) -> Session {
    let (principal, purpose) = who.stated();
    session_as(folder, people, Principal::parse(principal).unwrap(), purpose).await
}

/// The same of whoever it may be.
pub(crate) async fn session_as(folder: &Path, people: &[Human], principal: Principal, purpose: &str) -> Session {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    build(folder, &model, &departments, people).await;
    let lake = Lake::open(folder).await.unwrap();
    let schema = |extract| wuwei_ingest::raw_schema(extract, &model);
    let raw = departments.extracts().map(|(_, extract)| (extract.name.clone(), schema(extract))).collect();
    let catalogue = Catalogue::new(&lake, &model, raw, Indicators::embedded().unwrap()).unwrap();
    let names = wuwei_search::Names::of(&model, BTreeMap::new());
    let catalogue = catalogue.indexed(indexed(folder, model.entity("person").unwrap(), people), names);
    let policies = Arc::new(Policies::embedded().unwrap());
    let audit = Arc::new(Audit::open(&folder.join("audit")).unwrap());
    let purpose = Purpose::parse(purpose).unwrap();
    Session::open(Arc::new(catalogue), &policies, audit, principal, purpose, Limits::default(), NOW).unwrap()
}

/// Cells by heading; what is not among them is empty.
pub(super) type Row = BTreeMap<String, String>;

pub(super) fn row<const N: usize>(cells: [(&str, String); N]) -> Row {
    cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()
}

async fn build(folder: &Path, model: &Model, departments: &Departments, people: &[Human]) {
    let lake = Lake::open(folder).await.unwrap();
    let mut publisher = lake.publisher(NOW).await.unwrap();
    let [person, vehicle] = ["person", "vehicle"].map(|name| model.entity(name).unwrap());
    let registered = wuwei_ingest::raw_schema(departments.extract("ga_hjrk").unwrap(), model);
    let owners = || people.iter().filter(|human| human.plate.is_some());
    let of_ga = people.iter().filter(|human| human.department == "ga");
    let of_people = people.iter().filter(|human| human.number < NEW).map(|human| linked(human.number, "person"));
    let of_vehicles = owners().map(|human| linked(500 + human.number, "vehicle"));
    let tables: Vec<(&str, SchemaRef, Vec<Row>)> = vec![
        ("record.person", person.record_schema(), people.iter().map(|human| stated(human, true)).collect()),
        ("entity.person", person.entity_schema(), people.iter().map(|human| stated(human, false)).collect()),
        ("record.vehicle", vehicle.record_schema(), owners().map(|human| driven(human, true)).collect()),
        ("entity.vehicle", vehicle.entity_schema(), owners().map(|human| driven(human, false)).collect()),
        (table::LINK, table::link_schema(), of_people.chain(of_vehicles).collect()),
        (table::EDGE, table::edge_schema(), owners().flat_map(owned).collect()),
        (
            table::PAIR,
            table::pair_schema(),
            people.iter().filter(|human| human.number % 2 == 0 && human.number < 70).map(doubted).collect(),
        ),
        (history::REDIRECT, history::redirect_schema(), people.iter().step_by(8).map(led).collect()),
        ("raw.ga_hjrk", registered, of_ga.map(delivered).collect()),
        (table::REJECT, table::reject_schema(), people.iter().take(20).map(refused).collect()),
        (contract::RESTRICTED, contract::restricted(), vec![restricted()]),
    ];
    for (name, schema, rows) in &tables {
        publisher.write(name, &batch(schema, rows)).await.unwrap();
    }
    publisher.commit(Commit::Append { batch: "b".to_owned() }, "raw.ga_hjrk").await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
}

/// A row as the police deliver it.
fn delivered(human: &Human) -> Row {
    let number = || human.number.to_string();
    let ours = [("batch", "b".to_owned()), ("row", number()), ("first_record", number()), ("last_record", number())];
    let mut row = row(ours);
    row.extend(self::row([("XM", human.name.clone()), ("GMSFHM", human.id_no.clone())]));
    row
}

/// A row that was refused.
fn refused(human: &Human) -> Row {
    row([
        ("batch", "b".to_owned()),
        ("department", human.department.to_owned()),
        ("extract", "x".to_owned()),
        ("file", "f".to_owned()),
        ("row", human.number.to_string()),
        ("rule", "id_check_digit".to_owned()),
        ("reason", "校验码错误".to_owned()),
        ("value", human.id_no.clone()),
        ("cells", format!("{{\"a\":\"{}\"}}", human.id_no)),
    ])
}

/// The one restriction.
fn restricted() -> Row {
    row([
        ("restriction", "1".to_owned()),
        ("entity", "person".to_owned()),
        ("entity_id", (1000 + RESTRICTED).to_string()),
        ("record_id", RESTRICTED.to_string()),
        ("state", "restricted".to_owned()),
        ("ground", "2026-1".to_owned()),
        ("who", "a".to_owned()),
        ("at", NOW.to_string()),
    ])
}

pub(super) fn stated(human: &Human, is_record: bool) -> Row {
    let mut row = row([
        ("name", human.name.clone()),
        ("id_no", human.id_no.clone()),
        ("phone", human.phone.clone()),
        ("birth_date", human.birth.clone()),
        ("sex", human.sex.clone()),
        ("live_address", human.address.clone()),
        ("marital", human.marital.clone()),
    ]);
    row.extend(numbered(human.number, human.department, "person", is_record));
    row
}

fn driven(human: &Human, is_record: bool) -> Row {
    let mut row = row([("plate_no", human.plate.clone().unwrap()), ("status", "正常".to_owned())]);
    row.extend(numbered(500 + human.number, human.department, "vehicle", is_record));
    row
}

fn numbered(number: i64, department: &str, role: &str, is_record: bool) -> Row {
    match is_record {
        true => row([
            ("record_id", number.to_string()),
            ("role", role.to_owned()),
            ("department", department.to_owned()),
            ("extract", format!("{department}_x")),
            ("batch", "b".to_owned()),
            ("row", number.to_string()),
        ]),
        false => row([("entity_id", (1000 + number).to_string()), ("records", "1".to_owned()), ("departments", department.to_owned())]),
    }
}

fn linked(number: i64, entity: &str) -> Row {
    row([
        ("record_id", number.to_string()),
        ("entity_id", (1000 + number).to_string()),
        ("entity", entity.to_owned()),
        ("tier", "single".to_owned()),
        ("since", "1".to_owned()),
        ("reason", "arrived".to_owned()),
    ])
}

pub(super) fn row_of(human: &Human) -> Row {
    row([
        ("department", human.department.to_owned()),
        ("extract", format!("{}_x", human.department)),
        ("batch", "b".to_owned()),
        ("row", human.number.to_string()),
    ])
}

pub(super) fn batch(schema: &SchemaRef, rows: &[Row]) -> RecordBatch {
    let column = |field: &Arc<arrow_schema::Field>| -> ArrayRef {
        let cells = || rows.iter().map(|row| row.get(field.name()).map(String::as_str));
        let number = |cell: Option<&str>| cell.map(|cell| cell.parse::<i64>().unwrap()).or((!field.is_nullable()).then_some(0));
        match field.data_type() {
            DataType::Int64 => Arc::new(cells().map(number).collect::<Int64Array>()),
            DataType::Timestamp(..) => Arc::new(cells().map(number).collect::<TimestampMillisecondArray>()),
            DataType::Float64 => Arc::new(cells().map(|cell| cell.map(|cell| cell.parse::<f64>().unwrap())).collect::<Float64Array>()),
            DataType::Boolean => Arc::new(cells().map(|_| Some(false)).collect::<BooleanArray>()),
            _ => Arc::new(cells().map(|cell| cell.or((!field.is_nullable()).then_some(""))).collect::<StringArray>()),
        }
    };
    RecordBatch::try_new(Arc::clone(schema), schema.fields().iter().map(column).collect()).unwrap()
}
