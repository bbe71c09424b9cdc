//! A hub on disk and the definitions it works by: the lake, the index, the audit and the jobs under one folder. Every verb begins here.

use crate::{
    Error,
    asked::{Answerers, Counts, Setup},
    cli::Common,
    clock,
    definitions::{Definitions, Rules, Written, index_folder},
    file,
    jobs::Jobs,
    pipeline,
    spill::{Spill, private_folder},
};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};
use wuwei_graph::csr::Graph;
use wuwei_lake::{Lake, Publisher};
use wuwei_query::{Audit, Catalogue, Limits, Principal, Purpose, Session, Watched};
use wuwei_schema::{EntityType, SourceFile};

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
    /// Who answers questions in SQL from the pinned epoch, where this process does not.
    answerers: Option<Answerers>,
    asker: Principal,
    purpose: Purpose,
}

impl Hub {
    /// Opens the hub in the folder of the options, or makes an empty one, for whoever may use that verb.
    ///
    /// # Errors
    /// The folder cannot be used, a definition is wrong, or the policies do not permit the verb to whoever asks for that purpose.
    pub(crate) async fn open(common: &Common, verb: &str) -> Result<Hub, Error> {
        let definitions = Definitions::of(common)?;
        let who = asking(common, &definitions)?;
        Hub::at(Place::open(common).await?, definitions, who, verb)
    }

    /// The same to ask one question in SQL: the process that answers it opens the tables while this one does.
    ///
    /// # Errors
    /// As [`Hub::open`].
    pub(crate) async fn open_to_ask(common: &Common, verb: &str) -> Result<Hub, Error> {
        let (written, rules) = Definitions::read(common)?;
        let place = Place::open(common).await?;
        let answerers = Answerers::new(place.setup(&written, &rules), 1, Arc::default());
        answerers.start_ahead();
        let definitions = Definitions::parse(written, rules)?;
        let who = asking(common, &definitions)?;
        Ok(Hub { answerers: Some(answerers), ..Hub::at(place, definitions, who, verb)? })
    }

