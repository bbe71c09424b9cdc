//! What is known about one entity, or of everybody of a place, in questions of whoever asks: the rows that a file is made of. Every table is
//! asked in SQL, so that whatever the door hides is hidden here too.

use crate::{Error, Session, functions::Ask};
use arrow_array::{Array as _, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::{FutureExt as _, future::join_all, join};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};
use wuwei_graph::Gathered;
use wuwei_lake::LOOKED_UP;
use wuwei_schema::{Category, EntityType, Model, table};

/// The relations by which somebody belongs to a household.
const MEMBERSHIP: &str = "('member_of', 'head_of')";
/// The relations by which somebody lives or is registered somewhere.
const RESIDENCE: &str = "('lives_at', 'registered_at', 'rents')";
/// The table of what came when.
const DELIVERY: &str = "contract.delivery";

/// Whoever asks, with the questions that a file is made of.
#[derive(Clone)]
pub struct Asker {
    ask: Arc<Ask>,
    session: Session,
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Session {
    /// This session's questions for a file, each accounted for.
    pub fn asker(&self, at_ms: i64) -> Asker {
        let session = self.clone();
        let ask = Arc::new(move |question: String| {
            let session = session.clone();
            async move { Ok(session.sql(&question, at_ms).await?.batches) }.boxed()
        });
        Asker { ask, session: self.clone() }
    }

    /// The same inside another question, which is accounted for with all that they read.
    pub(crate) fn asker_inside(&self, at_ms: i64) -> Asker {
        Asker { ask: self.ask(at_ms), session: self.clone() }
    }
}

impl Asker {
    /// What things are.
    pub(crate) fn model(&self) -> &Model {
        self.session.catalogue().model()
    }

    async fn rows(&self, question: &str) -> Result<Vec<RecordBatch>, Error> {
        (self.ask)(question.to_owned()).await
    }

    fn sees(&self, table: &str) -> Result<bool, Error> {
        Ok(!self.session.withheld(table)?.closed)
    }

    /// Entity type and rows of one entity; none where there is none whom whoever asks sees.
    ///
    /// # Errors
    /// A question is refused.
    pub async fn entity(&self, id: i64) -> Result<Option<(&EntityType, Gathered)>, Error> {
        // Most numbers are still their entity's: what is known of it is asked for before that is.
        let asked = [id];
        // Of several that are refused the first is told, whichever ended first: what is told depends on nothing but rights.
        let (now, links) = join!(self.present(id), self.links(&asked));
        let (now, links) = (now?, links?);
        let links = if now == id { links } else { self.links(&[now]).await? };
        let Some(entity) = self.type_of(&links)? else { return Ok(None) };
        Ok(Some((entity, self.gather(entity, now, links, &[]).await?)))
    }

    /// Entity type and rows of a household, given by its own number or by a member's; of whatever else that number is, where it is of none.
    ///
    /// # Errors
    /// A question is refused.
    pub async fn household(&self, id: i64) -> Result<Option<(&EntityType, Gathered)>, Error> {
        let id = self.household_of(self.present(id).await?).await?;
        let members = format!("SELECT DISTINCT source FROM graph.edge WHERE target = {id} AND relation IN {MEMBERSHIP}");
        let household = [id];
        let (links, members) = join!(self.links(&household), self.rows(&members));
        let (links, members) = (links?, members?);
        let Some(entity) = self.type_of(&links)? else { return Ok(None) };
        Ok(Some((entity, self.gather(entity, id, links, &numbers(&members, "source")?).await?)))
    }

    /// The edges of an entity, and those that start at others. Each end is a question of its own: one column can be looked up, two cannot.
    async fn edges(&self, id: i64, others: &[i64]) -> Result<Vec<RecordBatch>, Error> {
        let from = list(std::iter::once(&id).chain(others));
        let question = format!(
            "SELECT * FROM graph.edge WHERE source IN ({from}) UNION ALL SELECT * FROM graph.edge WHERE target = {id} AND source NOT IN ({from})"
        );
        self.rows(&question).await
    }

    /// Who lives or lived at these places: edges and captions.
    ///
    /// # Errors
    /// A question is refused.
    pub async fn residents(&self, places: &BTreeSet<i64>) -> Result<Gathered, Error> {
        let (mut gathered, places) = (Gathered::default(), places.iter().copied().collect::<Vec<_>>());
        for part in places.chunks(LOOKED_UP) {
            let question = format!("SELECT * FROM graph.edge WHERE target IN ({}) AND relation IN {RESIDENCE}", list(part));
            gathered.edges.extend(self.rows(&question).await?);
        }
        gathered.captions = self.captions(&ends(&gathered.edges)?).await?;
        Ok(gathered)
    }

    /// The number that an entity has now, which is another when it was merged.
    ///
    /// # Errors
    /// A question is refused.
    pub async fn present(&self, id: i64) -> Result<i64, Error> {
        let found = self.rows(&format!("SELECT to_id FROM graph.redirect WHERE from_id = {id}")).await?;
        Ok(numbers(&found, "to_id")?.first().copied().unwrap_or(id))
    }

