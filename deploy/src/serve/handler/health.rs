//! Whether the program runs, whether it can answer, and what it counts.

use crate::serve::{State, answer, asker::Known, problem::Problem};
use axum::{
    extract::State as Shared,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;
use std::sync::Arc;

/// The media type of Prometheus' text.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(in crate::serve) async fn health() -> &'static str {
    "ok\n"
}

pub(in crate::serve) async fn ready(Shared(state): Shared<Arc<State>>) -> Result<Response, Problem> {
    let hub = state.hub();
    hub.audit().check()?;
    answer::found(&json!({"ready": true, "epoch": hub.lake.epoch().number}))
}

pub(in crate::serve) async fn metrics(known: Known) -> Response {
    let state = &known.state;
    let text = state.metrics.text(&state.turnstile, &state.processes, state.hub().lake.epoch().number);
    ([(header::CONTENT_TYPE, HeaderValue::from_static(TEXT))], text).into_response()
}
