//! The share catalogue as tables: what the department files say of departments, resources, items, needs and grants, as `contract.*`. What
//! was really delivered is written where files are loaded.

use crate::{Error, clock};
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::SchemaRef;
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};
use wuwei_ingest::{Department, Departments, Extract, Need};
use wuwei_schema::{
    calendar::{self, Workday},
    contract,
};

/// The tables that the department files fill, each with its one batch.
///
/// # Errors
/// None that a user can cause: a batch that does not fit its contract.
pub(crate) fn tables(departments: &Departments) -> Result<Vec<(&'static str, RecordBatch)>, Error> {
    Ok(vec![
        ("contract.department", of_departments(departments)?),
        ("contract.resource", of_resources(departments)?),
        ("contract.item", of_items(departments)?),
        ("contract.need", of_needs(departments)?),
        ("contract.share_grant", of_grants(departments)?),
        ("contract.request", of_requests(departments)?),
        ("contract.workday", of_workdays()?),
    ])
}

/// A number that changes when a department file or the calendar does, and so maybe a table.
pub(crate) fn fingerprint(departments: &Departments) -> i64 {
    // A calendar that is not in order is told when its table is made.
    of(departments, &calendar::workdays().unwrap_or_default())
}

fn of(departments: &Departments, days: &[Workday]) -> i64 {
    let mut hasher = DefaultHasher::new();
    days.hash(&mut hasher);
    format!("{departments:?}").hash(&mut hasher);
    hasher.finish().cast_signed()
}

fn of_departments(departments: &Departments) -> Result<RecordBatch, Error> {
    let list = &departments.list;
    batch(
        contract::department(),
        vec![
            text(list.iter().map(|department| department.code.as_str())),
            text(list.iter().map(|department| department.label.zh.as_str())),
            text(list.iter().map(|department| department.label.en.as_str())),
        ],
    )
}

fn of_resources(departments: &Departments) -> Result<RecordBatch, Error> {
    let rows: Vec<(&Department, &Extract)> = departments.extracts().collect();
    batch(
        contract::resource(),
        vec![
            text(rows.iter().map(|(_, extract)| extract.name.as_str())),
            text(rows.iter().map(|(department, _)| department.code.as_str())),
            text(rows.iter().map(|(_, extract)| extract.label.zh.as_str())),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, extract)| extract.share_class))),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|(_, extract)| Some(extract.obliged)))),
            text(rows.iter().map(|_| "published")),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|(_, extract)| extract.cycle_days))),
        ],
    )
}

/// One row a column, and one more for every further property that the column gives a value to.
fn of_items(departments: &Departments) -> Result<RecordBatch, Error> {
    let mut rows: Vec<(&str, &str, Option<&str>, Option<&str>)> = Vec::new();
    for (_, extract) in departments.extracts() {
        for (_, column) in extract.kept() {
            let properties = extract.roles.iter().flat_map(|role| role.properties.iter().map(move |(name, source)| (role, name, source)));
            let fed = properties.filter(|(_, _, source)| source.columns.contains(column));
            let fed: BTreeSet<(&str, &str)> = fed.map(|(role, name, _)| (role.entity.as_str(), name.as_str())).collect();
            if fed.is_empty() {
                rows.push((&extract.name, column, None, None));
            }
            rows.extend(fed.into_iter().map(|(entity, property)| (extract.name.as_str(), column.as_str(), Some(entity), Some(property))));
        }
    }
    batch(
        contract::item(),
        vec![
            text(rows.iter().map(|row| row.0)),
            text(rows.iter().map(|row| row.1)),
            Arc::new(StringArray::from_iter(rows.iter().map(|row| row.2))),
            Arc::new(StringArray::from_iter(rows.iter().map(|row| row.3))),
        ],
    )
}

fn of_needs(departments: &Departments) -> Result<RecordBatch, Error> {
    let rows: Vec<(&Extract, &Need)> = needs(departments).collect();
    batch(
        contract::need(),
        vec![
            text(rows.iter().map(|(extract, _)| extract.name.as_str())),
            text(rows.iter().map(|(_, need)| need.consumer.as_str())),
            text(rows.iter().map(|(_, need)| need.task.as_str())),
        ],
    )
}