    /// The day, ISO 8601, since when none of an entity's records stands; none where one does, or never did.
    ///
    /// # Errors
    /// A question is refused.
    pub async fn ended(&self, id: i64) -> Result<Option<String>, Error> {
        let last = format!("SELECT CAST(max(at) AS VARCHAR) AS at FROM graph.lineage WHERE event = 'retired' AND from_id = {id}");
        let found = texts(&self.rows(&last).await?, "at")?.into_iter().next().unwrap_or_default();
        Ok(found.get(..10).map(str::to_owned))
    }

    /// A household is what members lead to; whoever is none is looked up by membership.
    async fn household_of(&self, id: i64) -> Result<i64, Error> {
        let question = format!("SELECT target FROM graph.edge WHERE source = {id} AND relation IN {MEMBERSHIP} ORDER BY target LIMIT 1");
        Ok(numbers(&self.rows(&question).await?, "target")?.first().copied().unwrap_or(id))
    }

    /// The links of entities, by record.
    async fn links(&self, ids: &[i64]) -> Result<Vec<RecordBatch>, Error> {
        self.of(ids, |ids| format!("SELECT * FROM graph.link WHERE entity_id IN ({ids}) ORDER BY record_id")).await
    }

    /// What a question finds of all these numbers, some at a time.
    async fn of(&self, ids: &[i64], question: impl Fn(String) -> String) -> Result<Vec<RecordBatch>, Error> {
        let mut found = Vec::new();
        for some in ids.chunks(LOOKED_UP) {
            found.extend(self.rows(&question(list(some))).await?);
        }
        Ok(found)
    }

    fn type_of(&self, links: &[RecordBatch]) -> Result<Option<&EntityType>, Error> {
        Ok(texts(links, "entity")?.first().and_then(|name| self.model().entity(name)))
    }

    /// All of an entity: what does not need each other's answer is asked at once.
    async fn gather(&self, entity: &EntityType, id: i64, links: Vec<RecordBatch>, others: &[i64]) -> Result<Gathered, Error> {
        let own = numbers(&links, "record_id")?;
        let (edges, records, pairs) = join!(self.edges(id, others), self.records(&entity.name, &own), self.pairs(&own));
        let (edges, mut records, pairs) = (edges?, records?, pairs?);
        let ends = ends(&edges)?;
        let (events, captions) = join!(self.events(id, &ends), self.captions(&ends));
        let (events, captions) = (events?, captions?);
        let (mut links, mut gathered) = (links, Gathered { entity_id: id, edges, pairs, captions, ..Gathered::default() });
        links.extend(events.0);
        records.extend(events.1);
        (gathered.links, gathered.records) = (links, records);
        gathered.seen = self.seen(&gathered).await?;
        Ok(gathered)
    }

    /// Records by their numbers: so they are looked up. A join would hold a whole table of them: of what is behind a barrier nobody knows how
    /// large it is.
    async fn records(&self, entity: &str, records: &[i64]) -> Result<Vec<(String, RecordBatch)>, Error> {
        let question = |records| format!("SELECT * FROM record.{entity} WHERE record_id IN ({records}) ORDER BY record_id");
        Ok(self.of(records, question).await?.into_iter().map(|batch| (entity.to_owned(), batch)).collect())
    }

    async fn pairs(&self, records: &[i64]) -> Result<Vec<RecordBatch>, Error> {
        if !self.sees(table::PAIR)? {
            return Ok(Vec::new());
        }
        self.of(records, |records| format!("SELECT * FROM graph.pair WHERE \"left\" IN ({records}) ORDER BY \"left\", \"right\"")).await
    }

    /// Links and records of the events that edges of an entity name.
    async fn events(&self, of: i64, ends: &Ends) -> Result<(Vec<RecordBatch>, Vec<(String, RecordBatch)>), Error> {
        let mut wanted = BTreeSet::new();
        for (other, ids) in ends {
            let is_event = self.model().entity(other).is_some_and(|other| other.category == Category::Event);
            if is_event && self.sees(&format!("record.{other}"))? {
                wanted.extend(ids.iter().copied().filter(|id| *id != of));
            }
        }
        let links = self.links(&wanted.into_iter().collect::<Vec<i64>>()).await?;
        let mut records: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (name, record) in texts(&links, "entity")?.into_iter().zip(numbers(&links, "record_id")?) {
            records.entry(name).or_default().push(record);
        }
        let found = join_all(records.iter().map(|(name, records)| self.records(name, records))).await;
        let found = found.into_iter().collect::<Result<Vec<_>, Error>>()?;
        Ok((links, found.into_iter().flatten().collect()))
    }

