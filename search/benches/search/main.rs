//! How dear it is to index people and how long they take to be found. `cargo bench -p wuwei-search --bench search -- [DOCUMENTS]`: so many
//! documents (200,000 if not said) of a third as many invented people, each known to three departments, in memory that grows by 16 bytes a
//! person. It prints documents a second of the processor with all merges, bytes a document and the peak of memory; of each kind of question the
//! median and the 99th percentile; how long a small delivery takes until it is found; and a list of 5,000 rows held against all. It judges
//! nothing. `names FOLDER COUNT` and `answer FOLDER` are for `tests/bench/search_against.py`. What it writes meanwhile lies in TMPDIR.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::cast_precision_loss, reason = "a bench prints and fails")]

mod against;
mod invented;

use invented::{address, batch, birth, id, mixed, name, new_phone, phone, surname};
use std::{fs, path::Path, time::Instant};
use wuwei_schema::{EntityType, Model, kind};
use wuwei_search::{Ask, Changed, Column, Index, Line, MAX_LINES, Made, Permit, Writer};

const ROWS: usize = 8192;
const ASKED: usize = 500;

/// One person in so many has another phone in the next delivery, a thousand at most.
const MOVED: usize = 200;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let person = Model::embedded().unwrap().entity("person").unwrap().clone();
    match arguments.as_slice() {
        ["names", folder, count] => against::write_names(Path::new(folder), count.parse().unwrap()),
        ["answer", folder] => against::answer(&person, Path::new(folder)),
        [] => measure(&person, 200_000),
        [documents, ..] => measure(&person, documents.parse().unwrap()),
    }
}

fn measure(person: &EntityType, documents: usize) {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (root.path().join("1/person"), root.path().join("2/person"));
    let clock = Clock::start();
    let written = write(Writer::create(&first, person, made(documents, &|_| false)).unwrap(), person, documents);
    let (seconds, processor) = clock.taken();
    let (bytes, segments) = (size(&first), segments(&first));
    let count = written.documents as f64;
    say(
        "index",
        &[
            ("documents", count),
            ("seconds", seconds),
            ("processor_seconds", processor),
            ("per_processor_second", count / processor),
            ("bytes_per_document", bytes as f64 / count),
            ("segments", segments as f64),
            ("peak_rss_mb", peak_mb()),
        ],
    );
    let index = Index::open(&first, person).unwrap();
    questions(&index, documents);
    list(&index, documents);
    drop(index);
    deliver(person, &first, &second, documents);
}

/// Every row is a record; people who moved have others.
fn made(documents: usize, moved: &dyn Fn(usize) -> bool) -> Made {
    let mut made = Made::default();
    for row in 0..documents {
        let record = if moved(row / 3) { row + documents } else { row };
        made.add(i64::try_from(row / 3).unwrap(), i64::try_from(record).unwrap());
    }
    made
}

fn write(mut writer: Writer, person: &EntityType, documents: usize) -> Changed {
    for from in (0..documents).step_by(ROWS) {
        writer.add(&batch(person, from..documents.min(from + ROWS), &|_| false)).unwrap();
    }
    writer.finish().unwrap()
}

/// A small delivery: who has which records is told of all, what records say of those who have others.
fn deliver(person: &EntityType, before: &Path, folder: &Path, documents: usize) {
    let every = (documents / 3 / 1000).max(MOVED);
    let moved = |person: usize| person.is_multiple_of(every);
    let clock = Clock::start();
    let mut writer = Writer::upsert(before, folder, person, made(documents, &moved)).unwrap();
    for entity in writer.wanted().unwrap().to_vec() {
        let first = usize::try_from(entity).unwrap() * 3;
        writer.add(&batch(person, first..documents.min(first + 3), &moved)).unwrap();
    }
    let changed = writer.finish().unwrap();
    let ask = Ask { typed: &new_phone(every), today: "2026-11-29", names: None, offset: 0, limit: 20 };
    let total = Index::open(folder, person).unwrap().search(&ask, &Permit::ALL).unwrap().total;
    let (seconds, processor) = clock.taken();
    assert!(total > 0, "what was delivered is found");
    say(
        "upsert",
        &[
            ("changed", changed.added as f64),
            ("gone", changed.removed as f64),
            ("visible_seconds", seconds),
            ("processor_seconds", processor),
            ("segments", segments(folder) as f64),
            ("peak_rss_mb", peak_mb()),
        ],
    );
}

/// A kind of question: its name, what the asker may see, and what is typed to find a person.
type Kind<'a> = (&'a str, &'a Permit<'a>, &'a dyn Fn(usize) -> String);

