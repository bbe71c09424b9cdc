//! What each route does: what it was given is read, the verb of that name does the rest.

pub(super) mod account;
pub(super) mod audit;
pub(super) mod correct;
pub(super) mod cross_reference;
pub(super) mod explain;
pub(super) mod file;
pub(super) mod graph;
pub(super) mod health;
pub(super) mod indicators;
pub(super) mod jobs;
pub(super) mod mapping;
pub(super) mod people;
pub(super) mod policies;
pub(super) mod queries;
pub(super) mod review;
pub(super) mod schedules;
pub(super) mod second_factor;
pub(super) mod sql;
pub(super) mod template;
pub(super) mod upload;
pub(super) mod users;

use super::{
    asker::Asking,
    problem::{Code, Problem},
};
use crate::{Error, hub::Hub};
use axum::{
    body::{Body, Bytes},
    extract::{
        FromRequest, Path, Query, Request,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::runtime::Handle;
use wuwei_lake::Publisher;
use wuwei_query::Session;

/// Bytes of a request's body: a question has 64 KiB at most, and may be escaped.
const BODY_BYTES: usize = 256 * 1024;
/// How long it may take to come.
const BODY_TIME: Duration = Duration::from_secs(15);

/// How long somebody else may publish before what is to be written has to be sent again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Writes at the newest epoch, as whoever asks; apart, so that it is written or not, whole, also when whoever asks goes away meanwhile.
async fn writing<T: Send + 'static>(
    asking: Asking,
    write: impl AsyncFnOnce(Hub, Publisher, Session) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let written = move || async move {
        let mut hub = asking.hub.newest().await?;
        let publisher = tokio::time::timeout(PATIENCE, hub.publisher()).await;
        let publisher = publisher.map_err(|_| Problem::later(Code::Busy, 30, "somebody else publishes; send it again"))??;
        Ok(write(hub, publisher, asking.session.clone()).await?)
    };
    let done = tokio::task::spawn_blocking(move || Handle::current().block_on(written())).await;
    done.map_err(|_| Problem::new(Code::Internal))?
}

/// The body of a request, whole.
pub(super) struct Whole(Bytes);

/// The same of a list, which may be longer.
pub(super) struct WholeList(Whole);

/// Bytes of a list: of 5,000 rows some 800 each.
const LIST_BYTES: usize = 4 * 1024 * 1024;

impl<S: Send + Sync> FromRequest<S> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Whole, Problem> {
        whole(request, BODY_BYTES, "256 KiB are the most").await
    }
}

impl<S: Send + Sync> FromRequest<S> for WholeList {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<WholeList, Problem> {
        whole(request, LIST_BYTES, "4 MiB are the most").await.map(WholeList)
    }
}

async fn whole(request: Request, most: usize, hint: &str) -> Result<Whole, Problem> {
    let too_large = || Problem::because(Code::TooLarge, "the body has too many bytes or breaks off", hint);
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|bytes| bytes > most) {
        return Err(too_large());
    }
    let body: Body = request.into_body();
    match tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(Whole(bytes)),
        Ok(Err(_)) => Err(too_large()),
        Err(_) => Err(Problem::new(Code::Slow)),
    }
}

impl Whole {
    /// As JSON; what stands in it is not told back, since it may be a password.
    fn json<T: DeserializeOwned>(&self, headers: &HeaderMap) -> Result<T, Problem> {
        if media(headers).as_deref() != Some("application/json") {
            return Err(Problem::because(Code::UnsupportedMediaType, "the body is not declared as JSON", "Content-Type: application/json"));
        }
        serde_json::from_slice(&self.0).map_err(|error| unlike("the body is not the JSON that is expected", &error.to_string()))
    }
}

/// The media type that a body is declared as, without parameters.
fn media(headers: &HeaderMap) -> Option<String> {
    let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    declared.split(';').next().map(|media| media.trim().to_ascii_lowercase())
}

/// Parts of a path, or a problem that does not say them back.
fn of_path<T>(parts: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    parts
        .map(|Path(parts)| parts)
        .map_err(|_| Problem::because(Code::BadRequest, "a part of the path is not what is expected", "see /api/v1/openapi.json"))
}

/// The query of an address, or a problem that does not say it back.
fn of_query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|error| {
        unlike("the query of the address is not what is expected", error.body_text().split_once(": ").map_or("", |said| said.1))
    })
}

/// What came is not what is expected; of what it was told of it, only a name that is ours and that it lacks.
fn unlike(what: &str, told: &str) -> Problem {
    let missing = told.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
    let what = missing.map_or_else(|| what.to_owned(), |(name, _)| format!("{what}: it lacks `{name}`"));
    Problem::because(Code::BadRequest, what, "see /api/v1/openapi.json, or /reference in the console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lacks_is_named_and_nothing_that_came_is_said_back() {
        let said = |told: &str| unlike("it is not so", told).told().0;
        assert_eq!(said("missing field `sql` at line 1 column 2"), "it is not so: it lacks `sql`");
        assert_eq!(said("invalid value: string \"990101199001011232\", expected a number"), "it is not so");
        assert_eq!(said("unknown variant `missing field `x``"), "it is not so");
    }
}
