//! The definitions a hub works by: model, departments, indicators and policies, carried in the program or read from folders. What they mean is
//! each room's own; here they are only fetched.

pub(crate) mod confirmed;

use crate::{Error, cli::Common};
use serde::{Deserialize, Serialize};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::Arc,
};
use wuwei_ingest::{Contract, Departments};
use wuwei_query::{Catalogue, Indicators, Lake, Policies};
use wuwei_schema::{Model, SourceFile};
use wuwei_search::Names;

/// What the folders of the options hold, as it stands there; none where what is carried is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Written {
    model: Option<Vec<SourceFile>>,
    departments: Option<Vec<SourceFile>>,
    /// What was confirmed in the hub itself, beside all of them.
    confirmed: Vec<SourceFile>,
}

/// The same of indicators and policies.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rules {
    indicators: Option<Vec<SourceFile>>,
    policies: Option<Vec<SourceFile>>,
    /// What one registration costs.
    duplicate_yuan: f64,
}

impl Rules {
    fn of(common: &Common) -> Result<Rules, Error> {
        let read = |folder: &Option<PathBuf>, endings: &[&str]| folder.as_deref().map(|folder| files(folder, endings)).transpose();
        let (indicators, policies) = (read(&common.indicators, &["sql", "toml"])?, read(&common.policies, &["cedar", "toml"])?);
        Ok(Rules { indicators, policies, duplicate_yuan: common.duplicate_yuan })
    }
}

impl Written {
    fn of(common: &Common) -> Result<Written, Error> {
        let read = |folder: &Option<PathBuf>, endings: &[&str]| folder.as_deref().map(|folder| files(folder, endings)).transpose();
        let (model, departments) = (read(&common.model, &["toml", "csv"])?, read(&common.departments, &["toml"])?);
        Ok(Written { model, departments, confirmed: confirmed::read(&common.data)? })
    }

    /// What it says. A model of one's own has no use for departments that are mapped to another; without one, departments are added. What was
    /// confirmed adds to all of them.
    ///
    /// # Errors
    /// A file is wrong: the error names it, with the place.
    pub(crate) fn parse(&self) -> Result<(Model, Departments), Error> {
        let model = self.model.as_deref().map_or_else(Model::embedded, Model::parse)?;
        let own = Departments::parse(self.departments.as_deref().unwrap_or_default(), &model)?;
        let mut all = if self.model.is_some() { Departments::default() } else { Departments::embedded(&model)? };
        all.list.retain(|carried| own.list.iter().all(|department| department.code != carried.code));
        all.list.extend(own.list);
        all.add(&self.confirmed, &model)?;
        Ok((model, all))
    }
}

/// Everything that is defined in files.
#[derive(Debug)]
pub(crate) struct Definitions {
    /// Types, relations, code lists.
    pub(crate) model: Model,
    /// Departments with their extracts' mappings.
    pub(crate) departments: Departments,
    /// Where both are from.
    pub(crate) written: Written,
    /// Where the others are from.
    pub(crate) rules: Rules,
    /// The indicators, with levels, stars and notes.
    pub(crate) indicators: Indicators,
    /// Who may see what, for which purpose.
    pub(crate) policies: Arc<Policies>,
}

impl Definitions {
    /// What the options ask for; what they leave open is carried.
    ///
    /// # Errors
    /// A folder cannot be read, or a file of it is wrong: the error names it, with the place.
    pub(crate) fn of(common: &Common) -> Result<Definitions, Error> {
        let (written, rules) = Definitions::read(common)?;
        Definitions::parse(written, rules)
    }

