//! The data of the charts by which people judge a resolution, as views over what it learned: those that Splink's users know, under the names that
//! they have there. How they are drawn is not known here.

use crate::catalogue::{Source, Table};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_graph::functions;
use wuwei_schema::{
    EntityType, learned,
    table::{comment, integer},
};

const WATERFALL: &str = include_str!("../views/waterfall.sql");

/// The views, with their full names; `types` are those that are compared.
pub(crate) fn views<'a>(types: impl Iterator<Item = &'a EntityType> + Clone) -> Vec<(String, Table)> {
    let view = |name: &str, sql: String, schema: SchemaRef, zh: &str, en: &str| {
        let source = Source::View { name: name.to_owned(), sql };
        (format!("graph.{name}"), Table { schema, zh: zh.to_owned(), en: en.to_owned(), source })
    };
    let text = |sql: &str| sql.to_owned();
    let mut views = vec![
        view(
            "match_weights",
            text(include_str!("../views/match_weights.sql")),
            learned::match_weights(),
            "匹配权重图",
            "Chart of match weights, m and u",
        ),
        view(
            "threshold_selection",
            text(include_str!("../views/threshold_selection.sql")),
            learned::threshold_selection(),
            "阈值选择图",
            "Chart of what would become of each threshold",
        ),
        view(
            "unlinkables",
            text(include_str!("../views/unlinkables.sql")),
            learned::unlinkables(),
            "不可关联图",
            "Chart of records that say too little",
        ),
        view(
            "cumulative_comparisons",
            text(include_str!("../views/cumulative_comparisons.sql")),
            learned::cumulative_comparisons(),
            "累计比对图",
            "Chart of the pairs that each blocking key adds",
        ),
    ];
    views.push(view(
        "review",
        text(include_str!("../views/review.sql")),
        learned::review(),
        "待核对",
        "Pairs that await a person's decision",
    ));
    let bars: Vec<String> = types.clone().map(|entity| WATERFALL.replace("{type}", &entity.name)).collect();
    if !bars.is_empty() {
        views.push(view(
            "waterfall",
            bars.join("UNION ALL\n"),
            learned::waterfall(),
            "瀑布图",
            "Chart of what adds up to the weight of a kept pair",
        ));
    }
    views.extend(types.map(|entity| {
        let (zh, en) = (format!("{}：比对特征", entity.label.zh), format!("{}: features and blocking keys", entity.label.en));
        view(&format!("{}_features", entity.name), features(entity), features_schema(entity), &zh, &en)
    }));
    views
}

/// The features of every record of a type, and its keys.
fn features(entity: &EntityType) -> String {
    let fields = functions::feature_fields(entity);
    let named = fields.iter().map(|field| format!("'{0}', r.\"{0}\"", field.name())).collect::<Vec<_>>().join(", ");
    let name = &entity.name;
    format!(
        "SELECT f.record_id, f.features, er_keys('{name}', f.features) AS keys FROM (\
         SELECT r.record_id, er_features('{name}', named_struct({named})) AS features FROM record.{name} r) f"
    )
}

fn features_schema(entity: &EntityType) -> SchemaRef {
    let keys = DataType::List(Arc::new(Field::new_list_field(DataType::UInt64, true)));
    let features = DataType::Struct(functions::feature_fields(entity));
    Arc::new(Schema::new(vec![
        integer("record_id", "记录号", "Record"),
        comment(Field::new("features", features, true), "特征", "What is compared of it: er_features of its properties"),
        comment(
            Field::new("keys", keys, true),
            "分块键",
            "er_keys: one for each blocking key in the model's order, empty where a part is missing",
        ),
    ]))
}
