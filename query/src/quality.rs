//! Data quality after the characteristics of GB/T 36344-2018 as views `quality.*`, each figure with its numerator and denominator: 完整性, 规范性,
//! 准确性 (a proxy), 唯一性, 一致性, 时效性, and what duplicate registrations cost. What is counted is in `views/quality/*.sql`; the parts that are one a
//! type are made here from the model, so that one more type, property or department needs no SQL. They are figures of departments, the same for
//! whoever asks, as indicators are; those who do not see the rows are told none below ten.

use crate::catalogue::{Source, Table};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_schema::{EntityType, Kind, Model, table::comment};

/// What the names of these views begin with.
pub(crate) const NAMESPACE: &str = "quality.";

/// Yuan that one registration costs: 2.2 million for 32,000 (平安建设星创建实施方案 2.3.1), unless the hub is told otherwise.
pub const DUPLICATE_YUAN: f64 = 68.75;

const CELLS: &str = include_str!("../views/quality/cells.sql");
const SAID: &str = include_str!("../views/quality/said.sql");
const HELD: &str = include_str!("../views/quality/held.sql");

/// The views, with their full names.
pub(crate) fn views(model: &Model) -> Vec<(String, Table)> {
    let types: Vec<&EntityType> = model.entities.values().filter(|entity| !entity.properties.is_empty()).collect();
    let cells = joined(types.iter().map(|entity| cells(entity)));
    let matched = types.iter().filter(|entity| entity.matching.is_some() && compared(entity).next().is_some());
    let said = joined(matched.map(|entity| said(entity)));
    let held: String = types.iter().flat_map(|entity| held(entity)).collect();
    let view = |name: &str, sql: String, columns: &[Column], zh: &str, en: &str| {
        let source = Source::View { name: name.to_owned(), sql };
        (format!("{NAMESPACE}{name}"), Table { schema: schema(columns), zh: zh.to_owned(), en: en.to_owned(), source })
    };
    let mut views = vec![
        view(
            "completeness",
            include_str!("../views/quality/completeness.sql").replace("{cells}", &cells),
            &[DEPARTMENT, EXTRACT, ROLE, ENTITY, PROPERTY],
            "数据质量：完整性",
            "Quality: cells that are filled",
        ),
        view(
            "conformity",
            include_str!("../views/quality/conformity.sql").to_owned(),
            &[DEPARTMENT, EXTRACT, ITEM, ENTITY, PROPERTY],
            "数据质量：规范性",
            "Quality: cells that are as they should be written",
        ),
        view(
            "uniqueness",
            include_str!("../views/quality/uniqueness.sql").to_owned(),
            &[DEPARTMENT, EXTRACT],
            "数据质量：唯一性",
            "Quality: rows that stand once",
        ),
        view(
            "timeliness",
            include_str!("../views/quality/timeliness.sql").to_owned(),
            &[DEPARTMENT, EXTRACT, CYCLE_DAYS, AGE_DAYS],
            "数据质量：时效性",
            "Quality: files that came while they were news",
        ),
        view(
            "duplicate_registration",
            include_str!("../views/quality/duplicate_registration.sql").to_owned(),
            &[DEPARTMENT, EXTRACT, COUNTERPART, FACT],
            "重复登记及其成本",
            "Registrations of what another department had registered already, and their cost",
        ),
    ];
    // Where no type is matched no entity is of two departments.
    if !said.is_empty() {
        views.extend([
            view(
                "accuracy",
                include_str!("../views/quality/accuracy.sql").replace("{said}", &said).replace("{held}", &held),
                &[DEPARTMENT, ENTITY, PROPERTY, JUDGED_BY],
                "数据质量：准确性（参考）",
                "Quality: values that others confirm, a proxy of their truth",
            ),
            view(
                "consistency",
                include_str!("../views/quality/consistency.sql").replace("{said}", &said),
                &[DEPARTMENT, COUNTERPART, ENTITY, PROPERTY],
                "数据质量：部门间一致性",
                "Quality: values that two departments state alike",
            ),
        ]);
    }
    views
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("    UNION ALL\n")
}

/// How many records of a type state each of its properties.
fn cells(entity: &EntityType) -> String {
    let names = || entity.properties.iter().map(|property| property.name.as_str()).enumerate();
    let counts = names().map(|(at, name)| format!("count(r.\"{name}\") AS c{at}"));
    let structs = names().map(|(at, name)| format!("named_struct('property', '{name}', 'stated', a.c{at})"));
    filled(CELLS, entity, &[("counts", counts.collect()), ("structs", structs.collect())])
}

