//! The tables that a path joins, one after the other, each tied to those before it. A path is walked from the end of which something is said,
//! so that few rows lead to few.

use super::{
    expand::{Hop, Way},
    pattern::{Direction, Words},
    scope::{ID, Link, Scope, TYPE, Vertex, resolved},
    sql::{Sql, column, joined, literal, name, sql},
};
use crate::Error;
use arrow_schema::{DataType, SchemaRef};
use std::collections::{BTreeMap, BTreeSet};

/// What stands behind FROM and WHERE.
pub(super) struct From<'a> {
    scope: &'a Scope<'a>,
    tables: Sql,
    conditions: Vec<Sql>,
    /// By what the number and the type of a vertex are known.
    bound: BTreeMap<String, (Sql, Sql)>,
    read: BTreeSet<String>,
    pub(super) lengths: BTreeMap<String, Sql>,
}

impl<'a> From<'a> {
    pub(super) fn of(scope: &'a Scope<'a>) -> From<'a> {
        let (bound, read, lengths) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        From { scope, tables: Sql::new(), conditions: Vec::new(), bound, read, lengths }
    }

    /// Joins what a way walks over.
    pub(super) fn walk(&mut self, way: &Way) -> Result<(), Error> {
        let Some(chain) = self.scope.chains.get(way.chain) else { return Ok(()) };
        let is_said = |vertex: Option<&String>| {
            vertex.and_then(|vertex| self.scope.vertices.get(vertex)).is_some_and(|vertex| !vertex.conditions.is_empty())
        };
        let (first, last) = (chain.vertices.first(), chain.vertices.last());
        let known = |vertex: Option<&String>| vertex.is_some_and(|vertex| self.bound.contains_key(vertex));
        let is_reversed = !known(first) && (known(last) || !is_said(first) && is_said(last));
        if let Some(begin) = if is_reversed { last } else { first } {
            self.vertex(begin);
        }
        let hops: Vec<&Hop> = if is_reversed { way.hops.iter().rev().collect() } else { way.hops.iter().collect() };
        for hop in hops {
            self.hop(hop)?;
            let reached = if is_reversed { &hop.left } else { &hop.right };
            self.vertex(reached);
        }
        Ok(())
    }

    /// A table of paths, with the numbers and types of its ends.
    pub(super) fn path(&mut self, alias: &str, paths: &Sql, ends: [&str; 2]) {
        let on = self.tie(alias, ends);
        self.join(&sql("? AS ?", &[paths, &name(alias)]), on);
        ends.iter().for_each(|end| self.vertex(end));
    }

    /// Adds a condition that was written.
    pub(super) fn holds(&mut self, words: &Words) -> Result<(), Error> {
        let condition = self.resolved(words)?;
        self.conditions.push(sql("(?)", &[&condition]));
        Ok(())
    }

    /// An expression over what is joined.
    pub(super) fn resolved(&self, words: &Words) -> Result<Sql, Error> {
        resolved(words, &|element, property| self.property(element, property), &|path| self.lengths.get(path).cloned().unwrap_or_default())
    }

    /// `FROM … WHERE …`.
    pub(super) fn finished(self) -> Sql {
        match self.conditions.is_empty() {
            true => sql("FROM ?", &[&self.tables]),
            false => sql("FROM ? WHERE ?", &[&self.tables, &joined(&self.conditions, "AND")]),
        }
    }

    pub(super) fn end(&self, vertex: &str) -> (Sql, Sql) {
        self.bound.get(vertex).cloned().unwrap_or_default()
    }

    fn property(&self, element: &str, property: &str) -> Sql {
        match self.bound.get(element).filter(|_| !self.read.contains(element)) {
            Some((id, _)) if property == ID => id.clone(),
            Some((_, kind)) if property == TYPE => kind.clone(),
            _ => column(element, property),
        }
    }

    /// Reads a vertex where its rows are asked for; else its edges tell what it is.
    fn vertex(&mut self, called: &str) {
        let Some(vertex) = self.scope.vertices.get(called).filter(|vertex| vertex.is_read) else { return };
        if !self.read.insert(called.to_owned()) {
            return;
        }
        let id = column(called, ID);
        let on = self.bound.get(called).map(|(known, _)| sql("? = ?", &[&id, known]));
        self.join(&sql("? AS ?", &[&rows(vertex), &name(called)]), on.into_iter().collect());
        self.bound.insert(called.to_owned(), (id, column(called, TYPE)));
    }

    fn hop(&mut self, hop: &Hop) -> Result<(), Error> {
        let (Some(link), ends) = (self.scope.links.get(&hop.link), [hop.left.as_str(), hop.right.as_str()]) else { return Ok(()) };
        let Some(alias) = &hop.alias else {
            self.one(ends);
            return Ok(());
        };
        let on = self.tie(alias, ends);
        self.join(&sql("? AS ?", &[&edges(link), &name(alias)]), on);
        if !link.condition.is_empty() {
            let own = |element: &str, property: &str| {
                if element == hop.link { column(alias, property) } else { self.property(element, property) }
            };
            let condition = resolved(link.condition, &own, &|_| Sql::new())?;
            self.conditions.push(sql("(?)", &[&condition]));
        }
        Ok(())
    }

    /// No edge is walked: both ends are one.
    fn one(&mut self, ends: [&str; 2]) {
        if !ends.iter().any(|end| self.bound.contains_key(*end)) {
            ends.iter().for_each(|end| self.vertex(end));
        }
        let [left, right] = ends.map(|end| self.bound.get(end).cloned());
        match (left, right) {
            (Some((left, _)), Some((right, _))) => self.conditions.push(sql("? = ?", &[&left, &right])),
            (Some(known), None) => self.bind(ends[1], known),
            (None, Some(known)) => self.bind(ends[0], known),
            (None, None) => {}
        }
    }

    /// From here on a vertex is known by this number and type.
    fn bind(&mut self, called: &str, (id, kind): (Sql, Sql)) {
        if let Some(vertex) = self.scope.vertices.get(called).filter(|vertex| !vertex.labels.is_empty()) {
            let labels: Vec<Sql> = vertex.labels.iter().map(|(label, _)| literal(label)).collect();
            self.conditions.push(sql("? IN (?)", &[&kind, &joined(&labels, ",")]));
        }
        self.bound.insert(called.to_owned(), (id, kind));
    }

    /// What ties a table with two ends to what is known of them already; what is not known of them is from here on.
    fn tie(&mut self, alias: &str, ends: [&str; 2]) -> Vec<Sql> {
        let mut on = Vec::new();
        for (end, vertex) in ["near", "far"].into_iter().zip(ends) {
            let (id, kind) = (column(alias, end), column(alias, &format!("{end}_type")));
            if let Some((known, _)) = self.bound.get(vertex) {
                on.push(sql("? = ?", &[&id, known]));
                continue;
            }
            self.bind(vertex, (id, kind));
        }
        on
    }

    fn join(&mut self, table: &Sql, on: Vec<Sql>) {
        if self.tables.is_empty() {
            self.tables.clone_from(table);
            self.conditions.extend(on);
        } else if on.is_empty() {
            self.tables = sql("? CROSS JOIN ?", &[&self.tables, table]);
        } else {
            self.tables = sql("? JOIN ? ON ?", &[&self.tables, table, &joined(&on, "AND")]);
        }
    }
}

