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
    said.push(format!(
        "joined wrongly: {} of {} hold more than one true one, {} records{}",
        count(&scores.merged, |mixed| mixed.count),
        scores.clusters,
        count(&scores.merged, |mixed| mixed.records),
        histogram(&scores.merged)
    ));
    said.push(format!(
        "not joined: {} of {} true ones lie in more than one, {} records{}",
        count(&scores.split, |mixed| mixed.count),
        scores.entities,
        count(&scores.split, |mixed| mixed.records),
        histogram(&scores.split)
    ));
    said.extend(
        evaluation
            .exclusive
            .iter()
            .map(|(property, Conflicts { clusters, records })| format!("two different {property} in one: {clusters}, {records} records")),
    );
    said
}

/// How many are of how many; the long tail in one.
fn histogram(mixed: &[Mixed]) -> String {
    let (few, many) = mixed.split_at(mixed.len().min(4));
    let mut parts: Vec<String> = few.iter().map(|Mixed { of, count, .. }| format!("{count} of {of}")).collect();
    parts.extend(many.first().map(|first| format!("{} of {} or more", many.iter().map(|mixed| mixed.count).sum::<u64>(), first.of)));
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use wuwei_graph::Labelled;
    use wuwei_schema::Model;

    #[test]
    fn a_liaison_sees_what_was_joined_wrongly_and_between_whom_pairs_are_missed() {
        let record = |truth: &str, entity, source| Labelled { truth: Labelled::name(truth), entity, source };
        let scores = wuwei_graph::judge(&[record("a", 1, 0), record("a", 1, 1), record("a", 2, 1), record("b", 2, 0)], None);
        let pairs = |left: &str, right: &str, recall| {
            let (left, right) = (left.to_owned(), right.to_owned());
            Pairs { left, right, pairs: 2, said: 2, both: 1, precision: Some(0.5), recall }
        };
        let departments = vec![pairs("ga", "jy", Some(0.5)), pairs("jy", "jy", Some(0.0)), pairs("ga", "ga", None)];
        let evaluation = Evaluation { entity: "person".to_owned(), scores, exclusive: [].into(), departments };
        let shown = text(&evaluation, &Departments::embedded(&Model::embedded().unwrap()).unwrap());
        assert!(shown.starts_with("person: 4 records are 2 true ones and were taken for 2\n"), "{shown}");
        assert!(shown.contains("joined wrongly: 1 of 2 hold more than one true one, 2 records (1 of 2)\n"), "{shown}");
        assert!(shown.contains("not joined: 1 of 2 true ones lie in more than one, 3 records (1 of 2)\n"), "{shown}");
        let row =
            |code: &str| shown.lines().find(|line| line.starts_with(code)).unwrap().split_whitespace().rev().take(2).collect::<Vec<_>>();
        assert_eq!((row("ga "), row("jy ")), (vec!["50.0", "–"], vec!["0.0", "50.0"]), "{shown}");
    }
}
