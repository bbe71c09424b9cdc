//! Files that are handed in: made, sent piece by piece from where they stand, told of, taken back. What is done with a whole one is in
//! `work`. Each account knows only its own; whose department's a file may be, is looked at with the file.

mod work;

pub(super) use work::in_words;
pub(in crate::serve) use work::{cancel, check, checked, department_file, publish, suggestion};

use super::{Whole, of_path, of_query};
use crate::{
    Error, clock,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
    upload::{Appending, New, Upload},
};
use axum::{
    extract::{
        Path, Query, Request,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use wuwei_query::Session;

/// The verb that whoever hands in files may use.
const VERB: &str = "ingest";
/// Bytes that are written at a time.
const PIECE: usize = 1 << 20;
/// How long the next bytes may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

type Id = Result<Path<String>, PathRejection>;

pub(in crate::serve) async fn make(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let new: New = body.json(&headers)?;
    let (_, session) = asker.admitted(VERB)?;
    let most = asker.state().uploads().most();
    if new.bytes > most {
        return Err(Problem::because(Code::TooLarge, format!("a file may have {} MiB", most >> 20), "split it, or ask the operator"));
    }
    session.look("upload", &new.name, clock::now_ms())?;
    let (state, owner) = (Arc::clone(asker.state()), asker.name().to_owned());
    let made = apart(move || state.uploads().make(&owner, &new)).await?;
    answer::found(&made.shown())
}

pub(in crate::serve) async fn all(asker: Asker) -> Result<Response, Problem> {
    asker.admitted(VERB)?;
    let uploads = asker.state().uploads();
    answer::found(&json!({"uploads": uploads.of(asker.name())?, "most_bytes": uploads.most()}))
}

pub(in crate::serve) async fn one(asker: Asker, id: Id) -> Result<Response, Problem> {
    let (upload, _) = own(&asker, id)?;
    answer::found(&upload.shown())
}

#[derive(Deserialize)]
pub(in crate::serve) struct At {
    offset: u64,
}

/// Bytes from an offset on, as they come. What has come when they break off stays, on disk.
pub(in crate::serve) async fn append(
    asker: Asker,
    id: Id,
    at: Result<Query<At>, QueryRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    let At { offset } = of_query(at)?;
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let mut appending = Appending::at(&upload, offset)?;
    appending.fits(said.unwrap_or(0)).map_err(|error| too_many(&error))?;
    let mut body = request.into_body().into_data_stream();
    let mut piece = Vec::with_capacity(PIECE);
    let broken = loop {
        match tokio::time::timeout(PATIENCE, body.next()).await {
            Ok(Some(Ok(bytes))) => {
                appending.fits((piece.len() + bytes.len()) as u64).map_err(|error| too_many(&error))?;
                piece.extend_from_slice(&bytes);
                if piece.len() >= PIECE {
                    appending = written(appending, &mut piece).await?;
                }
            }
            Ok(None) => break None,
            Ok(Some(Err(_))) => {
                break Some(Problem::because(Code::BadRequest, "the body breaks off", "ask how far it is, and go on there"));
            }
            Err(_) => break Some(Problem::new(Code::Slow)),
        }
    };
    appending = written(appending, &mut piece).await?;
    if apart(move || appending.finish()).await? {
        session.look("upload", "whole", clock::now_ms())?;
    }
    match broken {
        Some(problem) => Err(problem),
        None => answer::found(&upload.shown()),
    }
}

async fn written(appending: Appending, piece: &mut Vec<u8>) -> Result<Appending, Problem> {
    let bytes = std::mem::replace(piece, Vec::with_capacity(PIECE));
    apart(move || appending.write(&bytes)).await
}

fn too_many(error: &Error) -> Problem {
    let text = error.to_string();
    let (what, hint) = text.split_once("; hint: ").unwrap_or((&text, ""));
    Problem::because(Code::TooLarge, what, hint)
}

pub(in crate::serve) async fn abandon(asker: Asker, id: Id) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    session.look("upload", "abandoned", clock::now_ms())?;
    let state = Arc::clone(asker.state());
    apart(move || state.uploads().abandon(&upload)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The upload of that number, if it is theirs, with the session of whoever asks.
fn own(asker: &Asker, id: Id) -> Result<(Arc<Upload>, Session), Problem> {
    let id = of_path(id)?;
    let (_, session) = asker.admitted(VERB)?;
    let found = asker.state().uploads().find(asker.name(), &id)?;
    Ok((found.ok_or(Problem::new(Code::NotFound))?, session))
}

/// What waits for the disk, where nobody else waits for it.
pub(super) async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|_| Problem::new(Code::Internal))??)
}
