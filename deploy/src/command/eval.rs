//! `wuwei eval`: how well the present resolution agrees with what is known to be true.

mod records;
mod text;
mod truth;

use crate::{
    Error,
    cli::{Common, Eval},
    clock,
    hub::Hub,
    output,
};
use records::Judged;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};
use truth::Truth;
use wuwei_graph::{Between, Conflicts, Scores};
use wuwei_query::Batches;
use wuwei_schema::EntityType;

/// How the entities of one type were resolved.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Evaluation {
    entity: String,
    #[serde(flatten)]
    pub(super) scores: Scores,
    /// For each property of which an entity has one value at the most: clusters with several, of all records, known to the truth or not.
    exclusive: BTreeMap<String, Conflicts>,
    /// Pairs within and between departments, each two of them once.
    departments: Vec<Pairs>,
}

/// Pairs of records of two departments, or of one.
#[derive(Debug, Clone, Serialize)]
struct Pairs {
    left: String,
    right: String,
    /// Pairs that are one.
    pairs: u64,
    /// Pairs said to be one.
    said: u64,
    /// Pairs that are one and were said to be.
    both: u64,
    /// Of the pairs said to be one; none where there are none.
    precision: Option<f64>,
    /// Of the pairs that are one; none where there are none.
    recall: Option<f64>,
}

pub(super) async fn run(common: &Common, asked: &Eval) -> Result<(), Error> {
    let hub = Hub::open(common, "eval").await?;
    let (truth, of) = match (&asked.truth, &asked.property) {
        (Some(file), _) => Truth::of_file(file)?,
        (None, Some(property)) => (Truth::Property(property.clone()), "person".to_owned()),
        (None, None) => return Err(Error::asked("no truth was given", "give --truth FILE or --property NAME")),
    };
    let entity = entity(&hub, asked.entity.as_deref().unwrap_or(&of))?;
    let evaluation = evaluate(&hub, entity, truth, asked.linkable).await?;
    output::print(common, &evaluation, |evaluation| text::text(evaluation, &hub.definitions.departments))
}

/// How the people of the demo's county were resolved.
pub(super) async fn of_county(hub: &Hub, truth: &Path) -> Result<Evaluation, Error> {
    let (truth, of) = Truth::of_file(truth)?;
    evaluate(hub, entity(hub, &of)?, truth, false).await
}

fn entity<'a>(hub: &'a Hub, name: &str) -> Result<&'a EntityType, Error> {
    let known = &hub.definitions.model.entities;
    let hint = || wuwei_schema::nearest(name, known.keys().map(String::as_str));
    known.get(name).ok_or_else(|| Error::asked(format!("the model has no entity type `{name}`"), hint()))
}

async fn evaluate(hub: &Hub, entity: &EntityType, truth: Truth, linkable: bool) -> Result<Evaluation, Error> {
    let Judged { labelled, evidence, departments, stated } = records::read(hub, entity, truth, linkable).await?;
    if labelled.is_empty() {
        return Err(Error::asked("the truth names no record of this hub", "give the truth that was written beside the files loaded"));
    }
    let scores = wuwei_graph::judge(&labelled, evidence.as_ref());
    let exclusive = stated.into_iter().map(|(property, stated)| (property, wuwei_graph::conflicts(stated))).collect();
    let mut departments: Vec<Pairs> = scores.sources.iter().map(|between| Pairs::new(between, &departments)).collect();
    departments.sort_unstable_by(|one, other| (&one.left, &one.right).cmp(&(&other.left, &other.right)));
    Ok(Evaluation { entity: entity.name.clone(), scores, exclusive, departments })
}

impl Pairs {
    fn new(between: &Between, departments: &[String]) -> Pairs {
        let mut names = [between.left, between.right].map(|at| departments.get(at as usize).cloned().unwrap_or_default());
        names.sort_unstable();
        let [left, right] = names;
        let &Between { pairs, said, both, .. } = between;
        Pairs { left, right, pairs, said, both, precision: share(both, said), recall: share(both, pairs) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "beyond 2^52 pairs a rounded count is as good")]
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

async fn table(hub: &Hub, table: &str, columns: &[&str]) -> Result<Batches, Error> {
    Ok(hub.stage("eval")?.read(table, columns, clock::now_ms()).await?)
}
