//! The model: every type and code list, read from files and checked against each other. It takes texts; reading folders is deploy's.

use crate::{Codes, EntityType, Error, Kind, RelationType, entity::EntityFile, nearest, relation::RelationFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/model.rs"));
include!(concat!(env!("OUT_DIR"), "/codes.rs"));

/// What people call something, in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A file that defines something: its name (no folder) and its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceFile {
    /// Name with ending, e.g. `person.toml`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// All entity types, relation types and code lists.
#[derive(Debug, Clone)]
pub struct Model {
    /// By name.
    pub entities: BTreeMap<String, EntityType>,
    /// By name.
    pub relations: BTreeMap<String, RelationType>,
    /// The code lists.
    pub codes: Codes,
}

impl Model {
    /// The model the program carries.
    pub fn embedded() -> Result<Model, Error> {
        let file = |&(name, text): &(&str, &str)| SourceFile { name: name.to_owned(), text: text.to_owned() };
        Model::parse(&MODEL.iter().map(file).collect::<Vec<_>>())
    }

    /// The model of these files: `*.toml` are types, `*.csv` are code lists that join or replace the carried ones.
    pub fn parse(files: &[SourceFile]) -> Result<Model, Error> {
        let own = files.iter().filter(|file| file.name.ends_with(".csv")).map(|file| (file.name.as_str(), file.text.as_str()));
        let codes = Codes::parse(CODES.iter().copied().chain(own))?;
        let mut model = Model { entities: BTreeMap::new(), relations: BTreeMap::new(), codes };
        for file in files.iter().filter(|file| file.name.ends_with(".toml")) {
            model.add(file)?;
        }
        model.check()?;
        Ok(model)
    }

    /// The entity type of that name.
    pub fn entity(&self, name: &str) -> Option<&EntityType> {
        self.entities.get(name)
    }

    /// The relation type of that name.
    pub fn relation(&self, name: &str) -> Option<&RelationType> {
        self.relations.get(name)
    }

    fn add(&mut self, file: &SourceFile) -> Result<(), Error> {
        let syntax = |error: toml::de::Error| Error::Syntax { file: file.name.clone(), detail: error.to_string() };
        if toml::from_str::<toml::Table>(&file.text).map_err(syntax)?.contains_key("relation") {
            let relation = toml::from_str::<RelationFile>(&file.text).map_err(syntax)?.check(&file.name)?;
            self.relations.insert(relation.name.clone(), relation);
        } else {
            let entity = toml::from_str::<EntityFile>(&file.text).map_err(syntax)?.check(&file.name)?;
            self.entities.insert(entity.name.clone(), entity);
        }
        Ok(())
    }

    /// What one file cannot know of the others: ends of relations and code lists exist.
    fn check(&self) -> Result<(), Error> {
        for relation in self.relations.values() {
            for name in relation.source.iter().chain(&relation.target) {
                if !self.entities.contains_key(name) {
                    let hint = nearest(name, self.entities.keys().map(String::as_str));
                    return Err(Error::Unknown { file: format!("{}.toml", relation.name), what: "entity type", name: name.clone(), hint });
                }
            }
        }
        for entity in self.entities.values() {
            for property in &entity.properties {
                if let Kind::Code(list) = &property.kind
                    && self.codes.list(list).is_none()
                {
                    let hint = format!("add `{list}.csv` to the code lists");
                    return Err(Error::Unknown { file: format!("{}.toml", entity.name), what: "code list", name: list.clone(), hint });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carried_model_holds_the_five_categories() {
        let model = Model::embedded().unwrap();
        let mut categories: Vec<_> = model.entities.values().map(|entity| entity.category).collect();
        categories.sort_unstable();
        categories.dedup();
        assert_eq!(categories.len(), 5);
        assert!(model.relation("lives_at").is_some());
    }

    #[test]
    fn what_has_a_number_or_a_text_of_its_own_is_found_as_people_are() {
        let model = Model::embedded().unwrap();
        let found: Vec<&str> = model.entities.values().filter(|entity| entity.is_found()).map(|entity| entity.name.as_str()).collect();
        let numbered = ["dwelling", "household", "organization", "person", "school", "vehicle"];
        let told = ["complaint", "hazard", "hotline_request", "incident", "petition"];
        let mut expected = [&numbered[..], &told].concat();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn no_relation_tells_a_date_that_is_sensitive_by_law() {
        let model = Model::embedded().unwrap();
        let happened = |name: &str| model.entity(name).and_then(EntityType::happened).map(|property| property.name.as_str());
        assert_eq!(["marriage", "petition", "incident"].map(happened), [Some("date"), Some("submitted_on"), Some("reported_on")]);
        assert_eq!(["benefit", "correction", "vaccination", "person", "vehicle"].map(happened), [None; 5]);
    }

    #[test]
    fn properties_keep_the_order_of_the_file() {
        let model = Model::embedded().unwrap();
        let names: Vec<_> = model.entity("person").unwrap().properties.iter().map(|property| property.name.as_str()).collect();
        assert_eq!(names[..4], ["id_no", "permit_no", "student_no", "name"]);
    }

    /// A model of one type, of one property of that name.
    fn cat(property: &str) -> Result<Model, Error> {
        let text = format!(
            "entity = \"cat\"\ncategory = \"object\"\nlabel = {{ zh = \"猫\", en = \"Cat\" }}\ncaption = [\"name\"]\n[property]\n\
             {property} = {{ kind = \"name\", sensitivity = \"public\", label = {{ zh = \"名\", en = \"Name\" }} }}\n\
             relation_to_owner = {{ kind = \"text\", sensitivity = \"public\", label = {{ zh = \"与主人关系\", en = \"Relation\" }} }}\n"
        );
        Model::parse(&[SourceFile { name: "cat.toml".to_owned(), text }])
    }

    #[test]
    fn a_slip_in_a_file_is_answered_with_the_name_meant() {
        let error = cat("nam").unwrap_err();
        assert!(error.to_string().contains("did you mean `nam`?"), "{error}");
    }

    #[test]
    fn a_property_may_be_called_after_a_relation() {
        assert_eq!(cat("name").unwrap().entity("cat").unwrap().properties.len(), 2);
    }
}
