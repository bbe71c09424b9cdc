//! The contract of identity over time: the tables that say which entity a record belonged to when, what became of an entity's number, and
//! what people decided. Rows of these tables are added and never taken back, but for `graph.redirect` and `graph.decision`, which are small
//! and written anew.

use crate::{
    contract::time,
    table::{comment, integer, optional, rising, text},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// Name of the table of memberships that have ended.
pub const FORMER: &str = "graph.former";
/// Name of the view of all memberships, present and former.
pub const MEMBER: &str = "graph.member";
/// Name of the table of what became of entities.
pub const LINEAGE: &str = "graph.lineage";
/// Name of the table of numbers that lead to others.
pub const REDIRECT: &str = "graph.redirect";
/// Name of the table of records that took another's place.
pub const SUCCESSOR: &str = "graph.successor";
/// Name of the table of resolutions.
pub const RUN: &str = "graph.run";
/// Name of the table of what people decided.
pub const DECISION: &str = "graph.decision";
/// Name of the table of what reviewers put off.
pub const SKIPPED: &str = "graph.skipped";

const REASONS: &str = "arrived: a new record; merged: its entity became part of another; split: its part left an entity; restored: its part was given \
                       back the number that it had before a merge";

/// `graph.former`: memberships that have ended; rows are only added.
pub fn former_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        rising(integer("record_id", "记录号", "Record")),
        text("entity", "类型", "Entity type"),
        integer("entity_id", "实体号", "Entity that it belonged to"),
        integer("since", "起于", "Run by which it came to belong to it"),
        integer("until", "止于", "Run by which it ceased to"),
        text("reason", "归入原因", REASONS),
        text("ended", "脱离原因", "merged, split, restored as above; retired: the record stands no more"),
    ]))
}

/// `graph.member`: every membership with its system time; where `to_run` is empty it holds at present.
pub fn member_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        integer("record_id", "记录号", "Record"),
        text("entity", "类型", "Entity type"),
        integer("entity_id", "实体号", "Entity"),
        integer("from_run", "起于", "Run from which the hub held it to be so"),
        time("from_ts", "起时", "When that was, UTC", true),
        comment(Field::new("to_run", DataType::Int64, true), "止于", "Run from which it held so no more; empty at present"),
        time("to_ts", "止时", "When that was, UTC", true),
        text("reason", "归入原因", REASONS),
        optional(
            "ended",
            "脱离原因",
            "merged, split, restored as before; retired: the record stands no more, and what it said held until then",
        ),
    ]))
}

/// `graph.lineage`: what became of entities; rows are only added.
pub fn lineage_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        integer("run", "批次", "Run"),
        time("at", "时间", "When, UTC", false),
        text("entity", "类型", "Entity type"),
        text(
            "event",
            "事件",
            "born; merged: the one became part of the other; split: a part of the one went to the other; restored: a number was given back to the \
             part that had it, or to a record that came again; retired: no record stands any more",
        ),
        comment(Field::new("from_id", DataType::Int64, true), "原实体号", "The entity before; empty at birth"),
        comment(Field::new("to_id", DataType::Int64, true), "新实体号", "The entity after; empty when it is retired"),
    ]))
}

/// `graph.redirect`: numbers that lead to others, each in one step.
pub fn redirect_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        integer("from_id", "原实体号", "The number that was"),
        integer("to_id", "现实体号", "The number that it leads to"),
        integer("run", "批次", "Run by which it became part of another"),
    ]))
}

/// `graph.successor`: a record that took the place of one that stands no more: the same row come anew. Rows are only added.
pub fn successor_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        integer("former", "前记录号", "The record that stands no more"),
        integer("record_id", "记录号", "The record of the same row, come anew"),
        integer("run", "批次", "Run that found it"),
    ]))
}

/// `graph.run`: resolutions that were published.
pub fn run_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![integer("run", "批次", "Number of the epoch that published it"), time("at", "时间", "When, UTC", false)]))
}

/// `graph.decision`: what people decided of two records; whoever decides several pairs at once has several rows of one number.
pub fn decision_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        integer("decision", "决定号", "Number of the decision; a later one has a larger number"),
        text("entity", "类型", "Entity type"),
        integer("left", "左记录", "The smaller record number"),
        integer("right", "右记录", "The larger record number"),
        text("verdict", "结论", "same: one entity; different: two; unsure: nothing is to be joined because of this pair"),
        text(
            "state",
            "状态",
            "proposed: waits for a second person; holds; withdrawing: holds until a second person confirms its revocation; revoked",
        ),
        text("ground", "依据", "On what ground"),
        text("who", "决定人", "Who decided"),
        time("at", "时间", "When, UTC", false),
        optional("confirmed_ground", "复核依据", "On what ground a second person confirmed it, or its revocation"),
        optional("confirmed_by", "复核人", "The second person; empty while none has confirmed or none had to"),
        time("confirmed_at", "复核时间", "When, UTC", true),
        optional("revoked_ground", "撤销依据", "On what ground it was revoked; empty while nobody wants that"),
        optional("revoked_by", "撤销人", "Who revoked it; empty while nobody wants that"),
        time("revoked_at", "撤销时间", "When, UTC; empty while nobody wants that", true),
    ]))
}

/// `graph.skipped`: pairs of records that a reviewer put off; others see them all the same.
pub fn skipped_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("entity", "类型", "Entity type"),
        integer("left", "左记录", "The smaller record number"),
        integer("right", "右记录", "The larger record number"),
        text("who", "复核人", "Who put it off"),
        time("until", "止", "Until when it is not shown to them, UTC", false),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_is() {
        let schemas = [former_schema(), member_schema(), lineage_schema(), redirect_schema(), successor_schema(), run_schema()];
        for field in schemas.iter().chain(&[decision_schema(), skipped_schema()]).flat_map(|schema| schema.fields()) {
            let said = ["comment_zh", "comment_en"].map(|key| field.metadata().get(key).is_some_and(|words| !words.is_empty()));
            assert_eq!(said, [true, true], "{}", field.name());
        }
    }
}
