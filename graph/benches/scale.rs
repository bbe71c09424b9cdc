//! How long who is who takes and how much memory, and how both grow: of N records (the arguments; 2.4 million and 24 million where there are none) of
//! an invented city, five of each person. One line of JSON each; the records are drawn as they are read, which takes `drawn_seconds` of the time.
//!
//! `cargo bench -p wuwei-graph --bench scale -- 2400000 24000000`. Memory is the highest of the process so far, so small ones come first.
//!
//! `… -- 24000000 --increment 100000`: the last so many come after the others were resolved, and are resolved by what was learned of these; then all
//! are resolved at once by the same, which has to come to the same pairs and partition. Seconds until all records are read (drawing them is a
//! part of it), of reading the pairs of before, and from there to the end.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a bench prints and fails")]

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    ops::Sub,
    sync::{Arc, OnceLock},
    time::Instant,
};
use wuwei_graph::{Before, Decisions, Resolution, columns_needed, resolve, resolve_since, resolve_with};
use wuwei_schema::{EntityType, Model, kind::citizen_id};

/// Records of a person, and rows of a batch.
const EACH: u64 = 5;
const ROWS: u64 = 8_192;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let is_option = words.iter().position(|word| word == "--increment");
    let increment: Option<u64> = is_option.and_then(|at| words.get(at + 1)).map(|word| word.parse().unwrap());
    let asked: Vec<u64> = words.iter().take(is_option.unwrap_or(words.len())).filter_map(|word| word.parse().ok()).collect();
    let person = Model::embedded().unwrap().entity("person").unwrap().clone();
    if let Some(more) = increment {
        return asked.iter().for_each(|&records| arrive(&person, records, more));
    }
    for records in if asked.is_empty() { vec![2_400_000, 24_000_000] } else { asked } {
        let began = Instant::now();
        let drawn: usize = batches(&person, records).map(|batch| batch.num_rows()).sum();
        let drawn_seconds = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let found = resolve(&person, batches(&person, records).map(Ok), &Decisions::default()).unwrap();
        let seconds = began.elapsed().as_secs_f64();
        let report = &found.report;
        let (right, joined) = precision(&found, records);
        println!(
            r#"{{"records":{drawn},"seconds":{seconds:.1},"drawn_seconds":{drawn_seconds:.1},"peak_rss_mb":{},"copies":{},"pairs":{},"people":{},"entities":{},"records_joined":{joined},"of_one_person":{right},"threshold":{:.4}}}"#,
            peak_mb(),
            report.copies,
            report.compared,
            records / EACH,
            report.entities,
            report.threshold,
        );
    }
}

