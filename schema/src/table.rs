//! The contract between stages: names and Arrow schemas of the tables that pass from one room to the next.
//!
//! Every column carries its Chinese and English comment in the field's metadata (`comment_zh`, `comment_en`), so that SQL, files and
//! console show the same words.

use crate::{EntityType, SearchRole, Sensitivity};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// The columns that every record carries before its properties: which row of which file of which department asserts it.
pub const LINEAGE: [&str; 8] = ["record_id", "role", "department", "extract", "batch", "sheet", "row", "observed"];

/// Name of the table that ties records to entities.
pub const LINK: &str = "graph.link";
/// Name of the table of compared pairs that were kept.
pub const PAIR: &str = "graph.pair";
/// Name of the table of relations between entities.
pub const EDGE: &str = "graph.edge";
/// How far dates and kinds of relations are protected, in whatever table they stand; a value that is protected more must not come there.
pub const RELATED: Sensitivity = Sensitivity::Personal;
/// What departments registered of somebody; see [`registration_schema`].
pub const REGISTRATION: &str = "graph.registration";
/// Name of the table of relations between records.
pub const RELATION: &str = "record.relation";
/// Name of the table of records that stand no more.
pub const RETIRED: &str = "record.retired";
/// Name of the table of what was refused.
pub const REJECT: &str = "raw.reject";

impl EntityType {
    /// `record.<type>`: the lineage columns, then one column a property.
    pub fn record_schema(&self) -> SchemaRef {
        let mut fields = vec![
            rising(integer("record_id", "记录号", "Record number, dense over all types")),
            text("role", "角色", "Role in the row; `tenant#2` is the second of a list"),
        ];
        fields.extend(provenance());
        fields.push(optional("observed", "数据时间", "Date at which the source says it knew this, ISO 8601"));
        fields.extend(self.property_fields());
        Arc::new(Schema::new(fields))
    }

    /// `entity.<type>`: what survives of all records of an entity.
    pub fn entity_schema(&self) -> SchemaRef {
        let mut fields = vec![
            rising(integer("entity_id", "实体号", "Entity number; it stays the same as long as the entity does")),
            integer("records", "记录数", "Number of its records"),
            text("departments", "来源部门", "Departments that hold a record, sorted, comma separated"),
        ];
        fields.extend(self.property_fields());
        Arc::new(Schema::new(fields))
    }

    fn property_fields(&self) -> impl Iterator<Item = Field> {
        self.properties.iter().map(|property| {
            let field = Field::new(&property.name, property.kind.data_type(), true);
            let field = comment(field, &property.label.zh, &property.label.en);
            if property.search == Some(SearchRole::Exact) { looked_up(field) } else { field }
        })
    }
}

/// `record.relation`: a relation that one row asserts between two of its records.
pub fn relation_schema() -> SchemaRef {
    let mut fields = vec![
        text("relation", "关系", "Relation type"),
        integer("source", "起点记录", "Record it starts from"),
        integer("target", "终点记录", "Record it leads to"),
        optional("since", "起", "From, ISO 8601"),
        optional("until", "止", "Until, ISO 8601; empty while it lasts"),
        optional("qualifier", "说明", "What kind exactly, e.g. the kinship code"),
    ];
    fields.extend(provenance());
    Arc::new(Schema::new(fields))
}

/// `record.retired`: records that stand no more, with the delivery that says so. Tables of records show the others.
pub fn retired_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("extract", "数据资源", "Extract"),
        integer("first_record", "起记录号", "First record of the row that stands no more"),
        integer("last_record", "止记录号", "Last record of that row"),
        text("batch", "批次", "The delivery by which it stands no more"),
        text(
            "why",
            "原因",
            "replaced: the row came anew; deleted: marked so; absent: not in the full delivery; excluded: it may not be kept; undone: a deletion after which the row came again; repeated: twice in one file",
        ),
    ]))
}

/// `raw.reject`: what was refused, where and why, with the value for its owner to repair.
pub fn reject_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("batch", "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        text("department", "部门", "Department"),
        text("extract", "数据资源", "Extract"),
        text("file", "文件", "File name"),
        optional("sheet", "工作表", "Sheet"),
        integer("row", "行号", "Row as a spreadsheet numbers it"),
        optional("column", "列", "Heading of the column"),
        text(
            "rule",
            "规则",
            "Rule; those beginning `cell:` are of a row that was accepted, whose cell was emptied or, where the reason says so, kept; the others refused the row",
        ),
        text("reason", "原因", "Reason, in words for the owner of the file"),
        optional("proposal", "建议", "A proposed repair, never applied"),
        optional("value", "原值", "The value as it stands in the file"),
        optional("cells", "整行", "The cells of a refused row that are not empty, as a JSON object by heading; with its first reason only"),
    ]))
}

