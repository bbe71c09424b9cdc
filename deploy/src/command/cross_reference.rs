//! `wuwei cross-reference`: a list held against everybody. The index says whom each row can mean and in what they agree; who that is comes
//! through the door. Of the list nothing is kept.

pub(crate) mod list;
mod table;

use super::people::caption::{self, Captions};
use crate::{
    Error,
    cli::{Common, Format, LimitArgs},
    clock, export,
    hub::Hub,
    output,
};
use list::List;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use wuwei_query::{Findable, Session};
use wuwei_schema::{EntityType, SearchRole};
use wuwei_search::{Agreement, Agrees, Class, Column, Compared, Index, Line, Match, Permit, types_of};

/// Rows that are held against an index before anything else may happen.
const TOGETHER: usize = 100;

/// Matches that are shown of a row at most.
pub(crate) const MOST: usize = 10;

/// What is shown of what is found.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Of each row at most so many.
    pub(crate) limit: usize,
    /// Only of this type.
    pub(crate) entity: Option<&'a str>,
}

/// What became of a list.
#[derive(Serialize)]
pub(crate) struct Found {
    /// Which heading was taken for which column, where the list was a file.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    columns: BTreeMap<Column, String>,
    /// Headings that were taken for none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<String>,
    /// The entity types that it was held against.
    types: Vec<String>,
    /// Rows that were held against everybody.
    lines: usize,
    /// Rows that could not be read, and were not.
    left_out: u64,
    /// Rows by how far the first of those found agrees.
    agreements: BTreeMap<Agreement, usize>,
    /// Rows of which nobody was found.
    nobody: usize,
    rows: Vec<Row>,
}

/// A row, and who it can mean.
#[derive(Serialize)]
struct Row {
    row: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubtful: Vec<Column>,
    total: usize,
    matches: Vec<Shown>,
}

/// A match with the line that stands for the entity.
#[derive(Serialize)]
struct Shown {
    entity: String,
    #[serde(flatten)]
    found: Match,
    #[serde(flatten)]
    caption: Map<String, Value>,
}

/// The form of the answer, and the file that it goes to, else standard output.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) format: Format,
    pub(super) out: Option<&'a Path>,
}

pub(super) async fn run(common: &Common, file: &Path, wanted: Wanted<'_>, limits: LimitArgs, written: Written<'_>) -> Result<(), Error> {
    let hub = Hub::open(common, "cross-reference").await?;
    let list = list::read(&hub, file, limits).await?;
    let found = compare(&hub, &hub.session()?, list, wanted).await?;
    if written.format == Format::Table && written.out.is_none() {
        return output::print(common, &found, |found| text(&hub, found));
    }
    let rows = found.table(&hub)?;
    export::write(written.format, &rows.schema(), &[rows], written.out)
}

/// Holds a list against everybody, for whoever has the session.
pub(crate) async fn compare(hub: &Hub, session: &Session, list: List, wanted: Wanted<'_>) -> Result<Found, Error> {
    let List { columns, ignored, lines, left_out } = list;
    let limit = wanted.limit.min(MOST);
    let mut rows: Vec<Row> = lines.iter().map(|line| Row { row: line.row, doubtful: Vec::new(), total: 0, matches: Vec::new() }).collect();
    let types = types(hub, wanted.entity, &columns)?;
    for entity in &types {
        session.in_time(of_type(hub, session, entity, &lines, limit, &mut rows)).await?;
    }
    for row in &mut rows {
        row.matches.sort_by_cached_key(|shown| shown.found.order());
        row.matches.truncate(limit);
    }
    show(hub, session, &mut rows).await?;
    let mut agreements = BTreeMap::new();
    rows.iter().filter_map(|row| row.matches.first()).for_each(|first| *agreements.entry(first.found.agreement).or_default() += 1);
    let nobody = rows.iter().filter(|row| row.total == 0).count();
    let types = types.iter().map(|entity| entity.name.clone()).collect();
    Ok(Found { columns, ignored, types, lines: lines.len(), left_out, agreements, nobody, rows })
}

/// The types that a list is held against: the one that is named, else those that the headings of its names and numbers speak of, where one speaks
/// of none those that have a name as people do.
fn types<'a>(hub: &'a Hub, named: Option<&str>, columns: &BTreeMap<Column, String>) -> Result<Vec<&'a EntityType>, Error> {
    if hub.lake.epoch().index.is_none() {
        return Err(Error::asked("there is no index yet", "run `wuwei refresh`"));
    }
    if let Some(name) = named {
        let known = hub.indexed().map(|entity| entity.name.as_str());
        let unknown =
            || Error::asked(format!("`{}` is no type that has an index", output::one_line(name)), wuwei_schema::nearest(name, known));
        return hub.indexed().find(|entity| entity.name == name).map(|entity| vec![entity]).ok_or_else(unknown);
    }
    let has_names = |entity: &&EntityType| entity.properties.iter().any(|property| property.search == Some(SearchRole::Name));
    let headings = [Column::Name, Column::Number].into_iter().filter_map(|column| columns.get(&column));
    let spoken: Vec<Vec<&str>> = headings.map(|heading| types_of(heading)).collect();
    let is_of_people = spoken.is_empty() || spoken.iter().any(Vec::is_empty);
    let is_meant = |entity: &&EntityType| is_of_people && has_names(entity) || spoken.iter().flatten().any(|name| *name == entity.name);
    let meant: Vec<&EntityType> = hub.indexed().filter(is_meant).collect();
    // A model of one's own may have none of them.
    Ok(if meant.is_empty() { hub.indexed().filter(has_names).collect() } else { meant })
}

