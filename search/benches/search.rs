//! How dear it is to index people and how long they take to be found. `cargo bench -p wuwei-search --bench search -- DOCUMENTS [FOLDER]`: so many
//! documents (200,000 if not said) of a third as many invented people, each known to three departments. It prints documents a second of the
//! processor with all merges, bytes a document, and of each kind of question the median and the 99th percentile; it judges nothing. With
//! FOLDER, the names that were indexed are written there as `names.csv`, for other engines to be asked for the same.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a bench prints and fails")]

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{fs, io::Write as _, path::Path, sync::Arc, time::Instant};
use wuwei_schema::{EntityType, Model};
use wuwei_search::{Ask, Index, Permit, Writer};

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋余杜叶程苏魏吕丁任姚沈钟姜崔谭陆范汪廖石金韦贾夏单仇解查区";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志海燕晓东云飞雪松柏竹青山河川江湖波涵宇轩浩然子墨梓桐思远嘉怡欣悦佳琪书瑶";
const STREETS: [&str; 12] =
    ["人民路", "建设路", "解放街", "文化路", "滨河大道", "新华街", "朝阳路", "光明街", "和平路", "东风大道", "学府路", "工业大道"];
const TOWNS: [&str; 8] = ["城关镇", "东河乡", "西山镇", "南坪乡", "北关街道", "石桥镇", "柳林乡", "双河镇"];
const DEPARTMENTS: [&str; 3] = ["civil", "health", "police"];
const ROWS: usize = 8192;
const ASKED: usize = 500;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let documents: usize = arguments.first().map_or(200_000, |text| text.parse().unwrap());
    let person = Model::embedded().unwrap().entity("person").unwrap().clone();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    let (clock, before) = (Instant::now(), processor_seconds());
    let mut writer = Writer::create(&folder, &person).unwrap();
    for from in (0..documents).step_by(ROWS) {
        writer.add(&batch(&person, from..documents.min(from + ROWS))).unwrap();
    }
    let written = writer.finish().unwrap();
    let (seconds, processor) = (clock.elapsed().as_secs_f64(), processor_seconds() - before);
    let bytes: u64 = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    println!(
        r#"{{"run":"index","documents":{written},"seconds":{seconds:.1},"processor_seconds":{processor:.1},"per_processor_second":{:.0},"bytes_per_document":{:.1}}}"#,
        written as f64 / processor,
        bytes as f64 / written as f64
    );
    questions(&Index::open(&folder, &person).unwrap(), documents);
    arguments.get(1).into_iter().for_each(|folder| write_names(Path::new(folder), documents));
}

/// A kind of question: its name, what the asker may see, and what is typed to find a person.
type Kind<'a> = (&'a str, &'a Permit<'a>, &'a dyn Fn(usize) -> String);

