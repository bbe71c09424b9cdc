//! `wuwei indicators --history`: how one indicator stood whenever figures were kept. Where its definition changed the line breaks, and that is
//! seen: what stands on both sides is not of one formula.

use super::code_of;
use crate::{Error, cells, cli::Indicators as Asked, clock, hub::Hub, output};
use arrow_array::{Array as _, RecordBatch, cast::AsArray as _, types::TimestampMillisecondType};
use serde::Serialize;
use wuwei_query::Session;

/// The figures of one indicator, the oldest first.
#[derive(Debug, Serialize)]
pub(super) struct Trend {
    indicator: String,
    points: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Point {
    as_of: String,
    epoch: i64,
    version: i64,
    definition: String,
    numerator: f64,
    denominator: f64,
    value: Option<f64>,
    light: String,
    /// Whether the definition is another than that of the figure before.
    breaks: bool,
}

pub(super) async fn trend(hub: &Hub, session: &Session, name: &str, asked: &Asked) -> Result<Trend, Error> {
    let known = &hub.definitions.indicators.list;
    if known.iter().all(|one| one.name != name) {
        let hint = wuwei_schema::nearest(name, known.iter().map(|one| one.name.as_str()));
        return Err(Error::asked(format!("there is no indicator `{name}`"), hint));
    }
    let now = clock::now_ms();
    let area = match &asked.area {
        Some(area) => Some(code_of(&session.areas(now).await?, area)?),
        None => None,
    };
    let is = |value: Option<&str>| value.map_or_else(|| "IS NULL".to_owned(), |value| format!("= '{}'", value.replace('\'', "''")));
    let question = format!(
        "SELECT as_of, epoch, version, definition, numerator, denominator, value, light FROM indicator.history \
         WHERE indicator = '{name}' AND department {} AND area {} AND counterpart IS NULL ORDER BY as_of, epoch",
        is(asked.department.as_deref()),
        is(area.as_deref()),
    );
    let mut points: Vec<Point> = Vec::new();
    for batch in &session.sql(&question, now).await?.batches {
        read(batch, &mut points)?;
    }
    Ok(Trend { indicator: name.to_owned(), points })
}

fn read(batch: &RecordBatch, points: &mut Vec<Point>) -> Result<(), Error> {
    let times = batch.column_by_name("as_of").and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
    let times = times.ok_or_else(|| Error::defect("the history has other columns than its contract"))?;
    let (epoch, version) = (cells::numbers(batch, "epoch")?, cells::numbers(batch, "version")?);
    let (definition, light) = (cells::texts(batch, "definition")?, cells::texts(batch, "light")?);
    let number = |name| cells::decimals(batch, name);
    let (numerator, denominator, value) = (number("numerator")?, number("denominator")?, number("value")?);
    for row in 0..batch.num_rows() {
        let of = (version.value(row), definition.value(row));
        points.push(Point {
            as_of: clock::date(times.value(row)),
            epoch: epoch.value(row),
            version: of.0,
            definition: of.1.to_owned(),
            numerator: numerator.value(row),
            denominator: denominator.value(row),
            value: value.is_valid(row).then(|| value.value(row)),
            light: light.value(row).to_owned(),
            breaks: points.last().is_some_and(|last| (last.version, last.definition.as_str()) != of),
        });
    }
    Ok(())
}

pub(super) fn text(trend: &Trend) -> String {
    if trend.points.is_empty() {
        return format!("no figure of `{}` was kept yet; `indicators --keep` keeps them\n", trend.indicator);
    }
    let mut rows = Vec::new();
    for point in &trend.points {
        if point.breaks {
            rows.push(vec![
                "~~~~".to_owned(),
                "~~~~".to_owned(),
                format!("definition changed, version {}: no trend goes across", point.version),
            ]);
        }
        let value = point.value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"));
        let of = format!("{} / {}", super::shown::count(point.numerator), super::shown::count(point.denominator));
        rows.push(vec![point.as_of.clone(), point.epoch.to_string(), value, point.light.clone(), of, point.version.to_string()]);
    }
    output::table(&["as of", "epoch", "value", "light", "of", "version"], &rows)
}
