//! Who was at the same place at the same time.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edge, Edges, READS, not_after},
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
    columns: &[
        ("entity_id", DataType::Int64),
        ("entity", DataType::Utf8),
        ("dwelling_id", DataType::Int64),
        ("relation", DataType::Utf8),
        ("since", DataType::Utf8),
        ("until", DataType::Utf8),
        ("department", DataType::Utf8),
        ("extract", DataType::Utf8),
        ("batch", DataType::Utf8),
        ("sheet", DataType::Utf8),
        ("row", DataType::Int64),
    ],
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(residents(inside.ask, given)),
    example: "SELECT DISTINCT r.entity_id, r.dwelling_id FROM co_residents(1001, \"from\" => '2020-01-01', \"to\" => '2020-12-31') r",
};

/// A time with its open ends.
type Span = (Option<Arc<str>>, Option<Arc<str>>);

async fn residents(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let edges = Edges { ask, relations: RESIDENCE.iter().map(|relation| (*relation).to_owned()).collect(), as_of: None };
    let asked: Span = (given.text(1).map(Arc::from), given.text(2).map(Arc::from));
    let mut there = BTreeMap::<i64, Vec<Span>>::new();
    let id = given.number(0).unwrap_or(i64::MIN);
    for edge in edges.all(&BTreeSet::from([id])).await?.into_iter().filter(|edge| edge.source == id) {
        there.entry(edge.target).or_default().extend(both(&(edge.since, edge.until), &asked));
    }
    let dwellings = there.keys().copied().collect();
    let others = edges.all(&dwellings).await?.into_iter().filter(|edge| edge.source != id && there.contains_key(&edge.target));
    let together = |edge: Edge| {
        let span = (edge.since.clone(), edge.until.clone());
        let spans: BTreeSet<Span> = there.get(&edge.target).into_iter().flatten().filter_map(|own| both(own, &span)).collect();
        spans.into_iter().map(|span| (edge.clone(), span)).collect::<Vec<_>>()
    };
    rows(&others.flat_map(together).collect::<Vec<_>>())
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

fn rows(found: &[(Edge, Span)]) -> Result<RecordBatch, Error> {
    let number = |of: &dyn Fn(&Edge) -> i64| Arc::new(Int64Array::from_iter_values(found.iter().map(|(edge, _)| of(edge)))) as ArrayRef;
    let text = |of: &dyn Fn(&Edge, &Span) -> Option<Arc<str>>| {
        Arc::new(found.iter().map(|(edge, span)| of(edge, span)).collect::<StringArray>()) as ArrayRef
    };
    let columns = vec![
        number(&|edge| edge.source),
        text(&|edge, _| Some(Arc::clone(&edge.source_type))),
        number(&|edge| edge.target),
        text(&|edge, _| Some(Arc::clone(&edge.relation))),
        text(&|_, span| span.0.clone()),
        text(&|_, span| span.1.clone()),
        text(&|edge, _| Some(Arc::clone(&edge.department))),
        text(&|edge, _| Some(Arc::clone(&edge.extract))),
        text(&|edge, _| Some(Arc::clone(&edge.batch))),
        text(&|edge, _| edge.sheet.clone()),
        number(&|edge| edge.row),
    ];
    made(FUNCTION.columns, columns)
}
