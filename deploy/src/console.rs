//! The console: pages for people, made here and sent whole. It is a client of the API like any other and reaches nothing but by it, so a page
//! shows what the API answers to whoever signed in, and nothing else: policies, masks, audit and limits hold once. What pages look like is
//! in `deploy/console/`; no page asks anything of another host.

mod api;
mod asset;
mod drawing;
mod guest;
mod kept;
pub(crate) mod link;
mod page;
mod qr;
mod screen;
pub(crate) mod sessions;
pub(crate) mod words;

use crate::serve::{
    State,
    around::{Number, Told},
    problem::{Code, Problem},
    routes,
};
use axum::{
    Router,
    extract::{MatchedPath, Request, State as Shared},
    http::{HeaderMap, HeaderName, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use guest::Guest;
use kept::Kept;
use sessions::Sessions;
use std::sync::Arc;

/// What all pages share.
#[derive(Debug)]
pub(crate) struct Console {
    state: Arc<State>,
    /// The routes that everybody asks of.
    api: Router,
    sessions: Sessions,
    kept: Kept,
    /// Whether cookies go over TLS only.
    tls: bool,
}

/// Every page, in one list.
pub(crate) fn router(state: &Arc<State>, tls: bool) -> Router {
    use screen::{
        account, answer, corrections, density, department, file, graph, invited, jobs, names, oidc, overview, plan, queries, reference,
        review, search, second_factor, sql, tables,
    };
    let console =
        Arc::new(Console { state: Arc::clone(state), api: routes::api(state), sessions: Sessions::default(), kept: Kept::default(), tls });
    Router::new()
        .route("/", get(overview::show))
        .route("/figures", get(overview::figures))
        .route("/search", get(search::show))
        .route("/person/{id}", get(file::person))
        .route("/person/{id}/export", get(file::export))
        .route("/person/{id}/reveal", post(file::reveal::reveal))
        .route("/person/{id}/correct", post(file::correct_person))
        .route("/household/{id}", get(file::household))
        .route("/household/{id}/correct", post(file::correct_household))
        .route("/corrections", get(corrections::list))
        .route("/corrections/{correction}", post(corrections::settle))
        .route("/sql", get(sql::show).post(sql::run))
        .route("/sql/export", post(sql::export))
        .route("/sql/{answer}", get(answer::show))
        .route("/sql/names", get(names::show))
        .route("/sql/plan", post(plan::show))
        .route("/sql/queries", post(queries::keep))
        .route("/sql/queries/forget", post(queries::forget))
        .route("/tables", get(tables::all))
        .route("/tables/{table}", get(tables::one))
        .route("/tables/{table}/count", get(tables::counted))
        .route("/jobs", get(jobs::all))
        .route("/jobs/{job}", get(jobs::one))
        .route("/jobs/{job}/rejects", get(jobs::rejects))
        .merge(screen::upload::routes())
        .route("/review", get(review::show).post(review::judge))
        .route("/review/decisions", get(review::decisions::list))
        .route("/review/decisions/{decision}", post(review::decisions::settle))
        .route("/review/split/{id}", get(review::split::show).post(review::split::judge))
        .route("/graph/{id}", get(graph::show))
        .route("/path", get(graph::path::show))
        .route("/density", get(density::show))
        .route("/reference", get(reference::show))
        .route("/sign-in", get(account::sign_in).post(account::signed_in))
        .route("/sign-in/link/{link}", get(invited::show).post(invited::come))
        .route("/sign-in/oidc", get(oidc::leave))
        .route("/sign-in/oidc/back", get(oidc::back))
        .route("/sign-in/oidc/end", get(oidc::end))
        .route("/sign-out", post(account::sign_out))
        .route("/purpose", get(account::purposes).post(account::purpose))
        .route("/password", get(account::password).post(account::new_password))
        .route("/settings", post(account::settings))
        .route("/second-factor", get(second_factor::ask).post(second_factor::show))
        .route("/second-factor/set-up", get(second_factor::page).post(second_factor::begin))
        .route("/second-factor/confirm", post(second_factor::confirm))
        .route("/departments/{code}", get(department::show))
        .route("/departments/{code}/quality", get(department::quality))
        .route("/departments/{code}/{extract}", get(department::template::show))
        .route("/departments/{code}/{extract}/file", get(department::template::file))
        .merge(kept())
        .fallback(async || Problem::new(Code::NotFound))
        .layer(from_fn_with_state(Arc::clone(&console), dressed))
        .with_state(console)
        .route("/static/{file}", get(asset::send))
}

/// What auditors read and administrators keep.
fn kept() -> Router<Arc<Console>> {
    use screen::{admin, audit};
    Router::new()
        .route("/audit", get(audit::search))
        .route("/audit/verify", get(audit::verify))
        .route("/admin", get(admin::users))
        .route("/admin/users", post(admin::add))
        .route("/admin/users/{name}", post(admin::assign))
        .route("/admin/users/{name}/{change}", post(admin::change))
        .route("/admin/policies", get(admin::policies::show))
        .route("/admin/departments", get(admin::departments::show))
        .route("/admin/schedules", get(admin::schedules::show))
}

/// What stands around every page: who comes is known, what changes something comes from a page of ours, and a problem is told as a page.
async fn dressed(Shared(console): Shared<Arc<Console>>, mut request: Request, next: Next) -> Response {
    if !wants_page(&request) {
        return next.run(request).await;
    }
    let Some(guest) = Guest::of(&console, request.extensions(), request.headers(), request.uri()) else {
        return Problem::new(Code::Internal).into_response();
    };
    let number = request.extensions().get::<Number>().map(|number| number.0.clone()).unwrap_or_default();
    let is_ours = request.method().is_safe() || says_whence(request.headers());
    request.extensions_mut().insert(guest.clone());
    let mut response = if is_ours { next.run(request).await } else { Problem::new(Code::CrossSite).into_response() };
    if let Some(problem) = response.extensions().get::<Problem>().cloned() {
        let (status, retry) = (response.status(), response.headers_mut().remove(header::RETRY_AFTER));
        response = told(&guest, &problem, &number);
        response.headers_mut().extend(retry.map(|seconds| (header::RETRY_AFTER, seconds)));
        // What is swapped into a page is swapped whatever its status; the page's own has to be right.
        *response.status_mut() = if status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { status };
        response.extensions_mut().insert(problem);
        response.extensions_mut().insert(Told);
    }
    response
}

/// Whether a page is asked for, or what is none by somebody who reads pages: what programs ask for and there is not is told to programs.
fn wants_page(request: &Request) -> bool {
    let accepts =
        || request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|all| all.contains("text/html"));
    request.extensions().get::<MatchedPath>().is_some() || (!request.uri().path().starts_with("/api/") && accepts())
}

/// Whether a request says from which site it comes; whether that is ours is looked at around all requests.
fn says_whence(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key(HeaderName::from_static("sec-fetch-site"))
}

/// A problem as a page, or as the part of one that was asked for.
fn told(guest: &Guest, problem: &Problem, number: &str) -> Response {
    let page = page::Page::of(guest, "problem");
    let shown = screen::Trouble { number: number.to_owned(), ..screen::Trouble::of(problem) };
    match guest.is_part {
        true => page::html(&screen::TroublePart { page, trouble: shown }),
        false => page::html(&screen::TroublePage { page, trouble: shown }),
    }
}
