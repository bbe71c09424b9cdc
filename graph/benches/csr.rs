//! What the graph costs to build and to ask: of so many nodes and edges (the arguments; 2 million and 5 million where there are none) of an
//! invented city, with homes, families, things and employers that have up to hundreds of thousands. One line of JSON.
//!
//! `cargo bench -p wuwei-graph --bench csr -- 20000000 50000000 [FILE]`. Processor seconds to build are without those that drawing edges takes, which
//! are told apart. A third argument is a file that gets the edges, two little-endian u32 each, for `tests/bench/graph_against.py`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a bench prints and fails, and draws by whole numbers"
)]

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_schema::ArrowError;
use std::{
    fs::{self, File},
    io::{BufWriter, Read as _, Write as _},
    os::unix::fs::FileExt as _,
    sync::Arc,
    time::Instant,
};
use wuwei_graph::{
    Error,
    csr::{Graph, Limits, Options, View, build, components, days, neighbours, shortest_path},
};

/// Rows of a batch; clock ticks of a second.
const ROWS: u64 = 8_192;
const TICKS: f64 = 100.0;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let number = |at: usize, otherwise: u64| words.get(at).map_or(otherwise, |word| word.parse().unwrap());
    let city = City { nodes: number(0, 2_000_000), edges: number(1, 5_000_000) };
    if let Some(file) = words.get(2) {
        let mut file = BufWriter::new(File::create(file).unwrap());
        (0..city.edges).flat_map(|at| city.ends(at)).for_each(|end| file.write_all(&u32::try_from(end).unwrap().to_le_bytes()).unwrap());
    }
    let began = cpu();
    assert_eq!(city.batches().map(|batch| batch.unwrap().num_rows() as u64).sum::<u64>(), city.edges);
    let drawn = cpu() - began;
    let (path, began, started) = (std::env::temp_dir().join(format!("{}.csr", std::process::id())), cpu(), Instant::now());
    let file = File::create_new(&path).unwrap();
    let write = |position: u64, bytes: &[u8]| file.write_all_at(bytes, position).map_err(|_| Error::Changed);
    let built = build(|_| Ok(city.batches()), &Options::new(1), write).unwrap();
    let (spent, seconds, peak) = (cpu() - began, started.elapsed().as_secs_f64(), peak_mb());
    let bytes = read(&path);
    fs::remove_file(&path).unwrap();
    let started = Instant::now();
    let graph = Graph::open(bytes).unwrap();
    let opened = started.elapsed();
    let started = Instant::now();
    graph.verify().unwrap();
    println!(
        r#"{{"nodes":{},"edges":{},"bytes":{},"bytes_an_edge":{:.1},"reads":{},"build_cpu_s":{:.1},"build_s":{seconds:.1},"drawn_cpu_s":{:.1},"build_peak_rss_mb":{peak},"open_ms":{:.3},"verify_s":{:.2},{}}}"#,
        built.nodes,
        built.edges,
        built.bytes,
        built.bytes as f64 / f64::from(built.edges),
        built.reads,
        spent - drawn * f64::from(built.reads),
        drawn * f64::from(built.reads),
        opened.as_secs_f64() * 1e3,
        started.elapsed().as_secs_f64(),
        asked(&graph, &city),
    );
}

/// What walks take, as somebody asks whose departments are ten of twelve and to whom one in a thousand is hidden, as of a day.
fn asked(graph: &Graph, city: &City) -> String {
    let day = days("2025-06-01").unwrap().0;
    let sees = |node: u32| !mix(u64::from(node)).is_multiple_of(1_000);
    let departments = graph.departments_where(|name| name != "d11" && name != "d10");
    let view = View { departments, during: Some((day, day)), sees: &sees, ..View::whole() };
    let somebody = |at: u64| graph.node(city.entity(mix(at ^ 0xa5) % city.persons())).unwrap_or(0);
    let walk = |count: u64, limits: Limits| {
        let (mut found, mut most) = (0, 0);
        let times = times(count, |at| {
            let nodes = neighbours(graph, somebody(at), &view, &limits).nodes.len();
            (found, most) = (found + nodes, most.max(nodes));
        });
        (times, found as f64 / count as f64, most)
    };
    let (one, one_mean, _) = walk(100_000, Limits { hops: 1, ..Limits::default() });
    let (three, three_mean, three_most) = walk(5_000, Limits { hops: 3, ..Limits::default() });
    let (mut found, mut length) = (0, 0);
    let path = times(1_000, |at| {
        let paths = shortest_path(graph, somebody(at), somebody(at + 1_000_000), &view, &Limits { hops: 12, ..Limits::default() });
        found += paths.paths.len();
        length += paths.paths.iter().map(|path| path.edges.len()).sum::<usize>();
    });
    let began = cpu();
    let started = Instant::now();
    let all = components(graph, &View::whole());
    let roots = (0u32..).zip(&all).filter(|(node, root)| node == *root).count();
    format!(
        r#""hop1_us":{},"hop1_mean":{one_mean:.1},"hop3_us":{},"hop3_mean":{three_mean:.0},"hop3_most":{three_most},"path_us":{},"paths_found":{found},"path_length_mean":{:.1},"wcc_cpu_s":{:.1},"wcc_s":{:.1},"components":{roots}"#,
        quantiles(one),
        quantiles(three),
        quantiles(path),
        length as f64 / found.max(1) as f64,
        cpu() - began,
        started.elapsed().as_secs_f64(),
    )
}

