//! What the search box finds, as rows: by the index, as if it knew only what whoever asks may find.

use super::{
    Inside, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    made,
};
use crate::{Error, guard::Names as _, rights::Visible};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::sync::Arc;
use wuwei_search::{Ask, Hit};

const COLUMNS: &[(&str, DataType)] = &[
    ("rank", DataType::Int64),
    ("entity_id", DataType::Int64),
    ("entity", DataType::Utf8),
    ("class", DataType::Utf8),
    ("near", DataType::Boolean),
    ("matched_by", DataType::Utf8),
    ("observed", DataType::Utf8),
];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "search",
    zh: "按所知的内容查找（姓名或其一部分、拼音、首字母、号码或其尾号、地址、出生年份等，写法同搜索框），rank 为次序：先精确后近似（near），再按一致的部门数与新旧；class 为相符的方式，matched_by 为相符的属性及部门；entity 为实体类型，缺省为全部",
    en: "What is found by whatever is known (a name or a part of it, pinyin, initials, a number or its last digits, an address, a year of birth …, written as in the search box); `rank` is the order: exact ones before near ones (`near`), then by how many departments agree and how new it is; `class` is how it matches, `matched_by` by which property of which departments; `entity` an entity type, all by default",
    arguments: &[
        Argument { name: "query", takes: Takes::Words, otherwise: Otherwise::Wanted },
        Argument { name: "entity", takes: Takes::Type, otherwise: Otherwise::Null },
        Argument { name: "most", takes: Takes::Count(1_000), otherwise: Otherwise::Number(20) },
    ],
    columns: COLUMNS,
    reads: &[],
    reads_as_seen: Some(searched),
    rows: |inside, given| Box::pin(search(inside, given)),
    example: "SELECT s.rank, s.class, p.entity_id, p.name FROM search('张伟 1985', entity => 'person') s JOIN entity.person p ON p.entity_id = s.entity_id ORDER BY s.rank",
};

/// The properties that things are found by, of the types that are seen.
fn searched(visible: &Visible<'_>) -> Result<Vec<(String, Vec<String>)>, Error> {
    let mut reads = Vec::new();
    for entity in visible.catalogue.model().entities.values().filter(|entity| entity.is_found()) {
        let name = format!("entity.{}", entity.name);
        if let Some(schema) = visible.schema(&name)? {
            let searched = entity.properties.iter().filter(|property| property.search.is_some());
            let is_seen = |column: &String| schema.index_of(column).is_ok();
            reads.push((name, searched.map(|property| property.name.clone()).filter(is_seen).collect()));
        }
    }
    Ok(reads)
}

/// How it matches, in the word that the other entrances have for it.
fn word(hit: &Hit) -> Option<String> {
    serde_json::to_value(hit.class).ok()?.as_str().map(str::to_owned)
}

async fn search(inside: Inside, given: Arguments) -> Result<RecordBatch, Error> {
    let most = given.number(2).and_then(|most| usize::try_from(most).ok()).unwrap_or_default();
    let ask = Ask { typed: given.text(0).unwrap_or_default(), today: &inside.today, names: None, offset: 0, limit: most };
    let Some(found) = inside.session.find(&ask, given.text(1), inside.at_ms).await? else {
        let hint = "run `wuwei refresh`".to_owned();
        return Err(Error::Refused { rule: "index", detail: "there is no index yet".to_owned(), hint });
    };
    let hits = &found.hits;
    let text = |of: &dyn Fn(&str, &Hit) -> Option<String>| {
        Arc::new(hits.iter().map(|(entity, hit)| of(entity, hit)).collect::<StringArray>()) as ArrayRef
    };
    let columns = vec![
        Arc::new(Int64Array::from_iter_values((1_i64..).take(hits.len()))) as ArrayRef,
        Arc::new(Int64Array::from_iter_values(hits.iter().map(|(_, hit)| hit.entity_id))),
        text(&|entity, _| Some(entity.to_owned())),
        text(&|_, hit| word(hit)),
        Arc::new(hits.iter().map(|(_, hit)| Some(hit.class.is_near())).collect::<BooleanArray>()),
        text(&|_, hit| Some(hit.by())),
        text(&|_, hit| hit.observed.clone()),
    ];
    made(COLUMNS, columns)
}
