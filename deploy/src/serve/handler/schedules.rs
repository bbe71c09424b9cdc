//! What `serve --schedules FILE` runs at its times, for whoever looks after accounts: when, when next, and what came of it. It is read only,
//! since the file says what runs.

use crate::{
    clock,
    schedule::{Shown, States},
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::response::Response;
use serde_json::json;

pub(in crate::serve) async fn list(asker: Asker) -> Result<Response, Problem> {
    let asking = asker.enter("user").await?;
    asking.session.look("schedules", "", clock::now_ms())?;
    let (states, now) = (States::of(&asking.hub.root)?, clock::now_ms());
    let Some((file, schedules)) = asker.state().schedules() else { return answer::found(&json!({"file": null, "schedules": []})) };
    let shown: Vec<Shown> = schedules.0.iter().map(|schedule| states.shown(schedule, now)).collect();
    answer::found(&json!({"file": file, "schedules": shown}))
}