    fn at(place: Place, definitions: Definitions, (asker, purpose): (Principal, Purpose), verb: &str) -> Result<Hub, Error> {
        let Place { root, lake, spill, limits } = place;
        let audit = Arc::new(Audit::open(&root.join("audit"))?);
        let (jobs, definitions, catalogue, answerers) = (Jobs::of(&root), Arc::new(definitions), OnceLock::new(), None);
        let hub = Hub { jobs, definitions, lake, limits, audit, spill, catalogue, answerers, asker, purpose, root };
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

    /// From here on questions in SQL are planned and run in processes of their own, so many at a time.
    pub(crate) fn answer_elsewhere(&mut self, most: usize, counts: Arc<Counts>) {
        let Definitions { written, rules, .. } = &*self.definitions;
        let setup = setup(&self.root, &self.lake, &self.limits, &self.spill, (written, rules));
        self.answerers = Some(Answerers::new(setup, most, counts));
    }

    /// Who answers questions in SQL, if not this process.
    pub(crate) fn answerers(&self) -> Option<&Answerers> {
        self.answerers.as_ref()
    }

    /// That session, its questions in SQL answered where those of this hub are.
    pub(crate) fn elsewhere(&self, session: Session) -> Session {
        match &self.answerers {
            Some(answerers) => session.answered_by(Arc::new(answerers.clone())),
            None => session,
        }
    }

    fn catalogue(&self) -> Result<Arc<Catalogue>, Error> {
        if let Some(known) = self.catalogue.get() {
            return Ok(Arc::clone(known));
        }
        let made = self.definitions.catalogue(&self.lake)?;
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

    /// The same hub at the newest epoch and with what was confirmed since, for a server: whoever reads at the epoch of this one goes on.
    ///
    /// # Errors
    /// The lake cannot be opened, or a department file that was confirmed is none any more.
    pub(crate) async fn newest(&self) -> Result<Hub, Error> {
        let lake = Lake::open(&self.root).await?;
        let definitions = self.definitions.newest(&self.root)?.map_or_else(|| Arc::clone(&self.definitions), Arc::new);
        let of_newest = |setup: &Setup| Setup { epoch: lake.epoch().clone(), written: definitions.written.clone(), ..setup.clone() };
        let answerers = self.answerers.as_ref().map(|answerers| answerers.at(of_newest));
        Ok(self.of(definitions, lake, answerers))
    }

    /// The same hub at its newest epoch with one department file more, to see what would become of a file by it; no question in SQL is asked
    /// there.
    ///
    /// # Errors
    /// The file is wrong, or the lake cannot be opened.
    pub(crate) async fn with(&self, department: SourceFile) -> Result<Hub, Error> {
        let known = self.definitions.newest(&self.root)?;
        let definitions = known.as_ref().unwrap_or(&self.definitions).with(department)?;
        Ok(self.of(Arc::new(definitions), Lake::open(&self.root).await?, None))
    }

    fn of(&self, definitions: Arc<Definitions>, lake: Lake, answerers: Option<Answerers>) -> Hub {
        Hub {
            root: self.root.clone(),
            definitions,
            answerers,
            lake,
            jobs: Jobs::of(&self.root),
            limits: self.limits.clone(),
            audit: Arc::clone(&self.audit),
            spill: Arc::clone(&self.spill),
            catalogue: OnceLock::new(),
            asker: self.asker.clone(),
            purpose: self.purpose.clone(),
        }
    }

    /// The entity types that people look for, and so have an index.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = &EntityType> {
        self.definitions.model.entities.values().filter(|entity| entity.is_found())
    }

    /// The folder of the index of that type at the pinned epoch, if one was built.
    pub(crate) fn index_folder(&self, entity: &str) -> Option<PathBuf> {
        index_folder(&self.lake).map(|folder| folder.join(entity))
    }

    /// The graph at the pinned epoch, if one was built.
    ///
    /// # Errors
    /// The file is not there, or is not one.
    pub(crate) fn graph(&self) -> Result<Option<Graph>, Error> {
        pipeline::open_graph(&self.root, self.lake.epoch())
    }

    /// Where this process puts what it needs for a moment.
    pub(crate) fn spill(&self) -> &Path {
        self.spill.folder()
    }

    /// Those entities of these, by type and number, that are persons.
    pub(crate) fn persons<'a>(&self, of: impl Iterator<Item = (&'a str, i64)>) -> Vec<i64> {
        file::persons(&self.definitions.model, of)
    }

    /// Counts what was looked at since somebody counted last, and raises the alarms that were reached.
    ///
    /// # Errors
    /// The audit cannot be read or written.
    pub(crate) fn watch(&self) -> Result<Watched, Error> {
        Ok(self.audit.watch(self.definitions.policies.alarms(), clock::now_ms())?)
    }

    /// The file of a hub that says which invented county it holds.
    pub(crate) fn invented(&self) -> PathBuf {
        self.root.join("county.json")
    }

    /// Whether everybody in it is invented.
    pub(crate) fn is_invented(&self) -> bool {
        self.invented().is_file()
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

/// Where a hub is, before it is known what it works by.
struct Place {
    root: PathBuf,
    lake: Lake,
    spill: Arc<Spill>,
    limits: Limits,
}

impl Place {
    async fn open(common: &Common) -> Result<Place, Error> {
        private_folder(&common.data).map_err(Error::file("creating", &common.data))?;
        let root = std::fs::canonicalize(&common.data).map_err(Error::file("opening", &common.data))?;
        let lake = Lake::open(&root).await?;
        let spill = Arc::new(Spill::open(&root)?);
        let limits = Limits { spill: Some(spill.folder().to_owned()), ..Limits::default() };
        Ok(Place { root, lake, spill, limits })
    }

    fn setup(&self, written: &Written, rules: &Rules) -> Setup {
        setup(&self.root, &self.lake, &self.limits, &self.spill, (written, rules))
    }
}

/// What a process that answers has to know.
fn setup(root: &Path, lake: &Lake, limits: &Limits, spill: &Spill, (written, rules): (&Written, &Rules)) -> Setup {
    let (epoch, limits) = (lake.epoch().clone(), limits.clone());
    Setup { root: root.to_owned(), epoch, written: written.clone(), rules: rules.clone(), limits, spill: spill.folder().to_owned() }
}

/// Who runs the command, and what for.
fn asking(common: &Common, definitions: &Definitions) -> Result<(Principal, Purpose), Error> {
    let purpose = Purpose::parse(&common.purpose)?;
    let asker = Principal::parse(&common.principal)?.at("command line");
    if let Some(code) = asker.department().filter(|code| definitions.departments.department(code).is_none()) {
        let codes = definitions.departments.list.iter().map(|known| known.code.as_str());
        return Err(Error::asked("whoever asks is of no department", wuwei_schema::nearest(code, codes)));
    }
    Ok((asker, purpose))
}

/// The program itself, at a stage.
fn own(stage: &str) -> Result<(Principal, Purpose), Error> {
    Ok((Principal::program(), Purpose::parse(&format!("stage {stage}"))?))
}
