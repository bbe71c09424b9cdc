//! Policies, at length: pairs of worlds that differ only in what somebody may not see are asked the same questions, an adversary
//! probes masks, and the door is timed.
//! `cargo bench --profile dev --bench policy [-- QUESTIONS]` prints one JSON line a measure, and fails at the first answer that differs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[path = "../policy/adversary.rs"]
mod adversary;
#[path = "../policy/pairs.rs"]
mod pairs;
#[path = "../policy/questions.rs"]
mod questions;
#[path = "../policy/ties.rs"]
mod ties;
#[path = "../policy/world.rs"]
mod world;

use std::time::Instant;
use world::{NOW, Who, people, session, session_as};
use wuwei_query::Principal;

/// Times each question is put to each.
const TURNS: usize = 101;
/// Questions to each pair of worlds before another is made.
const TOGETHER: usize = 125;
/// Probes that an adversary has at least.
const PROBES: usize = 2_000;

#[tokio::main]
async fn main() {
    let questions = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    probes().await;
    interference(questions).await;
    overhead().await;
}

async fn interference(questions: usize) {
    let (mut asked, mut refused, mut seed) = (0, 0, 1_000);
    while asked < questions {
        let more = pairs::asked(seed, TOGETHER).await;
        (asked, refused, seed) = (asked + more.questions, refused + more.refused, seed + 1);
    }
    println!("{{\"measure\":\"interference\",\"questions\":{asked},\"refused\":{refused},\"differing\":0}}");
}

/// Every way of the adversary's on the whole of an id, a name and a phone.
async fn probes() {
    let probes = adversary::probe(usize::MAX).await;
    assert!(probes >= PROBES, "only {probes} probes");
    println!("{{\"measure\":\"probes\",\"probes\":{probes},\"beyond_the_mask\":0}}");
}

/// What policies cost a question: the same one, before the program itself, from whom nothing is kept back, and before others, in turns, so
/// that whatever else the machine does is shared by all. The first question of a session asks the policies and finds whom to keep back.
async fn overhead() {
    let everybody = people(1);
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut sessions = vec![("program", session_as(folders[0].path(), &everybody, Principal::program(), "bench").await)];
    for (folder, (name, who)) in
        folders[1..].iter().zip([("operator", Who::Operator), ("engineer", Who::Engineer), ("case worker", Who::Benefit)])
    {
        sessions.push((name, session(folder.path(), &everybody, who).await));
    }
    for question in [
        "SELECT count(*) FROM record.person WHERE sex = '1'",
        "SELECT name, id_no FROM record.person WHERE id_no = '990101198503070017'",
        "SELECT p.name, v.plate_no FROM entity.person p JOIN graph.edge e ON e.source = p.entity_id JOIN entity.vehicle v ON v.entity_id = e.target",
    ] {
        let mut times = vec![Vec::new(); sessions.len()];
        for _ in 0..TURNS {
            for ((_, session), times) in sessions.iter().zip(&mut times) {
                let begun = Instant::now();
                session.sql(question, NOW).await.unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        let first: Vec<f64> = times.iter().map(|times| times[0]).collect();
        times.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
        for (at, (who, _)) in sessions.iter().enumerate() {
            let (median, more) = (times[at][TURNS / 2], times[at][TURNS / 2] - times[0][TURNS / 2]);
            let first = first[at];
            println!(
                "{{\"measure\":\"question\",\"who\":\"{who}\",\"question\":{question:?},\"first_ms\":{first:.1},\"median_ms\":{median:.2},\"over_program_ms\":{more:.2}}}"
            );
        }
    }
}
