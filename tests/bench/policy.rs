//! Policies, at length: pairs of worlds that differ only in what somebody may not see are asked the same questions, and the door is timed.
//! `cargo bench --profile dev --bench policy [-- QUESTIONS]` prints one JSON line a measure, and fails at the first answer that differs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench fails by panicking"
)]

#[path = "../policy/questions.rs"]
mod questions;
#[path = "../policy/world.rs"]
mod world;

use questions::{drawn, told};
use std::time::Instant;
use world::{Dice, EVERYBODY, NOW, Who, altered, people, session};

/// Questions to each pair of worlds before another is made.
const TOGETHER: usize = 125;

#[tokio::main]
async fn main() {
    let questions = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    interference(questions).await;
    overhead().await;
}

async fn interference(questions: usize) {
    let (mut asked, mut refused, mut seed) = (0, 0, 1_000);
    while asked < questions {
        for who in EVERYBODY {
            let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let these = people(seed);
            let those = altered(&these, who, seed);
            let (here, there) = (session(one.path(), &these, who).await, session(other.path(), &those, who).await);
            let mut dice = Dice(seed * 100 + 13);
            for _ in 0..TOGETHER {
                let question = drawn(&mut dice, if seed % 2 == 0 { &these } else { &those });
                let answer = told(&here, &question).await;
                assert_eq!(answer, told(&there, &question).await, "{who:?}, seed {seed}: {question}");
                (asked, refused) = (asked + 1, refused + usize::from(answer.starts_with("error")));
            }
        }
        seed += 1;
    }
    println!("{{\"measure\":\"interference\",\"questions\":{asked},\"refused\":{refused},\"differing\":0}}");
}

/// What policies cost a question: the same one, before an operator, before whom there is no barrier but for restricted persons, and before
/// others.
async fn overhead() {
    let everybody = people(1);
    for question in
        ["SELECT count(*) FROM record.person WHERE sex = '1'", "SELECT name, id_no FROM record.person WHERE id_no = '990101198503070017'"]
    {
        for who in [Who::Operator, Who::Engineer, Who::Benefit] {
            let folder = tempfile::tempdir().unwrap();
            let opened = Instant::now();
            let session = session(folder.path(), &everybody, who).await;
            let open_ms = opened.elapsed().as_secs_f64() * 1e3;
            let mut times = Vec::new();
            for _ in 0..41 {
                let begun = Instant::now();
                session.sql(question, NOW).await.unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            let first = times[0];
            times.sort_by(f64::total_cmp);
            let least = times[0];
            println!(
                "{{\"measure\":\"question\",\"who\":\"{who:?}\",\"question\":{question:?},\"build_and_open_ms\":{open_ms:.1},\"first_ms\":{first:.1},\"median_ms\":{:.2},\"least_ms\":{least:.2}}}",
                times[20]
            );
        }
    }
}