    /// Type and caption of each: the first property that says something stands for it.
    async fn captions(&self, ends: &Ends) -> Result<BTreeMap<i64, (String, String)>, Error> {
        let mut captions = BTreeMap::new();
        for some in parts(ends, LOOKED_UP) {
            let mut questions = Vec::new();
            for (name, ids) in some {
                let Some(entity) = self.model().entity(name) else { continue };
                if self.sees(&format!("entity.{name}"))? {
                    let columns: Vec<String> = entity.caption.iter().map(|column| format!("CAST(\"{column}\" AS VARCHAR)")).collect();
                    let (columns, ids) = (columns.join(", "), list(&ids));
                    questions.push(format!(
                        "SELECT entity_id, '{name}' AS entity, coalesce({columns}, '') AS caption FROM entity.{name} WHERE entity_id IN ({ids})"
                    ));
                }
            }
            if questions.is_empty() {
                continue;
            }
            let found = self.rows(&questions.join(" UNION ALL ")).await?;
            let named = texts(&found, "entity")?.into_iter().zip(texts(&found, "caption")?);
            captions.extend(numbers(&found, "entity_id")?.into_iter().zip(named));
        }
        Ok(captions)
    }

    /// First and last day, ISO 8601, by extract and batch, of what was gathered; nothing where whoever asks does not see deliveries. A row of
    /// a whole stock that stands was in the last of its deliveries, though only the first that had it is written with it; a row of an
    /// increment was told when it came.
    async fn seen(&self, gathered: &Gathered) -> Result<BTreeMap<(String, String), (String, String)>, Error> {
        let mut extracts = BTreeSet::new();
        for (_, batch) in &gathered.records {
            extracts.extend(texts(std::slice::from_ref(batch), "extract")?);
        }
        if extracts.is_empty() || !self.session.sees_whole(DELIVERY, &[])? {
            return Ok(BTreeMap::new());
        }
        let named = extracts.iter().map(|extract| format!("'{}'", extract.replace('\'', "''"))).collect::<Vec<_>>().join(", ");
        let question = format!(
            "SELECT rid, batch, CAST(CAST(received_ts AS DATE) AS VARCHAR) AS day FROM {DELIVERY}
             WHERE rid IN ({named}) AND outcome IN ('accepted', 'partial', 'repair') ORDER BY received_ts"
        );
        let found = self.rows(&question).await?;
        let came = texts(&found, "rid")?.into_iter().zip(texts(&found, "batch")?).zip(texts(&found, "day")?);
        let (mut first, mut last) = (BTreeMap::new(), BTreeMap::new());
        for ((rid, batch), day) in came {
            first.entry((rid.clone(), batch)).or_insert_with(|| day.clone());
            last.insert(rid, day);
        }
        let seen = first.into_iter().map(|((rid, batch), first)| {
            let until = last.get(&rid).filter(|_| self.session.catalogue().whole.contains(&rid)).cloned().unwrap_or_else(|| first.clone());
            ((rid, batch), (first, until))
        });
        Ok(seen.collect())
    }
}

/// Entities by type.
type Ends = BTreeMap<String, BTreeSet<i64>>;

/// The same entities in parts of at most so many.
fn parts(ends: &Ends, most: usize) -> Vec<BTreeMap<&str, Vec<i64>>> {
    let all: Vec<(&str, i64)> = ends.iter().flat_map(|(name, ids)| ids.iter().map(|id| (name.as_str(), *id))).collect();
    let mut parts = Vec::new();
    for some in all.chunks(most) {
        let mut part: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        some.iter().for_each(|(name, id)| part.entry(name).or_default().push(*id));
        parts.push(part);
    }
    parts
}

/// The entities that edges name.
fn ends(edges: &[RecordBatch]) -> Result<Ends, Error> {
    let mut ends = Ends::new();
    for (id, entity) in [("source", "source_type"), ("target", "target_type")] {
        for (entity, id) in texts(edges, entity)?.into_iter().zip(numbers(edges, id)?) {
            ends.entry(entity).or_default().insert(id);
        }
    }
    Ok(ends)
}

fn list<'a>(ids: impl IntoIterator<Item = &'a i64>) -> String {
    ids.into_iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

const ODD: Error = Error::Engine { detail: "an answer has not the columns that were asked for" };

fn numbers(batches: &[RecordBatch], name: &str) -> Result<Vec<i64>, Error> {
    let mut all = Vec::new();
    for batch in batches {
        let column: Option<&Int64Array> = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        all.extend(column.ok_or(ODD)?.values());
    }
    Ok(all)
}

fn texts(batches: &[RecordBatch], name: &str) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for batch in batches {
        let column = batch.column_by_name(name).and_then(|column| cast(column, &DataType::Utf8).ok()).ok_or(ODD)?;
        let column: &StringArray = column.as_string_opt().ok_or(ODD)?;
        all.extend((0..column.len()).map(|row| if column.is_valid(row) { column.value(row).to_owned() } else { String::new() }));
    }
    Ok(all)
}
