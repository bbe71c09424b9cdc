//! What a policy has to know of a table: whose its rows are, how far each column is protected and what stands in place of a value, and by
//! which columns its rows speak of people. Tables of the model tell it themselves; of any other a column that is not known here is protected most.

use arrow_schema::{DataType, Schema, SchemaRef};
use std::collections::BTreeSet;
use wuwei_schema::{Category, EntityType, Kind, Model, Sensitivity, contract, history, learned, table};

/// Under which name the schema of an extract says which department delivers it.
pub(crate) const DEPARTMENT: &str = "department";
/// Under which name a column of an extract says how far it is protected; one that does not is protected most.
const SENSITIVITY: &str = "sensitivity";
/// The property by which a person's age is known, beside the identifiers that hold it.
pub(crate) const BIRTH: &str = "birth_date";

/// A table, as policies see it.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// The entity type, or empty.
    pub(crate) kind: String,
    pub(crate) owner: Owner,
    pub(crate) columns: Vec<Guarded>,
    /// Columns that hold an address.
    pub(crate) addresses: Vec<usize>,
    /// By what its rows speak of people.
    pub(crate) traces: Vec<Trace>,
    /// Columns that name entity types.
    pub(crate) types: Vec<usize>,
    /// The column that names a relation, where the types of its ends are not beside it.
    pub(crate) relation: Option<usize>,
    /// Whether a row is of somebody who may be under 14, and the columns that tell when they were born.
    pub(crate) born: Option<Vec<usize>>,
}

/// Whose the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Of several departments together, or of none.
    Nobody,
    /// Of one.
    One(String),
    /// As the column says.
    Column(usize),
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    pub(crate) class: Sensitivity,
    pub(crate) mask: Mask,
}

/// What is shown in place of a value.
#[derive(Debug, Clone)]
pub(crate) enum Mask {
    /// What the kind leaves of it.
    Kind(Kind),
    /// Stars, however long it is: a cell as it stood in the file is of no kind yet.
    Stars,
    /// Nothing.
    Empty,
}

/// How a row speaks of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trace {
    /// By the number of a record.
    Record(usize),
    /// By the number of an entity.
    Entity(usize),
    /// By a range of records, first and last.
    Records(usize, usize),
    /// By a value that identifies.
    Identifier(usize),
    /// Somewhere in a text.
    Text(usize),
}

impl Shape {
    /// The shape of a table of the catalogue.
    pub(crate) fn of(name: &str, schema: &SchemaRef, model: &Model) -> Shape {
        let (namespace, bare) = name.split_once('.').unwrap_or(("", name));
        let entity = model.entity(bare).filter(|_| matches!(namespace, "record" | "entity"));
        let at = |wanted: &str| place(schema, wanted);
        let owner = match namespace {
            "raw" if name != table::REJECT => schema.metadata().get(DEPARTMENT).map_or(Owner::Nobody, |code| Owner::One(code.clone())),
            "contract" if name == contract::CORRECTION => at("department").map_or(Owner::Nobody, Owner::Column),
            "raw" | "record" | "graph" => at("department").map_or(Owner::Nobody, Owner::Column),
            _ => Owner::Nobody,
        };
        Shape {
            kind: entity.map(|entity| entity.name.clone()).unwrap_or_default(),
            owner,
            columns: schema.fields().iter().map(|field| guarded(namespace, name, entity, field)).collect(),
            addresses: properties(entity, schema, |kind| *kind == Kind::Address),
            traces: traces(namespace, name, entity, schema),
            types: ["entity", "source_type", "target_type"].into_iter().filter(|_| namespace == "graph").filter_map(at).collect(),
            relation: at("relation").filter(|_| [table::RELATION, table::REGISTRATION].contains(&name)),
            born: born(namespace, name, entity, schema),
        }
    }

    /// The classes that its columns have.
    pub(crate) fn classes(&self) -> BTreeSet<Sensitivity> {
        self.columns.iter().map(|column| column.class).collect()
    }
}

/// As policies call a class.
pub(crate) fn word(class: Sensitivity) -> &'static str {
    match class {
        Sensitivity::Public => "public",
        Sensitivity::Personal => "personal",
        Sensitivity::Identifier => "identifier",
        Sensitivity::Special => "special",
    }
}

fn guarded(namespace: &str, table: &str, entity: Option<&EntityType>, field: &arrow_schema::Field) -> Guarded {
    let class = match namespace {
        "record" | "entity" if entity.is_some() => {
            entity.and_then(|entity| entity.property(field.name())).map_or(Sensitivity::Public, |property| property.sensitivity)
        }
        "raw" if table == table::REJECT => of_reject(field.name()),
        "raw" => of_cell(field),
        "contract" | "indicator" | "quality" | "audit" => {
            if ["ground", "answer"].contains(&field.name().as_str()) {
                Sensitivity::Personal
            } else {
                Sensitivity::Public
            }
        }
        _ => of_link(table, field.name()),
    };
    let kind = entity.and_then(|entity| entity.property(field.name())).map(|property| property.kind.clone());
    let mask = match (field.data_type(), kind) {
        (DataType::Utf8, Some(kind)) => Mask::Kind(kind),
        (DataType::Utf8, None) => Mask::Stars,
        _ => Mask::Empty,
    };
    Guarded { class, mask }
}

fn of_reject(column: &str) -> Sensitivity {
    let told = ["batch", "department", "extract", "file", "sheet", "row", "column", "rule", "reason"];
    if told.contains(&column) { Sensitivity::Public } else { Sensitivity::Special }
}

