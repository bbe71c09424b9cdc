//! Who was at the same place at the same time.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edge, Edges, READS, evidence, held, not_after, with_evidence},
    made,
    neighbours::ID,
};
use crate::Error;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_graph::RESIDENCE;

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "co_residents",
    zh: "与一人在同一住所且时间重叠者（现住、户籍、租住），since、until 为重叠的起止，来源为对方一侧的行；from、to 为所查期间，缺省不限；没有起止日期的视为一直在",
    en: "Who is or was at the same dwelling as somebody at the same time (lives there, is registered there, rents it); `since` and `until` bound the time of both, the source row is the other's; `from` and `to` the time that is asked for, any by default; who has no date there is there always",
    arguments: &[
        ID,
        Argument { name: "from", takes: Takes::Day, otherwise: Otherwise::Null },
        Argument { name: "to", takes: Takes::Day, otherwise: Otherwise::Null },
    ],
    columns: with_evidence![
        ("entity_id", DataType::Int64),
        ("entity", DataType::Utf8),
        ("dwelling_id", DataType::Int64),
        ("relation", DataType::Utf8)
    ],
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(residents(inside.ask, given)),
    example: "SELECT DISTINCT r.entity_id, r.dwelling_id FROM co_residents(1001, \"from\" => '2020-01-01', \"to\" => '2020-12-31') r",
};

/// A time with its open ends.
type Span = (Option<Arc<str>>, Option<Arc<str>>);

async fn residents(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(id) = given.number(0) else { return rows(&[]) };
    let graph = given.graph().await?;
    let Some(node) = graph.node(&ask, id).await? else { return rows(&[]) };
    let id = graph.entity(node).0;
    let asked: Span = (given.text(1).map(Arc::from), given.text(2).map(Arc::from));
    let edges = Edges { ask, relations: RESIDENCE.iter().map(|relation| (*relation).to_owned()).collect(), as_of: None };
    let mut there = BTreeMap::<i64, BTreeSet<Span>>::new();
    let take = |edge: Edge| {
        there.entry(edge.target).or_default().extend(both(&(edge.since, edge.until), &asked));
        held(there.len())
    };
    edges.at("source", &BTreeSet::from([id]), take).await?;
    let mut together = BTreeSet::new();
    let take = |edge: Edge| {
        let span = (edge.since.clone(), edge.until.clone());
        let spans = there.get(&edge.target).into_iter().flatten().filter(|_| edge.source != id).filter_map(|own| both(own, &span));
        together.extend(spans.map(|(since, until)| Edge { since, until, ..edge.clone() }));
        held(together.len())
    };
    edges.at("target", &there.keys().copied().collect(), take).await?;
    rows(&together.into_iter().collect::<Vec<_>>())
}

/// What two times have in common; none where one ends before the other begins.
fn both(one: &Span, other: &Span) -> Option<Span> {
    let bound = |one: &Option<Arc<str>>, other: &Option<Arc<str>>, is_begin: bool| match (one, other) {
        (Some(one), Some(other)) => Some(Arc::clone(if (one > other) == is_begin { one } else { other })),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let span = (bound(&one.0, &other.0, true), bound(&one.1, &other.1, false));
    not_after(span.0.as_deref(), span.1.as_deref()).then_some(span)
}

/// Edges of others, with the times of both.
fn rows(found: &[Edge]) -> Result<RecordBatch, Error> {
    let number = |of: fn(&Edge) -> i64| Arc::new(Int64Array::from_iter_values(found.iter().map(of))) as ArrayRef;
    let text = |of: fn(&Edge) -> &Arc<str>| Arc::new(StringArray::from_iter_values(found.iter().map(of))) as ArrayRef;
    let mut columns =
        vec![number(|edge| edge.source), text(|edge| &edge.source_type), number(|edge| edge.target), text(|edge| &edge.relation)];
    columns.extend(evidence(found.iter()));
    made(FUNCTION.columns, columns)
}