/// What is asked of whoever has a number, by kind; those of a phrase with facets and only as two departments of three say.
fn questions(index: &Index, documents: usize) {
    let all = Permit::ALL;
    let two = Permit { by: &|property, department| department != "health" || property == "name", whom: &|entity| entity % 100 != 0 };
    let last = |text: String, places: usize| text.chars().skip(text.chars().count() - places).collect::<String>();
    let pinyin = |person: usize| kind::name::pinyin(&name(person)).replace(' ', "");
    let kinds: [Kind<'_>; 15] = [
        ("id", &all, &id),
        ("phone", &all, &phone),
        ("room", &all, &address),
        ("name", &two, &name),
        ("part of a name", &two, &|person| last(name(person), 2)),
        ("surname", &two, &|person| surname(person).to_string()),
        ("pinyin", &two, &pinyin),
        ("surname in pinyin", &two, &|person| kind::name::pinyin(&surname(person).to_string())),
        ("name and phone tail", &two, &|person| format!("{} {}", name(person), last(phone(person), 4))),
        ("covered id and surname", &two, &|person| format!("{}****{} {}", &id(person)[..6], last(id(person), 4), surname(person))),
        ("name and years of birth", &two, &|person| format!("{} born:1960..1979", name(person))),
        ("day of birth", &two, &|person| format!("born:{}", birth(person))),
        ("year of birth", &two, &|person| format!("born:{}", &birth(person)[..4])),
        ("area", &two, &|person| format!("area:{}", &id(person)[..6])),
        ("pinyin with a slip", &two, &|person| swapped(&pinyin(person))),
    ];
    for (kind, permit, typed) in kinds {
        let mut taken: Vec<f64> = Vec::with_capacity(ASKED);
        let mut found = 0;
        for at in 0..ASKED {
            let typed = typed(mixed(at) % (documents / 3).max(1));
            let clock = Instant::now();
            found += index.search(&Ask { typed: &typed, today: "2026-11-29", names: None, offset: 0, limit: 20 }, permit).unwrap().total;
            taken.push(clock.elapsed().as_secs_f64() * 1e3);
        }
        taken.sort_unstable_by(f64::total_cmp);
        say(kind, &[("p50_ms", taken[ASKED / 2]), ("p99_ms", taken[ASKED * 99 / 100]), ("found", (found / ASKED) as f64)]);
    }
}

/// With two neighbours in the wrong order.
fn swapped(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let middle = letters.len() / 2;
    letters.swap(middle - 1, middle);
    letters.into_iter().collect()
}

/// A list of people, a fifth of whom nobody knows.
fn list(index: &Index, documents: usize) {
    let people = (documents / 3).max(1);
    let line = |row: usize| {
        let person = mixed(row) % people + if row.is_multiple_of(5) { people } else { 0 };
        let values = [
            (Column::Name, name(person)),
            (Column::Phone, phone(person)),
            (Column::Birth, birth(person)),
            (Column::Address, address(person)),
        ];
        let id = row.is_multiple_of(2).then(|| (Column::Number, id(person)));
        Line { row: i64::try_from(row).unwrap(), values: values.into_iter().chain(id).collect() }
    };
    let lines: Vec<Line> = (0..MAX_LINES).map(line).collect();
    let clock = Clock::start();
    let compared = index.cross_reference(&lines, 3, &Permit::ALL).unwrap();
    let (seconds, processor) = clock.taken();
    let found = compared.iter().filter(|row| row.total > 0).count();
    say("list", &[("rows", lines.len() as f64), ("found", found as f64), ("seconds", seconds), ("processor_seconds", processor)]);
}

/// A line of JSON.
pub(crate) fn say(run: &str, numbers: &[(&str, f64)]) {
    let numbers: Vec<String> = numbers.iter().map(|(name, number)| format!(r#""{name}":{}"#, (number * 1000.0).round() / 1000.0)).collect();
    println!(r#"{{"run":"{run}",{}}}"#, numbers.join(","));
}

struct Clock(Instant, f64);

impl Clock {
    fn start() -> Clock {
        Clock(Instant::now(), processor_seconds())
    }

    /// Seconds by the clock, and of the processor.
    fn taken(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), processor_seconds() - self.1)
    }
}

/// User and system time of this process, in ticks of a hundredth of a second (proc(5), fields 14 and 15).
fn processor_seconds() -> f64 {
    let line = fs::read_to_string("/proc/self/stat").unwrap();
    let after = line.rsplit_once(')').unwrap().1;
    after.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
}

/// The most memory that it had, mapped pages of the index among it.
fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

fn size(folder: &Path) -> u64 {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// Each has one file of terms.
fn segments(folder: &Path) -> usize {
    let is_of_terms = |entry: &fs::DirEntry| entry.path().extension().is_some_and(|ending| ending == "term");
    fs::read_dir(folder).unwrap().filter(|entry| is_of_terms(entry.as_ref().unwrap())).count()
}
