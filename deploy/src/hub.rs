//! A hub on disk and the definitions it works by: the lake, the index, the audit and the jobs under one folder. Every verb begins here.

use crate::{
    Error,
    cli::Common,
    clock,
    definitions::Definitions,
    jobs::Jobs,
    spill::{Spill, private_folder},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};
use wuwei_lake::{Lake, Publisher};
use wuwei_query::{Audit, Catalogue, Limits, Principal, Purpose, Session};
use wuwei_schema::EntityType;

/// How long somebody else may publish before this command gives up: [`WAITS`] times this.
const WAIT: Duration = Duration::from_millis(100);
const WAITS: u32 = 6_000;

/// An open hub, pinned to the epoch that was current when it was opened.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// What it works by.
    pub(crate) definitions: Arc<Definitions>,
    /// Its tables at the pinned epoch.
    pub(crate) lake: Lake,
    /// What was loaded or refused.
    pub(crate) jobs: Jobs,
    /// What one question may take.
    pub(crate) limits: Limits,
    audit: Arc<Audit>,
    spill: Arc<Spill>,
    /// The tables of the pinned epoch, put together when first asked for.
    catalogue: OnceLock<Arc<Catalogue>>,
    asker: Principal,
    purpose: Purpose,
}

impl Hub {
    /// Opens the hub in the folder of the options, or makes an empty one, for whoever may use that verb.
    ///
    /// # Errors
    /// The folder cannot be used, a definition is wrong, or the policies do not permit the verb to whoever asks for that purpose.
    pub(crate) async fn open(common: &Common, verb: &str) -> Result<Hub, Error> {
        let definitions = Arc::new(Definitions::of(common)?);
        let purpose = Purpose::parse(&common.purpose)?;
        let asker = Principal::parse(&common.principal)?;
        if let Some(code) = asker.department().filter(|code| definitions.departments.department(code).is_none()) {
            let codes = definitions.departments.list.iter().map(|known| known.code.as_str());
            return Err(Error::asked("whoever asks is of no department", wuwei_schema::nearest(code, codes)));
        }
        private_folder(&common.data).map_err(Error::file("creating", &common.data))?;
        let root = std::fs::canonicalize(&common.data).map_err(Error::file("opening", &common.data))?;
        let lake = Lake::open(&root).await?;
        let audit = Arc::new(Audit::open(&root.join("audit"))?);
        let spill = Arc::new(Spill::open(&root)?);
        let limits = Limits { spill: Some(spill.folder().to_owned()), ..Limits::default() };
        let hub = Hub { jobs: Jobs::of(&root), definitions, lake, limits, audit, spill, catalogue: OnceLock::new(), asker, purpose, root };
        hub.session()?.may_run(verb, clock::now_ms())?;
        Ok(hub)
    }

    /// A session of whoever runs the command.
    ///
    /// # Errors
    /// The tables of the pinned epoch cannot be opened.
    pub(crate) fn session(&self) -> Result<Session, Error> {
        self.session_of(self.asker.clone(), self.purpose.clone())
    }

    /// The name of whoever runs the command.
    pub(crate) fn asker(&self) -> &str {
        self.asker.name()
    }

    /// The department that they act for.
    pub(crate) fn department(&self) -> Option<&str> {
        self.asker.department()
    }

    /// A session of the program itself, for a stage that turns tables into tables.
    ///
    /// # Errors
    /// The tables of the pinned epoch cannot be opened.
    pub(crate) fn stage(&self, stage: &str) -> Result<Session, Error> {
        let (principal, purpose) = own(stage)?;
        self.session_of(principal, purpose)
    }

    /// A session of the program itself over the records, with those that stand no more.
    ///
    /// # Errors
    /// The tables of the pinned epoch cannot be opened.
    pub(crate) fn stage_over_all(&self, stage: &str) -> Result<Session, Error> {
        let (principal, purpose) = own(stage)?;
        let catalogue = Catalogue::of_all_records(&self.lake, &self.definitions.model)?;
        self.open_session(Arc::new(catalogue), principal, purpose)
    }