fn times(count: u64, mut call: impl FnMut(u64)) -> Vec<f64> {
    let time = |at: u64| {
        let started = Instant::now();
        call(at);
        started.elapsed().as_secs_f64() * 1e6
    };
    (0..count).map(time).collect()
}

fn quantiles(mut times: Vec<f64>) -> String {
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() * share / 1_000).min(times.len() - 1)];
    format!(r#"{{"p50":{:.1},"p95":{:.1},"p99":{:.1},"most":{:.1}}}"#, at(500), at(950), at(990), at(1_000))
}

fn read(path: &std::path::Path) -> Buffer {
    let mut file = File::open(path).unwrap();
    let mut bytes = MutableBuffer::from_len_zeroed(usize::try_from(file.metadata().unwrap().len()).unwrap());
    file.read_exact(bytes.as_slice_mut()).unwrap();
    bytes.into()
}

/// Processor seconds of this process so far.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS
}

fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Persons first, then places, things and organisations; edges start from persons, in their order, as those of `graph.edge` do.
struct City {
    nodes: u64,
    edges: u64,
}

impl City {
    fn persons(&self) -> u64 {
        self.nodes * 6 / 10
    }

    /// Entity numbers are of one sequence with those that are no more.
    fn entity(&self, node: u64) -> i64 {
        i64::try_from(node * 3 + 1).unwrap()
    }

    /// Source, target and relation of an edge.
    fn edge(&self, at: u64) -> (u64, u64, usize) {
        let (persons, places, things) = (self.persons(), self.nodes * 3 / 10, self.nodes * 9 / 100);
        let organizations = self.nodes - persons - places - things;
        let (person, dice) = ((u128::from(at) * u128::from(persons) / u128::from(self.edges)) as u64, mix(at));
        let part = |bits: u32, of: u64| ((u128::from(mix(dice ^ u64::from(bits))) * u128::from(of)) >> 64) as u64;
        match dice % 100 {
            0..40 => (person, persons + person / 3 % places, 0),
            40..47 => (person, persons + part(1, places), 1),
            47..67 => (person, (person + 1 + part(2, 6)).min(persons - 1), 2),
            67..80 => (person, persons + places + part(3, things), 3),
            80..95 => {
                // Few have most: the place in their order is the fourth power of chance.
                let chance = (mix(dice ^ 4) >> 11) as f64 / (1u64 << 53) as f64;
                (person, persons + places + things + (organizations as f64 * chance.powi(4)) as u64, 4)
            }
            _ => (person, part(5, persons), 5),
        }
    }

    fn ends(&self, at: u64) -> [u64; 2] {
        let (source, target, _) = self.edge(at);
        [source, target]
    }

    fn type_of(&self, node: u64) -> &'static str {
        let share = node * 100 / self.nodes;
        ["person", "place", "thing", "organization"][usize::from(share >= 60) + usize::from(share >= 90) + usize::from(share >= 99)]
    }

    fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
        (0..self.edges.div_ceil(ROWS)).map(|at| Ok(self.batch(at * ROWS..((at + 1) * ROWS).min(self.edges))))
    }

    fn batch(&self, rows: std::ops::Range<u64>) -> RecordBatch {
        const RELATIONS: [&str; 6] = ["lives_at", "lived_at", "kin", "owns", "employed_by", "calls"];
        const DEPARTMENTS: [&str; 12] = ["d00", "d01", "d02", "d03", "d04", "d05", "d06", "d07", "d08", "d09", "d10", "d11"];
        let edges: Vec<(u64, u64, usize)> = rows.clone().map(|at| self.edge(at)).collect();
        let dice: Vec<usize> = rows.map(|at| usize::try_from(mix(at ^ 0x77) >> 40).unwrap()).collect();
        let text = |of: &dyn Fn(usize) -> Option<&'static str>| -> ArrayRef { Arc::new((0..edges.len()).map(of).collect::<StringArray>()) };
        let numbers = |of: &dyn Fn(usize) -> i64| -> ArrayRef { Arc::new((0..edges.len()).map(|at| Some(of(at))).collect::<Int64Array>()) };
        let month = |number: usize| ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"][number % 12];
        let batches: ArrayRef =
            Arc::new(dice.iter().map(|dice| Some(format!("90000000000000{}", month(dice / 12)))).collect::<StringArray>());
        let dates = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef { Arc::new((0..edges.len()).map(of).collect::<StringArray>()) };
        let date = |year: usize, dice: usize| format!("{}-{}-1{}", year + dice % 8, month(dice / 8), dice % 10);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("relation", text(&|at| Some(RELATIONS[edges[at].2]))),
            ("source", numbers(&|at| self.entity(edges[at].0))),
            ("source_type", text(&|at| Some(self.type_of(edges[at].0)))),
            ("target", numbers(&|at| self.entity(edges[at].1))),
            ("target_type", text(&|at| Some(self.type_of(edges[at].1)))),
            ("since", dates(&|at| (dice[at] % 4 < 3).then(|| date(2015, dice[at])))),
            ("until", dates(&|at| (edges[at].2 == 1).then(|| date(2023, dice[at])))),
            ("department", text(&|at| Some(DEPARTMENTS[dice[at] % 12]))),
            ("extract", text(&|at| Some(RELATIONS[dice[at] % 12 / 2]))),
            ("batch", batches),
            ("sheet", text(&|_| None)),
            ("row", numbers(&|at| i64::try_from(dice[at] % 1_000_000).unwrap())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }
}

fn mix(mut hash: u64) -> u64 {
    hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}