    /// The files of the options, before anybody knows what they say.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub(crate) fn read(common: &Common) -> Result<(Written, Rules), Error> {
        Ok((Written::of(common)?, Rules::of(common)?))
    }

    /// What those files say.
    ///
    /// # Errors
    /// A file is wrong: the error names it, with the place.
    pub(crate) fn parse(written: Written, rules: Rules) -> Result<Definitions, Error> {
        let (model, departments) = written.parse()?;
        let indicators = match &rules.indicators {
            Some(files) => Indicators::parse(files)?,
            None => Indicators::embedded()?,
        };
        let policies = rules.policies.as_deref().map_or_else(Policies::embedded, Policies::parse)?;
        Ok(Definitions { model, departments, written, rules, indicators, policies: Arc::new(policies) })
    }

    /// The same, with one department file more.
    ///
    /// # Errors
    /// The file is wrong.
    pub(crate) fn with(&self, department: SourceFile) -> Result<Definitions, Error> {
        let mut confirmed = self.written.confirmed.clone();
        confirmed.push(department);
        self.at(confirmed)
    }

    /// The same, with what was confirmed since in the hub in `root`; none where that is as it was.
    ///
    /// # Errors
    /// A file cannot be read, or is wrong.
    pub(crate) fn newest(&self, root: &Path) -> Result<Option<Definitions>, Error> {
        let confirmed = confirmed::read(root)?;
        let is_known = |(known, now): (&SourceFile, &SourceFile)| known.name == now.name && known.text == now.text;
        let known = &self.written.confirmed;
        if known.len() == confirmed.len() && known.iter().zip(&confirmed).all(is_known) {
            return Ok(None);
        }
        self.at(confirmed).map(Some)
    }

    fn at(&self, confirmed: Vec<SourceFile>) -> Result<Definitions, Error> {
        Definitions::parse(Written { confirmed, ..self.written.clone() }, self.rules.clone())
    }

    /// What the program carries.
    #[cfg(test)]
    pub(crate) fn carried() -> Result<Definitions, Error> {
        let written = Written { model: None, departments: None, confirmed: Vec::new() };
        Definitions::parse(written, Rules { indicators: None, policies: None, duplicate_yuan: 0.0 })
    }

    /// The tables of a lake, as questions meet them. A graph that cannot be opened is made of its edges where they are few; else whoever walks
    /// is told so.
    ///
    /// # Errors
    /// The lake refuses a table.
    pub(crate) fn catalogue(&self, lake: &Lake) -> Result<Catalogue, Error> {
        let schema = |extract| wuwei_ingest::raw_schema(extract, &self.model);
        let raw = self.departments.extracts().map(|(_, extract)| (extract.name.clone(), schema(extract))).collect();
        let whole = self.departments.extracts().filter(|(_, extract)| extract.contract == Contract::Full);
        let whole = whole.map(|(_, extract)| extract.name.clone()).collect();
        let catalogue = Catalogue::new(lake, &self.model, raw, self.indicators.clone())?;
        let graph = crate::pipeline::open_graph(lake.root(), lake.epoch()).unwrap_or_default();
        let catalogue = catalogue.costing(self.rules.duplicate_yuan).delivered_whole(whole).tied(graph);
        Ok(match index_folder(lake) {
            Some(folder) => {
                let called = self.departments.list.iter().map(|department| (department.code.clone(), department.label.clone()));
                catalogue.indexed(folder, Names::of(&self.model, called.collect()))
            }
            None => catalogue,
        })
    }

    /// A number that changes when the entity types do: what was resolved or indexed by others is out of date.
    pub(crate) fn types(&self) -> i64 {
        let mut hasher = DefaultHasher::new();
        format!("{:?}", self.model.entities).hash(&mut hasher);
        hasher.finish().cast_signed()
    }

    /// The events that have a day which relations may tell, each by its name and the property that says it.
    pub(crate) fn happened(&self) -> impl Iterator<Item = (&str, &str)> {
        let types = self.model.entities.values();
        types.filter_map(|entity| Some((entity.name.as_str(), entity.happened()?.name.as_str())))
    }

    /// The relations that departments register of somebody.
    pub(crate) fn registered(&self) -> Vec<&str> {
        self.model.relations.values().filter(|relation| relation.registered).map(|relation| relation.name.as_str()).collect()
    }
}

/// The folder of the index at a lake's epoch, with one folder a type, if it was built.
pub(crate) fn index_folder(lake: &Lake) -> Option<PathBuf> {
    lake.epoch().index.as_ref().map(|name| lake.root().join("index").join(name))
}

/// The files of a folder with one of these endings, by name.
fn files(folder: &Path, endings: &[&str]) -> Result<Vec<SourceFile>, Error> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        let path = entry.map_err(Error::file("reading", folder))?.path();
        if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            let text = std::fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
            found.push(SourceFile { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text });
        }
    }
    if found.is_empty() {
        return Err(Error::asked(
            format!("folder `{}` holds no .{} file", folder.display(), endings.join(" or .")),
            "check the option's folder",
        ));
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(found)
}
