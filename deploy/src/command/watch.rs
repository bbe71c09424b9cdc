//! `wuwei watch`: hands in what departments put into their folders, and runs what has its time, until it is told to stop.

use super::serve::told_to_stop;
use crate::{
    Error,
    cli::{self, Common},
    hub::Hub,
    output,
    schedule::{Keeper, Schedules, keep, told},
};
use std::sync::Arc;
use tokio::sync::watch;

pub(super) async fn run(common: &Common, asked: &cli::Watch) -> Result<(), Error> {
    let mut hub = Hub::open(common, "ingest").await?;
    let schedules = asked.schedules.as_deref().map(Schedules::read).transpose()?;
    let keeper = Keeper::of(&hub, Some(&asked.folder), schedules, asked.limits)?;
    let Some(mut keeper) = keeper else { return Ok(()) };
    if asked.once {
        // What lies still between two looks has come whole.
        let mut handed = keeper.round(&mut hub).await?;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        handed.extend(keeper.round(&mut hub).await?);
        return output::print(common, &handed, |handed| handed.iter().map(|one| format!("{}\n", told(one))).collect());
    }
    let stop = told_to_stop()?;
    output::note(&format!("wuwei: watching `{}`; stop it with Ctrl-C", asked.folder.display()));
    let (stopping, stopped) = watch::channel(false);
    let hub = Arc::new(hub);
    let keeping = keep(keeper, move || Arc::clone(&hub), stopped);
    tokio::select! {
        () = Box::pin(keeping) => {}
        () = stop => drop(stopping.send(true)),
    }
    Ok(())
}