async fn of_type(hub: &Hub, session: &Session, entity: &EntityType, lines: &[Line], limit: usize, rows: &mut [Row]) -> Result<(), Error> {
    let Some(folder) = hub.index_folder(&entity.name).filter(|folder| folder.exists()) else { return Ok(()) };
    // The index knows everybody and everything; it is asked as if it knew what whoever asks may find.
    let findable = session.findable(&entity.name, clock::now_ms()).await?;
    let index = Index::open(&folder, entity)?;
    for (lines, rows) in lines.chunks(TOGETHER).zip(rows.chunks_mut(TOGETHER)) {
        for (row, found) in rows.iter_mut().zip(permitted(&index, &findable, lines, limit)?) {
            row.total += found.total;
            row.doubtful.extend(found.doubtful);
            row.doubtful.sort_unstable();
            row.doubtful.dedup();
            let shown = |found| Shown { entity: entity.name.clone(), found, caption: Map::new() };
            row.matches.extend(found.matches.into_iter().map(shown));
        }
        // Whoever else is served has a turn, and what has taken too long ends.
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn permitted(index: &Index, findable: &Findable, lines: &[Line], limit: usize) -> Result<Vec<Compared>, Error> {
    let permit = Permit { by: &|property, department| findable.by(property, department), whom: &|id| findable.is(id) };
    Ok(index.cross_reference(lines, limit, &permit)?)
}

/// Accounts for what was looked for and whom it shows, and asks who they are.
async fn show(hub: &Hub, session: &Session, rows: &mut [Row]) -> Result<(), Error> {
    let all = || rows.iter().flat_map(|row| &row.matches).map(|shown| (shown.entity.as_str(), shown.found.entity_id));
    let by = rows
        .iter()
        .flat_map(|row| &row.matches)
        .flat_map(|shown| shown.found.matched_by.iter().map(|by| format!("entity.{}.{}", shown.entity, by.property)));
    let found_by: Vec<String> = by.collect::<BTreeSet<_>>().into_iter().collect();
    let look = session.begin("cross-reference", &caption::numbers(all()), &found_by, clock::now_ms())?;
    let captions = Captions::of(hub, look.session(), all()).await?;
    let (persons, count) = (hub.persons(all()), all().count() as u64);
    for shown in rows.iter_mut().flat_map(|row| &mut row.matches) {
        shown.caption = captions.get(&shown.entity, shown.found.entity_id);
    }
    Ok(look.close(persons, count).await?)
}

fn text(hub: &Hub, found: &Found) -> String {
    let mut lines = Vec::new();
    for row in &found.rows {
        let doubtful = row.doubtful.iter().map(|column| output::said(&column.label()).to_owned()).collect::<Vec<_>>().join(", ");
        let nobody = || vec![row.row.to_string(), "-".to_owned(), String::new(), String::new(), String::new(), doubtful.clone()];
        lines.extend(row.matches.is_empty().then(nobody));
        lines.extend(row.matches.iter().map(|shown| {
            let agrees = shown.found.agrees.iter().map(said).collect::<Vec<_>>();
            let (agreement, id) = (output::said(&shown.found.agreement.label()).to_owned(), shown.found.entity_id.to_string());
            let who = caption::who(hub, &shown.entity, &shown.caption);
            vec![row.row.to_string(), agreement, agrees.join(", "), id, who, doubtful.clone()]
        }));
    }
    let mut text = output::table(&["row", "agreement", "agrees in", "id", "who", "doubtful"], &lines);
    let counts = found.agreements.iter().map(|(agreement, rows)| format!("{} {rows}", output::said(&agreement.label())));
    let counts = counts.chain([format!("- {}", found.nobody)]).collect::<Vec<_>>().join(", ");
    text.push_str(&format!("\n{} rows: {counts}\n", found.lines));
    text.push_str(&taken(hub, found));
    if found.left_out > 0 {
        text.push_str(&format!("{} rows could not be read\n", found.left_out));
    }
    text
}

/// What the list was taken for.
fn taken(hub: &Hub, found: &Found) -> String {
    let column = |(column, heading): (&Column, &String)| format!("{} ({})", output::one_line(heading), output::said(&column.label()));
    let columns = found.columns.iter().map(column).collect::<Vec<_>>().join(", ");
    let called =
        |name: &String| hub.definitions.model.entity(name).map_or_else(|| name.clone(), |entity| output::said(&entity.label).to_owned());
    let types = found.types.iter().map(called).collect::<Vec<_>>().join(", ");
    let mut text = format!("columns used: {columns}; held against: {types} (`--type` says otherwise)\n");
    if !found.ignored.is_empty() {
        let ignored = found.ignored.iter().map(|heading| output::one_line(heading)).collect::<Vec<_>>().join(", ");
        text.push_str(&format!("columns not used: {ignored}\n"));
    }
    text
}

/// The column, and how nearly it agrees where that is not the whole of it.
fn said(agrees: &Agrees) -> String {
    let column = agrees.column.label();
    match agrees.class {
        Class::Number | Class::Name | Class::Given => output::said(&column).to_owned(),
        class => format!("{} ({})", output::said(&column), output::said(&class.label())),
    }
}
