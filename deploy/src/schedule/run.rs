//! The program's own round: what was put into watched folders is handed in, and what has its time is run, one after the other. Both read the
//! newest epoch and publish the next like any command; a program that ends meanwhile leaves the epoch before, or the next.

use super::{Schedule, Schedules, States, What, state::Outcome};
use crate::{
    Error,
    cli::LimitArgs,
    clock,
    command::{audit, indicators, stages},
    hub::Hub,
    notices, output, pipeline,
    watch::{Handed, Watch},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::watch::Receiver;

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(5);

/// What is to be kept going.
#[derive(Debug)]
pub(crate) struct Keeper {
    watch: Option<Watch>,
    schedules: Schedules,
    states: States,
    limits: LimitArgs,
}

impl Keeper {
    /// Of a watched folder and of schedules, where there are such.
    ///
    /// # Errors
    /// The folder has none of a department's, or what came of them before cannot be read.
    pub(crate) fn of(hub: &Hub, folder: Option<&Path>, schedules: Option<Schedules>, limits: LimitArgs) -> Result<Option<Keeper>, Error> {
        if folder.is_none() && schedules.is_none() {
            return Ok(None);
        }
        let watch = folder.map(|folder| Watch::of(folder, hub)).transpose()?;
        let schedules = schedules.unwrap_or_default();
        let states = States::taken(&hub.root, &schedules.0, clock::now_ms())?;
        Ok(Some(Keeper { watch, schedules, states, limits }))
    }

    /// One round: what lies in folders, then what is due.
    ///
    /// # Errors
    /// A folder cannot be read, or what came of a schedule cannot be written down.
    pub(crate) async fn round(&mut self, hub: &mut Hub) -> Result<Vec<Handed>, Error> {
        let handed = match &mut self.watch {
            Some(watch) => watch.look(hub, self.limits).await?,
            None => Vec::new(),
        };
        for schedule in self.schedules.0.clone() {
            let now = clock::now_ms();
            if self.states.since_ms(&schedule).is_some_and(|since| schedule.is_due(since, now)) {
                self.states.begins(&schedule, now)?;
                let outcome = Box::pin(ran(hub, &schedule)).await;
                self.states.ended(&schedule, outcome)?;
            }
        }
        Ok(handed)
    }
}

/// Goes on with rounds until it is told to stop, which is looked at between two of them: all files that had come whole are handed in then, and
/// all that was due has run. What fails is told once, and tried again.
pub(crate) async fn keep(mut keeper: Keeper, hub: impl Fn() -> Arc<Hub>, stop: Receiver<bool>) {
    let mut failed = None;
    while !*stop.borrow() {
        let round = async {
            let mut newest = hub().newest().await?;
            keeper.round(&mut newest).await
        };
        match round.await {
            Ok(handed) => {
                failed = None;
                handed.iter().for_each(|handed| output::note(&told(handed)));
            }
            Err(error) => {
                let error = error.to_string();
                if failed.as_ref() != Some(&error) {
                    output::note(&format!("wuwei: {error}"));
                    failed = Some(error);
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A line for whoever watches the program, in their language.
pub(crate) fn told(handed: &Handed) -> String {
    output::one_line(&output::told(&notices::of_file(handed)))
}

/// Runs one, as the verb of that name would; what came of it, and what the verb says.
async fn ran(hub: &mut Hub, schedule: &Schedule) -> Result<Outcome, Error> {
    match schedule.what {
        What::Refresh => {
            let stages = pipeline::refresh(hub).await?;
            Ok(Outcome { results: notices::of_stages(&stages), said: stages::text(&stages) })
        }
        What::KeepFigures => {
            let (kept, _) = indicators::keep(hub).await?;
            Ok(Outcome { results: vec![notices::of_figures(&kept)], said: indicators::kept_text(&kept) })
        }
        What::VerifyAudit => {
            let verified = audit::verified(&hub.session()?, None)?;
            Ok(Outcome { results: notices::of_audit(&verified), said: audit::said(&verified) })
        }
    }
}
