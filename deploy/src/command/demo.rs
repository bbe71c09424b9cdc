//! `wuwei demo`: an invented county from nothing to indicators and to pages in a browser, in one command. A second run finds everything done
//! but the last.

use super::{
    eval::{self, Evaluation},
    indicators, ingest, serve, stages,
};
use crate::{
    Error,
    account::{
        ADMIN, Accounts,
        keeping::{Keeper, New},
        outside::SignIn,
    },
    cells,
    cli::{Common, Demo, LimitArgs},
    clock,
    given::files,
    hub::Hub,
    output,
    pipeline::{self, Stages},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};
use wuwei_ingest::Hint;
use wuwei_query::{Figure, Principal, Purpose};
use wuwei_synth::Plan;

#[derive(Serialize)]
struct Built {
    #[serde(flatten)]
    county: County,
    #[serde(flatten)]
    loaded: ingest::Loaded,
    stages: Stages,
    evaluation: BTreeMap<&'static str, Evaluation>,
    figures: Vec<Figure>,
    kept: indicators::Kept,
    epoch: u64,
}

/// Whoever the console is for, and who looks after it.
const INVITED: [(&str, &str, Option<&str>); 6] = [
    ("zhao", "engineer", None),
    ("qian", "liaison", Some("wg")),
    ("li", "case_worker", Some("mz")),
    ("chen", "reviewer", None),
    ("wu", "auditor", None),
    (ADMIN, ADMIN, None),
];

pub(super) async fn run(common: &Common, asked: &Demo) -> Result<(), Error> {
    let mut hub = Hub::open(common, "demo").await?;
    let folder = hub.root.join("county");
    let county = invent(&hub, asked, &folder)?;
    let loaded = ingest::load(&mut hub, &files(std::slice::from_ref(&folder))?, &Hint::default(), LimitArgs::default()).await?;
    let stages = pipeline::refresh(&mut hub).await?;
    use_it(&hub).await?;
    let person = eval::of_county(&hub, &folder.join("truth").join("records.csv")).await?;
    let (kept, figures) = indicators::keep(&mut hub).await?;
    let evaluation = [("person", person)].into();
    let built = Built { county, loaded, stages, evaluation, figures, kept, epoch: hub.lake.epoch().number };
    output::print(common, &built, |built| text(built, common, &hub))?;
    built.loaded.complete()?;
    if asked.no_serve {
        return Ok(());
    }
    invite(&hub)?;
    drop((hub, built));
    serve::inviting(common, &asked.serve, &INVITED.map(|(name, ..)| name)).await
}

/// Makes accounts where there are none. Their passwords nobody is told: they come in by links, and `wuwei user reset` makes others.
fn invite(hub: &Hub) -> Result<(), Error> {
    let accounts = Accounts::of(&hub.root)?;
    if !accounts.all()?.is_empty() {
        return Ok(());
    }
    let (principal, purpose) = (Principal::program(), Purpose::parse("demo")?);
    let keeper = Keeper { hub, principal: &principal, purpose: &purpose };
    for (name, role, department) in INVITED {
        keeper.add(&accounts, New { name, role, department, area: None, purposes: &[], sign_in: SignIn::Password })?;
    }
    Ok(())
}

/// Which county a hub holds; written last, so that a county cut short is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct County {
    people: usize,
    seed: u64,
}

/// Writes the county, unless it is there. Another one in its place would mix with what is loaded already.
fn invent(hub: &Hub, asked: &Demo, folder: &Path) -> Result<County, Error> {
    let mark = hub.invented();
    let there: Option<County> = std::fs::read(&mark).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(there) = there else { return write(hub, asked, folder, &mark) };
    if asked.people.is_some_and(|people| people != there.people) || asked.seed.is_some_and(|seed| seed != there.seed) {
        return Err(Error::asked(
            format!("`{}` holds the county of {} people, seed {}", hub.root.display(), there.people, there.seed),
            "give --data another folder, or the same --people and --seed",
        ));
    }
    Ok(there)
}

fn write(hub: &Hub, asked: &Demo, folder: &Path, mark: &Path) -> Result<County, Error> {
    if hub.lake.tables().any(|table| table.starts_with("raw.")) {
        return Err(Error::asked(
            format!("`{}` is a hub with data of its own", hub.root.display()),
            "give --data another folder for the demo",
        ));
    }
    let county = County { people: asked.people.unwrap_or(5000), seed: asked.seed.unwrap_or(42) };
    // Fresh today, so that no department is late but those that are late on purpose.
    let plan = Plan { today: clock::today(), ..Plan::new(county.people, county.seed) };
    wuwei_synth::write(folder, &plan, &hub.definitions.departments, &hub.definitions.model)?;
    let bytes = serde_json::to_vec(&county).map_err(|_| Error::defect("the county cannot be noted"))?;
    std::fs::write(mark, bytes).map_err(Error::file("writing", mark))?;
    Ok(county)
}

/// What the invented departments ask of each other: without use, the rate of use has nothing to show.
#[derive(Deserialize)]
struct Questions {
    question: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    department: String,
    purpose: String,
    sql: String,
}

/// Asks them once; a run that was killed before it asked leaves them to the next.
async fn use_it(hub: &Hub) -> Result<(), Error> {
    let asked = "SELECT count(*) AS uses FROM contract.use_log WHERE consumer IS NOT NULL";
    let asked = hub.stage("demo")?.sql(asked, clock::now_ms()).await?;
    if asked.batches.iter().any(|batch| cells::numbers(batch, "uses").is_ok_and(|uses| uses.value(0) > 0)) {
        return Ok(());
    }
    let questions: Questions =
        toml::from_str(include_str!("../../demo/questions.toml")).map_err(|_| Error::defect("the demo's questions cannot be read"))?;
    for question in questions.question {
        let principal = Principal::parse(&format!("case_worker:demo-{0}@{0}", question.department))?;
        hub.session_of(principal, Purpose::parse(&question.purpose)?)?.sql(&question.sql, clock::now_ms()).await?;
    }
    Ok(())
}

fn text(built: &Built, common: &Common, hub: &Hub) -> String {
    let account = &built.loaded.ingest;
    let person = &built.evaluation["person"].scores.pairwise;
    format!(
        "an invented county of {} people, seed {}, in {} (nobody in it exists)\n\n\
         {} files: {} read = {} accepted + {} rejected + {} skipped\n{}\
         against the known truth: precision {:.4}, recall {:.4}\n\n{}\n\
         try  wuwei people 王伟\n     wuwei sql \"SELECT department, count(*) FROM record.person GROUP BY department\"\n     wuwei jobs\n     wuwei serve --data {}\n",
        built.county.people,
        built.county.seed,
        common.data.display(),
        account.files,
        account.read,
        account.accepted,
        account.rejected,
        account.skipped,
        stages::text(&built.stages),
        person.precision,
        person.recall,
        indicators::text(&built.figures, &hub.definitions.indicators.list),
        common.data.display(),
    )
}
