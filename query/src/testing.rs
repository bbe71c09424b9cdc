//! A small hub for the tests of this room: invented rows of three departments, in memory.

pub(crate) mod owed;
pub(crate) mod words;

use crate::{Catalogue, Error, Indicators, Policies, catalogue::Tables};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::{catalog::TableProvider, datasource::MemTable};
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::{Model, contract, table};

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;
/// The day on which the tests ask.
pub(crate) const NOW: i64 = 1_000 * DAY;

/// Rows by table; tables without are empty.
pub(crate) type Rows = BTreeMap<String, RecordBatch>;

pub(crate) fn catalogue(rows: &Rows) -> Catalogue {
    let provide = |name: &str, schema: SchemaRef| {
        let batch = rows.get(name).cloned().unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&schema)));
        let table = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
        Ok::<_, Error>(Arc::new(table) as Arc<dyn TableProvider>)
    };
    let model = Model::embedded().unwrap();
    Catalogue::over(provide, &model, vec![("ga_hjrk".to_owned(), raw())], Indicators::embedded().unwrap()).unwrap()
}

pub(crate) fn tables() -> Tables {
    catalogue(&Rows::new()).tables
}

fn raw() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let fields = vec![text("batch"), number("row"), number("first_record"), number("last_record"), text("XM"), text("姓名")];
    Arc::new(Schema::new_with_metadata(fields, [("department".to_owned(), "ga".to_owned())].into()))
}

fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

/// The policies carried, with one purpose that lets an operator see everything.
pub(crate) fn policies() -> Arc<Policies> {
    let purpose = "[[purpose]]\nname = \"低保核对\"\nbasis = \"试验\"\nroles = [\"operator\"]\ntypes = [\"*\"]\nsources = [\"*\"]\nclasses = [\"*\"]\n";
    let mut files = crate::policy::files();
    files.iter_mut().filter(|file| file.name == "purposes.toml").for_each(|file| file.text = purpose.to_owned());
    Arc::new(Policies::parse(&files).unwrap())
}

/// Persons (name, phone) of one department.
pub(crate) fn persons(rows: &mut Rows, persons: &[(&str, Option<&str>)]) {
    let schema = Model::embedded().unwrap().entity("person").unwrap().record_schema();
    let count = persons.len();
    let column = |field: &Arc<Field>| -> ArrayRef {
        match field.name().as_str() {
            "name" => Arc::new(StringArray::from_iter_values(persons.iter().map(|person| person.0))),
            "phone" => Arc::new(persons.iter().map(|person| person.1).collect::<StringArray>()),
            _ if field.is_nullable() => new_null_array(field.data_type(), count),
            _ if *field.data_type() == DataType::Int64 => Arc::new((1..).take(count).collect::<Int64Array>()),
            _ => Arc::new(StringArray::from(vec!["ga"; count])),
        }
    };
    let columns = schema.fields().iter().map(column).collect();
    rows.insert("record.person".to_owned(), RecordBatch::try_new(schema, columns).unwrap());
}

/// Resources (rid, provider, share_class, obliged, status), each updated every 10 days.
pub(crate) fn resources(rows: &mut Rows, resources: &[(&str, &str, i64, bool, &str)]) {
    put(
        rows,
        "contract.resource",
        contract::resource(),
        vec![
            texts(resources.iter().map(|resource| resource.0)),
            texts(resources.iter().map(|resource| resource.1)),
            texts(resources.iter().map(|resource| resource.0)),
            Arc::new(resources.iter().map(|resource| resource.2).collect::<Int64Array>()),
            Arc::new(resources.iter().map(|resource| Some(resource.3)).collect::<BooleanArray>()),
            texts(resources.iter().map(|resource| resource.4)),
            Arc::new(Int64Array::from(vec![10; resources.len()])),
        ],
    );
}

/// Deliveries (rid, age of the content in days or None, age of the arrival), all accepted.
pub(crate) fn deliveries(rows: &mut Rows, deliveries: &[(&str, Option<i64>, i64)]) {
    let ago = |days: i64| NOW - days * DAY;
    let all: Vec<owed::Delivered<'_>> = deliveries
        .iter()
        .map(|(rid, content, arrival)| owed::Delivered { watermark_ms: content.map(ago), ..owed::Delivered::of(rid, ago(*arrival)) })
        .collect();
    owed::delivered(rows, &all);
}

/// Grants (rid, consumer) that run since yesterday.
pub(crate) fn grants(rows: &mut Rows, grants: &[(&str, &str)]) {
    put(
        rows,
        "contract.share_grant",
        contract::share_grant(),
        vec![
            texts(grants.iter().map(|grant| grant.0)),
            texts(grants.iter().map(|grant| grant.1)),
            Arc::new(TimestampMillisecondArray::from(vec![NOW - DAY; grants.len()])),
            Arc::new(TimestampMillisecondArray::new_null(grants.len())),
        ],
    );
}