/// So many come after the rest was resolved.
fn arrive(person: &EntityType, records: u64, more: u64) {
    let drawn = Spent::now();
    assert!(batches(person, records).all(|batch| batch.num_rows() > 0));
    let drawn = drawn.since();
    let old = batches(person, records).map(|batch| {
        let numbers = batch.column_by_name("record_id").unwrap().as_primitive::<Int64Type>();
        let count = numbers.values().partition_point(|&number| number <= i64::try_from(records - more).unwrap());
        batch.slice(0, count)
    });
    let first = Spent::now();
    let (resolved, first) = (resolve(person, old.map(Ok), &Decisions::default()).unwrap(), first.since());
    let stood = resolved.link.records().values().to_vec();
    let (model, compared) = (resolved.model.unwrap(), resolved.report.compared);
    let pairs = resolved.pair.batches().collect::<Result<Vec<_>, _>>().unwrap();
    let link = resolved.link;
    drop((resolved.pair, resolved.verified));
    forget_peak();
    let held = peak_mb();
    let (began, marks) = (Spent::now(), RefCell::new(Vec::new()));
    let mark = || marks.borrow_mut().push(began.since());
    let before = Before {
        model: &model,
        records: &stood,
        decided: &BTreeSet::new(),
        link: link.batches().map(|batch| Ok(batch.unwrap())),
        pairs: told(pairs.iter().cloned().map(Ok), &mark),
        gone: std::iter::empty(),
    };
    let found = resolve_since(person, told(batches(person, records).map(Ok), &mark), &Decisions::default(), before).unwrap();
    mark();
    let peak = peak_mb();
    drop(pairs);
    let whole = Spent::now();
    let (at_once, whole) = (resolve_with(person, batches(person, records).map(Ok), &Decisions::default(), &model).unwrap(), whole.since());
    assert!(found.link == at_once.link && found.pair == at_once.pair && found.verified == at_once.verified, "they differ");
    let report = found.report;
    println!(
        r#"{{"records":{records},"more":{more},"way":"{:?}","again":{},"compared":{},"carried":{},"compared_before":{compared},"peak_rss_mb":{},"held_before_mb":{held}}}"#,
        report.way, report.again, report.compared, report.carried, peak,
    );
    let marks = marks.borrow();
    let [_, read, asked, carried, end] = marks[..] else { panic!("batches were asked for otherwise: {marks:?}") };
    let phases = [
        ("drawn", drawn),
        ("first_learned", first),
        ("all_at_once", whole),
        ("increment", end),
        ("of_it_read", read),
        ("of_it_pairs_read", carried - asked),
        ("of_it_resolved_and_written", end - carried),
    ];
    for (phase, Spent { seconds, processor }) in phases {
        println!(r#"{{"records":{records},"more":{more},"phase":"{phase}","seconds":{seconds:.1},"processor_seconds":{processor:.1}}}"#);
    }
}

/// Seconds by the clock and of the processor: on a machine that others use only these tell.
#[derive(Debug, Clone, Copy)]
struct Spent {
    seconds: f64,
    processor: f64,
}

impl Spent {
    fn now() -> Spent {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        let status = fs::read_to_string("/proc/self/stat").unwrap();
        let ticks = status.rsplit(") ").next().unwrap().split(' ').skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
        Spent { seconds: BEGAN.get_or_init(Instant::now).elapsed().as_secs_f64(), processor: ticks.sum::<f64>() / 100.0 }
    }

    fn since(self) -> Spent {
        Spent::now() - self
    }
}

impl Sub for Spent {
    type Output = Spent;

    fn sub(self, other: Spent) -> Spent {
        Spent { seconds: self.seconds - other.seconds, processor: self.processor - other.processor }
    }
}

/// Tells when the first is asked for, and when there is no more.
fn told<T>(mut items: impl Iterator<Item = T>, tell: impl Fn()) -> impl Iterator<Item = T> {
    let (mut is_first, mut is_more) = (true, true);
    std::iter::from_fn(move || {
        if std::mem::take(&mut is_first) {
            tell();
        }
        let item = items.next();
        if item.is_none() && std::mem::take(&mut is_more) {
            tell();
        }
        item
    })
}

/// Of the records whose entity is called after another record how many are of the same person as that one.
fn precision(found: &Resolution, records: u64) -> (u64, u64) {
    let person = |record: i64| whose(u64::try_from(record).unwrap(), records);
    let joined = found.link.records().values().iter().zip(found.link.entities().values()).filter(|(record, entity)| record != entity);
    joined.fold((0, 0), |(right, all), (&record, &entity)| (right + u64::from(person(record) == person(entity)), all + 1))
}

/// From here on the peak is counted anew.
fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

fn batches(entity: &EntityType, records: u64) -> impl Iterator<Item = RecordBatch> {
    let names = columns_needed(entity);
    (0..records.div_ceil(ROWS)).map(move |at| {
        let rows: Vec<Row> = (at * ROWS + 1..=((at + 1) * ROWS).min(records)).map(|record| Row::of(record, records)).collect();
        let columns = names.iter().map(|name| {
            let column: ArrayRef = match name.as_str() {
                "record_id" => Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| i64::try_from(row.record).unwrap()))),
                name => Arc::new(rows.iter().map(|row| row.cell(name)).collect::<StringArray>()),
            };
            (name.clone(), column)
        });
        RecordBatch::try_from_iter(columns).unwrap()
    })
}