/// The properties that two departments may state alike: codes, names, identifiers and dates, but no free text, in which nobody writes alike.
fn compared(entity: &EntityType) -> impl Iterator<Item = &wuwei_schema::Property> {
    entity.properties.iter().filter(|property| property.kind != Kind::Text && property.kind != Kind::Number)
}

/// What each department states of an entity.
fn said(entity: &EntityType) -> String {
    let names: Vec<(usize, &str)> = compared(entity).map(|property| property.name.as_str()).enumerate().collect();
    let values = names.iter().map(|(at, name)| format!("max(r.\"{name}\") AS v{at}"));
    let structs = names.iter().map(|(at, name)| format!("named_struct('property', '{name}', 'value', a.v{at})"));
    filled(SAID, entity, &[("values", values.collect()), ("structs", structs.collect())])
}

/// What a citizen id number says of its bearer, beside what the record says.
fn held(entity: &EntityType) -> Vec<String> {
    let of = |is_it: &dyn Fn(&Kind, &str) -> bool| entity.properties.iter().find(|property| is_it(&property.kind, &property.name));
    let Some(id) = of(&|kind, _| *kind == Kind::CitizenId) else { return Vec::new() };
    let born = of(&|kind, name| *kind == Kind::Date && name == crate::shape::BIRTH).map(|property| (property, "id_birth_date"));
    let sex = of(&|kind, _| *kind == Kind::Code("gbt2261_1".to_owned())).map(|property| (property, "id_gender"));
    let sql = |(property, function): (&wuwei_schema::Property, &str)| {
        HELD.replace("{property}", &property.name).replace("{function}", function).replace("{id}", &id.name).replace("{type}", &entity.name)
    };
    born.into_iter().chain(sex).map(sql).collect()
}

fn filled(template: &str, entity: &EntityType, places: &[(&str, Vec<String>)]) -> String {
    let mut sql = template.replace("{type}", &entity.name);
    for (place, parts) in places {
        sql = sql.replace(&format!("{{{place}}}"), &parts.join(", "));
    }
    sql
}

/// Name, comments, and whether it is a number.
type Column = (&'static str, &'static str, &'static str, bool);

const DEPARTMENT: Column = ("department", "部门", "Department that is judged", false);
const COUNTERPART: Column = ("counterpart", "对方部门", "The other department", false);
const EXTRACT: Column = ("extract", "数据资源", "Extract", false);
const ROLE: Column = ("role", "角色", "Role in the row", false);
const ENTITY: Column = ("entity", "类型", "Entity type", false);
const PROPERTY: Column = ("property", "属性", "Property", false);
const ITEM: Column = ("item", "信息项", "Column of the extract", false);
const FACT: Column = ("fact", "登记事项", "What was registered: lives_at, registered_at", false);
const JUDGED_BY: Column =
    ("judged_by", "判断依据", "majority: what more than half of the departments state; id: what the id number says", false);
const CYCLE_DAYS: Column = ("cycle_days", "更新周期", "Days between deliveries", true);
const AGE_DAYS: Column = ("age_days", "数据陈旧天数", "Days since the latest date that the content speaks of", true);

fn schema(columns: &[Column]) -> SchemaRef {
    let field = |(name, zh, en, is_number): Column| {
        comment(Field::new(name, if is_number { DataType::Int64 } else { DataType::Utf8 }, true), zh, en)
    };
    let number = |name, kind, zh, en| comment(Field::new(name, kind, true), zh, en);
    let mut fields: Vec<Field> = columns.iter().copied().map(field).collect();
    fields.extend([
        number("numerator", DataType::Int64, "分子", "How many are as they should be; of duplicates how many are not"),
        number("denominator", DataType::Int64, "分母", "Out of how many"),
        number("value", DataType::Float64, "值（%）", "Per cent; empty when the denominator is 0"),
    ]);
    if columns.contains(&FACT) {
        fields.push(number("cost_yuan", DataType::Float64, "重复成本（元）", "What the duplicates cost, in yuan"));
    }
    Arc::new(Schema::new(fields))
}

#[cfg(test)]
mod tests;
