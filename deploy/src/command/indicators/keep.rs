//! Keeping figures for a trend. It is no stage: figures depend on the day, and on what was asked, besides the tables. The same tables and the
//! same definitions are kept once a day, whoever asks how often; what a crash leaves is taken back like any publication.

use crate::{Error, clock, hub::Hub};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_lake::Commit;
use wuwei_query::{Figure, Light, Rating};
use wuwei_schema::contract;

/// What became of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Kept {
    /// Figures added; none when these tables were kept on this day already.
    pub(crate) figures: usize,
    /// Areas rated.
    pub(crate) areas: usize,
    pub(crate) epoch: u64,
}

/// Under which name the epoch says from what figures were last kept.
const STAGE: &str = "indicators";

/// Keeps the figures, unless that was done; either way they are returned, those of few people included.
///
/// # Errors
/// Figures cannot be computed, or nothing can be published.
pub(crate) async fn keep(hub: &mut Hub) -> Result<(Kept, Vec<Figure>), Error> {
    let mut publisher = hub.publisher().await?;
    let (now, epoch) = (clock::now_ms(), publisher.epoch().number);
    let (inputs, session) = (inputs(hub, now), hub.session()?);
    let figures = session.indicators(None, now).await?;
    if hub.lake.epoch().stages.get(STAGE) == Some(&inputs) {
        return Ok((Kept { figures: 0, areas: 0, epoch }, figures));
    }
    let indicators = &hub.definitions.indicators;
    let kept = indicators.to_keep(&figures);
    let count = kept.len();
    publisher.write(contract::HISTORY, &of_figures(hub, &kept, now, epoch)?).await?;
    let rated = match &indicators.stars {
        Some(rule) => {
            let public: Vec<Figure> = kept.into_iter().cloned().collect();
            (rule.version, rule.rate(&public, &session.areas(now).await?))
        }
        None => (0, Vec::new()),
    };
    publisher.write(contract::RATING, &of_ratings(&rated.1, rated.0, now, epoch)?).await?;
    publisher.commit(Commit::Append { batch: format!("{epoch:08}-{now}") }, contract::HISTORY).await?;
    let published = publisher.publish(|epoch| drop(epoch.stages.insert(STAGE.to_owned(), inputs))).await?;
    hub.turn_to_newest().await?;
    Ok((Kept { figures: count, areas: rated.1.len(), epoch: published.number }, figures))
}

/// What a row of figures is of: the tables but its own, the definitions, the day of Beijing.
fn inputs(hub: &Hub, now: i64) -> BTreeMap<String, i64> {
    let own = [contract::HISTORY, contract::RATING];
    let tables = hub.lake.epoch().tables.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let tables = tables.map(|(name, version)| (name.clone(), *version));
    let day = (now + 8 * 3_600_000).div_euclid(86_400_000);
    tables.chain([("day".to_owned(), day), ("definitions".to_owned(), hub.definitions.indicators.fingerprint())]).collect()
}

pub(crate) fn text(kept: &Kept) -> String {
    match kept.figures {
        0 => "these tables were kept on this day already\n".to_owned(),
        figures => format!("{figures} figures kept, {} areas rated, epoch {}\n", kept.areas, kept.epoch),
    }
}

fn of_figures(hub: &Hub, figures: &[&Figure], now: i64, epoch: u64) -> Result<RecordBatch, Error> {
    let list = &hub.definitions.indicators.list;
    let definition = |name: &str| list.iter().find(|one| one.name == name).map_or("", |one| one.definition.as_str());
    let number = |of: fn(&Figure) -> f64| Arc::new(Float64Array::from_iter_values(figures.iter().map(|figure| of(figure)))) as ArrayRef;
    let maybe = |of: fn(&Figure) -> Option<f64>| Arc::new(figures.iter().map(|figure| of(figure)).collect::<Float64Array>()) as ArrayRef;
    let place = |of: fn(&Figure) -> Option<&str>| Arc::new(figures.iter().map(|figure| of(figure)).collect::<StringArray>()) as ArrayRef;
    let count = figures.len();
    fitting(
        contract::history(),
        vec![
            times(now, count),
            whole(epoch, count),
            texts(figures.iter().map(|figure| figure.indicator.as_str())),
            Arc::new(Int64Array::from_iter_values(figures.iter().map(|figure| i64::from(figure.version)))),
            texts(figures.iter().map(|figure| definition(&figure.indicator))),
            place(|figure| figure.department.as_deref()),
            place(|figure| figure.area.as_deref()),
            place(|figure| figure.counterpart.as_deref()),
            number(|figure| figure.numerator),
            number(|figure| figure.denominator),
            maybe(|figure| figure.value),
            texts(figures.iter().map(|figure| word(figure.light))),
            Arc::new(BooleanArray::from_iter(figures.iter().map(|figure| Some(figure.target_met)))),
            maybe(|figure| figure.baseline),
            maybe(|figure| figure.target),
            maybe(|figure| figure.challenge),
        ],
    )
}

fn of_ratings(ratings: &[Rating], version: u32, now: i64, epoch: u64) -> Result<RecordBatch, Error> {
    let rows: Vec<_> = ratings.iter().flat_map(|rating| rating.reasons.iter().map(move |reason| (rating, reason))).collect();
    let count = rows.len();
    let stars = |stars: Option<u32>| stars.map(i64::from);
    fitting(
        contract::rating(),
        vec![
            times(now, count),
            whole(epoch, count),
            whole(u64::from(version), count),
            texts(rows.iter().map(|(rating, _)| rating.area.as_str())),
            Arc::new(rows.iter().map(|(rating, _)| rating.name.as_deref()).collect::<StringArray>()),
            Arc::new(rows.iter().map(|(rating, _)| stars(rating.stars)).collect::<Int64Array>()),
            Arc::new(rows.iter().map(|(rating, _)| rating.share).collect::<Float64Array>()),
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(rating, _)| rating.known))),
            texts(rows.iter().map(|(_, reason)| reason.by)),
            texts(rows.iter().map(|(_, reason)| reason.indicator.as_str())),
            texts(rows.iter().map(|(_, reason)| word(reason.light))),
            Arc::new(rows.iter().map(|(_, reason)| reason.value).collect::<Float64Array>()),
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, reason)| reason.points))),
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, reason)| reason.weight))),
            Arc::new(rows.iter().map(|(_, reason)| stars(reason.at_most)).collect::<Int64Array>()),
        ],
    )
}

fn fitting(schema: arrow_schema::SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch, Error> {
    RecordBatch::try_new(schema, columns).map_err(|_| Error::defect("kept figures do not fit their contract"))
}

fn times(at_ms: i64, count: usize) -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from(vec![at_ms; count]))
}

fn whole(number: u64, count: usize) -> ArrayRef {
    Arc::new(Int64Array::from(vec![i64::try_from(number).unwrap_or(i64::MAX); count]))
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// As tables and JSON call a light.
fn word(light: Light) -> &'static str {
    match light {
        Light::Grey => "grey",
        Light::Red => "red",
        Light::Unassigned => "unassigned",
        Light::Yellow => "yellow",
        Light::Green => "green",
    }
}