/// The rows of a vertex, of each of its types those columns that are used.
fn rows(vertex: &Vertex<'_>) -> Sql {
    let properties: Vec<&String> = vertex.properties.iter().filter(|property| *property != ID && *property != TYPE).collect();
    let of_type = |(label, schema): &(String, SchemaRef)| {
        let columns: Sql =
            properties.iter().flat_map(|property| sql(", ? AS ?", &[&cell(vertex, schema, property), &name(property)])).collect();
        sql("SELECT entity_id, ? AS entity? FROM entity.?", &[&literal(label), &columns, &name(label)])
    };
    sql("(?)", &[&joined(&vertex.labels.iter().map(of_type).collect::<Vec<_>>(), "UNION ALL")])
}

/// A property of one type among those that a vertex may be of: NULL where the type lacks it, a text where they disagree of what type it is.
fn cell(vertex: &Vertex<'_>, schema: &SchemaRef, property: &str) -> Sql {
    let kind = |schema: &SchemaRef| schema.field_with_name(property).map(|field| field.data_type().clone()).ok();
    let kinds: BTreeSet<String> = vertex.labels.iter().filter_map(|(_, schema)| kind(schema)).map(|kind| kind.to_string()).collect();
    match (kind(schema), kinds.len()) {
        (Some(_), 1) => name(property),
        (Some(_), _) => sql("CAST(? AS VARCHAR)", &[&name(property)]),
        (None, 1) => {
            let kind = vertex.labels.iter().find_map(|(_, schema)| kind(schema)).unwrap_or(DataType::Utf8);
            sql("arrow_cast(NULL, ?)", &[&literal(&kind.to_string())])
        }
        (None, _) => sql("CAST(NULL AS VARCHAR)", &[]),
    }
}

/// The rows of an edge: its ends in the order in which one reads, and those columns that are used. One that goes both ways stands twice.
fn edges(link: &Link<'_>) -> Sql {
    let columns: Sql = link.columns.iter().flat_map(|column| sql(", ?", &[&name(column)])).collect();
    let relations: Vec<Sql> = link.relations.iter().map(|relation| literal(relation)).collect();
    let relations = if relations.is_empty() { Sql::new() } else { sql("relation IN (?)", &[&joined(&relations, ",")]) };
    let one = |near: &str, far: &str, more: &str| {
        let ends = [near, far].map(|end| [name(end), name(&format!("{end}_type"))]);
        let conditions: Vec<Sql> = [relations.clone(), sql(more, &[])].into_iter().filter(|condition| !condition.is_empty()).collect();
        let conditions = if conditions.is_empty() { Sql::new() } else { sql("WHERE ?", &[&joined(&conditions, "AND")]) };
        let [[near, near_type], [far, far_type]] = &ends;
        sql(
            "SELECT ? AS near, ? AS near_type, ? AS far, ? AS far_type? FROM graph.edge ?",
            &[near, near_type, far, far_type, &columns, &conditions],
        )
    };
    let ways = match link.direction {
        Direction::Right => one("source", "target", ""),
        Direction::Left => one("target", "source", ""),
        // What leads to where it starts is one edge either way.
        Direction::Either => joined(&[one("source", "target", ""), one("target", "source", "source <> target")], "UNION ALL"),
    };
    sql("(?)", &[&ways])
}
