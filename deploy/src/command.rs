//! Verbs: which function answers which. What a verb is called and takes is in `cli.rs`; what it does, in the file of its name.

pub(crate) mod audit;
pub(crate) mod check;
mod correct;
pub(crate) mod cross_reference;
pub(crate) mod decide;
mod demo;
mod doctor;
mod eval;
pub(crate) mod explain;
mod household;
pub(crate) mod indicators;
pub(crate) mod ingest;
pub(crate) mod jobs;
pub(crate) mod people;
mod person;
mod place;
pub(crate) mod rejects;
mod restrict;
pub mod review;
mod schedules;
mod serve;
mod sql;
pub(crate) mod stages;
pub(crate) mod suggest;
mod synth;
mod user;
mod watch;

use crate::{
    Error,
    cli::{Arguments, Verb},
    pipeline::Learning,
};
use wuwei_ingest::Hint;
use wuwei_synth::Plan;

/// Does what was asked and prints the answer.
///
/// # Errors
/// What was asked could not be done; the error says why and what to do.
pub async fn run(arguments: &Arguments) -> Result<(), Error> {
    let common = &arguments.common;
    match &arguments.verb {
        Verb::Demo(asked) => demo::run(common, asked).await,
        Verb::Synth { people, seed, months, today, with, out } => {
            let plan = Plan::new(*people, *seed);
            let today = today.clone().unwrap_or_else(|| plan.today.clone());
            synth::run(common, &Plan { months: *months, today, with: with.clone(), ..plan }, out)
        }
        Verb::Check { file, hint, limits } => check::run(common, file, hint, *limits).await,
        Verb::Suggest { file, hint, limits, save: true, .. } => suggest::save(common, file, hint, *limits).await,
        Verb::Suggest { file, out, hint, limits, .. } => suggest::run(common, file, out.as_deref(), hint, *limits).await,
        Verb::Ingest { paths, with, hint, limits } => {
            ingest::run(common, paths, &Hint { with: with.clone(), ..hint.into() }, *limits).await
        }
        Verb::Resolve { anew } => stages::resolve(common, if *anew { Learning::Anew } else { Learning::AsNeeded }).await,
        Verb::Link => stages::link(common).await,
        Verb::Index => stages::index(common).await,
        Verb::Refresh => stages::refresh(common).await,
        Verb::People { query, offset, limit } => people::run(common, query, people::Page { offset: *offset, limit: *limit }).await,
        Verb::CrossReference { file, limit, entity, format, out, limits } => {
            let wanted = cross_reference::Wanted { limit: *limit, entity: entity.as_deref() };
            cross_reference::run(common, file, wanted, *limits, cross_reference::Written { format: *format, out: out.as_deref() }).await
        }
        Verb::Person { id } => person::run(common, *id).await,
        Verb::Household { id } => household::run(common, *id).await,
        Verb::Place { place, level } => place::run(common, place, level.as_deref()).await,
        Verb::Correct { what } => correct::run(common, what).await,
        Verb::Review { next, entity, limit } => {
            let limit = if *next { 1 } else { *limit };
            review::run(common, review::Asked { entity: entity.as_deref(), offset: 0, limit }).await
        }
        Verb::Decide { what } => decide::run(common, what).await,
        Verb::Explain { left, right } => explain::run(common, left, right).await,
        Verb::Restrict { id, ground, lift } => restrict::run(common, *id, ground, *lift).await,
        Verb::Sql(asked) => sql::run(common, asked).await,
        Verb::Indicators(asked) => indicators::run(common, asked).await,
        Verb::Jobs { job } => jobs::run(common, *job).await,
        Verb::Rejects { job, out } => rejects::run(common, *job, out.as_deref()).await,
        Verb::Watch(asked) => watch::run(common, asked).await,
        Verb::Schedules { file } => schedules::run(common, file).await,
        Verb::Eval(asked) => eval::run(common, asked).await,
        Verb::Serve(asked) => serve::run(common, asked).await,
        Verb::User { what } => user::run(common, what).await,
        Verb::Audit { what } => audit::run(common, what).await,
        Verb::Doctor => doctor::run(common).await,
        Verb::Worker | Verb::Answerer => Err(Error::defect("a process of the program's own was started as a command")),
    }
}
