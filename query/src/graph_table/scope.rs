//! What the names of a pattern stand for: labels in the tables that whoever asks sees, properties in their columns. A name that is none is
//! refused here, so that what is planned names only what there is.

use super::{
    is_word,
    pattern::{Direction, Edge, Element, GraphTable, Name, Words},
    sql::Sql,
    wrong,
};
use crate::{Error, guard::Names};
use arrow_schema::SchemaRef;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::table;

/// The one graph.
const GRAPH: &str = "graph";
/// A vertex's number and its type.
pub(super) const ID: &str = "entity_id";
pub(super) const TYPE: &str = "entity";
/// Types that one vertex may be of where its columns are used.
const LABELS: usize = 8;
/// The function that counts the edges of a path.
const LENGTH: &str = "path_length";

/// What a pattern speaks of.
pub(super) struct Scope<'a> {
    pub(super) vertices: BTreeMap<String, Vertex<'a>>,
    pub(super) links: BTreeMap<String, Link<'a>>,
    pub(super) chains: Vec<Chain>,
    edge: SchemaRef,
}

/// A vertex, wherever it stands.
#[derive(Default)]
pub(super) struct Vertex<'a> {
    /// Types that it may be of, with the columns of each; where any will do and no column is used, none.
    pub(super) labels: Vec<(String, SchemaRef)>,
    labelled: Option<BTreeSet<String>>,
    pub(super) properties: BTreeSet<String>,
    pub(super) conditions: Vec<&'a Words>,
    /// Whether its rows are read; where only its number and type are asked for, its edges tell them.
    pub(super) is_read: bool,
    at: Option<Location>,
}

/// An edge between two vertices.
pub(super) struct Link<'a> {
    pub(super) relations: Vec<String>,
    pub(super) direction: Direction,
    pub(super) hops: Option<(usize, usize)>,
    pub(super) columns: BTreeSet<String>,
    pub(super) condition: &'a Words,
}

/// A path by the names of its vertices and of the edges between them.
pub(super) struct Chain {
    pub(super) variable: Option<String>,
    pub(super) is_shortest: bool,
    pub(super) vertices: Vec<String>,
    pub(super) links: Vec<String>,
}

/// A part of an expression.
pub(super) enum Part<'a> {
    Word(&'a TokenWithSpan),
    /// `element.property`.
    Property(Name, Name),
    /// `path_length(path)`.
    Length(Name),
}