/// Needs (rid, consumer, task).
pub(crate) fn needs(rows: &mut Rows, needs: &[(&str, &str, &str)]) {
    let columns =
        vec![texts(needs.iter().map(|need| need.0)), texts(needs.iter().map(|need| need.1)), texts(needs.iter().map(|need| need.2))];
    put(rows, "contract.need", contract::need(), columns);
}

/// Items (rid, item, entity, property); empty for none.
pub(crate) fn items(rows: &mut Rows, items: &[(&str, &str, &str, &str)]) {
    let entity: StringArray = items.iter().map(|item| Some(item.2).filter(|text| !text.is_empty())).collect();
    let property: StringArray = items.iter().map(|item| Some(item.3).filter(|text| !text.is_empty())).collect();
    let columns = vec![
        texts(items.iter().map(|item| item.0)),
        texts(items.iter().map(|item| item.1)),
        Arc::new(entity) as _,
        Arc::new(property) as _,
    ];
    put(rows, "contract.item", contract::item(), columns);
}

/// Relation, person, place, since, until, department.
pub(crate) type Edge<'a> = (&'a str, i64, i64, Option<&'a str>, Option<&'a str>, &'a str);

/// Edges from persons to places.
pub(crate) fn edges(rows: &mut Rows, edges: &[Edge<'_>]) {
    let column = |field: &Arc<Field>| -> ArrayRef {
        match field.name().as_str() {
            "relation" => texts(edges.iter().map(|edge| edge.0)),
            "source" => Arc::new(edges.iter().map(|edge| edge.1).collect::<Int64Array>()),
            "target" => Arc::new(edges.iter().map(|edge| edge.2).collect::<Int64Array>()),
            "since" => Arc::new(edges.iter().map(|edge| edge.3).collect::<StringArray>()),
            "until" => Arc::new(edges.iter().map(|edge| edge.4).collect::<StringArray>()),
            "department" => texts(edges.iter().map(|edge| edge.5)),
            "source_type" => texts(edges.iter().map(|_| "person")),
            _ if field.is_nullable() => new_null_array(field.data_type(), edges.len()),
            _ if *field.data_type() == DataType::Int64 => Arc::new(Int64Array::from(vec![2; edges.len()])),
            _ => texts(edges.iter().map(|_| "x")),
        }
    };
    let schema = table::edge_schema();
    let columns = schema.fields().iter().map(column).collect();
    let edges = RecordBatch::try_new(schema, columns).unwrap();
    let registered = wuwei_graph::registrations(&edges, &["lives_at", "registered_at"]).unwrap();
    rows.extend([(table::EDGE.to_owned(), edges), (table::REGISTRATION.to_owned(), registered)]);
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

fn put(rows: &mut Rows, name: &str, schema: SchemaRef, columns: Vec<ArrayRef>) {
    rows.insert(name.to_owned(), RecordBatch::try_new(schema, columns).unwrap());
}

/// Rows of a table, each as columns with their texts; what is not stated is empty, or where it may not be, a number or `x`.
pub(crate) fn stated(rows: &mut Rows, name: &str, schema: SchemaRef, all: &[&[(&str, &str)]]) {
    let cell = |row: usize, column: &str| all[row].iter().find(|(known, _)| *known == column).map(|(_, text)| *text);
    let column = |field: &Arc<Field>| -> ArrayRef {
        let cells = (0..all.len()).map(|row| cell(row, field.name()));
        let numbers = cells
            .clone()
            .enumerate()
            .map(|(row, text)| text.map_or((!field.is_nullable()).then_some(row as i64 + 1), |text| text.parse().ok()));
        match field.data_type() {
            DataType::Float64 => Arc::new(cells.map(|text| text.and_then(|text| text.parse::<f64>().ok())).collect::<Float64Array>()),
            DataType::Int64 => Arc::new(numbers.collect::<Int64Array>()),
            DataType::Timestamp(..) => Arc::new(numbers.collect::<TimestampMillisecondArray>()),
            _ => Arc::new(cells.map(|text| text.or((!field.is_nullable()).then_some("x"))).collect::<StringArray>()),
        }
    };
    let columns = schema.fields().iter().map(column).collect();
    put(rows, name, schema, columns);
}

/// The same of records of a type, or of its entities.
pub(crate) fn of_type(rows: &mut Rows, name: &str, all: &[&[(&str, &str)]]) {
    let model = Model::embedded().unwrap();
    let (namespace, entity) = name.split_once('.').unwrap();
    let entity = model.entity(entity).unwrap();
    let schema = if namespace == "record" { entity.record_schema() } else { entity.entity_schema() };
    stated(rows, name, schema, all);
}