/// A cell takes the class of what it becomes; one that becomes nothing may be anything.
fn of_cell(field: &arrow_schema::Field) -> Sensitivity {
    let ours = ["batch", "row", "sheet", "first_record", "last_record", "row_key", "row_hash", "observed"];
    match field.metadata().get(SENSITIVITY).map(String::as_str) {
        Some("public") => Sensitivity::Public,
        Some("personal") => Sensitivity::Personal,
        Some("identifier") => Sensitivity::Identifier,
        _ if ours.contains(&field.name().as_str()) && !field.metadata().contains_key(SENSITIVITY) => Sensitivity::Public,
        _ => Sensitivity::Special,
    }
}

/// The tables whose rows tie two entities.
const TIES: [&str; 2] = [table::EDGE, table::REGISTRATION];

/// The tables of records and graph that the contract knows, but for the dates and kinds of relations, which are somebody's.
fn of_link(table: &str, column: &str) -> Sensitivity {
    let known = [table::RELATION, table::RETIRED, table::LINK, table::PAIR, history::MEMBER, history::FORMER, history::LINEAGE]
        .into_iter()
        .chain(TIES);
    let learned = [learned::MODEL, learned::LEVEL, learned::BLOCK, learned::HISTOGRAM].into_iter().chain([
        "graph.match_weights",
        "graph.threshold_selection",
        "graph.unlinkables",
        "graph.cumulative_comparisons",
        "graph.review",
    ]);
    let known = known
        .chain(learned)
        .chain([history::REDIRECT, history::SUCCESSOR, history::RUN, history::DECISION, history::SKIPPED])
        .any(|name| name == table);
    let related = table == table::RELATION || TIES.contains(&table);
    match column {
        _ if !known => Sensitivity::Special,
        "since" | "until" | "qualifier" if related => table::RELATED,
        "ground" | "confirmed_ground" | "revoked_ground" => Sensitivity::Personal,
        _ => Sensitivity::Public,
    }
}

fn properties(entity: Option<&EntityType>, schema: &Schema, is_it: impl Fn(&Kind) -> bool) -> Vec<usize> {
    let found = entity.into_iter().flat_map(|entity| &entity.properties).filter(|property| is_it(&property.kind));
    found.filter_map(|property| place(schema, &property.name)).collect()
}

/// Where a column is. What Arrow's own look-up says where there is none names all that are.
fn place(schema: &Schema, column: &str) -> Option<usize> {
    schema.column_with_name(column).map(|(place, _)| place)
}

/// Every column whose name the contract gives to the number of a record or an entity.
fn traces(namespace: &str, table: &str, entity: Option<&EntityType>, schema: &Schema) -> Vec<Trace> {
    let at = |name: &str| place(schema, name);
    let numbers = |names: &[&str], trace: fn(usize) -> Trace| names.iter().copied().filter_map(at).map(trace).collect::<Vec<_>>();
    let mut found = match namespace {
        "contract" if table == contract::CORRECTION => numbers(&["record_id"], Trace::Record),
        "contract" | "indicator" | "quality" | "audit" => Vec::new(),
        "graph" if TIES.contains(&table) => numbers(&["source", "target"], Trace::Entity),
        "record" if table == table::RELATION => numbers(&["source", "target"], Trace::Record),
        _ => {
            let mut found = numbers(&["record_id", "left", "right", "former"], Trace::Record);
            found.extend(numbers(&["entity_id", "from_id", "to_id"], Trace::Entity));
            found
        }
    };
    if let (Some(first), Some(last), "raw" | "record") = (at("first_record"), at("last_record"), namespace) {
        found.push(Trace::Records(first, last));
    }
    let is_person = entity.is_some_and(|entity| entity.category == Category::Person);
    let identify = entity.and_then(|entity| entity.matching.as_ref()).filter(|_| is_person && namespace == "record");
    let alone = identify.into_iter().flat_map(|matching| &matching.identify).filter(|values| values.len() == 1).flatten();
    found.extend(alone.filter_map(|name| at(name)).map(Trace::Identifier));
    if table == table::REJECT {
        found.extend(numbers(&["proposal", "value", "cells"], Trace::Text));
    }
    found
}

/// By what a row tells somebody's age: of tables of people, and of cells, whose records tell it.
fn born(namespace: &str, table: &str, entity: Option<&EntityType>, schema: &Schema) -> Option<Vec<usize>> {
    match entity {
        Some(entity) if entity.category == Category::Person => {
            let mut columns = properties(Some(entity), schema, |kind| *kind == Kind::CitizenId);
            columns.extend(place(schema, BIRTH));
            Some(columns)
        }
        None if namespace == "raw" && table != table::REJECT => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_come_from_the_model_and_what_is_not_known_is_protected_most() {
        let model = Model::embedded().unwrap();
        let person = model.entity("person").unwrap().record_schema();
        let shape = Shape::of("record.person", &person, &model);
        let class = |schema: &SchemaRef, shape: &Shape, name: &str| word(shape.columns[schema.index_of(name).unwrap()].class);
        assert_eq!(["record_id", "name", "id_no"].map(|name| class(&person, &shape, name)), ["public", "personal", "identifier"]);
        assert_eq!((shape.kind.as_str(), shape.owner.clone()), ("person", Owner::Column(person.index_of("department").unwrap())));
        assert_eq!(shape.born.map(|columns| columns.len()), Some(2));
        let other = Shape::of("graph.frequency", &person, &model);
        assert!(other.columns.iter().all(|column| column.class == Sensitivity::Special), "a table that nobody named");
        let edge = table::edge_schema();
        let shape = Shape::of(table::EDGE, &edge, &model);
        assert_eq!(["relation", "since"].map(|name| class(&edge, &shape, name)), ["public", "personal"]);
        assert_eq!((shape.types.len(), shape.traces.len()), (2, 2));
    }
}