fn whose(record: u64, records: u64) -> u64 {
    mix(record) % (records / EACH).max(1)
}

/// What a record says of its person.
struct Row {
    record: u64,
    id_no: Option<String>,
    name: Option<String>,
    birth_date: Option<String>,
    sex: &'static str,
    phone: Option<String>,
    live_address: Option<String>,
    registered_address: Option<String>,
}

impl Row {
    /// One in eight has no id, others lack other cells or have a slip.
    fn of(record: u64, records: u64) -> Row {
        let person = whose(record, records);
        let dice = |what: u64| mix(record * 16 + what) % 100;
        let (born, home) = (born(person), home(person / 3));
        let day = |day: u64| format!("{:04}-{:02}-{:02}", born.0, born.1, day);
        let slipped = |name: String| if dice(3) < 3 { name.chars().take(2).collect() } else { name };
        Row {
            record,
            id_no: (dice(0) >= 12).then(|| id_no(person, born)),
            name: Some(slipped(name(person))),
            birth_date: (dice(1) >= 10).then(|| day(if dice(2) < 2 { born.2 % 28 + 1 } else { born.2 })),
            sex: if mix(person).is_multiple_of(2) { "1" } else { "2" },
            phone: (dice(4) >= 25)
                .then(|| if dice(5) < 2 { "12099999999".to_owned() } else { format!("11{:09}", mix(person) % 1_000_000_000) }),
            live_address: (dice(6) >= 35).then(|| home.clone()),
            registered_address: (dice(7) >= 60).then_some(home),
        }
    }

    fn cell(&self, name: &str) -> Option<&str> {
        match name {
            "id_no" => self.id_no.as_deref(),
            "name" => self.name.as_deref(),
            "birth_date" => self.birth_date.as_deref(),
            "sex" => Some(self.sex),
            "phone" => self.phone.as_deref(),
            "live_address" => self.live_address.as_deref(),
            "registered_address" => self.registered_address.as_deref(),
            _ => None,
        }
    }
}

fn born(person: u64) -> (u64, u64, u64) {
    let dice = mix(person ^ 0x5eed);
    (1930 + dice % 90, dice / 90 % 12 + 1, dice / 1080 % 28 + 1)
}

/// A family name of its household's, some far more frequent than others, and one or two characters more.
fn name(person: u64) -> String {
    const SURNAMES: &[char] = &[
        '王', '李', '张', '刘', '陈', '杨', '黄', '赵', '周', '吴', '徐', '孙', '马', '朱', '胡', '郭', '何', '林', '高', '罗', '郑', '梁',
        '谢', '宋', '唐', '许', '邓', '冯', '韩', '曹',
    ];
    let dice = mix(person ^ 0xfa);
    let family = mix((person / 3) ^ 0xfa);
    let often = |dice: u64, many: u64| (dice % many) * (dice / many % many) / many;
    let given = |dice: u64| char::from_u32(0x4e00 + u32::try_from(often(dice, 3_000) * 6).unwrap()).unwrap();
    let mut name = String::from(SURNAMES[usize::try_from(often(family, 30)).unwrap()]);
    name.push(given(dice));
    if !dice.is_multiple_of(6) {
        name.push(given(mix(dice)));
    }
    name
}

fn home(household: u64) -> String {
    let dice = mix(household ^ 0x40e);
    format!(
        "云溪县第{}街道第{}路{}号{}栋{}室",
        dice % 40 + 1,
        dice / 40 % 200 + 1,
        dice / 8_000 % 400 + 1,
        dice / 3_200_000 % 20 + 1,
        dice / 64_000_000 % 900 + 100
    )
}

/// An id of nobody: the division is of 99.
fn id_no(person: u64, born: (u64, u64, u64)) -> String {
    let body = format!("99{:04}{:04}{:02}{:02}{:03}", person / 1_000 % 10_000, born.0, born.1, born.2, person % 1_000);
    format!("{body}{}", citizen_id::check_digit(&body).unwrap())
}

fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}
