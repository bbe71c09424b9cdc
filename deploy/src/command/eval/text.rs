//! What `eval` says to people: the measures with their intervals, in sentences what went wrong, and where pairs are found or missed.

use super::{Evaluation, Pairs};
use crate::output;
use wuwei_graph::{Conflicts, Interval, Mixed, Score};
use wuwei_ingest::Departments;

pub(super) fn text(evaluation: &Evaluation, known: &Departments) -> String {
    let scores = &evaluation.scores;
    let mut text = format!(
        "{}: {} records are {} true ones and were taken for {}\n\n",
        evaluation.entity, scores.records, scores.entities, scores.clusters
    );
    let rows = [measure("pairwise", &scores.pairwise), measure("b-cubed", &scores.bcubed), measure("cluster", &scores.cluster)];
    text += &output::table(&["measure", "precision (95 of 100 samples)", "recall", "f1"], &rows);
    text.push('\n');
    for sentence in sentences(evaluation) {
        text += &sentence;
        text.push('\n');
    }
    if evaluation.departments.iter().any(|pairs| pairs.left != pairs.right) {
        text += "\nof 100 pairs of records that are one, so many are found, within a department and between two\n";
        text += &matrix(&evaluation.departments, known);
    }
    text
}

fn measure(name: &str, score: &Score) -> Vec<String> {
    let shown = |value, interval: &Interval| format!("{value:.4} ({})", between(interval));
    let Score { precision, recall, f1, interval } = score;
    vec![name.to_owned(), shown(precision, &interval.precision), shown(recall, &interval.recall), shown(f1, &interval.f1)]
}

fn between([low, high]: &Interval) -> String {
    format!("{low:.4} to {high:.4}")
}

fn sentences(evaluation: &Evaluation) -> Vec<String> {
    let scores = &evaluation.scores;
    let mut said = Vec::new();
    if let Some(linkable) = &scores.linkable {
        said.push(format!(
            "linkable: {} of {} pairs can be found by what is written; {} of them are, recall {:.4} ({})",
            linkable.pairs,
            linkable.pairs + linkable.other_pairs,
            linkable.found,
            linkable.recall,
            between(&linkable.interval)
        ));
        said.push(format!("  of the other {} pairs {} are found by likeness", linkable.other_pairs, linkable.other_found));
    }
    let count = |mixed: &[Mixed], what: fn(&Mixed) -> u64| mixed.iter().map(what).sum::<u64>();
    let clusters = count(&scores.merged, |mixed| mixed.count);
    said.push(format!(
        "joined wrongly: {clusters} hold more than one true one, {} records{}",
        count(&scores.merged, |mixed| mixed.records),
        histogram(&scores.merged)
    ));
    said.push(format!(
        "not joined: {} true ones lie in more than one, {} records{}",
        count(&scores.split, |mixed| mixed.count),
        count(&scores.split, |mixed| mixed.records),
        histogram(&scores.split)
    ));
    said.extend(evaluation.exclusive.iter().map(|(property, Conflicts { clusters, records })| {
        format!("two different {property} in one: {clusters}, {records} records")
    }));
    said
}

/// How many hold how many; the long tail in one.
fn histogram(mixed: &[Mixed]) -> String {
    let (few, many) = mixed.split_at(mixed.len().min(4));
    let mut text: String = few.iter().map(|Mixed { of, count, .. }| format!(", {count} of {of}")).collect();
    if let Some(first) = many.first() {
        text += &format!(", {} of {} or more", many.iter().map(|mixed| mixed.count).sum::<u64>(), first.of);
    }
    text
}

/// Percent found, rows and columns departments.
fn matrix(pairs: &[Pairs], known: &Departments) -> String {
    let mut codes: Vec<&str> = pairs.iter().flat_map(|pairs| [pairs.left.as_str(), pairs.right.as_str()]).collect();
    codes.sort_unstable();
    codes.dedup();
    let label = |code: &str| known.list.iter().find(|department| department.code == code).map(|department| output::said(&department.label));
    let cell = |left: &str, right: &str| {
        let found = pairs.iter().find(|pairs| (pairs.left == left && pairs.right == right) || (pairs.left == right && pairs.right == left));
        found.and_then(|pairs| pairs.recall).map_or_else(|| "–".to_owned(), |recall| format!("{:.1}", recall * 100.0))
    };
    let row = |left: &&str| {
        let name = format!("{left} {}", label(left).unwrap_or_default());
        std::iter::once(name).chain(codes.iter().map(|right| cell(left, right))).collect()
    };
    let headings: Vec<&str> = std::iter::once("department").chain(codes.iter().copied()).collect();
    output::table(&headings, &codes.iter().map(row).collect::<Vec<_>>())
}
