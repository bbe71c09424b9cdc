//! What the graph costs to build and to ask: of so many nodes and edges (the arguments; 2 million and 5 million where there are none) of an
//! invented city, with homes, families, things and employers that have up to hundreds of thousands. One line of JSON.
//!
//! `cargo bench -p wuwei-graph --bench csr -- 20000000 50000000 [FILE]`. Processor seconds to build are without those that drawing edges takes, which
//! are told apart. A third argument is a file that gets the edges, two little-endian u32 each, for `tests/bench/graph_against.py`; `--changed 5` tells
//! besides what it takes when five edges of a thousand changed: the file of what changed and the file made anew, side by side.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a bench prints and fails, and draws by whole numbers"
)]

mod changed;
mod city;

use arrow_buffer::{Buffer, MutableBuffer};
use city::{City, mix};
use std::{
    fs::{self, File},
    io::{BufWriter, Read as _, Write as _},
    os::unix::fs::FileExt as _,
    time::Instant,
};
use wuwei_graph::{
    Error,
    csr::{Built, Graph, Limits, Options, View, build, components, days, neighbours, shortest_path},
};

/// Clock ticks of a second.
const TICKS: f64 = 100.0;

fn main() {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let changed = words.iter().position(|word| word == "--changed").map(|at| words.drain(at..at + 2).next_back().unwrap().parse().unwrap());
    words.retain(|word| !word.starts_with("--"));
    let number = |at: usize, otherwise: u64| words.get(at).map_or(otherwise, |word| word.parse().unwrap());
    let city = City { nodes: number(0, 2_000_000), edges: number(1, 5_000_000), changed: 0 };
    if let Some(file) = words.get(2) {
        let mut file = BufWriter::new(File::create(file).unwrap());
        (0..city.edges).flat_map(|at| city.ends(at)).for_each(|end| file.write_all(&u32::try_from(end).unwrap().to_le_bytes()).unwrap());
    }
    let (built, costs, bytes) = made(&city, |write| build(|_| Ok(city.batches()), &Options::new(1), write).unwrap());
    let started = Instant::now();
    let graph = Graph::open(bytes).unwrap();
    let opened = started.elapsed();
    let started = Instant::now();
    graph.verify().unwrap();
    let verified = started.elapsed();
    let changed = changed.map(|changed| format!(",{}", changed::told(&graph, City { changed, ..city }))).unwrap_or_default();
    println!(
        r#"{{"nodes":{},"edges":{},"bytes":{},"bytes_an_edge":{:.1},"reads":{},{costs},"open_ms":{:.3},"verify_s":{:.2},{}{changed}}}"#,
        built.nodes,
        built.edges,
        built.bytes,
        built.bytes as f64 / f64::from(built.edges),
        built.reads,
        opened.as_secs_f64() * 1e3,
        verified.as_secs_f64(),
        asked(&graph, &city),
    );
}

/// A file that somebody makes of the edges of a city: what it took, in words of JSON, and its bytes.
fn made(city: &City, make: impl FnOnce(&mut dyn FnMut(u64, &[u8]) -> Result<(), Error>) -> Built) -> (Built, String, Buffer) {
    let began = cpu();
    city.batches().for_each(|batch| drop(batch.unwrap()));
    let drawn = cpu() - began;
    // From here on the peak is counted anew.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory_mb("VmRSS:");
    let (path, began, started) = (std::env::temp_dir().join(format!("{}.csr", std::process::id())), cpu(), Instant::now());
    let file = File::create_new(&path).unwrap();
    let mut write = |position: u64, bytes: &[u8]| file.write_all_at(bytes, position).map_err(|_| Error::Changed);
    let built = make(&mut write);
    let (spent, seconds, peak) = (cpu() - began, started.elapsed().as_secs_f64(), memory_mb("VmHWM:"));
    let bytes = read(&path);
    fs::remove_file(&path).unwrap();
    let drawn = drawn * f64::from(built.reads);
    let costs = format!(
        r#""build_cpu_s":{:.2},"build_s":{seconds:.2},"drawn_cpu_s":{drawn:.2},"build_peak_rss_mb":{}"#,
        spent - drawn,
        peak.saturating_sub(before)
    );
    (built, costs, bytes)
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

fn memory_mb(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}
