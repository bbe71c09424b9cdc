//! The contract of what a resolution learned: the model that weighed its pairs, and the counts by which people judge it. All of it is written
//! anew with `graph.link`, and counts from the same moment. The names are those of Splink and of Fellegi and Sunter.

use crate::{
    contract::schema,
    table::{comment, integer, number, text},
};
use arrow_schema::{DataType, Field, SchemaRef};

/// Name of the table of models, one row an entity type.
pub const MODEL: &str = "graph.model";
/// Name of the table of what each level is worth.
pub const LEVEL: &str = "graph.model_level";
/// Name of the table of term frequencies.
pub const FREQUENCY: &str = "graph.frequency";
/// Name of the table of blocking keys.
pub const BLOCK: &str = "graph.block";
/// Name of the table of how many pairs have which weight.
pub const HISTOGRAM: &str = "graph.weight_histogram";

/// The tables and their schemas.
pub fn tables() -> [(&'static str, SchemaRef); 5] {
    [(MODEL, model()), (LEVEL, level()), (FREQUENCY, frequency()), (BLOCK, block()), (HISTOGRAM, histogram())]
}

/// `graph.model`: by what the pairs of a type are weighed, and what hiding identifiers says of it.
pub fn model() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        number("prior", "先验权重", "Log-odds, in bits, that two records which tier 0 left open are one"),
        number("threshold", "阈值概率", "Posterior probability from which a pair is joined"),
        number("threshold_weight", "阈值权重", "The same as a match weight, in bits"),
        count("matches", "实验匹配对", "Pairs of one entity whose identifier was hidden; empty where too few records have one"),
        count("others", "实验非匹配对", "Pairs of two entities whose identifiers were hidden"),
        share("precision", "实验查准率", "Of the open pairs above the threshold those that are right, as far as the hidden ones tell"),
        share("recall", "实验查全率", "Of the pairs of one entity that a key brings together those above the threshold"),
    ])
}

/// `graph.model_level`: what each level of each comparison is worth.
pub fn level() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("comparison", "比较序号", "Place of the comparison in a pattern, from 0"),
        text(
            "property",
            "属性",
            "Property compared, or both, as `first/second`, of which it is asked whether they stand in each other's place",
        ),
        integer("level", "等级", "Comparison level: 0 is disagreement, the highest is exact agreement"),
        number("m_probability", "m概率", "Share of the level among pairs of one entity"),
        number("u_probability", "u概率", "Share of the level among pairs of two entities"),
        number("bits", "权重", "log2(m/u), never more than exact agreement is worth; before the rarity of a value"),
        text("learned", "来源", "Where m comes from: identifiers, estimated (EM) or assumed"),
        count("stated", "计数", "Carriers of any value, where the rarity of a value counts; else empty"),
    ])
}

/// `graph.frequency`: how many carry a value or a sound. Values are as sensitive as the property whose they are.
pub fn frequency() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        text("property", "属性", "Property; the sensitivity of `value` is its"),
        text(
            "what",
            "种类",
            "value; sound: the pinyin of names; muted: a value that too many different names carry, so that it neither blocks nor weighs",
        ),
        text("value", "值", "The value or sound"),
        integer("carriers", "携带数", "Entities of tier 0, and records beside them, that carry it; those of one or two are not kept"),
    ])
}

/// `graph.block`: what each blocking key brought, and what it left out.
pub fn block() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("place", "序号", "Place of the key in the model, from 0"),
        text("key", "分块键", "The key, e.g. `name:pinyin+birth_date`"),
        integer("blocks", "块数", "Blocks with a pair to compare"),
        integer("pairs", "对数", "Pairs in them, those of earlier keys included"),
        integer("compared", "比较对数", "Of them those that no earlier key has: each pair is compared once"),
        integer("refined", "细分块数", "Blocks that were too big and were refined by further properties"),
        integer("cut", "弃块数", "Blocks that nothing refined"),
        integer("pairs_cut", "弃对数", "Pairs not compared under this key, because their block was cut or they differ in what refined it"),
    ])
}

/// `graph.weight_histogram`: how many have a weight, in bins of a quarter of a bit.
pub fn histogram() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        number("weight", "权重", "Lower end of the bin, in bits; the lowest bin holds all that is below, and what the guard refused"),
        integer("pairs", "候选对", "Open pairs compared"),
        integer("matches", "匹配对", "Pairs of one entity, with their identifiers hidden"),
        integer("others", "非匹配对", "Pairs of two entities, with their identifiers hidden"),
        integer("records", "自身记录", "Records by their weight with themselves; of more than a million an even sample"),
    ])
}

fn count(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Int64, true), zh, en)
}

fn share(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Float64, true), zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_is() {
        for field in tables().iter().flat_map(|(_, schema)| schema.fields()) {
            let said = ["comment_zh", "comment_en"].map(|key| field.metadata().get(key).is_some_and(|words| !words.is_empty()));
            assert_eq!(said, [true, true], "{}", field.name());
        }
    }
}