/// What is asked of whoever has a number, by kind; those of a phrase with facets and only as two departments of three say.
fn questions(index: &Index, documents: usize) {
    let all = Permit::ALL;
    let two = Permit { by: &|property, department| department != "health" || property == "name", whom: &|entity| entity % 100 != 0 };
    let last = |text: String, places: usize| text.chars().skip(text.chars().count() - places).collect::<String>();
    let kinds: [Kind<'_>; 9] = [
        ("id", &all, &id),
        ("phone", &all, &phone),
        ("room", &all, &address),
        ("name", &two, &name),
        ("part of a name", &two, &|person| last(name(person), 2)),
        ("pinyin", &two, &|person| wuwei_schema::kind::name::pinyin(&name(person)).replace(' ', "")),
        ("name and phone tail", &two, &|person| format!("{} {}", name(person), last(phone(person), 4))),
        ("covered id and surname", &two, &|person| format!("{}****{} {}", &id(person)[..6], last(id(person), 4), surname(person))),
        ("name and years of birth", &two, &|person| format!("{} born:1960..1979", name(person))),
    ];
    for (kind, permit, typed) in kinds {
        let mut taken: Vec<f64> = Vec::with_capacity(ASKED);
        let mut found = 0;
        for at in 0..ASKED {
            let typed = typed(mixed(at) % (documents / 3).max(1));
            let clock = Instant::now();
            found += index.search(&Ask { typed: &typed, today: "2026-11-29", offset: 0, limit: 20 }, permit).unwrap().total;
            taken.push(clock.elapsed().as_secs_f64() * 1e3);
        }
        taken.sort_unstable_by(f64::total_cmp);
        let (median, high) = (taken[ASKED / 2], taken[ASKED * 99 / 100]);
        println!(r#"{{"run":"{kind}","p50_ms":{median:.3},"p99_ms":{high:.3},"found":{}}}"#, found / ASKED);
    }
}

/// Three documents a person, by department: each knows the name, two the id, one the phone and the home.
fn batch(person: &EntityType, rows: std::ops::Range<usize>) -> RecordBatch {
    let entity: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.clone().map(|row| (row / 3) as i64)));
    let value = |property: &str, row: usize| match (property, row % 3) {
        ("name", _) => Some(name(row / 3)),
        ("id_no", 0 | 2) => Some(id(row / 3)),
        ("birth_date", 2) => Some(birth(row / 3)),
        ("phone", 1) => Some(phone(row / 3)),
        ("live_address", 0) => Some(address(row / 3)),
        _ => None,
    };
    let departments: ArrayRef = Arc::new(StringArray::from_iter_values(rows.clone().map(|row| DEPARTMENTS[row % 3])));
    let searched = person.properties.iter().filter(|property| property.search.is_some()).map(|property| {
        let column: ArrayRef = Arc::new(StringArray::from_iter(rows.clone().map(|row| value(&property.name, row))));
        (property.name.clone(), column)
    });
    let lineage = [("entity_id".to_owned(), entity), ("department".to_owned(), departments)];
    RecordBatch::try_from_iter(lineage.into_iter().chain(searched)).unwrap()
}

/// A number that says nothing of the one it is of (SplitMix64, Steele 2014).
fn mixed(number: usize) -> usize {
    let mut state = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((state ^ (state >> 31)) >> 8).unwrap()
}

/// The one of `texts` that falls to a number; the first ones more often, as surnames are.
fn drawn(texts: &str, number: usize) -> char {
    let count = texts.chars().count();
    texts.chars().nth((number % count) * (number / count % count) / count).unwrap()
}

fn surname(person: usize) -> char {
    drawn(SURNAMES, mixed(person))
}

fn name(person: usize) -> String {
    let second = (!person.is_multiple_of(6)).then(|| drawn(GIVEN, mixed(person ^ 0x5555)));
    [surname(person), drawn(GIVEN, mixed(person ^ 0x3333))].into_iter().chain(second).collect()
}

fn birth(person: usize) -> String {
    format!("{}-{:02}-{:02}", 1930 + person % 90, 1 + person / 7 % 12, 1 + person / 11 % 28)
}

fn id(person: usize) -> String {
    format!("9901{:02}{}{:03}{}", 1 + person % 20, birth(person).replace('-', ""), mixed(person) % 1000, person % 10)
}

fn phone(person: usize) -> String {
    format!("120{:08}", mixed(person ^ 0x7777) % 100_000_000)
}

fn address(person: usize) -> String {
    let (home, house) = (mixed(person / 3), mixed(person / 200));
    let (town, street) = (TOWNS[house % TOWNS.len()], STREETS[house / 8 % STREETS.len()]);
    let (number, building, unit) = (1 + house / 100 % 300, 1 + home % 12, 1 + home / 12 % 4);
    format!("云溪县{town}{street}{number}号{building}栋{unit}单元{}{:02}室", 1 + home / 48 % 18, 1 + home / 900 % 4)
}

/// User and system time of this process, in ticks of a hundredth of a second (proc(5), fields 14 and 15).
fn processor_seconds() -> f64 {
    let line = fs::read_to_string("/proc/self/stat").unwrap();
    let after = line.rsplit_once(')').unwrap().1;
    after.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

fn write_names(folder: &Path, documents: usize) {
    fs::create_dir_all(folder).unwrap();
    let mut file = std::io::BufWriter::new(fs::File::create(folder.join("names.csv")).unwrap());
    writeln!(file, "entity_id,name,pinyin").unwrap();
    for person in 0..documents / 3 {
        writeln!(file, "{person},{},{}", name(person), wuwei_schema::kind::name::pinyin(&name(person)).replace(' ', "")).unwrap();
    }
}