fn of_grants(departments: &Departments) -> Result<RecordBatch, Error> {
    let rows: Vec<(&Extract, &Need, i64)> =
        needs(departments).filter_map(|(extract, need)| Some((extract, need, clock::date_ms(need.granted.as_deref()?)?))).collect();
    batch(
        contract::share_grant(),
        vec![
            text(rows.iter().map(|(extract, _, _)| extract.name.as_str())),
            text(rows.iter().map(|(_, need, _)| need.consumer.as_str())),
            Arc::new(TimestampMillisecondArray::from_iter_values(rows.iter().map(|(_, _, from)| *from))),
            Arc::new(TimestampMillisecondArray::from_iter(rows.iter().map(|_| None::<i64>))),
        ],
    )
}

/// Working days in which a conditional resource is granted or refused: 政务数据共享条例 (State Council order 809, 2025).
const REPLY_WORKDAYS: i64 = 10;

fn of_requests(departments: &Departments) -> Result<RecordBatch, Error> {
    let asked = |need: &Need| clock::date_ms(need.asked.as_deref()?);
    let rows: Vec<(&Extract, &Need, i64)> = needs(departments).filter_map(|(extract, need)| Some((extract, need, asked(need)?))).collect();
    let answered = |need: &Need| clock::date_ms(need.granted.as_deref()?);
    batch(
        contract::request(),
        vec![
            text(rows.iter().map(|(extract, _, _)| extract.name.as_str())),
            text(rows.iter().map(|(_, need, _)| need.consumer.as_str())),
            text(rows.iter().map(|(_, need, _)| need.task.as_str())),
            Arc::new(TimestampMillisecondArray::from_iter_values(rows.iter().map(|(_, _, sent)| *sent))),
            Arc::new(TimestampMillisecondArray::from_iter(rows.iter().map(|(_, need, _)| answered(need)))),
            Arc::new(Int64Array::from_iter_values(rows.iter().map(|_| REPLY_WORKDAYS))),
        ],
    )
}

fn of_workdays() -> Result<RecordBatch, Error> {
    let days = calendar::workdays()?;
    batch(
        contract::workday(),
        vec![
            Arc::new(Date32Array::from_iter_values(days.iter().map(|day| day.day))),
            Arc::new(BooleanArray::from_iter(days.iter().map(|day| Some(day.is_work)))),
            Arc::new(StringArray::from_iter(days.iter().map(|day| day.name))),
        ],
    )
}

fn needs(departments: &Departments) -> impl Iterator<Item = (&Extract, &Need)> {
    departments.extracts().flat_map(|(_, extract)| extract.needed_by.iter().map(move |need| (extract, need)))
}

fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A batch of that contract.
///
/// # Errors
/// The columns do not fit it.
pub(crate) fn batch(schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, Error> {
    RecordBatch::try_new(schema, columns).map_err(|_| Error::defect("a table of the share catalogue does not fit its contract"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wuwei_schema::Model;

    #[test]
    fn a_column_in_the_midst_of_many_makes_another_catalogue() {
        let model = Model::embedded().unwrap();
        let carried = || Departments::embedded(&model).unwrap();
        let mut other = carried();
        let columns = &mut other.list[2].extracts[0].columns;
        let midst = columns.len() / 2;
        columns[midst].push('2');
        assert_eq!(fingerprint(&carried()), fingerprint(&carried()));
        assert_ne!(fingerprint(&carried()), fingerprint(&other));
    }

    #[test]
    fn a_day_that_is_worked_after_all_makes_another_catalogue() {
        let (departments, mut days) = (Departments::default(), calendar::workdays().unwrap());
        let before = of(&departments, &days);
        days[40].is_work = !days[40].is_work;
        assert_ne!(of(&departments, &days), before);
    }
}