/// `graph.link`: which entity a record belongs to, and on what grounds.
pub fn link_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        rising(integer("record_id", "记录号", "Record")),
        looked_up(integer("entity_id", "实体号", "Entity")),
        text("entity", "类型", "Entity type"),
        text("tier", "依据", "decision: people decided; id: shared identifier; probabilistic: weighed; single: alone"),
        integer("since", "起于", "Run by which it came to belong to it"),
        text("reason", "归入原因", "arrived, merged, split or restored, as in graph.member"),
    ]))
}

/// What resolving says before entities have their numbers: the columns of [`link_schema`] up to `tier`, where `entity_id` is the smallest
/// record number of the cluster.
pub fn partition_schema() -> SchemaRef {
    let link = link_schema();
    Arc::new(Schema::new(link.fields().iter().take(4).map(Arc::clone).collect::<Vec<_>>()))
}

/// `graph.pair`: pairs that tier 1 compared and kept, each with what it was weighed by.
pub fn pair_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("entity", "类型", "Entity type"),
        rising(integer("left", "左记录", "The smaller record number")),
        integer("right", "右记录", "The larger record number"),
        text("key", "分块键", "Blocking key that brought them together; `same` where they say the very same"),
        text("levels", "比较等级", "Comparison levels, e.g. `name=6 birth_date=4`"),
        number("weight", "权重", "Match weight in bits, prior included"),
        number("posterior", "后验概率", "Posterior probability that they are one"),
        flag("joined", "已合并", "Whether the two records are of one entity"),
    ]))
}

/// `graph.edge`: a relation between two entities, with the row that asserts it.
pub fn edge_schema() -> SchemaRef {
    let mut fields = vec![
        text("relation", "关系", "Relation type"),
        rising(integer("source", "起点", "Entity it starts from")),
        text("source_type", "起点类型", "Its type"),
        looked_up(integer("target", "终点", "Entity it leads to")),
        text("target_type", "终点类型", "Its type"),
        optional("since", "起", "From, ISO 8601; of what happened and says no other the day on which it did"),
        optional("until", "止", "Until, ISO 8601; empty while it lasts"),
        optional("qualifier", "说明", "What kind exactly"),
    ];
    fields.extend(provenance());
    Arc::new(Schema::new(fields))
}

/// `graph.registration`: of each fact that is registered (where somebody lives), and each department that states it, one row, with who held it
/// already when it did.
pub fn registration_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        text("relation", "关系", "Relation type"),
        rising(integer("source", "起点", "Entity of which it is registered")),
        integer("target", "终点", "Entity that it leads to"),
        text("department", "部门", "Department that registered it"),
        text("extract", "数据资源", "Extract that states it, the first by name"),
        optional("since", "起", "From, ISO 8601, the earliest stated; empty where one is not stated"),
        optional("until", "止", "Until, ISO 8601, the latest stated; empty while it lasts"),
        optional("held_by", "已登记部门", "Department that held it already; of several the one that held it longest"),
    ]))
}

fn provenance() -> [Field; 5] {
    [
        text("department", "部门", "Department"),
        text("extract", "数据资源", "Extract"),
        text("batch", "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        optional("sheet", "工作表", "Sheet"),
        integer("row", "行号", "Row as a spreadsheet numbers it, heading included"),
    ]
}

pub(crate) fn text(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Utf8, false), zh, en)
}

pub(crate) fn optional(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Utf8, true), zh, en)
}

/// A column of whole numbers without gaps.
pub fn integer(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Int64, false), zh, en)
}

pub(crate) fn number(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Float64, false), zh, en)
}

pub(crate) fn flag(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Boolean, false), zh, en)
}

/// A field with its comment in both languages.
pub fn comment(field: Field, zh: &str, en: &str) -> Field {
    field.with_metadata([("comment_zh".to_owned(), zh.to_owned()), ("comment_en".to_owned(), en.to_owned())].into())
}

/// A column of whole values that rows are looked up by: the lake keeps where each stands.
fn looked_up(field: Field) -> Field {
    with_lookup(field, "exact")
}

/// A column of numbers that rows are looked up by and in whose order they are written: the lake keeps where some stand.
pub(crate) fn rising(field: Field) -> Field {
    with_lookup(field, "rising")
}

fn with_lookup(field: Field, how: &str) -> Field {
    let mut metadata = field.metadata().clone();
    metadata.insert("lookup".to_owned(), how.to_owned());
    field.with_metadata(metadata)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    #[test]
    fn every_record_begins_with_its_lineage_and_every_column_says_what_it_is() {
        let model = Model::embedded().unwrap();
        for entity in model.entities.values() {
            let (record, known) = (entity.record_schema(), entity.entity_schema());
            assert!(record.fields().iter().zip(LINEAGE).all(|(field, name)| field.name() == name), "{}", entity.name);
            for field in record.fields().iter().chain(known.fields()) {
                let said = ["comment_zh", "comment_en"].map(|key| field.metadata().get(key).is_some_and(|words| !words.is_empty()));
                assert_eq!(said, [true, true], "{}.{}", entity.name, field.name());
            }
        }
    }
}
