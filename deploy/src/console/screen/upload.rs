//! A file is handed in: chosen or dropped, sent in pieces by a small script or whole by a plain form, then shown as it is read, to be read
//! otherwise, published, and answered with its receipts. What has been sent stays when anything breaks off.

mod form;
mod mapping;
mod one;
mod told;

use super::{of_form, of_path, of_query};
use crate::{
    console::{
        Console,
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    Form, Router,
    body::Body,
    extract::{
        Path, Query, Request,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
    http::{HeaderValue, Method, header},
    response::{IntoResponse as _, Response},
    routing::{get, patch, post},
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use told::{All, Upload};

type Id = Result<Path<String>, PathRejection>;

/// The pages of it, in one list.
pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/upload", get(all).post(make))
        .route("/upload/form", post(form::take))
        .route("/upload/{upload}", get(one::show))
        .route("/upload/{upload}/state", get(state))
        .route("/upload/{upload}/bytes", patch(bytes))
        .route("/upload/{upload}/work", get(one::work))
        .route("/mappings", get(mapping::all))
        .route("/upload/{upload}/mapping", get(mapping::show).post(mapping::act))
        .route("/upload/{upload}/mapping/file", get(one::department_file))
        .route("/upload/{upload}/check", post(one::check))
        .route("/upload/{upload}/publish", post(one::publish))
        .route("/upload/{upload}/cancel", post(one::cancel))
        .route("/upload/{upload}/abandon", post(abandon))
}

#[derive(Debug, Template)]
#[template(path = "upload.html")]
struct UploadsPage {
    page: Page,
    /// Bytes that a file may have, and the same in words.
    most: u64,
    most_said: String,
    /// Those that could be gone on with, as the script looks for them.
    known: Vec<Upload>,
    uploads: Vec<Upload>,
}

async fn all(visit: Visit) -> Result<Response, Problem> {
    let All { uploads, most_bytes: most } = visit.get("/api/v1/uploads").await?;
    let known = uploads.iter().filter(|upload| !upload.is_whole()).cloned().collect();
    Ok(html(&UploadsPage { page: Page::of(&visit.guest, "upload"), most, most_said: told::size(most), known, uploads }))
}

#[derive(Deserialize)]
struct Chosen {
    name: String,
    bytes: u64,
    modified: Option<i64>,
}

async fn make(visit: Visit, chosen: Result<Form<Chosen>, FormRejection>) -> Result<Response, Problem> {
    let Chosen { name, bytes, modified } = of_form(chosen)?;
    let body = json!({"name": name, "bytes": bytes, "modified": modified}).to_string();
    let made: Upload = visit.does(Method::POST, "/api/v1/uploads", Body::from(body)).await?;
    Ok(stands(&made))
}

async fn state(visit: Visit, id: Id) -> Result<Response, Problem> {
    Ok(stands(&visit.get(&path(id, "")?).await?))
}

#[derive(Deserialize)]
struct At {
    offset: u64,
}

async fn bytes(visit: Visit, id: Id, at: Result<Query<At>, QueryRejection>, request: Request) -> Result<Response, Problem> {
    let At { offset } = of_query(at)?;
    let path = path(id, &format!("?offset={offset}"))?;
    Ok(stands(&visit.does(Method::PATCH, &path, request.into_body()).await?))
}

async fn abandon(visit: Visit, id: Id) -> Result<Response, Problem> {
    visit.is_done(Method::DELETE, &path(id, "")?).await?;
    Ok(visit.guest.sent("/upload"))
}

/// What the script has to know of an upload.
fn stands(upload: &Upload) -> Response {
    let body = json!({"upload": upload.upload, "received": upload.received}).to_string();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// Where the API has an upload; a number that is none is nobody's.
fn path(id: Id, rest: &str) -> Result<String, Problem> {
    Ok(path_of(&of_path(id)?) + rest)
}

fn path_of(id: &str) -> String {
    format!("/api/v1/uploads/{}", link::escaped(id))
}
