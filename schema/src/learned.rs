//! The contract of what a resolution learned: the model that weighs pairs, and the counts by which people judge it. All of it is written when a
//! model is learned, and counts from that moment: what came since is weighed by it and not counted in it. The names are those of Splink and of
//! Fellegi and Sunter.

use crate::{
    contract::schema,
    table::{comment, flag, integer, number, optional, text},
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

/// `graph.block`: what each blocking key brought, and what it left out, when the model was learned.
pub fn block() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("place", "序号", "Place of the key in the model, from 0"),
        text("key", "分块键", "The key, e.g. `name:pinyin+birth_date`"),
        integer("blocks", "块数", "Blocks with a pair to compare, when the model was learned"),
        integer("pairs", "对数", "Pairs in them, those of earlier keys included"),
        integer("compared", "比较对数", "Of them those that no earlier key has: each pair is compared once"),
        integer("refined", "细分块数", "Blocks that were too big and were refined by further properties"),
        integer("cut", "弃块数", "Blocks that nothing refined"),
        integer("pairs_cut", "弃对数", "Pairs not compared under this key, because their block was cut or they differ in what refined it"),
    ])
}

/// `graph.weight_histogram`: how many had a weight, in bins of a quarter of a bit, when the model was learned.
pub fn histogram() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        number("weight", "权重", "Lower end of the bin, in bits; the lowest bin holds all that is below, and what the guard refused"),
        integer("pairs", "候选对", "Open pairs compared when the model was learned"),
        integer("matches", "匹配对", "Pairs of one entity, with their identifiers hidden"),
        integer("others", "非匹配对", "Pairs of two entities, with their identifiers hidden"),
        integer("records", "自身记录", "Records by their weight with themselves; of more than a million an even sample"),
    ])
}

/// `graph.match_weights`: what each level is worth, prior first; Splink's charts of match weights and of m and u.
pub fn match_weights() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("bar_sort_order", "序号", "Place of the comparison; -1 for the prior"),
        text("comparison_name", "比较", "Property compared; `probability_two_random_records_match` for the prior"),
        count("comparison_vector_value", "等级", "Comparison level; empty for the prior"),
        share("m_probability", "m概率", "Share of the level among pairs of one entity"),
        share("u_probability", "u概率", "Share of the level among pairs of two entities"),
        number("bayes_factor", "贝叶斯因子", "How many times more probable the level makes it that two are one"),
        number("log2_bayes_factor", "权重", "The same in bits"),
        flag("has_tf_adjustments", "计稀有度", "Whether the rarity of a value counts too"),
        optional("learned", "来源", "Where m comes from"),
    ])
}

/// `graph.threshold_selection`: what would become of each threshold, told by pairs whose identifiers were hidden.
pub fn threshold_selection() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        number("truth_threshold", "阈值权重", "Match weight from which a pair would be joined, in bits"),
        number("match_probability", "阈值概率", "The same as a probability"),
        integer("pairs", "以上候选对", "Open pairs of that weight and more, when the model was learned"),
        integer("tp", "真阳", "Pairs of one entity, identifiers hidden, of that weight and more"),
        integer("tn", "真阴", "Pairs of two below it"),
        integer("fp", "假阳", "Pairs of two of that weight and more"),
        integer("fn", "假阴", "Pairs of one below it"),
        share("precision", "查准率", "Of the open pairs above the threshold those that are right, estimated; empty without the experiment"),
        share("recall", "查全率", "tp of tp and fn"),
        share("f1", "F1", "Harmonic mean of both"),
        flag("chosen", "采用", "Whether it is the threshold that was taken"),
    ])
}

/// `graph.unlinkables`: records whose weight with themselves stays below a threshold.
pub fn unlinkables() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        number("match_weight", "权重", "Weight of a record with itself, in bits: lower end of a bin"),
        number("match_probability", "概率", "The same as a probability"),
        integer("records", "记录数", "Records when the model was learned, or of more than a million of an even sample"),
        number("prop", "占比", "Their share"),
        number(
            "cum_prop",
            "累计占比",
            "Share of the records whose weight with themselves is below: at that threshold they are linked to nothing",
        ),
    ])
}

/// `graph.cumulative_comparisons`: the pairs that each blocking key adds.
pub fn cumulative_comparisons() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("match_key", "序号", "Place of the key"),
        text("blocking_rule", "分块键", "The key"),
        integer("row_count", "新增对数", "Pairs compared under it when the model was learned: no earlier key has them"),
        integer("start", "此前对数", "Pairs of the keys before"),
        integer("cumulative_rows", "累计对数", "Pairs of it and all before"),
        integer("pairs_cut", "弃对数", "Pairs not compared under it"),
    ])
}

/// `graph.review`: the pairs that await a person's decision.
pub fn review() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("left", "左记录", "The smaller record number"),
        integer("right", "右记录", "The larger record number"),
        integer("left_entity", "左实体", "The entity of the one"),
        integer("right_entity", "右实体", "The entity of the other"),
        text("key", "分块键", "The blocking key that brought them together"),
        text("levels", "等级", "Comparison levels"),
        number("weight", "权重", "Weight in bits, prior included"),
        number("posterior", "概率", "Probability that they are one"),
    ])
}

/// `graph.waterfall`: what adds up to the weight of each kept pair.
pub fn waterfall() -> SchemaRef {
    schema([
        text("entity", "类型", "Entity type"),
        integer("left", "左记录", "The smaller record number"),
        integer("right", "右记录", "The larger record number"),
        integer("bar_sort_order", "序号", "Place of the bar; 0 is the prior"),
        text("column_name", "比较", "Property compared; `prior` for the prior"),
        count("comparison_vector_value", "等级", "Comparison level; empty for the prior and where one of the two says nothing"),
        number("log2_bayes_factor", "权重", "Bits that it adds, rarity included"),
        number("tf_adjustment", "其中稀有度", "Of them what the rarity of the value makes of the level's average"),
        number("cumulative_weight", "累计权重", "The weight up to here; of the last bar that of the pair, to the last bit"),
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
        let views = [match_weights(), threshold_selection(), unlinkables(), cumulative_comparisons(), review(), waterfall()];
        for field in tables().into_iter().map(|(_, schema)| schema).chain(views).flat_map(|schema| schema.fields().to_vec()) {
            let said = ["comment_zh", "comment_en"].map(|key| field.metadata().get(key).is_some_and(|words| !words.is_empty()));
            assert_eq!(said, [true, true], "{}", field.name());
        }
    }
}