    /// A session of that principal, for that purpose.
    ///
    /// # Errors
    /// The tables of the pinned epoch cannot be opened.
    pub(crate) fn session_of(&self, principal: Principal, purpose: Purpose) -> Result<Session, Error> {
        self.open_session(self.catalogue()?, principal, purpose)
    }

    fn catalogue(&self) -> Result<Arc<Catalogue>, Error> {
        if let Some(known) = self.catalogue.get() {
            return Ok(Arc::clone(known));
        }
        let schema = |extract| wuwei_ingest::raw_schema(extract, &self.definitions.model);
        let raw = self.definitions.departments.extracts().map(|(_, extract)| (extract.name.clone(), schema(extract))).collect();
        let made = Catalogue::new(&self.lake, &self.definitions.model, raw, self.definitions.indicators.clone())?
            .costing(self.definitions.duplicate_yuan);
        Ok(Arc::clone(self.catalogue.get_or_init(|| Arc::new(made))))
    }

    fn open_session(&self, catalogue: Arc<Catalogue>, principal: Principal, purpose: Purpose) -> Result<Session, Error> {
        let (policies, audit) = (&self.definitions.policies, Arc::clone(&self.audit));
        Ok(Session::open(catalogue, policies, audit, principal, purpose, self.limits.clone(), clock::now_ms())?)
    }

    /// Becomes the one publisher, and pins the epoch that it builds upon. While somebody else is, it waits, ten minutes at most: two that
    /// load at once take turns, file by file.
    ///
    /// # Errors
    /// Somebody else still publishes, or the lake cannot be read or written.
    pub(crate) async fn publisher(&mut self) -> Result<Publisher, Error> {
        let mut waits = 0;
        let publisher = loop {
            match self.lake.publisher(clock::now_ms()).await {
                Err(wuwei_lake::Error::Busy { .. }) if waits < WAITS => tokio::time::sleep(WAIT).await,
                other => break other?,
            }
            waits += 1;
        };
        self.turn_to_newest().await?;
        Ok(publisher)
    }

    /// Looks again, after something was published.
    ///
    /// # Errors
    /// The lake cannot be opened.
    pub(crate) async fn turn_to_newest(&mut self) -> Result<(), Error> {
        self.lake = Lake::open(&self.root).await?;
        self.catalogue = OnceLock::new();
        Ok(())
    }

    /// The same hub at the newest epoch, for a server: whoever reads at the epoch of this one goes on.
    ///
    /// # Errors
    /// The lake cannot be opened.
    pub(crate) async fn newest(&self) -> Result<Hub, Error> {
        Ok(Hub {
            root: self.root.clone(),
            definitions: Arc::clone(&self.definitions),
            lake: Lake::open(&self.root).await?,
            jobs: Jobs::of(&self.root),
            limits: self.limits.clone(),
            audit: Arc::clone(&self.audit),
            spill: Arc::clone(&self.spill),
            catalogue: OnceLock::new(),
            asker: self.asker.clone(),
            purpose: self.purpose.clone(),
        })
    }

    /// The entity types that people look for by name, and so have an index.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = &EntityType> {
        let by_name =
            |entity: &&EntityType| entity.properties.iter().any(|property| property.search == Some(wuwei_schema::SearchRole::Name));
        self.definitions.model.entities.values().filter(by_name)
    }

    /// The folder of the index of that type at the pinned epoch, if one was built.
    pub(crate) fn index_folder(&self, entity: &str) -> Option<PathBuf> {
        self.lake.epoch().index.as_ref().map(|name| self.root.join("index").join(name).join(entity))
    }

    /// Where this process puts what it needs for a moment.
    pub(crate) fn spill(&self) -> &Path {
        self.spill.folder()
    }

    /// The audit.
    pub(crate) fn audit(&self) -> &Audit {
        &self.audit
    }

    /// Whether a folder is a hub; it is one from its first moment.
    pub(crate) fn is_at(folder: &Path) -> bool {
        folder.join("audit").join("audit.jsonl").is_file()
    }
}

/// The program itself, at a stage.
fn own(stage: &str) -> Result<(Principal, Purpose), Error> {
    Ok((Principal::program(), Purpose::parse(&format!("stage {stage}"))?))
}