impl<'a> Scope<'a> {
    pub(super) fn of(pattern: &'a GraphTable, tables: &dyn Names) -> Result<Scope<'a>, Error> {
        if pattern.graph.text != GRAPH {
            return wrong(pattern.graph.at, format!("there is no graph `{}`", pattern.graph.text), "the one graph is called `graph`");
        }
        let mut scope = Scope { vertices: BTreeMap::new(), links: BTreeMap::new(), chains: Vec::new(), edge: edge(tables)? };
        for path in &pattern.paths {
            scope.path(path, tables)?;
        }
        scope.left_out();
        scope.used(pattern)?;
        scope.labelled(tables)?;
        Ok(scope)
    }

    fn path(&mut self, path: &'a super::pattern::Path, tables: &dyn Names) -> Result<(), Error> {
        let mut chain =
            Chain { variable: None, is_shortest: path.is_shortest, vertices: vec![self.vertex(&path.first)?], links: Vec::new() };
        if let Some(name) = &path.variable {
            let is_taken = self.chains.iter().any(|chain| chain.variable.as_ref() == Some(&name.text)) || self.knows(&name.text);
            if is_taken {
                return wrong(name.at, format!("`{}` is the name of something else", name.text), "give each path a name of its own");
            }
            chain.variable = Some(name.text.clone());
        }
        for (edge, vertex) in &path.steps {
            chain.links.push(self.link(edge, tables)?);
            chain.vertices.push(self.vertex(vertex)?);
        }
        if let ([alone], true) = (chain.vertices.as_slice(), chain.links.is_empty()) {
            self.reads(alone);
        }
        self.chains.push(chain);
        Ok(())
    }

    /// Where an edge may be left out, one of its ends is what begins the path, and no edge tells of what type it is.
    fn left_out(&mut self) {
        let mut begin = BTreeSet::new();
        for chain in &self.chains {
            for (link, ends) in chain.links.iter().zip(chain.vertices.windows(2)) {
                if self.links.get(link).and_then(|link| link.hops).is_some_and(|(least, _)| least == 0) {
                    let is_labelled = |end: &&String| self.vertices.get(*end).is_some_and(|vertex| vertex.labelled.is_some());
                    begin.extend(ends.iter().find(is_labelled).or(ends.first()).cloned());
                }
            }
        }
        begin.iter().for_each(|vertex| self.reads(vertex));
    }

    fn reads(&mut self, vertex: &str) {
        if let Some(vertex) = self.vertices.get_mut(vertex) {
            vertex.is_read = true;
        }
    }

    /// The name of a vertex; the same vertex may stand in several places.
    fn vertex(&mut self, element: &'a Element) -> Result<String, Error> {
        let name = element.variable.as_ref().map_or_else(|| format!("vertex {}", self.vertices.len() + 1), |name| name.text.clone());
        if self.links.contains_key(&name) {
            return wrong(element.at, format!("`{name}` is an edge already"), "give the vertex a name of its own");
        }
        let vertex = self.vertices.entry(name.clone()).or_default();
        vertex.at.get_or_insert(element.at);
        if !element.condition.is_empty() {
            vertex.conditions.push(&element.condition);
        }
        if !element.labels.is_empty() {
            let labels: BTreeSet<String> = element.labels.iter().map(|label| label.text.clone()).collect();
            // What stands twice is of a type that both places allow.
            let both = vertex.labelled.take().map(|before| before.intersection(&labels).cloned().collect());
            vertex.labelled = Some(both.unwrap_or(labels));
        }
        Ok(name)
    }

    fn link(&mut self, edge: &'a Edge, tables: &dyn Names) -> Result<String, Error> {
        let Element { variable, labels, condition, at } = &edge.element;
        let name = variable.as_ref().map_or_else(|| format!("edge {}", self.links.len() + 1), |name| name.text.clone());
        if self.knows(&name) {
            return wrong(*at, format!("`{name}` is the name of something else"), "give each edge a name of its own");
        }
        if let Some(known) = tables.relations()?
            && let Some(label) = labels.iter().find(|label| !known.contains(&label.text))
        {
            return Err(Error::unknown("relation", &label.text, known.iter().map(String::as_str)));
        }
        let relations = labels.iter().map(|label| label.text.clone()).collect();
        let link = Link { relations, direction: edge.direction, hops: edge.hops, columns: BTreeSet::new(), condition };
        self.links.insert(name.clone(), link);
        Ok(name)
    }

    fn knows(&self, name: &str) -> bool {
        self.vertices.contains_key(name) || self.links.contains_key(name)
    }

    /// Finds which properties are used where.
    fn used(&mut self, pattern: &'a GraphTable) -> Result<(), Error> {
        let conditions: Vec<&Words> = self.vertices.values().flat_map(|vertex| vertex.conditions.iter().copied()).collect();
        for words in conditions.into_iter().chain([&pattern.condition]).chain(pattern.columns.iter().map(|column| &column.expression)) {
            self.uses(words, None)?;
        }
        let links: Vec<(String, &Words)> = self.links.iter().map(|(name, link)| (name.clone(), link.condition)).collect();
        for (name, words) in links {
            self.uses(words, Some(&name))?;
        }
        Ok(())
    }

    /// `of` is the edge in whose brackets the words stand.
    fn uses(&mut self, words: &Words, of: Option<&str>) -> Result<(), Error> {
        let repeated = of.filter(|name| self.links.get(*name).is_some_and(|link| link.hops.is_some()));
        for part in parts(words)? {
            let (element, property) = match part {
                Part::Word(_) => continue,
                Part::Length(path) if self.chains.iter().any(|chain| chain.variable.as_ref() == Some(&path.text)) => continue,
                Part::Length(path) => return wrong(path.at, format!("there is no path `{}`", path.text), "name it: p = (a)-[k]->{1,4}(b)"),
                Part::Property(element, property) => (element, property),
            };
            if repeated.is_some_and(|name| name != element.text) {
                return wrong(element.at, "the condition of a repeated edge speaks of others", "put it behind the paths: MATCH … WHERE …");
            }
            if let Some(vertex) = self.vertices.get_mut(&element.text) {
                vertex.is_read |= property.text != ID && property.text != TYPE;
                vertex.properties.insert(property.text);
            } else if let Some(link) = self.links.get_mut(&element.text) {
                if link.hops.is_some() && repeated.is_none() {
                    let detail = format!("`{}` stands for several edges", element.text);
                    return wrong(element.at, detail, "path_length(p) counts them; write single edges to see each");
                }
                if self.edge.index_of(&property.text).is_err() {
                    let known = self.edge.fields().iter().map(|field| field.name().as_str());
                    return Err(Error::unknown("property", &property.text, known));
                }
                link.columns.insert(property.text);
            } else {
                return wrong(
                    element.at,
                    format!("there is no vertex or edge `{}`", element.text),
                    "only the pattern's own names stand in it",
                );
            }
        }
        Ok(())
    }

    /// Finds the types of vertices, and in them their properties.
    fn labelled(&mut self, tables: &dyn Names) -> Result<(), Error> {
        for vertex in self.vertices.values_mut() {
            let labels = match (&vertex.labelled, vertex.is_read) {
                (Some(labels), _) => labels.iter().cloned().collect(),
                (None, false) => continue,
                (None, true) => types(tables)?,
            };
            if vertex.is_read && labels.len() > LABELS {
                return wrong(
                    vertex.at.unwrap_or(Location::new(1, 1)),
                    "a vertex whose columns are used may be of any type",
                    "say of which: (a IS person)",
                );
            }
            for label in labels {
                let Some(schema) = tables.schema(&format!("entity.{label}"))? else {
                    return Err(Error::unknown("entity type", &label, types(tables)?.iter().map(String::as_str)));
                };
                vertex.labels.push((label, schema));
            }
            for property in vertex.properties.iter().filter(|property| *property != TYPE) {
                if vertex.is_read && vertex.labels.iter().all(|(_, schema)| schema.index_of(property).is_err()) {
                    let known = vertex.labels.iter().flat_map(|(_, schema)| schema.fields()).map(|field| field.name().as_str());
                    return Err(Error::unknown("property", property, known));
                }
            }
        }
        Ok(())
    }
}

/// The types of which whoever asks sees entities.
fn types(tables: &dyn Names) -> Result<Vec<String>, Error> {
    Ok(tables.names()?.iter().filter_map(|name| name.strip_prefix("entity.")).map(str::to_owned).collect())
}

/// The columns of edges, where whoever asks sees edges one by one.
fn edge(tables: &dyn Names) -> Result<SchemaRef, Error> {
    let Some(schema) = tables.schema(table::EDGE)? else {
        return Err(Error::unknown("table", table::EDGE, tables.names()?.iter().map(String::as_str)));
    };
    for column in ["source", "source_type", "target", "target_type", "relation"] {
        if schema.index_of(column).is_err() {
            return Err(Error::unknown("column", column, schema.fields().iter().map(|field| field.name().as_str())));
        }
    }
    Ok(schema)
}

/// An expression, with what of it is the pattern's.
pub(super) fn parts(words: &Words) -> Result<Vec<Part<'_>>, Error> {
    let (mut parts, mut rest) = (Vec::new(), words.as_slice());
    loop {
        rest = match rest {
            [] => return Ok(parts),
            [call, open, path, close, after @ ..]
                if is_word(&call.token, LENGTH) && open.token == Token::LParen && close.token == Token::RParen && name(path).is_some() =>
            {
                parts.extend(name(path).map(Part::Length));
                after
            }
            [element, dot, property, after @ ..] if dot.token == Token::Period => {
                let (Some(element), Some(of), false) =
                    (name(element), name(property), after.first().is_some_and(|next| matches!(next.token, Token::Period | Token::LParen)))
                else {
                    return wrong(
                        element.span.start,
                        "a name is none of the pattern's",
                        "write element.property, each property by its name",
                    );
                };
                parts.push(Part::Property(element, of));
                after
            }
            [word, after @ ..] => {
                parts.push(Part::Word(word));
                after
            }
        };
    }
}

/// The words of an expression, its properties and lengths as they are found.
pub(super) fn resolved(words: &Words, property: &dyn Fn(&str, &str) -> Sql, length: &dyn Fn(&str) -> Sql) -> Result<Sql, Error> {
    let mut all = Sql::new();
    for part in parts(words)? {
        match part {
            Part::Word(word) => all.push(word.token.clone()),
            Part::Property(element, of) => all.extend(property(&element.text, &of.text)),
            Part::Length(path) => all.extend(length(&path.text)),
        }
    }
    Ok(all)
}

fn name(word: &TokenWithSpan) -> Option<Name> {
    super::parser::named(word)
}
